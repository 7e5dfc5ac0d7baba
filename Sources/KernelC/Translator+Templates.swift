import Basics
import StepLanguage

/// Lines of the table with the arguments of a call in place.
extension Translator {
  // MARK: Templates

  /// Emits a template's statements; gives its result.
  mutating func expand(
    _ template: KernelTable.Template, _ arguments: [CExpression], at span: Span, isUsed: Bool
  ) throws -> Operand? {
    let result = template.result == nil ? nil : newVariable("r", nil, at: span)
    // `$error` stands beside a pointer: the errno that C has where the pointer is null.
    let error =
      template.blocks.joined().contains { $0.contains("$error") } ? newVariable("err", .int, at: span) : nil
    let errorName = error.map { variables[$0].name }
    guard let bound = try bind(template, arguments, result: result, error: errorName, at: span) else {
      if let result { variables[result].kind = .int }
      return Operand(text: "0", kind: .opaque)
    }
    currentSpan = span
    for kind in anchors(of: bound.blocks[0]) { try emitBefore(kind, at: span) }
    for line in bound.blocks[0] { try emit(line) }
    for line in bound.stores { try emit(line) }
    noteAnchors(of: bound.blocks[0], at: span)
    guard let result else { return nil }
    variables[result].kind = bound.result
    variables[result].number = bound.number
    var operand = Operand(
      text: variables[result].name, kind: bound.result ?? .int, number: bound.number, label: template.name)
    if let errorName {
      operand.error = errorName
      return operand
    }
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
    _ template: KernelTable.Template, _ arguments: [CExpression], result: Int? = nil, error: String? = nil,
    at span: Span
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
    var numbers: [String: CNumber] = [:]
    var stores: [String] = []
    var accesses = 0
    var isOpaque = false
    // A type among the arguments, as in min_t(u32, a, b), is that of the values behind it.
    var named: CNumber?
    for (parameter, argument) in zip(template.parameters, arguments) {
      switch parameter.kind {
      case .ignored:
        if case .type(let type) = argument.kind {
          named = number(of: type)
        } else if hasEffect(argument) {
          try discard(argument)
        }
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
        var operand = try converted(try value(argument), to: named, at: argument.span)
        if !operand.isAtom { operand = try materialized(operand) }
        words.append((parameter.name, operand.text))
        kinds[parameter.name] = operand.kind
        numbers[parameter.name] = named ?? operand.number
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
        bound.number = numbers[String(type.dropFirst(5))]
      } else {
        bound.result = kind(named: type)
      }
    }
    if let result { words.append(("result", variables[result].name)) }
    if let error { words.append(("error", error)) }
    for (name, kind) in kinds {
      if case .reference(let type?) = kind { words.append(("typeof(\(name))", type)) }
    }
    var locals: [String: String] = [:]
    for block in template.blocks {
      var lines: [String] = []
      for line in block { lines.append(try substituted(line, words, &locals, at: span)) }
      bound.blocks.append(lines)
    }
    return bound
  }

  mutating func bindBundle(
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
  mutating func bindMembers(
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
  mutating func output(
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
      let index = newVariable("out", place.kind, at: argument.span)
      kind = place.kind
      let isLate = place.accesses == 0
      if isLate {
        noteLate(place, place.text.split(separator: ".").last.map(String.init) ?? "", at: argument.span)
      }
      stores.append("\(isLate ? "init " : "")\(place.text) = \(variables[index].name)")
      return variables[index].name
    default: throw fail("no result can be put here", at: argument.span)
    }
  }

  /// The variable of C that `$$name` or `$$name.member` means where a call stands; `rest` begins behind the signs.
  mutating func takeVariable(_ rest: inout Substring, at span: Span) throws -> String {
    func word(_ text: Substring) -> String {
      String(text.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
    if rest.first == "(", let close = rest.firstIndex(of: ")") {
      // A path that a `bind … = local` line made a variable of.
      let path = String(rest[..<close].dropFirst())
      rest = rest[rest.index(after: close)...]
      return variables[pathVariable(path, at: span)].name
    }
    let variable = word(rest)
    rest = rest.dropFirst(variable.count)
    switch lookUp(variable) {
    case .structure(let structure)? where rest.first == ".":
      let member = word(rest.dropFirst())
      rest = rest.dropFirst(member.count + 1)
      return variables[structureMember(structure, member, kind: nil, at: span)].name
    case .variable(let index)?, .output(let index)?: return variables[index].name
    default:
      guard let text = inScope(variable, [variable]) else {
        throw fail(
          "the table's lines for this place need a variable '\(variable)', and there is none here", at: span)
      }
      return text
    }
  }

  /// A line of the table with the C variables that it names by `$$`.
  mutating func scoped(_ line: String, at span: Span) throws -> String {
    guard line.contains("$$") else { return line }
    var result = ""
    var rest = Substring(line)
    while let mark = rest.firstRange(of: "$$") {
      result += rest[..<mark.lowerBound]
      rest = rest[mark.upperBound...]
      result += try takeVariable(&rest, at: span)
    }
    return result + rest
  }

  /// A line with arguments, fresh names and holders in place.
  mutating func substituted(
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
        result += try takeVariable(&rest, at: span)
        continue
      }
      var word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      rest = rest.dropFirst(word.count)
      if word == "typeof", let close = rest.firstIndex(of: ")") {
        word += rest[...close]
        rest = rest[rest.index(after: close)...]
      }
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
}
