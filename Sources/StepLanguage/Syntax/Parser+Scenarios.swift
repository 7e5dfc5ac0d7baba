/// Scenarios and the lines of their threads.
extension Parser {
  mutating func scenario() throws -> ScenarioSyntax {
    _ = advance()
    let name = try title("the scenario's name")
    var result = ScenarioSyntax(
      name: name, title: optionalString(), about: "", models: [], faults: false, setup: [], threads: [],
      finally: [])
    _ = try expectPunctuation("{", "to open the scenario")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      guard at(.word) else {
        throw fail(
          "expected about, model, faults, setup, thread or finally, found \(describe(current))", at: current)
      }
      switch current.text {
      case "about":
        _ = advance()
        result.about = try string("what this scenario is about")
        while at(.string) || (at(.newline) && next.kind == .string) {
          if at(.newline) { _ = advance() }
          result.about += " " + advance().text
        }
      case "model":
        _ = advance()
        result.models.append(try title("a model's name"))
        while takePunctuation(",") { result.models.append(try title("a model's name")) }
      case "faults":
        _ = advance()
        result.faults = true
      case "setup":
        _ = advance()
        result.setup += try operations()
      case "finally":
        _ = advance()
        result.finally += try operations()
      case "thread":
        _ = advance()
        let name = try identifier("the thread's name")
        if let first = result.threads.first(where: { $0.name.text == name.text }) {
          throw fail(
            "there is a thread '\(name.text)' already, in line \(source.line(at: first.name.span.start)); give this one another name",
            at: tokens[position - 1])
        }
        let others = result.threads.count { $0.name.text != "T0" }
        guard name.text == "T0" || others < Limits.threads.number else {
          throw fail(Limits.threads.message, at: tokens[position - 1])
        }
        if atPunctuation("-") || atPunctuation(".") || at(.number) {
          throw fail(
            "expected '{' to open the operations, found \(describe(current)); a thread's name has letters, digits and '_' only",
            at: current)
        }
        result.threads.append((name, try operations()))
      default:
        throw fail(
          "'\(current.text)' is no part of a scenario; use about, model, faults, setup, thread, finally",
          at: current)
      }
    }
  }

  /// The lines of an operation script between braces.
  mutating func operations() throws -> [OperationLine] {
    _ = try expectPunctuation("{", "to open the operations")
    var result: [OperationLine] = []
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("these operations have no end; close them with '}'", at: current) }
      guard result.count < Limits.operations.number else {
        throw fail(Limits.operations.message, at: current)
      }
      result.append(operationLine())
    }
  }

  mutating func operationLine() -> OperationLine {
    var words: [OperationLine.Word] = []
    while !at(.newline), !at(.end), !atPunctuation("}") {
      let token = advance()
      // '-1' and the like are one word.
      if let last = words.last, last.span.end == token.span.start {
        words[words.count - 1].text += token.text
        words[words.count - 1].span.end = token.span.end
      } else {
        words.append(OperationLine.Word(text: token.text, span: token.span))
      }
    }
    var expectations: [Expectation] = []
    do throws(Expectation.Problem) {
      expectations = try Expectation.take(from: &words, end: current.span)
    } catch {
      complain(error.message, at: error.span)
    }
    let span = words.isEmpty ? current.span : words[0].span.joined(words[words.count - 1].span)
    return OperationLine(words: words, span: span, expectations: expectations)
  }
}
