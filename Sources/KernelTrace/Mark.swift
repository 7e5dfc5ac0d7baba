import StepLanguage

/// A line that a workload writes into the trace: `T1 pin f0 a1 0x1000 0x1000 p1` before an operation, the same with ` = 0 0` behind after it.
struct Mark {
  /// The thread's name.
  let thread: String
  /// The operation's text.
  let operation: String
  /// What it returned: 0 or -1, and the error's name or `0`.
  let result: (value: Int64, errno: String)?

  /// Nil when the text is no such line.
  init?(_ text: String) {
    guard let thread = Self.threadName(text) else { return nil }
    self.thread = thread
    var words = text.split(separator: " ").dropFirst()
    if let equals = words.firstIndex(of: "=") {
      let behind = words[(equals + 1)...]
      guard behind.count == 2, let first = behind.first, let value = Int64(first), let errno = behind.last
      else { return nil }
      result = (value, String(errno))
      words = words[..<equals]
    } else {
      result = nil
    }
    guard !words.isEmpty else { return nil }
    operation = words.joined(separator: " ")
  }

  /// The thread that a line begins with, such as `T1`.
  static func threadName(_ text: String) -> String? {
    let bytes = text.utf8
    guard bytes.first == UInt8(ascii: "T") else { return nil }
    let digits = bytes.dropFirst().prefix { $0 >= 0x30 && $0 <= 0x39 }
    guard !digits.isEmpty, digits.count <= 3 else { return nil }
    guard digits.endIndex == bytes.endIndex || bytes[digits.endIndex] == 0x20 else { return nil }
    return String(text[..<digits.endIndex])
  }

  /// trace-cmd puts the writing function or its address before the text.
  static func withoutCaller(_ text: String) -> String {
    if threadName(text) != nil { return text }
    guard let colon = text.firstIndex(of: ":") else { return text }
    return String(text[text.index(after: colon)...].drop { $0 == " " })
  }
}
