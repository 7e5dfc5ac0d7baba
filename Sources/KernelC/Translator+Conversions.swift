import Basics
import StepLanguage

/// Values as conditions, and as values of another type.
extension Translator {
  // MARK: Conditions

  /// A value as true or false.
  mutating func condition(_ expression: CExpression, isDirect: Bool) throws -> Operand {
    let operand = try value(expression, isDirect: true)
    let test = try truth(of: operand, at: expression.span)
    if !isDirect, test.accesses > 0, !isPure { return try materialized(test) }
    return test
  }

  mutating func truth(of operand: Operand, at span: Span) throws -> Operand {
    var operand = operand
    switch operand.kind {
    case .bool: return operand
    case .int, .unsigned:
      if let value = Self.literal(operand.text) {
        return Operand(text: value == 0 ? "false" : "true", kind: .bool)
      }
      operand.text = "\(operand.closed) != 0"
    case .part("refcount"): operand.text = "\(operand.closed) != 0"
    case .reference, .ops, .callback:
      operand.text = "\(operand.closed) != null"
      if let error = operand.error {
        // An errno as a pointer is not null either.
        operand.text = "\(operand.text) || \(error) != 0"
      }
    case .null: return Operand(text: operand.error == nil ? "false" : "true", kind: .bool)
    case .opaque:
      decide(operand)
      return Operand(text: "false", kind: .bool)
    case .typeOf, .typeName: return Operand(text: "true", kind: .bool)
    case .pointer: return Operand(text: "true", kind: .bool)
    case .part, .embedded, .structure:
      throw fail("this is part of an object and has no value of its own", at: span)
    }
    operand.kind = .bool
    operand.isAtom = false
    return operand
  }

  // MARK: Conversions

  mutating func adapted(_ operand: Operand, to kind: ValueKind, at span: Span) throws -> Operand {
    if operand.kind == kind { return operand }
    switch (operand.kind, kind) {
    case (.opaque, _):
      decide(operand)
      return Operand(text: kind.zero, kind: kind)
    case (_, .opaque): return operand
    case (.null, .reference), (.null, .ops): return operand
    case (.int, .unsigned), (.unsigned, .int), (.part("refcount"), .int), (.part("refcount"), .unsigned):
      return operand
    case (.int, .reference), (.int, .ops):
      if operand.text == "0" { return Operand(text: "null", kind: .null) }
    case (_, .bool): return try truth(of: operand, at: span)
    case (.bool, .int), (.bool, .unsigned):
      if operand.text == "true" { return Operand(text: "1", kind: .int, number: .int) }
      if operand.text == "false" { return Operand(text: "0", kind: .int, number: .int) }
      let index = newVariable("flag", .int, at: span)
      let name = variables[index].name
      try emit("\(name) = 0")
      try emit("if \(operand.text) {")
      try emit("\(name) = 1")
      try emit("}")
      return Operand(text: name, kind: .int, number: .int, bounds: 0...1)
    case (.reference, .reference(nil)): return operand
    case (.reference(let given), .reference(let wanted?)):
      if let given, outline.type(given, isA: wanted) { return operand }
      if let given, !outline.type(wanted, isA: given) { break }
      return Operand(
        text: "\(operand.closed) as \(wanted)", kind: kind, error: operand.error, accesses: operand.accesses,
        isAtom: false)
    case (.embedded(let type, _), .reference):
      return try adapted(Operand(text: operand.text, kind: .reference(type)), to: kind, at: span)
    default: break
    }
    throw fail(
      "\(Self.describe(operand.kind)) stands where the model has \(Self.describe(kind)); add a 'fold', 'field' or 'fn' line to the table",
      at: span)
  }

  static func describe(_ kind: ValueKind) -> String {
    switch kind {
    case .int: "a number"
    case .unsigned: "an unsigned number"
    case .bool: "true or false"
    case .reference(let name): name.map { "a reference to \($0)" } ?? "a reference"
    case .ops(let name): "a driver of \(name)"
    case .null: "null"
    case .callback(_, let name): "the callback '\(name)'"
    case .part(let name): "a \(name)"
    case .embedded(let type, let path): "the part '\(path)' of \(type)"
    case .structure: "a structure on the stack"
    case .pointer: "memory that the model does not have"
    case .typeOf, .typeName: "a table of functions that tells a type"
    case .opaque: "what the model does not have"
    }
  }

  /// `file->f_op == &foo_fops`: whether the object is of the type that the table names for it.
  mutating func typeTest(_ object: Operand, _ symbol: String, _ other: Operand, at span: Span) throws
    -> Operand
  {
    guard case .typeName(let type) = other.kind, symbol == "==" || symbol == "!=" else {
      throw fail(
        "what tells an object's type is compared with == or != to what a table's 'type' line names; add 'type NAME = OBJECT'",
        at: span)
    }
    let object = try materialized(
      Operand(text: object.text, kind: .reference(nil), accesses: object.accesses, isAtom: object.isAtom))
    let test = "\(object.closed) is \(type)"
    return Operand(text: symbol == "==" ? test : "!(\(test))", kind: .bool, isAtom: symbol != "==")
  }

  /// Something opaque decides: that is said.
  mutating func decide(_ operand: Operand) {
    if operand.kind == .opaque, let origin = operand.origin { opaque.insert(origin) }
  }
}
