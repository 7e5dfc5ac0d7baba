/// A state without the parts of its threads' words that are free, and therefore zero: the list of held locks behind its last entry, the
/// stack behind its pointer, and the monitor, which is idle between two steps.
enum StatePacking {
  /// How many words the packed state has. What a thread has looked at counts as part of its stack.
  static func count(_ words: UnsafePointer<Int64>, _ world: WorldTables) -> Int {
    var count = world.threadBase + Int(words[Layout.heapEnd])
    for thread in 0..<world.threadCount {
      let t = words + (world.threadBase + thread * world.threadWords)
      count += Layout.held + Int(t[Layout.heldCount]) + Layout.usedStack(t)
    }
    return count
  }

  static func pack(
    _ words: UnsafePointer<Int64>, into packed: UnsafeMutablePointer<Int64>, _ world: WorldTables
  ) {
    packed.update(from: words, count: world.threadBase)
    var next = packed + world.threadBase
    for thread in 0..<world.threadCount {
      let t = words + (world.threadBase + thread * world.threadWords)
      let held = Layout.held + Int(t[Layout.heldCount])
      next.update(from: t, count: held)
      let used = Layout.usedStack(t)
      (next + held).update(from: t + Layout.stack, count: used)
      next += held + used
    }
    next.update(from: words + world.heapBase, count: Int(words[Layout.heapEnd]))
  }

  static func unpack(
    _ packed: UnsafePointer<Int64>, into words: UnsafeMutablePointer<Int64>, _ world: WorldTables
  ) {
    words.update(from: packed, count: world.threadBase)
    var next = packed + world.threadBase
    for thread in 0..<world.threadCount {
      let t = words + (world.threadBase + thread * world.threadWords)
      let held = Layout.held + Int(next[Layout.heldCount])
      let used = Layout.usedStack(next)
      t.update(from: next, count: held)
      (t + held).update(repeating: 0, count: Layout.stack - held)
      (t + Layout.stack).update(from: next + held, count: used)
      (t + Layout.stack + used).update(repeating: 0, count: world.threadWords - Layout.stack - used)
      next += held + used
    }
    let monitor = words + (world.threadBase + world.threadCount * world.threadWords)
    monitor.update(repeating: 0, count: world.threadWords)
    monitor[Layout.programCounter] = Layout.idle
    (words + world.heapBase).update(from: next, count: Int(words[Layout.heapEnd]))
  }
}
