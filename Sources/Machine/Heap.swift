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
}

// The heap: blocks one after another. A freed object stays as a tombstone as long as anybody still has a pointer to it, so that
// a stale pointer is always noticed and memory is never given to another object under it.
extension Machine {
  /// A zeroed block of that type, in the first gap that is large enough.
  func allocate(type: Int) -> Int {
    let size = typeSizes[type]
    let end = Int(words[Layout.heapEnd])
    let isNamed = type > ObjectType.globals
    var place = -1
    var serial = isNamed ? 1 : 0
    var index = 1
    var again = isNamed
    // The lowest number that no present object of the type has: numbers in use are few, so that rounds are few.
    while true {
      index = 1
      again = false
      while index < end {
        let header = heap[index]
        let blockSize = Header.size(header)
        if Header.type(header) == ObjectType.free {
          if place < 0, blockSize >= size { place = index }
        } else if isNamed, Header.type(header) == type, Header.serial(header) == serial {
          serial += 1
          again = true
        }
        index += blockSize
      }
      if !again { break }
    }
    let header = Header.make(type: type, size: size, serial: serial, isAlive: true)
    if place >= 0 {
      let gap = Header.size(heap[place])
      if gap > size {
        heap[place + size] = Header.make(type: ObjectType.free, size: gap - size, serial: 0, isAlive: false)
      }
      heap[place] = header
      return place
    }
    heap[end] = header
    words[Layout.heapEnd] = Int64(end + size)
    return end
  }

  func allocateCell(key: Int64, second: Int64, value: Int64) -> Int {
    let cell = allocate(type: ObjectType.cell)
    heap[cell + 2] = key
    heap[cell + 3] = second
    heap[cell + 4] = value
    return cell
  }

  /// Gives a block's words back, joined with free neighbours, and zeroed.
  func releaseBlock(_ block: Int) {
    let size = Header.size(heap[block])
    for word in 0..<size { heap[block + word] = 0 }
    heap[block] = Header.make(type: ObjectType.free, size: size, serial: 0, isAlive: false)
    joinGaps()
  }

  private func joinGaps() {
    var index = 1
    var previousGap = -1
    var end = Int(words[Layout.heapEnd])
    while index < end {
      let header = heap[index]
      let size = Header.size(header)
      if Header.type(header) == ObjectType.free {
        if previousGap >= 0 {
          let joined = Header.size(heap[previousGap]) + size
          heap[index] = 0
          heap[previousGap] = Header.make(type: ObjectType.free, size: joined, serial: 0, isAlive: false)
        } else {
          previousGap = index
        }
      } else {
        previousGap = -1
      }
      index += size
    }
    if previousGap >= 0 {
      heap[previousGap] = 0
      end = previousGap
      words[Layout.heapEnd] = Int64(end)
    }
  }

  /// `free`: the object becomes a tombstone. False when the pointer cannot be followed at all.
  func release(object: Int64) -> Bool {
    guard object > 0, object < words[Layout.heapEnd] else {
      find(.nullDereference, "a null pointer is freed")
      return false
    }
    let header = heap[Int(object)]
    guard Header.isAlive(header) else {
      find(.doubleFree, "\(name(of: object)) is freed again", objects: [object])
      return true
    }
    let type = Header.type(header)
    for field in world.program.types[type].fields {
      guard let lockClass = lockClass(of: field.type) else { continue }
      let address = Int(object) + field.offset + lockClass.offset
      if heap[address] != 0 || (lockClass.isRwSemaphore && heap[address + 1] != 0) {
        find(
          .lockImbalance, "\(name(of: object)) is freed while its \(field.name) is held", objects: [object])
      }
    }
    heap[Int(object)] = Header.killed(header)
    words[Layout.tombstones] += 1
    emit(.freed, object, Int64(type))
    return true
  }

  private func lockClass(of type: FieldType) -> (offset: Int, isRwSemaphore: Bool)? {
    switch type {
    case .mutex, .spinlock: (0, false)
    case .rwSemaphore: (0, true)
    case .xarray: (1, false)
    default: nil
    }
  }

  /// Drops the tombstones that nobody points to any more.
  func sweep() {
    var marked: [Int] = []
    markFromRoots(includingLiving: true) { object in
      if !Header.isAlive(self.heap[object]), !marked.contains(object) {
        marked.append(object)
        return true
      }
      return false
    }
    var index = 1
    var end = Int(words[Layout.heapEnd])
    var dropped: [Int] = []
    while index < end {
      let header = heap[index]
      if !Header.isAlive(header), Header.type(header) > ObjectType.globals, !marked.contains(index) {
        dropped.append(index)
      }
      index += Header.size(header)
    }
    for object in dropped {
      releaseChains(of: object)
      releaseBlock(object)
      words[Layout.tombstones] -= 1
      end = Int(words[Layout.heapEnd])
    }
  }

  private func releaseChains(of object: Int) {
    for field in world.program.types[Header.type(heap[object])].fields {
      let head: Int
      switch field.type {
      case .xarray, .list, .intervalMap: head = object + field.offset
      case .refcount: head = object + field.offset + 1
      default: continue
      }
      var cell = Int(heap[head])
      heap[head] = 0
      while cell != 0 {
        let next = Int(heap[cell + 1])
        releaseBlock(cell)
        cell = next
      }
    }
  }

  /// Visits every object that a root points to; `visit` says whether to go on from there.
  ///
  /// Roots are the globals and all stacks, and, when `includingLiving`, every living object.
  func markFromRoots(includingLiving: Bool, _ visit: (Int) -> Bool) {
    var pending: [Int] = []
    func reach(_ word: Int64) {
      let object = Int(word)
      guard object > 0, object < Int(words[Layout.heapEnd]) else { return }
      if visit(object) { pending.append(object) }
    }
    let program = world.program
    for thread in 0...world.threads.count {
      let t = words + layout.threadBase + thread * layout.threadWords
      var cell = Int(t[Layout.taskWork])
      while cell != 0 {
        reach(heap[cell + 4])
        cell = Int(heap[cell + 1])
      }
      guard t[Layout.programCounter] != Layout.idle else { continue }
      var frame = Int(t[Layout.framePointer])
      while true {
        let header = t + Layout.stack + frame
        let function = program.functions[Int(header[3])]
        for (index, local) in function.locals.enumerated() {
          if case .reference = local.type { reach(header[Program.frameHeader + index]) }
        }
        if frame == 0 { break }
        frame = Int(header[1])
      }
    }
    if includingLiving {
      var index = 1
      while index < Int(words[Layout.heapEnd]) {
        let header = heap[index]
        if Header.isAlive(header), Header.type(header) >= ObjectType.globals { reachFields(of: index, reach) }
        index += Header.size(header)
      }
    } else {
      reachFields(of: ObjectReference.globals.index, reach)
    }
    while let object = pending.popLast() { reachFields(of: object, reach) }
  }

  private func reachFields(of object: Int, _ reach: (Int64) -> Void) {
    for field in world.program.types[Header.type(heap[object])].fields {
      switch field.type {
      case .reference: reach(heap[object + field.offset])
      case .xarray, .list, .intervalMap:
        var cell = Int(heap[object + field.offset])
        while cell != 0 {
          reach(heap[cell + 4])
          cell = Int(heap[cell + 1])
        }
      case .refcount:
        // A unit's holder is named in the ledger, so it keeps its name as long as the unit is there.
        if Header.isAlive(heap[object]) {
          var unit = Int(heap[object + field.offset + 1])
          while unit != 0 {
            let holder = heap[unit + 3]
            if holder > 0, !Header.isAlive(heap[Int(holder)]) { reach(holder) }
            unit = Int(heap[unit + 1])
          }
        }
      default: break
      }
    }
  }

  /// When all is over: every living object must be one that the globals lead to.
  func checkLeaks() {
    var reached: Set<Int> = []
    markFromRoots(includingLiving: false) { reached.insert($0).inserted }
    var leaked: [Int64] = []
    var index = 1
    while index < Int(words[Layout.heapEnd]) {
      let header = heap[index]
      if Header.isAlive(header), Header.type(header) > ObjectType.globals, !reached.contains(index) {
        leaked.append(Int64(index))
      }
      index += Header.size(header)
    }
    guard !leaked.isEmpty else { return }
    statement = -1
    let names = leaked.map { name(of: $0) }.joined(separator: ", ")
    find(.leak, "nobody can reach \(names) any more", objects: leaked)
  }

  // MARK: Names

  /// `ioas2`, from the type's short name and the object's number.
  func name(of object: Int64) -> String {
    let header = heap[Int(object)]
    return "\(world.program.types[Header.type(header)].short)\(Header.serial(header))"
  }

  /// `access1.ioas_lock`; of a global its name alone.
  func lockName(_ address: Int) -> String {
    let object = objectContaining(address)
    let type = world.program.types[Header.type(heap[object])]
    guard let field = type.field(at: address - object) else { return "a lock" }
    let isInner = if case .xarray = field.type { true } else { false }
    let own = isInner ? "\(field.name).xa_lock" : field.name
    return object == ObjectReference.globals.index ? own : "\(name(of: Int64(object))).\(own)"
  }

  /// The block that a word of the heap belongs to.
  func objectContaining(_ address: Int) -> Int {
    var index = 1
    while index < Int(words[Layout.heapEnd]) {
      let size = Header.size(heap[index])
      if address < index + size { return index }
      index += size
    }
    return ObjectReference.globals.index
  }
}
