import Basics

/// What a `#define` line says, in words.
struct CMacro: Sendable {
  /// The name.
  var name: String
  /// Where the name stands.
  var nameSpan: Span
  /// The parameters; nil for one without a parenthesis behind its name.
  var parameters: [String]?
  /// Whether the last parameter takes all further arguments.
  var isVariadic = false
  /// What stands for it.
  var body: [CToken]
  /// Why it cannot be put in place, if so.
  var problem: String?

  /// Reads a `#define` line.
  ///
  /// - Parameters:
  ///   - line: from its `#` to its end.
  ///   - source: the file.
  /// - Returns: Nil when it has no name.
  init?(line: Span, in source: SourceFile) {
    var lexer = CLexer(source, file: line.file, configuration: [], definition: line)
    var tokens = lexer.run().dropLast()[...]
    // `#`, `define`, the name.
    guard tokens.count >= 3, let word = tokens.dropFirst(2).first, word.kind == .word else { return nil }
    tokens = tokens.dropFirst(3)
    name = word.text
    nameSpan = word.span
    body = []
    problem = lexer.diagnostics.first?.message
    // Only a parenthesis right behind the name opens parameters.
    if let open = tokens.first, open.text == "(", open.span.start == word.span.end {
      tokens = tokens.dropFirst()
      readParameters(&tokens)
    }
    body = Array(tokens)
    if body.first?.text == "##" || body.last?.text == "##" { problem = problem ?? "'##' stands at its end" }
  }

  private mutating func readParameters(_ tokens: inout ArraySlice<CToken>) {
    var names: [String] = []
    defer { parameters = names }
    if tokens.first?.text == ")" {
      tokens = tokens.dropFirst()
      return
    }
    while let token = tokens.popFirst() {
      guard token.kind == .word || token.text == "..." else { break }
      var name = token.text
      if name == "..." {
        name = "__VA_ARGS__"
        isVariadic = true
      } else if tokens.first?.text == "..." {
        tokens = tokens.dropFirst()
        isVariadic = true
      }
      if names.contains(name) { problem = problem ?? "two of its parameters are called '\(name)'" }
      names.append(name)
      guard let next = tokens.popFirst() else { break }
      if next.text == ")" { return }
      if next.text != "," || isVariadic { break }
    }
    problem = problem ?? "its parameters are no names in parentheses"
  }
}
