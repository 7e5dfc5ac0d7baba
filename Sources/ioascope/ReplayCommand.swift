import ArgumentParser
import Interface
import Machine
import Recording
import Scene

/// `ioascope replay`: a recorded session.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Opens a recorded session, or prints its steps.",
    discussion: """
      Example:
        ioascope replay findings/linux-6.12--close-vs-unmap--2-use-after-free.ioas

      A session that ends in a finding opens there; --from-start opens at the start.
      """)

  @Argument(help: "The session.")
  var session: String

  @Option(name: .long, help: "A model other than the recorded one: a name, FILE.step or FILE.step:NAME.")
  var model: String?

  @Option(
    name: .long,
    help: "Play at once, so many times as fast as it was recorded; 'max' is as fast as it goes.")
  var speed: Speed?

  @Option(name: .long, help: "The longest wait between two steps, in seconds.")
  var idleLimit = 2.0

  @Option(
    name: .long,
    help: "Record what you do to this file; the session itself is gone on with and keeps its old lines.")
  var record: String?

  @Option(name: .long, help: "The step to begin at.")
  var at: Int?

  @Flag(name: .long, help: "Begin at the start, also of a session that ends in a finding.")
  var fromStart = false

  @Flag(name: .long, help: "Print each step; needs no terminal.")
  var print = false

  @Option(name: .long, help: "For --print: text or json (one object a line).")
  var format = OutputFormat.text

  @OptionGroup var functions: SourceOption

  @OptionGroup var display: DisplayOptions

  /// How fast to play.
  struct Speed: ExpressibleByArgument {
    let value: Double

    init?(argument: String) {
      if argument == "max" {
        value = .infinity
        return
      }
      let text = argument.hasSuffix("x") ? String(argument.dropLast()) : argument
      guard let number = Double(text), number >= 0.01, number <= 100_000 else { return nil }
      value = number
    }
  }

  func validate() throws {
    guard (0.02...86_400).contains(idleLimit) else {
      throw ValidationError("--idle-limit takes seconds, from 0.02 to 86400")
    }
    if print, record != nil || speed != nil {
      throw ValidationError("--print neither plays nor records; leave --speed and --record out")
    }
    if at != nil, fromStart { throw ValidationError("use either --at or --from-start") }
    if let at, at < 0 { throw ValidationError("--at takes a step's number from 0") }
  }

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = functions.directories()
      guard RunSource.isSession(session) else {
        // Says whether the file is missing or is something else.
        _ = try SessionFile.replay(session, model: model, directories)
        return
      }
      if print {
        try printSteps(directories)
        return
      }
      RecentSessions.note(session)
      let recorded = try SessionFile.replay(session, model: model, directories)
      var state = try RunSource.state(session, recorded)
      var recorder: SessionWriter?
      if let record { recorder = try SessionFile.recorder(record, session, recorded) }
      if recorded.playback.divergence == nil {
        state = state.at(step: min(at ?? firstStep(state), state.timeline.nodes[state.timeline.tip].depth))
        state.replay(speed: speed?.value, idleLimit: Int(idleLimit * 1_000))
      }
      var interactive = InteractiveSession(
        state: state, display: display, directories: directories, recorder: recorder, recordingPath: record,
        alternative: "ioascope replay \(session) --print"
      )
      interactive.opened = (session, recorded)
      try interactive.run()
    }
  }

  /// Where a replay opens: at the finding that the session names, unless it plays at once or the start is asked for.
  private func firstStep(_ state: AppState) -> Int {
    guard speed == nil, !fromStart, let claim = state.timeline.claims.last,
      state.timeline.isOnActivePath(claim.point)
    else { return 0 }
    return state.timeline.nodes[claim.point].depth
  }

  private func printSteps(_ directories: DataDirectories) throws {
    let recorded = try SessionFile.replay(session, model: model, directories)
    for warning in recorded.warnings { StandardStreams.complain(warning) }
    let replayed = recorded.playback
    let timeline = replayed.timeline
    let width = timeline.world.threads.map(\.name.count).max() ?? 2
    var before = timeline.situation(at: 0)
    for node in timeline.path.dropFirst() {
      // In this order the step is replayed once for both.
      let record = timeline.nodes[node].record
      let after = timeline.situation(at: node)
      if let record, timeline.nodes[node].depth >= at ?? 0 {
        let row = LogRow(
          record, step: timeline.nodes[node].depth, before: StateView(before.state, world: before.world),
          after: StateView(after.state, world: after.world))
        if format == .json {
          try StandardStreams.print(RunCommand.json(row, record, after.state, after.world))
          before = after
          continue
        }
        let origin = replayed.origins[node].map { "[\($0.time)] " } ?? ""
        try StandardStreams.print(origin + RunCommand.text(row, nameWidth: width))
        for said in timeline.annotations(at: node) where said.kind != .unknown {
          try StandardStreams.print("      -- \(said.text)")
        }
      }
      before = after
    }
    if let divergence = replayed.divergence {
      StandardStreams.complain("\(session):\(divergence.line): \(divergence.message)")
      throw ExitStatus.no
    }
  }
}
