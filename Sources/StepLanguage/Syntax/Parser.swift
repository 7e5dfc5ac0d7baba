/// Turns tokens into a syntax tree. After a mistake it goes on at the next statement or item, so that one run tells of
/// several mistakes.
struct Parser {
  private let source: SourceFile
  private let tokens: [Token]
  private let touchesPrevious: [Bool]
  private var position = 0
  private(set) var diagnostics: [Diagnostic]
  /// Inside parentheses a line break is white space.
  private var parenthesisDepth = 0
  private var nesting = 0

  /// How deep expressions and blocks may nest; a bound for hostile files, far above what a person writes.
  private static let nestingLimit = 64
  private static let diagnosticLimit = 50

  /// Thrown to unwind to the next statement or item; the diagnostic is already noted.
  private struct Abandoned: Error {}

  init(_ source: SourceFile, file: Int) {
    self.source = source
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
        if atWord("model") || atWord("revision") {
          result.models.append(try model())
        } else if atWord("scenario") {
          result.scenarios.append(try scenario())
        } else {
          throw fail("expected 'model', 'revision' or 'scenario'", at: current)
        }
      } catch {
        if diagnostics.count >= Self.diagnosticLimit { break }
        recoverToTopLevel()
      }
    }
    return result
  }

  // MARK: Tokens

  private var current: Token { tokens[min(position, tokens.count - 1)] }
  private var next: Token { tokens[min(position + 1, tokens.count - 1)] }

  private func at(_ kind: Token.Kind) -> Bool { current.kind == kind }
  private func atWord(_ text: String) -> Bool { current.kind == .word && current.text == text }
  private func atPunctuation(_ text: String) -> Bool { current.kind == .punctuation && current.text == text }

  private mutating func advance() -> Token {
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
  private mutating func skipNewlines() -> String {
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

  private mutating func fail(_ message: String, at token: Token) -> Abandoned {
    complain(message, at: token.span)
    return Abandoned()
  }

  private mutating func complain(_ message: String, at span: Span) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    diagnostics.append(Diagnostic(message, at: span, in: source))
  }

  private func describe(_ token: Token) -> String {
    switch token.kind {
    case .newline: token.text == ";" ? "';'" : "the end of the line"
    case .end: "the end of the file"
    case .string: "a string"
    case .documentation: "a comment"
    default: "'\(token.text)'"
    }
  }

  private mutating func expectPunctuation(_ text: String, _ why: String) throws -> Token {
    guard atPunctuation(text) else {
      throw fail("expected '\(text)' \(why), found \(describe(current))", at: current)
    }
    return advance()
  }

  private mutating func takePunctuation(_ text: String) -> Bool {
    guard atPunctuation(text) else { return false }
    _ = advance()
    return true
  }

  private mutating func takeWord(_ text: String) -> Bool {
    guard atWord(text) else { return false }
    _ = advance()
    return true
  }

  private mutating func identifier(_ what: String) throws -> Identifier {
    guard at(.word) else { throw fail("expected \(what), found \(describe(current))", at: current) }
    let token = advance()
    return Identifier(text: token.text, span: token.span)
  }

  /// A title such as `linux-6.12`: adjacent words, numbers, `-` and `.`.
  private mutating func title(_ what: String) throws -> Identifier {
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

  private mutating func string(_ what: String) throws -> String {
    guard at(.string) else {
      throw fail("expected \(what) in quotes, found \(describe(current))", at: current)
    }
    return advance().text
  }

  private mutating func optionalString() -> String {
    at(.string) ? advance().text : ""
  }

  private mutating func number(_ what: String) throws -> Int64 {
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

  private mutating func endOfStatement() throws {
    if at(.newline) || atPunctuation("}") || at(.end) || at(.documentation) { return }
    throw fail("expected the end of the line, found \(describe(current))", at: current)
  }

  private mutating func recoverToTopLevel() {
    parenthesisDepth = 0
    nesting = 0
    while !at(.end) {
      if position > 0, tokens[position - 1].kind == .newline, source.column(at: current.span.start) == 1,
        atWord("model") || atWord("revision") || atWord("scenario")
      {
        return
      }
      position += 1
    }
  }

  /// Goes to the end of the line, or past the block that opens on it.
  private mutating func recoverToNextLine() {
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

  private mutating func nested<T>(_ body: (inout Parser) throws -> T) throws -> T {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.nestingLimit else {
      throw fail(
        "this nests deeper than \(Self.nestingLimit) levels; use a function or a variable", at: current)
    }
    return try body(&self)
  }

  // MARK: Models

  private mutating func model() throws -> ModelSyntax {
    let isRevision = advance().text == "revision"
    let name = try title("the model's name")
    var base: Identifier?
    if isRevision {
      guard takeWord("of") else {
        throw fail("expected 'of' and the name of the model that this revises", at: current)
      }
      base = try title("the name of the model that this revises")
    }
    let heading = optionalString()
    _ = try expectPunctuation("{", "to open the model")
    var items: [ItemSyntax] = []
    while true {
      let documentation = skipNewlines()
      if atPunctuation("}") { break }
      if at(.end) { throw fail("the model '\(name.text)' has no end; close it with '}'", at: current) }
      do {
        items.append(try item(documentation))
      } catch {
        if diagnostics.count >= Self.diagnosticLimit { throw error }
        nesting = 0
        recoverToNextItem()
      }
    }
    _ = advance()
    return ModelSyntax(name: name, base: base, title: heading, items: items)
  }

  private static let itemWords: Set<String> = [
    "source", "const", "slot", "object", "global", "ops", "driver", "init", "fn", "entry", "invariant",
    "remove",
  ]

  private mutating func recoverToNextItem() {
    parenthesisDepth = 0
    var depth = 0
    while !at(.end) {
      if depth <= 0, position > 0, tokens[position - 1].kind == .newline, at(.word),
        Self.itemWords.contains(current.text)
      {
        return
      }
      if atPunctuation("{") { depth += 1 }
      if atPunctuation("}") {
        // A closing brace in the first columns ends an item or the model, whatever was counted before.
        if source.column(at: current.span.start) == 1 { return }
        depth -= 1
      }
      position += 1
    }
  }

  private mutating func item(_ documentation: String) throws -> ItemSyntax {
    let start = current
    guard at(.word), Self.itemWords.contains(start.text) else {
      throw fail(
        "expected an item (fn, entry, object, global, const, slot, ops, driver, init, invariant, source, remove), found \(describe(start))",
        at: start)
    }
    _ = advance()
    let kind: ItemSyntax.Kind
    switch start.text {
    case "source":
      kind = .source(try string("the source"))
    case "const":
      let name = try identifier("the constant's name")
      _ = try expectPunctuation("=", "and the constant's value")
      kind = .constant(name, try expression())
    case "slot":
      let name = try identifier("the slot's name")
      let letter = takeWord("letter") ? try identifier("the letter").text : name.text
      _ = try expectPunctuation("=", "and what the slots hold at first")
      let value = try expression()
      kind = .slot(SlotSyntax(name: name, letter: letter, initial: value, title: optionalString()))
    case "object":
      kind = .object(try object())
    case "global":
      let isShown = takeWord("show")
      let name = try identifier("the global's name")
      _ = try expectPunctuation(":", "and the global's type")
      kind = .global(FieldSyntax(name: name, type: try type(), isConstant: false, isShown: isShown))
    case "ops":
      kind = .ops(try ops())
    case "driver":
      kind = .driver(try driver())
    case "init":
      kind = .initial(try block())
    case "fn", "entry":
      kind = .function(try function(isEntry: start.text == "entry"))
    case "invariant":
      kind = .invariant(try invariant())
    default:
      guard at(.word) else { throw fail("expected the kind and name of what to remove", at: current) }
      let word = advance()
      var name = Identifier(text: word.text, span: word.span)
      if at(.word) {
        let second = advance()
        name.text += " " + second.text
        name.span = name.span.joined(second.span)
      }
      kind = .remove(name)
    }
    try endOfStatement()
    let end = tokens[max(0, position - 1)].span.end
    return ItemSyntax(
      span: Span(file: start.span.file, start: start.span.start, end: end), documentation: documentation,
      kind: kind)
  }

  private mutating func object() throws -> ObjectSyntax {
    let name = try identifier("the object's name")
    var result = ObjectSyntax(name: name, base: nil, short: name.text, layer: 0, role: "", fields: [])
    while at(.word) {
      switch current.text {
      case "extends":
        _ = advance()
        result.base = try identifier("the object that this extends")
      case "as":
        _ = advance()
        result.short = try identifier("the short name").text
      case "layer":
        _ = advance()
        result.layer = Int(truncatingIfNeeded: try number("the layer"))
      case "role":
        _ = advance()
        result.role = try identifier("the role").text
      default:
        throw fail(
          "expected 'extends', 'as', 'layer', 'role' or '{', found \(describe(current))", at: current)
      }
    }
    _ = try expectPunctuation("{", "to open the object")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("the object '\(name.text)' has no end; close it with '}'", at: current) }
      var isConstant = false
      var isShown = false
      var isSetOnce = false
      while at(.word), next.kind == .word {
        switch current.text {
        case "const": isConstant = true
        case "show": isShown = true
        case "once": isSetOnce = true
        default:
          throw fail(
            "expected 'const', 'show', 'once' or a field's name, found \(describe(current))", at: current)
        }
        _ = advance()
      }
      let field = try identifier("a field's name")
      _ = try expectPunctuation(":", "and the field's type")
      result.fields.append(
        FieldSyntax(
          name: field, type: try type(), isConstant: isConstant, isShown: isShown, isSetOnce: isSetOnce))
      try endOfStatement()
    }
  }

  private mutating func type() throws -> TypeSyntax {
    let name = try identifier("a type")
    switch name.text {
    case "xarray":
      guard takeWord("of") else { throw fail("expected 'of' and an object type", at: current) }
      let element = try identifier("an object type")
      let from = takeWord("from") ? try number("the first index") : 0
      return TypeSyntax(span: name.span.joined(element.span), kind: .xarray(element.text, from: from))
    case "list", "interval_map":
      guard takeWord("of") else { throw fail("expected 'of' and an object type", at: current) }
      let element = try identifier("an object type")
      return TypeSyntax(
        span: name.span.joined(element.span),
        kind: name.text == "list" ? .list(element.text) : .intervalMap(element.text))
    default:
      return TypeSyntax(span: name.span, kind: .named(name.text))
    }
  }

  private mutating func ops() throws -> OpsSyntax {
    var result = OpsSyntax(name: try identifier("the name of the ops"), functions: [], values: [])
    _ = try expectPunctuation("{", "to open the ops")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("these ops have no end; close them with '}'", at: current) }
      if takeWord("fn") {
        let name = try identifier("the callback's name")
        let parameters = try self.parameters(isEntry: false)
        let type = takePunctuation("->") ? try type() : nil
        result.functions.append(OpsFunctionSyntax(name: name, parameters: parameters, result: type))
      } else {
        let name = try identifier("a callback ('fn') or a value's name")
        _ = try expectPunctuation(":", "and the value's type")
        result.values.append((name, try type()))
      }
      try endOfStatement()
    }
  }

  private mutating func driver() throws -> DriverSyntax {
    let name = try identifier("the driver's name")
    _ = try expectPunctuation(":", "and the ops that the driver fills")
    let ops = try identifier("the name of the ops")
    var result = DriverSyntax(name: name, ops: ops, title: optionalString(), members: [])
    _ = try expectPunctuation("{", "to open the driver")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("this driver has no end; close it with '}'", at: current) }
      let member = try identifier("a member of the ops")
      _ = try expectPunctuation("=", "and what it is")
      result.members.append((member, try expression()))
      try endOfStatement()
    }
  }

  private mutating func parameters(isEntry: Bool) throws -> [ParameterSyntax] {
    _ = try expectPunctuation("(", "to open the parameters")
    parenthesisDepth += 1
    skipNewlines()
    var result: [ParameterSyntax] = []
    while !atPunctuation(")") {
      var direction = ParameterSyntax.Direction.input
      if isEntry, next.kind == .word {
        if takeWord("out") { direction = .output } else if takeWord("inout") { direction = .both }
      }
      let name = try identifier("a parameter's name")
      _ = try expectPunctuation(":", "and the parameter's type")
      var parameter = ParameterSyntax(name: name, type: try type(), direction: direction)
      if isEntry, takeWord("from") { parameter.from = try identifier("another parameter") }
      result.append(parameter)
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the parameters")
    return result
  }

  private mutating func function(isEntry: Bool) throws -> FunctionSyntax {
    let name = try identifier(isEntry ? "the entry's name" : "the function's name")
    var result = FunctionSyntax(
      name: name, parameters: try parameters(isEntry: isEntry), result: nil, isEntry: isEntry, title: "",
      probes: [],
      returns: [], body: Block(statements: [], end: name.span))
    if takePunctuation("->") { result.result = try type() }
    skipNewlines()
    result.title = optionalString()
    while true {
      skipNewlines()
      if takeWord("probe") {
        result.probes.append(try probe())
      } else if takeWord("returns") {
        result.returns.append(try probe())
      } else {
        break
      }
    }
    result.body = try block()
    return result
  }

  private mutating func probe() throws -> ProbeSyntax {
    let name = try identifier("the probe's name")
    var result = ProbeSyntax(name: name, arguments: [])
    _ = try expectPunctuation("(", "to open the probe's arguments")
    parenthesisDepth += 1
    skipNewlines()
    while !atPunctuation(")") {
      if at(.word), next.kind == .punctuation, next.text == "=" {
        let name = advance().text
        _ = advance()
        result.arguments.append((name, try expression()))
      } else {
        let value = try expression()
        let name =
          switch value.kind {
          case .name(let name): name
          case .field(_, let field): field.text
          default: throw fail("name this argument: write 'name = …'", at: current)
          }
        result.arguments.append((name, value))
      }
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the probe's arguments")
    return result
  }

  private mutating func invariant() throws -> InvariantSyntax {
    let name = try identifier("the invariant's name")
    let text = try string("what the invariant says")
    skipNewlines()
    let property = takeWord("property") ? try title("a property") : nil
    skipNewlines()
    let quiescent = takeWord("quiescent")
    if !quiescent, !takeWord("always") { throw fail("expected 'always' or 'quiescent'", at: current) }
    var variable: (name: Identifier, type: Identifier)?
    if takeWord("for") {
      let name = try identifier("a variable")
      _ = try expectPunctuation(":", "and an object type")
      variable = (name, try identifier("an object type"))
    }
    let start = position
    _ = try expectPunctuation("{", "to open the condition")
    skipNewlines()
    let body: InvariantSyntax.Body
    if at(.word), ["let", "if", "while", "loop", "return"].contains(current.text) {
      position = start
      body = .statements(try block())
    } else {
      body = .condition(try expression())
      skipNewlines()
      _ = try expectPunctuation("}", "to close the condition")
    }
    return InvariantSyntax(
      name: name, title: text, property: property, isQuiescent: quiescent, variable: variable, body: body)
  }

  // MARK: Statements

  private mutating func block() throws -> Block {
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

  private static let acquireWords: [String: LockMode] = [
    "mutex_lock": .exclusive, "down_read": .read, "down_write": .write, "spin_lock": .spin,
  ]
  private static let releaseWords: [String: LockMode] = [
    "mutex_unlock": .exclusive, "up_read": .read, "up_write": .write, "spin_unlock": .spin,
  ]
  private static let tryWords: [String: LockMode] = [
    "mutex_trylock": .exclusive, "down_read_trylock": .read, "down_write_trylock": .write,
  ]
  private static let refcountWords: [String: RefcountOperation] = [
    "ref_inc_not_zero": .incrementNotZero, "ref_dec_and_test": .decrementAndTest,
    "ref_dec_if_one": .decrementIfOne,
  ]

  /// Words that begin a statement whatever follows; no variable has such a name.
  private static let statementWords: Set<String> = [
    "let", "if", "while", "return", "free", "check", "mark", "warn",
  ]

  private mutating func statement() throws -> Statement {
    let start = current
    let kind = try statementKind()
    let end = tokens[max(0, position - 1)].span.end
    return Statement(
      span: Span(file: start.span.file, start: start.span.start, end: max(end, start.span.end)), kind: kind)
  }

  private mutating func statementKind() throws -> Statement.Kind {
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

  private mutating func conditional() throws -> Statement.Kind {
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

  private mutating func assignmentOrCall() throws -> Statement.Kind {
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

  private mutating func call(target: Expression?, name: Identifier) throws -> Call {
    _ = try expectPunctuation("(", "to open the arguments")
    let arguments = try argumentsAfterOpening()
    let span = (target?.span ?? name.span).joined(tokens[position - 1].span)
    return Call(span: span, target: target, name: name, arguments: arguments)
  }

  private mutating func argumentsAfterOpening() throws -> [Expression] {
    parenthesisDepth += 1
    skipNewlines()
    var result: [Expression] = []
    while !atPunctuation(")") {
      result.append(try expression())
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the arguments")
    return result
  }

  private mutating func place() throws -> Place {
    let first = try identifier("a variable")
    var parts = [first]
    while takePunctuation(".") { parts.append(try identifier("a field's name")) }
    return Place(parts: parts, span: first.span.joined(parts[parts.count - 1].span))
  }

  private mutating func by() throws -> Holder {
    guard takeWord("by") else { throw fail("expected 'by' and who holds this unit", at: current) }
    return try holder()
  }

  private mutating func holder() throws -> Holder {
    let start = current.span
    if at(.string) { return Holder(span: start, owner: nil, word: advance().text) }
    let owner = try expression()
    let word = optionalString()
    return Holder(span: owner.span, owner: owner, word: word)
  }

  private mutating func value() throws -> Value {
    let start = current.span
    let kind = try valueKind()
    return Value(span: start.joined(tokens[max(0, position - 1)].span), kind: kind)
  }

  private mutating func valueKind() throws -> Value.Kind {
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
        let seconds = try number("seconds")
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

  private mutating func initializers() throws -> [(name: Identifier, value: Expression)] {
    guard takePunctuation("{") else { return [] }
    var result: [(name: Identifier, value: Expression)] = []
    skipNewlines()
    while !atPunctuation("}") {
      let name = try identifier("a field's name")
      _ = try expectPunctuation(":", "and the field's value")
      result.append((name, try expression()))
      skipNewlines()
      if !takePunctuation(",") { break }
      skipNewlines()
    }
    _ = try expectPunctuation("}", "to close the fields")
    return result
  }

  // MARK: Expressions

  /// Binary operators by how tightly they bind, loosest first.
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["|"], ["&"], ["<<", ">>"], ["+", "-"],
    ["*", "/", "%"],
  ]

  private mutating func expression() throws -> Expression {
    try nested { try $0.binary(0) }
  }

  private mutating func binary(_ level: Int) throws -> Expression {
    guard level < Self.levels.count else { return try unary() }
    var left = try binary(level + 1)
    while current.kind == .punctuation, Self.levels[level].contains(current.text) {
      let symbol = advance().text
      while at(.newline), current.text == "\n" { position += 1 }
      let right = try binary(level + 1)
      left = Expression(span: left.span.joined(right.span), kind: .binary(symbol, left, right))
    }
    return left
  }

  private mutating func unary() throws -> Expression {
    if atPunctuation("!") || atPunctuation("-") {
      return try nested { parser in
        let symbol = parser.advance()
        let operand = try parser.unary()
        return Expression(span: symbol.span.joined(operand.span), kind: .unary(symbol.text, operand))
      }
    }
    var value = try postfixBase()
    while true {
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
  private mutating func postfixBase() throws -> Expression {
    var value = try primary()
    while takePunctuation(".") {
      let field = try identifier("a field's name")
      value = Expression(span: value.span.joined(field.span), kind: .field(value, field))
    }
    return value
  }

  private mutating func primary() throws -> Expression {
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
        guard atPunctuation("(") else { return Expression(span: token.span, kind: .name(token.text)) }
        guard Builtin(rawValue: token.text) != nil else {
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
      throw fail("expected a value, found \(describe(token))", at: token)
    }
  }

  // MARK: Scenarios

  private mutating func scenario() throws -> ScenarioSyntax {
    _ = advance()
    let name = try title("the scenario's name")
    var result = ScenarioSyntax(
      name: name, title: optionalString(), about: "", models: [], faults: false, setup: [], threads: [],
      finally: [])
    _ = try expectPunctuation("{", "to open the scenario")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      guard at(.word) else {
        throw fail(
          "expected about, model, faults, setup, thread or finally, found \(describe(current))", at: current)
      }
      switch current.text {
      case "about":
        _ = advance()
        result.about = try string("what this scenario is about")
        while at(.string) || (at(.newline) && next.kind == .string) {
          if at(.newline) { _ = advance() }
          result.about += " " + advance().text
        }
      case "model":
        _ = advance()
        result.models.append(try title("a model's name"))
        while takePunctuation(",") { result.models.append(try title("a model's name")) }
      case "faults":
        _ = advance()
        result.faults = true
      case "setup":
        _ = advance()
        result.setup += try operations()
      case "finally":
        _ = advance()
        result.finally += try operations()
      case "thread":
        _ = advance()
        let name = try identifier("the thread's name")
        result.threads.append((name, try operations()))
      default:
        throw fail(
          "'\(current.text)' is no part of a scenario; use about, model, faults, setup, thread, finally",
          at: current)
      }
    }
  }

  /// The lines of an operation script between braces.
  private mutating func operations() throws -> [OperationLine] {
    _ = try expectPunctuation("{", "to open the operations")
    var result: [OperationLine] = []
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("these operations have no end; close them with '}'", at: current) }
      result.append(operationLine())
    }
  }

  private mutating func operationLine() -> OperationLine {
    var words: [OperationLine.Word] = []
    while !at(.newline), !at(.end), !atPunctuation("}") {
      let token = advance()
      // '-1' and the like are one word.
      if let last = words.last, last.span.end == token.span.start {
        words[words.count - 1].text += token.text
        words[words.count - 1].span.end = token.span.end
      } else {
        words.append(OperationLine.Word(text: token.text, span: token.span))
      }
    }
    let span = words.isEmpty ? current.span : words[0].span.joined(words[words.count - 1].span)
    return OperationLine(words: words, span: span)
  }
}

extension String {
  fileprivate var replacingUnderscores: String { filter { $0 != "_" } }
}
