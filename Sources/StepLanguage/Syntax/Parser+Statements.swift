/// Blocks and statements.
extension Parser {
  mutating func block() throws -> Block {
    try nested { parser in
      guard parser.atPunctuation("{") else {
        throw parser.fail(
          "expected '{' to open the block, found \(parser.describe(parser.current)); a block has braces, on the line of its 'if', 'else', 'while' or 'loop'",
          at: parser.current)
      }
      _ = parser.advance()
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

  static let acquireWords: [String: LockMode] = Vocabulary.values {
    if case .acquire(let mode) = $0 { mode } else { nil }
  }
  /// Like those above, with a number behind the lock that tells lockdep that locks of one class are nested on purpose.
  static let nestedWords: [String: LockMode] = Vocabulary.values {
    if case .acquireNested(let mode) = $0 { mode } else { nil }
  }
  static let releaseWords: [String: LockMode] = Vocabulary.values {
    if case .release(let mode) = $0 { mode } else { nil }
  }
  static let tryWords: [String: LockMode] = Vocabulary.values {
    if case .tryAcquire(let mode) = $0 { mode } else { nil }
  }
  static let refcountWords: [String: RefcountOperation] = Vocabulary.values {
    if case .testedCount(let operation) = $0 { operation } else { nil }
  }
  static let countWords: [String: RefcountOperation] = Vocabulary.values {
    if case .count(let operation) = $0 { operation } else { nil }
  }
  /// Values with a result that are no expressions.
  static let valueWords = Vocabulary.texts { $0 == .value }

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
    guard at(.word) else {
      throw fail("expected a statement, found \(describe(current))\(Hints.tail(noStatement))", at: current)
    }
    let word = current.text
    if Self.takesPlace.contains(word), next.kind == .punctuation, next.text == "(" {
      // C calls what is a statement here.
      let given = rawArguments(from: position + 1)
      let place = given.first.map { Hints.place($0) } ?? "x.lock"
      throw fail(
        "'\(word)' is a statement, not a function; write '\(Self.statement(word, place))'", at: current)
    }
    if next.kind == .word || (next.text == "(" && Hints.heads.contains(word)),
      !Self.statementWords.contains(word),
      let hint = Hints.words[word]
    {
      throw fail("'\(word)' begins no statement; \(hint)", at: current)
    }
    if next.kind == .punctuation, ["=", "+=", "-=", ".", "(", "->"].contains(next.text),
      !Self.statementWords.contains(word)
    {
      let kind = try assignmentOrCall()
      if case .call(let call) = kind, atPunctuation("{") {
        let hint = Hints.calls[call.name.text] ?? "a block stands behind 'if', 'else', 'while' or 'loop'"
        throw fail("expected the end of the line, found '{'; \(hint)", at: current)
      }
      return kind
    }
    if let mode = Self.acquireWords[word] {
      _ = advance()
      return .acquire(mode, try place())
    }
    if let mode = Self.nestedWords[word] {
      _ = advance()
      let place = try place()
      _ = takePunctuation(",")
      return .acquire(mode, place, subclass: try expression())
    }
    if let mode = Self.releaseWords[word] {
      _ = advance()
      return .release(mode, try place())
    }
    if let operation = Self.countWords[word], operation != .set {
      _ = advance()
      let place = try place()
      return .refcount(operation, place, nil, try by())
    }
    if let kind = try laterStatement(word) { return kind }
    switch word {
    case "let":
      _ = advance()
      let name = try identifier("a variable's name")
      let type = takePunctuation(":") ? try type() : nil
      if at(.newline) {
        throw fail(
          "expected '=' and the variable's value, found the end of the line; every variable begins with a value",
          at: current)
      }
      _ = try expectPunctuation("=", "and the variable's value")
      return .declare(name, type, try value())
    case "init":
      _ = advance()
      let place = try place()
      _ = try expectPunctuation("=", "and the value of the const field")
      return .assign(place, .initialize, try value())
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
    case "wait_event":
      // Whoever does not ask how the wait ended needs no name for it.
      let name = Identifier(text: "wait_event \(current.span.start)", span: current.span)
      return .declare(name, nil, try value())
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
      throw fail("'\(word)' begins no statement; \(statementHint(word))", at: current)
    }
  }

  /// Statements and values that name a place where C has functions.
  private static let takesPlace = Set(acquireWords.keys).union(nestedWords.keys).union(releaseWords.keys)
    .union(countWords.keys)
    .union([
      "assert_held", "ref_move", "wake_up",
    ])

  /// How a statement about a place is written.
  private static func statement(_ word: String, _ place: String) -> String {
    switch word {
    case "ref_set": "\(word) \(place) 1 by \"holder\""
    case "ref_inc", "ref_dec", "count_inc", "count_dec": "\(word) \(place) by \"holder\""
    case "ref_move": "\(word) \(place) from thread to \"holder\""
    case "wake_up": "\(word) \(place) all"
    default: nestedWords[word] != nil ? "\(word) \(place) 1" : "\(word) \(place)"
    }
  }

  /// What to write instead of a word that begins no statement.
  private func statementHint(_ word: String) -> String {
    if let hint = Hints.words[word] { return hint }
    if Self.resultWords.contains(word) {
      return "give its result a name: let ok = \(word) …"
    }
    if next.kind == .punctuation, next.text == "+" || next.text == "-", tokens.indices.contains(position + 2),
      tokens[position + 2].text == next.text
    {
      return "write '\(word) \(next.text)= 1'"
    }
    if next.kind == .punctuation, ["++", "--", "==", "*", "/", "|", "&", "<<", ">>"].contains(next.text) {
      return "a statement assigns, calls or is a word of the grammar in docs/step-language.md"
    }
    let known = Vocabulary.words.filter(\.isReserved).map(\.text)
    return Spelling.closest(to: word, among: known).map { "did you mean '\($0)'?" }
      ?? "see the grammar in docs/step-language.md"
  }

  /// What is said where no word begins a statement.
  private var noStatement: String? {
    switch current.text {
    case "+" where next.text == "+": "write 'x += 1'"
    case "-" where next.text == "-": "write 'x -= 1'"
    case "{": "a block stands behind 'if', 'else', 'while' or 'loop'"
    case "*": "there is no '*' for pointers; a field is reached with '.': x.v"
    case "(": "a statement begins with a word"
    default: nil
    }
  }

  /// The arguments of a call as they stand in the text, without understanding them.
  ///
  /// - Parameter opening: the position of the parenthesis.
  func rawArguments(from opening: Int) -> [String] {
    var result: [String] = []
    var depth = 0
    var start: Int?
    var last = opening
    for index in opening..<min(tokens.count, opening + 200) {
      let token = tokens[index]
      if token.kind == .newline || token.kind == .end { break }
      let isEnd = token.kind == .punctuation && token.text == ")" && depth == 1
      if isEnd || (token.kind == .punctuation && token.text == "," && depth == 1) {
        if let start {
          result.append(
            String(
              decoding: source.bytes[tokens[start].span.start..<tokens[last].span.end], as: UTF8.self))
        }
        start = nil
        if isEnd { return result }
        continue
      }
      if token.kind == .punctuation, token.text == "(" { depth += 1 }
      if token.kind == .punctuation, token.text == ")" { depth -= 1 }
      if index > opening, start == nil { start = index }
      last = index
    }
    return result
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
    let arrow = current
    if takePunctuation("->") {
      position = start
      let target = try postfixBase()
      _ = try expectPunctuation("->", "and the callback's name")
      let name = try identifier("the callback's name")
      guard atPunctuation("(") else {
        let way = place.parts.map(\.text).joined(separator: ".")
        throw fail("'->' calls a callback; a field is reached with '.': \(way).\(name.text)", at: arrow)
      }
      return .call(try call(target: target, name: name))
    }
    if takePunctuation("=") { return .assign(place, .set, try value()) }
    if takePunctuation("+=") { return .assign(place, .add, try value()) }
    if takePunctuation("-=") { return .assign(place, .subtract, try value()) }
    let way = place.parts.map(\.text).joined(separator: ".")
    let hint: String? =
      switch (current.text, next.text) {
      case ("+", "+"): "write '\(way) += 1'"
      case ("-", "-"): "write '\(way) -= 1'"
      case ("*", "="), ("/", "="), ("%", "="), ("|", "="), ("&", "="):
        "write '\(way) = \(way) \(current.text) …'"
      case ("<<", _), (">>", _): "write '\(way) = \(way) \(current.text) …'"
      case ("==", _): "'=' assigns, and '==' compares, in a condition"
      case ("(", _): "a callback is called with '->': x.ops->\(place.parts[place.parts.count - 1].text)(…)"
      default: nil
      }
    throw fail(
      "expected '=', '+=', '-=' or a call, found \(describe(current))\(Hints.tail(hint))", at: current)
  }

  mutating func call(target: Expression?, name: Identifier) throws -> Call {
    _ = try expectPunctuation("(", "to open the arguments")
    let arguments = try argumentsAfterOpening(of: target == nil ? name : nil)
    let span = (target?.span ?? name.span).joined(tokens[position - 1].span)
    return Call(span: span, target: target, name: name, arguments: arguments)
  }

  /// - Parameter name: the function's name, for what to say where C takes an address.
  mutating func argumentsAfterOpening(of name: Identifier? = nil) throws -> [Expression] {
    let opening = position - 1
    parenthesisDepth += 1
    skipNewlines()
    var result: [Expression] = []
    while !atPunctuation(")") {
      if atPunctuation("&"), name != nil || next.kind == .word { throw addressOf(name, opening) }
      result.append(try expression())
      if result.count > Limits.parameters.number { throw fail(Limits.parameters.message, at: current) }
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the arguments")
    return result
  }

  private mutating func addressOf(_ name: Identifier?, _ opening: Int) -> Abandoned {
    let given = rawArguments(from: opening)
    if let name, let hint = Hints.call(name.text, given) {
      return fail("there is no function '\(name.text)'; \(hint)", at: tokens[max(0, opening - 1)])
    }
    let place = given.first { $0.hasPrefix("&") }.map { Hints.place($0) } ?? "x.v"
    return fail("there is no '&' for addresses; name the object or the field itself: \(place)", at: current)
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
    guard takeWord("by") else {
      throw fail(
        "expected 'by' and who holds this unit, found \(describe(current)); write by \"xarray\", by an object, or by thread",
        at: current)
    }
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
    if current.kind == .punctuation, Self.levels.contains(where: { $0.contains(current.text) }) {
      if case .expression = kind {
      } else {
        throw fail(
          "expected the end of the line, found '\(current.text)'; give what stands before it a name with 'let', and compute with that",
          at: current)
      }
    }
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
      if let kind = try laterValue(word) { return kind }
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
        let seconds = try timeout()
        if takeWord("interruptible") {
          return .waitEvent(place, until: condition, seconds: seconds, interruptible: true)
        }
        guard takeWord("uninterruptible") else {
          throw fail(
            seconds == nil
              ? "expected 'timeout' and seconds, or 'interruptible' or 'uninterruptible' for a wait without timeout"
              : "expected 'interruptible' or 'uninterruptible'", at: current)
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
