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
      if amount < 0 { findCount(.refcountUnderflow, object, offset, "is set to \(amount)") }
      for unit in Chain(heap, from: heap[place + 1]) where heap[unit + Unit.owner] < 0 {
        findDiscardedUnit(unit, object, offset)
      }
      heap[place] = amount
      dropUnits(place + 1)
      if amount > 0 { addUnit(place + 1, count: amount) }
    case .increment:
      if old == 0 {
        findCount(.refcountResurrect, object, offset, "is raised from 0")
      }
      guard canRise(object, offset) else { break }
      heap[place] = old + 1
      addUnit(place + 1)
    case .countUp:
      guard canRise(object, offset) else { break }
      heap[place] = old + 1
      addUnit(place + 1)
    case .incrementNotZero:
      if old != 0, canRise(object, offset) {
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
    for unit in Chain(heap, from: heap[object + offset + 1]) where heap[unit + Unit.owner] == holder {
      count += heap[unit + Unit.count]
    }
    return count
  }

  /// What an operation is to a search: a unit of the running thread's own that comes or goes, or anything else.
  @inline(never)
  func kind(of operation: RefcountOperation, object: Int, offset: Int) -> AccessLog.Access.Kind {
    guard holders.first.owner == -(Int64(runningThread) + 1) else { return .plain }
    switch operation {
    case .increment, .incrementNotZero, .countUp: return heap[object + offset] > 0 ? .raise : .plain
    case .decrement, .decrementAndTest, .countDown:
      // Where the thread has no unit another one's goes, and which one depends on the order.
      for unit in Chain(heap, from: heap[object + offset + 1])
      where heap[unit + Unit.word] == holders.first.word && heap[unit + Unit.owner] == holders.first.owner {
        return .lower
      }
      return .plain
    case .set, .decrementIfOne: return .plain
    }
  }

  /// A thread's own unit is gone with a count that is set anew: the thread cannot give it back any more.
  @inline(never)
  private mutating func findDiscardedUnit(_ unit: Int, _ object: Int, _ offset: Int) {
    let holder = holderName(HolderKey(word: heap[unit + Unit.word], owner: heap[unit + Unit.owner]))
    findCount(.leak, object, offset, "is set while \(holder) has a unit of it")
  }

  /// Whether a count can go up; at its end it stays where it is (Linux, refcount_warn_saturate).
  @inline(__always)
  private mutating func canRise(_ object: Int, _ offset: Int) -> Bool {
    if heap[object + offset] < .max { return true }
    findCount(.warn, object, offset, "is raised beyond its end")
    return false
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

  private mutating func addUnit(_ head: Int, count: Int64 = 1) {
    let key = holders.first
    var link = head
    while heap[link] != 0 {
      let unit = Int(heap[link])
      if heap[unit + 2] == key.word, heap[unit + 3] == key.owner {
        heap[unit + 4] &+= count
        return
      }
      if (heap[unit + 2], heap[unit + 3]) > (key.word, key.owner) { break }
      link = unit + 1
    }
    let unit = allocate(type: BlockType.unit)
    heap[unit + 1] = heap[link]
    heap[unit + 2] = key.word
    heap[unit + 3] = key.owner
    heap[unit + 4] = count
    heap[link] = Int64(unit)
  }

  /// Takes away the holder's unit. If it has none, the value is what a kernel would have, but somebody else's unit is gone: that is found, and the first
  /// unit goes.
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
      findForeignUnit(head, object: object, offset: offset)
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

  @inline(never)
  private mutating func findForeignUnit(_ head: Int, object: Int, offset: Int) {
    var others: [String] = []
    for unit in Chain(heap, from: heap[head]) {
      let count = heap[unit + Unit.count]
      let holder = holderName(HolderKey(word: heap[unit + Unit.word], owner: heap[unit + Unit.owner]))
      others.append(count == 1 ? holder : "\(holder) (\(count))")
    }
    findCount(
      .refcountUnderflow, object, offset,
      "has no unit of \(holderName(holders.first)) to give back; units are held by: "
        + (others.isEmpty ? "nobody" : others.joined(separator: ", ")))
  }

  /// `T1 "lookup"`, `access1 "attached"` or `"xarray"`.
  private mutating func holderName(_ key: HolderKey) -> String {
    let word = reports.pointee.world.program.strings[Int(key.word)]
    var owner = ""
    if key.owner > 0 { owner = name(of: key.owner) }
    if key.owner < 0 { owner = threadName(Int(-key.owner) - 1) }
    if word.isEmpty { return owner.isEmpty ? "nobody" : owner }
    return owner.isEmpty ? "\"\(word)\"" : "\(owner) \"\(word)\""
  }

  /// Whether the running thread holds a unit of any count for itself.
  mutating func holdsUnits() -> Bool {
    let owner = -(Int64(runningThread) + 1)
    for (index, header) in blocks
    where Header.type(header) == BlockType.unit && heap[index + Unit.owner] == owner {
      return true
    }
    return false
  }

  /// A unit that a thread took for itself is given back or handed on before its system call returns: afterwards nobody knows of it.
  @inline(never)
  mutating func findKeptUnits(at place: Int?) {
    let owner = -(Int64(runningThread) + 1)
    for (index, header) in blocks where Header.isAlive(header) && Header.type(header) >= BlockType.globals {
      program.forEachEdge(ofType: Header.type(header)) { edge, offset in
        guard edge == .units else { return }
        for unit in Chain(heap, from: heap[index + offset]) where heap[unit + Unit.owner] == owner {
          findKeptUnit(unit, of: index, offset: offset - 1, at: place)
        }
      }
    }
  }

  private mutating func findKeptUnit(_ unit: Int, of object: Int, offset: Int, at place: Int?) {
    let type = reports.pointee.world.program.types[Header.type(heap[object])]
    let field = type.field(at: offset)?.name ?? "count"
    let owner = object == BlockType.globalsIndex ? "" : "\(name(of: Int64(object)))."
    let holder = holderName(HolderKey(word: heap[unit + 2], owner: heap[unit + 3]))
    let count = heap[unit + 4] == 1 ? "a unit" : "\(heap[unit + 4]) units"
    find(
      .leak, "the system call returns and \(holder) keeps \(count) of \(owner)\(field)", at: place,
      objects: [Int64(object)])
  }

  private mutating func dropUnits(_ head: Int) {
    while heap[head] != 0 {
      let unit = Int(heap[head])
      heap[head] = heap[unit + 1]
      releaseBlock(unit)
    }
  }
}

extension RefcountOperation {
  /// What it does to the count, whoever does it.
  var change: AccessLog.Access.Change {
    switch self {
    case .set: .none
    case .increment, .incrementNotZero, .countUp: .up
    case .decrement, .decrementAndTest, .countDown: .down
    case .decrementIfOne: .test
    }
  }
}
