import Basics

/// Everything that can change, in one run of words: slots, threads with their stacks, and the heap of objects.
///
/// A copy is a copy of bytes; equality and hash look at the words in use only.
public struct State: Sendable {
  var words: [Int64]

  init(words: [Int64]) {
    self.words = words
  }

  /// How many words of a fresh state are kept free for one step.
  static let headroom = 1024

  /// The words in use, as they stand: what a digest is made of.
  public func usedWords(in world: World) -> ArraySlice<Int64> {
    words[..<(world.layout.heapBase + Int(words[Layout.heapEnd]))]
  }

  /// Drops the free words behind the heap, so that a kept state takes no more memory than it uses.
  public mutating func trim(in world: World) {
    let used = world.layout.heapBase + Int(words[Layout.heapEnd])
    if used < words.count { words.removeLast(words.count - used) }
  }

  /// A 64-bit digest of the words in use (FNV-1a), the same in every process, whether or not invariants were evaluated on the way here.
  public func digest(in world: World) -> UInt64 {
    var hash = FNV1a()
    for (index, word) in usedWords(in: world).enumerated()
    where index != Layout.unsure {
      hash.addWhole(word, folds: true)
    }
    return hash.value
  }
}

extension State: Hashable {
  /// Two states are equal when what is in use is; free words behind the heap are not compared.
  public static func == (first: State, second: State) -> Bool {
    let length = max(first.lastUsed, second.lastUsed)
    for index in 0..<length where index != Layout.unsure {
      let one = index < first.words.count ? first.words[index] : 0
      let other = index < second.words.count ? second.words[index] : 0
      if one != other { return false }
    }
    return true
  }

  /// Hashes the words in use.
  public func hash(into hasher: inout Hasher) {
    for index in 0..<lastUsed where index != Layout.unsure { hasher.combine(words[index]) }
  }

  /// Everything behind the heap is zero, so trailing zeros are no part of the value.
  private var lastUsed: Int {
    var last = words.count
    while last > 0, words[last - 1] == 0 { last -= 1 }
    return last
  }
}
