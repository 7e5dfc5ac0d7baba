/// Packs a state's words into bytes: runs of zeros as their length, numbers in as few bytes as they need.
///
/// Most words are zero or small, so a packed state takes about a tenth of its words.
enum StatePacking {
  /// Appends the packed words to `bytes`, which is emptied first. Gives a hash of them.
  static func pack(_ words: ArraySlice<Int64>, into bytes: inout [UInt8]) -> UInt64 {
    bytes.removeAll(keepingCapacity: true)
    var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
    words.withUnsafeBufferPointer { words in
      var index = 0
      let count = words.count
      while index < count {
        let word = words[index]
        if word == 0 {
          var run = 1
          while index + run < count, words[index + run] == 0 { run += 1 }
          // An even number announces a run of zeros.
          append(UInt64(run) << 1, to: &bytes)
          index += run
          hash = mix(hash, UInt64(run) &* 0xff51_afd7_ed55_8ccd)
        } else {
          // Zigzag keeps small negative numbers small; an odd number announces a word, its top bits in a second number.
          let zigzag = UInt64(bitPattern: (word << 1) ^ (word >> 63))
          append((zigzag & 0x3fff_ffff_ffff_ffff) << 1 | 1, to: &bytes)
          append(zigzag >> 62, to: &bytes)
          index += 1
          hash = mix(hash, UInt64(bitPattern: word))
        }
      }
    }
    return hash ^ (hash >> 32)
  }

  /// The words again.
  static func unpack(_ bytes: ArraySlice<UInt8>, into words: inout [Int64]) {
    words.removeAll(keepingCapacity: true)
    bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      func next() -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
          let byte = bytes[position]
          position += 1
          result |= UInt64(byte & 0x7f) << shift
          if byte < 0x80 { return result }
          shift += 7
        }
      }
      while position < bytes.count {
        let head = next()
        if head & 1 == 0 {
          words.append(contentsOf: repeatElement(0, count: Int(head >> 1)))
        } else {
          let zigzag = (head >> 1) | next() << 62
          words.append(Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1))
        }
      }
    }
  }

  @inline(__always)
  private static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    var result = (hash ^ value) &* 0xff51_afd7_ed55_8ccd
    result ^= result >> 29
    return result
  }

  @inline(__always)
  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
