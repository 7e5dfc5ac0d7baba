import StepLanguage

/// Gives threads that cannot be told apart their places by what they are doing, so that states that differ only in who of them does what become one.
///
/// First they are sorted by what does not depend on where objects lie: program counters, variables that are no references, kinds of held
/// locks. Where that does not decide, all orders are tried and the one with the least words is taken, each brought into canonical form. Any choice
/// would be sound; this one depends on nothing but what the exchanged states have in common, so it is the same for all of them.
final class ThreadSorter {
  /// More orders than this are not tried; what is left in the order that it had costs states, but loses nothing.
  private static let mostOrders = 24

  private let arena = Arena()
  private let program: ProgramTables
  private let world: LayoutTable
  private let symmetry: ThreadSymmetry
  /// For each thread its number after the sorting.
  private let numbers: UnsafeHandle<Int>
  private let bestNumbers: UnsafeHandle<Int>
  /// For each thread of a class its words without what depends on places.
  private let keys: Words
  private let hasKey: UnsafeHandle<Bool>
  private let moving: Words
  private var original = WordBuffer()
  private var best = WordBuffer()

  init(_ program: ProgramTables, _ world: LayoutTable, _ symmetry: ThreadSymmetry) {
    self.program = program
    self.world = world
    self.symmetry = symmetry
    numbers = arena.room(world.threadCount, of: 0)
    bestNumbers = arena.room(world.threadCount, of: 0)
    hasKey = arena.room(world.threadCount, of: false)
    keys = arena.room(world.threadCount * world.threadWords, of: 0)
    moving = arena.room(world.threadCount * world.threadWords, of: 0)
    for thread in 0..<world.threadCount { numbers[thread] = thread }
  }

  deinit {
    original.release()
    best.release()
  }

  func newNumber(of thread: Int) -> Int { numbers[thread] }

  /// Sorts the threads of a state and brings it into canonical form.
  func sort(_ words: Words, _ core: UnsafeMutablePointer<CanonicalCore>) {
    for thread in 0..<world.threadCount {
      numbers[thread] = thread
      hasKey[thread] = false
    }
    var orders = symmetry.classes
    var isInOrder = true
    var count = 1
    for index in orders.indices {
      if !sort(&orders[index], words) { isInOrder = false }
      count *= ties(orders[index], words)
      if count > Self.mostOrders { break }
    }
    if count == 1 || count > Self.mostOrders {
      if !isInOrder { move(orders, words, core) }
      core.pointee.rewrite(words)
      return
    }
    original.take(words, world.heapBase + Int(words[Layout.heapEnd]))
    best.count = 0
    tryOrders(of: 0, from: 0, &orders, words, core)
    best.give(words, zeroing: original.count)
    numbers.update(from: bestNumbers)
  }

  // MARK: Order

  /// Insertion sort, since a class has two or three members; false when anything was out of order.
  private func sort(_ order: inout [Int], _ words: Words) -> Bool {
    var wasSorted = true
    for position in 1..<order.count {
      var place = position
      while place > 0, compare(order[place - 1], order[place], words) > 0 {
        order.swapAt(place - 1, place)
        place -= 1
        wasSorted = false
      }
    }
    return wasSorted
  }

  /// In how many orders members may stand that are alike.
  private func ties(_ order: [Int], _ words: Words) -> Int {
    var count = 1
    var run = 1
    for position in 1..<order.count {
      run = compare(order[position - 1], order[position], words) == 0 ? run + 1 : 1
      count *= run
      if count > Self.mostOrders { break }
    }
    return count
  }

  /// Negative when the first thread comes first; 0 when nothing that does not depend on places tells them apart.
  private func compare(_ first: Int, _ second: Int, _ words: Words) -> Int {
    let one = world.words(of: first, in: words)
    let other = world.words(of: second, in: words)
    if one[Layout.operation] != other[Layout.operation] {
      return one[Layout.operation] < other[Layout.operation] ? -1 : 1
    }
    if one[Layout.programCounter] != other[Layout.programCounter] {
      return one[Layout.programCounter] < other[Layout.programCounter] ? -1 : 1
    }
    for (mine, its) in zip(symmetry.ownWords[first], symmetry.ownWords[second])
    where words[mine] != words[its] {
      return words[mine] < words[its] ? -1 : 1
    }
    let left = key(of: first, words)
    let right = key(of: second, words)
    // The stack pointers are among the first words, so what lies behind the stacks is not looked at unless they are the same.
    let end = Layout.stack + max(Layout.usedStack(one), Layout.usedStack(other))
    for word in 0..<end where left[word] != right[word] { return left[word] < right[word] ? -1 : 1 }
    return 0
  }

  /// A thread's words without what depends on where objects lie.
  private func key(of thread: Int, _ words: Words) -> Words {
    let key = keys.part(thread * world.threadWords, count: world.threadWords)
    if hasKey[thread] { return key }
    hasKey[thread] = true
    let t = world.words(of: thread, in: words)
    key.update(from: t)
    key[Layout.queue] = t[Layout.queue] == 0 ? 0 : 1
    key[Layout.taskWork] = t[Layout.taskWork] == 0 ? 0 : 1
    for index in 0..<Int(t[Layout.heldCount]) { key[Layout.held + index] = t[Layout.held + index] & 0xfffff }
    program.forEachRide(of: t) { key[$0] &= ~Ride.objectMask }
    program.forEachReference(onStackOf: t) { key[$0] = t[$0] == 0 ? 0 : 1 }
    return key
  }

  /// Tries all orders of those that are alike, from a position of a class on.
  private func tryOrders(
    of number: Int, from position: Int, _ orders: inout [[Int]], _ words: Words,
    _ core: UnsafeMutablePointer<CanonicalCore>
  ) {
    if number == orders.count {
      tryOrder(orders, words, core)
      return
    }
    if position == orders[number].count {
      tryOrders(of: number + 1, from: 0, &orders, words, core)
      return
    }
    // The keys are those of the original, whatever order is being tried.
    for other in position..<orders[number].count {
      if other > position,
        compare(orders[number][position], orders[number][other], original.words) != 0
      {
        break
      }
      orders[number].swapAt(position, other)
      tryOrders(of: number, from: position + 1, &orders, words, core)
      orders[number].swapAt(position, other)
    }
  }

  private func tryOrder(
    _ orders: [[Int]], _ words: Words, _ core: UnsafeMutablePointer<CanonicalCore>
  ) {
    original.give(words, zeroing: max(original.count, world.heapBase + Int(words[Layout.heapEnd])))
    for thread in 0..<world.threadCount { numbers[thread] = thread }
    move(orders, words, core)
    core.pointee.rewrite(words)
    let count = world.heapBase + Int(words[Layout.heapEnd])
    if best.count == 0 || best.isGreater(than: words, count) {
      best.take(words, count)
      bestNumbers.update(from: numbers)
    }
  }

  // MARK: Moving

  /// Puts the members of each class into an order, and renames them in all that names them.
  private func move(
    _ orders: [[Int]], _ words: Words, _ core: UnsafeMutablePointer<CanonicalCore>
  ) {
    let threads = words + world.threadBase
    let size = world.threadWords
    var hasMoved = false
    for (number, members) in symmetry.classes.enumerated() where orders[number] != members {
      hasMoved = true
      for member in members {
        moving.part(member * size, count: size).update(from: threads.part(member * size, count: size))
      }
      var values: [Int64] = []
      for from in orders[number] { values += symmetry.ownWords[from].map { words[$0] } }
      var next = 0
      for (to, from) in zip(members, orders[number]) {
        numbers[from] = to
        threads.part(to * size, count: size).update(from: moving.part(from * size, count: size))
        for place in symmetry.ownWords[to] {
          words[place] = values[next]
          next += 1
        }
      }
    }
    guard hasMoved else { return }
    rename(words + world.heapBase, Int(words[Layout.heapEnd]))
    renameReaders(words)
    core.pointee.sortUnits(words)
  }

  private func rename(_ heap: Words, _ end: Int) {
    for (block, header) in Blocks(heap, upTo: end) {
      let type = Header.type(header)
      if type == BlockType.unit, heap[block + Unit.owner] < 0 {
        heap[block + Unit.owner] = -Int64(number(Int(-heap[block + Unit.owner]) - 1)) - 1
      }
      for index in program.typeFields[type].indices {
        let place = block + Int(program.fields[index].offset)
        switch program.fields[index].kind {
        case .lock: renameOwner(heap + place)
        case .xarray: renameOwner(heap + place + 1)
        case .rwSemaphore:
          renameOwner(heap + place)
          renameBits(heap + place + 1)
          renameBits(heap + place + 2)
        case .reference, .chain, .refcount: break
        }
      }
    }
  }

  /// Callbacks of RCU, and those who wait for a grace period, wait for readers. Workers are never exchanged.
  private func renameReaders(_ words: Words) {
    let heap = words + world.heapBase
    for thread in 0..<world.threadCount where world.queueHeads >> UInt64(thread) & 1 != 0 {
      for cell in Chain(heap, from: world.words(of: thread, in: words)[Layout.taskWork])
      where heap[cell + DeferredCell.state] > 0 {
        renameBits(heap + (cell + DeferredCell.state))
      }
    }
  }

  /// The monitor comes behind the threads and keeps its number.
  private func number(_ thread: Int) -> Int { thread < world.threadCount ? numbers[thread] : thread }

  private func renameOwner(_ words: Words) {
    if words[0] > 0 { words[0] = Int64(number(Int(words[0]) - 1)) + 1 }
  }

  private func renameBits(_ words: Words) {
    var rest = words[0]
    var result: Int64 = 0
    while rest != 0 {
      let thread = rest.trailingZeroBitCount
      rest &= rest - 1
      result |= 1 << Int64(number(thread))
    }
    words[0] = result
  }
}

/// Words of a state that are kept for a while.
private struct WordBuffer {
  private var room = Words(.allocate(capacity: 256), count: 256)
  var count = 0

  /// The words that are kept.
  var words: Words { room.part(0, count: count) }

  func release() { room.base.deallocate() }

  mutating func take(_ source: Words, _ count: Int) {
    if count > room.count {
      room.base.deallocate()
      room = Words(.allocate(capacity: count * 2), count: count * 2)
    }
    room.update(from: source.part(0, count: count))
    self.count = count
  }

  /// Writes the words back and makes zero what may be left behind them, up to an index.
  func give(_ target: Words, zeroing end: Int) {
    target.update(from: words)
    if end > count { target.part(count, count: end - count).update(repeating: 0) }
  }

  func isGreater(than other: Words, _ otherCount: Int) -> Bool {
    for index in 0..<min(count, otherCount) where room[index] != other[index] {
      return room[index] > other[index]
    }
    return count > otherCount
  }
}
