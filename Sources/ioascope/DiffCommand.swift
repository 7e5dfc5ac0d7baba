import ArgumentParser
import Explorer
import Machine
import StepLanguage

/// `ioascope diff`: what differs between two models, in text and in verdicts.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Shows which functions differ between two models, and which scenarios change their verdict.",
    discussion: """
      Exit status 1 when a scenario is violated under the second model that was not under the first.

      Example:
        ioascope diff replace-v2 linux-6.12
      """)

  @Argument(help: "A model: a name, or a .step file.")
  var first: String

  @Argument(help: "Another one.")
  var second: String

  @Option(name: .long, parsing: .upToNextOption, help: "Only these scenarios; all without it.")
  var scenario: [String] = []

  @Option(name: .long, help: "Stop each search after so many states.")
  var maxStates: Int = 2_000_000

  @OptionGroup var source: SourceOption

  func run() throws {
    try CommandError.reporting {
      // Functions from C are laid over the second model only: that is the difference to see.
      let one = try ModelOption.program(first, DataDirectories.standard())
      let directories = source.directories()
      let other = try ModelOption.program(second, directories)
      try StandardStreams.print(ModelDifference(one, other).text)
      var isWorse = false
      try StandardStreams.print("Scenarios whose verdict changes:")
      var changes = 0
      for name in scenario.isEmpty ? directories.entries(.scenarios).map(\.name) : scenario {
        let definition = try ModelOption.scenario(name, directories)
        guard let before = verdict(one, definition), let after = verdict(other, definition), before != after
        else {
          continue
        }
        changes += 1
        if before == ["holds"] { isWorse = true }
        try StandardStreams.print(
          "  \(name): \(before.joined(separator: ", ")) -> \(after.joined(separator: ", "))")
      }
      if changes == 0 { try StandardStreams.print("  none") }
      for note in try directories.sources.notes(for: second, directories) { try StandardStreams.print(note) }
      if isWorse { throw ExitStatus.no }
    }
  }

  /// The verdict, or the violated properties in alphabetical order; nil when the model lacks an operation.
  private func verdict(_ program: Program, _ scenario: Scenario) -> [String]? {
    guard let world = try? World(program: program, scenario: scenario) else { return nil }
    let result = Search(world: world).run(limits: Search.Limits(states: maxStates))
    switch result.verdict {
    case .holds: return ["holds"]
    case .bounded(let bound): return ["bounded by \(bound)"]
    case .violated: return Set(result.counterexamples.map(\.finding.property.rawValue)).sorted()
    }
  }
}
