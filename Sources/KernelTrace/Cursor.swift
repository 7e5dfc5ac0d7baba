/// A place in a line of bytes that moves on as words are read.
struct Cursor {
  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  private var end: Int { bytes.endIndex }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  mutating func skipBlanks() {
    while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
  }

  mutating func skip(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
    position += count
    return true
  }

  func restBytes() -> ArraySlice<UInt8> {
    var last = end
    while last > position, bytes[last - 1] == 0x20 { last -= 1 }
    return bytes[position..<last]
  }

  func rest() -> String { String(decoding: restBytes(), as: UTF8.self) }

  /// `TASK-PID … [CPU]`: the task's name may hold blanks and dashes, so the processor's brackets come first.
  mutating func head() -> (task: ArraySlice<UInt8>, pid: Int, cpu: Int)? {
    var open = position
    while true {
      while open < end, bytes[open] != UInt8(ascii: "[") { open += 1 }
      guard open + 2 < end else { return nil }
      var close = open + 1
      while close < end, Self.isDigit(bytes[close]) { close += 1 }
      if close > open + 1, close < open + 8, close < end, bytes[close] == UInt8(ascii: "]") {
        guard let (task, pid) = task(bytes[position..<open]) else { return nil }
        var cpu = 0
        for index in (open + 1)..<close { cpu = cpu * 10 + Int(bytes[index] - 0x30) }
        position = close + 1
        return (task, pid, cpu)
      }
      open += 1
    }
  }

  /// `   T0-110   (  110)  `: the name up to the last dash before the number; a thread group in parentheses is no part of it.
  private func task(_ text: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, Int)? {
    var first = text.startIndex
    var last = text.endIndex
    func trim() {
      while first < last, bytes[first] == 0x20 { first += 1 }
      while last > first, bytes[last - 1] == 0x20 { last -= 1 }
    }
    trim()
    if last > first, bytes[last - 1] == UInt8(ascii: ")") {
      while last > first, bytes[last - 1] != UInt8(ascii: "(") { last -= 1 }
      last = max(first, last - 1)
      trim()
    }
    var dash = last
    var pid = 0
    var scale = 1
    while dash > first, Self.isDigit(bytes[dash - 1]) {
      guard scale < 10_000_000_000 else { return nil }
      pid += Int(bytes[dash - 1] - 0x30) * scale
      scale *= 10
      dash -= 1
    }
    guard dash < last, dash > first + 1, bytes[dash - 1] == UInt8(ascii: "-") else { return nil }
    return (bytes[first..<(dash - 1)], pid)
  }

  /// The first word that is a number with a colon behind, as nanoseconds; words before it are flags.
  mutating func time() -> Int64? {
    for _ in 0..<3 {
      skipBlanks()
      var index = position
      var value: Int64 = 0
      var decimals = -1
      while index < end {
        let byte = bytes[index]
        if Self.isDigit(byte) {
          guard value < 100_000_000_000_000_000 else { return nil }
          value = value * 10 + Int64(byte - 0x30)
          if decimals >= 0 { decimals += 1 }
        } else if byte == UInt8(ascii: "."), decimals < 0, index > position {
          decimals = 0
        } else {
          break
        }
        index += 1
      }
      if index > position, index < end, bytes[index] == UInt8(ascii: ":") {
        position = index + 1
        guard decimals > 0 else { return value }
        while decimals < 9 {
          guard value < 900_000_000_000_000_000 else { return nil }
          value *= 10
          decimals += 1
        }
        return value
      }
      while position < end, bytes[position] != 0x20 { position += 1 }
    }
    return nil
  }

  /// A word with a colon behind.
  mutating func name() -> ArraySlice<UInt8>? {
    let start = position
    var index = position
    while index < end, bytes[index] != UInt8(ascii: ":"), bytes[index] != 0x20 { index += 1 }
    guard index > start, index < end, bytes[index] == UInt8(ascii: ":") else { return nil }
    position = index + 1
    return bytes[start..<index]
  }

  /// An address, with or without `0x`.
  mutating func hexadecimal() -> UInt64? {
    _ = skip("0x")
    let start = position
    var value: UInt64 = 0
    while position < end, let digit = Self.hexadecimalDigit(bytes[position]) {
      guard position - start < 16 else { return nil }
      value = value << 4 | UInt64(digit)
      position += 1
    }
    return position > start ? value : nil
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    case 0x41...0x46: byte - 0x41 + 10
    default: nil
    }
  }

  /// `(…)`; false when there is none.
  mutating func skipParenthesis() -> Bool {
    guard position < end, bytes[position] == UInt8(ascii: "(") else { return false }
    while position < end, bytes[position] != UInt8(ascii: ")") { position += 1 }
    guard position < end else { return false }
    position += 1
    return true
  }

  /// The next `name=number`; words that are none are passed over.
  mutating func argument() -> (name: ArraySlice<UInt8>, value: UInt64)? {
    while true {
      skipBlanks()
      guard position < end else { return nil }
      let start = position
      while position < end, bytes[position] != 0x20, bytes[position] != UInt8(ascii: "=") { position += 1 }
      let name = bytes[start..<position]
      if position < end, bytes[position] == UInt8(ascii: "=") {
        position += 1
        if let value = number() { return (name, value) }
      }
      while position < end, bytes[position] != 0x20 { position += 1 }
    }
  }

  private mutating func number() -> UInt64? {
    if position + 1 < end, bytes[position] == 0x30, bytes[position + 1] | 0x20 == UInt8(ascii: "x") {
      return hexadecimal()
    }
    let isNegative = position < end && bytes[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let start = position
    var value: UInt64 = 0
    while position < end, Self.isDigit(bytes[position]) {
      guard position - start < 20 else { return nil }
      value = value &* 10 &+ UInt64(bytes[position] - 0x30)
      position += 1
    }
    guard position > start, position == end || bytes[position] == 0x20 else { return nil }
    return isNegative ? 0 &- value : value
  }
}
