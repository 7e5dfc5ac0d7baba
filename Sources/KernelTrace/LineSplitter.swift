/// Cuts chunks of bytes into lines; keeps no more than one unfinished line.
struct LineSplitter {
  private var rest: [UInt8] = []
  private(set) var lineNumber = 0

  /// A line longer than this, in bytes, is no ftrace text.
  static let lineLimit = 1 << 16

  /// Hands over each line that ends in the chunk.
  mutating func split(
    _ chunk: [UInt8], _ body: (ArraySlice<UInt8>, Int) throws(TraceError) -> Void
  ) throws(TraceError) {
    var start = 0
    while let newline = Self.newline(in: chunk, from: start) {
      lineNumber += 1
      if rest.isEmpty {
        try body(chunk[start..<newline], lineNumber)
      } else {
        rest += chunk[start..<newline]
        let line = rest
        rest = []
        try body(line[...], lineNumber)
      }
      start = newline + 1
    }
    rest += chunk[start...]
    if rest.count > Self.lineLimit {
      throw TraceError(
        line: lineNumber + 1, column: Self.lineLimit,
        message:
          "this line is too long for ftrace text; give the 'trace' file or what 'trace-cmd report' prints")
    }
  }

  private static func newline(in chunk: [UInt8], from start: Int) -> Int? {
    chunk.withUnsafeBufferPointer { bytes in
      var index = start
      while index < bytes.count {
        if bytes[index] == 0x0a { return index }
        index += 1
      }
      return nil
    }
  }

  /// The last line when it has no newline: the file may have been cut in it.
  mutating func finish(_ body: (ArraySlice<UInt8>, Int) throws(TraceError) -> Void) throws(TraceError) {
    guard !rest.isEmpty else { return }
    lineNumber += 1
    let line = rest
    rest = []
    try body(line[...], lineNumber)
  }
}
