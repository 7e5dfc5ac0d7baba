import Basics

/// Changes single statements of a function, each named by its text in the base.
struct Patch {
  private(set) var diagnostics: [Diagnostic] = []
  private let sources: [SourceFile]
  /// For each statement of the base, by where it begins, what happens to it.
  private var edits: [Span: [PatchSyntax.Edit]] = [:]
  private var applied = 0

  /// - Parameters:
  ///   - function: the function of the base.
  ///   - base: what to call the base in messages.
  init(_ patch: PatchSyntax, of function: inout FunctionSyntax, base: String, sources: [SourceFile]) {
    self.sources = sources
    let statements = Self.all(function.body).map { (statement: $0, words: words($0)) }
    var wanted = 0
    for edit in patch.edits {
      guard let text = edit.text else { continue }
      let words = Self.words(text.text)
      let found = statements.filter { $0.words == words }
      let place = "'\(patch.target)' of '\(base)'"
      if found.isEmpty {
        let known = statements.map { $0.words.joined(separator: " ") }
        let close = Spelling.closest(to: words.joined(separator: " "), among: known).flatMap { close in
          statements.first { $0.words.joined(separator: " ") == close }
        }
        let advice = close.map { "; line \(line($0.statement)) says: \(self.text($0.statement))" } ?? ""
        complain("\(place) has no such statement\(advice)", at: text.span)
        continue
      }
      if found.count > 1, edit.number == nil {
        let lines = found.map { String(line($0.statement)) }.joined(separator: ", ")
        complain(
          "\(place) has this statement \(found.count) times, in lines \(lines); write a number behind the text: \(Self.quoted(text.text)) 1",
          at: text.span)
        continue
      }
      let number = edit.number ?? 1
      guard number <= found.count else {
        complain(
          "\(place) has this statement \(found.count == 1 ? "once" : "\(found.count) times") only",
          at: text.span)
        continue
      }
      let statement = found[number - 1].statement
      let key = Self.key(statement)
      if Self.isExclusive(edit), edits[key]?.contains(where: Self.isExclusive) == true {
        complain("this statement is replaced, deleted or given another head already", at: text.span)
        continue
      }
      if case .head(let isWhile, _) = edit.kind {
        switch (statement.kind, isWhile) {
        case (.conditional, false), (.whileLoop, true): break
        default:
          complain(
            "this statement has no such head; 'head' changes an 'if' to an 'if', a 'while' to a 'while'",
            at: text.span)
          continue
        }
      }
      edits[key, default: []].append(edit)
      wanted += 1
    }
    guard diagnostics.isEmpty else { return }
    function.body = changed(function.body)
    for edit in patch.edits {
      if case .first(let block) = edit.kind {
        function.body.statements = block.statements + function.body.statements
      }
      if case .last(let block) = edit.kind { function.body.statements += block.statements }
    }
    if applied < wanted {
      // What stands in a statement that goes cannot be changed.
      for (_, left) in edits.sorted(by: { $0.key.start < $1.key.start }) {
        for edit in left {
          complain(
            "this statement stands inside another one that is replaced or deleted here",
            at: edit.text?.span ?? edit.span)
        }
      }
    }
  }

  private static func isExclusive(_ edit: PatchSyntax.Edit) -> Bool {
    switch edit.kind {
    case .replace, .delete, .head: true
    case .before, .after, .first, .last: false
    }
  }

  // MARK: Changing

  private mutating func changed(_ block: Block) -> Block {
    var result = block
    result.statements = []
    for statement in block.statements {
      let own = edits.removeValue(forKey: Self.key(statement)) ?? []
      applied += own.count
      for case .before(let block) in own.map(\.kind) { result.statements += block.statements }
      if let exclusive = own.first(where: Self.isExclusive) {
        switch exclusive.kind {
        case .replace(let block): result.statements += block.statements
        case .head(_, let condition):
          result.statements.append(inside(statement, condition: condition, head: exclusive.span))
        default: break
        }
      } else {
        result.statements.append(inside(statement, condition: nil, head: statement.span))
      }
      for case .after(let block) in own.map(\.kind) { result.statements += block.statements }
    }
    return result
  }

  /// A statement with the blocks inside it changed, and perhaps with another condition.
  private mutating func inside(_ statement: Statement, condition other: Expression?, head: Span) -> Statement
  {
    var result = statement
    switch statement.kind {
    case .conditional(let condition, let then, let otherwise):
      result.kind = .conditional(other ?? condition, changed(then), otherwise.map { changed($0) })
    case .whileLoop(let condition, let body): result.kind = .whileLoop(other ?? condition, changed(body))
    case .loop(let body): result.kind = .loop(changed(body))
    default: break
    }
    if let other { result.span = Span(file: head.file, start: other.span.start, end: other.span.end) }
    return result
  }

  // MARK: Finding

  private static func key(_ statement: Statement) -> Span {
    Span(file: statement.span.file, start: statement.span.start, end: statement.span.start)
  }

  /// All statements of a block in the order of the text, those of inner blocks behind their own.
  private static func all(_ block: Block) -> [Statement] {
    block.statements.flatMap { statement in
      switch statement.kind {
      case .conditional(_, let then, let otherwise):
        [statement] + all(then) + (otherwise.map { all($0) } ?? [])
      case .whileLoop(_, let body), .loop(let body): [statement] + all(body)
      default: [statement]
      }
    }
  }

  /// The text of a statement; of one with a block that of its head.
  private func text(_ statement: Statement) -> String {
    let span = statement.span
    let bytes = sources[span.file].bytes
    func piece(_ end: Int) -> String {
      String(decoding: bytes[span.start..<max(span.start, end)], as: UTF8.self)
    }
    switch statement.kind {
    case .conditional(let condition, _, _):
      return condition.span.file == span.file && span.start < condition.span.start
        ? piece(condition.span.end) : "if " + piece(span.end)
    case .whileLoop(let condition, _):
      return condition.span.file == span.file && span.start < condition.span.start
        ? piece(condition.span.end) : "while " + piece(span.end)
    case .loop: return "loop"
    default: return piece(span.end)
    }
  }

  private func line(_ statement: Statement) -> Int {
    sources[statement.span.file].line(at: statement.span.start)
  }

  private func words(_ statement: Statement) -> [String] { Self.words(text(statement)) }

  /// The words of a text: blanks and comments do not count.
  private static func words(_ text: String) -> [String] {
    var lexer = Lexer(SourceFile(name: "", text: text), file: 0)
    return lexer.run().compactMap { token in
      switch token.kind {
      case .newline, .documentation, .end: nil
      case .string: quoted(token.text)
      default: token.text
      }
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }

  private mutating func complain(_ message: String, at span: Span) {
    diagnostics.append(Diagnostic(message, at: span, in: sources[span.file]))
  }
}
