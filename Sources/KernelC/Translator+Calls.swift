import Basics
import StepLanguage

/// A template with the arguments in place.
struct BoundTemplate {
  /// The lines of each block.
  var blocks: [[String]]
  /// The type of the result.
  var result: ValueKind?
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
        isAtom: false)
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
        guard let type = kind(of: parameter.type)?.typeName else {
          throw fail(
            "'\(name)' takes something that the model has no type for ('\(parameter.name)'); add 'fn \(name)(…) { … }' or 'opaque \(name)' to the table",
            at: callee.span)
        }
        parameters.append((parameter.name, type))
      }
      return try callModel(name, parameters, kind(of: function.result), arguments, at: span)
    }
    let known =
      Array(outline.functions.keys) + Array(table.functions.keys) + Array(table.values.keys)
      + Array(table.builtins.keys) + Array(table.opaque.keys) + Array(companions.keys)
    throw fail(
      "'\(name)' is neither in the model nor in the table nor in this file; add 'fn \(name)(…) { … }' or 'opaque \(name)' to the table, or say --opaque \(name)\(Spelling.suggestion(name, among: known))",
      at: callee.span)
  }

  private static func baseName(_ expression: CExpression) -> String {
    switch expression.kind {
    case .name(let name): name
    case .member(let base, let name, _, _): "\(baseName(base)).\(name)"
    case .index(let base, _): baseName(base)
    default: ""
    }
  }

  private mutating func opaqueCall(_ name: String, _ value: String, _ arguments: [CExpression]) throws
    -> Operand
  {
    opaque.insert(name)
    // The call's effect is left out; what its arguments do is not.
    for argument in arguments where hasEffect(argument) { try discard(argument) }
    switch value {
    case "0": return Operand(text: "0", kind: .opaque)
    case "true", "false": return Operand(text: value, kind: .bool)
    case "null": return Operand(text: "null", kind: .null)
    default: return Operand(text: value, kind: .int, isAtom: !value.contains(" "))
    }
  }

  /// Whether evaluating an expression changes something.
  private func hasEffect(_ expression: CExpression) -> Bool {
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
    case .number, .string, .name, .sizeOf, .type: return false
    }
  }

  /// `x->ops->fn(…)`: what the driver put there.
  private mutating func callback(
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

  private mutating func callModel(
    _ name: String, _ parameters: [(name: String, type: String)], _ result: ValueKind?,
    _ arguments: [CExpression],
    at span: Span
  ) throws -> Operand? {
    let operands = try self.arguments(name, parameters, arguments, at: span)
    currentSpan = span
    return try emitCall("\(name)(\(operands.joined(separator: ", ")))", name, result, at: span)
  }

  private mutating func emitCall(_ text: String, _ name: String, _ result: ValueKind?, at span: Span) throws
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
    var operand = Operand(text: variable, kind: result)
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
  private mutating func arguments(
    _ name: String, _ parameters: [(name: String, type: String)], _ arguments: [CExpression], at span: Span
  ) throws -> [String] {
    var operands: [(Operand, Span)] = []
    for argument in arguments {
      let operand = try value(argument)
      operands.append((try materializedPath(operand), argument.span))
    }
    var order: [Int?] = Array(operands.indices)
    if operands.count != parameters.count {
      order = []
      var taken: Set<Int> = []
      for parameter in parameters {
        let kind = kind(named: parameter.type)
        // In C's order: an argument is not taken before those that stand left of it.
        let next = operands.indices.first { !taken.contains($0) && operands[$0].0.kind != .opaque }
        if let next, fits(operands[next].0, kind) {
          taken.insert(next)
          order.append(next)
        } else {
          order.append(nil)
        }
      }
      for index in operands.indices where !taken.contains(index) {
        guard operands[index].0.kind == .opaque else {
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
      if adapted.accesses > 0 { adapted = try materialized(adapted) }
      result.append(adapted.text)
    }
    return result
  }

  /// A value that later arguments cannot change.
  private mutating func materializedPath(_ operand: Operand) throws -> Operand {
    operand.accesses > 0 ? try materialized(operand) : operand
  }

  private func fits(_ operand: Operand, _ kind: ValueKind) -> Bool {
    switch (operand.kind, kind) {
    case (.int, .int), (.int, .unsigned), (.unsigned, .int), (.unsigned, .unsigned), (.bool, .bool): true
    case (.reference(let one?), .reference(let other?)):
      outline.type(one, isA: other) || outline.type(other, isA: one)
    case (.reference, .reference), (.null, .reference): true
    case (.ops(let one), .ops(let other)): one == other
    default: false
    }
  }

  private mutating func mismatch(
    _ name: String, _ parameters: [(name: String, type: String)], _ count: Int, at span: Span
  ) -> Abandoned {
    let list = parameters.map { $0.name.isEmpty ? $0.type : "\($0.name): \($0.type)" }.joined(separator: ", ")
    return fail(
      "'\(name)' has other parameters in the model, (\(list)); add 'fn \(name)(…) { … }' to the table, which says how \(count) arguments become those",
      at: span)
  }

  // MARK: Templates

  /// Emits a template's statements; gives its result.
  private mutating func expand(
    _ template: KernelTable.Template, _ arguments: [CExpression], at span: Span, isUsed: Bool
  ) throws -> Operand? {
    let result = template.result == nil ? nil : newVariable("r", nil, at: span)
    guard let bound = try bind(template, arguments, result: result, at: span) else {
      if let result { variables[result].kind = .int }
      return Operand(text: "0", kind: .opaque)
    }
    currentSpan = span
    for kind in anchors(of: bound.blocks[0]) { try emitBefore(kind, at: span) }
    if let lines = insertions[span.start] {
      for line in lines { try emit(line) }
    }
    for line in bound.blocks[0] { try emit(line) }
    for line in bound.stores { try emit(line) }
    noteAnchors(of: bound.blocks[0], at: span)
    guard let result else { return nil }
    variables[result].kind = bound.result
    var operand = Operand(text: variables[result].name, kind: bound.result ?? .int)
    if case .reference = operand.kind {
      if let errno = table.errors[template.name] {
        guard errno != "none" else { return operand }
        let error = newVariable("\(operand.text)_err", .int, at: span)
        let name = variables[error].name
        try emit("\(name) = 0")
        try emit("if \(operand.text) == null {")
        try emit("\(name) = \(errno)")
        try emit("}")
        operand.error = name
      } else {
        operand.unknownErrorOf = template.name
      }
    }
    return operand
  }

  /// Puts arguments into a template; nil when its container or lock is one that the model does not have.
  mutating func bind(
    _ template: KernelTable.Template, _ arguments: [CExpression], result: Int? = nil, at span: Span
  ) throws -> BoundTemplate? {
    let count = template.parameters.count
    guard arguments.count == count || (arguments.count > count && template.takesMore) else {
      throw fail(
        "'\(template.name)' takes \(count) argument\(count == 1 ? "" : "s") by line \(template.line) of \(template.source), not \(arguments.count)",
        at: span)
    }
    var words: [(String, String)] = []
    var kinds: [String: ValueKind] = [:]
    var parts: [String: String] = [:]
    var stores: [String] = []
    var accesses = 0
    var isOpaque = false
    for (parameter, argument) in zip(template.parameters, arguments) {
      switch parameter.kind {
      case .ignored:
        if hasEffect(argument) { try discard(argument) }
      case .value:
        if case .name(let name) = argument.kind, case .bundle(let members)? = lookUp(name) {
          try bindBundle(parameter.name, members, &words, &parts, &isOpaque)
          continue
        }
        if case .unary("&", let inner) = argument.kind, case .name(let name) = inner.kind,
          case .bundle(let members)? = lookUp(name)
        {
          try bindBundle(parameter.name, members, &words, &parts, &isOpaque)
          continue
        }
        var operand = try value(argument)
        if !operand.isAtom { operand = try materialized(operand) }
        words.append((parameter.name, operand.text))
        kinds[parameter.name] = operand.kind
      case .place:
        let operand = try place(argument)
        if operand.kind == .opaque {
          isOpaque = true
          continue
        }
        words.append((parameter.name, operand.text))
        if case .part(let part) = operand.kind { parts[parameter.name] = part }
        kinds[parameter.name] = operand.kind
        accesses = 1
      case .output:
        let name = try output(argument, &stores, kind: &kinds[parameter.name])
        words.append((parameter.name, name))
      case .structure:
        let operand = try value(argument)
        guard case .structure(let structure) = operand.kind else {
          throw fail("expected a structure on the stack", at: argument.span)
        }
        bindMembers(parameter.name, structure, template, at: argument.span, &words)
      case .condition:
        isPure = true
        defer { isPure = false }
        let test = try condition(argument, isDirect: true)
        words.append((parameter.name, test.text))
      }
    }
    if isOpaque { return nil }
    var bound = BoundTemplate(blocks: [], result: nil, stores: stores, accesses: accesses)
    if let type = template.result {
      if type.hasPrefix("element ") {
        let part = parts[String(type.dropFirst(8))] ?? ""
        let element = part.split(separator: " ").map(String.init)
        bound.result = element.count > 2 ? .reference(element[2]) : .reference(nil)
      } else if type.hasPrefix("same ") {
        bound.result = kinds[String(type.dropFirst(5))] ?? .int
      } else {
        bound.result = kind(named: type)
      }
    }
    if let result { words.append(("result", variables[result].name)) }
    var locals: [String: String] = [:]
    for block in template.blocks {
      var lines: [String] = []
      for line in block { lines.append(try substituted(line, words, &locals, at: span)) }
      bound.blocks.append(lines)
    }
    return bound
  }

  private mutating func bindBundle(
    _ name: String, _ members: [String: Operand], _ words: inout [(String, String)],
    _ parts: inout [String: String],
    _ isOpaque: inout Bool
  ) throws {
    for (member, operand) in members.sorted(by: { $0.key < $1.key }) {
      if operand.kind == .opaque { isOpaque = true }
      words.append(("\(name).\(member)", operand.text))
      if case .part(let part) = operand.kind { parts["\(name).\(member)"] = part }
    }
  }

  /// Members of a structure that the template names as `$x.member`.
  private mutating func bindMembers(
    _ parameter: String, _ structure: String, _ template: KernelTable.Template, at span: Span,
    _ words: inout [(String, String)]
  ) {
    for line in template.blocks.joined() {
      for piece in line.split(separator: "$") where piece.hasPrefix("\(parameter).") {
        let member = String(
          piece.dropFirst(parameter.count + 1).prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        let word = "\(parameter).\(member)"
        guard !words.contains(where: { $0.0 == word }) else { continue }
        let index = structureMember(structure, member, kind: nil, at: span)
        words.append((word, variables[index].name))
      }
    }
  }

  /// A variable that receives a result; a field gets it from there afterwards.
  private mutating func output(
    _ argument: CExpression, _ stores: inout [String], kind: inout ValueKind?
  ) throws -> String {
    var target = argument
    if case .unary("&", let inner) = argument.kind { target = inner }
    if case .name(let name) = target.kind, let local = lookUp(name) {
      switch local {
      case .variable(let index), .output(let index):
        kind = variables[index].kind
        return variables[index].name
      case .ignored:
        return variables[newVariable("unused", .unsigned, at: argument.span)].name
      default: break
      }
    }
    if case .name("NULL") = target.kind {
      return variables[newVariable("unused", .unsigned, at: argument.span)].name
    }
    let place = try value(target, isDirect: true)
    switch place.kind {
    case .opaque: return variables[newVariable("unused", .unsigned, at: argument.span)].name
    case .int, .unsigned, .bool, .reference, .ops:
      if place.accesses == 0, !place.text.contains(".") { return place.text }
      guard place.accesses > 0 else {
        throw fail(
          "this field is const in the model: it gets its value where the object is made", at: argument.span)
      }
      let index = newVariable("out", place.kind, at: argument.span)
      kind = place.kind
      stores.append("\(place.text) = \(variables[index].name)")
      return variables[index].name
    default: throw fail("no result can be put here", at: argument.span)
    }
  }

  /// A line with arguments, fresh names and holders in place.
  private mutating func substituted(
    _ line: String, _ words: [(String, String)], _ locals: inout [String: String], at span: Span
  ) throws -> String {
    var result = ""
    var rest = Substring(line)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        // `$$name`: the variable of that name where the call stands.
        rest = rest.dropFirst()
        let variable = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        rest = rest.dropFirst(variable.count)
        guard let text = inScope(variable, [variable]) else {
          throw fail(
            "the table's template for this call needs a variable '\(variable)', and there is none here",
            at: span)
        }
        result += text
        continue
      }
      let word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      rest = rest.dropFirst(word.count)
      var name = word
      if rest.first == "." {
        let member = String(rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        if words.contains(where: { $0.0 == "\(word).\(member)" }) {
          name = "\(word).\(member)"
          rest = rest.dropFirst(member.count + 1)
        }
      }
      if word == "holder" {
        // `ref_inc x.users by $holder`: who it is stands in the base, by operation and field.
        let head = result.split(separator: " ").map(String.init)
        let operations = head.indices.filter { head[$0].hasPrefix("ref_") || head[$0].hasPrefix("count_") }
        let position = operations.last ?? 0
        let operation = head.indices.contains(position) ? head[position] : ""
        let place = head.indices.contains(position + 1) ? head[position + 1] : ""
        let field = place.split(separator: ".").last.map(String.init) ?? ""
        result += holder(operation, field, at: span)
      } else if let bound = words.first(where: { $0.0 == name }) {
        result += bound.1
      } else if word.hasPrefix("_") {
        if locals[word] == nil { locals[word] = uniqueName(String(word.dropFirst())) }
        result += locals[word] ?? word
      } else {
        throw fail(
          "the table's template for this call names '$\(name)', which is none of its parameters", at: span)
      }
    }
    return result + rest
  }

  // MARK: Built-in words

  private mutating func builtin(
    _ kind: String, _ name: String, _ arguments: [CExpression], at span: Span, expecting: ValueKind?,
    isUsed: Bool
  ) throws -> Operand? {
    func argument(_ index: Int) throws -> CExpression {
      guard arguments.indices.contains(index) else {
        throw fail("'\(name)' needs at least \(index + 1) argument\(index == 0 ? "" : "s")", at: span)
      }
      return arguments[index]
    }
    switch kind {
    case "warn":
      let test = try condition(try argument(0), isDirect: true)
      if test.text == "false" { return test }
      let variable = temporary()
      body.add(
        [("let \(variable) = warn_on(", span), (test.text, try argument(0).span), (")", span)])
      return Operand(text: variable, kind: .bool)
    case "same": return try value(try argument(0), expecting: expecting, isDirect: true)
    case "write_once":
      try assign("", try argument(0), try argument(1))
      return nil
    case "err_ptr":
      let errno = try value(try argument(0))
      return Operand(text: "null", kind: .null, error: errno.closed)
    case "is_err", "is_err_or_null", "ptr_err", "ptr_err_or_zero":
      let pointer = try value(try argument(0))
      if kind == "is_err_or_null" {
        return Operand(text: "\(pointer.closed) == null", kind: .bool, isAtom: false)
      }
      guard let error = pointer.error else {
        if pointer.kind == .opaque {
          return Operand(text: kind == "is_err" ? "false" : "0", kind: kind == "is_err" ? .bool : .int)
        }
        if let function = pointer.unknownErrorOf {
          throw fail(
            "nothing says which errno '\(function)' gives where the model has null; add 'error \(function) = -ENOMEM' to the table",
            at: span)
        }
        throw fail("this pointer never carries an errno here", at: span)
      }
      return kind == "is_err"
        ? Operand(text: "\(error) != 0", kind: .bool, isAtom: false) : Operand(text: error, kind: .int)
    case "err_cast": return try value(try argument(0))
    case "container_of":
      let pointer = try value(try argument(0), isDirect: true)
      guard case .type(let type) = try argument(1).kind else {
        throw fail(
          "expected the type that holds the member, as in container_of(p, struct foo, member)", at: span)
      }
      if pointer.kind == .opaque { return pointer }
      guard let kind = self.kind(of: CType(name: type.name, isStruct: true, pointers: 1, span: type.span)),
        kind != .opaque
      else {
        throw fail(
          "the model has no object for '\(type.name)'; add 'fold \(type.name) = OBJECT' to the table",
          at: type.span)
      }
      return try adapted(pointer, to: kind, at: span)
    case "alloc":
      guard case .reference(let type?)? = expecting else {
        if expecting == .opaque || expecting == nil {
          throw fail(
            "what is allocated here is no object of the model; add 'fold' to the table, or declare '\(name)' opaque",
            at: span)
        }
        throw fail("assign what '\(name)' gives to a pointer to its type", at: span)
      }
      return Operand(text: "try_alloc \(type)", kind: .reference(type), accesses: 1, isAtom: false)
    case "free":
      let pointer = try value(try argument(0))
      guard case .reference(let type) = pointer.kind else { return nil }
      if let type, table.kept.contains(type) {
        opaque.insert("\(name) of \(type)")
        return nil
      }
      currentSpan = span
      try emit("if \(pointer.text) != null {")
      try emit("free \(pointer.text)")
      try emit("}")
      return nil
    case "is_enabled":
      guard case .name(let option) = try argument(0).kind else {
        throw fail("expected the name of an option, such as CONFIG_LOCKDEP", at: span)
      }
      return Operand(text: table.configuration.contains(option) ? "true" : "false", kind: .bool)
    case "no_free":
      let pointer = try value(try argument(0))
      let variable = temporary()
      try emit("let \(variable) = \(pointer.text)")
      try emit("\(pointer.text) = \(pointer.kind.zero)")
      return Operand(text: variable, kind: pointer.kind, error: pointer.error)
    case "add_overflow":
      let first = try materialized(try value(try argument(0)))
      let second = try materialized(try value(try argument(1)))
      var stores: [String] = []
      var target: ValueKind?
      let name = try output(try argument(2), &stores, kind: &target)
      let variable = temporary()
      try emit("let \(variable) = add_overflows(\(first.text), \(second.text))")
      try emit("\(name) = \(first.closed) + \(second.closed)")
      for store in stores { try emit(store) }
      return Operand(text: variable, kind: .bool)
    case "bundle":
      guard case .name(let variable) = try argument(0).kind else {
        throw fail("expected the variable's name first", at: span)
      }
      let container = try place(try argument(1))
      let index = arguments.count > 2 ? try value(arguments[2]) : Operand(text: "0", kind: .int)
      scopes[scopes.count - 1][variable] = .bundle(["xa": container, "index": index])
      return nil
    case "guard_macro", "scoped_guard_macro":
      throw fail(
        "'\(name)' stands alone, as in guard(mutex)(&lock) or scoped_guard(mutex, &lock) { … }", at: span)
    default: throw fail("'\(name)' cannot stand here", at: span)
    }
  }
}
