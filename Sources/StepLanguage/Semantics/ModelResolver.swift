import Basics

/// Finds a model and its bases, each text read once, and lays the revisions over them.
struct ModelResolver {
  let library: Library
  /// What was read, in the order of the compiled program's sources.
  private(set) var sources: [SourceFile] = []
  /// The same, parsed.
  private(set) var files: [SyntaxFile] = []
  private(set) var diagnostics: [Diagnostic] = []

  init(library: Library) {
    self.library = library
  }

  /// A model and where it stands.
  private struct Found {
    var model: ModelSyntax
    var file: Int
    var folder: String?
  }

  /// Takes a text in, once, and gives its number.
  mutating func add(_ source: SourceFile) -> Int {
    if let known = sources.firstIndex(of: source) { return known }
    var parser = Parser(source, file: sources.count)
    sources.append(source)
    let file = parser.parseFile()
    diagnostics += parser.diagnostics
    files.append(file)
    requireDistinct(file.models.map(\.name), "model", source)
    requireDistinct(file.scenarios.map(\.name), "scenario", source)
    return sources.count - 1
  }

  private mutating func requireDistinct(_ names: [Identifier], _ kind: String, _ source: SourceFile) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name.text).inserted && diagnostics.count < Parser.diagnosticLimit {
      diagnostics.append(
        Diagnostic(
          "this file has a \(kind) '\(name.text)' already; choose another name", at: name.span, in: source))
    }
  }

  /// Compiles a model of a text.
  ///
  /// - Parameter name: which one; the first when nil.
  mutating func program(in source: SourceFile, named name: String?, folder: String?) throws -> Program {
    try library.compile(text(in: source, named: name, folder: folder))
  }

  /// The same, not compiled.
  mutating func text(in source: SourceFile, named name: String?, folder: String?) throws -> ModelText {
    let file = add(source)
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    let models = files[file].models
    guard let model = name.map({ name in models.first { $0.name.text == name } }) ?? models.first else {
      throw DiagnosticError([Diagnostic(missing(name, models), file: source.name)])
    }
    return try text(Found(model: model, file: file, folder: folder))
  }

  private func missing(_ name: String?, _ models: [ModelSyntax]) -> String {
    guard let name, !models.isEmpty else {
      return "this file holds no model; begin with 'model NAME \"title\" {'"
    }
    let names = models.map(\.name.text)
    return
      "this file holds no model '\(name)'\(Spelling.suggestion(name, among: names)); it holds \(names.joined(separator: ", "))"
  }

  /// Compiles the model of a name; nil when there is none.
  ///
  /// - Parameters:
  ///   - near: the text in which the name stands, which is looked at first.
  ///   - folder: the folder that is looked at next.
  mutating func program(named name: String, near: Int?, folder: String?) throws -> Program? {
    try text(named: name, near: near, folder: folder).map { try library.compile($0) }
  }

  /// The same, not compiled.
  mutating func text(named name: String, near: Int?, folder: String?) throws -> ModelText? {
    let found = try find(name, near: near, folder: folder)
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    return try found.map { try text($0) }
  }

  private mutating func find(_ name: String, near: Int?, folder: String?) throws -> Found? {
    if let near, let model = files[near].models.first(where: { $0.name.text == name }) {
      return Found(model: model, file: near, folder: folder)
    }
    if let folder {
      let path = folder + name + Reference.suffix
      if let text = try library.readFile(path) {
        let file = add(SourceFile(name: path, text: text))
        if let model = files[file].models.first(where: { $0.name.text == name }) {
          return Found(model: model, file: file, folder: folder)
        }
      }
    }
    guard let (path, text) = library.read(.model, name) else { return nil }
    let file = add(SourceFile(name: path, text: text))
    let models = files[file].models
    if let model = models.first(where: { $0.name.text == name }) {
      return Found(model: model, file: file, folder: nil)
    }
    guard diagnostics.isEmpty else { return nil }
    diagnostics.append(
      models.first.map {
        Diagnostic(
          "this file should hold the model '\(name)' but holds '\($0.name.text)'", at: $0.name.span,
          in: sources[file])
      } ?? Diagnostic(missing(name, models), file: path))
    return nil
  }

  private mutating func text(_ first: Found) throws -> ModelText {
    var chain = [first]
    while let base = chain[chain.count - 1].model.base {
      let last = chain[chain.count - 1]
      if chain.contains(where: { $0.model.name.text == base.text }) {
        diagnostics.append(
          Diagnostic(
            "'\(base.text)' revises itself; cut the circle", at: base.span, in: sources[last.file]))
        break
      }
      guard let found = try find(base.text, near: last.file, folder: last.folder) else {
        if diagnostics.isEmpty {
          diagnostics.append(
            Diagnostic(
              "there is no model '\(base.text)'\(library.suggestion(base.text, .model, in: self, last.file)); see 'ioascope list models'",
              at: base.span, in: sources[last.file]))
        }
        break
      }
      chain.append(found)
      if chain.count > Limits.bases.number {
        diagnostics.append(Diagnostic(Limits.bases.message, at: base.span, in: sources[last.file]))
        break
      }
    }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    let overlay = Overlay(chain.reversed().map(\.model), sources: sources)
    guard overlay.diagnostics.isEmpty else { throw DiagnosticError(overlay.diagnostics) }
    return ModelText(
      name: first.model.name.text, title: first.model.title, bases: chain.dropFirst().map(\.model.name.text),
      sources: sources, models: chain.reversed().map(\.model), items: overlay.items, notes: overlay.notes,
      isOwnFile: first.folder != nil, sourceIndex: first.file)
  }
}
