import ArgumentParser
import Explorer
import Foundation
import Machine
import StepLanguage

/// `ioascope mutate`: takes each lock, count and callback out of a model in turn, and tells which scenarios notice.
struct MutateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutate",
    abstract: "Takes each lock, count and callback out of a model and tells which scenarios notice.",
    discussion: """
      A scenario notices when it violates other properties than with the model as it is. What no scenario notices is told, too; exit
      status 1 when there is something that --expected does not name.

      Example:
        ioascope mutate --model linux-6.12 --max-states 20000
      """)

  @OptionGroup var model: ModelOption

  @Argument(help: "Scenarios by name; all that come with the model if none is given.")
  var scenarios: [String] = []

  @Option(name: .long, help: "Leave out scenarios that have more states than this.")
  var maxStates = 20_000

  @Option(
    name: .long,
    help: "A file with what is known not to be noticed, and why: a line 'FUNCTION: STEP: reason' each.")
  var expected: String?

  private struct Stage {
    let name: String
    let scenario: Scenario
    let states: Int
    let properties: Set<Property>
  }

  func run() throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      let program = try model.program(directories)
      let source = program.sources[program.sourceIndex]
      let stages = try baseline(program, directories)
      let reasons = try expected.map { try Self.reasons($0) } ?? [:]
      let mutations = Mutation.all(of: source)
      try StandardStreams.print(
        "# Mutations of \(program.name)\n\nMade by `ioascope mutate`: \(mutations.count) mutations, \(stages.count) scenarios of at most \(maxStates) states.\n"
      )
      try StandardStreams.print(
        "| line | function | taken out | noticed by | as |\n| ---: | --- | --- | --- | --- |")
      var noticed = 0
      var unexplained = 0
      for mutation in mutations {
        let (names, properties) = try notice(mutation, program, stages, directories)
        var told = names.isEmpty ? "**nobody**" : names.prefix(4).joined(separator: ", ")
        if names.count > 4 { told += " and \(names.count - 4) more" }
        if names.isEmpty {
          let reason = reasons["\(mutation.function): \(mutation.text)"]
          if reason == nil { unexplained += 1 }
          told += reason.map { ": \($0)" } ?? ""
        } else {
          noticed += 1
        }
        let taken = mutation.text.replacing("|", with: "\\|")
        try StandardStreams.print(
          "| \(mutation.lines[0]) | `\(mutation.function)` | `\(taken)` | \(told) | \(properties.map(\.rawValue).joined(separator: ", ")) |"
        )
      }
      try StandardStreams.print("\n\(noticed) of \(mutations.count) are noticed.")
      if unexplained > 0, expected != nil { throw ExitStatus.no }
    }
  }

  /// What each scenario says of the model as it is; the smallest first.
  private func baseline(_ program: Program, _ directories: DataDirectories) throws -> [Stage] {
    let definitions =
      scenarios.isEmpty
      ? directories.scenarios { StandardStreams.complain($0) }.scenarios
      : try scenarios.flatMap { try directories.library.scenarios($0) }
    var result: [Stage] = []
    for scenario in definitions {
      if !scenario.models.isEmpty, !scenario.models.contains(program.name) { continue }
      guard let world = try? World(program: program, scenario: scenario) else { continue }
      let found = Search(world: world).run(limits: Search.Limits(states: maxStates))
      guard found.bound == nil else { continue }
      result.append(
        Stage(
          name: scenario.name, scenario: scenario, states: found.progress.states,
          properties: Set(found.counterexamples.map(\.finding.property))))
    }
    return result.sorted { ($0.states, $0.name) < ($1.states, $1.name) }
  }

  private func notice(
    _ mutation: Mutation, _ original: Program, _ stages: [Stage], _ directories: DataDirectories
  ) throws -> (names: [String], properties: [Property]) {
    let source = original.sources[original.sourceIndex]
    let mutant = SourceFile(name: source.name, text: mutation.text(of: source))
    let program: Program
    do {
      program = try directories.library.program(
        from: mutant, named: original.name,
        folder: original.isOwnFile ? Reference(source.name).folder : nil)
    } catch {
      // The text depends on what was taken out: the compiler notices.
      return (["the compiler"], [])
    }
    var names: [String] = []
    var properties: Set<Property> = []
    for stage in stages {
      guard let world = try? World(program: program, scenario: stage.scenario) else { continue }
      // A mutant may have many more states than the model; what shows only there is left to other scenarios.
      let found = Search(world: world).run(limits: Search.Limits(states: maxStates * 2))
      let fresh = Set(found.counterexamples.map(\.finding.property)).symmetricDifference(stage.properties)
      // A bound may hide what the model has; only what is new counts then.
      let told = found.bound == nil ? fresh : fresh.subtracting(stage.properties)
      guard !told.isEmpty else { continue }
      names.append(stage.name)
      properties.formUnion(told)
    }
    return (names, properties.sorted { $0.rawValue < $1.rawValue })
  }

  private static func reasons(_ path: String) throws -> [String: String] {
    var result: [String: String] = [:]
    for (number, line) in try InputFile.read(path).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      if line.isEmpty || line.hasPrefix("#") { continue }
      let parts = line.split(separator: ":", maxSplits: 2).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 3 else {
        throw CommandError(
          "\(path):\(number + 1):1: error: write FUNCTION: STEP: reason", status: ExitStatus.data)
      }
      result["\(parts[0]): \(parts[1])"] = parts[2]
    }
    return result
  }
}
