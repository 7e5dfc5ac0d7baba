/// Where in a TOML text each key and value stands. TOMLKit says so only for a text that it cannot parse at all, and a
/// message about a wrong value must point at it too.
///
/// The text has been parsed by TOMLKit before, so this need only find its way through valid TOML. In a path, an element of an array and a table of
/// an array of tables stand by their number from 0: `["beat", "2", "say"]`.
public struct TOMLPositions: Sendable {
  /// A stretch of one line.
  public struct Span: Hashable, Sendable {
    /// From 1.
    public var line: Int
    /// In Unicode scalars, from 1.
    public var column: Int
    /// In Unicode scalars.
    public var length: Int

    /// A stretch.
    public init(line: Int, column: Int, length: Int) {
      self.line = line
      self.column = column
      self.length = length
    }
  }

  /// The last part of the key of a path such as `["styles", "text", "fg"]`.
  public private(set) var keys: [[String]: Span] = [:]
  /// The value of a path, or as much of it as stands in its first line.
  public private(set) var values: [[String]: Span] = [:]

  /// What TOMLKit's parser must not see, since it takes for granted that it is not there and ends the process: a header without a name where one
  /// should be, and a brace where an array's element should be.
  public private(set) var faults: [(span: Span, message: String)] = []

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var lineStart = 0
  /// How many tables of an array there were so far.
  private var tableCounts: [[String]: Int] = [:]

  /// Finds the places of a text.
  public init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    var table: [String] = []
    while true {
      skipBlank(linesToo: true)
      guard let next = peek else { break }
      if next == "[" {
        table = scanHeader()
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

  /// Passes over `[a.b]` or `[[a.b]]` and gives the table's path, with the numbers of those tables that are in an array.
  private mutating func scanHeader() -> [String] {
    var brackets = 0
    while peek == "[", brackets < 2 {
      brackets += 1
      advance()
    }
    var path: [String] = []
    while true {
      while peek == " " || peek == "\t" { advance() }
      let start = index
      if peek == "\"" || peek == "'" {
        path.append(scanString())
      } else {
        while let next = peek, isBare(next) { _ = next; advance() }
        path.append(text(from: start))
      }
      let span = Span(line: line, column: start - lineStart + 1, length: index - start)
      if index == start {
        faults.append(
          (
            Span(line: line, column: span.column, length: 1),
            "a table has a name of letters, digits, - and _, or one in quotes"
          ))
      }
      if keys[path] == nil { keys[path] = span }
      skipBlank(linesToo: false)
      let isLast = peek != "."
      if isLast, brackets > 1 { tableCounts[path, default: 0] += 1 }
      if let count = tableCounts[path] {
        path.append(String(count - 1))
        if keys[path] == nil { keys[path] = span }
      }
      if isLast { return path }
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
      var count = 0
      while let next = peek, next != "]" {
        if next == "," {
          advance()
        } else {
          if next == "}" {
            faults.append(
              (
                Span(line: line, column: index - lineStart + 1, length: 1),
                "an array ends with ], not with a brace"
              ))
          }
          scanValue(path + [String(count)])
          count += 1
        }
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
