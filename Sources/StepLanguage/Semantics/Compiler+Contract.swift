import Basics

/// Properties, rules and lock names of a model.
extension Compiler {
  /// Declares what later items name: properties and rules.
  mutating func declareContract() {
    for item in items {
      switch item.kind {
      case .property(let name, let title):
        guard name.text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Self.isLetterOrDigit($0) }) else {
          complain("a property's name has letters, digits and '-' only", at: name.span)
          continue
        }
        guard Property(rawValue: name.text) == nil else {
          complain("'\(name.text)' is a property of the machine; choose another name", at: name.span)
          continue
        }
        program.properties.append(Property(name.text, title, origin: .model))
      case .rule(let rule):
        program.rules.append(Rule(name: rule.name.text, owner: rule.owner, sentence: rule.sentence))
      default: break
      }
    }
    for item in items {
      guard case .blame(let blame) = item.kind else { continue }
      var cases: [Blame.Case] = []
      for syntax in blame.cases {
        if let outcome = outcome(of: syntax.rules) {
          for condition in syntax.conditions {
            if case .found(let name) = condition.kind {
              _ = self.property(Identifier(text: name, span: item.span))
            }
          }
          let parts = parts(of: syntax, outcome)
          cases.append(Blame.Case(conditions: syntax.conditions, outcome: outcome, parts: parts))
        }
      }
      for name in blame.properties {
        guard let property = property(name) else { continue }
        program.blames.append(
          Blame(property: program.properties[property], start: blame.start, cases: cases))
      }
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// The parts of the rules that are broken, each of which must stand in its rule's sentence.
  private mutating func parts(of syntax: BlameSyntax.Case, _ outcome: Blame.Outcome) -> [String?] {
    guard case .rules(let rules) = outcome, rules.count == syntax.parts.count else {
      if let part = syntax.parts.compactMap({ $0 }).first {
        complain("a part belongs to a rule's name", at: part.span)
      }
      return []
    }
    for (rule, part) in zip(rules, syntax.parts) {
      guard let part, program.rules[rule].sentence.firstRange(of: part.text) == nil else { continue }
      complain(
        "'\(part.text)' is no part of what rule \(program.rules[rule].name) says: \"\(program.rules[rule].sentence)\"",
        at: part.span)
    }
    return syntax.parts.map { $0?.text }
  }

  private mutating func outcome(of names: [Identifier]) -> Blame.Outcome? {
    if names.count == 1, names[0].text == "same" { return .same }
    if names.count == 1, names[0].text == "none" { return .rules([]) }
    var result: [Int] = []
    for name in names {
      guard let rule = program.rules.firstIndex(where: { $0.name == name.text }) else {
        let known = program.rules.map(\.name)
        complain(
          "there is no rule '\(name.text)'\(Spelling.suggestion(name.text, among: known)); declare it with 'rule \(name.text) \"…\"'",
          at: name.span)
        return nil
      }
      result.append(rule)
    }
    return .rules(result)
  }

  /// The index of a property among the program's; complains when there is none.
  mutating func property(_ name: Identifier) -> Int? {
    if let index = program.properties.firstIndex(where: { $0.rawValue == name.text }) { return index }
    let known = program.properties.map(\.rawValue)
    complain(
      "there is no property '\(name.text)'\(Spelling.suggestion(name.text, among: known)); a model declares its own with 'property \(name.text) \"…\"'",
      at: name.span)
    return nil
  }

  /// What a kernel calls the locks, once types are laid out.
  mutating func nameLocks() {
    for item in items {
      switch item.kind {
      case .lock(let lock):
        let before = diagnostics.count
        name(lock)
        // What a base says of a lock that this model does not have any more is no mistake.
        if item.isInherited { diagnostics.removeSubrange(before...) }
      case .trace(let trace):
        if trace.isNull {
          if let value = trace.value, let constant = constantValue(value) {
            program.trace.nulls[trace.name.text] = constant.value
          }
        } else {
          program.trace.innerArguments.insert(trace.name.text)
        }
      default: break
      }
    }
  }

  private mutating func name(_ lock: LockSyntax) {
    var parts = lock.place.parts[...]
    var type = ObjectType.globals
    if program.types[type].field(named: parts[0].text) == nil {
      guard let named = program.types.firstIndex(where: { $0.name == parts[0].text }) else {
        let known = program.types.dropFirst(ObjectType.builtIn.count).map(\.name)
        complain(
          "there is no object type '\(parts[0].text)'\(Spelling.suggestion(parts[0].text, among: known))",
          at: parts[0].span)
        return
      }
      type = named
      parts = parts.dropFirst()
    }
    guard let name = parts.first, let field = program.types[type].field(named: name.text) else {
      complain("expected a type and its lock, such as device.lock", at: lock.place.span)
      return
    }
    let lockClass: Int
    if case .xarray(_, _, let own) = field.type, parts.count == 2, parts.last?.text == "xa_lock" {
      lockClass = own
    } else if parts.count == 1, let own = field.type.lockClass {
      lockClass = own
    } else {
      complain("'\(lock.place.parts.map(\.text).joined(separator: "."))' is no lock", at: lock.place.span)
      return
    }
    program.lockClasses[lockClass].lockdep = lock.lockdep
    program.lockClasses[lockClass].isShared = lock.isShared
    guard let order = lock.nestsBy else { return }
    guard let by = program.types[type].field(named: order.text) else {
      complain(
        "'\(program.types[type].name)' has no field '\(order.text)'\(Spelling.suggestion(order.text, among: program.types[type].fields.map(\.name)))",
        at: order.span)
      return
    }
    guard by.isConstant, by.type == .int || by.type == .unsigned else {
      complain(
        "locks nest by a number that never changes; declare 'const \(order.text): int'", at: order.span)
      return
    }
    program.lockClasses[lockClass].nestsBy = by.offset
  }
}
