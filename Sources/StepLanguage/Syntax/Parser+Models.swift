/// Models and their items.
extension Parser {
  mutating func model() throws -> ModelSyntax {
    let isRevision = advance().text == "revision"
    let name = try title("the model's name")
    var base: Identifier?
    if isRevision {
      guard takeWord("of") else {
        throw fail("expected 'of' and the name of the model that this revises", at: current)
      }
      base = try title("the name of the model that this revises")
    }
    let heading = optionalString()
    _ = try expectPunctuation("{", "to open the model")
    var items: [ItemSyntax] = []
    while true {
      let documentation = skipNewlines()
      if atPunctuation("}") { break }
      if at(.end) { throw fail("the model '\(name.text)' has no end; close it with '}'", at: current) }
      do {
        guard items.count < Limits.items.number else {
          throw fail(Limits.items.message, at: current)
        }
        items.append(try item(documentation))
      } catch {
        if items.count == Limits.items.number { throw error }
        if diagnostics.count >= Self.diagnosticLimit { throw error }
        nesting = 0
        recoverToNextItem()
      }
    }
    _ = advance()
    return ModelSyntax(name: name, base: base, title: heading, items: items)
  }

  static let itemWords = Vocabulary.texts { $0 == .item }

  mutating func recoverToNextItem() {
    parenthesisDepth = 0
    var depth = 0
    while !at(.end) {
      if depth <= 0, position > 0, tokens[position - 1].kind == .newline, at(.word),
        Self.itemWords.contains(current.text)
      {
        return
      }
      if atPunctuation("{") { depth += 1 }
      if atPunctuation("}") {
        // A closing brace in the first columns ends an item or the model, whatever was counted before.
        if isAtLineStart { return }
        depth -= 1
      }
      position += 1
    }
  }

  mutating func item(_ documentation: String) throws -> ItemSyntax {
    let start = current
    guard at(.word), Self.itemWords.contains(start.text) else {
      throw fail(
        "expected an item (fn, entry, object, global, const, slot, ops, driver, init, invariant, property, rule, blame, lock, trace, workqueue, domain, source, remove), found \(describe(start))",
        at: start)
    }
    _ = advance()
    let kind: ItemSyntax.Kind
    switch start.text {
    case "source":
      kind = .source(try string("the source"))
    case "const":
      let name = try identifier("the constant's name")
      _ = try expectPunctuation("=", "and the constant's value")
      kind = .constant(name, try expression())
    case "slot":
      let name = try identifier("the slot's name")
      if takeWord("of") {
        var members = [try identifier("a slot")]
        while takePunctuation(",") { members.append(try identifier("a slot")) }
        kind = .slot(SlotSyntax(name: name, letter: "", members: members, title: optionalString()))
        break
      }
      let letter = takeWord("letter") ? try identifier("the letter").text : name.text
      _ = try expectPunctuation("=", "and what the slots hold at first")
      let value = try expression()
      kind = .slot(SlotSyntax(name: name, letter: letter, initial: value, title: optionalString()))
    case "object":
      kind = .object(try object())
    case "global":
      let isShown = takeWord("show")
      let name = try identifier("the global's name")
      _ = try expectPunctuation(":", "and the global's type")
      kind = .global(FieldSyntax(name: name, type: try type(), isConstant: false, isShown: isShown))
    case "ops":
      kind = .ops(try ops())
    case "driver":
      kind = .driver(try driver())
    case "init":
      kind = .initial(try block())
    case "fn", "entry":
      kind = .function(try function(isEntry: start.text == "entry"))
    case "invariant":
      kind = .invariant(try invariant())
    case "property":
      let name = try title("the property's name")
      kind = .property(name, try string("what the property means"))
    case "rule":
      kind = .rule(try rule())
    case "blame":
      kind = .blame(try blame())
    case "lock":
      kind = .lock(try lock())
    case "trace":
      kind = .trace(try trace())
    case "workqueue":
      kind = .workqueue(try workqueue())
    case "domain":
      kind = .domain(try domain())
    case "in":
      kind = .patch(try patch())
    default:
      guard at(.word) else { throw fail("expected the kind and name of what to remove", at: current) }
      let word = advance()
      var name = Identifier(text: word.text, span: word.span)
      if at(.word) {
        let second = try title("the name of what to remove")
        name.text += " " + second.text
        name.span = name.span.joined(second.span)
      }
      kind = .remove(name)
    }
    try endOfStatement()
    let end = tokens[max(0, position - 1)].span.end
    return ItemSyntax(
      span: Span(file: start.span.file, start: start.span.start, end: end), documentation: documentation,
      kind: kind)
  }

  mutating func domain() throws -> DomainSyntax {
    var names = [try identifier("a number parameter's name")]
    while takePunctuation(",") { names.append(try identifier("a number parameter's name")) }
    _ = try expectPunctuation("=", "and the values that are worth trying")
    var tuples: [[Expression]] = []
    repeat {
      guard names.count > 1 else {
        tuples.append([try expression()])
        continue
      }
      let start = current
      _ = try expectPunctuation("(", "to open a value for each of the names")
      parenthesisDepth += 1
      skipNewlines()
      var values = [try expression()]
      while takePunctuation(",") { values.append(try expression()) }
      parenthesisDepth -= 1
      _ = try expectPunctuation(")", "to close the values")
      guard values.count == names.count else {
        throw fail(
          "there are \(values.count) values for \(names.count) names; write one for each, as in (0x1000, 2)",
          at: start)
      }
      tuples.append(values)
    } while takePunctuation(",")
    return DomainSyntax(names: names, tuples: tuples, title: optionalString())
  }

  mutating func object() throws -> ObjectSyntax {
    let name = try identifier("the object's name")
    var result = ObjectSyntax(name: name, base: nil, short: name.text, layer: 0, role: "", fields: [])
    while at(.word) {
      switch current.text {
      case "extends":
        _ = advance()
        result.base = try identifier("the object that this extends")
      case "as":
        _ = advance()
        result.short = try identifier("the short name").text
      case "layer":
        _ = advance()
        let place = current
        let layer = try number("the layer")
        guard (0...Int64(Limits.layers.number)).contains(layer) else {
          throw fail(Limits.layers.message, at: place)
        }
        result.layer = Int(layer)
      case "role":
        _ = advance()
        result.role = try identifier("the role").text
      default:
        throw fail(
          "expected 'extends', 'as', 'layer', 'role' or '{', found \(describe(current))", at: current)
      }
    }
    _ = try expectPunctuation("{", "to open the object")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("the object '\(name.text)' has no end; close it with '}'", at: current) }
      var isConstant = false
      var isShown = false
      var isSetOnce = false
      while at(.word), next.kind == .word {
        switch current.text {
        case "const": isConstant = true
        case "show": isShown = true
        case "once": isSetOnce = true
        default:
          throw fail(
            "expected 'const', 'show', 'once' or a field's name, found \(describe(current))", at: current)
        }
        _ = advance()
      }
      let field = try identifier("a field's name")
      _ = try expectPunctuation(":", "and the field's type")
      result.fields.append(
        FieldSyntax(
          name: field, type: try type(), isConstant: isConstant, isShown: isShown, isSetOnce: isSetOnce))
      try endOfStatement()
    }
  }

  mutating func type() throws -> TypeSyntax {
    let name = try identifier("a type")
    if let type = try laterType(name) { return type }
    switch name.text {
    case "xarray":
      guard takeWord("of") else { throw fail("expected 'of' and an object type", at: current) }
      let element = try identifier("an object type")
      let from = takeWord("from") ? try number("the first index") : 0
      return TypeSyntax(span: name.span.joined(element.span), kind: .xarray(element.text, from: from))
    case "list", "interval_map":
      guard takeWord("of") else { throw fail("expected 'of' and an object type", at: current) }
      let element = try identifier("an object type")
      return TypeSyntax(
        span: name.span.joined(element.span),
        kind: name.text == "list" ? .list(element.text) : .intervalMap(element.text))
    default:
      return TypeSyntax(span: name.span, kind: .named(name.text))
    }
  }

  mutating func ops() throws -> OpsSyntax {
    var result = OpsSyntax(name: try identifier("the name of the ops"), functions: [], values: [])
    _ = try expectPunctuation("{", "to open the ops")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("these ops have no end; close them with '}'", at: current) }
      if takeWord("fn") {
        let name = try identifier("the callback's name")
        let parameters = try self.parameters(isEntry: false)
        let type = takePunctuation("->") ? try type() : nil
        result.functions.append(OpsFunctionSyntax(name: name, parameters: parameters, result: type))
      } else {
        let name = try identifier("a callback ('fn') or a value's name")
        _ = try expectPunctuation(":", "and the value's type")
        result.values.append((name, try type()))
      }
      try endOfStatement()
    }
  }

  mutating func driver() throws -> DriverSyntax {
    let name = try identifier("the driver's name")
    _ = try expectPunctuation(":", "and the ops that the driver fills")
    let ops = try identifier("the name of the ops")
    var result = DriverSyntax(name: name, ops: ops, title: optionalString(), members: [])
    _ = try expectPunctuation("{", "to open the driver")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("this driver has no end; close it with '}'", at: current) }
      let member = try identifier("a member of the ops")
      _ = try expectPunctuation("=", "and what it is")
      result.members.append((member, try expression()))
      try endOfStatement()
    }
  }

  mutating func parameters(isEntry: Bool) throws -> [ParameterSyntax] {
    _ = try expectPunctuation("(", "to open the parameters")
    parenthesisDepth += 1
    skipNewlines()
    var result: [ParameterSyntax] = []
    while !atPunctuation(")") {
      var direction = ParameterSyntax.Direction.input
      if isEntry, next.kind == .word {
        if takeWord("out") { direction = .output } else if takeWord("inout") { direction = .both }
      }
      let name = try identifier("a parameter's name")
      if at(.word) || atPunctuation("*") {
        throw fail(
          "expected ':' and the parameter's type, found \(describe(current)); the name comes first: x: TYPE",
          at: current)
      }
      _ = try expectPunctuation(":", "and the parameter's type")
      var parameter = ParameterSyntax(name: name, type: try type(), direction: direction)
      if isEntry, takeWord("from") { parameter.from = try identifier("another parameter") }
      if isEntry, takePunctuation("=") { parameter.absent = try expression() }
      result.append(parameter)
      if result.count > Limits.parameters.number { throw fail(Limits.parameters.message, at: current) }
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the parameters")
    return result
  }

  mutating func function(isEntry: Bool) throws -> FunctionSyntax {
    statementCount = 0
    let name = try identifier(isEntry ? "the entry's name" : "the function's name")
    var result = FunctionSyntax(
      name: name, parameters: try parameters(isEntry: isEntry), result: nil, isEntry: isEntry, title: "",
      probes: [],
      returns: [], body: Block(statements: [], end: name.span))
    if takePunctuation("->") { result.result = try type() }
    skipNewlines()
    result.title = optionalString()
    while true {
      skipNewlines()
      if takeWord("probe") {
        result.probes.append(try probe())
      } else if takeWord("returns") {
        result.returns.append(try probe())
      } else {
        break
      }
    }
    result.body = try block()
    return result
  }

  mutating func probe() throws -> ProbeSyntax {
    let name = try identifier("the probe's name")
    var result = ProbeSyntax(name: name, arguments: [])
    _ = try expectPunctuation("(", "to open the probe's arguments")
    parenthesisDepth += 1
    skipNewlines()
    while !atPunctuation(")") {
      if at(.word), next.kind == .punctuation, next.text == "=" {
        let name = advance().text
        _ = advance()
        result.arguments.append((name, try expression()))
      } else {
        let value = try expression()
        let name =
          switch value.kind {
          case .name(let name): name
          case .field(_, let field): field.text
          default: throw fail("name this argument: write 'name = …'", at: current)
          }
        result.arguments.append((name, value))
      }
      if result.arguments.count > Limits.parameters.number {
        throw fail(Limits.parameters.message, at: current)
      }
      if !takePunctuation(",") { break }
    }
    parenthesisDepth -= 1
    _ = try expectPunctuation(")", "to close the probe's arguments")
    return result
  }

  mutating func invariant() throws -> InvariantSyntax {
    let name = try identifier("the invariant's name")
    let text = try string("what the invariant says")
    skipNewlines()
    let property = takeWord("property") ? try title("a property") : nil
    skipNewlines()
    let quiescent = takeWord("quiescent")
    if !quiescent, !takeWord("always") { throw fail("expected 'always' or 'quiescent'", at: current) }
    var variable: (name: Identifier, type: Identifier)?
    if takeWord("for") {
      let name = try identifier("a variable")
      _ = try expectPunctuation(":", "and an object type")
      variable = (name, try identifier("an object type"))
    }
    let start = position
    _ = try expectPunctuation("{", "to open the condition")
    skipNewlines()
    let body: InvariantSyntax.Body
    if at(.word), ["let", "if", "while", "loop", "return"].contains(current.text) {
      position = start
      body = .statements(try block())
    } else {
      body = .condition(try expression())
      skipNewlines()
      _ = try expectPunctuation("}", "to close the condition")
    }
    return InvariantSyntax(
      name: name, title: text, property: property, isQuiescent: quiescent, variable: variable, body: body)
  }
}
