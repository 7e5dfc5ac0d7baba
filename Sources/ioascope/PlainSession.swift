import Foundation
import Interface
import Recording
import Workbench

/// The interface without a screen: a line in, sentences out. For screen readers, for pipes, and for a terminal that can do nothing.
@MainActor
struct PlainSession {
  var state: AppState
  var recorder: SessionWriter?
  private var check: BackgroundCheck?
  private var text = PlainText()

  init(state: AppState, recorder: SessionWriter?) {
    self.state = state
    self.recorder = recorder
  }

  /// Reads lines until the input ends or somebody quits.
  mutating func run() throws {
    try say(["\(state.modelName), \(state.scenarioName): \(state.scenarioTitle).", state.about])
    try say(["A line is a command, an operation, a panel's name or a step's number. help lists them."])
    try tell()
    try recorder?.follow(state.timeline)
    let isPrompting = isatty(STDIN_FILENO) != 0
    while true {
      if isPrompting { StandardStreams.prompt("> ") }
      guard let line = readLine() else { return }
      let words = line.trimmingCharacters(in: .whitespaces)
      guard !words.isEmpty else { continue }
      if let panel = Panel.allCases.first(where: { $0.title.lowercased() == words.lowercased() }) {
        try say(PlainText.panel(panel, state))
        continue
      }
      let effect = reduce(&state, .lineEntered(words))
      try tell()
      // What lies over a screen is told at once and needs no closing.
      while state.overlay != nil { _ = reduce(&state, .key(.escape)) }
      try recorder?.follow(state.timeline)
      guard let effect else { continue }
      if effect == .quit { return }
      try carryOut(effect)
    }
  }

  private mutating func tell() throws { try say(text.news(state)) }

  private func say(_ lines: [String]) throws {
    for line in lines where !line.isEmpty { try StandardStreams.print(line) }
  }

  private mutating func carryOut(_ effect: AppEffect) throws {
    switch effect {
    case .startCheck:
      // Without a screen there is nothing to do beside the search, so it is waited for.
      let check = BackgroundCheck(state.timeline)
      while !check.isOver {
        Thread.sleep(forTimeInterval: 0.02)
        for news in check.news() { _ = reduce(&state, .searched(news)) }
      }
      try tell()
    case .startRecording(let path):
      do {
        let world = state.timeline.situation(at: 0).world
        var writer = try SessionFile.writer(
          path,
          header: Session.Header(
            world: world, scenario: nil, tool: ProgramVersion.text, started: SessionFile.now))
        try writer.follow(state.timeline)
        recorder = writer
        _ = reduce(&state, .recordingStarted(path))
      } catch {
        _ = reduce(&state, .told(.refusal(CommandError(error).message)))
      }
      try tell()
    case .stopRecording:
      recorder = nil
      _ = reduce(&state, .recordingStopped(reason: nil))
      try tell()
    case .saveSettings, .loadTheme, .useMouse, .suspend, .stopCheck, .bell, .quit, .lesson, .edit: break
    }
  }
}
