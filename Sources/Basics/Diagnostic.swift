/// Something wrong in a text that a user wrote: where, what, and what to do.
public struct Diagnostic: Hashable, Sendable {
  /// Name of the file.
  public let file: String
  /// Line from 1.
  public let line: Int
  /// Column from 1, in characters.
  public let column: Int
  /// How many characters the caret underlines; at least 1.
  public let width: Int
  /// What is wrong and what to do.
  public let message: String
  /// The line itself, for the caret.
  public let source: String

  /// A diagnostic at a stretch of a source file.
  public init(_ message: String, at span: Span, in file: SourceFile) {
    self.file = file.name
    self.line = file.line(at: span.start)
    self.column = file.column(at: span.start)
    self.message = message
    let source = file.text(ofLine: line)
    self.source = source
    let end =
      file.line(at: max(span.start, span.end - 1)) == line ? file.column(at: span.end) : source.count + 1
    self.width = max(1, end - column)
  }

  /// A diagnostic about a file as a whole, such as one that cannot be read as text.
  public init(_ message: String, file: String) {
    self.file = file
    self.line = 1
    self.column = 1
    self.width = 1
    self.message = message
    self.source = ""
  }

  /// A diagnostic about a whole line of a file that is not kept in memory.
  ///
  /// - Parameters:
  ///   - message: what is wrong and what to do.
  ///   - file: the file's name.
  ///   - line: the line's number, from 1.
  ///   - source: the line, or its beginning.
  public init(_ message: String, file: String, line: Int, source: String) {
    self.file = file
    self.line = line
    self.column = 1
    self.width = max(1, source.count)
    self.message = message
    self.source = source
  }

  /// `file:line:column: error: …`, then the line and a caret under the place.
  public var rendered: String {
    // Control characters must not reach a terminal, and a message may quote what stands in the file.
    func harmless(_ text: String) -> String { String(text.map { $0.isControl ? "\u{FFFD}" : $0 }) }
    let head = "\(harmless(file)):\(line):\(column): error: \(harmless(message))"
    guard !source.isEmpty else { return head }
    // Tabs stay tabs in the caret's line, so that the caret stands under its place whatever a tab's width is.
    let shown = String(source.map { $0 == "\t" || !$0.isControl ? $0 : "\u{FFFD}" })
    let indent = String(source.prefix(column - 1).map { $0 == "\t" ? "\t" : " " as Character })
    let caret = String(repeating: "^", count: min(width, max(1, source.count - column + 2)))
    return "\(head)\n\(shown)\n\(indent)\(caret)"
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}

/// What a text could not be turned into, and why; never empty.
public struct DiagnosticError: Error, Sendable {
  /// All that was found wrong, in the order of the text.
  public let diagnostics: [Diagnostic]

  /// One or more diagnostics.
  public init(_ diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
  }

  /// All of them as text, one after another.
  public var rendered: String {
    diagnostics.map(\.rendered).joined(separator: "\n")
  }
}
