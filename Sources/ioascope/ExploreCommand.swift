import ArgumentParser
import Foundation
import Interface
import Recording
import Surface

/// `ioascope explore`: the interactive explorer.
struct ExploreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Steps a scenario at the keyboard.",
    discussion: """
      Space steps the chosen thread, u undoes, ? lists the keys.

      Example:
        ioascope explore replace-vs-unmap --model replace-v2
      """)

  @Argument(help: "A scenario's name, FILE.step or FILE.step:NAME.")
  var scenario = "attach-pin-replace"

  @OptionGroup var model: ModelOption

  @OptionGroup var source: SourceOption

  @Option(
    name: .long,
    help: "A second model, shown beside the first: the same schedule, up to the step at which they part.")
  var against: String?

  @Option(name: .long, help: "Write a session to this file as it happens.")
  var record: String?

  @Flag(
    name: .long,
    help: "No screen: a line is a command, the answer is sentences. For screen readers and for scripts.")
  var plain = false

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if plain, against != nil { throw ValidationError("--plain shows one model; leave --against out") }
  }

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = source.directories()
      let isSession = RunSource.isSession(scenario)
      let wanted = model.model
      let state = try RunSource.state(scenario, model: wanted, directories)
      var recorder: SessionWriter?
      let definition = isSession ? nil : try directories.library.scenario(named: scenario)
      if let record {
        let header = Session.Header(
          world: state.timeline.situation(at: 0).world, scenario: definition, tool: ProgramVersion.text,
          started: SessionFile.now)
        recorder =
          isSession
          ? try SessionFile.recorder(
            record, scenario, try SessionFile.replay(scenario, model: wanted, directories))
          : try SessionFile.writer(record, header: header)
        RecentSessions.note(record)
      }
      if plain {
        var session = PlainSession(state: state, recorder: recorder)
        try session.run()
        return
      }
      let comparison = try against.map {
        Comparison(left: state, right: try RunSource.state(scenario, model: $0, directories))
      }
      var interactive = InteractiveSession(
        state: state, comparison: comparison, display: display, directories: directories,
        scenario: definition,
        recorder: recorder, recordingPath: record,
        alternative: "ioascope explore \(scenario) --plain, or ioascope run \(scenario)"
      )
      try interactive.run()
    }
  }
}
