import Basics

/// The functions of a C text as their words, with macros in place: what comments and layout do not change.
struct PatchComparison {
  /// A function of the text.
  struct Function {
    /// Its words.
    var words: [String]
    /// Its text as it stands there.
    var text: String
    /// Its lines, from 1.
    var lines: ClosedRange<Int>
  }

  /// The functions by name; of several of one name the first.
  private(set) var functions: [String: Function] = [:]
  /// Names of functions that stand there more than once, and differ, in order.
  private(set) var repeated: [String] = []

  /// Takes the functions of a text apart; one without an end is none.
  init(_ source: SourceFile, configuration: Set<String>) {
    var parser = CParser(source, file: 0, configuration: configuration)
    while !parser.at(.end) {
      guard let head = parser.findDefinition() else { continue }
      parser.position = head.body
      guard let end = parser.end(of: head) else {
        parser.skipBraces()
        continue
      }
      parser.position = end
      let name = parser.tokens[head.name].text
      let tokens = parser.tokens[head.start..<end]
      let start = tokens.first?.span.start ?? 0
      let stop = max(start, tokens.last?.span.end ?? start)
      let words = tokens.map { "\($0.kind)\u{0}\($0.text)" }
      if let known = functions[name] {
        if known.words != words, !repeated.contains(name) { repeated.append(name) }
        continue
      }
      functions[name] = Function(
        words: words,
        text: String(decoding: source.bytes[start..<stop], as: UTF8.self),
        lines: source.line(at: start)...source.line(at: max(start, stop - 1)))
    }
  }
}
