/// Blocks and statements.
extension Parser {
  mutating func block() throws -> Block {
    try nested { parser in
      _ = try parser.expectPunctuation("{", "to open the block")
      var statements: [Statement] = []
      while true {
        parser.skipNewlines()
        if parser.atPunctuation("}") { break }
        if parser.at(.end) {
          throw parser.fail("this block has no end; close it with '}'", at: parser.current)
        }
        do {
          statements.append(try parser.statement())
          try parser.endOfStatement()
        } catch {
          if parser.diagnostics.count >= Self.diagnosticLimit || parser.at(.end) { throw error }
          parser.recoverToNextLine()
        }
      }
      let end = parser.advance().span
      return Block(statements: statements, end: end)
    }
  }

  static let acquireWords: [String: LockMode] = [
    "mutex_lock": .exclusive, "down_read": .read, "down_write": .write, "spin_lock": .spin,
  ]
  static let releaseWords: [String: LockMode] = [
    "mutex_unlock": .exclusive, "up_read": .read, "up_write": .write, "spin_unlock": .spin,
  ]
  static let tryWords: [String: LockMode] = [
    "mutex_trylock": .exclusive, "down_read_trylock": .read, "down_write_trylock": .write,
  ]
  static let refcountWords: [String: RefcountOperation] = [
    "ref_inc_not_zero": .incrementNotZero, "ref_dec_and_test": .decrementAndTest,
    "ref_dec_if_one": .decrementIfOne,
  ]

  /// Words that begin a statement whatever follows; no variable has such a name.
  static let statementWords: Set<String> = [
    "let", "if", "while", "return", "free", "check", "mark", "warn",
  ]

  mutating func statement() throws -> Statement {
    let start = current
    statementCount += 1
    guard statementCount <= Limits.statements.number else {
      throw fail(Limits.statements.message, at: start)
    }
    let kind = try statementKind()
    let end = tokens[max(0, position - 1)].span.end
    return Statement(
      span: Span(file: start.span.file, start: start.span.start, end: max(end, start.span.end)), kind: kind)
  }

  mutating func statementKind() throws -> Statement.Kind {
    guard at(.word) else { throw fail("expected a statement, found \(describe(current))", at: current) }
    let word = current.text
    if next.kind == .punctuation, ["=", "+=", "-=", ".", "(", "->"].contains(next.text),
      !Self.statementWords.contains(word)
    {
      return try assignmentOrCall()
    }
    if let mode = Self.acquireWords[word] {
      _ = advance()
      return .acquire(mode, try place())
    }
    if let mode = Self.releaseWords[word] {
      _ = advance()
      return .release(mode, try place())
    }
    switch word {
    case "let":
      _ = advance()
      let name = try identifier("a variable's name")
      let type = takePunctuation(":") ? try type() : nil
      _ = try expectPunctuation("=", "and the variable's value")
      return .declare(name, type, try value())
    case "if":
      return try conditional()
    case "while":
      _ = advance()
      let condition = try expression()
      return .whileLoop(condition, try block())
    case "loop":
      _ = advance()
      return .loop(try block())
    case "break":
      _ = advance()
      return .breakLoop
    case "continue":
      _ = advance()
      return .continueLoop
    case "return":
      _ = advance()
      if at(.newline) || atPunctuation("}") { return .returnValue(nil) }
      return .returnValue(try value())
    case "assert_held":
      _ = advance()
      return .assertHeld(try place())
    case "ref_set":
      _ = advance()
      let place = try place()
      let amount = try expression()
      return .refcount(.set, place, amount, try by())
    case "ref_inc", "ref_dec":
      _ = advance()
      let place = try place()
      return .refcount(word == "ref_inc" ? .increment : .decrement, place, nil, try by())
    case "count_inc", "count_dec":
      _ = advance()
      let place = try place()
      return .refcount(word == "count_inc" ? .countUp : .countDown, place, nil, try by())
    case "ref_move":
      _ = advance()
      let place = try place()
      guard takeWord("from") else { throw fail("expected 'from' and the unit's present holder", at: current) }
      let from = try holder()
      guard takeWord("to") else { throw fail("expected 'to' and the unit's new holder", at: current) }
      return .move(place, from: from, to: try holder())
    case "free":
      _ = advance()
      return .free(try expression())
    case "wake_up":
      _ = advance()
      let place = try place()
      if takeWord("all") { return .wake(place, all: true) }
      if takeWord("interruptible") { return .wake(place, all: false) }
      throw fail("expected 'interruptible' or 'all': which sleepers does it wake?", at: current)
    case "task_work":
      _ = advance()
      let name = try identifier("a function's name")
      _ = try expectPunctuation("(", "and one argument")
      let argument = try expression()
      _ = try expectPunctuation(")", "after the argument")
      return .taskWork(name, argument)
    case "check":
      _ = advance()
      let property = try title("a property")
      let condition = try expression()
      return .check(property, condition, try string("what it means when this is false"))
    case "warn":
      _ = advance()
      return .warn(try string("the warning"))
    case "probe":
      _ = advance()
      return .probe(try probe())
    case "mark":
      _ = advance()
      return .mark(try string("the marker"))
    default:
      throw fail("'\(word)' begins no statement; see the grammar in docs/step-language.md", at: current)
    }
  }

  mutating func conditional() throws -> Statement.Kind {
    try nested { parser in
      _ = parser.advance()
      let condition = try parser.expression()
      let then = try parser.block()
      // 'else' may stand on the line after the brace.
      let mark = parser.position
      parser.skipNewlines()
      guard parser.takeWord("else") else {
        parser.position = mark
        return .conditional(condition, then, nil)
      }
      if parser.atWord("if") {
        let start = parser.current.span
        let inner = try parser.conditional()
        let statement = Statement(span: start, kind: inner)
        return .conditional(condition, then, Block(statements: [statement], end: start))
      }
      return .conditional(condition, then, try parser.block())
    }
  }

  mutating func assignmentOrCall() throws -> Statement.Kind {
    let start = position
    if next.text == "(" {
      let name = try identifier("a function's name")
      return .call(try call(target: nil, name: name))
    }
    let place = try place()
    if takePunctuation("->") {
      position = start
      let target = try postfixBase()
      _ = try expectPunctuation("->", "and the callback's name")
      let name = try identifier("the callback's name")
      return .call(try call(target: target, name: name))
    }
    if takePunctuation("=") { return .assign(place, .set, try value()) }
    if takePunctuation("+=") { return .assign(place, .add, try value()) }
    if takePunctuation("-=") { return .assign(place, .subtract, try value()) }
    throw fail("expected '=', '+=', '-=' or a call, found \(describe(current))", at: current)
  }

  mutating func call(target: Expression?, name: Identifier) throws -> Call {
    _ = try expectPunctuation("(", "to open the arguments")
    let arguments = try argumentsAfterOpening()
    let span = (target?.span ?? name.span).joined(tokens[position - 1].span)
    return Call(span: span, target: target, name: name, arguments: arguments)
  }

  mutating func argumentsAfterOpening() throws -> [Expression] {
    parenthesisDepth += 1
    skipNewlines()
    var result: [Expression] = []
    while !atPunctuation(")") {
      result.append(try expression())
      if result.count > Limits.parameters.number { throw fail(Limits.parameters.message, at: current) }
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the arguments")
    return result
  }

  mutating func place() throws -> Place {
    let first = try identifier("a variable")
    var parts = [first]
    while takePunctuation(".") {
      parts.append(try identifier("a field's name"))
      guard parts.count <= Limits.expressionParts.number else {
        throw fail(Limits.expressionParts.message, at: current)
      }
    }
    return Place(parts: parts, span: first.span.joined(parts[parts.count - 1].span))
  }

  mutating func by() throws -> Holder {
    guard takeWord("by") else { throw fail("expected 'by' and who holds this unit", at: current) }
    return try holder()
  }

  mutating func holder() throws -> Holder {
    let start = current.span
    if at(.string) { return Holder(span: start, owner: nil, word: advance().text) }
    let owner = try expression()
    let word = optionalString()
    return Holder(span: owner.span, owner: owner, word: word)
  }

  mutating func value() throws -> Value {
    let start = current.span
    let kind = try valueKind()
    return Value(span: start.joined(tokens[max(0, position - 1)].span), kind: kind)
  }

  mutating func valueKind() throws -> Value.Kind {
    if at(.word) {
      let word = current.text
      if let mode = Self.tryWords[word] {
        _ = advance()
        return .tryAcquire(mode, try place())
      }
      if let operation = Self.refcountWords[word] {
        _ = advance()
        let place = try place()
        return .refcount(operation, place, try by())
      }
      switch word {
      case "alloc", "try_alloc":
        _ = advance()
        let type = try identifier("an object type")
        return .allocate(type, try initializers(), fallible: word == "try_alloc")
      case "wait_event":
        _ = advance()
        let place = try place()
        guard takeWord("until") else { throw fail("expected 'until' and a condition", at: current) }
        let condition = try expression()
        guard takeWord("timeout") else { throw fail("expected 'timeout' and seconds", at: current) }
        let word = current
        let seconds = try number("seconds")
        guard (0...Int64(Limits.seconds.number)).contains(seconds) else {
          throw fail(Limits.seconds.message, at: word)
        }
        if takeWord("interruptible") {
          return .waitEvent(place, until: condition, seconds: seconds, interruptible: true)
        }
        guard takeWord("uninterruptible") else {
          throw fail("expected 'interruptible' or 'uninterruptible'", at: current)
        }
        return .waitEvent(place, until: condition, seconds: seconds, interruptible: false)
      case "choose":
        _ = advance()
        return .choose(try number("how many choices there are"))
      default:
        break
      }
      // A call stands alone; builtin functions are expressions.
      if next.kind == .punctuation, next.text == "(", word != "warn_on", Builtin(rawValue: word) == nil {
        let name = try identifier("a function's name")
        return .call(try call(target: nil, name: name))
      }
    }
    let value = try expression()
    if case .member(let target, let name) = value.kind, atPunctuation("(") {
      return .call(try call(target: target, name: name))
    }
    return .expression(value)
  }

  mutating func initializers() throws -> [(name: Identifier, value: Expression)] {
    guard takePunctuation("{") else { return [] }
    var result: [(name: Identifier, value: Expression)] = []
    skipNewlines()
    while !atPunctuation("}") {
      let name = try identifier("a field's name")
      _ = try expectPunctuation(":", "and the field's value")
      result.append((name, try expression()))
      if result.count > Limits.fields.number { throw fail(Limits.fields.message, at: current) }
      skipNewlines()
      if !takePunctuation(",") { break }
      skipNewlines()
    }
    _ = try expectPunctuation("}", "to close the fields")
    return result
  }
}
