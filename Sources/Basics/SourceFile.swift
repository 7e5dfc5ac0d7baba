/// One text that was read: its name as the user knows it, its bytes, and where its lines begin.
public struct SourceFile: Hashable, Sendable {
  /// The name that diagnostics print; a path when the text came from a file.
  public let name: String
  /// The text as UTF-8.
  public let bytes: [UInt8]
  /// Byte offset of the first byte of each line.
  public let lineStarts: [Int]

  /// Takes a text and finds its lines.
  public init(name: String, text: String) {
    self.name = name
    self.bytes = Array(text.utf8)
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    self.lineStarts = starts
  }

  /// How many lines the text has; a final newline does not begin another one.
  public var lineCount: Int {
    bytes.last == UInt8(ascii: "\n") ? lineStarts.count - 1 : lineStarts.count
  }

  /// The line (from 1) that holds this byte offset.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The column (from 1, in characters) of this byte offset.
  public func column(at offset: Int) -> Int {
    let start = lineStarts[line(at: offset) - 1]
    let end = min(max(offset, start), bytes.count)
    return String(decoding: bytes[start..<end], as: UTF8.self).count + 1
  }

  /// The text of a line (from 1) without its newline.
  public func text(ofLine line: Int) -> String {
    guard line >= 1, line <= lineStarts.count else { return "" }
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }
}

/// A stretch of one source file, as byte offsets.
public struct Span: Hashable, Sendable {
  /// Index of the file in the program's list of sources.
  public var file: Int
  /// First byte.
  public var start: Int
  /// The byte after the last.
  public var end: Int

  /// A stretch from `start` up to `end`.
  public init(file: Int, start: Int, end: Int) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// From the beginning of this span to the end of another one in the same file.
  public func joined(_ other: Span) -> Span {
    Span(file: file, start: min(start, other.start), end: max(end, other.end))
  }
}
