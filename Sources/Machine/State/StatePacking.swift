/// A state without the parts of its threads' words that are free, and therefore zero: the list of held locks behind its last entry, the
/// stack behind its pointer, and the monitor, which is idle between two steps.
enum StatePacking {
  /// How many words the packed state has. What a thread has looked at counts as part of its stack.
  static func count(_ words: Words, _ world: LayoutTable) -> Int {
    var count = world.threadBase + Int(words[Layout.heapEnd])
    for thread in 0..<world.threadCount {
      let t = world.words(of: thread, in: words)
      count += Layout.held + Int(t[Layout.heldCount]) + Layout.usedStack(t)
    }
    return count
  }

  static func pack(_ words: Words, into packed: Words, _ world: LayoutTable) {
    packed.update(from: words.part(0, count: world.threadBase))
    var next = packed + world.threadBase
    for thread in 0..<world.threadCount {
      let t = world.words(of: thread, in: words)
      let held = Layout.held + Int(t[Layout.heldCount])
      next.update(from: t.part(0, count: held))
      let used = Layout.usedStack(t)
      next = next + held
      next.update(from: t.part(Layout.stack, count: used))
      next = next + used
    }
    next.update(from: words.part(world.heapBase, count: Int(words[Layout.heapEnd])))
  }

  static func unpack(_ packed: Words, into words: Words, _ world: LayoutTable) {
    words.update(from: packed.part(0, count: world.threadBase))
    var next = packed + world.threadBase
    for thread in 0..<world.threadCount {
      let t = world.words(of: thread, in: words)
      let held = Layout.held + Int(next[Layout.heldCount])
      let used = Layout.usedStack(next)
      t.update(from: next.part(0, count: held))
      t.part(held, count: Layout.stack - held).update(repeating: 0)
      next = next + held
      t.part(Layout.stack, count: used).update(from: next.part(0, count: used))
      (t + (Layout.stack + used)).update(repeating: 0)
      next = next + used
    }
    let monitor = world.words(of: world.threadCount, in: words)
    monitor.update(repeating: 0)
    monitor[Layout.programCounter] = Layout.idle
    (words + world.heapBase).update(from: next.part(0, count: Int(words[Layout.heapEnd])))
  }
}
