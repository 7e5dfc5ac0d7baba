/// Turns tokens into a syntax tree. After a mistake it goes on at the next statement or item, so that one run tells of
/// several mistakes.
struct Parser {
  let source: SourceFile
  let tokens: [Token]
  private let touchesPrevious: [Bool]
  var position = 0
  private(set) var diagnostics: [Diagnostic]
  /// Inside parentheses a line break is white space.
  var parenthesisDepth = 0
  var nesting = 0

  /// How many expressions are open, one inside another.
  var openExpressions = 0
  /// Operators, fields and values of the outermost open expression.
  var expressionParts = 0
  /// Statements of the function so far.
  var statementCount = 0

  static let diagnosticLimit = 50

  /// Thrown to unwind to the next statement or item; the diagnostic is already noted.
  struct Abandoned: Error {}

  init(_ source: SourceFile, file: Int) {
    self.source = source
    guard source.bytes.count <= Limits.textBytes.number else {
      let end = Span(file: file, start: 0, end: 0)
      tokens = [Token(kind: .end, text: "the end of the file", span: end)]
      touchesPrevious = [false]
      diagnostics = [Diagnostic(Limits.textBytes.message, at: end, in: source)]
      return
    }
    var lexer = Lexer(source, file: file)
    tokens = lexer.run()
    touchesPrevious = Self.touching(tokens)
    diagnostics = lexer.diagnostics
  }

  /// For each token whether nothing stands between it and the one before.
  private static func touching(_ tokens: [Token]) -> [Bool] {
    tokens.indices.map { $0 > 0 && tokens[$0].span.start == tokens[$0 - 1].span.end }
  }

  /// Reads a text that was made from another one; every place in the tree is one of the original.
  init(_ translation: TranslatedText, file: Int) {
    source = translation.origin
    var lexer = Lexer(SourceFile(name: translation.origin.name, text: translation.text), file: file)
    let own = lexer.run()
    touchesPrevious = Self.touching(own)
    tokens = own.map { token in
      var token = token
      token.span = translation.origin(of: token.span, file: file)
      return token
    }
    diagnostics = []
  }

  mutating func parseFile() -> SyntaxFile {
    var result = SyntaxFile()
    while true {
      let documentation = skipNewlines()
      _ = documentation
      if at(.end) { break }
      do {
        if result.models.count + result.scenarios.count == Limits.members.number {
          throw fail(Limits.members.message, at: current)
        }
        if atWord("model") || atWord("revision") {
          result.models.append(try model())
        } else if atWord("scenario") {
          result.scenarios.append(try scenario())
        } else {
          throw fail("expected 'model', 'revision' or 'scenario'", at: current)
        }
      } catch {
        if diagnostics.count >= Self.diagnosticLimit
          || result.models.count + result.scenarios.count == Limits.members.number
        {
          break
        }
        recoverToTopLevel()
      }
    }
    return result
  }

  // MARK: Tokens

  var current: Token { tokens[min(position, tokens.count - 1)] }
  var next: Token { tokens[min(position + 1, tokens.count - 1)] }

  func at(_ kind: Token.Kind) -> Bool { current.kind == kind }
  func atWord(_ text: String) -> Bool { current.kind == .word && current.text == text }
  func atPunctuation(_ text: String) -> Bool { current.kind == .punctuation && current.text == text }

  mutating func advance() -> Token {
    let token = current
    if position < tokens.count - 1 { position += 1 }
    if parenthesisDepth > 0 {
      while current.kind == .newline || current.kind == .documentation, position < tokens.count - 1 {
        position += 1
      }
    }
    return token
  }

  /// Skips line ends and gives the documentation comment that stands right before what follows.
  @discardableResult
  mutating func skipNewlines() -> String {
    var lines: [String] = []
    while at(.newline) || at(.documentation) {
      if at(.documentation) {
        lines.append(current.text)
      } else if position > 0, tokens[position - 1].kind == .newline {
        lines = []
      }
      position += 1
      if position >= tokens.count {
        position = tokens.count - 1
        break
      }
    }
    return lines.joined(separator: "\n")
  }

  mutating func fail(_ message: String, at token: Token) -> Abandoned {
    complain(message, at: token.span)
    return Abandoned()
  }

  mutating func complain(_ message: String, at span: Span) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    diagnostics.append(Diagnostic(message, at: span, in: source))
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .newline: token.text == ";" ? "';'" : "the end of the line"
    case .end: "the end of the file"
    case .string: "a string"
    case .documentation: "a comment"
    default: "'\(token.text)'"
    }
  }

  mutating func expectPunctuation(_ text: String, _ why: String) throws -> Token {
    guard atPunctuation(text) else {
      throw fail("expected '\(text)' \(why), found \(describe(current))", at: current)
    }
    return advance()
  }

  mutating func takePunctuation(_ text: String) -> Bool {
    guard atPunctuation(text) else { return false }
    _ = advance()
    return true
  }

  mutating func takeWord(_ text: String) -> Bool {
    guard atWord(text) else { return false }
    _ = advance()
    return true
  }

  mutating func identifier(_ what: String) throws -> Identifier {
    guard at(.word) else { throw fail("expected \(what), found \(describe(current))", at: current) }
    let token = advance()
    return Identifier(text: token.text, span: token.span)
  }

  /// A title such as `linux-6.12`: adjacent words, numbers, `-` and `.`.
  mutating func title(_ what: String) throws -> Identifier {
    guard at(.word) || at(.number) else {
      throw fail("expected \(what), found \(describe(current))", at: current)
    }
    var text = ""
    var span = current.span
    var isFirst = true
    while at(.word) || at(.number) || atPunctuation("-") || atPunctuation("."),
      isFirst || touchesPrevious[min(position, tokens.count - 1)]
    {
      isFirst = false
      span.end = max(span.end, current.span.end)
      text += advance().text
    }
    return Identifier(text: text, span: span)
  }

  mutating func string(_ what: String) throws -> String {
    guard at(.string) else {
      throw fail("expected \(what) in quotes, found \(describe(current))", at: current)
    }
    return advance().text
  }

  mutating func optionalString() -> String {
    at(.string) ? advance().text : ""
  }

  mutating func number(_ what: String) throws -> Int64 {
    guard at(.number) else { throw fail("expected \(what), found \(describe(current))", at: current) }
    let token = advance()
    guard let value = Self.parseNumber(token.text) else {
      throw fail("'\(token.text)' is no number; write decimal or 0x hexadecimal below 2^64", at: token)
    }
    return value
  }

  /// A decimal or hexadecimal number up to 2^64 - 1, as the bits of a signed one.
  static func parseNumber(_ text: String) -> Int64? {
    let digits = text.replacingUnderscores
    let value: UInt64? =
      if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
        UInt64(digits.dropFirst(2), radix: 16)
      } else {
        UInt64(digits)
      }
    return value.map { Int64(bitPattern: $0) }
  }

  mutating func endOfStatement() throws {
    if at(.newline) || atPunctuation("}") || at(.end) || at(.documentation) { return }
    throw fail("expected the end of the line, found \(describe(current))", at: current)
  }

  mutating func recoverToTopLevel() {
    parenthesisDepth = 0
    nesting = 0
    while !at(.end) {
      if position > 0, tokens[position - 1].kind == .newline, isAtLineStart,
        atWord("model") || atWord("revision") || atWord("scenario")
      {
        return
      }
      position += 1
    }
  }

  /// Goes to the end of the line, or past the block that opens on it.
  mutating func recoverToNextLine() {
    parenthesisDepth = 0
    var depth = 0
    while !at(.end) {
      if atPunctuation("{") { depth += 1 }
      if atPunctuation("}") {
        if depth == 0 { return }
        depth -= 1
      }
      if at(.newline), depth == 0 { return }
      position += 1
    }
  }

  /// Whether the current token is the first of its line, without a blank before it.
  var isAtLineStart: Bool {
    let start = current.span.start
    return start == 0 || source.bytes[start - 1] == UInt8(ascii: "\n")
  }

  /// Counts one more part of the expression that is read.
  mutating func countPart() throws {
    expressionParts += 1
    if expressionParts > Limits.expressionParts.number {
      throw fail(Limits.expressionParts.message, at: current)
    }
  }

  mutating func nested<T>(_ body: (inout Parser) throws -> T) throws -> T {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Limits.nesting.number else { throw fail(Limits.nesting.message, at: current) }
    return try body(&self)
  }
}

extension String {
  fileprivate var replacingUnderscores: String { filter { $0 != "_" } }
}
