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
  private let sorter: ThreadSorter?

  /// For states of a world.
  ///
  /// - Parameter symmetry: the threads that may be exchanged; nil when each stays where it is.
  public init(world: World, symmetry: ThreadSymmetry? = nil) {
    let program = ProgramTables(world.program, in: arena)
    let tables = WorldTables(world, in: arena)
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
      guard let words = buffer.baseAddress else { return }
      if let sorter { sorter.sort(words, core) } else { core.pointee.rewrite(words) }
    }
  }

  /// Which number a thread of the state has now that was canonicalized last.
  @inline(__always)
  public func newNumber(of thread: Int) -> Int { sorter?.newNumber(of: thread) ?? thread }

  /// Whether threads may change their numbers.
  public var sortsThreads: Bool { sorter != nil }
}

/// The part that works: pointers and numbers only, as `MachineCore`.
struct CanonicalCore: BitwiseCopyable {
  private let program: ProgramTables
  private let world: WorldTables
  /// For each word of the heap where the block goes that begins there; 0 for not yet reached.
  private var newIndex: UnsafeMutablePointer<Int>
  private var order: UnsafeMutablePointer<Int>
  private var scratch: UnsafeMutablePointer<Int64>
  private var capacity = 1024
  private let frames: UnsafeMutablePointer<Int>
  private let serials: UnsafeMutablePointer<Int>
  private var count = 0
  private var next = 1
  private var end = 1
  private var heap: UnsafeMutablePointer<Int64>

  init(program: ProgramTables, world: WorldTables, arena: Arena) {
    self.program = program
    self.world = world
    newIndex = .allocate(capacity: capacity)
    order = .allocate(capacity: capacity)
    scratch = .allocate(capacity: capacity)
    heap = scratch
    // A frame takes at least its header, so a stack has no more frames than this.
    frames = arena.room(world.threadWords, of: 0)
    serials = arena.room(program.typeCount, of: 0)
  }

  func release() {
    newIndex.deallocate()
    order.deallocate()
    scratch.deallocate()
  }

  @inline(never)
  private mutating func grow() {
    release()
    capacity = end * 2
    newIndex = .allocate(capacity: capacity)
    order = .allocate(capacity: capacity)
    scratch = .allocate(capacity: capacity)
  }

  mutating func rewrite(_ words: UnsafeMutablePointer<Int64>) {
    heap = words + world.heapBase
    end = Int(words[Layout.heapEnd])
    if end > capacity { grow() }
    newIndex.update(repeating: 0, count: end)
    count = 0
    next = 1
    reach(1)
    for thread in 0..<world.threadCount {
      let t = words + (world.threadBase + thread * world.threadWords)
      reachChain(Int(t[Layout.taskWork]))
      visitLocals(t, moving: false)
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
  mutating func sortUnits(_ words: UnsafeMutablePointer<Int64>) {
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

  private mutating func reachChain(_ head: Int) {
    var cell = head
    while cell != 0 {
      reach(cell)
      reach(Int(heap[cell + 4]))
      cell = Int(heap[cell + 1])
    }
  }

  @inline(__always)
  private mutating func reachFields(of block: Int) {
    for index in program.typeFields[Header.type(heap[block])].indices {
      let field = program.fields[index]
      let place = block + Int(field.offset)
      switch field.kind {
      case .reference: reach(Int(heap[place]))
      case .xarray, .chain: reachChain(Int(heap[place]))
      case .refcount:
        var unit = Int(heap[place + 1])
        while unit != 0 {
          reach(unit)
          unit = Int(heap[unit + 1])
        }
      case .lock, .rwSemaphore: break
      }
    }
  }

  /// Reaches, or translates, the references on a thread's stack, the system call's frame first: it changes least.
  private mutating func visitLocals(_ t: UnsafeMutablePointer<Int64>, moving: Bool) {
    guard t[Layout.programCounter] != Layout.idle else { return }
    if t[Layout.rideCount] != 0 { visitRides(t, moving: moving) }
    var depth = 0
    var frame = Int(t[Layout.framePointer])
    while true {
      frames[depth] = frame
      depth += 1
      if frame == 0 { break }
      frame = Int(t[Layout.stack + frame + 1])
    }
    while depth > 0 {
      depth -= 1
      let header = t + (Layout.stack + frames[depth])
      for index in program.functions[Int(header[3])].references.indices {
        let local = header + (frameHeader + Int(program.locals[index]))
        if moving { local.pointee = moved(local.pointee) } else { reach(Int(local.pointee)) }
      }
    }
  }

  /// Reaches, or translates, what a thread has looked at.
  @inline(never)
  private mutating func visitRides(_ t: UnsafeMutablePointer<Int64>, moving: Bool) {
    let top = t + (Layout.stack + Int(t[Layout.stackPointer]))
    for index in 0..<Int(t[Layout.rideCount]) {
      let object = Int(Ride.object(top[index]))
      if moving {
        top[index] = Ride.make(Int64(newIndex[object]), at: Ride.address(top[index]))
      } else {
        reach(object)
      }
    }
  }

  /// Of the objects that nobody reaches the one that comes next: by type, then by its words other than references.
  /// Where that does not decide, the one that lies first.
  @inline(never)
  private func leastLost() -> Int {
    var best = 0
    var index = 1
    while index < end {
      let header = heap[index]
      let type = Header.type(header)
      if newIndex[index] == 0, type != BlockType.free {
        if best == 0 {
          best = index
        } else if !isCell(type), isCell(Header.type(heap[best])) || precedes(index, best) {
          best = index
        }
      }
      index &+= Header.size(header)
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
    for index in program.typeFields[type].indices {
      let field = program.fields[index]
      switch field.kind {
      case .reference, .xarray, .chain: if Int(field.offset) == word { return true }
      case .refcount: if Int(field.offset) + 1 == word { return true }
      case .lock, .rwSemaphore: break
      }
    }
    return false
  }

  /// Whether the heap is in canonical form already, as it is after most steps from a canonical state.
  private mutating func isInPlace() -> Bool {
    guard next == end else { return false }
    for type in 0..<program.typeCount { serials[type] = 0 }
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
    var block = 1
    while block < end {
      let size = Header.size(heap[block])
      if place < block + size { break }
      block += size
    }
    return newIndex[block] + place - block
  }

  private mutating func moveThreads(_ words: UnsafeMutablePointer<Int64>) {
    for thread in 0..<world.threadCount {
      let t = words + (world.threadBase + thread * world.threadWords)
      t[Layout.taskWork] = moved(t[Layout.taskWork])
      visitLocals(t, moving: true)
      if t[Layout.queue] > 0 { t[Layout.queue] = Int64(movedPlace(Int(t[Layout.queue]))) }
      for index in 0..<Int(t[Layout.heldCount]) {
        let held = t[Layout.held + index]
        t[Layout.held + index] = Int64(movedPlace(Int(held >> 20))) << 20 | held & 0xfffff
      }
    }
  }

  private mutating func move() {
    for type in 0..<program.typeCount { serials[type] = 0 }
    for position in 0..<count {
      let block = order[position]
      let target = newIndex[block]
      let header = heap[block]
      let type = Header.type(header)
      let size = Header.size(header)
      (scratch + target).update(from: heap + block, count: size)
      var serial = 0
      if type > BlockType.globals {
        serials[type] += 1
        serial = serials[type]
      }
      scratch[target] = Header.make(type: type, size: size, serial: serial, isAlive: Header.isAlive(header))
      switch type {
      case BlockType.cell:
        scratch[target + 1] = moved(heap[block + 1])
        scratch[target + 4] = moved(heap[block + 4])
      case BlockType.unit:
        scratch[target + 1] = moved(heap[block + 1])
        scratch[target + 3] = moved(heap[block + 3])
      default:
        for index in program.typeFields[type].indices {
          let field = program.fields[index]
          switch field.kind {
          case .reference, .xarray, .chain:
            scratch[target + Int(field.offset)] = moved(heap[block + Int(field.offset)])
          case .refcount:
            scratch[target + Int(field.offset) + 1] = moved(heap[block + Int(field.offset) + 1])
          case .lock, .rwSemaphore: break
          }
        }
      }
    }
    (heap + 1).update(from: scratch + 1, count: next - 1)
    if end > next { (heap + next).update(repeating: 0, count: end - next) }
  }

  /// Units are sorted by word and owner; owners have moved.
  private func sortUnits(upTo end: Int) {
    var block = 1
    while block < end {
      for index in program.typeFields[Header.type(heap[block])].indices {
        let field = program.fields[index]
        guard field.kind == .refcount else { continue }
        // Chains are short: exchange the contents of neighbours until they are in order.
        var isSorted = false
        while !isSorted {
          isSorted = true
          var unit = Int(heap[block + Int(field.offset) + 1])
          while unit != 0, heap[unit + 1] != 0 {
            let after = Int(heap[unit + 1])
            if (heap[unit + 2], heap[unit + 3]) > (heap[after + 2], heap[after + 3]) {
              for word in 2...4 {
                let saved = heap[unit + word]
                heap[unit + word] = heap[after + word]
                heap[after + word] = saved
              }
              isSorted = false
            }
            unit = after
          }
        }
      }
      block += Header.size(heap[block])
    }
  }
}
