/// Where in a TOML text each key and value stands. TOMLKit says so only for a text that it cannot parse at all, and a
/// message about a wrong value must point at it too.
///
/// The text has been parsed by TOMLKit before, so this need only find its way through valid TOML.
struct TOMLPositions {
  /// A stretch of one line.
  struct Span: Hashable {
    /// From 1.
    var line: Int
    /// In Unicode scalars, from 1.
    var column: Int
    /// In Unicode scalars.
    var length: Int
  }

  /// The last part of the key of a path such as `["styles", "text", "fg"]`.
  private(set) var keys: [[String]: Span] = [:]
  /// The value of a path, or as much of it as stands in its first line.
  private(set) var values: [[String]: Span] = [:]

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var lineStart = 0

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    var table: [String] = []
    while true {
      skipBlank(linesToo: true)
      guard let next = peek else { break }
      if next == "[" {
        while peek == "[" { advance() }
        table = scanKey(within: [])
        while let next = peek, next != "\n" { _ = next; advance() }
      } else {
        scanPair(within: table)
      }
    }
  }

  private var peek: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func advance() {
    guard index < scalars.count else { return }
    if scalars[index] == "\n" {
      line += 1
      lineStart = index + 1
    }
    index += 1
  }

  private mutating func skipBlank(linesToo: Bool) {
    while let next = peek {
      if next == " " || next == "\t" || next == "\r" || (linesToo && next == "\n") {
        advance()
      } else if next == "#", linesToo {
        while let comment = peek, comment != "\n" { _ = comment; advance() }
      } else {
        return
      }
    }
  }

  private mutating func scanPair(within table: [String]) {
    let start = index
    let path = scanKey(within: table)
    skipBlank(linesToo: false)
    if peek == "=" { advance() }
    skipBlank(linesToo: false)
    scanValue(path)
    // Text that TOMLKit would have refused must not hold us up.
    if index == start { advance() }
  }

  private mutating func scanKey(within table: [String]) -> [String] {
    var path = table
    while true {
      skipBlank(linesToo: false)
      let start = index
      let part: String
      if peek == "\"" || peek == "'" {
        part = scanString()
      } else {
        while let next = peek, isBare(next) { _ = next; advance() }
        part = text(from: start)
      }
      path.append(part)
      if keys[path] == nil {
        keys[path] = Span(line: line, column: start - lineStart + 1, length: index - start)
      }
      skipBlank(linesToo: false)
      guard peek == "." else { return path }
      advance()
    }
  }

  private func isBare(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
    default: false
    }
  }

  private func text(from start: Int) -> String {
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars[start..<index])
    return String(result)
  }

  private mutating func scanValue(_ path: [String]) {
    let (start, startLine, column) = (index, line, index - lineStart + 1)
    switch peek {
    case "{":
      advance()
      skipBlank(linesToo: true)
      while let next = peek, next != "}" {
        if next == "," { advance() } else { scanPair(within: path) }
        skipBlank(linesToo: true)
      }
      advance()
    case "[":
      advance()
      skipBlank(linesToo: true)
      while let next = peek, next != "]" {
        if next == "," { advance() } else { scanValue(path + ["[]"]) }
        skipBlank(linesToo: true)
      }
      advance()
    case "\"", "'":
      _ = scanString()
    default:
      while let next = peek, !",]}#\n\r".unicodeScalars.contains(next) { _ = next; advance() }
      while index > start, scalars[index - 1] == " " || scalars[index - 1] == "\t" { index -= 1 }
      // A value that is nothing at all cannot be; go on all the same.
      if index == start { advance() }
    }
    var end = start
    while end < index, scalars[end] != "\n" { end += 1 }
    if values[path] == nil {
      values[path] = Span(line: startLine, column: column, length: max(1, end - start))
    }
  }

  /// Passes over a string, of one line or of many, and gives what it says; of the escapes only `\"` and `\\`.
  private mutating func scanString() -> String {
    guard let quote = peek else { return "" }
    let long = index + 2 < scalars.count && scalars[index + 1] == quote && scalars[index + 2] == quote
    for _ in 0..<(long ? 3 : 1) { advance() }
    var result = String.UnicodeScalarView()
    while let next = peek {
      if next == "\\", quote == "\"" {
        advance()
        if let escaped = peek { result.append(escaped) }
        advance()
      } else if next == quote {
        advance()
        if !long { break }
        if peek == quote, index + 1 < scalars.count, scalars[index + 1] == quote {
          advance()
          advance()
          break
        }
        result.append(next)
      } else {
        result.append(next)
        advance()
      }
    }
    return String(result)
  }
}
