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

  @Argument(help: "A model: a name, FILE.step or FILE.step:NAME.")
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
      let one = try DataDirectories.standard().library.program(first)
      let directories = source.directories()
      let other = try directories.library.program(second)
      let (definitions, hasUnreadable) = try scenarios(of: [one, other], directories)
      try StandardStreams.print(ModelDifference(one, other).text)
      var isWorse = false
      try StandardStreams.print("Scenarios whose verdict changes:")
      var changes = 0
      for definition in definitions {
        guard let before = verdict(one, definition), let after = verdict(other, definition), before != after
        else {
          continue
        }
        changes += 1
        if before == ["holds"] { isWorse = true }
        try StandardStreams.print(
          "  \(definition.name): \(before.joined(separator: ", ")) -> \(after.joined(separator: ", "))")
      }
      if changes == 0 { try StandardStreams.print("  none") }
      for note in other.assumptions { try StandardStreams.print(note) }
      if isWorse { throw ExitStatus.no }
      if hasUnreadable { throw ExitStatus.data }
    }
  }

  /// The scenarios that were named; without any, those of the data directories and of the files that hold the models.
  private func scenarios(of models: [Program], _ directories: DataDirectories) throws -> (
    [Scenario], hasUnreadable: Bool
  ) {
    let library = directories.library
    if !scenario.isEmpty { return (try scenario.flatMap { try library.scenarios($0) }, false) }
    var (result, hasUnreadable) = directories.scenarios { StandardStreams.complain($0) }
    var files: [String] = []
    for model in models where model.isOwnFile {
      let source = model.sources[model.sourceIndex]
      guard !files.contains(source.name) else { continue }
      files.append(source.name)
      result += try library.scenarios(from: source)
    }
    return (result, hasUnreadable)
  }

  /// The verdict, or the violated properties in alphabetical order; nil when the model lacks an operation.
  private func verdict(_ program: Program, _ scenario: Scenario) -> [String]? {
    guard let world = try? World(program: program, scenario: scenario) else { return nil }
    return Search(world: world).run(limits: Search.Limits(states: maxStates)).words
  }
}
