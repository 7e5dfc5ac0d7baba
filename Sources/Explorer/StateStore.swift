/// All states that a search has seen, each once, as packed bytes in one long row.
///
/// Two states are the same only when all their bytes are: the hash finds candidates, the comparison decides, so nothing is lost silently.
struct StateStore {
  /// Packed states, one behind another.
  private var arena: [UInt8] = []
  /// Where each state begins; one more than there are states.
  private var starts: [Int] = [0]
  /// Open addressing: state number plus one, 0 for empty. Its size is a power of two.
  private var table: [UInt32] = Array(repeating: 0, count: 1 << 12)
  private var hashes: [UInt64] = []

  /// How many states there are.
  var count: Int { hashes.count }

  /// Bytes that the store takes.
  var byteCount: Int {
    arena.capacity + starts.capacity * 8 + table.capacity * 4 + hashes.capacity * 8
  }

  /// Adds a packed state; gives its number and whether it is new.
  mutating func insert(_ packed: [UInt8], hash: UInt64) -> (number: Int, isNew: Bool) {
    if count * 2 >= table.count { grow() }
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while table[place] != 0 {
      let number = Int(table[place]) - 1
      if hashes[number] == hash, isEqual(number, packed) { return (number, false) }
      place = (place + 1) & mask
    }
    let number = count
    table[place] = UInt32(number + 1)
    hashes.append(hash)
    arena.append(contentsOf: packed)
    starts.append(arena.count)
    return (number, true)
  }

  /// The packed bytes of a state.
  func packed(_ number: Int) -> ArraySlice<UInt8> {
    arena[starts[number]..<starts[number + 1]]
  }

  private func isEqual(_ number: Int, _ packed: [UInt8]) -> Bool {
    let start = starts[number]
    guard starts[number + 1] - start == packed.count else { return false }
    return arena.withUnsafeBufferPointer { stored in
      packed.withUnsafeBufferPointer { other in
        for index in 0..<other.count where stored[start + index] != other[index] { return false }
        return true
      }
    }
  }

  private mutating func grow() {
    table = Array(repeating: 0, count: table.count * 2)
    let mask = table.count - 1
    for number in 0..<count {
      var place = Int(truncatingIfNeeded: hashes[number]) & mask
      while table[place] != 0 { place = (place + 1) & mask }
      table[place] = UInt32(number + 1)
    }
  }
}
