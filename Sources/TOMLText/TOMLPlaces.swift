public import StepLanguage
public import TOMLKit

/// A TOML text, parsed, with messages that point into it.
public struct TOMLPlaces: Sendable {
  /// The text as a file.
  public let source: SourceFile
  /// Where each key and value stands.
  public let positions: TOMLPositions
  private let text: String

  /// A text.
  public init(_ source: SourceFile, text: String) {
    self.source = source
    self.text = text
    positions = TOMLPositions(text)
  }

  /// The text's table.
  ///
  /// - Throws: `DiagnosticError` when it is not TOML.
  public func table() throws(DiagnosticError) -> TOMLTable {
    if text.unicodeScalars.contains("\0") {
      throw DiagnosticError([diagnostic("a text file holds no null characters; remove them", [])])
    }
    if let fault = positions.faults.first {
      throw DiagnosticError([Diagnostic(fault.message, at: place(fault.span), in: source)])
    }
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      let span = TOMLPositions.Span(
        line: error.source.begin.line, column: error.source.begin.column, length: 1)
      throw DiagnosticError([
        Diagnostic("this is not TOML: \(error.description)", at: place(span), in: source)
      ])
    } catch {
      throw DiagnosticError([diagnostic("this is not TOML: \(error)", [])])
    }
  }

  /// A message about the value at a path, or about its key when that says more.
  public func diagnostic(_ message: String, _ path: [String], atKey: Bool = false) -> Diagnostic {
    var path = path
    while true {
      if let span = (atKey ? positions.keys[path] : nil) ?? positions.values[path] ?? positions.keys[path] {
        return Diagnostic(message, at: place(span), in: source)
      }
      if path.isEmpty { return Diagnostic(message, at: Span(file: 0, start: 0, end: 1), in: source) }
      path.removeLast()
    }
  }

  private func place(_ span: TOMLPositions.Span) -> Span {
    let line = min(max(span.line, 1), source.lineCount)
    let start = source.lineStarts[line - 1]
    let scalars = source.text(ofLine: line).unicodeScalars
    func bytes(_ count: Int) -> Int { scalars.prefix(max(0, count)).reduce(0) { $0 + UTF8.width($1) } }
    return Span(
      file: 0, start: start + bytes(span.column - 1), end: start + bytes(span.column - 1 + span.length))
  }
}
