import Basics

/// Writes numbers and texts one after another.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ number: Int) {
    var rest = UInt64(bitPattern: Int64((number << 1) ^ (number >> 63)))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func put(_ text: String) {
    let utf8 = Array(text.utf8)
    put(utf8.count)
    bytes += utf8
  }

  mutating func put(_ other: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: other) }

  /// A digest of what was written so far, FNV-1a.
  mutating func seal() {
    let digest = ByteReader.digest(bytes[...])
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: digest >> shift))
    }
  }
}

/// Reads what `ByteWriter` wrote. It is a file's content, so nothing in it is taken for granted.
struct ByteReader {
  private let bytes: [UInt8]
  private let end: Int
  private var position = 0

  /// - Throws: `Search.CheckpointError` when the end is torn off or anything was changed.
  init(_ bytes: [UInt8]) throws(Search.CheckpointError) {
    guard bytes.count >= 8 else { throw .damaged }
    end = bytes.count - 8
    self.bytes = bytes
    var digest: UInt64 = 0
    for index in 0..<8 { digest |= UInt64(bytes[end + index]) << UInt64(8 * index) }
    guard digest == Self.digest(bytes[..<end]) else { throw .damaged }
  }

  var isAtEnd: Bool { position == end }

  mutating func number(_ range: ClosedRange<Int> = Int.min...Int.max) throws(Search.CheckpointError) -> Int {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard position < end, shift < 64 else { throw .damaged }
      let byte = bytes[position]
      position += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    let number = Int(bitPattern: UInt(result >> 1)) ^ -Int(bitPattern: UInt(result & 1))
    guard range.contains(number) else { throw .damaged }
    return number
  }

  /// How many things follow, each of which takes a byte at least.
  mutating func count() throws(Search.CheckpointError) -> Int {
    try number(0...max(0, end - position))
  }

  mutating func text() throws(Search.CheckpointError) -> String {
    let length = try count()
    guard position + length <= end else { throw .damaged }
    defer { position += length }
    return String(decoding: bytes[position..<position + length], as: UTF8.self)
  }

  static func digest(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    FNV1a(bytes).value
  }
}
