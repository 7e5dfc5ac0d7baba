public import Basics
public import StepLanguage

/// Functions of C files as a revision of a model.
public struct Translation: Sendable {
  /// A C file, and which of its functions are wanted.
  public struct Request: Sendable {
    /// The file.
    public var source: SourceFile
    /// Names of functions; nil is all that the model has, too.
    public var functions: [String]?
    /// Whether a name that the file only mentions is no mistake.
    public var mayLack: Bool

    /// A request.
    public init(source: SourceFile, functions: [String]?, mayLack: Bool = false) {
      self.source = source
      self.functions = functions
      self.mayLack = mayLack
    }
  }

  /// A function that could not be translated, and why.
  public struct Failure: Sendable {
    /// The function's name.
    public var name: String
    /// The C file.
    public var file: String
    /// What was not understood.
    public var diagnostics: [Diagnostic]
  }

  /// What was translated, in the order of the requests and of each file.
  public private(set) var functions: [TranslatedFunction] = []
  /// What was not.
  public private(set) var failures: [Failure] = []
  /// Names that were asked for and are in no file.
  public private(set) var missing: [Diagnostic] = []

  private var sources: [SourceFile] = []
  private let modelName: String

  /// Translates functions of C files.
  ///
  /// - Parameters:
  ///   - requests: the files and the functions wanted.
  ///   - model: the model that everything else comes from.
  ///   - table: what the kernel's words mean.
  public init(_ requests: [Request], model: ModelText, table: KernelTable) {
    self.init(requests, name: model.name, outline: ModelOutline(model), table: table)
  }

  init(_ requests: [Request], name: String, outline: ModelOutline, table: KernelTable) {
    modelName = name
    var definitions: [String: [(function: CFunction, file: Int)]] = [:]
    var unread: [String: CParser.Failure] = [:]
    var files: [[CFunction]] = []
    var parsers: [CParser] = []
    var declarations = CParser.Declarations()
    let words = table.words
    for (index, request) in requests.enumerated() {
      sources.append(request.source)
      var parser = CParser(
        request.source, file: index, configuration: table.configuration, keeping: words)
      let own = parser.declarations()
      declarations.members.merge(own.members) { known, _ in known }
      declarations.typedefs.merge(own.typedefs) { known, _ in known }
      var failed: [CParser.Failure] = []
      let parsed = parser.parseFile(failures: &failed)
      files.append(parsed)
      parsers.append(parser)
      for function in parsed { definitions[function.name, default: []].append((function, index)) }
      for failure in failed { unread[failure.name] = failure }
      if !parser.diagnostics.isEmpty {
        failures.append(Failure(name: "", file: request.source.name, diagnostics: parser.diagnostics))
      }
    }
    /// A function of that name: of this file, if it has one.
    func definition(_ name: String, _ file: Int) -> (function: CFunction, file: Int)? {
      definitions[name]?.first { $0.file == file } ?? definitions[name]?.first
    }
    func text(_ definition: (function: CFunction, file: Int)) -> ArraySlice<UInt8> {
      let span = definition.function.span
      return requests[definition.file].source.bytes[span.start..<span.end]
    }
    var wanted: [(name: String, file: Int)] = []
    for (index, request) in requests.enumerated() {
      if let names = request.functions {
        for name in names {
          let isHere = definitions[name]?.contains { $0.file == index } ?? false
          if isHere || (definitions[name] == nil && unread[name] != nil && !request.mayLack) {
            wanted.append((name, index))
          } else if request.mayLack, definitions[name] == nil, unread[name] != nil {
            wanted.append((name, index))
          } else if !request.mayLack {
            let known = files[index].map(\.name)
            missing.append(
              Diagnostic(
                "there is no function '\(name)' in this file\(Spelling.suggestion(name, among: known))",
                file: request.source.name))
          }
        }
      } else {
        for function in files[index] where outline.functions[function.name] != nil {
          wanted.append((function.name, index))
        }
        for name in unread.keys.sorted() where outline.functions[name] != nil { wanted.append((name, index)) }
      }
    }
    // What a function calls comes from its own file before any other.
    let companions = requests.indices.map { index in
      definitions.compactMapValues { definitions in
        (definitions.first { $0.file == index } ?? definitions.first)?.function
      }
    }
    var done: [String: Int] = [:]
    var position = 0
    while position < wanted.count {
      let (name, file) = wanted[position]
      position += 1
      if let known = done[name] {
        // The program has one function of a name: two that differ cannot both be meant.
        if let one = definition(name, known), let other = definition(name, file), text(one) != text(other) {
          failures.append(
            Failure(
              name: name, file: requests[other.file].source.name,
              diagnostics: [
                Diagnostic(
                  "'\(name)' is another function here than in \(requests[one.file].source.name); say which is meant by --source FILE:\(name), and leave out what calls the other",
                  at: other.function.nameSpan, in: requests[other.file].source)
              ]))
        }
        continue
      }
      done[name] = file
      guard let definition = definition(name, file) else {
        failures.append(
          Failure(name: name, file: requests[file].source.name, diagnostics: unread[name]?.diagnostics ?? []))
        continue
      }
      let parser = parsers[definition.file]
      var translator = Translator(
        source: requests[definition.file].source, function: definition.function, outline: outline,
        table: table, companions: companions[definition.file], macros: parser.keptMacros,
        origins: parser.origins, declarations: declarations)
      do {
        let function = try translator.run()
        functions.append(function)
        for helper in function.helpers { wanted.append((helper, definition.file)) }
      } catch {
        failures.append(
          Failure(
            name: name, file: requests[definition.file].source.name, diagnostics: translator.diagnostics))
      }
    }
  }

  /// Everything that stands in the way of compiling it; empty when all was understood.
  public var diagnostics: [Diagnostic] { missing + failures.flatMap(\.diagnostics) }

  /// What a verdict must say: opaque calls, then what was assumed.
  public var notes: [String] { Self.notes(functions) }

  private static func notes(_ functions: [TranslatedFunction]) -> [String] {
    let opaque = Set(functions.flatMap(\.opaque)).sorted()
    return (opaque.isEmpty ? [] : ["opaque: \(opaque.joined(separator: ", "))"])
      + functions.flatMap(\.assumptions).map { "assumed: \($0)" }
      + functions.flatMap(\.leftOut).map { "left out: \($0)" }
  }

  /// What is opaque in what was translated.
  public var opaque: [String] { Set(functions.flatMap(\.opaque)).sorted() }

  /// What was assumed, in the order of the functions.
  public var assumptions: [String] { functions.flatMap(\.assumptions) }

  /// The translated functions as texts to compile, one for each C file.
  public var texts: [TranslatedText] {
    sources.map { source in
      var text = ""
      var runs: [(start: Int, origin: Span)] = []
      text += "revision \(modelName)-c of \(modelName) {\n"
      for function in functions where function.file == source.name {
        function.item.rendered(into: &text, runs: &runs)
      }
      text += "}\n"
      let own = functions.filter { $0.file == source.name }
      return TranslatedText(
        text: text, origin: source, runs: runs, assumptions: Self.notes(own),
        leftOut: own.flatMap(\.leftOut))
    }
  }

  /// The revision as a text to edit: beside each line of the step language the line of C that it stands for.
  ///
  /// - Parameter name: the revision's name.
  public func revision(named name: String) -> String {
    var result = "revision \(name) of \(modelName) \"functions from C\" {\n"
    for source in sources {
      let own = functions.filter { $0.file == source.name }
      guard !own.isEmpty else { continue }
      result += "  source \"\(source.name.replacing("\"", with: "'"))\"\n"
      for function in own {
        result += "\n"
        for line in function.assumptions { result += "  // assumed: \(line)\n" }
        for line in function.leftOut { result += "  // left out: \(line)\n" }
        if !function.opaque.isEmpty { result += "  // opaque: \(function.opaque.joined(separator: ", "))\n" }
        var shown = -1
        for line in function.item.lines {
          let text = String(repeating: "  ", count: line.indent) + line.text
          let number = line.pieces.first.map { source.line(at: $0.span.start) } ?? 0
          guard number != shown, line.text != "}", line.text != "{" else {
            result += text + "\n"
            continue
          }
          shown = number
          let original = source.text(ofLine: number)
          let words = original.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
          let padding = String(repeating: " ", count: max(2, 60 - text.count))
          result += "\(text)\(padding)// \(number): \(words)\n"
        }
      }
    }
    return result + "}\n"
  }
}
