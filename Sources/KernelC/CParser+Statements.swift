import Basics

/// Statements and declarations inside a function.
extension CParser {
  // MARK: Statements

  mutating func block() throws -> CBlock {
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
  mutating func statement() throws -> [CStatement] {
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

  mutating func newNumber() -> Int {
    statementCount += 1
    return statementCount - 1
  }

  /// A statement that another one governs; several in one are a block.
  mutating func governed() throws -> CStatement {
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

  mutating func statementKind() throws -> CStatement.Kind {
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
  func beginsDeclaration() -> Bool {
    if beginsType(current) {
      // `int (*fn)(…)` is a variable; `u32 (…)` would be a call, and nothing in the kernel is named so.
      if next.text == "(", token(2).text == "*", token(2).kind == .punctuation { return true }
      return !(next.kind == .punctuation && next.text == "(") || current.text.contains("typeof")
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

  mutating func declaration() throws -> [CVariable] {
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

  mutating func initializer() throws -> CExpression {
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

  mutating func parenthesized() throws -> CExpression {
    try expect("(", "to open a condition")
    let value = try expression(.comma)
    try expect(")", "to close the condition")
    return value
  }

  mutating func forLoop() throws -> CStatement.Kind {
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

  mutating func switchStatement() throws -> CStatement.Kind {
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

  mutating func expressionStatement() throws -> CStatement.Kind {
    let value = try expression(.comma)
    if take(";") { return .expression(value) }
    if case .call(let function, _) = value.kind, case .name = function.kind, at("{") || at(.word) {
      return .macro(value, try governed())
    }
    throw fail("expected ';' at the end of the statement, found \(describe(current))", at: current.span)
  }
}
