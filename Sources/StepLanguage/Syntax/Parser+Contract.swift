import Basics

/// What a model says of itself: rules of its contract, who broke them, and what a kernel calls its locks.
extension Parser {
  mutating func rule() throws -> RuleSyntax {
    let name = try identifier("the rule's name")
    var owner: String?
    if takeWord("owed") {
      guard takeWord("by") else { throw fail("expected 'by' and who owes it", at: current) }
      owner = try identifier("who owes it").text
    }
    return RuleSyntax(name: name, owner: owner, sentence: try string("what the rule says"))
  }

  mutating func blame() throws -> BlameSyntax {
    var properties = [try title("a property")]
    while takePunctuation(",") { properties.append(try title("a property")) }
    var result = BlameSyntax(properties: properties, start: optionalString(), cases: [])
    _ = try expectPunctuation("{", "to open the cases")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("these cases have no end; close them with '}'", at: current) }
      var conditions: [Blame.Condition] = []
      if takeWord("when") {
        repeat {
          conditions.append(try blameCondition())
          // A line may begin with 'and'.
          if at(.newline), next.kind == .word, next.text == "and" { _ = advance() }
        } while takeWord("and")
        _ = try expectPunctuation(":", "and the rules that are broken then")
      }
      var rules = [try identifier("a rule's name, 'same' or 'none'")]
      var parts = [try part()]
      while takeWord("or") {
        rules.append(try identifier("a rule's name"))
        parts.append(try part())
      }
      result.cases.append(BlameSyntax.Case(conditions: conditions, rules: rules, parts: parts))
      try endOfStatement()
    }
  }

  /// The part of a rule's sentence that is broken; nil when none is given.
  private mutating func part() throws -> Identifier? {
    guard at(.string) else { return nil }
    let span = current.span
    return Identifier(text: try string("a part of the rule's sentence"), span: span)
  }

  private mutating func blameCondition() throws -> Blame.Condition {
    let isNegated = takeWord("not")
    let start = current
    let word = try identifier("a condition").text
    let kind: Blame.Condition.Kind
    switch word {
    case "at": kind = .at(try names())
    case "in": kind = .in(try names())
    case "calling": kind = .calling(try identifier("a callback").text)
    case "anybody": kind = .anybody(try names())
    case "failed": kind = .failed(try names())
    case "found": kind = .found(try title("a property").text)
    case "entered": kind = .entered(try names())
    case "asked": kind = .asked(try names())
    case "another":
      let how = try identifier("'entered' or 'left'")
      guard ["entered", "left"].contains(how.text) else {
        throw fail("expected 'entered' or 'left', found '\(how.text)'", at: start)
      }
      let functions = try names()
      kind = how.text == "left" ? .anotherLeft(functions) : .anotherEntered(functions)
    case "object": kind = .object(try names())
    case "owner": kind = .owner(try identifier("a field").text)
    case "pending", "raised":
      let field = try identifier("a field").text
      guard takeWord("of") else { throw fail("expected 'of' and a variable, or 'owner'", at: current) }
      let variable = try identifier("a variable, or 'owner'").text
      guard takeWord("in") else { throw fail("expected 'in' and a function, or 'here'", at: current) }
      let functions = try names()
      kind =
        word == "raised"
        ? .raised(field: field, of: variable, functions) : .pending(field: field, of: variable, functions)
    case "blocked":
      let callback = try identifier("a callback").text
      if takeWord("itself") {
        kind = .blockedByItself(callback)
      } else {
        let isByThis = takeWord("here")
        guard takeWord("outside") else {
          throw fail("expected 'itself', or 'outside' and types of objects", at: current)
        }
        kind = .blocked(callback, outside: try names(), isByThis: isByThis)
      }
    case "message": kind = .message(try string("the whole message"))
    case "ends": kind = .messageEnds(try string("the end of the message"))
    default: throw fail("'\(word)' is no condition; docs/step-language.md lists them", at: start)
    }
    return Blame.Condition(isNegated: isNegated, kind: kind)
  }

  /// Names with `|` between them; one that ends in `*` stands for all that begin so.
  private mutating func names() throws -> [String] {
    var result: [String] = []
    repeat {
      let name = try identifier("a name").text
      result.append(takePunctuation("*") ? name + "*" : name)
    } while takePunctuation("|")
    return result
  }

  mutating func lock() throws -> LockSyntax {
    var result = LockSyntax(place: try place())
    if takeWord("lockdep") {
      result.lockdep = try string("what the kernel calls the lock's class")
      result.isShared = takeWord("shared")
    }
    if takeWord("nests") {
      guard takeWord("by") else { throw fail("expected 'by' and a const field of the object", at: current) }
      result.nestsBy = try identifier("a const field of the object")
    }
    return result
  }

  mutating func trace() throws -> TraceSyntax {
    if takeWord("null") {
      let name = try identifier("a probe's name")
      _ = try expectPunctuation("=", "and the error that stands for null")
      return TraceSyntax(isNull: true, name: name, value: try expression())
    }
    guard takeWord("inside") else {
      throw fail("expected 'null' and a probe, or 'inside' and a probe's argument", at: current)
    }
    return TraceSyntax(isNull: false, name: try identifier("a probe's argument"))
  }
}
