import Basics

/// Reads the function definitions of a C file. Everything between them is passed over; inside a body nothing is.
struct CParser {
  let source: SourceFile
  let tokens: [CToken]
  var position = 0
  var diagnostics: [Diagnostic]
  /// Lines that the configuration leaves out.
  let skipped: [Span]
  /// What came out of a macro of the file, by the offset at which the macro is used.
  let origins: [Int: CMacroExpander.Origin]
  /// Macros of the file whose meaning the table tells, with their lines.
  let keptMacros: [String: Int]
  var nesting = 0
  /// The expression of the `typeof` that was read last.
  var typeOf: CExpression?
  var statementCount = 0

  /// How deep expressions and blocks may nest; a bound for hostile files.
  static let nestingLimit = 64
  static let diagnosticLimit = 50

  /// Thrown to unwind to the next function; the diagnostic is already noted.
  struct Abandoned: Error {}

  /// A parser of a file; see `CLexer` and `CMacroExpander` for the parameters.
  init(_ source: SourceFile, file: Int, configuration: Set<String>, keeping: Set<String> = []) {
    self.source = source
    var lexer = CLexer(source, file: file, configuration: configuration)
    var expander = CMacroExpander(lexer.run(), in: source, keeping: keeping)
    tokens = expander.run()
    origins = expander.origins
    keptMacros = expander.kept
    diagnostics = lexer.diagnostics
    skipped = lexer.skipped
  }

  /// What a body could not be turned into, by the function's name.
  struct Failure: Sendable {
    var name: String
    var diagnostics: [Diagnostic]
  }

  /// All functions of the file in order; one that is not understood is among `failures` instead.
  mutating func parseFile(failures: inout [Failure]) -> [CFunction] {
    var functions: [CFunction] = []
    while !at(.end) {
      guard let head = findDefinition() else { continue }
      let known = diagnostics.count
      do {
        functions.append(try function(head))
      } catch {
        let own = Array(diagnostics[known...])
        diagnostics.removeSubrange(known...)
        failures.append(Failure(name: tokens[head.name].text, diagnostics: own))
        position = head.body
        skipBraces()
      }
    }
    return functions
  }

  // MARK: Tokens

  var current: CToken { tokens[min(position, tokens.count - 1)] }
  var next: CToken { token(1) }

  func token(_ distance: Int) -> CToken { tokens[min(position + distance, tokens.count - 1)] }
  func at(_ kind: CToken.Kind) -> Bool { current.kind == kind }
  func at(_ text: String) -> Bool { current.kind == .punctuation && current.text == text }
  func atWord(_ text: String) -> Bool { current.kind == .word && current.text == text }

  @discardableResult
  mutating func advance() -> CToken {
    let token = current
    if position < tokens.count - 1 { position += 1 }
    return token
  }

  mutating func take(_ text: String) -> Bool {
    guard at(text) else { return false }
    advance()
    return true
  }

  mutating func takeWord(_ text: String) -> Bool {
    guard atWord(text) else { return false }
    advance()
    return true
  }

  mutating func fail(_ message: String, at span: Span) -> Abandoned {
    if diagnostics.count < Self.diagnosticLimit {
      diagnostics.append(Diagnostic(Self.from(origins[span.start], message), at: span, in: source))
    }
    return Abandoned()
  }

  /// A message about what a macro became says which one it was.
  static func from(_ origin: CMacroExpander.Origin?, _ message: String) -> String {
    guard let origin, !message.contains("#define of '\(origin.name)'") else { return message }
    return "\(message) (in what '\(origin.name)' of line \(origin.line) stands for)"
  }

  func describe(_ token: CToken) -> String {
    switch token.kind {
    case .end: "the end of the file"
    case .string: "a string"
    case .directive: "#\(token.text)"
    case .trouble: "a macro that is not read"
    default: "'\(token.text)'"
    }
  }

  @discardableResult
  mutating func expect(_ text: String, _ why: String) throws -> CToken {
    guard at(text) else {
      throw fail("expected '\(text)' \(why), found \(describe(current))", at: current.span)
    }
    return advance()
  }

  mutating func identifier(_ what: String) throws -> CToken {
    guard at(.word), !Self.keywords.contains(current.text) else {
      throw fail("expected \(what), found \(describe(current))", at: current.span)
    }
    return advance()
  }

  mutating func nested<Result>(_ body: (inout CParser) throws -> Result) throws -> Result {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting < Self.nestingLimit else {
      throw fail("this is nested too deeply; \(Self.nestingLimit) levels are read", at: current.span)
    }
    return try body(&self)
  }

  mutating func skipBraces() {
    var depth = 0
    repeat {
      if at("{") { depth += 1 } else if at("}") { depth -= 1 }
      advance()
    } while depth > 0 && !at(.end)
  }

  // MARK: Definitions

  /// Where a definition's parts begin.
  struct Head {
    var start: Int
    var name: Int
    var body: Int
  }

  /// Goes past the next declaration of the file's outermost level; its parts, when it defines a function.
  mutating func findDefinition() -> Head? {
    let start = position
    if at(.word), next.kind == .punctuation, next.text == "(", !Self.attributes.contains(current.text),
      !Self.keywords.contains(current.text), !current.text.hasPrefix("__attribute")
    {
      // A macro of which this file says nothing, on a line of its own: what follows is another declaration.
      var parser = self
      parser.advance()
      if (try? parser.skipParentheses()) != nil, parser.at(.word) {
        position = parser.position
        return nil
      }
    }
    var name: Int?
    var depth = 0
    while !at(.end) {
      if at(.directive) || at(.trouble), depth == 0 {
        let isFirst = position == start
        advance()
        if isFirst { return nil }
        continue
      }
      if depth == 0, name == nil, at(.word), next.kind == .punctuation, next.text == "(",
        !Self.attributes.contains(current.text), !current.text.hasPrefix("__attribute"),
        !Self.keywords.contains(current.text)
      {
        name = position
      }
      if at("(") || at("[") { depth += 1 }
      if at(")") || at("]") { depth -= 1 }
      if at(";"), depth <= 0 {
        advance()
        return nil
      }
      if at("="), depth == 0 { name = nil }
      if at("{"), depth <= 0 {
        if let name, name > start,
          !tokens[start..<position].contains(where: { $0.text == "=" && $0.kind == .punctuation })
        {
          return Head(start: start, name: name, body: position)
        }
        skipBraces()
        // `}` of a struct or an initializer; its `;` ends the declaration.
        continue
      }
      if at("}"), depth <= 0 {
        advance()
        return nil
      }
      advance()
    }
    return nil
  }

  /// The word behind a function's closing brace; nil when there is none.
  func end(of head: Head) -> Int? {
    var depth = 0
    for index in head.body..<tokens.count where tokens[index].kind == .punctuation {
      if tokens[index].text == "{" { depth += 1 }
      if tokens[index].text == "}" { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return nil
  }

  mutating func function(_ head: Head) throws -> CFunction {
    position = head.start
    statementCount = 0
    nesting = 0
    if let trouble = tokens[head.start..<(end(of: head) ?? tokens.count)].first(where: { $0.kind == .trouble }
    ) {
      // Said in its own words, whatever it would have been here.
      diagnostics.append(Diagnostic(trouble.text, at: trouble.span, in: source))
      throw Abandoned()
    }
    var result = try type()
    qualifiersAndStars(&result)
    var end = head.name
    // Attributes and macros may stand between type and name.
    position = head.name
    let name = advance()
    let parameters = try self.parameters()
    end = head.body
    position = end
    let body = try block()
    return CFunction(
      name: name.text, nameSpan: name.span, result: result, parameters: parameters, body: body,
      span: tokens[head.start].span.joined(body.end), statementCount: statementCount)
  }

  mutating func parameters() throws -> [CVariable] {
    try expect("(", "to open the parameters")
    var result: [CVariable] = []
    if atWord("void"), next.text == ")" { advance() }
    while !at(")") {
      if take("...") { break }
      let base = try type()
      result.append(try declarator(base, what: "a parameter's name", isParameter: true))
      if !take(",") { break }
    }
    try expect(")", "to close the parameters")
    return result
  }
}
