import Basics

/// Expressions.
extension CParser {
  // MARK: Expressions

  enum Level: Int {
    case comma, assignment, conditional
  }

  /// A row of operators becomes a tree as deep as it is long.
  static let operatorLimit = 64
  static let precedence: [String: Int] = [
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8,
    ">>": 8,
    "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
  ]
  static let assignments: Set<String> = [
    "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=",
  ]

  mutating func expression(_ level: Level) throws -> CExpression {
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

  mutating func conditionalExpression() throws -> CExpression {
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

  mutating func binaryExpression(_ minimum: Int) throws -> CExpression {
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

  mutating func unaryExpression() throws -> CExpression {
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
            parser.advance()
            let block = try parser.block()
            let end = try parser.expect(")", "to close the statements").span
            return CExpression(span: start.span.joined(end), kind: .statements(block))
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
        return try parser.sizeOf(start)
      }
      return try parser.postfixExpression()
    }
  }

  /// What stands behind `sizeof`.
  mutating func sizeOf(_ start: CToken) throws -> CExpression {
    var type: CType?
    var operand: CExpression?
    if at("("), beginsType(token(1)), !token(1).text.hasPrefix("typeof") {
      advance()
      var own = try self.type()
      qualifiersAndStars(&own)
      if at("[") {
        // An array's size is none that is known here.
        own = CType(name: "array", isStruct: true, pointers: 0, span: own.span)
        while !at(")"), !at(.end) { advance() }
      }
      try expect(")", "to close sizeof")
      type = own
    } else {
      operand = try unaryExpression()
    }
    return CExpression(
      span: start.span.joined(tokens[max(0, position - 1)].span), kind: .sizeOf(type, operand))
  }

  /// Whether the parenthesis here holds a type.
  func beginsCast() -> Bool {
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

  mutating func postfixExpression() throws -> CExpression {
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

  mutating func argument() throws -> CExpression {
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

  mutating func primaryExpression() throws -> CExpression {
    let token = current
    switch token.kind {
    case .number:
      advance()
      guard let (value, type) = Self.number(token.text) else {
        throw fail("'\(token.text)' is no whole number below 2^64; write one", at: token.span)
      }
      return CExpression(span: token.span, kind: .number(value, type))
    case .character:
      advance()
      guard token.text.utf8.count == 1, let byte = token.text.utf8.first, byte < 0x80 else {
        throw fail("this character is not read; write its number", at: token.span)
      }
      return CExpression(span: token.span, kind: .number(UInt64(byte), .int))
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
      // Parentheses of a macro's body do not widen what stands in them to all of its use.
      if origins[token.span.start] == nil { value.span = token.span.joined(end) }
      return value
    default:
      throw fail("expected a value, found \(describe(token))", at: token.span)
    }
  }

  /// The value of a number and its type, by its size, its base and its suffix.
  static func number(_ text: String) -> (UInt64, CNumber)? {
    var digits = Substring(text.lowercased())
    var isUnsigned = false
    var isLong = false
    let isHex = digits.hasPrefix("0x")
    while let last = digits.last, last == "u" || last == "l" {
      if last == "u" { isUnsigned = true } else { isLong = true }
      digits.removeLast()
    }
    let value: UInt64? =
      if isHex {
        UInt64(digits.dropFirst(2), radix: 16)
      } else if digits.hasPrefix("0b") {
        UInt64(digits.dropFirst(2), radix: 2)
      } else if digits.hasPrefix("0"), digits.count > 1 {
        UInt64(digits, radix: 8)
      } else {
        UInt64(digits)
      }
    guard let value, digits.first != "+", digits.first != "-" else { return nil }
    // Only what is no decimal number may lose its sign by its size alone.
    let mayBeUnsigned = isUnsigned || digits.hasPrefix("0")
    let types: [CNumber] = [.int, .unsignedInt, .long, .unsignedLong].filter { type in
      type.isSigned ? !isUnsigned : mayBeUnsigned
    }.filter { !isLong || $0.bits == 64 }
    let fitting = types.first { type in
      type.range.map { value <= UInt64($0.upperBound) } ?? true
    }
    return (value, fitting ?? .unsignedLong)
  }
}
