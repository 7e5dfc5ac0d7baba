/// Expressions.
extension Parser {
  /// Binary operators by how tightly they bind, loosest first.
  static let levels: [[String]] = [
    ["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["|"], ["&"], ["<<", ">>"], ["+", "-"],
    ["*", "/", "%"],
  ]

  mutating func expression() throws -> Expression {
    if openExpressions == 0 { expressionParts = 0 }
    openExpressions += 1
    defer { openExpressions -= 1 }
    return try nested { try $0.binary(0) }
  }

  mutating func binary(_ level: Int) throws -> Expression {
    guard level < Self.levels.count else { return try unary() }
    var left = try binary(level + 1)
    while current.kind == .punctuation, Self.levels[level].contains(current.text) {
      try countPart()
      let symbol = advance().text
      while at(.newline), current.text == "\n" { position += 1 }
      let right = try binary(level + 1)
      left = Expression(span: left.span.joined(right.span), kind: .binary(symbol, left, right))
    }
    return left
  }

  mutating func unary() throws -> Expression {
    if atPunctuation("!") || atPunctuation("-") {
      return try nested { parser in
        let symbol = parser.advance()
        let operand = try parser.unary()
        return Expression(span: symbol.span.joined(operand.span), kind: .unary(symbol.text, operand))
      }
    }
    var value = try postfixBase()
    while true {
      try countPart()
      if takePunctuation("->") {
        let member = try identifier("a member of the ops")
        value = Expression(span: value.span.joined(member.span), kind: .member(value, member))
      } else if atWord("is") || atWord("as") {
        let isTest = advance().text == "is"
        let type = try identifier("an object type")
        value = Expression(
          span: value.span.joined(type.span), kind: isTest ? .isType(value, type) : .asType(value, type))
      } else if atPunctuation(".") {
        _ = advance()
        let field = try identifier("a field's name")
        value = Expression(span: value.span.joined(field.span), kind: .field(value, field))
      } else {
        return value
      }
    }
  }

  /// A primary with its fields, without `->`.
  mutating func postfixBase() throws -> Expression {
    var value = try primary()
    while takePunctuation(".") {
      try countPart()
      let field = try identifier("a field's name")
      value = Expression(span: value.span.joined(field.span), kind: .field(value, field))
    }
    return value
  }

  /// Words whose result cannot stand inside an expression.
  static let resultWords: Set<String> = Set(tryWords.keys).union(refcountWords.keys).union([
    "wait_event", "choose", "alloc", "try_alloc",
  ])

  /// What is said where no value begins.
  private func noValue(_ token: Token) -> String? {
    switch (token.kind, token.text) {
    case (.string, _): "a text in quotes is no value; it names a holder behind 'by'"
    case (.punctuation, "&"): "there is no '&' for addresses; name the object or the field itself: x.v"
    case (.punctuation, "*"): "there is no '*' for pointers; a field is reached with '.': x.v"
    case (.punctuation, "+"): "there is no '++'; write 'x += 1'"
    case (.punctuation, "="): "'==' compares, '=' assigns"
    default: nil
    }
  }

  mutating func primary() throws -> Expression {
    let token = current
    switch token.kind {
    case .number:
      return Expression(span: token.span, kind: .number(try number("a number")))
    case .word:
      _ = advance()
      switch token.text {
      case "true": return Expression(span: token.span, kind: .boolean(true))
      case "false": return Expression(span: token.span, kind: .boolean(false))
      case "null": return Expression(span: token.span, kind: .null)
      case "thread": return Expression(span: token.span, kind: .thread)
      case "result": return Expression(span: token.span, kind: .result)
      case "ULONG_MAX": return Expression(span: token.span, kind: .unsigned(-1))
      case "warn_on":
        _ = try expectPunctuation("(", "and a condition")
        parenthesisDepth += 1
        let condition = try expression()
        parenthesisDepth -= 1
        let end = try expectPunctuation(")", "after the condition")
        return Expression(span: token.span.joined(end.span), kind: .warnOn(condition))
      default:
        let name = Identifier(text: token.text, span: token.span)
        if next.kind == .word || at(.word), Self.resultWords.contains(token.text) {
          throw fail(
            "'\(token.text)' stands right of '=' only; give its result a name first: let ok = \(token.text) …",
            at: token)
        }
        guard atPunctuation("(") else { return Expression(span: token.span, kind: .name(token.text)) }
        guard Builtin(rawValue: token.text) != nil else {
          if let hint = Hints.call(token.text, rawArguments(from: position)),
            token.text.contains(where: \.isUppercase)
          {
            throw fail("there is no function '\(token.text)'; \(hint)", at: token)
          }
          throw fail(
            "a call of '\(token.text)' cannot stand inside an expression; give its result a name with 'let' first",
            at: token)
        }
        _ = advance()
        let arguments = try argumentsAfterOpening()
        return Expression(
          span: token.span.joined(tokens[position - 1].span), kind: .function(name, arguments))
      }
    case .punctuation where token.text == "(":
      _ = advance()
      parenthesisDepth += 1
      skipNewlines()
      let inner = try expression()
      parenthesisDepth -= 1
      let end = try expectPunctuation(")", "to close the parenthesis")
      return Expression(span: token.span.joined(end.span), kind: inner.kind)
    default:
      throw fail("expected a value, found \(describe(token))\(Hints.tail(noValue(token)))", at: token)
    }
  }
}
