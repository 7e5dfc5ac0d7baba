import Basics

/// Values of what changes something: `({ … })`, `x++`, `a = b = c`, and `typeof`.
extension Translator {
  // MARK: Statements as a value

  /// The value of `({ … })`: that of its last statement, once the others have done what they do.
  mutating func statementValue(_ block: CBlock, _ expecting: ValueKind?, at span: Span) throws -> Operand {
    guard let last = block.statements.last, case .expression(let value) = last.kind else {
      throw fail("these statements give no value; the last one must be an expression", at: span)
    }
    scopes.append([:])
    let depth = scopes.count
    defer {
      scopes.removeLast()
      cleanups.removeAll { $0.scopeDepth >= depth }
    }
    try inside(block.statements.dropLast())
    visited.insert(last.number)
    var result = try self.value(value, expecting: expecting)
    // What is released behind it, and variables that end here, must not change it.
    if !pendingAttachments.isEmpty || cleanups.contains(where: { $0.scopeDepth >= depth }) {
      result = try materialized(result)
    }
    try flushAttachments()
    try emitCleanups(fromScope: depth)
    return result
  }

  /// `({ … })` for what it does.
  mutating func discardStatements(_ block: CBlock, at span: Span) throws {
    scopes.append([:])
    let depth = scopes.count
    defer {
      scopes.removeLast()
      cleanups.removeAll { $0.scopeDepth >= depth }
    }
    try inside(block.statements[...])
    try emitCleanups(fromScope: depth)
  }

  private mutating func inside(_ statements: ArraySlice<CStatement>) throws {
    for statement in statements {
      if case .label(let name) = statement.kind {
        throw fail(
          "the label '\(name)' stands among statements that are a value; move it out", at: statement.span)
      }
      if try translate(statement) {
        throw fail(
          "this leaves the statements whose value is asked for; write them out as statements of their own",
          at: statement.span)
      }
    }
  }

  // MARK: Assignments as a value

  /// `a = b` where its value is asked for: what was assigned, which is not read again.
  mutating func assignedValue(
    _ symbol: String, _ left: CExpression, _ right: CExpression, at span: Span
  ) throws -> Operand {
    if case .name = left.kind {
      try assign(symbol, left, right)
      return try value(left)
    }
    // What the left side is tells what an allocation at the right side makes.
    var scratch = self
    let place = try? scratch.value(left, isDirect: true)
    guard let place, symbol.isEmpty, [.int, .unsigned].contains(place.kind) || place.kind.zero == "null"
    else {
      throw fail("an assignment to this is no value here; write two statements", at: span)
    }
    var given = try local(try value(right, expecting: place.kind))
    given = try converted(
      try adapted(given, to: place.kind, at: right.span), to: place.number, at: right.span)
    if !given.isAtom { given = try materialized(given) }
    // A name that C cannot have stands for the value while it is assigned.
    let name = "=\(temporaryCount)"
    scopes[scopes.count - 1][name] = .alias(given)
    currentSpan = span
    try assign("", left, CExpression(span: right.span, kind: .name(name)))
    return given
  }

  /// `x++` and `--x` where their value is asked for: memory is read once and written once.
  mutating func bumped(_ symbol: String, _ operand: CExpression, isPrefix: Bool, at span: Span) throws
    -> Operand
  {
    let sign = symbol == "++" ? "+" : "-"
    let one = Operand(text: "1", kind: .int, number: .int)
    let place = try numberFromRefcount(try value(operand, isDirect: true))
    guard place.kind == .int || place.kind == .unsigned else {
      if place.kind == .opaque {
        try assign(sign, operand, CExpression(span: span, kind: .number(1, .int)))
        return place
      }
      throw fail("\(Self.describe(place.kind)) is not counted; write two statements", at: span)
    }
    currentSpan = span
    guard place.accesses > 0 else {
      let old = isPrefix ? place : try copied(place, as: place.kind, named: "old", at: span)
      try assign(sign, operand, CExpression(span: span, kind: .number(1, .int)))
      return isPrefix ? try value(operand) : old
    }
    let old = try materialized(place)
    let new = try converted(
      try arithmetic(sign, old, one, before: body.lines.count, leftSpan: operand.span, at: span),
      to: place.number,
      at: span)
    // The object is the one that was read; its name stands in the place already.
    var target = place
    if case .part = try fieldKind(operand) { target.kind = .part("refcount") }
    if target.kind == .part("refcount") {
      try assignRefcount(sign, target, CExpression(span: span, kind: .number(1, .int)), at: operand.span)
      return isPrefix ? try materialized(new) : old
    }
    let value = try materialized(new)
    try emit("\(place.text) = \(value.text)")
    note(.store(place.text.split(separator: ".").last.map(String.init) ?? place.text), at: span)
    return isPrefix ? value : old
  }

  /// What a field is, looked at without reading it.
  private func fieldKind(_ operand: CExpression) throws -> ValueKind {
    var scratch = self
    return try scratch.value(operand, isDirect: true).kind
  }

  // MARK: Errnos in comparisons

  /// A comparison in which one side may be an errno as a pointer; nil when none is.
  mutating func errnoTest(_ first: Operand, _ symbol: String, _ second: Operand, at span: Span) throws
    -> Operand?
  {
    func isNull(_ operand: Operand) -> Bool {
      operand.kind == .null || (operand.text == "0" && operand.kind == .int)
    }
    guard first.error != nil || second.error != nil else { return nil }
    let own: Operand
    let given: Operand
    if first.error != nil, first.kind != .null {
      (own, given) = (first, second)
    } else if second.error != nil, second.kind != .null {
      (own, given) = (second, first)
    } else {
      // `p == ERR_PTR(x)`, where nothing gave p an errno.
      throw fail("this pointer never carries an errno here", at: span)
    }
    let carried = own.error ?? "0"
    if let errno = given.error {
      if given.kind == .null {
        return Operand(text: "\(carried) \(symbol) \(errno)", kind: .bool, isAtom: false)
      }
      let object = "\(own.closed) \(symbol) \(given.closed)"
      let joint = symbol == "==" ? "&&" : "||"
      return Operand(text: "\(object) \(joint) \(carried) \(symbol) \(errno)", kind: .bool, isAtom: false)
    }
    // An errno is neither NULL nor an object.
    let object = "\(own.closed) \(symbol) \(isNull(given) ? "null" : given.closed)"
    return Operand(
      text: symbol == "==" ? "\(object) && \(carried) == 0" : "\(object) || \(carried) != 0", kind: .bool,
      accesses: given.accesses, isAtom: false)
  }

  // MARK: typeof

  /// The kind and the number type of a variable that is declared with `typeof`.
  mutating func inferred(_ variable: CVariable) throws -> (ValueKind?, CNumber?) {
    guard variable.type.pointers == 0 else {
      throw fail("typeof with '*' behind it is not read; write the type", at: variable.type.span)
    }
    guard let expression = variable.typeOf ?? variable.value else {
      throw fail("a variable of this type needs a value", at: variable.span)
    }
    // Only the type is asked for: nothing of it happens.
    var scratch = self
    do {
      let operand = try scratch.numberFromRefcount(try scratch.value(expression, isDirect: true))
      switch operand.kind {
      case .int, .unsigned, .bool, .reference, .ops: return (operand.kind, operand.number)
      case .null, .opaque, .pointer: return (nil, nil)
      default:
        throw fail("\(Self.describe(operand.kind)) has no type that a variable can have", at: variable.span)
      }
    } catch {
      diagnostics = scratch.diagnostics + diagnostics.dropFirst(scratch.diagnostics.count)
      throw error
    }
  }
}
