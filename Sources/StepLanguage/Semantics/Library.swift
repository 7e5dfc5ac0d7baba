/// Finds models and scenarios by name, resolves what a revision takes from its base, and compiles.
///
/// It reads no files itself: `read` gives the text of a model or scenario by its name, so that the caller decides where to
/// look (the user's own directory first, then the installed ones).
public struct Library: Sendable {
  /// What kind of file a name stands for.
  public enum Kind: Hashable, Sendable {
    /// `models/NAME.step`
    case model
    /// `scenarios/NAME.step`
    case scenario
  }

  /// Gives the file's name for messages and its text; nil when there is none.
  public typealias Reader = @Sendable (Kind, String) -> (name: String, text: String)?

  private let read: Reader

  /// A library on top of a way to read files by name.
  public init(read: @escaping Reader) {
    self.read = read
  }

  /// Thrown when a name leads nowhere.
  public struct NotFound: Error, Sendable {
    /// Model or scenario.
    public let kind: Kind
    /// The name that was asked for.
    public let name: String
  }

  /// Compiles the model of that name.
  ///
  /// - Throws: `NotFound` when there is no such model, `DiagnosticError` when its text is wrong.
  public func program(named name: String) throws -> Program {
    guard let text = read(.model, name) else { throw NotFound(kind: .model, name: name) }
    return try program(name: name, file: SourceFile(name: text.name, text: text.text))
  }

  /// Compiles a model from its text; bases are looked up by name.
  ///
  /// - Throws: `DiagnosticError` when the text, or that of a base, is wrong.
  public func program(from source: SourceFile) throws -> Program {
    try program(name: nil, file: source)
  }

  /// The scenario of that name.
  ///
  /// - Throws: `NotFound` when there is none, `DiagnosticError` when its text is wrong.
  public func scenario(named name: String) throws -> Scenario {
    guard let text = read(.scenario, name) else { throw NotFound(kind: .scenario, name: name) }
    let scenarios = try scenarios(from: SourceFile(name: text.name, text: text.text))
    guard let scenario = scenarios.first(where: { $0.name == name }) ?? scenarios.first else {
      throw DiagnosticError([
        Diagnostic("this file holds no scenario; begin with 'scenario NAME \"title\" {'", file: text.name)
      ])
    }
    return scenario
  }

  /// All scenarios of a text.
  ///
  /// - Throws: `DiagnosticError` when the text is wrong.
  public func scenarios(from source: SourceFile) throws -> [Scenario] {
    var parser = Parser(source, file: 0)
    let file = parser.parseFile()
    guard parser.diagnostics.isEmpty else { throw DiagnosticError(parser.diagnostics) }
    return file.scenarios.map { Scenario($0, source: source) }
  }

  /// The heading of the first model of a text; its name when it has none.
  ///
  /// - Throws: `DiagnosticError` when the text is wrong or holds no model.
  public func modelTitle(_ source: SourceFile) throws -> String {
    var parser = Parser(source, file: 0)
    let file = parser.parseFile()
    guard let model = file.models.first, parser.diagnostics.isEmpty else {
      throw DiagnosticError(
        parser.diagnostics.isEmpty
          ? [Diagnostic("this file holds no model; begin with 'model NAME \"title\" {'", file: source.name)]
          : parser.diagnostics)
    }
    return model.title.isEmpty ? model.name.text : model.title
  }

  /// Whether a text holds a model.
  ///
  /// - Throws: `DiagnosticError` when the text is wrong.
  public func holdsModel(_ source: SourceFile) throws -> Bool {
    var parser = Parser(source, file: 0)
    let file = parser.parseFile()
    guard parser.diagnostics.isEmpty else { throw DiagnosticError(parser.diagnostics) }
    return !file.models.isEmpty
  }

  private func program(name: String?, file: SourceFile) throws -> Program {
    try program(model(name: name, file: file), translations: [])
  }

  /// A model's text with those of its bases, for who adds to it before it is compiled.
  ///
  /// - Throws: `NotFound` when there is no such model, `DiagnosticError` when its text is wrong.
  public func model(named name: String) throws -> ModelText {
    guard let text = read(.model, name) else { throw NotFound(kind: .model, name: name) }
    return try model(name: name, file: SourceFile(name: text.name, text: text.text))
  }

  /// The same of a text at hand.
  ///
  /// - Throws: `DiagnosticError` when the text, or that of a base, is wrong.
  public func model(from source: SourceFile) throws -> ModelText {
    try model(name: nil, file: source)
  }

  /// Compiles a model with translated texts laid over it as revisions, in this order.
  ///
  /// - Throws: `DiagnosticError` with places in the texts that were translated.
  public func program(_ model: ModelText, translations: [TranslatedText]) throws -> Program {
    var sources = model.sources
    var models = model.models
    var diagnostics: [Diagnostic] = []
    for translation in translations {
      var parser = Parser(translation, file: sources.count)
      sources.append(translation.origin)
      models += parser.parseFile().models
      diagnostics += parser.diagnostics
    }
    let items = Self.overlay(models, sources: sources, diagnostics: &diagnostics)
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    var compiler = Compiler(
      name: model.name, title: model.title, bases: model.bases, sources: sources, items: items)
    compiler.run()
    guard compiler.diagnostics.isEmpty else { throw DiagnosticError(compiler.diagnostics) }
    return compiler.program
  }

  private func model(name: String?, file: SourceFile) throws -> ModelText {
    var sources: [SourceFile] = []
    var chain: [(syntax: ModelSyntax, file: Int)] = []
    var diagnostics: [Diagnostic] = []
    var next: (name: String?, source: SourceFile)? = (name, file)
    while let (wanted, source) = next {
      let index = sources.count
      sources.append(source)
      var parser = Parser(source, file: index)
      let parsed = parser.parseFile()
      diagnostics += parser.diagnostics
      next = nil
      guard let model = parsed.models.first(where: { $0.name.text == wanted }) ?? parsed.models.first else {
        if parser.diagnostics.isEmpty {
          diagnostics.append(
            Diagnostic("this file holds no model; begin with 'model NAME \"title\" {'", file: source.name))
        }
        break
      }
      if let wanted, model.name.text != wanted, chain.isEmpty == false {
        diagnostics.append(
          Diagnostic(
            "this file should hold the model '\(wanted)' but holds '\(model.name.text)'", at: model.name.span,
            in: source))
        break
      }
      chain.append((model, index))
      if let base = model.base {
        if chain.contains(where: { $0.syntax.name.text == base.text }) {
          diagnostics.append(
            Diagnostic("'\(base.text)' revises itself; cut the circle", at: base.span, in: source))
        } else if let text = read(.model, base.text) {
          next = (base.text, SourceFile(name: text.name, text: text.text))
        } else {
          diagnostics.append(
            Diagnostic(
              "there is no model '\(base.text)'; see 'ioascope list models'", at: base.span, in: source))
        }
      }
    }
    guard diagnostics.isEmpty, let first = chain.first else { throw DiagnosticError(diagnostics) }
    let items = Self.overlay(chain.reversed().map(\.syntax), sources: sources, diagnostics: &diagnostics)
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    return ModelText(
      name: first.syntax.name.text, title: first.syntax.title,
      bases: chain.dropFirst().map(\.syntax.name.text), sources: sources,
      models: chain.reversed().map(\.syntax), items: items)
  }

  /// The items of a base with those of each revision laid over it.
  private static func overlay(
    _ models: [ModelSyntax], sources: [SourceFile], diagnostics: inout [Diagnostic]
  ) -> [ItemSyntax] {
    var items: [ItemSyntax] = []
    var positions: [String: Int] = [:]
    for model in models {
      var own: Set<String> = []
      for item in model.items {
        if case .remove(let name) = item.kind {
          let matches = items.indices.filter { items[$0].key == name.text || items[$0].name == name.text }
          if matches.isEmpty {
            diagnostics.append(
              Diagnostic(
                "the base has no '\(name.text)' to remove", at: name.span, in: sources[name.span.file]))
          }
          let gone = Set(matches)
          items = items.indices.filter { !gone.contains($0) }.map { items[$0] }
          positions = [:]
          for (position, item) in items.enumerated() { positions[item.key] = position }
          continue
        }
        let key = item.key
        if key != "source", !own.insert(key).inserted {
          diagnostics.append(
            Diagnostic(
              "'\(key)' stands twice in this model; remove one", at: item.span, in: sources[item.span.file]))
          continue
        }
        if key != "source", let position = positions[key] {
          items[position] = item
        } else {
          positions[key] = items.count
          items.append(item)
        }
      }
    }
    return items
  }
}
