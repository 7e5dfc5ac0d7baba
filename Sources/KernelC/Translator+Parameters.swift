import Basics
import StepLanguage

/// What the parameters of a C function are in the model.
extension Translator {
  // MARK: Parameters

  /// What each C parameter is in the model's signature; gives the parameters of the translation.
  mutating func bindParameters() throws -> [(name: String, type: String)] {
    guard let signature else {
      var result: [(name: String, type: String)] = []
      for parameter in function.parameters {
        guard let kind = kind(of: parameter.type), let type = kind.typeName, kind != .opaque else {
          throw fail(
            "the model has no type for the parameter '\(parameter.name)'; add 'fold \(parameter.type.name) = OBJECT' to the table, or declare '\(function.name)' opaque",
            at: parameter.span)
        }
        if parameter.type.pointers > 0, case .reference(nil) = kind, parameter.type.name != "void" {
          continue
        }
        let name = uniqueName(parameter.name)
        try bindCopy(parameter, Operand(text: name, kind: kind, number: number(of: parameter.type)))
        result.append((name, type))
      }
      return result
    }
    let matches = Self.match(function.parameters, signature.parameters, kindOf: { self.kind(of: $0) }) {
      self.kind(named: $0)
    } isA: {
      self.outline.type($0, isA: $1)
    }
    for (position, parameter) in function.parameters.enumerated() {
      if parameter.type.pointers > 0, table.bindings["\(function.name) *\(parameter.name)"] == "local" {
        let index = newVariable(parameter.name, pointee(parameter.type), at: parameter.span)
        scopes[0][parameter.name] = .output(index)
      } else if let bound = table.bindings["\(function.name) \(parameter.name)"] {
        scopes[0][parameter.name] = try binding(bound, parameter)
      } else if let match = matches[position] {
        let model = signature.parameters[match]
        let kind = kind(named: model.type)
        if parameter.name != model.name, [.int, .unsigned, .bool].contains(kind) {
          assume(
            "C's '\(parameter.name)' is the model's '\(model.name)'; 'bind \(function.name) \(parameter.name) = NAME' says it otherwise",
            at: parameter.span)
        }
        try bindCopy(
          parameter,
          Operand(text: model.name, kind: kind, number: kind == .bool ? nil : number(of: parameter.type)))
      } else {
        scopes[0][parameter.name] = .ignored(
          "the model's \(function.name) has no parameter for '\(parameter.name)'; add 'bind \(function.name) \(parameter.name) = EXPRESSION' to the table"
        )
      }
    }
    return signature.parameters
  }

  func pointee(_ type: CType) -> ValueKind {
    var inner = type
    inner.pointers -= 1
    return kind(of: inner) ?? .int
  }

  private mutating func binding(_ text: String, _ parameter: CVariable) throws -> Local {
    if text == "ignore" { return .ignored("ignore") }
    if text == "structure" { return .structure(parameter.name) }
    return .alias(boundOperand(text, else: kind(of: parameter.type) ?? .int))
  }

  /// What a `bind` line says: a parameter of the model, a number, an expression, `pointer` for what is never null,
  /// `NAME: TYPE` for a variable that other lines of the table declare.
  func boundOperand(_ text: String, else kind: ValueKind = .int) -> Operand {
    if text == "pointer" { return Operand(text: "0", kind: .pointer) }
    if let model = signature?.parameters.first(where: { $0.name == text }) {
      return Operand(text: text, kind: self.kind(named: model.type))
    }
    if let colon = text.firstRange(of: ": ") {
      return Operand(
        text: String(text[..<colon.lowerBound]), kind: self.kind(named: String(text[colon.upperBound...])))
    }
    if text == "null" { return Operand(text: text, kind: .null) }
    if let ops = outline.drivers[text] { return Operand(text: text, kind: .ops(ops)) }
    return Operand(
      text: text, kind: text.allSatisfy(\.isNumber) ? .int : kind, isAtom: !text.contains(" "))
  }

  /// A parameter that the C text assigns gets a variable of its own.
  mutating func bindCopy(_ parameter: CVariable, _ operand: Operand) throws {
    scopes[0][parameter.name] = .alias(operand)
    if case .int = operand.kind, kind(of: parameter.type) == .unsigned, isOrdered(parameter.name) {
      // The model's number has a sign, C's has none; a copy without one is compared as C compares it.
      let index = newVariable(parameter.name, .unsigned, at: parameter.span)
      variables[index].number = number(of: parameter.type)
      currentSpan = parameter.span
      let given = try converted(
        Operand(text: operand.text, kind: .int, number: .modelInt), to: variables[index].number,
        at: parameter.span)
      try emit("\(variables[index].name) = \(given.text)")
      scopes[0][parameter.name] = .variable(index)
      return
    }
    guard Self.assigns(function.body, parameter.name) else { return }
    // The step language lets a function assign its parameters.
    variables.append(
      Variable(
        name: operand.text, kind: operand.kind, error: nil, span: parameter.span, number: operand.number))
    parameterVariables.insert(variables.count - 1)
    scopes[0][parameter.name] = .variable(variables.count - 1)
  }

  /// Whether the function does something with a variable for which its sign counts.
  private func isOrdered(_ name: String) -> Bool {
    var found = false
    for statement in Self.statements(function.body) {
      for value in statement.expressions {
        value.visit { expression in
          guard case .binary(let symbol, let left, let right) = expression.kind,
            ["<", ">", "<=", ">=", "/", "%", ">>"].contains(symbol)
          else { return }
          for side in [left, right] {
            side.visit { if case .name(name) = $0.kind { found = true } }
          }
        }
      }
    }
    return found
  }

  /// Which parameter of the model each C parameter is: by name, else the next one in order that fits its type.
  static func match(
    _ cParameters: [CVariable], _ model: [(name: String, type: String)],
    kindOf: (CType) -> ValueKind?, kindNamed: (String) -> ValueKind, isA: (String, String) -> Bool
  ) -> [Int: Int] {
    func fits(_ c: CVariable, _ type: String) -> Bool {
      guard let first = kindOf(c.type) else { return false }
      switch (first, kindNamed(type)) {
      case (.int, .int), (.unsigned, .unsigned), (.bool, .bool), (.int, .unsigned), (.unsigned, .int):
        return true
      case (.int, .bool): return false
      case (.reference(let one?), .reference(let other?)): return isA(one, other) || isA(other, one)
      case (.reference, .reference): return true
      case (.ops(let one), .ops(let other)): return one == other
      default: return false
      }
    }
    var result: [Int: Int] = [:]
    var taken: Set<Int> = []
    for (position, parameter) in cParameters.enumerated() {
      if let index = model.firstIndex(where: { $0.name == parameter.name }),
        fits(parameter, model[index].type)
      {
        result[position] = index
        taken.insert(index)
      }
    }
    for (position, parameter) in cParameters.enumerated() where result[position] == nil {
      if let index = model.indices.first(where: { !taken.contains($0) && fits(parameter, model[$0].type) }) {
        result[position] = index
        taken.insert(index)
      }
    }
    return result
  }

  /// Whether a block assigns a variable, or takes its address.
  static func assigns(_ block: CBlock, _ name: String) -> Bool {
    var found = false
    func isName(_ expression: CExpression) -> Bool {
      if case .name(name) = expression.kind { return true }
      return false
    }
    for statement in statements(block) {
      for value in statement.expressions {
        value.visit { expression in
          switch expression.kind {
          case .assign(_, let left, _): if isName(left) { found = true }
          case .postfix(_, let operand): if isName(operand) { found = true }
          case .unary(let symbol, let operand):
            if ["++", "--", "&"].contains(symbol), isName(operand) { found = true }
          default: break
          }
        }
      }
      // A walk assigns its variables.
      if case .macro(let value, _) = statement.kind, case .call(_, let arguments) = value.kind,
        arguments.contains(where: isName)
      {
        found = true
      }
    }
    return found
  }
}
