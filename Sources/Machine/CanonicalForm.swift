import StepLanguage

/// A state without the places of its objects: two states with the same digest behave alike, wherever the heap put their objects.
///
/// Objects are numbered in the order in which slots, stacks and globals lead to them; what nobody can reach is left out, and so are the
/// objects' own numbers among their type.
public struct CanonicalForm: Sendable {
  /// 64 bits (FNV-1a over the canonical words), the same in every process.
  public let digest: UInt64
  /// The canonical number of each object that can be reached.
  public let numbers: [ObjectReference: Int]

  /// The canonical form of a state of a world.
  public init(_ state: State, world: World) {
    var walk = Walk(words: state.words, world: world)
    walk.run()
    digest = walk.hash
    var numbers: [ObjectReference: Int] = [:]
    numbers.reserveCapacity(walk.order.count)
    for (number, object) in walk.order.enumerated() { numbers[ObjectReference(object)] = number }
    self.numbers = numbers
  }

  /// The walk through a state.
  private struct Walk {
    let words: [Int64]
    let world: World
    let layout: Layout
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var order: [Int] = []
    /// Canonical number plus one of the object at each word of the heap.
    private var numberAt: [Int32]
    private var blocks: [Int] = []

    init(words: [Int64], world: World) {
      self.words = words
      self.world = world
      layout = world.layout
      numberAt = Array(repeating: 0, count: Int(words[Layout.heapEnd]) + 1)
      var index = 1
      while index < Int(words[Layout.heapEnd]) {
        blocks.append(index)
        index += max(1, Header.size(words[layout.heapBase + index]))
      }
    }

    private func heap(_ index: Int) -> Int64 { words[layout.heapBase + index] }

    private mutating func mix(_ word: Int64) { hash = Self.mixed(hash, word) }

    private static func mixed(_ hash: UInt64, _ word: Int64) -> UInt64 {
      let mixed = (hash ^ UInt64(bitPattern: word)) &* 0x0000_0100_0000_01b3
      return mixed ^ (mixed >> 29)
    }

    /// The canonical number of an object, given out at first sight; -1 for null.
    private mutating func number(_ object: Int64) -> Int64 {
      guard object > 0, object < words[Layout.heapEnd] else { return -1 }
      if numberAt[Int(object)] == 0 {
        order.append(Int(object))
        numberAt[Int(object)] = Int32(order.count)
      }
      return Int64(numberAt[Int(object)]) - 1
    }

    /// An address within an object as the object's number and the place in it.
    private mutating func mixAddress(_ address: Int) {
      var low = 0
      var high = blocks.count
      while high - low > 1 {
        let middle = (low + high) / 2
        if blocks[middle] <= address { low = middle } else { high = middle }
      }
      guard low < blocks.count else { return mix(-1) }
      mix(number(Int64(blocks[low])))
      mix(Int64(address - blocks[low]))
    }

    mutating func run() {
      _ = number(Int64(ObjectReference.globals.index))
      for table in world.program.slots.indices {
        for slot in 0..<world.slotCounts[table] { mix(words[layout.slotBases[table] + slot]) }
      }
      for thread in world.threads.indices { mixThread(layout.threadBase + thread * layout.threadWords) }
      var position = 0
      while position < order.count {
        mixObject(order[position])
        position += 1
      }
      for object in order { mixUnits(of: object) }
    }

    private mutating func mixThread(_ base: Int) {
      for word in [Layout.programCounter, Layout.operation, Layout.flags, Layout.result] {
        mix(words[base + word])
      }
      if words[base + Layout.queue] != 0 { mixAddress(Int(words[base + Layout.queue])) }
      var cell = Int(words[base + Layout.taskWork])
      while cell != 0 {
        mix(heap(cell + 2))
        mix(number(heap(cell + 4)))
        cell = Int(heap(cell + 1))
      }
      for index in 0..<Int(words[base + Layout.heldCount]) {
        let word = words[base + Layout.held + index]
        mixAddress(Int(word >> 20))
        mix(word & 0xf_ffff)
      }
      guard words[base + Layout.programCounter] != Layout.idle else { return }
      var frame = Int(words[base + Layout.framePointer])
      while true {
        let header = base + Layout.stack + frame
        for word in 0..<Program.frameHeader { mix(words[header + word]) }
        for (index, local) in world.program.functions[Int(words[header + 3])].locals.enumerated() {
          let word = words[header + Program.frameHeader + index]
          if case .reference = local.type { mix(number(word)) } else { mix(word) }
        }
        if frame == 0 { break }
        frame = Int(words[header + 1])
      }
    }

    private mutating func mixObject(_ object: Int) {
      let header = heap(object)
      mix(Int64(Header.type(header)))
      mix(Header.isAlive(header) ? 1 : 0)
      for field in world.program.types[Header.type(header)].fields {
        let place = object + field.offset
        switch field.type {
        case .int, .unsigned, .bool, .ops, .mutex, .spinlock, .waitQueue, .refcount: mix(heap(place))
        case .reference: mix(number(heap(place)))
        case .rwSemaphore: for word in 0..<3 { mix(heap(place + word)) }
        case .xarray:
          mix(heap(place + 1))
          mixCells(place)
        case .list, .intervalMap: mixCells(place)
        }
      }
    }

    private mutating func mixCells(_ head: Int) {
      var cell = Int(heap(head))
      while cell != 0 {
        mix(heap(cell + 2))
        mix(heap(cell + 3))
        mix(number(heap(cell + 4)))
        cell = Int(heap(cell + 1))
      }
      mix(-2)
    }

    /// Units stand in the order of their holders' places, so they are summed, not chained. A holder that nothing else leads to counts as nobody.
    private mutating func mixUnits(of object: Int) {
      for field in world.program.types[Header.type(heap(object))].fields where field.type == .refcount {
        var sum: UInt64 = 0
        var unit = Int(heap(object + field.offset + 1))
        while unit != 0 {
          let owner = heap(unit + 3)
          let holder = owner > 0 ? Int64(numberAt[Int(owner)]) : owner
          var one = Self.mixed(0x9e37_79b9_7f4a_7c15, heap(unit + 2))
          one = Self.mixed(one, holder)
          sum &+= Self.mixed(one, heap(unit + 4))
          unit = Int(heap(unit + 1))
        }
        mix(Int64(bitPattern: sum))
      }
    }
  }
}
