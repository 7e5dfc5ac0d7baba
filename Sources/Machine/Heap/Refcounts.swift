import StepLanguage

// A refcount is two words: its value, and the head of a chain of units sorted by word and owner, so that the same units are
// the same words whatever the order in which they were taken.
extension RefcountOperation {
  /// The operation that an instruction names.
  @inline(__always)
  init(word: Int32) {
    self =
      switch word {
      case 1: .increment
      case 2: .decrement
      case 3: .incrementNotZero
      case 4: .decrementAndTest
      case 5: .decrementIfOne
      case 6: .countUp
      case 7: .countDown
      default: .set
      }
  }
}

extension MachineCore {
  mutating func count(_ operation: RefcountOperation, object: Int, offset: Int, amount: Int64) -> Int64 {
    let place = object + offset
    let old = heap[place]
    var result: Int64 = 0
    switch operation {
    case .set:
      heap[place] = amount
      dropUnits(place + 1)
      for _ in 0..<max(0, min(amount, 64)) { addUnit(place + 1) }
    case .increment:
      if old == 0 {
        findCount(.refcountResurrect, object, offset, "is raised from 0")
      }
      heap[place] = old + 1
      addUnit(place + 1)
    case .countUp:
      heap[place] = old + 1
      addUnit(place + 1)
    case .incrementNotZero:
      if old != 0 {
        heap[place] = old + 1
        addUnit(place + 1)
        result = 1
      }
    case .decrement, .decrementAndTest, .countDown:
      if old <= 0 {
        findCount(.refcountUnderflow, object, offset, "is lowered below 0")
        return 0
      }
      heap[place] = old - 1
      removeUnit(place + 1, object: object, offset: offset)
      if operation == .decrement, old == 1 {
        findCount(.refcountUnderflow, object, offset, "falls to 0 where a holder must be left")
      }
      result = old == 1 ? 1 : 0
    case .decrementIfOne:
      if old == 1 {
        heap[place] = 0
        removeUnit(place + 1, object: object, offset: offset)
        result = 1
      }
    }
    if heap[place] != old || operation == .set {
      emit(.counted, Int64(object), Int64(offset), old, heap[place])
    }
    return result
  }

  /// How many units of the refcount an object holds, whatever for.
  func unitCount(object: Int, offset: Int, holder: Int64) -> Int64 {
    var count: Int64 = 0
    var unit = Int(heap[object + offset + 1])
    while unit != 0 {
      if heap[unit + 3] == holder { count += heap[unit + 4] }
      unit = Int(heap[unit + 1])
    }
    return count
  }

  /// What an operation is to a search: a unit of the running thread's own that comes or goes, or anything else.
  @inline(never)
  func kind(of operation: RefcountOperation, object: Int, offset: Int) -> Touches.Touch.Kind {
    guard holders.first.owner == -(Int64(runningThread) + 1) else { return .plain }
    switch operation {
    case .increment, .incrementNotZero, .countUp: return heap[object + offset] > 0 ? .raise : .plain
    case .decrement, .decrementAndTest, .countDown:
      // Where the thread has no unit another one's goes, and which one depends on the order.
      var unit = Int(heap[object + offset + 1])
      while unit != 0 {
        if heap[unit + 2] == holders.first.word, heap[unit + 3] == holders.first.owner { return .lower }
        unit = Int(heap[unit + 1])
      }
      return .plain
    case .set, .decrementIfOne: return .plain
    }
  }

  mutating func moveUnit(object: Int, offset: Int) {
    removeUnit(object + offset + 1, object: object, offset: offset)
    let from = holders.first
    holders.first = holders.second
    addUnit(object + offset + 1)
    holders.first = from
    emit(.unitMoved, Int64(object), Int64(offset))
  }

  @inline(never)
  private mutating func findCount(_ property: Property, _ object: Int, _ offset: Int, _ text: String) {
    let field =
      reports.pointee.world.program.types[Header.type(heap[object])].field(at: offset)?.name ?? "count"
    find(property, "\(name(of: Int64(object))).\(field) \(text)", objects: [Int64(object)])
  }

  private mutating func addUnit(_ head: Int) {
    let key = holders.first
    var link = head
    while heap[link] != 0 {
      let unit = Int(heap[link])
      if heap[unit + 2] == key.word, heap[unit + 3] == key.owner {
        heap[unit + 4] += 1
        return
      }
      if (heap[unit + 2], heap[unit + 3]) > (key.word, key.owner) { break }
      link = unit + 1
    }
    let unit = allocate(type: BlockType.unit)
    heap[unit + 1] = heap[link]
    heap[unit + 2] = key.word
    heap[unit + 3] = key.owner
    heap[unit + 4] = 1
    heap[link] = Int64(unit)
  }

  /// Takes away the holder's unit. If it has none, the count is wrong but the value is what a kernel would have: then the first unit
  /// goes, and an event tells that a unit was missing.
  private mutating func removeUnit(_ head: Int, object: Int, offset: Int) {
    let key = holders.first
    var link = head
    var found = -1
    while heap[link] != 0 {
      let unit = Int(heap[link])
      if heap[unit + 2] == key.word, heap[unit + 3] == key.owner {
        found = link
        break
      }
      link = unit + 1
    }
    if found < 0 {
      emit(.unitMissing, Int64(object), Int64(offset))
      guard heap[head] != 0 else { return }
      found = head
      let unit = Int(heap[head])
      let next = Int(heap[unit + 1])
      // Which of several threads loses its unit goes by their numbers, and by nothing else.
      if next != 0, heap[unit + 3] < 0, heap[next + 3] < 0, heap[unit + 2] == heap[next + 2] {
        choseByThreadNumber = true
      }
    }
    let unit = Int(heap[found])
    heap[unit + 4] -= 1
    if heap[unit + 4] == 0 {
      heap[found] = heap[unit + 1]
      releaseBlock(unit)
    }
  }

  private mutating func dropUnits(_ head: Int) {
    while heap[head] != 0 {
      let unit = Int(heap[head])
      heap[head] = heap[unit + 1]
      releaseBlock(unit)
    }
  }
}
