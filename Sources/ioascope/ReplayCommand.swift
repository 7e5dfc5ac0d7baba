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
        ioascope replay findings/linux-6.12--close-vs-unmap--2-use-after-free.ioas --at 200
      """)

  @Argument(help: "The session.")
  var session: String

  @Option(name: .long, help: "A model other than the recorded one: a name, or a .step file.")
  var model: String?

  @Option(name: .long, help: "The step to begin at.")
  var at: Int?

  @Flag(name: .long, help: "Print each step; needs no terminal.")
  var print = false

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if let at, at < 0 { throw ValidationError("--at takes a step's number from 0") }
  }

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
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
      var state = try RunSource.state(session, model: model, directories)
      state = state.at(step: at ?? 0)
      var interactive = InteractiveSession(
        state: state, display: display, directories: directories, recorder: nil,
        alternative: "ioascope replay \(session) --print"
      )
      try interactive.run()
    }
  }

  private func printSteps(_ directories: DataDirectories) throws {
    let recorded = try SessionFile.replay(session, model: model, directories)
    for warning in recorded.warnings { StandardStreams.complain(warning) }
    let replayed = recorded.playback
    let timeline = replayed.timeline
    let width = timeline.world.threads.map(\.name.count).max() ?? 2
    var before = timeline.situation(at: 0)
    for node in timeline.path.dropFirst() {
      let after = timeline.situation(at: node)
      if let record = timeline.nodes[node].record, timeline.nodes[node].depth >= at ?? 0 {
        let row = LogRow(
          record, step: timeline.nodes[node].depth, before: StateView(before.state, world: before.world),
          after: StateView(after.state, world: after.world))
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
