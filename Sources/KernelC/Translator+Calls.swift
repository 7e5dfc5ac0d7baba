import Basics
import StepLanguage

/// A template with the arguments in place.
struct BoundTemplate {
  /// The lines of each block.
  var blocks: [[String]]
  /// The type of the result.
  var result: ValueKind?
  /// The result's type in C, when an argument tells.
  var number: CNumber?
  /// Assignments to fields that receive a result, after the template's lines.
  var stores: [String]
  /// How many accesses its expression makes.
  var accesses: Int
}

extension Translator {
  /// A call. Gives its value, or nil when it has none.
  mutating func call(
    _ callee: CExpression, _ arguments: [CExpression], at span: Span, expecting: ValueKind?, isUsed: Bool
  ) throws -> Operand? {
    if case .call(let inner, let names) = callee.kind, case .name(let function) = inner.kind,
      table.builtins[function] == "guard_macro", case .name(let name)? = names.first?.kind
    {
      try enterGuard(name, arguments, at: span)
      return nil
    }
    var name = ""
    switch callee.kind {
    case .name(let word): name = word
    case .member(let base, let member, _, _): name = "\(Self.baseName(base)).\(member)"
    case .unary("*", let inner):
      return try call(inner, arguments, at: span, expecting: expecting, isUsed: isUsed)
    default: break
    }
    if let line = macros[name], table.builtins[name] != nil || table.values[name] != nil {
      assume("'\(name)' means what the table says, not what the #define in line \(line) says", at: span)
    }
    if let kind = table.builtins[name] {
      return try builtin(kind, name, arguments, at: span, expecting: expecting, isUsed: isUsed)
    }
    if let template = table.values[name] {
      guard let bound = try bind(template, arguments, at: span) else {
        // What the model does not have is empty.
        let isEmptiness = template.blocks[0].first?.hasSuffix(") == 0") == true
        return isEmptiness ? Operand(text: "true", kind: .bool) : Operand(text: "0", kind: .opaque)
      }
      return Operand(
        text: bound.blocks[0].first ?? "0", kind: bound.result ?? .int, accesses: bound.accesses,
        isAtom: false, number: bound.number, label: name)
    }
    if let line = macros[name], table.functions[name] != nil {
      assume("'\(name)' means what the table says, not what the #define in line \(line) says", at: span)
    }
    if let template = table.functions[name] {
      return try expand(template, arguments, at: span, isUsed: isUsed)
    }
    if case .member(let base, let member, let memberSpan, _) = callee.kind {
      return try callback(base, member, memberSpan, arguments, at: span)
    }
    guard !name.isEmpty else {
      throw fail("what is called here is not known; call a function by its name", at: callee.span)
    }
    if let function = outline.functions[name] {
      return try callModel(
        name, function.parameters, function.result.map { kind(named: $0) }, arguments, at: span)
    }
    if let value = table.opaque[name] { return try opaqueCall(name, value, arguments) }
    if let function = companions[name] {
      if !helpers.contains(name) { helpers.append(name) }
      var parameters: [(name: String, type: String)] = []
      for parameter in function.parameters {
        guard let type = kind(of: parameter.type, in: name)?.typeName else {
          throw fail(
            "'\(name)' takes something that the model has no type for ('\(parameter.name)'); add 'fn \(name)(…) { … }' or 'opaque \(name)' to the table",
            at: callee.span)
        }
        parameters.append((parameter.name, type))
      }
      return try callModel(name, parameters, kind(of: function.result, in: name), arguments, at: span)
    }
    let known =
      Array(outline.functions.keys) + Array(table.functions.keys) + Array(table.values.keys)
      + Array(table.builtins.keys) + Array(table.opaque.keys) + Array(companions.keys)
    throw fail(
      "'\(name)' is neither in the model nor in the table nor in this file; add 'fn \(name)(…) { … }' or 'opaque \(name)' to the table, or say --opaque \(name)\(Spelling.suggestion(name, among: known))",
      at: callee.span)
  }

  static func baseName(_ expression: CExpression) -> String {
    switch expression.kind {
    case .name(let name): name
    case .member(let base, let name, _, _): "\(baseName(base)).\(name)"
    case .index(let base, _): baseName(base)
    default: ""
    }
  }

  mutating func opaqueCall(_ name: String, _ value: String, _ arguments: [CExpression]) throws
    -> Operand
  {
    opaque.insert(name)
    // The call's effect is left out; what its arguments do is not.
    for argument in arguments where hasEffect(argument) { try discard(argument) }
    switch value {
    case "0": return Operand(text: "0", kind: .opaque, origin: name)
    case "true", "false": return Operand(text: value, kind: .bool)
    case "null": return Operand(text: "null", kind: .null)
    default: return Operand(text: value, kind: .int, isAtom: !value.contains(" "))
    }
  }

  /// Whether evaluating an expression changes something.
  func hasEffect(_ expression: CExpression) -> Bool {
    switch expression.kind {
    case .call(let callee, let arguments):
      guard case .name(let name) = callee.kind else { return true }
      if table.values[name] != nil || table.opaque[name] != nil || table.builtins[name] == "same" {
        return arguments.contains(where: hasEffect)
      }
      return true
    case .assign, .postfix: return true
    case .unary(let symbol, let operand): return symbol == "++" || symbol == "--" || hasEffect(operand)
    case .binary, .comma, .index, .conditional, .member, .cast, .initializer:
      return expression.operands.contains(where: hasEffect)
    case .statements: return true
    case .number, .string, .name, .sizeOf, .type: return false
    }
  }

  /// `x->ops->fn(…)`: what the driver put there.
  mutating func callback(
    _ base: CExpression, _ member: String, _ memberSpan: Span, _ arguments: [CExpression], at span: Span
  ) throws -> Operand? {
    let driver = try value(base)
    if driver.kind == .opaque { return try opaqueCall("\(Self.baseName(base)).\(member)", "0", arguments) }
    guard case .ops(let ops) = driver.kind else {
      throw fail(
        "this is no table of callbacks in the model; add 'fn \(Self.baseName(base)).\(member)(…) { … }' to the table",
        at: memberSpan)
    }
    guard let function = outline.ops[ops]?.functions[member] else {
      throw fail(
        "the model's \(ops) has no callback '\(member)'\(Spelling.suggestion(member, among: outline.ops[ops].map { Array($0.functions.keys) } ?? []))",
        at: memberSpan)
    }
    let operands = try self.arguments(
      "\(ops).\(member)", function.parameters.map { ("", $0) }, arguments, at: span)
    currentSpan = span
    let text = "\(driver.text)->\(member)(\(operands.joined(separator: ", ")))"
    return try emitCall(text, member, function.result.map { kind(named: $0) }, at: span)
  }

  mutating func callModel(
    _ name: String, _ parameters: [(name: String, type: String)], _ result: ValueKind?,
    _ arguments: [CExpression],
    at span: Span
  ) throws -> Operand? {
    let operands = try self.arguments(name, parameters, arguments, at: span)
    currentSpan = span
    return try emitCall("\(name)(\(operands.joined(separator: ", ")))", name, result, at: span)
  }

  mutating func emitCall(_ text: String, _ name: String, _ result: ValueKind?, at span: Span) throws
    -> Operand?
  {
    try emitBefore(.call(name), at: span)
    defer { note(.call(name), at: span) }
    guard let result else {
      try emit(text)
      return nil
    }
    let variable = temporary()
    try emit("let \(variable) = \(text)")
    var operand = Operand(
      text: variable, kind: result,
      number: result == .bool ? nil : companions[name].flatMap { number(of: $0.result) }, label: name)
    if case .reference = result {
      if let errno = table.errors[name] {
        if errno == "none" { return operand }
        let error = newVariable("\(variable)_err", .int, at: span)
        try emit("\(variables[error].name) = 0")
        try emit("if \(variable) == null {")
        try emit("\(variables[error].name) = \(errno)")
        try emit("}")
        operand.error = variables[error].name
      } else {
        operand.unknownErrorOf = name
      }
    }
    return operand
  }

  /// The arguments of a call in the order of the callee's parameters in the model, as text.
  mutating func arguments(
    _ name: String, _ parameters: [(name: String, type: String)], _ arguments: [CExpression], at span: Span
  ) throws -> [String] {
    var operands: [(Operand, Span)] = []
    for argument in arguments {
      let operand = try value(argument)
      if operand.kind == .null, operand.error != nil {
        throw fail(
          "an errno as a pointer is handed to '\(name)', and the model has null for it; add 'fn \(name)(…) { … }' to the table",
          at: argument.span)
      }
      operands.append((try materializedPath(operand), argument.span))
    }
    var order: [Int?] = Array(operands.indices)
    if operands.count != parameters.count {
      order = []
      var taken: Set<Int> = []
      for parameter in parameters {
        let kind = kind(named: parameter.type)
        // In C's order: an argument is not taken before those that stand left of it.
        let next = operands.indices.first { !taken.contains($0) && !Self.isUnmodelled(operands[$0].0) }
        if let next, fits(operands[next].0, kind) {
          taken.insert(next)
          order.append(next)
        } else {
          order.append(nil)
        }
      }
      for index in operands.indices where !taken.contains(index) {
        guard Self.isUnmodelled(operands[index].0) else {
          throw mismatch(name, parameters, operands.count, at: span)
        }
      }
    }
    var result: [String] = []
    let occurrence = anchorCounts[.call(name), default: [:]].count
    for (position, parameter) in parameters.enumerated() {
      guard let index = order[position] else {
        // What C does not pass, such as who holds a reference, is what the base's function passes there.
        guard let text = baseArgument(of: name, position, occurrence: occurrence) else {
          throw mismatch(name, parameters, operands.count, at: span)
        }
        result.append(text)
        continue
      }
      let (operand, place) = operands[index]
      var adapted = try adapted(operand, to: kind(named: parameter.type), at: place)
      if adapted.kind != .bool, companions[name].map({ $0.parameters.count == operands.count }) ?? false,
        let declared = companions[name]?.parameters[index]
      {
        adapted = try converted(adapted, to: number(of: declared.type), at: place)
      }
      if adapted.accesses > 0 { adapted = try materialized(adapted) }
      result.append(adapted.text)
    }
    return result
  }

  private static func isUnmodelled(_ operand: Operand) -> Bool {
    operand.kind == .opaque || operand.kind == .pointer
  }

  /// A value that later arguments cannot change.
  mutating func materializedPath(_ operand: Operand) throws -> Operand {
    operand.accesses > 0 ? try materialized(operand) : operand
  }

  func fits(_ operand: Operand, _ kind: ValueKind) -> Bool {
    switch (operand.kind, kind) {
    case (.int, .int), (.int, .unsigned), (.unsigned, .int), (.unsigned, .unsigned), (.bool, .bool): true
    case (.reference(let one?), .reference(let other?)):
      outline.type(one, isA: other) || outline.type(other, isA: one)
    case (.reference, .reference), (.null, .reference): true
    case (.ops(let one), .ops(let other)): one == other
    default: false
    }
  }

  mutating func mismatch(
    _ name: String, _ parameters: [(name: String, type: String)], _ count: Int, at span: Span
  ) -> Abandoned {
    let list = parameters.map { $0.name.isEmpty ? $0.type : "\($0.name): \($0.type)" }.joined(separator: ", ")
    return fail(
      "'\(name)' has other parameters in the model, (\(list)); add 'fn \(name)(…) { … }' to the table, which says how \(count) arguments become those",
      at: span)
  }
}
