import Basics

/// Reads the function definitions of a C file. Everything between them is passed over; inside a body nothing is.
struct CParser {
  let source: SourceFile
  private let tokens: [CToken]
  private var position = 0
  private(set) var diagnostics: [Diagnostic]
  /// Lines that the configuration leaves out.
  let skipped: [Span]
  private var nesting = 0
  private var statementCount = 0

  /// How deep expressions and blocks may nest; a bound for hostile files.
  private static let nestingLimit = 64
  private static let diagnosticLimit = 50

  /// Thrown to unwind to the next function; the diagnostic is already noted.
  struct Abandoned: Error {}

  /// A parser of a file; see `CLexer` for the parameters.
  init(_ source: SourceFile, file: Int, configuration: Set<String>) {
    self.source = source
    var lexer = CLexer(source, file: file, configuration: configuration)
    tokens = lexer.run()
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
  private var next: CToken { token(1) }

  private func token(_ distance: Int) -> CToken { tokens[min(position + distance, tokens.count - 1)] }
  private func at(_ kind: CToken.Kind) -> Bool { current.kind == kind }
  private func at(_ text: String) -> Bool { current.kind == .punctuation && current.text == text }
  private func atWord(_ text: String) -> Bool { current.kind == .word && current.text == text }

  @discardableResult
  private mutating func advance() -> CToken {
    let token = current
    if position < tokens.count - 1 { position += 1 }
    return token
  }

  private mutating func take(_ text: String) -> Bool {
    guard at(text) else { return false }
    advance()
    return true
  }

  private mutating func takeWord(_ text: String) -> Bool {
    guard atWord(text) else { return false }
    advance()
    return true
  }

  private mutating func fail(_ message: String, at span: Span) -> Abandoned {
    if diagnostics.count < Self.diagnosticLimit {
      diagnostics.append(Diagnostic(message, at: span, in: source))
    }
    return Abandoned()
  }

  private func describe(_ token: CToken) -> String {
    switch token.kind {
    case .end: "the end of the file"
    case .string: "a string"
    case .directive: "#\(token.text)"
    default: "'\(token.text)'"
    }
  }

  @discardableResult
  private mutating func expect(_ text: String, _ why: String) throws -> CToken {
    guard at(text) else {
      throw fail("expected '\(text)' \(why), found \(describe(current))", at: current.span)
    }
    return advance()
  }

  private mutating func identifier(_ what: String) throws -> CToken {
    guard at(.word), !Self.keywords.contains(current.text) else {
      throw fail("expected \(what), found \(describe(current))", at: current.span)
    }
    return advance()
  }

  private mutating func nested<Result>(_ body: (inout CParser) throws -> Result) throws -> Result {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting < Self.nestingLimit else {
      throw fail("this is nested too deeply; \(Self.nestingLimit) levels are read", at: current.span)
    }
    return try body(&self)
  }

  private mutating func skipBraces() {
    var depth = 0
    repeat {
      if at("{") { depth += 1 } else if at("}") { depth -= 1 }
      advance()
    } while depth > 0 && !at(.end)
  }

  // MARK: Definitions

  /// Where a definition's parts begin.
  private struct Head {
    var start: Int
    var name: Int
    var body: Int
  }

  /// Goes past the next declaration of the file's outermost level; its parts, when it defines a function.
  private mutating func findDefinition() -> Head? {
    let start = position
    var name: Int?
    var depth = 0
    while !at(.end) {
      if at(.directive), depth == 0 {
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

  private mutating func function(_ head: Head) throws -> CFunction {
    position = head.start
    statementCount = 0
    nesting = 0
    let result = try type()
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

  private mutating func parameters() throws -> [CVariable] {
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

  // MARK: Types

  private static let keywords: Set<String> = [
    "if", "else", "while", "do", "for", "switch", "case", "default", "break", "continue", "return", "goto",
    "sizeof", "struct", "union", "enum", "const", "volatile", "static", "unsigned", "signed", "void", "int",
    "long",
    "short", "char", "float", "double", "typeof", "asm", "extern", "inline", "register", "typedef",
  ]
  private static let typeWords: Set<String> = [
    "unsigned", "signed", "void", "int", "long", "short", "char", "float", "double", "bool", "_Bool", "u8",
    "u16",
    "u32", "u64", "s8", "s16", "s32", "s64", "__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32",
    "__s64",
    "size_t", "ssize_t", "loff_t", "gfp_t", "dma_addr_t", "phys_addr_t", "pid_t", "uint", "ulong", "pgoff_t",
    "refcount_t", "atomic_t", "spinlock_t", "irqreturn_t", "kuid_t", "uintptr_t",
  ]
  private static let qualifiers: Set<String> = [
    "const", "volatile", "static", "inline", "register", "extern", "__inline", "__always_inline", "noinline",
    "__init",
    "__exit", "__user", "__rcu", "__iomem", "__kernel", "__force", "__must_check", "__maybe_unused",
    "__always_unused",
    "__percpu", "__bitwise", "__ref", "__cold", "__read_mostly", "asmlinkage", "restrict", "__restrict",
    "auto",
    "__private", "__nonstring", "__sched", "notrace", "__latent_entropy", "__weak", "__used", "__unused",
    "__initdata",
  ]
  /// Names that look like a call in a declaration and are none.
  private static let attributes: Set<String> = [
    "__attribute__", "__printf", "__acquires", "__releases", "__must_hold", "__aligned", "__section",
    "__counted_by",
    "__free", "__cleanup", "__alloc_size", "__cond_acquires", "__no_context_analysis", "__guarded_by",
  ]

  private func beginsType(_ token: CToken) -> Bool {
    token.kind == .word
      && (Self.typeWords.contains(token.text)
        || ["struct", "union", "enum", "typeof", "__typeof__"].contains(token.text)
        || Self.qualifiers.contains(token.text) || (token.text.hasSuffix("_t") && token.text.count > 2))
  }

  /// A type without its stars.
  private mutating func type() throws -> CType {
    let start = current.span
    var words: [String] = []
    var isStruct = false
    loop: while at(.word) {
      let word = current.text
      if Self.qualifiers.contains(word) {
        advance()
      } else if Self.attributes.contains(word) || word == "__attribute" {
        advance()
        try skipParentheses()
      } else if word == "struct" || word == "union" || word == "enum" {
        advance()
        isStruct = word != "enum"
        words = [try identifier("the name of the \(word)").text]
        if word == "enum" { words = ["enum"] }
      } else if word == "typeof" || word == "__typeof__" {
        throw fail("typeof is not read; write the type", at: current.span)
      } else if Self.typeWords.contains(word) {
        words.append(advance().text)
      } else if words.isEmpty, !Self.keywords.contains(word) {
        words.append(advance().text)
      } else {
        break loop
      }
    }
    guard !words.isEmpty else { throw fail("expected a type, found \(describe(current))", at: current.span) }
    let end = tokens[max(0, position - 1)].span
    return CType(name: words.joined(separator: " "), isStruct: isStruct, pointers: 0, span: start.joined(end))
  }

  private mutating func skipParentheses() throws {
    try expect("(", "")
    var depth = 1
    while depth > 0 {
      if at(.end) { throw fail("this parenthesis has no end; close it with ')'", at: current.span) }
      if at("(") { depth += 1 } else if at(")") { depth -= 1 }
      advance()
    }
  }

  private mutating func qualifiersAndStars(_ type: inout CType) {
    while true {
      if at("*") {
        advance()
        type.pointers += 1
      } else if at(.word), Self.qualifiers.contains(current.text) {
        advance()
      } else {
        return
      }
    }
  }

  /// `*name[…] __attribute(…) = value`.
  private mutating func declarator(_ base: CType, what: String, isParameter: Bool) throws -> CVariable {
    var type = base
    qualifiersAndStars(&type)
    let name: CToken
    if at("("), next.text == "*" {
      // A pointer to a function: a callback that is called by its name.
      advance()
      advance()
      name = try identifier("the name of a pointer to a function")
      try expect(")", "behind the name of the pointer")
      try skipParentheses()
      type = CType(name: "function", isStruct: false, pointers: 1, span: base.span)
    } else if isParameter, at(",") || at(")") {
      name = CToken(kind: .word, text: "", span: base.span)
    } else {
      name = try identifier(what)
    }
    var variable = CVariable(name: name.text, span: name.span, type: type, cleanup: nil, value: nil)
    while take("[") {
      variable.type.pointers += 1
      while !at("]") {
        if at(.end) { throw fail("this array's size has no end; close it with ']'", at: current.span) }
        advance()
      }
      advance()
    }
    if take(":") { _ = try expression(.conditional) }
    while at(.word) {
      if atWord("__free") {
        advance()
        try expect("(", "behind __free")
        let cleanup = try identifier("the name of the cleanup")
        variable.cleanup = (cleanup.text, cleanup.span)
        try expect(")", "behind the name of the cleanup")
      } else if Self.attributes.contains(current.text) {
        advance()
        try skipParentheses()
      } else if Self.qualifiers.contains(current.text) {
        advance()
      } else {
        break
      }
    }
    return variable
  }

  // MARK: Statements

  private mutating func block() throws -> CBlock {
    try nested { parser in
      try parser.expect("{", "to open a block")
      var statements: [CStatement] = []
      while !parser.at("}") {
        if parser.at(.end) {
          throw parser.fail("this block has no end; close it with '}'", at: parser.current.span)
        }
        statements.append(contentsOf: try parser.statement())
      }
      return CBlock(statements: statements, end: parser.advance().span)
    }
  }

  /// One statement; a label gives two.
  private mutating func statement() throws -> [CStatement] {
    let start = current.span
    // A label counts as a statement of its own, so that a jump finds it in its block.
    if at(.word), next.kind == .punctuation, next.text == ":", !Self.keywords.contains(current.text) {
      let number = newNumber()
      let name = advance().text
      advance()
      return [CStatement(number: number, span: start, kind: .label(name))]
    }
    let number = newNumber()
    let kind = try nested { try $0.statementKind() }
    return [CStatement(number: number, span: start.joined(tokens[max(0, position - 1)].span), kind: kind)]
  }

  private mutating func newNumber() -> Int {
    statementCount += 1
    return statementCount - 1
  }

  /// A statement that another one governs; several in one are a block.
  private mutating func governed() throws -> CStatement {
    let statements = try statement()
    if statements.count == 1, let only = statements.first {
      if case .declaration = only.kind {
        throw fail("a declaration cannot stand here; put it into braces", at: only.span)
      }
      if case .label = only.kind {
        throw fail("a label cannot stand here; put it into braces", at: only.span)
      }
      return only
    }
    throw fail("expected a statement, found \(describe(current))", at: current.span)
  }

  private mutating func statementKind() throws -> CStatement.Kind {
    if take(";") { return .empty }
    if at("{") { return .block(try block()) }
    if at(.directive) {
      throw fail(
        "a #\(current.text) inside a function is not read; write out what it stands for", at: current.span)
    }
    guard at(.word) else { return try expressionStatement() }
    switch current.text {
    case "if":
      advance()
      let condition = try parenthesized()
      let then = try governed()
      let otherwise = takeWord("else") ? try governed() : nil
      return .conditional(condition, then, otherwise)
    case "while":
      advance()
      let condition = try parenthesized()
      return .whileLoop(condition, try governed())
    case "do":
      advance()
      let body = try governed()
      guard takeWord("while") else {
        throw fail("expected 'while' behind the body of 'do', found \(describe(current))", at: current.span)
      }
      let condition = try parenthesized()
      try expect(";", "at the end of 'do … while'")
      return .doLoop(body, condition)
    case "for": return try forLoop()
    case "switch": return try switchStatement()
    case "break":
      advance()
      try expect(";", "behind 'break'")
      return .breakLoop
    case "continue":
      advance()
      try expect(";", "behind 'continue'")
      return .continueLoop
    case "return":
      advance()
      if take(";") { return .returnValue(nil) }
      let value = try expression(.comma)
      try expect(";", "behind the value of 'return'")
      return .returnValue(value)
    case "goto":
      advance()
      let label = try identifier("a label")
      try expect(";", "behind the label")
      return .jump(label.text, label.span)
    case "case", "default":
      throw fail("'\(current.text)' stands outside a switch", at: current.span)
    case "asm", "__asm__":
      throw fail("assembly is not read; declare the function that holds it opaque", at: current.span)
    case "fallthrough" where next.text == ";":
      advance()
      advance()
      return .empty
    default: break
    }
    if beginsDeclaration() { return .declaration(try declaration()) }
    return try expressionStatement()
  }

  /// `foo_t x`, `struct a *b`, `name *pointer =`; an expression otherwise.
  private func beginsDeclaration() -> Bool {
    if beginsType(current) {
      // `u32 (…)` would be a call; nothing in the kernel is named so.
      return !(next.kind == .punctuation && next.text == "(") || current.text.hasPrefix("typeof")
    }
    guard at(.word), !Self.keywords.contains(current.text) else { return false }
    var distance = 1
    while token(distance).kind == .punctuation, token(distance).text == "*" { distance += 1 }
    let name = token(distance)
    guard name.kind == .word, !Self.keywords.contains(name.text) else { return false }
    let after = token(distance + 1)
    if distance == 1 {
      return after.kind == .punctuation && ["=", ";", ",", "["].contains(after.text)
        || Self.attributes.contains(after.text)
    }
    return after.kind == .punctuation && ["=", ";", ","].contains(after.text)
      || Self.attributes.contains(after.text)
  }

  private mutating func declaration() throws -> [CVariable] {
    let isStatic = atWord("static")
    let base = try type()
    if at(";") { throw fail("a type is declared inside a function; move it out", at: base.span) }
    var result: [CVariable] = []
    repeat {
      var variable = try declarator(base, what: "a variable's name", isParameter: false)
      variable.isStatic = isStatic
      if take("=") { variable.value = at("{") ? try initializer() : try expression(.assignment) }
      result.append(variable)
    } while take(",")
    try expect(";", "at the end of the declaration")
    return result
  }

  private mutating func initializer() throws -> CExpression {
    try nested { parser in
      let start = try parser.expect("{", "to open an initializer").span
      var members: [(name: String?, value: CExpression)] = []
      while !parser.at("}") {
        var name: String?
        if parser.at("."), parser.next.kind == .word {
          parser.advance()
          name = parser.advance().text
          if parser.at(".") || parser.at("[") {
            throw parser.fail(
              "a designator of more than one name is not read; assign the member", at: parser.current.span)
          }
          try parser.expect("=", "behind the member's name")
        } else if parser.at("[") {
          throw parser.fail(
            "an array's initializer is not read; assign its elements", at: parser.current.span)
        }
        members.append((name, parser.at("{") ? try parser.initializer() : try parser.expression(.assignment)))
        if !parser.take(",") { break }
      }
      let end = try parser.expect("}", "to close the initializer").span
      return CExpression(span: start.joined(end), kind: .initializer(members))
    }
  }

  private mutating func parenthesized() throws -> CExpression {
    try expect("(", "to open a condition")
    let value = try expression(.comma)
    try expect(")", "to close the condition")
    return value
  }

  private mutating func forLoop() throws -> CStatement.Kind {
    advance()
    try expect("(", "behind 'for'")
    var start: CStatement?
    if !take(";") {
      let begin = current.span
      let number = newNumber()
      let kind: CStatement.Kind
      if beginsDeclaration() {
        kind = .declaration(try declaration())
      } else {
        kind = .expression(try expression(.comma))
        try expect(";", "behind the start of 'for'")
      }
      start = CStatement(number: number, span: begin.joined(tokens[position - 1].span), kind: kind)
    }
    var condition: CExpression?
    if !take(";") {
      condition = try expression(.comma)
      try expect(";", "behind the condition of 'for'")
    }
    var step: CExpression?
    if !at(")") { step = try expression(.comma) }
    try expect(")", "to close the head of 'for'")
    return .forLoop(start, condition, step, try governed())
  }

  private mutating func switchStatement() throws -> CStatement.Kind {
    advance()
    let value = try parenthesized()
    try expect("{", "to open the switch")
    var cases: [CCase] = []
    while !at("}") {
      if at(.end) { throw fail("this switch has no end; close it with '}'", at: current.span) }
      if atWord("case") || atWord("default") {
        let start = current.span
        var values: [CExpression?] = []
        while atWord("case") || atWord("default") {
          if takeWord("default") {
            values.append(nil)
          } else {
            advance()
            values.append(try expression(.conditional))
            if at("...") { throw fail("a range of cases is not read; write each", at: current.span) }
          }
          try expect(":", "behind a case")
        }
        cases.append(CCase(values: values, statements: [], span: start))
      } else {
        guard !cases.isEmpty else {
          throw fail("expected 'case', found \(describe(current))", at: current.span)
        }
        cases[cases.count - 1].statements += try statement()
      }
    }
    advance()
    return .switchOn(value, cases)
  }

  private mutating func expressionStatement() throws -> CStatement.Kind {
    let value = try expression(.comma)
    if take(";") { return .expression(value) }
    if case .call(let function, _) = value.kind, case .name = function.kind, at("{") || at(.word) {
      return .macro(value, try governed())
    }
    throw fail("expected ';' at the end of the statement, found \(describe(current))", at: current.span)
  }

  // MARK: Expressions

  private enum Level: Int {
    case comma, assignment, conditional
  }

  /// A row of operators becomes a tree as deep as it is long.
  private static let operatorLimit = 64
  private static let precedence: [String: Int] = [
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8,
    ">>": 8,
    "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
  ]
  private static let assignments: Set<String> = [
    "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=",
  ]

  private mutating func expression(_ level: Level) throws -> CExpression {
    try nested { parser in
      var value = try parser.conditionalExpression()
      if level.rawValue <= Level.assignment.rawValue, parser.at(.punctuation),
        Self.assignments.contains(parser.current.text)
      {
        let symbol = String(parser.advance().text.dropLast())
        let right = parser.at("{") ? try parser.initializer() : try parser.expression(.assignment)
        value = CExpression(span: value.span.joined(right.span), kind: .assign(symbol, value, right))
      }
      if level == .comma {
        while parser.take(",") {
          let right = try parser.expression(.assignment)
          value = CExpression(span: value.span.joined(right.span), kind: .comma(value, right))
        }
      }
      return value
    }
  }

  private mutating func conditionalExpression() throws -> CExpression {
    let condition = try binaryExpression(1)
    guard take("?") else { return condition }
    if take(":") {
      let otherwise = try expression(.conditional)
      return CExpression(
        span: condition.span.joined(otherwise.span), kind: .conditional(condition, nil, otherwise))
    }
    let then = try expression(.comma)
    try expect(":", "between the values of '?:'")
    let otherwise = try expression(.conditional)
    return CExpression(
      span: condition.span.joined(otherwise.span), kind: .conditional(condition, then, otherwise))
  }

  private mutating func binaryExpression(_ minimum: Int) throws -> CExpression {
    var left = try unaryExpression()
    var operators = 0
    while at(.punctuation), let level = Self.precedence[current.text], level >= minimum {
      let symbol = advance().text
      operators += 1
      guard operators <= Self.operatorLimit else {
        throw fail(
          "this expression has more than \(Self.operatorLimit) operators in a row; cut it", at: current.span)
      }
      let right = try nested { try $0.binaryExpression(level + 1) }
      left = CExpression(span: left.span.joined(right.span), kind: .binary(symbol, left, right))
    }
    return left
  }

  private mutating func unaryExpression() throws -> CExpression {
    try nested { parser in
      let start = parser.current
      if start.kind == .punctuation {
        if ["!", "-", "+", "~", "*", "&", "++", "--"].contains(start.text) {
          parser.advance()
          let operand = try parser.unaryExpression()
          return CExpression(span: start.span.joined(operand.span), kind: .unary(start.text, operand))
        }
        if start.text == "(" {
          if parser.next.text == "{" {
            throw parser.fail("a statement expression is not read; write its statements out", at: start.span)
          }
          if parser.beginsCast() {
            parser.advance()
            var type = try parser.type()
            parser.qualifiersAndStars(&type)
            try parser.expect(")", "to close the cast")
            if parser.at("{") {
              let value = try parser.initializer()
              return CExpression(span: start.span.joined(value.span), kind: .cast(type, value))
            }
            let operand = try parser.unaryExpression()
            return CExpression(span: start.span.joined(operand.span), kind: .cast(type, operand))
          }
        }
      }
      if start.kind == .word, start.text == "sizeof" {
        parser.advance()
        if parser.at("(") {
          try parser.skipParentheses()
        } else {
          _ = try parser.unaryExpression()
        }
        return CExpression(span: start.span.joined(parser.tokens[parser.position - 1].span), kind: .sizeOf)
      }
      return try parser.postfixExpression()
    }
  }

  /// Whether the parenthesis here holds a type.
  private func beginsCast() -> Bool {
    var distance = 1
    guard beginsType(token(1)) || token(1).kind == .word else { return false }
    if !beginsType(token(1)) {
      // `(name *)` is a cast, `(name)` is not.
      distance = 2
      guard token(2).text == "*" else { return false }
    }
    while token(distance).kind == .word || token(distance).text == "*" { distance += 1 }
    return token(distance).kind == .punctuation && token(distance).text == ")"
  }

  private mutating func postfixExpression() throws -> CExpression {
    var value = try primaryExpression()
    while at(.punctuation) {
      switch current.text {
      case "(":
        advance()
        var arguments: [CExpression] = []
        while !at(")") {
          arguments.append(try argument())
          if !take(",") { break }
        }
        let end = try expect(")", "to close the arguments").span
        value = CExpression(span: value.span.joined(end), kind: .call(value, arguments))
      case ".", "->":
        let isArrow = advance().text == "->"
        let name = try identifier("a member's name")
        value = CExpression(
          span: value.span.joined(name.span), kind: .member(value, name.text, name.span, isArrow: isArrow))
      case "[":
        advance()
        let index = try expression(.comma)
        let end = try expect("]", "behind the index").span
        value = CExpression(span: value.span.joined(end), kind: .index(value, index))
      case "++", "--":
        let symbol = advance()
        value = CExpression(span: value.span.joined(symbol.span), kind: .postfix(symbol.text, value))
      default: return value
      }
    }
    return value
  }

  private mutating func argument() throws -> CExpression {
    if beginsType(current), at(.word), next.text != "(" {
      let start = position
      let known = diagnostics.count
      if var type = try? self.type() {
        qualifiersAndStars(&type)
        if at(",") || at(")") {
          return CExpression(span: type.span.joined(tokens[position - 1].span), kind: .type(type))
        }
      }
      position = start
      diagnostics.removeSubrange(known...)
    }
    return try expression(.assignment)
  }

  private mutating func primaryExpression() throws -> CExpression {
    let token = current
    switch token.kind {
    case .number:
      advance()
      guard let (value, isUnsigned) = Self.number(token.text) else {
        throw fail("'\(token.text)' is no whole number below 2^64; write one", at: token.span)
      }
      return CExpression(span: token.span, kind: .number(value, isUnsigned: isUnsigned))
    case .character:
      advance()
      guard token.text.utf8.count == 1, let byte = token.text.utf8.first else {
        throw fail("this character is not read; write its number", at: token.span)
      }
      return CExpression(span: token.span, kind: .number(UInt64(byte), isUnsigned: false))
    case .string:
      advance()
      var span = token.span
      var text = token.text
      while at(.string) || (at(.word) && next.kind == .string) {
        span = span.joined(current.span)
        text += advance().text
      }
      return CExpression(span: span, kind: .string(text))
    case .word where !Self.keywords.contains(token.text):
      advance()
      return CExpression(span: token.span, kind: .name(token.text))
    case .punctuation where token.text == "(":
      advance()
      var value = try expression(.comma)
      let end = try expect(")", "to close the parenthesis").span
      value.span = token.span.joined(end)
      return value
    default:
      throw fail("expected a value, found \(describe(token))", at: token.span)
    }
  }

  /// The value of a number with its suffix, and whether it is unsigned.
  static func number(_ text: String) -> (UInt64, Bool)? {
    var digits = Substring(text.lowercased())
    var isUnsigned = false
    while let last = digits.last, last == "u" || last == "l" {
      if last == "u" { isUnsigned = true }
      digits.removeLast()
    }
    let value: UInt64? =
      if digits.hasPrefix("0x") {
        UInt64(digits.dropFirst(2), radix: 16)
      } else if digits.hasPrefix("0b") {
        UInt64(digits.dropFirst(2), radix: 2)
      } else if digits.hasPrefix("0"), digits.count > 1 {
        UInt64(digits, radix: 8)
      } else {
        UInt64(digits)
      }
    return value.map { ($0, isUnsigned) }
  }
}
