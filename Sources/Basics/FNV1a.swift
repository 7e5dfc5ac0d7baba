/// FNV-1a with 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv): a small digest of bytes, the same in every process.
///
/// It is no protection against texts that are made to collide; it names things and notices differences.
@frozen public struct FNV1a: Hashable, Sendable {
  /// The digest of what was added so far.
  @inlinable public var value: UInt64 { state }
  @usableFromInline var state: UInt64 = 0xcbf2_9ce4_8422_2325

  @usableFromInline static let prime: UInt64 = 0x0000_0100_0000_01b3

  /// The digest of nothing.
  @inlinable public init() {}

  /// The digest of some bytes.
  @inlinable public init(_ bytes: some Sequence<UInt8>) {
    add(bytes)
  }

  /// Adds one byte.
  @inlinable public mutating func add(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* Self.prime
  }

  /// Adds bytes.
  @inlinable public mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { add(byte) }
  }

  /// Adds the eight bytes of a word, the lowest first.
  @inlinable public mutating func add(_ word: Int64) {
    var bits = UInt64(bitPattern: word)
    for _ in 0..<8 {
      add(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
    }
  }

  /// Adds a word in one multiplication, for long runs of words; gives another digest than its bytes one by one.
  ///
  /// - Parameter folds: whether the high bits, which depend on the most, are brought down to the low ones.
  @inlinable public mutating func addWhole(_ word: Int64, folds: Bool = false) {
    state = (state ^ UInt64(bitPattern: word)) &* Self.prime
    if folds { state ^= state >> 29 }
  }
}
