/// A JSON value of a line: of a session, or of a request.
///
/// Read by hand: a line is input from elsewhere, so its depth is bounded, and a session may have millions of them.
package enum JSONLine {
  /// A value.
  package indirect enum Value {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number that is no integer, or too large for one to be exact.
    case number
    case string(String)
    case array([Value])
    case object([String: Value])

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [Value]? { if case .array(let values) = self { values } else { nil } }
    package var object: [String: Value]? { if case .object(let fields) = self { fields } else { nil } }
  }

  /// How deep objects and arrays may lie in each other.
  private static let depthLimit = 16

  /// The object that the bytes are; nil when they are none.
  package static func object(_ bytes: UnsafeBufferPointer<UInt8>) -> [String: Value]? {
    var scanner = Scanner(bytes: bytes)
    guard let value = scanner.value(depth: 0), scanner.isAtEnd else { return nil }
    return value.object
  }

  /// The object that a text is; nil when it is none.
  package static func object(_ text: String) -> [String: Value]? {
    var text = text
    return text.withUTF8 { object($0) }
  }

  private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return position == bytes.count
      }
    }

    private mutating func skipSpace() {
      while position < bytes.count, [0x20, 0x09, 0x0D, 0x0A].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard position < bytes.count, bytes[position] == byte else { return false }
      position += 1
      return true
    }

    private mutating func take(word: StaticString) -> Bool {
      let count = word.utf8CodeUnitCount
      guard position + count <= bytes.count else { return false }
      for offset in 0..<count where bytes[position + offset] != word.utf8Start[offset] { return false }
      position += count
      return true
    }

    mutating func value(depth: Int) -> Value? {
      skipSpace()
      guard depth < depthLimit, position < bytes.count else { return nil }
      switch bytes[position] {
      case UInt8(ascii: "{"): return object(depth: depth)
      case UInt8(ascii: "["): return array(depth: depth)
      case UInt8(ascii: "\""): return string().map { .string($0) }
      case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
      case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
      case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
      default: return number()
      }
    }

    private mutating func object(depth: Int) -> Value? {
      position += 1
      var fields: [String: Value] = [:]
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(fields) }
      while true {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\""), let key = string() else {
          return nil
        }
        skipSpace()
        guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
        fields[key] = value
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(fields) }
        guard take(UInt8(ascii: ",")) else { return nil }
      }
    }

    private mutating func array(depth: Int) -> Value? {
      position += 1
      var values: [Value] = []
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(values) }
      while true {
        guard let value = value(depth: depth + 1) else { return nil }
        values.append(value)
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(values) }
        guard take(UInt8(ascii: ",")) else { return nil }
      }
    }

    private mutating func number() -> Value? {
      let start = position
      var isNegative = false
      if take(UInt8(ascii: "-")) { isNegative = true }
      var magnitude = 0
      var isExact = true
      let first = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
        // Beyond that a JSON number of another program need not be exact.
        if magnitude < 100_000_000_000_000 {
          magnitude = magnitude * 10 + Int(bytes[position] - 0x30)
        } else {
          isExact = false
        }
        position += 1
      }
      guard position > first, position == first + 1 || bytes[first] != 0x30 else { return nil }
      if take(UInt8(ascii: ".")) {
        isExact = false
        guard skipDigits() else { return nil }
      }
      if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
        isExact = false
        if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
        guard skipDigits() else { return nil }
      }
      guard position > start else { return nil }
      return isExact ? .integer(isNegative ? -magnitude : magnitude) : .number
    }

    private mutating func skipDigits() -> Bool {
      let first = position
      while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
      return position > first
    }

    private mutating func string() -> String? {
      position += 1
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
        bytes[position] != UInt8(ascii: "\\")
      {
        guard bytes[position] >= 0x20 else { return nil }
        position += 1
      }
      guard position < bytes.count else { return nil }
      var buffer = Array(bytes[start..<position])
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return String(validating: buffer, as: UTF8.self)
        case UInt8(ascii: "\\"):
          guard let scalar = escape() else { return nil }
          buffer.append(contentsOf: Array(String(Character(scalar)).utf8))
        case 0..<0x20: return nil
        default: buffer.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
      guard position < bytes.count else { return nil }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{C}"
      case UInt8(ascii: "u"):
        guard let first = hexadecimal() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        // The second half of a pair must follow.
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let second = hexadecimal(),
          (0xDC00..<0xE000).contains(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      default: return nil
      }
    }

    private mutating func hexadecimal() -> UInt32? {
      guard position + 4 <= bytes.count else { return nil }
      var value: UInt32 = 0
      for _ in 0..<4 {
        guard let digit = JSONLine.hexadecimalDigit(bytes[position]) else { return nil }
        value = value << 4 | digit
        position += 1
      }
      return value
    }
  }

  /// What a hexadecimal digit stands for; nil for another byte.
  package static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x61...0x66: UInt32(byte - 0x61 + 10)
    case 0x41...0x46: UInt32(byte - 0x41 + 10)
    default: nil
    }
  }
}
