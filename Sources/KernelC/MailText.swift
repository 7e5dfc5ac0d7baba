/// The plain text of a mail, or of several in an mbox: transfer encodings undone, line ends as LF.
enum MailText {
  /// The text with the bodies of mails decoded; a text that is no mail stays as it is, but for its line ends.
  static func plain(_ text: String) -> String {
    var reader = Reader(lines: lines(Array(text.utf8)))
    return reader.run()
  }

  /// Lines without their ends.
  static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : Array(line)
    }
  }

  private enum Encoding {
    case none, quotedPrintable, base64
    /// A part that only shows another one as a web page.
    case page
  }

  private struct Reader {
    let lines: [[UInt8]]
    private var index = 0
    private var boundaries: Set<String> = []
    private var result: [[UInt8]] = []

    init(lines: [[UInt8]]) { self.lines = lines }

    mutating func run() -> String {
      var encoding = Encoding.none
      if isHeader(0) { encoding = header() }
      while index < lines.count {
        let text = String(decoding: lines[index], as: UTF8.self)
        if text.hasPrefix("From "), isHeader(index + 1) {
          result.append(lines[index])
          index += 1
          boundaries = []
          encoding = header()
        } else if text.hasPrefix("--"), boundaries.contains(where: { text.hasPrefix($0) }) {
          result.append([])
          index += 1
          encoding = text.hasSuffix("--") || !isHeader(index) ? .none : header()
        } else {
          body(encoding)
        }
      }
      return String(decoding: Array(result.joined(separator: [UInt8(ascii: "\n")])), as: UTF8.self)
    }

    /// Whether a line is `Name: value`, as a mail's head begins.
    private func isHeader(_ position: Int) -> Bool {
      guard position < lines.count else { return false }
      let line = lines[position]
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon < 60 else { return false }
      return line[..<colon].allSatisfy { byte in
        CLexer.isWord(byte) || byte == UInt8(ascii: "-")
      } && (colon + 1 == line.count || line[colon + 1] == 0x20 || line[colon + 1] == 0x09)
    }

    /// Goes past a head; gives how the body is encoded.
    private mutating func header() -> Encoding {
      var encoding = Encoding.none
      var isPage = false
      var unfolded = ""
      while index < lines.count, !lines[index].isEmpty {
        let text = String(decoding: lines[index], as: UTF8.self)
        if text.hasPrefix(" ") || text.hasPrefix("\t") { unfolded += text } else { unfolded = text }
        let lower = unfolded.lowercased()
        if lower.hasPrefix("content-transfer-encoding:") {
          if lower.contains("quoted-printable") {
            encoding = .quotedPrintable
          } else if lower.contains("base64") {
            encoding = .base64
          }
          if isPage { encoding = .page }
        }
        if lower.hasPrefix("content-type:"), lower.contains("text/html") {
          isPage = true
          encoding = .page
        }
        if lower.hasPrefix("content-type:"), let found = lower.firstRange(of: "boundary=") {
          let rest = unfolded[found.upperBound...]
          let name =
            rest.first == "\""
            ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != ";" && $0 != " " }
          if !name.isEmpty { boundaries.insert("--\(name)") }
        }
        result.append(lines[index])
        index += 1
      }
      return encoding
    }

    /// Takes the lines up to the next boundary or mail.
    private mutating func body(_ encoding: Encoding) {
      var end = index
      while end < lines.count {
        let text = String(decoding: lines[end].prefix(200), as: UTF8.self)
        if text.hasPrefix("From "), isHeader(end + 1) { break }
        if text.hasPrefix("--"), boundaries.contains(where: { text.hasPrefix($0) }) { break }
        end += 1
      }
      let own = Array(lines[index..<end])
      index = end
      switch encoding {
      case .none: result += own
      // Empty lines keep the numbers of those behind.
      case .page: result += own.map { _ in [] }
      case .quotedPrintable: result += MailText.lines(MailText.unquoted(own))
      case .base64: result += MailText.lines(MailText.fromBase64(own))
      }
    }
  }

  /// `=3D` is `=`, and `=` at the end of a line joins it to the next.
  private static func unquoted(_ lines: [[UInt8]]) -> [UInt8] {
    var result: [UInt8] = []
    for (number, line) in lines.enumerated() {
      var index = 0
      var isJoined = false
      while index < line.count {
        guard line[index] == UInt8(ascii: "=") else {
          result.append(line[index])
          index += 1
          continue
        }
        if line[(index + 1)...].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
          isJoined = true
          break
        }
        if index + 2 < line.count,
          let value = UInt8(String(decoding: line[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
        {
          result.append(value)
          index += 3
        } else {
          result.append(line[index])
          index += 1
        }
      }
      if !isJoined, number < lines.count - 1 { result.append(UInt8(ascii: "\n")) }
    }
    return result
  }

  /// What base64 says; bytes that are none of it are passed over.
  private static func fromBase64(_ lines: [[UInt8]]) -> [UInt8] {
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for byte in lines.joined() {
      let value: UInt32
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a")) + 26
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0")) + 52
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        bits = 0
        count = 0
        continue
      default: continue
      }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> count))
        bits &= (1 << count) - 1
      }
    }
    return result
  }
}
