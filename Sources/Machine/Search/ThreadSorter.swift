import StepLanguage

/// Gives threads that cannot be told apart their places by what they are doing, so that states that differ only in who of them does what become one.
///
/// First they are sorted by what does not depend on where objects lie: program counters, variables that are no references, kinds of held
/// locks. Where that does not decide, all orders are tried and the one with the least words is taken, each brought into canonical form. Any choice
/// would be sound; this one depends on nothing but what the exchanged states have in common, so it is the same for all of them.
final class ThreadSorter {
  /// More orders than this are not tried; what is left in the order that it had costs states, but loses nothing.
  private static let mostOrders = 24

  private let program: ProgramTables
  private let world: WorldTables
  private let symmetry: ThreadSymmetry
  /// For each thread its number after the sorting.
  private let numbers: UnsafeMutablePointer<Int>
  private let bestNumbers: UnsafeMutablePointer<Int>
  /// For each thread of a class its words without what depends on places.
  private let keys: UnsafeMutablePointer<Int64>
  private let hasKey: UnsafeMutablePointer<Bool>
  private let moving: UnsafeMutablePointer<Int64>
  private var original = WordBuffer()
  private var best = WordBuffer()

  init(_ program: ProgramTables, _ world: WorldTables, _ symmetry: ThreadSymmetry) {
    self.program = program
    self.world = world
    self.symmetry = symmetry
    numbers = .allocate(capacity: world.threadCount)
    bestNumbers = .allocate(capacity: world.threadCount)
    hasKey = .allocate(capacity: world.threadCount)
    keys = .allocate(capacity: world.threadCount * world.threadWords)
    moving = .allocate(capacity: world.threadCount * world.threadWords)
    for thread in 0..<world.threadCount { numbers[thread] = thread }
  }

  deinit {
    numbers.deallocate()
    bestNumbers.deallocate()
    hasKey.deallocate()
    keys.deallocate()
    moving.deallocate()
    original.release()
    best.release()
  }

  func newNumber(of thread: Int) -> Int { numbers[thread] }

  /// Sorts the threads of a state and brings it into canonical form.
  func sort(_ words: UnsafeMutablePointer<Int64>, _ core: UnsafeMutablePointer<CanonicalCore>) {
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
    numbers.update(from: bestNumbers, count: world.threadCount)
  }

  // MARK: Order

  /// Insertion sort, since a class has two or three members; false when anything was out of order.
  private func sort(_ order: inout [Int], _ words: UnsafeMutablePointer<Int64>) -> Bool {
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
  private func ties(_ order: [Int], _ words: UnsafeMutablePointer<Int64>) -> Int {
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
  private func compare(_ first: Int, _ second: Int, _ words: UnsafeMutablePointer<Int64>) -> Int {
    let one = words + (world.threadBase + first * world.threadWords)
    let other = words + (world.threadBase + second * world.threadWords)
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
  private func key(of thread: Int, _ words: UnsafeMutablePointer<Int64>) -> UnsafeMutablePointer<Int64> {
    let key = keys + thread * world.threadWords
    if hasKey[thread] { return key }
    hasKey[thread] = true
    let t = words + (world.threadBase + thread * world.threadWords)
    key.update(from: t, count: world.threadWords)
    key[Layout.queue] = t[Layout.queue] == 0 ? 0 : 1
    key[Layout.taskWork] = t[Layout.taskWork] == 0 ? 0 : 1
    for index in 0..<Int(t[Layout.heldCount]) { key[Layout.held + index] = t[Layout.held + index] & 0xfffff }
    for index in 0..<Int(t[Layout.rideCount]) {
      key[Layout.stack + Int(t[Layout.stackPointer]) + index] &= ~Ride.objectMask
    }
    guard t[Layout.programCounter] != Layout.idle else { return key }
    var frame = Int(t[Layout.framePointer])
    while true {
      let header = Layout.stack + frame
      for index in program.functions[Int(t[header + 3])].references.indices {
        let local = header + frameHeader + Int(program.locals[index])
        key[local] = t[local] == 0 ? 0 : 1
      }
      if frame == 0 { return key }
      frame = Int(t[header + 1])
    }
  }

  /// Tries all orders of those that are alike, from a position of a class on.
  private func tryOrders(
    of number: Int, from position: Int, _ orders: inout [[Int]], _ words: UnsafeMutablePointer<Int64>,
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
    _ orders: [[Int]], _ words: UnsafeMutablePointer<Int64>, _ core: UnsafeMutablePointer<CanonicalCore>
  ) {
    original.give(words, zeroing: max(original.count, world.heapBase + Int(words[Layout.heapEnd])))
    for thread in 0..<world.threadCount { numbers[thread] = thread }
    move(orders, words, core)
    core.pointee.rewrite(words)
    let count = world.heapBase + Int(words[Layout.heapEnd])
    if best.count == 0 || best.isGreater(than: words, count) {
      best.take(words, count)
      bestNumbers.update(from: numbers, count: world.threadCount)
    }
  }

  // MARK: Moving

  /// Puts the members of each class into an order, and renames them in all that names them.
  private func move(
    _ orders: [[Int]], _ words: UnsafeMutablePointer<Int64>, _ core: UnsafeMutablePointer<CanonicalCore>
  ) {
    let threads = words + world.threadBase
    let size = world.threadWords
    var hasMoved = false
    for (number, members) in symmetry.classes.enumerated() where orders[number] != members {
      hasMoved = true
      for member in members { (moving + member * size).update(from: threads + member * size, count: size) }
      var values: [Int64] = []
      for from in orders[number] { values += symmetry.ownWords[from].map { words[$0] } }
      var next = 0
      for (to, from) in zip(members, orders[number]) {
        numbers[from] = to
        (threads + to * size).update(from: moving + from * size, count: size)
        for place in symmetry.ownWords[to] {
          words[place] = values[next]
          next += 1
        }
      }
    }
    guard hasMoved else { return }
    rename(words + world.heapBase, Int(words[Layout.heapEnd]))
    core.pointee.sortUnits(words)
  }

  private func rename(_ heap: UnsafeMutablePointer<Int64>, _ end: Int) {
    var block = 1
    while block < end {
      let type = Header.type(heap[block])
      if type == BlockType.unit, heap[block + 3] < 0 {
        heap[block + 3] = -Int64(number(Int(-heap[block + 3]) - 1)) - 1
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
      block += Header.size(heap[block])
    }
  }

  /// The monitor comes behind the threads and keeps its number.
  private func number(_ thread: Int) -> Int { thread < world.threadCount ? numbers[thread] : thread }

  private func renameOwner(_ word: UnsafeMutablePointer<Int64>) {
    if word.pointee > 0 { word.pointee = Int64(number(Int(word.pointee) - 1)) + 1 }
  }

  private func renameBits(_ word: UnsafeMutablePointer<Int64>) {
    var rest = word.pointee
    var result: Int64 = 0
    while rest != 0 {
      let thread = rest.trailingZeroBitCount
      rest &= rest - 1
      result |= 1 << Int64(number(thread))
    }
    word.pointee = result
  }
}

/// Words of a state that are kept for a while.
private struct WordBuffer {
  private(set) var words: UnsafeMutablePointer<Int64>
  var count = 0
  private var capacity = 256

  init() { words = .allocate(capacity: capacity) }

  func release() { words.deallocate() }

  mutating func take(_ source: UnsafeMutablePointer<Int64>, _ count: Int) {
    if count > capacity {
      words.deallocate()
      capacity = count * 2
      words = .allocate(capacity: capacity)
    }
    words.update(from: source, count: count)
    self.count = count
  }

  /// Writes the words back and makes zero what may be left behind them, up to an index.
  func give(_ target: UnsafeMutablePointer<Int64>, zeroing end: Int) {
    target.update(from: words, count: count)
    if end > count { (target + count).update(repeating: 0, count: end - count) }
  }

  func isGreater(than other: UnsafeMutablePointer<Int64>, _ otherCount: Int) -> Bool {
    for index in 0..<min(count, otherCount) where words[index] != other[index] {
      return words[index] > other[index]
    }
    return count > otherCount
  }
}
