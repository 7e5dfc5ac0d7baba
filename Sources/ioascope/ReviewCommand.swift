import Basics
import ArgumentParser
import Explorer
import Foundation
import Interface
import KernelC
import Machine
import StepLanguage

/// `ioascope review`: what a patch to kernel C changes in the verdicts.
struct ReviewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Checks the functions that a patch touches, before and after it.",
    discussion: """
      PATCH is a diff or a mail; '-' reads standard input. A mail may quote the patch, an mbox may hold a series. Without --tree the hunks must
      hold whole functions ('git format-patch -W' makes such). Exit status 1 when a verdict got worse, 65 when a part of the patch could not be
      used or something in it was not understood.

      Example:
        ioascope review docs/examples/detach-flush.mail --model replace-v2
      """)

  @Argument(help: "A patch or mail, or '-' for standard input.")
  var patch: String

  @Option(name: .long, help: ArgumentHelp("The kernel source that the patch is for.", valueName: "dir"))
  var tree: String?

  @OptionGroup var model: ModelOption

  @Option(
    name: .long,
    help: ArgumentHelp("A C function whose effect is left out. May be repeated.", valueName: "name"))
  var opaque: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("A table of what C functions mean. May be repeated.", valueName: "file"))
  var table: [String] = []

  @Option(name: .long, parsing: .upToNextOption, help: "Only these scenarios; all of the model without it.")
  var scenario: [String] = []

  @Option(name: .long, help: "Stop each search after so many states.")
  var maxStates: Int = 200_000

  @Option(name: .long, help: "A directory for counterexamples, each a session.")
  var output: String?

  @Flag(name: .long, help: "Open the first scenario whose verdict changes, before and after side by side.")
  var explore = false

  @Option(name: .long, help: "text or json.")
  var format = OutputFormat.text

  @OptionGroup var display: DisplayOptions

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      let sources = CSources(files: [], opaque: opaque, tables: table)
      let base = try directories.library.model(model.model ?? ModelOption.standard)
      let kernelTable = try sources.table(for: base, directories)
      let name = patch == "-" ? "standard input" : patch
      let mail = Patch(try Self.text(patch))
      let sides = PatchSides(
        mail, name: name, configuration: kernelTable.configuration,
        tree: tree.map { root in { path in try? InputFile.read("\(root)/\(path)") } })
      for problem in sides.problems { StandardStreams.complain(problem) }
      let outline = ModelOutline(base)
      let touched = sides.functions.filter { outline.functions[$0.name] != nil }
      guard !touched.isEmpty else {
        if sides.functions.isEmpty, sides.problems.isEmpty, !sides.unchanged.isEmpty {
          try StandardStreams.print(format == .json ? json([], nil, nil, [], sides) : unchanged(sides))
          return
        }
        throw CommandError(nothing(sides, mail, base, name, directories), status: ExitStatus.data)
      }
      let before = Translation(
        Self.requests(sides.before, touched.filter(\.isBefore)), model: base, table: kernelTable)
      let after = Translation(
        Self.requests(sides.after, touched.filter(\.isAfter)), model: base, table: kernelTable)
      try report(sides, touched, before, after, directories)
      let diagnostics = before.diagnostics + after.diagnostics
      guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
      let one = try directories.library.program(base, translations: before.texts)
      let other = try directories.library.program(base, translations: after.texts)
      if let output { try OutputDirectory.make(output) }
      let results = try verdicts(base, one, other, directories)
      if format == .json {
        try StandardStreams.print(json(touched, before, after, results, sides))
      } else {
        try StandardStreams.print(summary(results))
        var shown: Set<String> = []
        for note in before.notes + after.notes + sides.notes.map({ "assumed: \($0)" })
        where shown.insert(note).inserted {
          try StandardStreams.print(note)
        }
        if !sides.problems.isEmpty {
          try StandardStreams.print(
            "this is said of a part of the patch only: what could not be used is told above")
        }
      }
      if explore { try open(results, directories) }
      if results.contains(where: \.isWorse) { throw ExitStatus.no }
      if !sides.problems.isEmpty { throw ExitStatus.data }
    }
  }

  /// The verdicts of the scenarios under the program before and the one after; with text, each that changes is printed
  /// when it is known.
  private func verdicts(
    _ base: ModelText, _ one: Program, _ other: Program, _ directories: DataDirectories
  ) throws -> [ReviewVerdict] {
    var results: [ReviewVerdict] = []
    let definitions =
      scenario.isEmpty
      ? directories.scenarios { StandardStreams.complain($0) }.scenarios
      : try scenario.flatMap { try directories.library.scenarios($0) }
    for definition in definitions {
      if scenario.isEmpty, !definition.models.isEmpty, !definition.models.contains(base.name) { continue }
      let first: World
      let second: World
      do {
        first = try World(program: one, scenario: definition)
        second = try World(program: other, scenario: definition)
      } catch {
        // One that names no model may be for any other.
        guard !scenario.isEmpty || definition.models.contains(base.name) else { continue }
        throw error
      }
      var result = ReviewVerdict(definition, first, second, maxStates: maxStates)
      if let output { try result.writeSessions(to: output) }
      if format == .text, result.isToBeShown { try StandardStreams.print(result.text) }
      results.append(result)
    }
    guard !results.isEmpty else {
      throw CommandError(
        "there is no scenario of \(base.name) to check; say --scenario NAME", status: ExitStatus.noInput)
    }
    return results
  }

  /// What is said of a patch that changes no statement.
  private func unchanged(_ sides: PatchSides) -> String {
    "only comments or the layout of \(sides.unchanged.joined(separator: ", ")) differ: there is nothing to check"
  }

  private static func text(_ path: String) throws -> String {
    guard path == "-" else { return try InputFile.read(path) }
    let data = FileHandle.standardInput.readDataToEndOfFile()
    return String(decoding: data, as: UTF8.self)
  }

  /// For each text the touched functions that it holds.
  private static func requests(_ sources: [SourceFile], _ touched: [PatchSides.Function]) -> [Translation
    .Request]
  {
    sources.map { source in
      let path = String(source.name.dropFirst(2))
      let text = String(decoding: source.bytes, as: UTF8.self)
      let names = touched.filter { $0.path == path && text.contains("\($0.name)(") }.map(\.name)
      return Translation.Request(source: source, functions: names, mayLack: true)
    }
  }

  private func nothing(
    _ sides: PatchSides, _ mail: Patch, _ base: ModelText, _ name: String, _ directories: DataDirectories
  ) -> String {
    if sides.functions.isEmpty {
      return sides.problems.isEmpty
        ? "\(name): there is no diff of a C file in this text"
        : "\(name): \(mail.summary); no function is there as a whole before and after, so nothing can be checked; take the patch as it was sent\(tree == nil ? ", and say --tree DIR with the source that it is for" : "")"
    }
    let names = sides.functions.map(\.name)
    let fitting = Self.models(with: names, atLeast: 1, directories)
    let hint =
      fitting.isEmpty
      ? "no model has one of them" : "try --model \(fitting.prefix(4).joined(separator: ", "))"
    return
      "\(name): the patch touches \(names.joined(separator: ", ")), and \(base.name) has none of them; \(hint)"
  }

  /// Names of the models that have most of these functions, and at least so many.
  private static func models(with names: [String], atLeast: Int, _ directories: DataDirectories) -> [String] {
    var counts: [(name: String, count: Int)] = []
    for entry in directories.entries(.models) {
      guard let text = try? directories.library.model(entry.name) else { continue }
      let outline = ModelOutline(text)
      let count = names.count { outline.functions[$0] != nil }
      if count >= atLeast { counts.append((entry.name, count)) }
    }
    let most = counts.map(\.count).max() ?? 0
    return counts.filter { $0.count == most }.map(\.name)
  }

  private func report(
    _ sides: PatchSides, _ touched: [PatchSides.Function], _ before: Translation, _ after: Translation,
    _ directories: DataDirectories
  ) throws {
    guard format == .text else { return }
    try StandardStreams.print("Functions that the patch touches:")
    for function in sides.functions {
      guard touched.contains(function) else {
        try StandardStreams.print(
          "  \(function.name) (\(function.path)): not in the model; left aside unless it is called")
        continue
      }
      func state(_ translation: Translation, _ isThere: Bool) -> String {
        guard isThere else { return "not there, so the model's own where it is called" }
        guard let done = translation.functions.first(where: { $0.name == function.name }) else {
          return "not understood"
        }
        return "\(done.translatedCount) of \(done.statementCount) statements understood"
      }
      try StandardStreams.print(
        "  \(function.name) (\(function.path)): before \(state(before, function.isBefore)), after \(state(after, function.isAfter))"
      )
    }
    if touched.count < sides.functions.count {
      let fitting = Self.models(
        with: sides.functions.map(\.name), atLeast: touched.count + 1, directories)
      if !fitting.isEmpty {
        try StandardStreams.print(
          "  models that have more of them: \(fitting.joined(separator: ", ")) (--model)")
      }
    }
    if !sides.unchanged.isEmpty {
      try StandardStreams.print(
        "  only comments or the layout differ: \(sides.unchanged.joined(separator: ", "))")
    }
    let helpers = Set((before.functions + after.functions).map(\.name)).subtracting(touched.map(\.name))
      .sorted()
    if !helpers.isEmpty {
      try StandardStreams.print("  called by them and also taken from C: \(helpers.joined(separator: ", "))")
    }
  }

  private func summary(_ results: [ReviewVerdict]) -> String {
    let worse = results.count(where: \.isWorse)
    let better = results.count(where: \.isBetter)
    let same = results.count { $0.before == $0.after }
    var text =
      "\(results.count) scenario\(results.count == 1 ? "" : "s") checked: \(worse) worse, \(better) better, \(same) the same"
    let changed = results.count - worse - better - same
    if changed > 0 { text += ", \(changed) changed otherwise" }
    let open = results.count(where: \.isBounded)
    if open > 0 {
      text += "; \(open) not searched to the end (more with --max-states N)"
    }
    return text
  }

  private func json(
    _ touched: [PatchSides.Function], _ before: Translation?, _ after: Translation?,
    _ results: [ReviewVerdict],
    _ sides: PatchSides
  ) -> String {
    let functions = touched.map { function -> String in
      let side = function.isAfter ? after : before
      let done = side?.functions.first { $0.name == function.name }
      let opaque = (done?.opaque ?? []).map(JSON.quoted).joined(separator: ",")
      return
        "{\"name\":\(JSON.quoted(function.name)),\"file\":\(JSON.quoted(function.path)),\"understood\":\(done != nil),\"opaque\":[\(opaque)]}"
    }
    func list(_ words: [String]) -> String { "[\(words.map(JSON.quoted).joined(separator: ","))]" }
    let verdicts = results.map(\.json)
    let notes = (before?.notes ?? []) + (after?.notes ?? []) + sides.notes.map { "assumed: \($0)" }
    return
      "{\"functions\":[\(functions.joined(separator: ","))],\"verdicts\":[\(verdicts.joined(separator: ","))],\"worse\":\(list(results.filter(\.isWorse).map(\.scenario.name))),\"better\":\(list(results.filter(\.isBetter).map(\.scenario.name))),\"assumptions\":\(list(notes)),\"unchanged\":\(list(sides.unchanged)),\"problems\":\(list(sides.problems))}"
  }

  @MainActor
  private func open(_ results: [ReviewVerdict], _ directories: DataDirectories) throws {
    guard
      let shown = results.first(where: \.isWorse) ?? results.first(where: { $0.before != $0.after })
        ?? results.first
    else { throw CommandError("no scenario of the model can be run", status: ExitStatus.noInput) }
    let left = AppState(
      world: shown.first, scenario: shown.scenario, modelName: "before", scenarioName: shown.scenario.name)
    let right = AppState(
      world: shown.second, scenario: shown.scenario, modelName: "after", scenarioName: shown.scenario.name)
    var interactive = InteractiveSession(
      state: left, comparison: Comparison(left: left, right: right), display: display,
      directories: directories,
      scenario: shown.scenario, alternative: "ioascope review \(patch)")
    try interactive.run()
  }
}
