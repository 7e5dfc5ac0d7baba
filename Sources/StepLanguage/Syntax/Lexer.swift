/// Cuts a text into tokens. It never fails: what it does not know becomes a diagnostic and is left out.
struct Lexer {
  let source: SourceFile
  let file: Int
  private(set) var diagnostics: [Diagnostic] = []
  private var offset = 0
  private var tokens: [Token] = []

  init(_ source: SourceFile, file: Int) {
    self.source = source
    self.file = file
  }

  private static let diagnosticLimit = 50

  /// The two-byte operators, longest match first.
  private static let pairs: Set<String> = ["==", "!=", "<=", ">=", "&&", "||", "->", "<<", ">>", "+=", "-="]

  mutating func run() -> [Token] {
    let bytes = source.bytes
    while offset < bytes.count {
      let start = offset
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        offset += 1
      case UInt8(ascii: "\n"), UInt8(ascii: ";"):
        offset += 1
        add(.newline, byte == UInt8(ascii: ";") ? ";" : "\n", from: start)
      case UInt8(ascii: "#"):
        skipLine()
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        let isDocumentation = peek(2) == UInt8(ascii: "/")
        skipLine()
        if isDocumentation {
          var text = String(decoding: bytes[(start + 3)..<offset], as: UTF8.self)
          if text.hasPrefix(" ") { text.removeFirst() }
          add(.documentation, text, from: start)
        }
      case UInt8(ascii: "\""):
        string()
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        while offset < bytes.count, isWord(bytes[offset]) { offset += 1 }
        add(.number, text(from: start), from: start)
      case _ where isWord(byte):
        while offset < bytes.count, isWord(bytes[offset]) { offset += 1 }
        add(.word, text(from: start), from: start)
      default:
        punctuation()
      }
    }
    add(.newline, "\n", from: offset)
    add(.end, "the end of the file", from: offset)
    return tokens
  }

  private func peek(_ distance: Int) -> UInt8? {
    offset + distance < source.bytes.count ? source.bytes[offset + distance] : nil
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private func text(from start: Int) -> String {
    String(decoding: source.bytes[start..<offset], as: UTF8.self)
  }

  private mutating func add(_ kind: Token.Kind, _ text: String, from start: Int) {
    tokens.append(
      Token(kind: kind, text: text, span: Span(file: file, start: start, end: max(offset, start))))
  }

  private mutating func skipLine() {
    while offset < source.bytes.count, source.bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
  }

  private mutating func string() {
    let start = offset
    offset += 1
    var content: [UInt8] = []
    while let byte = peek(0), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\\"), let next = peek(1),
        next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\")
      {
        content.append(next)
        offset += 2
      } else {
        content.append(byte)
        offset += 1
      }
    }
    guard peek(0) == UInt8(ascii: "\"") else {
      complain("this string has no end; close it with \" on the same line", from: start)
      return
    }
    offset += 1
    let text = String(decoding: content, as: UTF8.self)
    // Strings are printed: what moves a terminal's cursor or turns the order of its text around has no place in them.
    if let hidden = text.unicodeScalars.first(where: \.isHidden) {
      complain(
        "a string with the invisible character U+\(String(hidden.value, radix: 16, uppercase: true)); remove it",
        from: start)
    }
    add(.string, text, from: start)
  }

  private mutating func punctuation() {
    let start = offset
    if let next = peek(1) {
      let pair = String(decoding: [source.bytes[start], next], as: UTF8.self)
      if Self.pairs.contains(pair) {
        offset += 2
        add(.punctuation, pair, from: start)
        return
      }
    }
    if "{}()<>=!+-*/%&|.,:[]".utf8.contains(source.bytes[start]) {
      offset += 1
      add(.punctuation, text(from: start), from: start)
      return
    }
    // Step over a whole character, so that one wrong character is one message.
    offset += 1
    while let byte = peek(0), byte & 0xC0 == 0x80 { offset += 1 }
    guard diagnostics.count < Self.diagnosticLimit else { return }
    let remedy = Hints.characters[text(from: start)] ?? "remove it"
    complain("\(printable(text(from: start))) means nothing here; \(remedy)", from: start)
  }

  /// The text in quotes, or its code points when it has none that may reach a terminal.
  private func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isHidden) else { return "'\(text)'" }
    return text.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }.joined(
      separator: " ")
  }

  private mutating func complain(_ message: String, from start: Int) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    diagnostics.append(Diagnostic(message, at: Span(file: file, start: start, end: offset), in: source))
  }
}
