import Basics

extension Translator {
  /// An expression for what it does.
  mutating func discard(_ expression: CExpression) throws {
    let outer = currentSpan
    currentSpan = expression.span
    defer { currentSpan = outer }
    switch expression.kind {
    case .assign(let symbol, let left, let right): try assign(symbol, left, right)
    case .unary(let symbol, let operand) where symbol == "++" || symbol == "--",
      .postfix(let symbol, let operand):
      try assign(
        symbol == "++" ? "+" : "-", operand, CExpression(span: expression.span, kind: .number(1, .int)))
    case .call(let callee, let arguments):
      for line in insertions[site(expression.span)] ?? [] {
        try emit(try scoped(line, at: expression.span))
      }
      _ = try call(callee, arguments, at: expression.span, expecting: nil, isUsed: false)
    case .comma(let left, let right):
      try discard(left)
      try discard(right)
    case .cast(_, let inner): try discard(inner)
    case .statements(let block): try discardStatements(block, at: expression.span)
    case .conditional(let condition, let then?, let otherwise) where hasEffect(then) || hasEffect(otherwise):
      // Only for what its sides do, which need have no value.
      let test = try self.condition(condition, isDirect: true)
      if test.text == "true" || test.text == "false" {
        try discard(test.text == "true" ? then : otherwise)
        return
      }
      try emit("if \(test.text) {")
      try discard(then)
      try flushAttachments()
      try emit("} else {")
      try discard(otherwise)
      try flushAttachments()
      try emit("}")
    case .binary(let symbol, let left, let right)
    where (symbol == "&&" || symbol == "||") && hasEffect(right):
      let test = try self.condition(left, isDirect: true)
      if test.text == "true" || test.text == "false" {
        if (test.text == "true") == (symbol == "&&") { try discard(right) }
        return
      }
      try emit(symbol == "&&" ? "if \(test.text) {" : "if \(negated(test)) {")
      try discard(right)
      try flushAttachments()
      try emit("}")
    default:
      // A read whose value nobody looks at is still a read.
      let operand = try value(expression, isDirect: true)
      if operand.accesses > 0 { _ = try materialized(operand) }
    }
  }

  /// Assigns a value to a variable, with the errno beside it.
  mutating func assign(_ expression: CExpression, to index: Int) throws {
    let span = currentSpan
    let value = try value(expression, expecting: variables[index].kind, isDirect: true)
    currentSpan = span
    try store(value, to: index, at: expression.span)
  }

  mutating func store(_ value: Operand, to index: Int, at span: Span) throws {
    var kind = value.kind
    if case .part("refcount") = kind { kind = .int }
    if kind == .pointer, variables[index].kind == nil || variables[index].kind == .reference(nil) {
      pointerVariables.insert(index)
      opaqueVariables.insert(index)
      variables[index].kind = nil
      return
    }
    if variables[index].kind == nil, kind != .null, kind != .opaque {
      guard kind.typeName != nil else {
        throw fail("\(Self.describe(kind)) has no value that a variable can hold", at: span)
      }
      variables[index].kind = kind
    }
    let name = variables[index].name
    // What it is shows later; that it is nothing now counts all the same.
    if variables[index].kind == nil { try emit("\(Self.lateMark) \(index)") }
    if let wanted = variables[index].kind {
      var value = value
      if case .part("refcount") = value.kind { value.kind = .int }
      let adapted = try converted(
        try adapted(value, to: wanted, at: span), to: wanted == .bool ? nil : variables[index].number,
        at: span)
      if adapted.text != name { try emit("\(name) = \(adapted.text)") }
    }
    if variables[index].error != nil, let function = value.unknownErrorOf {
      throw fail(
        "nothing says which errno '\(function)' gives where the model has null; add 'error \(function) = -ENOMEM' to the table",
        at: span)
    }
    if let error = variables[index].error, value.error != error {
      try emit("\(error) = \(value.error ?? "0")")
    } else if variables[index].error == nil, value.error != nil, value.kind == .null {
      throw fail("an errno as a pointer is assigned to what nothing tests with IS_ERR", at: span)
    }
  }

  mutating func assign(_ symbol: String, _ left: CExpression, _ right: CExpression) throws {
    let span = currentSpan
    switch left.kind {
    case .name(let name):
      guard let local = lookUp(name) else {
        if let type = outline.globals[name] {
          try assignField(
            symbol, Operand(text: name, kind: kind(named: type), accesses: 1), name, right, at: left.span)
          return
        }
        throw fail("nothing says what '\(name)' is; declare it", at: left.span)
      }
      switch local {
      case .variable(let index):
        if symbol.isEmpty {
          try assign(right, to: index)
          return
        }
        try assignCompound(symbol, index, right, at: span)
      case .alias, .bundle, .structure, .output:
        throw fail("'\(name)' cannot be assigned here", at: left.span)
      case .ignored:
        // What nobody reads may be counted on.
        let value = try value(right)
        _ = value
        opaque.insert(name)
      }
    case .unary("*", let pointer):
      guard case .name(let name) = pointer.kind, let local = lookUp(name) else {
        throw fail("what this points to is not modelled", at: left.span)
      }
      switch local {
      case .output(let index):
        if symbol.isEmpty {
          try assign(right, to: index)
        } else {
          try assignCompound(symbol, index, right, at: span)
        }
      case .ignored(let why):
        guard why == "ignore" || table.bindings["\(function.name) *\(name)"] == "ignore" else {
          throw fail(why, at: left.span)
        }
        _ = try value(right)
        opaque.insert("*\(name)")
      default: throw fail("'*\(name)' cannot be assigned here", at: left.span)
      }
    case .member(let base, let name, _, _):
      if let path = path(left), let bound = table.bindings["\(function.name) \(path)"] {
        try assignBound(symbol, path, bound, right, at: left.span)
        return
      }
      if case .name(let variable) = base.kind, case .structure(let structure)? = lookUp(variable) {
        try assignMember(symbol, structure, name, right, at: left.span)
        return
      }
      let place = try value(left, isDirect: true)
      if case .structure(let structure) = place.kind {
        try assignMember(symbol, structure, name, right, at: left.span)
        return
      }
      if case .reference = place.kind, place.accesses == 0, !place.text.contains(".") {
        // The member is the object itself: it points there from the beginning.
        let value = try value(right, isDirect: true)
        if value.accesses > 0 { _ = try materialized(value) }
        return
      }
      try assignField(symbol, place, name, right, at: left.span, path: path(left))
    default: throw fail("this cannot be assigned", at: left.span)
    }
  }

  /// An assignment to a path that the table binds.
  mutating func assignBound(
    _ symbol: String, _ path: String, _ bound: String, _ right: CExpression, at span: Span
  ) throws {
    let whole = currentSpan
    switch bound {
    case "ignore":
      opaque.insert(path)
      let value = try value(right, isDirect: true)
      if value.accesses > 0 { _ = try materialized(value) }
    case "local":
      let index = pathVariable(path, at: span)
      if symbol.isEmpty {
        try assign(right, to: index)
      } else {
        try assignCompound(symbol, index, right, at: span)
      }
    default:
      let target = boundOperand(try scoped(bound, at: span))
      guard symbol.isEmpty, target.isAtom, target.text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
      else { throw fail("what the table binds here, '\(bound)', cannot be assigned", at: span) }
      let value = try adapted(try value(right, expecting: target.kind), to: target.kind, at: right.span)
      currentSpan = whole
      try emit("\(target.text) = \(value.text)")
    }
  }

  mutating func assignMember(
    _ symbol: String, _ structure: String, _ name: String, _ right: CExpression, at span: Span
  ) throws {
    let index = structureMember(structure, name, kind: nil, at: span)
    if symbol.isEmpty {
      try assign(right, to: index)
    } else {
      try assignCompound(symbol, index, right, at: span)
    }
  }

  mutating func assignCompound(_ symbol: String, _ index: Int, _ right: CExpression, at span: Span)
    throws
  {
    let operand = try value(right, isDirect: true)
    let name = variables[index].name
    if operand.kind == .opaque { return }
    if case .opaque? = variables[index].kind { return }
    let own = try self.variableNumber(index, at: span)
    let number = try adapted(try numberFromRefcount(operand), to: own.kind, at: right.span)
    let result = try converted(
      try arithmetic(
        symbol, own, number, before: body.lines.count, leftSpan: span, at: span),
      to: variables[index].number, at: span)
    if symbol == "+" || symbol == "-", result.text == "\(name) \(symbol) \(number.closed)" {
      try emit("\(name) \(symbol)= \(number.text)")
    } else {
      try emit("\(name) = \(try adapted(result, to: variables[index].kind ?? .int, at: span).text)")
    }
  }

  /// A variable as a number.
  private mutating func variableNumber(_ index: Int, at span: Span) throws -> Operand {
    let variable = variables[index]
    let kind = variable.kind ?? .int
    let operand = Operand(
      text: variable.name, kind: kind, number: variable.number, bounds: variable.bounds, label: variable.name)
    switch kind {
    case .int, .unsigned: return operand
    case .bool: return try adapted(operand, to: .int, at: span)
    default: throw fail("\(Self.describe(kind)) is no number; assign it", at: span)
    }
  }

  mutating func assignField(
    _ symbol: String, _ place: Operand, _ member: String, _ right: CExpression, at span: Span,
    path: String? = nil
  ) throws {
    let whole = currentSpan
    switch place.kind {
    case .opaque:
      // The field is one that the model does not have; what is assigned is evaluated all the same.
      let value = try value(right, isDirect: true)
      if value.accesses > 0 { _ = try materialized(value) }
      return
    case .part("refcount"):
      try assignRefcount(symbol, place, right, at: span)
      return
    case .part, .embedded, .structure, .callback:
      throw fail(
        "\(Self.describe(place.kind)) cannot be assigned; add a 'fn' line for what sets it up", at: span)
    default: break
    }
    let field = place.text.split(separator: ".").last.map(String.init) ?? member
    if place.accesses == 0, place.text.contains(".") {
      guard symbol.isEmpty else {
        throw fail("'\(field)' is const in the model: it gets its value once", at: span)
      }
      let value = try adapted(try value(right, expecting: place.kind), to: place.kind, at: right.span)
      currentSpan = whole
      try emit("init \(place.text) = \(value.text)")
      noteLate(place, field, at: span)
      return
    }
    guard place.text.first?.isNumber != true else {
      throw fail("the table says what '\(member)' is; it cannot be assigned", at: span)
    }
    var value = try value(right, expecting: place.kind)
    currentSpan = whole
    if symbol.isEmpty, let path, errorNames.contains(member) {
      // The field is null while C has an errno there; which one this function knows.
      let index = fieldErrors[path] ?? newVariable("\(field)_err", .int, at: span)
      if fieldErrors[path] == nil {
        assume("\(path) holds an errno here for a while; other threads see null", at: span)
      }
      fieldErrors[path] = index
      try emit("\(variables[index].name) = \(value.error ?? "0")")
    }
    if symbol.isEmpty {
      value = try adapted(value, to: place.kind, at: right.span)
      if place.kind != .bool { value = try converted(value, to: place.number, at: right.span) }
      try emit("\(place.text) = \(value.text)")
    } else {
      // Read and write are two accesses, unless the kernel calls it atomic.
      let old = try materialized(place)
      if place.kind == .bool {
        let other = try truth(of: value, at: right.span)
        guard ["&", "|", "^"].contains(symbol) else {
          throw fail("'\(symbol)=' on a bool is not read; assign it", at: span)
        }
        let flag = try materialized(other)
        let text =
          symbol == "^" ? "\(old.text) != \(flag.closed)" : "\(old.text) \(symbol)\(symbol) \(flag.closed)"
        try emit("\(place.text) = \(text)")
      } else {
        let number = try adapted(try numberFromRefcount(value), to: .int, at: right.span)
        let result = try converted(
          try arithmetic(
            symbol, old, number, before: body.lines.count, leftSpan: span, at: whole),
          to: place.number, at: whole)
        try emit("\(place.text) = \(try adapted(result, to: place.kind, at: span).text)")
      }
    }
    note(.store(field), at: whole)
  }

  /// A const field gets its value after the object was made.
  mutating func noteLate(_ place: Operand, _ field: String, at span: Span) {
    let base = place.text.split(separator: ".").first.map(String.init) ?? ""
    let object = variables.first { $0.name == base }?.kind
    var type = signature?.parameters.first { $0.name == base }?.type ?? "object"
    if case .reference(let name?)? = object { type = name }
    var late = lateConstants[type] ?? (source.line(at: span.start), [])
    if !late.fields.contains(field) { late.fields.append(field) }
    lateConstants[type] = late
  }

  /// `count++` of a field that the model keeps as a refcount: its units have holders.
  mutating func assignRefcount(
    _ symbol: String, _ place: Operand, _ right: CExpression, at span: Span
  ) throws {
    let whole = currentSpan
    let amount = try value(right)
    currentSpan = whole
    let field = place.text.split(separator: ".").last.map(String.init) ?? ""
    switch (symbol, amount.text) {
    case ("", _):
      try emit("ref_set \(place.text) \(amount.text) by \(holder("ref_set", field, at: whole))")
      note(.refcount("ref_set", field), at: whole)
    case ("+", "1"), ("-", "1"):
      // A plain counter may rest at zero; the model's word tells only who holds the unit.
      let word = symbol == "+" ? "count_inc" : "count_dec"
      let words =
        symbol == "+"
        ? ["count_inc", "ref_inc", "ref_inc_not_zero"]
        : ["count_dec", "ref_dec", "ref_dec_and_test", "ref_dec_if_one"]
      let known =
        words.first { own in signature?.statements.contains { $0.kind == .refcount(own, field) } ?? false }
        ?? words.first { knowsUnits($0, field) } ?? word
      try emitBefore(.refcount(known, field), at: whole)
      try emit("\(word) \(place.text) by \(holder(known, field, at: whole))")
      note(.refcount(known, field), at: whole)
    default: throw fail("a refcount changes by one at a time", at: span)
    }
  }

  // MARK: Errnos as pointers

  /// Pointers that are tested with IS_ERR or assigned from ERR_PTR, anywhere in the function.
  func findErrorNames() -> Set<String> {
    var result: Set<String> = []
    let tests: Set<String> = ["is_err", "is_err_or_null", "ptr_err", "ptr_err_or_zero", "err_cast"]
    func name(_ expression: CExpression) -> String? {
      switch expression.kind {
      case .name(let name): name
      case .member(_, let name, _, _): name
      default: nil
      }
    }
    for statement in Self.statements(function.body) {
      if case .declaration(let variables) = statement.kind {
        for variable in variables where variable.value.map(isErrorValue) ?? false {
          result.insert(variable.name)
        }
      }
      for value in statement.expressions {
        value.visit { expression in
          if case .call(let callee, let arguments) = expression.kind, case .name(let function) = callee.kind,
            let kind = table.builtins[function], tests.contains(kind),
            let first = arguments.first.flatMap(name)
          {
            result.insert(first)
          }
          if case .assign(_, let left, let right) = expression.kind, let variable = name(left),
            isErrorValue(right)
          {
            result.insert(variable)
          }
        }
      }
    }
    return result
  }

  /// Whether an expression is ERR_PTR or ERR_CAST at its head.
  func isErrorValue(_ expression: CExpression) -> Bool {
    switch expression.kind {
    case .call(let callee, _):
      guard case .name(let name) = callee.kind, let kind = table.builtins[name] else { return false }
      return kind == "err_ptr" || kind == "err_cast"
    case .conditional(_, let then, let otherwise):
      return then.map(isErrorValue) ?? false || isErrorValue(otherwise)
    case .cast(_, let inner): return isErrorValue(inner)
    default: return false
    }
  }
}
