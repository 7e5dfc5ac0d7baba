import Basics

extension Translator {
  // MARK: Values

  /// The text of a value. Everything that happens on the way to it is emitted first, in C's order of evaluation.
  ///
  /// - Parameters:
  ///   - expecting: what the value is for; an allocation takes its type from it.
  ///   - isDirect: the text may make one access to shared memory itself, because it becomes part of one statement.
  mutating func value(
    _ expression: CExpression, expecting: ValueKind? = nil, isDirect: Bool = false
  ) throws -> Operand {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting < 400 else { throw fail("this is nested too deeply", at: expression.span) }
    let outer = currentSpan
    currentSpan = expression.span
    defer { currentSpan = outer }
    let operand = try evaluate(expression, expecting)
    if operand.accesses > 0, !isDirect, !isPure { return try materialized(operand) }
    return operand
  }

  mutating func evaluate(_ expression: CExpression, _ expecting: ValueKind?) throws -> Operand {
    switch expression.kind {
    case .number(let value, let type): return Operand(text: String(value), kind: .int, number: type)
    case .string: return Operand(text: "0", kind: .opaque)
    case .name(let name): return try self.name(name, at: expression.span)
    case .call(let callee, let arguments):
      guard let result = try call(callee, arguments, at: expression.span, expecting: expecting, isUsed: true)
      else {
        throw fail("this call gives no value", at: expression.span)
      }
      return result
    case .member: return try member(expression)
    case .index(let base, _):
      let operand = try value(base)
      if operand.kind == .opaque { return operand }
      throw fail(
        "arrays are not modelled; add a 'field' or 'fn' line to the table, or declare it opaque",
        at: expression.span)
    case .unary(let symbol, let operand): return try unary(symbol, operand, at: expression.span)
    case .postfix(let symbol, let operand):
      return try bumped(symbol, operand, isPrefix: false, at: expression.span)
    case .binary(let symbol, let left, let right): return try binary(symbol, left, right, at: expression.span)
    case .assign(let symbol, let left, let right):
      return try assignedValue(symbol, left, right, at: expression.span)
    case .conditional(let condition, let then, let otherwise):
      return try choice(condition, then, otherwise, expecting, at: expression.span)
    case .comma(let left, let right):
      try discard(left)
      return try value(right, expecting: expecting)
    case .cast(let type, let inner):
      let operand = try value(inner, expecting: expecting, isDirect: true)
      guard let kind = kind(of: type) else { return operand }
      switch (operand.kind, kind) {
      case (.reference(nil), .reference(let wanted?)):
        return Operand(
          text: "\(operand.closed) as \(wanted)", kind: kind, error: operand.error,
          accesses: operand.accesses, isAtom: false)
      case (.int, .unsigned), (.unsigned, .int), (.int, .int), (.unsigned, .unsigned),
        (.part("refcount"), .int),
        (.part("refcount"), .unsigned), (.bool, .int), (.bool, .unsigned):
        let value = try adapted(try numberFromRefcount(operand), to: kind, at: inner.span)
        if let number = number(of: type) { return try converted(value, to: number, at: expression.span) }
        return value.kind == kind ? value : try copied(try local(value), as: kind, at: expression.span)
      case (.int, .bool), (.unsigned, .bool): return try truth(of: operand, at: inner.span)
      default: return operand
      }
    case .sizeOf(let type, let operand): return try size(of: type, operand)
    case .statements(let block): return try statementValue(block, expecting, at: expression.span)
    case .type: throw fail("a type cannot stand here", at: expression.span)
    case .initializer:
      throw fail("a structure's value cannot stand here; assign its members one by one", at: expression.span)
    }
  }

  /// Puts a value that is more than a word, or that reads shared memory, into a temporary.
  mutating func materialized(_ operand: Operand) throws -> Operand {
    try materialized(operand, before: body.lines.count)
  }

  mutating func materialized(_ operand: Operand, before position: Int) throws -> Operand {
    if operand.kind == .null || operand.kind == .opaque { return operand }
    if operand.accesses == 0, operand.isAtom, !operand.text.contains(".") { return operand }
    guard operand.kind.typeName != nil else { return operand }
    guard !isPure else { return operand }
    let name = temporary()
    let line = GeneratedText.Line(
      indent: position < body.lines.count ? body.lines[position].indent : body.indent,
      pieces: [("let \(name) = \(operand.text)", currentSpan)])
    body.lines.insert(line, at: position)
    return Operand(
      text: name, kind: operand.kind, error: operand.error, number: operand.number, bounds: operand.bounds,
      label: operand.label)
  }

  /// A value in a variable of its own if it reads what others change.
  mutating func local(_ operand: Operand) throws -> Operand {
    operand.accesses > 0 ? try materialized(operand) : operand
  }

  mutating func name(_ name: String, at span: Span) throws -> Operand {
    if let local = lookUp(name) {
      switch local {
      case .variable(let index):
        let variable = variables[index]
        if pointerVariables.contains(index) { return Operand(text: "0", kind: .pointer) }
        let unknown: ValueKind = opaqueVariables.contains(index) ? .opaque : .int
        return Operand(
          text: variable.name, kind: variable.kind ?? unknown, error: variable.error, number: variable.number,
          bounds: variable.bounds)
      case .alias(let operand): return operand
      case .output: return Operand(text: name, kind: .pointer)
      case .structure(let structure): return Operand(text: structure, kind: .structure(structure))
      case .bundle: return Operand(text: name, kind: .opaque)
      case .ignored(let why):
        if why == "ignore" {
          opaque.insert(name)
          return Operand(text: "0", kind: .opaque)
        }
        throw fail(why, at: span)
      }
    }
    if let bound = table.bindings["\(function.name) \(name)"] {
      if bound == "ignore" {
        opaque.insert(name)
        return Operand(text: "0", kind: .opaque)
      }
      return boundOperand(bound)
    }
    if let type = table.types[name] { return Operand(text: name, kind: .typeName(type)) }
    switch name {
    case "NULL": return Operand(text: "null", kind: .null)
    case "true", "false": return Operand(text: name, kind: .bool)
    case "ULONG_MAX", "U64_MAX", "SIZE_MAX", "ULLONG_MAX": return Operand(text: "ULONG_MAX", kind: .unsigned)
    default: break
    }
    if let value = table.constants[name] {
      if value == "null" { return Operand(text: "null", kind: .null) }
      if value == "opaque" {
        opaque.insert(name)
        return Operand(text: "0", kind: .opaque)
      }
      if value == "true" || value == "false" { return Operand(text: value, kind: .bool) }
      return Operand(text: value, kind: .int, isAtom: !value.contains(" "))
    }
    if outline.constants.contains(name) { return Operand(text: name, kind: .int) }
    if let type = outline.globals[name] {
      let kind = kind(named: type)
      if case .part = kind { return Operand(text: name, kind: kind) }
      return Operand(text: name, kind: kind, accesses: 1)
    }
    if let ops = outline.drivers[name] { return Operand(text: name, kind: .ops(ops)) }
    if Self.isErrno(name) { return Operand(text: name, kind: .int) }
    if name == "current" { return Operand(text: "0", kind: .opaque, origin: name) }
    let known = Array(outline.constants) + Array(table.constants.keys) + scopes.flatMap { Array($0.keys) }
    throw fail(
      "nothing says what '\(name)' is; add 'const \(name) = NUMBER' to the table\(Spelling.suggestion(name, among: known))",
      at: span)
  }

  /// Whether a name is that of an errno, as far as the step language knows it.
  static func isErrno(_ name: String) -> Bool {
    name.count >= 3 && name.hasPrefix("E")
      && name.allSatisfy { ($0.isUppercase || $0.isNumber) && $0.isASCII }
  }

  // MARK: Members

  mutating func member(_ expression: CExpression) throws -> Operand {
    guard case .member(let base, let name, let nameSpan, _) = expression.kind else {
      throw fail("expected a member", at: expression.span)
    }
    if let path = try boundPath(expression) { return path }
    if let path = path(expression), let index = fieldErrors[path] {
      let known = fieldErrors.removeValue(forKey: path)
      defer { fieldErrors[path] = known }
      var operand = try member(expression)
      operand.error = variables[index].name
      return operand
    }
    if case .name(let variable) = base.kind, case .structure(let structure)? = lookUp(variable) {
      return structureValue(structure, name, at: expression.span)
    }
    let object = try value(base, isDirect: true)
    switch object.kind {
    case .structure(let path):
      return structureValue(path, name, at: expression.span)
    case .opaque:
      return Operand(text: "0", kind: .opaque)
    case .embedded(let type, let path):
      return try field(type, "\(path).\(name)", of: object, at: nameSpan)
    case .reference(let type?):
      return try field(type, name, of: object, at: nameSpan)
    case .ops(let ops):
      let table = try materialized(object)
      guard let definition = outline.ops[ops] else { break }
      if definition.functions[name] != nil {
        return Operand(text: "\(table.text)->\(name)", kind: .callback(ops, name))
      }
      if let type = definition.values[name] {
        return Operand(text: "\(table.text)->\(name)", kind: kind(named: type))
      }
      if self.table.fields["\(ops).\(name)"] == "opaque" {
        opaque.insert("\(ops).\(name)")
        return Operand(text: "0", kind: .opaque)
      }
      throw fail(
        "the model's \(ops) has no '\(name)'; add 'field \(ops).\(name) = opaque' to the table", at: nameSpan)
    case .part where name == "rb_root": return object
    case .reference(nil):
      throw fail("this may be any object of the model; cast it to its type first", at: base.span)
    default: break
    }
    throw fail("this has no members in the model", at: base.span)
  }

  mutating func structureValue(_ structure: String, _ name: String, at span: Span) -> Operand {
    let index = structureMember(structure, name, kind: nil, at: span)
    return Operand(
      text: variables[index].name, kind: variables[index].kind ?? .int, error: variables[index].error,
      number: variables[index].number)
  }

  /// A member path that the table binds for this function, such as `cmd->ioas_id`.
  mutating func boundPath(_ expression: CExpression) throws -> Operand? {
    guard let path = path(expression), let bound = table.bindings["\(function.name) \(path)"] else {
      return nil
    }
    switch bound {
    case "ignore":
      opaque.insert(path)
      return Operand(text: "0", kind: .opaque)
    case "local":
      let index = pathVariable(path, at: expression.span)
      return Operand(text: variables[index].name, kind: variables[index].kind ?? .int)
    default: return boundOperand(try scoped(bound, at: expression.span))
    }
  }

  /// The variable that stands for a path of members.
  mutating func pathVariable(_ path: String, at span: Span) -> Int {
    if let index = pathVariables[path] { return index }
    let word = path.split(whereSeparator: { $0 == "." || $0 == ">" }).last.map(String.init) ?? "value"
    let index = newVariable(word, nil, at: span)
    pathVariables[path] = index
    return index
  }

  func path(_ expression: CExpression) -> String? {
    switch expression.kind {
    case .name(let name): return name
    case .member(let base, let name, _, let isArrow):
      return path(base).map { "\($0)\(isArrow ? "->" : ".")\(name)" }
    case .index(let base, _): return path(base)
    case .unary(_, let operand): return path(operand)
    default: return nil
    }
  }

  mutating func field(_ type: String, _ path: String, of object: Operand, at span: Span) throws
    -> Operand
  {
    var target = path
    var candidate: String? = type
    while let here = candidate {
      if let line = table.fields["\(here).\(path)"] {
        switch line {
        case "self":
          return Operand(
            text: object.text, kind: .reference(type), error: object.error, accesses: object.accesses,
            isAtom: object.isAtom)
        case "part":
          return Operand(
            text: object.text, kind: .embedded(type, path), accesses: object.accesses, isAtom: object.isAtom)
        case "opaque":
          opaque.insert("\(here).\(path)")
          return Operand(text: "0", kind: .opaque)
        case "type":
          return Operand(
            text: object.text, kind: .typeOf, accesses: object.accesses, isAtom: object.isAtom)
        case _ where line.hasPrefix("const "):
          return Operand(text: String(line.dropFirst(6)), kind: .int)
        default: target = line
        }
        break
      }
      candidate = outline.objects[here]?.base
    }
    guard let known = outline.field(target, of: type) else {
      let names = outline.objects[type].map { Array($0.fields.keys) } ?? []
      throw fail(
        "the model's \(type) has no '\(path)'; add 'field \(type).\(path) = NAME' or '= opaque' to the table\(Spelling.suggestion(path, among: names))",
        at: span)
    }
    // The object itself is read before its field is.
    let base = object.accesses > 0 || !object.isAtom ? try materialized(object) : object
    let kind = kind(named: known.type)
    if case .part(let name) = kind, name != "refcount" {
      return Operand(text: "\(base.text).\(target)", kind: kind)
    }
    if case .part = kind {
      return Operand(text: "\(base.text).\(target)", kind: .part("refcount"), accesses: 1)
    }
    var result = Operand(text: "\(base.text).\(target)", kind: kind, accesses: known.isConstant ? 0 : 1)
    if kind == .int || kind == .unsigned {
      result.number = declaredNumber(type, path)
      result.label = target
    }
    return result
  }

  /// The number type that the files declare for a member of what is an object of the model.
  func declaredNumber(_ type: String, _ member: String) -> CNumber? {
    let names = [type] + table.folds.filter { $0.value == type }.map(\.key).sorted()
    for name in names {
      guard let variable = declared[name]?[member] else { continue }
      guard let bits = variable.bits else { return number(of: variable.type) }
      guard bits > 0, let whole = number(of: variable.type) else { return nil }
      return CNumber(bits: bits, isSigned: whole.isSigned)
    }
    return nil
  }

  /// A field, named by a path, for a lock or a container.
  mutating func place(_ expression: CExpression) throws -> Operand {
    var inner = expression
    if case .unary("&", let operand) = expression.kind { inner = operand }
    return try value(inner, isDirect: true)
  }

  // MARK: Operators

  mutating func unary(_ symbol: String, _ operand: CExpression, at span: Span) throws -> Operand {
    switch symbol {
    case "!":
      let test = try condition(operand, isDirect: true)
      if test.text == "true" { return Operand(text: "false", kind: .bool) }
      if test.text == "false" { return Operand(text: "true", kind: .bool) }
      if let opposite = Self.opposite(test.text), test.error == nil {
        return Operand(text: opposite, kind: .bool, accesses: test.accesses, isAtom: false)
      }
      return Operand(text: negated(test), kind: .bool, accesses: test.accesses, isAtom: false)
    case "-":
      if case .name(let name) = operand.kind, lookUp(name) == nil, Self.isErrno(name) {
        return Operand(text: "-\(name)", kind: .int)
      }
      return try negatedNumber("-", operand, at: span)
    case "+": return try value(operand, isDirect: true)
    case "&":
      if case .name(let name) = operand.kind, case .structure(let structure)? = lookUp(name) {
        return Operand(text: structure, kind: .structure(structure))
      }
      return try value(operand, isDirect: true)
    case "*":
      if case .name(let name) = operand.kind {
        if case .output(let index)? = lookUp(name) {
          return Operand(
            text: variables[index].name, kind: variables[index].kind ?? .int, number: variables[index].number)
        }
        if let bound = table.bindings["\(function.name) *\(name)"] {
          if let model = signature?.parameters.first(where: { $0.name == bound }) {
            return Operand(text: bound, kind: kind(named: model.type))
          }
          return Operand(text: bound, kind: .int)
        }
        if case .ignored("ignore")? = lookUp(name) { return Operand(text: "0", kind: .opaque) }
      }
      throw fail("what this points to is not modelled; add a 'bind' line to the table", at: span)
    case "++", "--": return try bumped(symbol, operand, isPrefix: true, at: span)
    default: return try negatedNumber("~", operand, at: span)
    }
  }

  /// `-x`, or `~x`: all bits of a number but those.
  mutating func negatedNumber(_ symbol: String, _ operand: CExpression, at span: Span) throws -> Operand {
    let value = try numberFromRefcount(try value(operand, isDirect: true))
    if value.kind == .opaque { return value }
    let number = value.kind == .bool ? try adapted(value, to: .int, at: span) : value
    guard number.kind == .int || number.kind == .unsigned else {
      throw fail("\(Self.describe(number.kind)) has no '\(symbol)'; take it of a number", at: span)
    }
    return try inverted(symbol, number, at: span)
  }

  static func opposite(_ test: String) -> String? {
    let words = test.split(separator: " ").map(String.init)
    guard words.count == 3, !test.contains("("), words[1] == "==" || words[1] == "!=" else { return nil }
    return "\(words[0]) \(words[1] == "==" ? "!=" : "==") \(words[2])"
  }

  mutating func binary(
    _ symbol: String, _ left: CExpression, _ right: CExpression, at span: Span
  ) throws -> Operand {
    if symbol == "&&" || symbol == "||" { return try logical(symbol, left, right, at: span) }
    var first = try value(left, isDirect: true)
    let position = body.lines.count
    var second = try value(right, isDirect: true)
    if case .typeOf = first.kind { return try typeTest(first, symbol, second, at: span) }
    if case .typeOf = second.kind { return try typeTest(second, symbol, first, at: span) }
    if first.kind == .pointer || second.kind == .pointer, symbol == "==" || symbol == "!=",
      [first, second].contains(where: { $0.kind == .null || $0.text == "0" && $0.kind == .int })
    {
      return Operand(text: symbol == "!=" ? "true" : "false", kind: .bool)
    }
    if first.kind == .pointer { first = Operand(text: "0", kind: .opaque) }
    if second.kind == .pointer { second = Operand(text: "0", kind: .opaque) }
    if first.kind == .opaque || second.kind == .opaque {
      decide(first)
      decide(second)
      // What is not modelled counts as zero; as a pointer it is no object of the model.
      if first.kind == .opaque, second.kind == .opaque { return Operand(text: "0", kind: .opaque) }
      let other = first.kind == .opaque ? second : first
      if case .reference = other.kind {
        if other.accesses > 0 { _ = try materialized(other) }
        return Operand(text: symbol == "!=" ? "true" : "false", kind: .bool)
      }
      let zero = Operand(text: other.kind.zero, kind: other.kind.zero == "null" ? .null : other.kind)
      if first.kind == .opaque { first = zero } else { second = zero }
    }
    first = try numberFromRefcount(first)
    second = try numberFromRefcount(second)
    let isComparison = ["==", "!=", "<", ">", "<=", ">="].contains(symbol)
    if case .bool = first.kind, second.kind != .bool { first = try adapted(first, to: .int, at: left.span) }
    if case .bool = second.kind, first.kind != .bool {
      second = try adapted(second, to: .int, at: right.span)
    }
    if symbol == "==" || symbol == "!=", let test = try errnoTest(first, symbol, second, at: span) {
      return test
    }
    if first.kind.zero == "null" || second.kind.zero == "null" {
      if second.text == "0" { second = Operand(text: "null", kind: .null) }
      if first.text == "0" { first = Operand(text: "null", kind: .null) }
      if symbol != "==" && symbol != "!=" {
        throw fail("pointers are compared with == and != only; addresses are not modelled", at: span)
      }
    }
    if first.kind == .bool, second.kind == .bool, !["==", "!=", "&", "|"].contains(symbol) {
      first = try adapted(first, to: .int, at: left.span)
      second = try adapted(second, to: .int, at: right.span)
    }
    if first.kind == .bool, second.kind == .bool, symbol == "&" || symbol == "|" {
      let both = try materialized(first)
      let other = try materialized(second)
      return Operand(text: "\(both.text) \(symbol)\(symbol) \(other.text)", kind: .bool, isAtom: false)
    }
    if [first, second].allSatisfy({ $0.kind == .int || $0.kind == .unsigned }) {
      let outer = currentSpan
      defer { currentSpan = outer }
      return try arithmetic(symbol, first, second, before: position, leftSpan: left.span, at: span)
    }
    guard isComparison else {
      throw fail("'\(symbol)' takes numbers, and this is none", at: span)
    }
    if first.accesses + second.accesses > 1 || (first.accesses > 0 && body.lines.count > position) {
      if first.accesses > 0 {
        let outer = currentSpan
        currentSpan = left.span
        first = try materialized(first, before: position)
        currentSpan = outer
      }
    }
    return Operand(
      text: "\(first.closed) \(symbol) \(second.closed)", kind: .bool,
      accesses: first.accesses + second.accesses,
      isAtom: false)
  }

  /// A refcount that is read as a number.
  func numberFromRefcount(_ operand: Operand) throws -> Operand {
    guard case .part("refcount") = operand.kind else { return operand }
    var result = operand
    result.kind = .int
    return result
  }

  mutating func logical(
    _ symbol: String, _ left: CExpression, _ right: CExpression, at span: Span
  ) throws -> Operand {
    var first = try condition(left, isDirect: true)
    if first.text == "true" { return symbol == "&&" ? try condition(right, isDirect: true) : first }
    if first.text == "false" { return symbol == "||" ? try condition(right, isDirect: true) : first }
    // The right side is tried; when nothing had to happen before it, both are one expression.
    let saved = self
    let position = body.lines.count
    let second = try condition(right, isDirect: true)
    if body.lines.count == position, first.accesses + second.accesses <= 1 || isPure {
      if second.text == "true" || second.text == "false" {
        if (second.text == "true") == (symbol == "&&") { return first }
        if first.accesses == 0 { return second }
      }
      return Operand(
        text: "\(first.closed) \(symbol) \(second.closed)", kind: .bool,
        accesses: first.accesses + second.accesses,
        isAtom: false)
    }
    self = saved
    let name = temporary()
    currentSpan = left.span
    try emit("let \(name) = \(first.text)")
    first = Operand(text: name, kind: .bool)
    try emit(symbol == "&&" ? "if \(name) {" : "if !\(name) {")
    let other = try condition(right, isDirect: true)
    currentSpan = right.span
    try emit("\(name) = \(other.text)")
    try emit("}")
    currentSpan = span
    return first
  }

  mutating func choice(
    _ condition: CExpression, _ then: CExpression?, _ otherwise: CExpression, _ expecting: ValueKind?,
    at span: Span
  ) throws -> Operand {
    if isPure { throw fail("'?:' cannot stand in the condition of a wait", at: span) }
    guard let then else {
      // `a ?: b`: `a` once, and `b` when it is zero.
      let first = try materialized(try value(condition))
      guard first.error == nil else {
        throw fail(
          "a pointer that may carry an errno is no condition of '?:'; test it with IS_ERR", at: condition.span
        )
      }
      let index = newVariable("choice", first.kind == .null ? expecting : first.kind, at: span)
      let name = variables[index].name
      try emit("\(name) = \(first.text)")
      try emit(
        "if \(try truth(of: Operand(text: name, kind: first.kind), at: span).text == "true" ? "false" : isZero(name, first.kind)) {"
      )
      let second = try adapted(try value(otherwise, isDirect: true), to: first.kind, at: otherwise.span)
      try emit("\(name) = \(second.text)")
      try emit("}")
      return Operand(text: name, kind: first.kind)
    }
    let test = try self.condition(condition, isDirect: true)
    if test.text == "true" { return try value(then, expecting: expecting) }
    if test.text == "false" { return try value(otherwise, expecting: expecting) }
    let index = newVariable("choice", nil, at: span)
    let name = variables[index].name
    currentSpan = condition.span
    try emit("if \(test.text) {")
    currentSpan = then.span
    var first = try value(then, expecting: expecting, isDirect: true)
    if let scalar = try? numberFromRefcount(first) { first = scalar }
    let assignment = body.lines.count
    try emit("\(name) = \(first.text)")
    try emit("} else {")
    currentSpan = otherwise.span
    var second = try numberFromRefcount(try value(otherwise, expecting: expecting, isDirect: true))
    var kind = first.kind == .null || first.kind == .opaque ? second.kind : first.kind
    var number: CNumber?
    if [first, second].allSatisfy({ $0.kind == .int || $0.kind == .unsigned }) {
      // Both arms have the type in which they would be added.
      let common = CNumber.common(self.number(of: first), self.number(of: second))
      number = common
      kind =
        common.isKnown
        ? (common.isSigned ? .int : .unsigned)
        : first.kind == .unsigned || second.kind == .unsigned ? .unsigned : .int
      let text = first.text
      first = try converted(first, to: common, at: then.span)
      if first.text != text {
        body.lines[assignment].pieces = [("\(name) = \(first.text)", then.span)]
      }
      second = try converted(second, to: common, at: otherwise.span)
    }
    if case .part = kind { kind = .int }
    if kind == .null { kind = expecting ?? .reference(nil) }
    var error: String?
    if first.error != nil || second.error != nil {
      // The errno goes with the pointer, whichever it is.
      let name = variables[newVariable("\(name)_err", .int, at: span)].name
      var line = body.lines[assignment]
      line.pieces = [("\(name) = \(first.error ?? "0")", then.span)]
      body.lines.insert(line, at: assignment + 1)
      try emit("\(name) = \(second.error ?? "0")")
      error = name
    }
    if first.kind != kind, first.kind != .null, kind.typeName != nil, first.kind.zero != kind.zero {
      body.lines[assignment].pieces = [
        ("\(name) = \(first.kind == .opaque ? kind.zero : first.text)", then.span)
      ]
    }
    try emit("\(name) = \(try adapted(second, to: kind, at: otherwise.span).text)")
    try emit("}")
    variables[index].kind = kind
    return Operand(
      text: name, kind: kind, error: error, unknownErrorOf: first.unknownErrorOf ?? second.unknownErrorOf,
      number: number)
  }

  func isZero(_ name: String, _ kind: ValueKind) -> String {
    switch kind {
    case .bool: "!\(name)"
    default: "\(name) == \(kind.zero)"
    }
  }
}
