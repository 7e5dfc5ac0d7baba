import StepLanguage

/// The first word of a block of the heap: type, size in words, number among its type, and whether it is alive.
enum Header {
  private static let aliveBit: Int64 = 1 << 48

  @inline(__always)
  static func make(type: Int, size: Int, serial: Int, isAlive: Bool) -> Int64 {
    Int64(type) | Int64(size) << 16 | Int64(serial) << 32 | (isAlive ? aliveBit : 0)
  }

  @inline(__always)
  static func type(_ header: Int64) -> Int { Int(header & 0xffff) }

  @inline(__always)
  static func size(_ header: Int64) -> Int { Int(header >> 16 & 0xffff) }

  @inline(__always)
  static func serial(_ header: Int64) -> Int { Int(header >> 32 & 0xffff) }

  @inline(__always)
  static func isAlive(_ header: Int64) -> Bool { header & aliveBit != 0 }

  static func killed(_ header: Int64) -> Int64 { header & ~aliveBit }

  // Set only while a walk over the objects is on its way, so never in a state that anybody sees.
  private static let markBit: Int64 = 1 << 49

  @inline(__always)
  static func isMarked(_ header: Int64) -> Bool { header & markBit != 0 }

  @inline(__always)
  static func marked(_ header: Int64) -> Int64 { header | markBit }

  @inline(__always)
  static func unmarked(_ header: Int64) -> Int64 { header & ~markBit }

  /// The words of the largest block that a header can tell.
  static let largestSize = 0xffff
}

// The heap: blocks one after another. A freed object stays as a tombstone as long as anybody still has a pointer to it, so that
// a stale pointer is always noticed and memory is never given to another object under it.
extension MachineCore {
  /// The blocks of the state that is stepped.
  @inline(__always)
  var blocks: Blocks { Blocks(heap, upTo: Int(words[Layout.heapEnd])) }

  /// A zeroed block of that type, in the first gap that is large enough.
  mutating func allocate(type: Int) -> Int {
    let size = program.typeSizes[type]
    let end = Int(words[Layout.heapEnd])
    let isNamed = type > BlockType.globals
    var place = -1
    // A bit for each of the numbers from 1 that an object of the type has.
    var taken: UInt64 = 0
    for (index, header) in Blocks(heap, upTo: end) {
      let blockType = Header.type(header)
      if blockType == BlockType.free {
        if place < 0, Header.size(header) >= size {
          place = index
          if !isNamed { break }
        }
      } else if isNamed, blockType == type, Header.serial(header) <= 64 {
        taken |= 1 << UInt64(Header.serial(header) - 1)
      }
    }
    let serial = !isNamed ? 0 : taken == .max ? lowestSerial(of: type) : (~taken).trailingZeroBitCount + 1
    if serial > RuntimeLimits.objectsOfType || (place < 0 && end + size >= RuntimeLimits.heapWords) {
      return exceedMemory(serial)
    }
    let header = Header.make(type: type, size: size, serial: serial, isAlive: true)
    if place >= 0 {
      let gap = Header.size(heap[place])
      if gap > size {
        heap[place + size] = Header.make(type: BlockType.free, size: gap - size, serial: 0, isAlive: false)
      }
      heap[place] = header
      return place
    }
    // Before each step there is room for all that a step can make; only init can make more.
    if end + size >= heapCapacity {
      precondition(runningThread == world.threadCount, "a step made more than there was room for")
      lacksRoom = true
      return heapCapacity
    }
    heap[end] = header
    words[Layout.heapEnd] = Int64(end + size)
    return end
  }

  /// The lowest number that no present object of the type has, when the first 64 are taken.
  @inline(never)
  private mutating func lowestSerial(of type: Int) -> Int {
    // A bit for each number, in one walk.
    let count = RuntimeLimits.objectsOfType / Int.bitWidth + 1
    reserveWorklist(count)
    for index in 0..<count { worklist[index] = 0 }
    for (_, header) in blocks where Header.type(header) == type {
      let bit = Header.serial(header) - 1
      worklist[bit / Int.bitWidth] |= 1 << (bit % Int.bitWidth)
    }
    for index in 0..<count where worklist[index] != -1 {
      return index * Int.bitWidth + (~worklist[index]).trailingZeroBitCount + 1
    }
    return count * Int.bitWidth + 1
  }

  /// The state is larger than a state may be. What is given out instead is never used: the thread does not go on.
  @inline(never)
  private mutating func exceedMemory(_ serial: Int) -> Int {
    exceed((serial > RuntimeLimits.objectsOfType ? Limits.objectsOfType : Limits.heapWords).message, at: nil)
    lacksRoom = true
    return heapCapacity
  }

  mutating func allocateCell(key: Int64, second: Int64, value: Int64) -> Int {
    let cell = allocate(type: BlockType.cell)
    heap[cell + 2] = key
    heap[cell + 3] = second
    heap[cell + 4] = value
    return cell
  }

  /// Gives a block's words back, joined with free neighbours, and zeroed.
  mutating func releaseBlock(_ block: Int) {
    let size = Header.size(heap[block])
    var end = Int(words[Layout.heapEnd])
    for word in 0..<size { heap[block + word] = 0 }
    heap[block] = Header.make(type: BlockType.free, size: size, serial: 0, isAlive: false)
    // Gaps are always joined, so only the neighbours can be gaps.
    var gap = block
    let previous = lastBlock(before: block)
    if previous > 0, joinGaps(previous, gap) { gap = previous }
    let next = gap + Header.size(heap[gap])
    if next < end, Header.type(heap[next]) == BlockType.free { _ = joinGaps(gap, next) }
    while gap + Header.size(heap[gap]) == end {
      heap[gap] = 0
      end = gap
      // A gap before this one is there only when both together were too large for a header.
      guard gap == block, previous > 0, Header.type(heap[previous]) == BlockType.free else { break }
      gap = previous
    }
    words[Layout.heapEnd] = Int64(end)
  }

  /// The block that ends where this one begins; 0 when there is none.
  private mutating func lastBlock(before block: Int) -> Int {
    var last = 0
    for (index, _) in Blocks(heap, upTo: block) { last = index }
    return last
  }

  /// Makes one gap of two neighbours; false when the first is none, or when both together are too large for a header.
  private mutating func joinGaps(_ first: Int, _ second: Int) -> Bool {
    let header = heap[first]
    let size = Header.size(header) + Header.size(heap[second])
    guard Header.type(header) == BlockType.free, size <= Header.largestSize else { return false }
    heap[second] = 0
    heap[first] = Header.make(type: BlockType.free, size: size, serial: 0, isAlive: false)
    return true
  }

  /// `free`: the object becomes a tombstone. False when the pointer cannot be followed at all.
  mutating func release(object: Int64) -> Bool {
    guard object > 0, object < words[Layout.heapEnd] else {
      find(.nullDereference, "a null pointer is freed")
      return false
    }
    let header = heap[Int(object)]
    guard Header.isAlive(header) else {
      findDoubleFree(object)
      return true
    }
    let type = Header.type(header)
    for index in program.typeFields[type].indices {
      let field = program.fields[index]
      let place = Int(object) + Int(field.offset)
      let isHeld: Bool =
        switch field.kind {
        case .lock: heap[place] != 0
        case .rwSemaphore: heap[place] != 0 || heap[place + 1] != 0
        case .xarray: heap[place + 1] != 0
        default: false
        }
      if isHeld { findHeld(object, type, Int(field.index)) }
    }
    heap[Int(object)] = Header.killed(header)
    words[Layout.tombstones] += 1
    emit(.freed, object, Int64(type))
    return true
  }

  /// Drops the tombstones that nobody points to any more.
  mutating func sweep() {
    markFromRoots(includingLiving: true)
    var dropped = 0
    for (index, header) in blocks {
      if Header.isMarked(header) {
        heap[index] = Header.unmarked(header)
      } else if !Header.isAlive(header), Header.type(header) > BlockType.globals {
        worklist[dropped] = index
        dropped += 1
      }
    }
    for position in 0..<dropped {
      let object = worklist[position]
      releaseChains(of: object)
      releaseBlock(object)
      words[Layout.tombstones] -= 1
    }
  }

  @inline(never)
  private mutating func findHeld(_ object: Int64, _ type: Int, _ field: Int) {
    let field = reports.pointee.world.program.types[type].fields[field].name
    find(.lockImbalance, "\(name(of: object)) is freed while its \(field) is held", objects: [object])
  }

  @inline(never)
  private mutating func findDoubleFree(_ object: Int64) {
    find(.doubleFree, "\(name(of: object)) is freed again", objects: [object])
  }

  private mutating func releaseChains(of object: Int) {
    program.forEachEdge(ofType: Header.type(heap[object])) { edge, offset in
      guard edge == .cells || edge == .units else { return }
      let head = heap[object + offset]
      heap[object + offset] = 0
      for cell in Chain(heap, from: head) { releaseBlock(cell) }
    }
  }

  /// Makes sure that the worklist has room for that many objects.
  @inline(__always)
  mutating func reserveWorklist(_ count: Int) {
    if count > worklist.count { growWorklist(count) }
  }

  @inline(never)
  private mutating func growWorklist(_ count: Int) {
    worklist.base.deallocate()
    worklist = UnsafeHandle(.allocate(capacity: count * 2), count: count * 2)
  }

  /// Marks every object that a root leads to.
  ///
  /// Roots are the globals and all stacks. When `includingLiving`, every living object is one too, and only tombstones are marked.
  private mutating func markFromRoots(includingLiving: Bool) {
    // No object is put on the list twice.
    reserveWorklist(includingLiving ? Int(words[Layout.tombstones]) : Int(words[Layout.heapEnd]))
    let only = includingLiving
    var pending = 0
    for thread in 0...world.threadCount {
      let t = wordsOfThread(thread)
      for cell in Chain(heap, from: t[Layout.taskWork]) {
        reach(heap[cell + Cell.value], tombstonesOnly: only, &pending)
      }
      program.forEachRide(of: t) { reach(Ride.object(t[$0]), tombstonesOnly: only, &pending) }
      program.forEachReference(onStackOf: t) { reach(t[$0], tombstonesOnly: only, &pending) }
    }
    if includingLiving {
      for (index, header) in blocks where Header.isAlive(header) && Header.type(header) >= BlockType.globals {
        reachFields(of: index, tombstonesOnly: only, &pending)
      }
    } else {
      reachFields(of: ObjectReference.globals.index, tombstonesOnly: only, &pending)
    }
    while pending > 0 {
      pending -= 1
      reachFields(of: worklist[pending], tombstonesOnly: only, &pending)
    }
  }

  @inline(__always)
  private mutating func reach(_ word: Int64, tombstonesOnly: Bool, _ pending: inout Int) {
    let object = Int(word)
    guard object > 0, object < Int(words[Layout.heapEnd]) else { return }
    let header = heap[object]
    if Header.isMarked(header) || (tombstonesOnly && Header.isAlive(header)) { return }
    heap[object] = Header.marked(header)
    worklist[pending] = object
    pending += 1
  }

  private mutating func reachFields(of object: Int, tombstonesOnly only: Bool, _ pending: inout Int) {
    let header = heap[object]
    program.forEachEdge(ofType: Header.type(header)) { edge, offset in
      let first = heap[object + offset]
      switch edge {
      case .object: reach(first, tombstonesOnly: only, &pending)
      case .cells:
        for cell in Chain(heap, from: first) {
          reach(heap[cell + Cell.value], tombstonesOnly: only, &pending)
        }
      case .units:
        // A unit's holder is named in the ledger, so it keeps its name as long as the unit is there.
        guard Header.isAlive(header) else { return }
        for unit in Chain(heap, from: first) {
          let owner = heap[unit + Unit.owner]
          if owner > 0, !Header.isAlive(heap[Int(owner)]) { reach(owner, tombstonesOnly: only, &pending) }
        }
      case .owner: break
      }
    }
  }

  /// When all is over: every living object must be one that the globals lead to.
  mutating func checkLeaks() {
    markFromRoots(includingLiving: false)
    var leaked = 0
    for (index, header) in blocks {
      if Header.isMarked(header) {
        heap[index] = Header.unmarked(header)
      } else if Header.isAlive(header), Header.type(header) > BlockType.globals {
        worklist[leaked] = index
        leaked += 1
      }
    }
    if leaked > 0 { reportLeaks(leaked) }
  }

  @inline(never)
  private mutating func reportLeaks(_ leaked: Int) {
    statement = -1
    let objects = (0..<leaked).map { Int64(worklist[$0]) }
    let names = objects.map { name(of: $0) }.joined(separator: ", ")
    find(.leak, "nobody can reach \(names) any more", objects: objects)
  }

  // MARK: Names

  /// `ioas2`, from the type's short name and the object's number.
  mutating func name(of object: Int64) -> String {
    let header = heap[Int(object)]
    return "\(reports.pointee.world.program.types[Header.type(header)].short)\(Header.serial(header))"
  }

  /// `access1.ioas_lock`; of a global its name alone.
  mutating func lockName(_ address: Int) -> String {
    let object = objectContaining(address)
    let type = reports.pointee.world.program.types[Header.type(heap[object])]
    guard let field = type.field(at: address - object) else { return "a lock" }
    let isInner = if case .xarray = field.type { true } else { false }
    let own = isInner ? "\(field.name).xa_lock" : field.name
    return object == ObjectReference.globals.index ? own : "\(name(of: Int64(object))).\(own)"
  }

  /// The block that a word of the heap belongs to.
  mutating func objectContaining(_ address: Int) -> Int {
    for (index, header) in blocks where address < index + Header.size(header) { return index }
    return ObjectReference.globals.index
  }
}
