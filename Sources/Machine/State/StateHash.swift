/// A digest of a state for tables of visited ones, after the way of wyhash (Wang Yi, 2019; public domain): two words at a time are
/// multiplied to 128 bits, whose halves are folded. Four chains run side by side, so that no multiplication waits for the one before.
enum StateHash {
  private static let keys: (UInt64, UInt64, UInt64, UInt64) = (
    0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3
  )

  @inline(__always)
  private static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
    let product = first.multipliedFullWidth(by: second)
    return product.high ^ product.low
  }

  /// The digest of a state of a world.
  ///
  /// What lies behind a thread's stack pointer is zero, so it is left out; where each part ends is told by words that are taken in.
  static func of(_ words: Words, _ world: LayoutTable) -> UInt64 {
    let first = Layout.unsure + 1
    var hash = part(words.part(first, count: world.threadBase - first), seed: 0)
    for thread in 0..<world.threadCount {
      let t = world.words(of: thread, in: words)
      hash = part(t.part(0, count: Layout.held + Int(t[Layout.heldCount])), seed: hash)
      let used = Layout.usedStack(t)
      if used != 0 { hash = part(t.part(Layout.stack, count: used), seed: hash) }
    }
    return part(words.part(world.heapBase, count: Int(words[Layout.heapEnd])), seed: hash)
  }

  /// The digest of some words, on top of another.
  @inline(__always)
  static func part(_ words: Words, seed: UInt64) -> UInt64 {
    let count = words.count
    let base = words.base
    // Below all indexes are smaller than the number.
    @inline(__always) func word(_ index: Int) -> UInt64 { UInt64(bitPattern: base[index]) }
    let (key0, key1, key2, key3) = keys
    var first = seed ^ key0
    var index = 0
    if count >= 8 {
      var second = seed ^ key1
      var third = seed ^ key2
      var fourth = seed ^ key3
      while index + 8 <= count {
        first = mix(word(index) ^ key0, word(index + 1) ^ first)
        second = mix(word(index + 2) ^ key1, word(index + 3) ^ second)
        third = mix(word(index + 4) ^ key2, word(index + 5) ^ third)
        fourth = mix(word(index + 6) ^ key3, word(index + 7) ^ fourth)
        index += 8
      }
      first ^= second ^ third ^ fourth
    }
    while index + 2 <= count {
      first = mix(word(index) ^ key0, word(index + 1) ^ first)
      index += 2
    }
    if index < count { first = mix(word(index) ^ key1, first ^ key2) }
    return mix(first ^ key3, UInt64(count) ^ key1)
  }
}
