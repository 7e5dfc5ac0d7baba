import Basics

/// Packs a state's words into bytes: runs of zeros as their length, numbers in as few bytes as they need.
///
/// Most words are zero or small, so the bytes are about a tenth of the words.
enum StateBytes {
  /// The most bytes that so many words may take.
  static func limit(_ count: Int) -> Int { count * 10 + 10 }

  /// Writes the bytes of some words; gives how many there are.
  static func encode(
    _ words: UnsafePointer<Int64>, _ count: Int, into bytes: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var position = 0
    var index = 0
    while index < count {
      let word = words[index]
      if word == 0 {
        var run = 1
        while index + run < count, words[index + run] == 0 { run &+= 1 }
        index &+= run
        // An even number announces a run of zeros.
        append(UInt64(run) << 1, bytes, &position)
      } else {
        index &+= 1
        // Zigzag keeps small negative numbers small. Its lowest two bits are 01 behind the shift, or 11 when it does not fit and follows as it is.
        let zigzag = UInt64(bitPattern: (word << 1) ^ (word >> 63))
        if zigzag < 1 << 62 {
          append(zigzag << 2 | 1, bytes, &position)
        } else {
          bytes[position] = 3
          position &+= 1
          append(zigzag, bytes, &position)
        }
      }
    }
    return position
  }

  /// Writes the words again; gives how many there are.
  static func decode(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, into words: inout UnsafeVector<Int64>
  ) {
    words.removeAll()
    var position = 0
    while position < count {
      let head = next(bytes, &position)
      if head & 1 == 0 {
        words.append(repeating: 0, Int(head >> 1))
      } else {
        let zigzag = head & 2 == 0 ? head >> 2 : next(bytes, &position)
        words.append(Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1))
      }
    }
  }

  @inline(__always)
  private static func append(_ value: UInt64, _ bytes: UnsafeMutablePointer<UInt8>, _ position: inout Int) {
    var rest = value
    while rest >= 0x80 {
      bytes[position] = UInt8(truncatingIfNeeded: rest) | 0x80
      position &+= 1
      rest >>= 7
    }
    bytes[position] = UInt8(truncatingIfNeeded: rest)
    position &+= 1
  }

  @inline(__always)
  private static func next(_ bytes: UnsafePointer<UInt8>, _ position: inout Int) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes[position]
      position &+= 1
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift &+= 7
    }
  }
}
