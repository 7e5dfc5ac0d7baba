import Basics

/// What a revision changes inside a function of its base.
extension Parser {
  mutating func patch() throws -> PatchSyntax {
    guard atWord("fn") || atWord("entry") else {
      throw fail("expected 'fn' or 'entry' and the name of a function of the base", at: current)
    }
    statementCount = 0
    let kind = advance().text
    var result = PatchSyntax(kind: kind, name: try identifier("the function's name"), edits: [])
    _ = try expectPunctuation("{", "to open the changes")
    while true {
      skipNewlines()
      if takePunctuation("}") { return result }
      if at(.end) { throw fail("these changes have no end; close them with '}'", at: current) }
      result.edits.append(try edit())
      try endOfStatement()
    }
  }

  private mutating func edit() throws -> PatchSyntax.Edit {
    let start = current
    let word = try identifier("'replace', 'before', 'after', 'delete', 'head', 'first' or 'last'").text
    var text: Identifier?
    var number: Int?
    if ["replace", "before", "after", "delete", "head"].contains(word) {
      guard at(.string) else {
        throw fail(
          "expected a statement of the base's function in quotes, found \(describe(current))", at: current)
      }
      let token = advance()
      text = Identifier(text: token.text, span: token.span)
      if at(.number) {
        let which = current
        let value = try self.number("which of the equal statements")
        guard (1...Int64(Limits.statements.number)).contains(value) else {
          throw fail("statements are counted from 1", at: which)
        }
        number = Int(value)
      }
    }
    let kind: PatchSyntax.Edit.Kind
    switch word {
    case "replace": kind = .replace(try block())
    case "before": kind = .before(try block())
    case "after": kind = .after(try block())
    case "delete": kind = .delete
    case "first": kind = .first(try block())
    case "last": kind = .last(try block())
    case "head":
      _ = try expectPunctuation("{", "to open the new head")
      skipNewlines()
      guard atWord("if") || atWord("while") else {
        throw fail("expected 'if' or 'while' and the new condition, without a block", at: current)
      }
      let isWhile = advance().text == "while"
      let condition = try expression()
      skipNewlines()
      _ = try expectPunctuation("}", "behind the new condition")
      kind = .head(isWhile: isWhile, condition)
    default:
      throw fail(
        "'\(word)' is no change; write replace, before, after, delete, head, first or last", at: start)
    }
    let end = tokens[max(0, position - 1)].span.end
    return PatchSyntax.Edit(
      kind: kind, text: text, number: number,
      span: Span(file: start.span.file, start: start.span.start, end: end))
  }
}
