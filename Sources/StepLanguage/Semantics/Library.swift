import Basics

/// Finds models and scenarios by name or file, resolves what a revision takes from its base, and compiles.
///
/// It reads no files itself: the caller says how, and where names are looked up (the user's own directory first, then the installed ones).
///
/// A name that stands in a text (the base of a revision, the model of a scenario) is looked for in the same file first, then, when the
/// user named that file by its path, in a file `NAME.step` in the same folder, and then by `read`.
public struct Library: Sendable {
  /// What kind of file a name stands for.
  public enum Kind: String, Hashable, Sendable {
    /// `models/NAME.step`
    case model
    /// `scenarios/NAME.step`
    case scenario
  }

  /// Gives the file's name for messages and its text; nil when there is none.
  public typealias Reader = @Sendable (Kind, String) -> (name: String, text: String)?
  /// The text of a file by its path; nil when there is none. It throws when there is one that cannot be read.
  public typealias FileReader = @Sendable (String) throws -> String?

  let read: Reader
  let readFile: FileReader
  let names: @Sendable (Kind) -> [String]
  let looksAreSteps: Bool
  /// Gives texts of another language, translated, that are laid over every model before it is compiled; it throws what is wrong with them.
  public var translate: (@Sendable (ModelText) throws -> [TranslatedText])?

  /// A library on top of a way to read files.
  ///
  /// - Parameters:
  ///   - readFile: reads a file that is named by its path.
  ///   - names: all names that `read` knows, for suggestions.
  ///   - looksAreSteps: whether a statement that only looks at an object is a scheduling point of its own, as it would be without the rule for
  ///     statements that ride along: for tests that hold that rule to account.
  ///   - read: reads a file by the name of the model or scenario.
  public init(
    readFile: @escaping FileReader = { _ in nil },
    names: @escaping @Sendable (Kind) -> [String] = { _ in [] },
    looksAreSteps: Bool = false,
    read: @escaping Reader
  ) {
    self.looksAreSteps = looksAreSteps
    self.read = read
    self.readFile = readFile
    self.names = names
  }

  /// Thrown when a name that the user gave leads nowhere.
  public struct NotFound: Error, Sendable {
    /// Model or scenario.
    public let kind: Kind
    /// The name or path that was asked for.
    public let name: String
    /// Whether it is the path of a file.
    public let isPath: Bool
    /// The known name that is closest, when any is close.
    public let closest: String?
  }

  // MARK: Models

  /// Compiles a model that a user named: `NAME`, `FILE` (its first model) or `FILE:NAME`.
  ///
  /// - Parameter scenario: the scenario that it is for; a plain name is looked for in and beside its file first.
  /// - Throws: `NotFound` when there is no such model, `DiagnosticError` when its text, or that of a base, is wrong; what `readFile` throws.
  public func program(_ text: String, for scenario: Scenario? = nil) throws -> Program {
    let reference = Reference(text)
    var resolver = ModelResolver(library: self)
    if reference.isPath {
      let source = try file(reference, .model)
      return try resolver.program(in: source, named: reference.member, folder: reference.folder)
    }
    if reference.member == nil, let scenario,
      let found = try resolver.program(
        named: text, near: resolver.add(scenario.source), folder: scenario.folder)
    {
      return found
    }
    if let member = reference.member, let found = read(.model, reference.file) {
      return try resolver.program(
        in: SourceFile(name: found.name, text: found.text), named: member, folder: nil)
    }
    guard let found = try resolver.program(named: text, near: nil, folder: nil) else {
      throw notFound(.model, text)
    }
    return found
  }

  /// A model that a user named, as `program` takes it, read and not compiled.
  ///
  /// - Throws: as `program`.
  public func model(_ text: String) throws -> ModelText {
    let reference = Reference(text)
    var resolver = ModelResolver(library: self)
    if reference.isPath {
      return try resolver.text(
        in: try file(reference, .model), named: reference.member, folder: reference.folder)
    }
    if let member = reference.member, let found = read(.model, reference.file) {
      return try resolver.text(in: SourceFile(name: found.name, text: found.text), named: member, folder: nil)
    }
    guard let found = try resolver.text(named: text, near: nil, folder: nil) else {
      throw notFound(.model, text)
    }
    return found
  }

  /// The first model of a text, read and not compiled.
  ///
  /// - Throws: `DiagnosticError` when the text, or that of a base, is wrong.
  public func model(from source: SourceFile) throws -> ModelText {
    var resolver = ModelResolver(library: self)
    return try resolver.text(in: source, named: nil, folder: nil)
  }

  func compile(_ model: ModelText) throws -> Program {
    try program(model, translations: translate?(model) ?? [])
  }

  /// Compiles a model with translated texts laid over it as revisions, in this order.
  ///
  /// - Throws: `DiagnosticError` with places in the texts that were translated.
  public func program(_ model: ModelText, translations: [TranslatedText]) throws -> Program {
    var sources = model.sources
    var items = model.items
    if !translations.isEmpty {
      var models = model.models
      var diagnostics: [Diagnostic] = []
      for translation in translations {
        var parser = Parser(translation, file: sources.count)
        sources.append(translation.origin)
        models += parser.parseFile().models
        diagnostics += parser.diagnostics
      }
      guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
      let overlay = Overlay(models, sources: sources)
      guard overlay.diagnostics.isEmpty else { throw DiagnosticError(overlay.diagnostics) }
      items = overlay.items
    }
    var compiler = Compiler(
      name: model.name, title: model.title, bases: model.bases, sources: sources, items: items)
    compiler.looksAreSteps = looksAreSteps
    compiler.program.isOwnFile = model.isOwnFile
    compiler.program.sourceIndex = model.sourceIndex
    compiler.program.notes = model.notes
    compiler.program.assumptions = translations.flatMap(\.assumptions)
    compiler.program.leftOutChecks = translations.flatMap(\.leftOut)
    compiler.run()
    guard compiler.diagnostics.isEmpty else { throw DiagnosticError(compiler.diagnostics) }
    return compiler.program
  }

  /// Compiles the model of that name.
  ///
  /// - Throws: `NotFound` when there is no such model, `DiagnosticError` when its text is wrong.
  public func program(named name: String) throws -> Program {
    try program(name)
  }

  /// Compiles a model from its text; bases that do not stand there are looked up by name.
  ///
  /// - Parameters:
  ///   - name: which of the text's models; the first when nil.
  ///   - folder: the folder in which bases are looked for first, with its `/` at the end.
  /// - Throws: `DiagnosticError` when the text, or that of a base, is wrong.
  public func program(from source: SourceFile, named name: String? = nil, folder: String? = nil) throws
    -> Program
  {
    var resolver = ModelResolver(library: self)
    return try resolver.program(in: source, named: name, folder: folder)
  }

  /// Compiles the model that a scenario is for when the user names none: the first of its `model` line; without such a line the first model of
  /// its own file; and else the standard one.
  ///
  /// - Parameter standard: the name of the model for scenarios that say nothing.
  /// - Throws: `DiagnosticError`, at the name in the scenario when there is no such model; `NotFound` when there is no standard model.
  public func program(for scenario: Scenario, standard: String) throws -> Program {
    if let first = scenario.models.indices.first { return try program(for: scenario, model: first) }
    var resolver = ModelResolver(library: self)
    if scenario.isBesideModel {
      return try resolver.program(in: scenario.source, named: nil, folder: scenario.folder)
    }
    return try program(standard)
  }

  /// Compiles one of the models of a scenario's `model` line.
  ///
  /// - Throws: `DiagnosticError`, at the name in the scenario when there is no such model.
  public func program(for scenario: Scenario, model: Int) throws -> Program {
    var resolver = ModelResolver(library: self)
    let name = scenario.models[model]
    let own = resolver.add(scenario.source)
    if let found = try resolver.program(named: name, near: own, folder: scenario.folder) { return found }
    throw DiagnosticError([
      Diagnostic(
        "there is no model '\(name)'\(suggestion(name, .model, in: resolver, own)); name one of this file, of a file '\(name).step' beside it, or of 'ioascope list models'",
        at: scenario.modelSpans[model], in: scenario.source)
    ])
  }

  // MARK: Scenarios

  /// The scenarios that a user named: `NAME`, `FILE` (all of them) or `FILE:NAME`; never none.
  ///
  /// - Throws: `NotFound` when there is none, `DiagnosticError` when its text is wrong; what `readFile` throws.
  public func scenarios(_ text: String) throws -> [Scenario] {
    let reference = Reference(text)
    let source: SourceFile
    if reference.isPath {
      source = try file(reference, .scenario)
    } else if let found = read(.scenario, reference.file) {
      source = SourceFile(name: found.name, text: found.text)
    } else {
      throw notFound(.scenario, text)
    }
    var found = try scenarios(from: source)
    for index in found.indices { found[index].folder = reference.folder }
    guard !found.isEmpty else {
      throw DiagnosticError([
        Diagnostic("this file holds no scenario; begin with 'scenario NAME \"title\" {'", file: source.name)
      ])
    }
    if let member = reference.member {
      guard let one = found.first(where: { $0.name == member }) else {
        let names = found.map(\.name)
        throw DiagnosticError([
          Diagnostic(
            "this file holds no scenario '\(member)'\(Spelling.suggestion(member, among: names)); it holds \(names.joined(separator: ", "))",
            file: source.name)
        ])
      }
      return [one]
    }
    if !reference.isPath, let one = found.first(where: { $0.name == text }) { return [one] }
    return reference.isPath ? found : [found[0]]
  }

  /// The scenario that a user named; of a file with several the first.
  ///
  /// - Throws: as `scenarios`.
  public func scenario(named text: String) throws -> Scenario {
    try scenarios(text)[0]
  }

  /// All scenarios of a text.
  ///
  /// - Throws: `DiagnosticError` when the text is wrong.
  public func scenarios(from source: SourceFile) throws -> [Scenario] {
    let file = try parse(source)
    return file.scenarios.map { Scenario($0, source: source, isBesideModel: !file.models.isEmpty) }
  }

  // MARK: Files

  /// Name and heading of each model of a text; the name stands for a heading that is missing.
  ///
  /// - Throws: `DiagnosticError` when the text is wrong.
  public func models(in source: SourceFile) throws -> [(name: String, title: String)] {
    try parse(source).models.map { ($0.name.text, $0.title.isEmpty ? $0.name.text : $0.title) }
  }

  private func parse(_ source: SourceFile) throws -> SyntaxFile {
    var resolver = ModelResolver(library: self)
    let index = resolver.add(source)
    guard resolver.diagnostics.isEmpty else { throw DiagnosticError(resolver.diagnostics) }
    return resolver.files[index]
  }

  private func file(_ reference: Reference, _ kind: Kind) throws -> SourceFile {
    guard let text = try readFile(reference.file) else {
      throw NotFound(kind: kind, name: reference.file, isPath: true, closest: nil)
    }
    return SourceFile(name: reference.file, text: text)
  }

  private func notFound(_ kind: Kind, _ name: String) -> NotFound {
    NotFound(kind: kind, name: name, isPath: false, closest: Spelling.closest(to: name, among: names(kind)))
  }

  func suggestion(_ name: String, _ kind: Kind, in resolver: ModelResolver, _ file: Int) -> String {
    let own = kind == .model ? resolver.files[file].models.map(\.name.text) : []
    return Spelling.suggestion(name, among: own + names(kind))
  }
}
