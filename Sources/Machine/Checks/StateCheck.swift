import StepLanguage

extension Machine {
  /// What is wrong with the form of a state; empty for every state that the machine itself made.
  ///
  /// Blocks tile the heap, chains end and share no cell, what refers to an object leads to one, the units of a count add up to its value, who holds a lock
  /// lists it and the other way round, and what is not in use is zero. Counts agree with their units only as long as nothing was found wrong with them.
  ///
  /// For tests and fuzzers; it takes memory and time.
  public func defects(of state: State) -> [String] {
    var check = StateCheck(state, world)
    check.run()
    return check.defects
  }
}

/// One look at all of a state.
private struct StateCheck {
  private let words: [Int64]
  private let world: World
  private let layout: Layout
  private let heapEnd: Int
  private(set) var defects: [String] = []
  /// For each block that begins at a word of the heap its type.
  private var blocks: [Int: Int] = [:]
  private var order: [Int] = []
  /// Cells and units that a chain has led to.
  private var chained: Set<Int> = []
  /// Cells of calls, and who sleeps on one.
  private var cells: Set<Int> = []
  private var sleepers: [(name: String, cell: Int)] = []

  init(_ state: State, _ world: World) {
    words = state.words
    self.world = world
    layout = world.layout
    heapEnd = Int(state.words[Layout.heapEnd])
  }

  private var program: Program { world.program }
  private func heap(_ index: Int) -> Int64 { words[layout.heapBase + index] }
  private mutating func require(_ isRight: Bool, _ text: String) {
    if !isRight { defects.append(text) }
  }

  mutating func run() {
    require(layout.heapBase + heapEnd <= words.count, "the heap ends behind the words")
    guard defects.isEmpty else { return }
    tile()
    guard defects.isEmpty else { return }
    for block in order where (blocks[block] ?? 0) >= ObjectType.globals { checkObject(block) }
    for thread in world.threads.indices { checkThread(thread) }
    for (name, cell) in sleepers { require(cells.contains(cell), "\(name) sleeps on what is in no queue") }
    for block in order {
      let type = blocks[block] ?? 0
      if type == ObjectType.cell || type == ObjectType.unit {
        require(chained.contains(block), "block \(block) is in no chain")
      }
    }
    let dead = order.filter { (blocks[$0] ?? 0) > ObjectType.globals && !Header.isAlive(heap($0)) }
    require(
      Int(words[Layout.tombstones]) == dead.count,
      "\(dead.count) freed objects, \(words[Layout.tombstones]) counted")
    for index in (layout.heapBase + heapEnd)..<words.count where words[index] != 0 {
      defects.append("word \(index) behind the heap is \(words[index])")
      break
    }
  }

  /// The blocks one after another.
  private mutating func tile() {
    var serials: [Int: Set<Int>] = [:]
    var index = 1
    var wasFree = false
    while index < heapEnd {
      let header = heap(index)
      let type = Header.type(header)
      let size = Header.size(header)
      guard size > 0, index + size <= heapEnd, type < program.types.count else {
        defects.append("block \(index) has type \(type) and \(size) words")
        return
      }
      require(!Header.isMarked(header), "block \(index) is marked")
      if type == ObjectType.free {
        require(!wasFree || 2 * size > Header.largestSize, "two gaps at \(index) are not joined")
        require(index + size < heapEnd, "the last block is a gap")
      } else {
        require(size == program.types[type].size, "block \(index) of type \(type) has \(size) words")
      }
      if type > ObjectType.globals {
        let isNew = serials[type, default: []].insert(Header.serial(header)).inserted
        require(isNew && Header.serial(header) > 0, "two objects have one name, at \(index)")
      }
      wasFree = type == ObjectType.free
      blocks[index] = type
      order.append(index)
      index += size
    }
    require(index == max(1, heapEnd), "the blocks end at \(index), the heap at \(heapEnd)")
    require(blocks[1] == ObjectType.globals, "the globals are not first")
  }

  private mutating func requireObject(_ word: Int64, _ place: String) {
    guard word != 0 else { return }
    let type = blocks[Int(truncatingIfNeeded: word)]
    require(word > 0 && (type ?? 0) >= ObjectType.globals, "\(place) leads to \(word), where no object is")
  }

  private mutating func checkObject(_ object: Int) {
    guard let type = blocks[object] else { return }
    for field in program.types[type].fields {
      let place = object + field.offset
      let name = "\(program.types[type].short) at \(object), \(field.name)"
      switch field.type {
      case .reference: requireObject(heap(place), name)
      case .xarray, .list, .intervalMap:
        for cell in chain(place, ObjectType.cell, name) { requireObject(heap(cell + 4), name) }
        if case .xarray = field.type { checkLock(place + 1, name) }
      case .refcount:
        var sum: Int64 = 0
        for unit in chain(place + 1, ObjectType.unit, name) {
          require(heap(unit + 4) > 0, "\(name): a holder of \(heap(unit + 4)) units")
          if heap(unit + 3) > 0 { requireObject(heap(unit + 3), name) }
          sum &+= heap(unit + 4)
        }
        if Header.isAlive(heap(object)) {
          require(sum == heap(place), "\(name) is \(heap(place)), its units are \(sum)")
        }
      case .mutex, .spinlock, .rwSemaphore: checkLock(place, name)
      case .waitQueue: require(heap(place) == 0, "\(name): a queue's word is \(heap(place))")
      case .completion: require(heap(place + 1) == 0, "\(name): a queue's word is \(heap(place + 1))")
      case .work:
        if Header.isAlive(heap(object)) {
          require(heap(place) >= 0, "\(name): \(heap(place)) keep it from being queued")
        }
      case .int, .unsigned, .bool, .ops: break
      }
    }
  }

  /// The blocks of a chain; each is of one type and in one chain only.
  private mutating func chain(_ head: Int, _ type: Int, _ name: String) -> [Int] {
    var result: [Int] = []
    var cell = Int(heap(head))
    while cell != 0 {
      guard blocks[cell] == type, chained.insert(cell).inserted else {
        defects.append("\(name): the chain leads to \(cell), which is no cell of its own")
        return result
      }
      result.append(cell)
      cell = Int(heap(cell + 1))
    }
    return result
  }

  /// Who holds a lock lists it.
  private mutating func checkLock(_ place: Int, _ name: String) {
    let holder = Int(heap(place)) - 1
    guard holder >= 0 else { return }
    guard holder < world.threads.count else {
      defects.append("\(name) is held by thread \(holder)")
      return
    }
    require(held(by: holder).contains(place), "\(name) is held by a thread that does not list it")
  }

  private func base(_ thread: Int) -> Int { layout.threadBase + thread * layout.threadWords }

  private func held(by thread: Int) -> [Int] {
    (0..<Int(words[base(thread) + Layout.heldCount])).map {
      Int(words[base(thread) + Layout.held + $0] >> 20)
    }
  }

  private mutating func checkThread(_ thread: Int) {
    let base = base(thread)
    let name = world.threads[thread].name
    let used = Int(words[base + Layout.stackPointer])
    let rides = Int(words[base + Layout.rideCount])
    require(
      used >= 0 && rides >= 0 && Layout.stack + used + rides <= layout.threadWords,
      "\(name): a stack of \(used) words and \(rides) looks")
    guard defects.isEmpty else { return }
    for index in 0..<rides {
      requireObject(Ride.object(words[base + Layout.stack + used + index]), "\(name): a look")
    }
    for index in (Layout.stack + used + rides)..<layout.threadWords where words[base + index] != 0 {
      defects.append("\(name): word \(index) behind the stack is \(words[base + index])")
      break
    }
    for cell in chain(base + Layout.taskWork - layout.heapBase, ObjectType.cell, "\(name): task work") {
      requireObject(heap(cell + 4), "\(name): task work")
      cells.insert(cell)
    }
    let queue = Int(words[base + Layout.queue])
    if queue != 0, blocks[queue] == ObjectType.cell { sleepers.append((name, queue)) }
    let pc = words[base + Layout.programCounter]
    if pc == Layout.idle {
      require(used == 0, "\(name) is in no call and has \(used) words on its stack")
      return
    }
    require(program.code.indices.contains(Int(pc)), "\(name) is at address \(pc)")
    var frame = Int(words[base + Layout.framePointer])
    while true {
      let header = base + Layout.stack + frame
      let function = Int(words[header + 3])
      guard program.functions.indices.contains(function) else {
        defects.append("\(name): a frame of function \(function)")
        return
      }
      for (number, local) in program.functions[function].locals.enumerated() {
        guard case .reference = local.type else { continue }
        requireObject(words[header + Program.frameHeader + number], "\(name): \(local.name)")
      }
      if frame == 0 { break }
      guard Int(words[header + 1]) < frame else {
        defects.append("\(name): frames do not end")
        return
      }
      frame = Int(words[header + 1])
    }
  }
}
