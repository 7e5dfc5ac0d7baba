import Basics
import StepLanguage

/// Lines of the step language with the stretch of C that each stands for.
struct GeneratedText: Sendable {
  struct Line: Sendable {
    var indent: Int
    /// Pieces of the line; each knows its own stretch of C.
    var pieces: [(text: String, span: Span)]

    var text: String { pieces.map(\.text).joined() }
  }

  var lines: [Line] = []
  var indent = 0

  mutating func add(_ text: String, at span: Span) {
    add([(text, span)])
  }

  mutating func add(_ pieces: [(text: String, span: Span)]) {
    let text = pieces.map(\.text).joined()
    if text.hasPrefix("}") { indent = max(0, indent - 1) }
    lines.append(Line(indent: indent, pieces: pieces))
    if text.hasSuffix("{") { indent += 1 }
  }

  /// The text, and where the words of each stretch begin.
  func rendered(into text: inout String, runs: inout [(start: Int, origin: Span)]) {
    var length = text.utf8.count
    for line in lines {
      let indent = String(repeating: "  ", count: line.indent)
      text += indent
      length += indent.utf8.count
      for piece in line.pieces {
        runs.append((length, piece.span))
        text += piece.text
        length += piece.text.utf8.count
      }
      text += "\n"
      length += 1
    }
  }
}
