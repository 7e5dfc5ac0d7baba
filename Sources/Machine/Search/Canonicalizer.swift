import StepLanguage

/// Brings a state's heap into a form that does not depend on the order in which objects were made.
///
/// Objects are laid out again in the order in which they are reached from globals and stacks, without gaps, and numbered anew
/// (heap canonicalisation; Iosif, "Exploiting heap symmetries in explicit-state model checking of software", ASE 2001). Two
/// states that differ only in where objects lie and how they are numbered become the same words, and nothing that a thread can do
/// depends on either, so a search may go on from the one in place of the other.
public final class Canonicalizer {
  private let core: UnsafeMutablePointer<CanonicalCore>
  private let arena = Arena()
  private let prepared: PreparedProgram
  private let sorter: ThreadSorter?

  /// For states of a world.
  ///
  /// - Parameter symmetry: the threads that may be exchanged; nil when each stays where it is.
  public init(world: World, symmetry: ThreadSymmetry? = nil) {
    prepared = world.prepared ?? PreparedProgram(world.program)
    let program = prepared.tables
    let tables = LayoutTable(world)
    core = .allocate(capacity: 1)
    core.initialize(to: CanonicalCore(program: program, world: tables, arena: arena))
    sorter = symmetry.flatMap { $0.classes.isEmpty ? nil : ThreadSorter(program, tables, $0) }
  }

  deinit {
    core.pointee.release()
    core.deinitialize(count: 1)
    core.deallocate()
  }

  /// Rewrites the state in canonical form. Takes no memory once it has seen a state as large.
  public func canonicalize(_ state: inout State) {
    state.words.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let words = Words(base, count: buffer.count)
      if let sorter { sorter.sort(words, core) } else { core.pointee.rewrite(words) }
    }
  }

  /// Goes on with states of another world of the same program, after an operation or a thread was added; only where no threads are sorted.
  public func use(_ world: World) {
    precondition(sorter == nil, "which threads are alike depends on the world")
    core.pointee.world = LayoutTable(world)
  }

  /// The canonical number of an object of the state that was canonicalized last, by where it lay before; nil for a place where no object was.
  ///
  /// Only as long as no threads are sorted: sorting them brings several orders of a state into canonical form.
  public func number(of object: ObjectReference) -> Int? {
    precondition(sorter == nil, "threads are sorted, so objects have no one number")
    return core.pointee.number(of: object.index)
  }

  /// Which number a thread of the state has now that was canonicalized last.
  @inline(__always)
  public func newNumber(of thread: Int) -> Int { sorter?.newNumber(of: thread) ?? thread }

  /// Whether threads may change their numbers.
  public var sortsThreads: Bool { sorter != nil }
}

/// The part that works: handles and numbers only, as `MachineCore`.
struct CanonicalCore: BitwiseCopyable {
  private let program: ProgramTables
  var world: LayoutTable
  /// For each word of the heap where the block goes that begins there; 0 for not yet reached.
  private var newIndex: UnsafeHandle<Int>
  /// The blocks in the order in which they are reached.
  private var order: UnsafeHandle<Int>
  private var scratch: Words
  private let serials: UnsafeHandle<Int>
  private var count = 0
  private var next = 1
  private var end = 1
  private var heap: Words

  init(program: ProgramTables, world: LayoutTable, arena: Arena) {
    self.program = program
    self.world = world
    let capacity = 1024
    newIndex = UnsafeHandle(.allocate(capacity: capacity), count: capacity)
    order = UnsafeHandle(.allocate(capacity: capacity), count: capacity)
    scratch = UnsafeHandle(.allocate(capacity: capacity), count: capacity)
    heap = scratch
    serials = arena.room(program.typeCount, of: 0)
  }

  func release() {
    newIndex.base.deallocate()
    order.base.deallocate()
    scratch.base.deallocate()
  }

  @inline(never)
  private mutating func grow() {
    release()
    let capacity = end * 2
    newIndex = UnsafeHandle(.allocate(capacity: capacity), count: capacity)
    order = UnsafeHandle(.allocate(capacity: capacity), count: capacity)
    scratch = UnsafeHandle(.allocate(capacity: capacity), count: capacity)
  }

  /// Where the block lies now that lay at an index of the heap.
  func number(of block: Int) -> Int? {
    block > 0 && block < end && newIndex[block] > 0 ? newIndex[block] : nil
  }

  mutating func rewrite(_ words: Words) {
    heap = words + world.heapBase
    end = Int(words[Layout.heapEnd])
    if end > order.count { grow() }
    newIndex.part(0, count: end).update(repeating: 0)
    count = 0
    next = 1
    reach(1)
    let program = program
    for thread in 0..<world.threadCount {
      let t = world.words(of: thread, in: words)
      reachChain(t[Layout.taskWork])
      program.forEachRide(of: t) { reach(Int(Ride.object(t[$0]))) }
      program.forEachReference(onStackOf: t) { reach(Int(t[$0])) }
    }
    var position = 0
    while true {
      while position < count {
        reachFields(of: order[position])
        position += 1
      }
      // Cells and units come with their owners, and gaps are dropped, so all words may be accounted for already.
      let lost = next == end ? 0 : leastLost()
      if lost == 0 { break }
      reach(lost)
    }
    if isInPlace() { return }
    moveThreads(words)
    move()
    words[Layout.heapEnd] = Int64(next)
    sortUnits(upTo: next)
  }

  /// Sorts the units of a heap whose holders have got other numbers.
  mutating func sortUnits(_ words: Words) {
    heap = words + world.heapBase
    sortUnits(upTo: Int(words[Layout.heapEnd]))
  }

  @inline(__always)
  private mutating func reach(_ block: Int) {
    guard block > 0, newIndex[block] == 0 else { return }
    newIndex[block] = next
    next &+= Header.size(heap[block])
    order[count] = block
    count &+= 1
  }

  private mutating func reachChain(_ head: Int64) {
    for cell in Chain(heap, from: head) {
      reach(cell)
      reach(Int(heap[cell + Cell.value]))
    }
  }

  @inline(__always)
  private mutating func reachFields(of block: Int) {
    let type = Header.type(heap[block])
    // What a cell or a unit leads to is reached with its chain.
    if isCell(type) { return }
    let program = program
    program.forEachEdge(ofType: type) { edge, offset in
      let first = heap[block + offset]
      switch edge {
      case .object: reach(Int(first))
      case .cells: reachChain(first)
      case .units: for unit in Chain(heap, from: first) { reach(unit) }
      case .owner: break
      }
    }
  }

  /// Of the objects that nobody reaches the one that comes next: by type, then by its words other than references.
  /// Where that does not decide, the one that lies first.
  @inline(never)
  private func leastLost() -> Int {
    var best = 0
    for (index, header) in Blocks(heap, upTo: end) {
      let type = Header.type(header)
      guard newIndex[index] == 0, type != BlockType.free else { continue }
      if best == 0 || (!isCell(type) && (isCell(Header.type(heap[best])) || precedes(index, best))) {
        best = index
      }
    }
    return best
  }

  /// Cells and units come with their owners.
  private func isCell(_ type: Int) -> Bool { type == BlockType.cell || type == BlockType.unit }

  private func precedes(_ first: Int, _ second: Int) -> Bool {
    let type = Header.type(heap[first])
    let other = Header.type(heap[second])
    if type != other { return type < other }
    if Header.isAlive(heap[first]) != Header.isAlive(heap[second]) { return Header.isAlive(heap[first]) }
    for word in 1..<max(1, Header.size(heap[first])) where !refers(type, word) {
      if heap[first + word] != heap[second + word] { return heap[first + word] < heap[second + word] }
    }
    return false
  }

  private func refers(_ type: Int, _ word: Int) -> Bool {
    var refers = false
    program.forEachEdge(ofType: type) { edge, offset in refers = refers || (edge != .owner && offset == word)
    }
    return refers
  }

  /// Whether the heap is in canonical form already, as it is after most steps from a canonical state.
  private mutating func isInPlace() -> Bool {
    guard next == end else { return false }
    serials.update(repeating: 0)
    var place = 1
    for position in 0..<count {
      let block = order[position]
      guard block == place else { return false }
      let header = heap[block]
      let type = Header.type(header)
      if type > BlockType.globals {
        serials[type] += 1
        if Header.serial(header) != serials[type] { return false }
      }
      place &+= Header.size(header)
    }
    return true
  }

  @inline(__always)
  private func moved(_ word: Int64) -> Int64 { word > 0 ? Int64(newIndex[Int(word)]) : word }

  /// A place inside a block, such as a lock.
  private func movedPlace(_ place: Int) -> Int {
    for (block, header) in Blocks(heap, upTo: end) where place < block + Header.size(header) {
      return newIndex[block] + place - block
    }
    preconditionFailure("a lock or queue lies in no block")
  }

  private mutating func moveThreads(_ words: Words) {
    let program = program
    for thread in 0..<world.threadCount {
      let t = world.words(of: thread, in: words)
      t[Layout.taskWork] = moved(t[Layout.taskWork])
      program.forEachRide(of: t) {
        t[$0] = Ride.make(Int64(newIndex[Int(Ride.object(t[$0]))]), at: Ride.address(t[$0]))
      }
      program.forEachReference(onStackOf: t) { t[$0] = moved(t[$0]) }
      if t[Layout.queue] > 0 { t[Layout.queue] = Int64(movedPlace(Int(t[Layout.queue]))) }
      for index in 0..<Int(t[Layout.heldCount]) {
        let held = t[Layout.held + index]
        t[Layout.held + index] = Int64(movedPlace(Int(held >> 20))) << 20 | held & 0xfffff
      }
    }
  }

  private mutating func move() {
    serials.update(repeating: 0)
    let program = program
    for position in 0..<count {
      let block = order[position]
      let target = newIndex[block]
      let header = heap[block]
      let type = Header.type(header)
      let size = Header.size(header)
      (scratch + target).update(from: heap.part(block, count: size))
      var serial = 0
      if type > BlockType.globals {
        serials[type] += 1
        serial = serials[type]
      }
      scratch[target] = Header.make(type: type, size: size, serial: serial, isAlive: Header.isAlive(header))
      program.forEachEdge(ofType: type) { _, offset in scratch[target + offset] = moved(heap[block + offset])
      }
    }
    (heap + 1).update(from: scratch.part(1, count: next - 1))
    if end > next { heap.part(next, count: end - next).update(repeating: 0) }
  }

  /// Units are sorted by word and owner; owners have moved.
  private func sortUnits(upTo end: Int) {
    for (block, header) in Blocks(heap, upTo: end) {
      let type = Header.type(header)
      if isCell(type) { continue }
      program.forEachEdge(ofType: type) { edge, offset in
        if edge == .units { sortUnits(from: heap[block + offset]) }
      }
    }
  }

  /// Chains are short: exchanges the contents of neighbours until they are in order.
  private func sortUnits(from first: Int64) {
    var isSorted = false
    while !isSorted {
      isSorted = true
      for unit in Chain(heap, from: first) where heap[unit + Unit.next] != 0 {
        let after = Int(heap[unit + Unit.next])
        let key = (heap[unit + Unit.word], heap[unit + Unit.owner])
        guard key > (heap[after + Unit.word], heap[after + Unit.owner]) else { continue }
        for word in Unit.word...Unit.count {
          let saved = heap[unit + word]
          heap[unit + word] = heap[after + word]
          heap[after + word] = saved
        }
        isSorted = false
      }
    }
  }
}
