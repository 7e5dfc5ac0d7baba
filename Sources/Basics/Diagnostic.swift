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
  /// The line itself, for the caret; of a very long one the part around the place.
  public let source: String
  /// How many characters of `source` stand before the place.
  private let indent: Int

  /// Longer lines are shown in part: a text of one line may have megabytes.
  private static let longestLine = 400

  /// A diagnostic at a stretch of a source file.
  public init(_ message: String, at span: Span, in file: SourceFile) {
    self.file = file.name
    self.line = file.line(at: span.start)
    self.column = file.column(at: span.start)
    self.message = message
    let start = file.lineStarts[line - 1]
    let length = (line < file.lineStarts.count ? file.lineStarts[line] : file.bytes.count) - start
    guard length > Self.longestLine else {
      let source = file.text(ofLine: line)
      self.source = source
      indent = column - 1
      let end =
        file.line(at: max(span.start, span.end - 1)) == line ? file.column(at: span.end) : source.count + 1
      self.width = max(1, end - column)
      return
    }
    // Whole characters only: a byte 10xxxxxx belongs to the one before.
    func aligned(_ offset: Int) -> Int {
      var offset = offset
      while offset > start, offset < file.bytes.count, file.bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
      return offset
    }
    let place = min(max(span.start, start), file.bytes.count)
    let first = aligned(max(start, place - Self.longestLine / 4))
    let last = aligned(min(start + length, first + Self.longestLine / 2))
    func text(_ from: Int, _ to: Int) -> String {
      String(decoding: file.bytes[from..<max(from, to)].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
    source = text(first, last)
    indent = text(first, place).count
    width = max(1, text(place, min(max(span.end, place), last)).count)
  }

  /// A diagnostic about a file as a whole, such as one that cannot be read as text.
  public init(_ message: String, file: String) {
    self.file = file
    self.line = 1
    self.column = 1
    self.width = 1
    self.message = message
    self.source = ""
    indent = 0
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
    indent = 0
  }

  /// `file:line:column: error: …`, then the line and a caret under the place.
  public var rendered: String {
    // Control characters must not reach a terminal, and a message may quote what stands in the file.
    func harmless(_ text: String) -> String { String(text.map { $0.isControl ? "\u{FFFD}" : $0 }) }
    let head = "\(harmless(file)):\(line):\(column): error: \(harmless(message))"
    guard !source.isEmpty else { return head }
    // Tabs stay tabs in the caret's line, so that the caret stands under its place whatever a tab's width is.
    let shown = String(source.map { $0 == "\t" || !$0.isControl ? $0 : "\u{FFFD}" })
    let blanks = String(source.prefix(indent).map { $0 == "\t" ? "\t" : " " as Character })
    let caret = String(repeating: "^", count: min(width, max(1, source.count - indent + 1)))
    return "\(head)\n\(shown)\n\(blanks)\(caret)"
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains(where: \.isHidden)
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
