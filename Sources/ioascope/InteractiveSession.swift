import Foundation
import Interface
import Recording
import StepLanguage
import Surface
import Terminal
import Workbench

/// The loop between terminal and interface: a keystroke in, a surface out.
@MainActor
struct InteractiveSession {
  var state: AppState
  /// The same scenario under another model, shown beside the state.
  var comparison: Comparison?
  /// A lesson around the state.
  var lesson: LessonScreen?
  /// Opens the lesson after this one, with the progress so far.
  var nextLesson: ((LessonScreen) throws -> LessonScreen?)?
  let display: DisplayOptions
  let directories: DataDirectories
  /// Writes what is done, when it is to be recorded.
  var recorder: SessionWriter?
  /// Where the recorder writes.
  var recordingPath: String?
  /// The scenario that the state comes from, for the header of a recording.
  var scenario: Scenario?
  /// What does the same without a terminal, for the message when there is none.
  let alternative: String

  private var check: BackgroundCheck?
  private var lastKey = ContinuousClock.now

  /// The session that was opened, to be gone on with when it is recorded to.
  var opened: (path: String, replayed: SessionFile.Replayed)?
  /// When the last tick was.
  private var lastTick = ContinuousClock.now
  /// The session of somebody else that is followed.
  var feed: SessionFeed?
  /// How often it is asked for more.
  private static let feedMilliseconds = 60
  /// How often a search that runs beside is asked how far it is.
  private static let checkMilliseconds = 100

  /// A loop that has not begun.
  init(
    state: AppState, comparison: Comparison? = nil, lesson: LessonScreen? = nil, display: DisplayOptions,
    directories: DataDirectories,
    scenario: Scenario? = nil, recorder: SessionWriter? = nil, recordingPath: String? = nil,
    alternative: String
  ) {
    self.state = state
    self.comparison = comparison
    self.lesson = lesson
    self.display = display
    self.directories = directories
    self.scenario = scenario
    self.recorder = recorder
    self.recordingPath = recordingPath
    self.alternative = alternative
  }

  /// Runs until the user quits.
  ///
  /// - Throws: `CommandError` when there is no terminal that can be used.
  mutating func run() throws {
    let settings = try display.settings()
    var theme = try display.loadTheme(settings, directories)
    settings.apply(to: &state)
    state.themeName = theme.name
    state.themeNames = directories.entries(.themes).map(\.name)
    if display.noMouse { state.usesMouse = false }
    let terminal: TerminalDriver
    do {
      terminal = try TerminalDriver(
        options: TerminalOptions(
          mouse: state.usesMouse, color: !display.refusesColor, ascii: display.ascii || settings.isASCII))
    } catch {
      throw CommandError("\(error). Without a terminal: \(alternative)", status: ExitStatus.usage)
    }
    defer { terminal.close() }
    defer { check?.cancel() }
    state.glyphs = terminal.glyphs
    comparison?.takeLooks(of: state)
    lesson?.takeLooks(of: state)
    _ = take(.resized(terminal.size))
    try recorder?.follow(state.timeline)
    if recorder != nil { _ = take(.recordingStarted(recordingPath ?? "a session")) }
    var keeper = lesson.map { LessonKeeper($0) }
    while true {
      if let lesson, let error = keeper?.keep(lesson) { _ = take(.told(.refusal(error))) }
      terminal.present(screen(terminal.size), theme: theme)
      let keystroke = terminal.nextKeystroke(timeoutMilliseconds: patience)
      let hasNews = feed?.update(&state) == true
      var effects: [AppEffect?] = []
      if let keystroke {
        let now = ContinuousClock.now
        if recorder != nil { _ = take(.waited(milliseconds: Self.milliseconds(now - lastKey))) }
        lastKey = now
        effects.append(take(.key(keystroke)))
      }
      if state.tickMilliseconds == nil {
        lastTick = .now
      } else if ticksIn == 0, !hasNews {
        lastTick = .now
        effects.append(take(.tick))
      }
      for news in check?.news() ?? [] {
        effects.append(take(.searched(news)))
      }
      if check?.isOver == true { check = nil }
      record()
      for effect in effects.compactMap({ $0 }) {
        if effect == .quit { return }
        carryOut(effect, terminal, &theme)
      }
    }
  }

  /// In how many milliseconds the next tick is due; nil when none is.
  private var ticksIn: Int? {
    state.tickMilliseconds.map { max(0, $0 - Self.milliseconds(.now - lastTick)) }
  }

  /// How long to wait for a key; nil for as long as it takes.
  private var patience: Int? {
    var times: [Int] = []
    if let ticksIn { times.append(ticksIn) }
    if check != nil { times.append(Self.checkMilliseconds) }
    if feed != nil { times.append(Self.feedMilliseconds) }
    return times.min()
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  private mutating func record() {
    do {
      try recorder?.follow(state.timeline)
    } catch {
      // The interface goes on; what was recorded so far is complete.
      recorder = nil
      _ = take(.recordingStopped(reason: CommandError(error).message))
    }
  }

  private mutating func carryOut(_ effect: AppEffect, _ terminal: TerminalDriver, _ theme: inout Theme) {
    switch effect {
    case .quit, .bell: break
    case .suspend: terminal.suspend()
    case .loadTheme(let name):
      do {
        theme = try ThemeOption.load(name, directories)
      } catch {
        _ = take(.told(.refusal(CommandError(error).message)))
      }
    case .useMouse(let isWanted): terminal.useMouse(isWanted)
    case .startRecording(let path):
      do {
        let world = state.timeline.situation(at: 0).world
        var writer =
          if let opened {
            try SessionFile.recorder(path, opened.path, opened.replayed)
          } else {
            try SessionFile.writer(
              path,
              header: Session.Header(
                world: world, scenario: scenario, tool: ProgramVersion.text, started: SessionFile.now))
          }
        try writer.follow(state.timeline)
        recorder = writer
        RecentSessions.note(path)
        _ = take(.recordingStarted(path))
      } catch {
        _ = take(.told(.refusal(CommandError(error).message)))
      }
    case .stopRecording:
      recorder = nil
      _ = take(.recordingStopped(reason: nil))
    case .saveSettings:
      do {
        let path = try SettingsFile.save(Settings(state))
        _ = take(.told(.note("kept in \(path)")))
      } catch {
        _ = take(.told(.refusal(CommandError(error).message)))
      }
    case .startCheck:
      check?.cancel()
      check = BackgroundCheck(state.timeline)
    case .stopCheck: check?.cancel()
    case .lesson:
      do {
        guard let present = lesson, var next = try nextLesson?(present) else { return }
        next.takeLooks(of: state)
        lesson = next
        _ = take(.resized(terminal.size))
      } catch {
        _ = take(.told(.refusal(CommandError(error).message)))
      }
    case .edit(let path, let text):
      do {
        let edited = try terminal.leave { try Editor.edit(path, text: text) }
        if let effect = take(.edited(edited)) { carryOut(effect, terminal, &theme) }
      } catch {
        _ = take(.told(.refusal(CommandError(error).message)))
      }
    }
  }

  private mutating func take(_ action: AppAction) -> AppEffect? {
    if lesson != nil {
      let effect = lesson?.reduce(action)
      if let shown = lesson?.state { state = shown }
      return effect
    }
    guard comparison != nil else { return reduce(&state, action) }
    let effect = comparison?.reduce(action)
    if let left = comparison?.left { state = left }
    return effect
  }

  private func screen(_ size: Size) -> Surface {
    lesson?.view(size: size) ?? comparison?.view(size: size) ?? view(state, size: size)
  }
}
