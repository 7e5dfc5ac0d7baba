import Basics

/// Variables of a function, and structures on its stack.
extension Translator {
  // MARK: Declarations

  mutating func declare(_ variable: CVariable) throws {
    if variable.isStatic {
      throw fail(
        "a static variable is shared by all callers; make it a global of the model", at: variable.span)
    }
    let span = currentSpan
    let kind = kind(of: variable.type)
    if case .structure = kind {
      let name = uniqueName(variable.name)
      scopes[scopes.count - 1][variable.name] = .structure(name)
      structureMembers[name] = [:]
      structureTypes[name] = variable.type.name
      if case .initializer(let members)? = variable.value?.kind {
        // In a loop what it does not name is zero again at each round; which members there are shows later.
        if !loops.isEmpty { try emit("\(Self.lateMark) \(name)") }
        for member in members {
          guard let field = member.name else {
            if case .number(0, _) = member.value.kind { continue }
            throw fail("name the member that this value is for: .member = …", at: member.value.span)
          }
          let value = try local(try self.value(member.value))
          currentSpan = span
          try store(
            value, to: structureMember(name, field, kind: nil, at: member.value.span), at: member.value.span)
        }
      } else if let value = variable.value {
        throw fail("a structure is copied here; name its members one by one", at: value.span)
      }
      return
    }
    var declared = kind == .opaque ? nil : kind
    var number = number(of: variable.type)
    if variable.type.name == "typeof" {
      (declared, number) = try inferred(variable)
      currentSpan = span
    }
    let index = newVariable(variable.name, declared, at: variable.span)
    if kind == .opaque { opaqueVariables.insert(index) }
    variables[index].number = number
    if let number, number.bits >= 32, counters.contains(variable.name) {
      variables[index].bounds = number.isSigned ? -(1 << 30)...(1 << 30) : 0...(1 << 30)
    }
    if errorNames.contains(variable.name) {
      variables[index].error = uniqueName("\(variables[index].name)_err")
    }
    if let cleanup = variable.cleanup {
      guard let template = table.cleanups[cleanup.name], let parameter = template.parameters.first else {
        throw fail(
          "'__free(\(cleanup.name))' is not known; add 'cleanup \(cleanup.name)(p) { … }' to the table",
          at: cleanup.span)
      }
      let name = variables[index].name
      let lines = template.blocks[0].map { $0.replacing("$\(parameter.name)", with: name) }
      // Registered before the value is known: a value that fails is null.
      cleanups.append(Cleanup(lines: lines, span: cleanup.span, scopeDepth: scopes.count))
    }
    if let value = variable.value {
      currentSpan = span
      try assign(value, to: index)
    }
    scopes[scopes.count - 1][variable.name] = .variable(index)
  }

  /// Begins a line that is written when all of the function is known.
  static let lateMark = "=zero"

  /// The lines that stand for a late one: what a structure or a variable begins with.
  func lateLines(_ line: GeneratedText.Line) -> [GeneratedText.Line] {
    let words = line.text.split(separator: " ").map(String.init)
    guard words.count == 2, words[0] == Self.lateMark else { return [line] }
    let indices: [Int] =
      if let index = Int(words[1]) {
        [index]
      } else {
        (structureMembers[words[1]] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
      }
    return indices.compactMap { index in
      let variable = variables[index]
      guard !pointerVariables.contains(index), let kind = variable.kind, kind.typeName != nil else {
        return nil
      }
      var result = line
      result.pieces = [("\(variable.name) = \(kind.zero)", line.pieces[0].span)]
      return result
    }
  }

  /// The variable that stands for a member of a structure on the stack.
  mutating func structureMember(_ structure: String, _ member: String, kind: ValueKind?, at span: Span) -> Int
  {
    if let index = structureMembers[structure]?[member] {
      if variables[index].kind == nil { variables[index].kind = kind }
      return index
    }
    var kind = kind
    if let type = structureTypes[structure].flatMap({ table.structures[$0]?[member] }) {
      kind = self.kind(named: type)
    }
    let index = newVariable("\(structure)_\(member.replacing(".", with: "_"))", kind, at: span)
    if let type = structureTypes[structure], let variable = declared[type]?[member], variable.bits == nil {
      variables[index].number = number(of: variable.type)
      if variables[index].kind == nil, let own = self.kind(of: variable.type), own.typeName != nil,
        own != .opaque
      {
        variables[index].kind = own
      }
    }
    if errorNames.contains(member) { variables[index].error = uniqueName("\(variables[index].name)_err") }
    structureMembers[structure, default: [:]][member] = index
    return index
  }
}
