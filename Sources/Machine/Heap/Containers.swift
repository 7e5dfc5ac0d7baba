import StepLanguage

// Containers are chains of cells: next, key, second key, value. An xarray is sorted by index, its second key tells whether the
// entry is published; an interval map by first and last number; a list keeps its order.
extension MachineCore {
  mutating func container(_ number: Int, object: Int, offset: Int) -> Int64 {
    let head = object + offset
    let first = operands[0]
    let second = operands[1]
    let third = operands[2]
    switch program.builtins[number] {
    case .xa_alloc:
      guard let field = xarray(object: object, offset: offset) else { return 0 }
      var key = field.from
      var link = head
      while heap[link] != 0 {
        let cell = Int(heap[link])
        if heap[cell + 2] > key { break }
        if heap[cell + 2] == key {
          // No index is left (Linux, xa_alloc: -EBUSY).
          if key == .max { return -16 }
          key += 1
        }
        link = cell + 1
      }
      insert(at: link, key: key, second: 0, value: 0)
      emit(.containerChanged, Int64(object), Int64(offset), key, 0)
      return key
    case .xa_insert:
      var link = head
      while heap[link] != 0, heap[Int(heap[link]) + 2] < first { link = Int(heap[link]) + 1 }
      // What is reserved is taken, too (Linux, xa_insert: -EBUSY).
      if heap[link] != 0, heap[Int(heap[link]) + 2] == first { return -16 }
      insert(at: link, key: first, second: second == 0 ? 0 : 1, value: second)
      emit(.containerChanged, Int64(object), Int64(offset), first, second)
      return 0
    case .xa_cmpxchg:
      let cell = find(head, key: first)
      let old = cell == 0 ? 0 : heap[cell + 4]
      guard old == second else { return old }
      if cell != 0 {
        heap[cell + 3] = third == 0 ? 0 : 1
        heap[cell + 4] = third
      } else if third != 0 {
        var link = head
        while heap[link] != 0, heap[Int(heap[link]) + 2] < first { link = Int(heap[link]) + 1 }
        insert(at: link, key: first, second: 1, value: third)
      }
      emit(.containerChanged, Int64(object), Int64(offset), first, third)
      return old
    case .xa_store:
      var link = head
      while heap[link] != 0, heap[Int(heap[link]) + 2] < first { link = Int(heap[link]) + 1 }
      let cell = Int(heap[link])
      if cell != 0, heap[cell + 2] == first {
        // Without an object the index stays taken (Linux, __xa_store of null in an allocating array).
        heap[cell + 3] = second == 0 ? 0 : 1
        heap[cell + 4] = second
      } else {
        insert(at: link, key: first, second: second == 0 ? 0 : 1, value: second)
      }
      emit(.containerChanged, Int64(object), Int64(offset), first, second)
      return 0
    case .xa_load:
      let cell = find(head, key: first)
      return cell == 0 ? 0 : heap[cell + 4]
    case .xa_erase:
      var link = head
      while heap[link] != 0, heap[Int(heap[link]) + 2] != first { link = Int(heap[link]) + 1 }
      let cell = Int(heap[link])
      guard cell != 0 else { return 0 }
      let value = heap[cell + 4]
      remove(at: link)
      emit(.containerChanged, Int64(object), Int64(offset), first, 0)
      return value
    case .xa_find:
      var cell = Int(heap[head])
      while cell != 0 {
        if heap[cell + 2] >= first, heap[cell + 3] != 0 { return heap[cell + 2] }
        cell = Int(heap[cell + 1])
      }
      return -1
    case .list_append:
      var link = head
      var last: Int64 = 0
      while heap[link] != 0 {
        last = heap[Int(heap[link]) + 4]
        link = Int(heap[link]) + 1
      }
      guard isThere(first) else { return 0 }
      useMember(last)
      useArgument(first)
      insert(at: link, key: 0, second: 0, value: first)
      emit(.containerChanged, Int64(object), Int64(offset), 0, first)
      return 0
    case .list_remove, .imap_remove:
      guard isThere(first) else { return 0 }
      var link = head
      var last: Int64 = 0
      while heap[link] != 0, heap[Int(heap[link]) + 4] != first {
        last = heap[Int(heap[link]) + 4]
        link = Int(heap[link]) + 1
      }
      useArgument(first)
      guard heap[link] != 0 else {
        findMissing(first)
        return 0
      }
      useMember(last)
      let next = Int(heap[Int(heap[link]) + 1])
      if next != 0 { useMember(heap[next + 4]) }
      let key = heap[Int(heap[link]) + 2]
      remove(at: link)
      emit(.containerChanged, Int64(object), Int64(offset), key, 0)
      return 0
    case .list_first:
      let cell = Int(heap[head])
      return cell == 0 ? 0 : heap[cell + 4]
    case .list_next:
      guard isThere(first) else { return 0 }
      useArgument(first)
      return follower(of: first, from: Int(heap[head])).value
    case .imap_next:
      guard isThere(first) else { return 0 }
      useArgument(first)
      // A property goes over all areas of an IOAS after each step. While no cell goes it may go on where it was, where it
      // would else count from the beginning each time. (An object stands at most once in an interval map.)
      let goesOn = walk.head == head && walk.cell != 0 && heap[walk.cell + 4] == first
      let found = follower(of: first, from: goesOn ? walk.cell : Int(heap[head]))
      if runningThread == world.threadCount { walk = (head, found.cell) }
      return found.value
    case .imap_insert:
      let key = UInt64(bitPattern: first)
      let last = UInt64(bitPattern: second)
      var before: Int64 = 0
      var link = head
      while heap[link] != 0 {
        let cell = Int(heap[link])
        if (UInt64(bitPattern: heap[cell + 2]), UInt64(bitPattern: heap[cell + 3])) > (key, last) { break }
        before = heap[cell + 4]
        link = cell + 1
      }
      guard isThere(third) else { return 0 }
      if last < key { findBackwards(third) }
      useMember(before)
      useArgument(third)
      if heap[link] != 0 { useMember(heap[Int(heap[link]) + 4]) }
      insert(at: link, key: first, second: second, value: third)
      emit(.containerChanged, Int64(object), Int64(offset), first, third)
      return 0
    case .imap_find:
      let low = UInt64(bitPattern: first)
      let high = UInt64(bitPattern: second)
      var cell = Int(heap[head])
      while cell != 0 {
        useMember(heap[cell + 4])
        if UInt64(bitPattern: heap[cell + 2]) <= high, UInt64(bitPattern: heap[cell + 3]) >= low {
          return heap[cell + 4]
        }
        cell = Int(heap[cell + 1])
      }
      return 0
    case .imap_uncovered:
      return uncovered(head, UInt64(bitPattern: first), UInt64(bitPattern: second))
    case .count:
      let isXarray = xarray(object: object, offset: offset) != nil
      var total: Int64 = 0
      var cell = Int(heap[head])
      while cell != 0 {
        if !isXarray { useMember(heap[cell + 4]) }
        if !isXarray || heap[cell + 3] != 0 { total += 1 }
        cell = Int(heap[cell + 1])
      }
      return total
    case .add_overflows, .held, .holds, .units, .alive:
      return 0
    }
  }

  /// The members of a list, and of an interval map, hold their neighbours' links (Linux, list_head and rb_node), so what changes a container or
  /// goes along it reads and writes its members. Invariants look from outside.
  @inline(__always)
  private mutating func useMember(_ object: Int64) {
    if object > 0, !Header.isAlive(heap[Int(object)]), runningThread < world.threadCount {
      findUseAfterFree(object, at: nil)
    }
  }

  /// The object that is put in, taken out or gone on from: it need not be a member yet, so a free of it touches no container.
  @inline(__always)
  private mutating func useArgument(_ object: Int64) {
    touch(object, 0, write: false)
    useMember(object)
  }

  /// Whether there is an object to put in, take out or go on from.
  @inline(__always)
  private mutating func isThere(_ object: Int64) -> Bool {
    if object > 0, object < words[Layout.heapEnd] { return true }
    find(.nullDereference, "a null pointer is no member of a container")
    return false
  }

  @inline(never)
  private mutating func findBackwards(_ object: Int64) {
    find(.warn, "the range of \(name(of: object)) ends before it begins", objects: [object])
  }

  @inline(never)
  private mutating func findMissing(_ object: Int64) {
    find(.warn, "\(name(of: object)) is taken out of a container that it is not in", objects: [object])
  }

  /// The field at that place, when it is an xarray.
  private mutating func xarray(object: Int, offset: Int) -> FieldRow? {
    for index in program.typeFields[Header.type(heap[object])].indices
    where Int(program.fields[index].offset) == offset {
      return program.fields[index].kind == .xarray ? program.fields[index] : nil
    }
    return nil
  }

  private mutating func find(_ head: Int, key: Int64) -> Int {
    var cell = Int(heap[head])
    while cell != 0, heap[cell + 2] < key { cell = Int(heap[cell + 1]) }
    return cell != 0 && heap[cell + 2] == key ? cell : 0
  }

  /// The cell behind the first one that holds this value, and what it holds; 0 at the end.
  @inline(__always)
  private func follower(of value: Int64, from start: Int) -> (cell: Int, value: Int64) {
    var cell = start
    while cell != 0 {
      let next = Int(heap[cell + 1])
      if heap[cell + 4] == value { return (next, next == 0 ? 0 : heap[next + 4]) }
      cell = next
    }
    return (0, 0)
  }

  private mutating func insert(at link: Int, key: Int64, second: Int64, value: Int64) {
    let cell = allocateCell(key: key, second: second, value: value)
    heap[cell + 1] = heap[link]
    heap[link] = Int64(cell)
  }

  private mutating func remove(at link: Int) {
    let cell = Int(heap[link])
    heap[link] = heap[cell + 1]
    walk = (0, 0)
    releaseBlock(cell)
  }

  /// How many numbers of `low...high` no range of the chain covers; the chain is sorted by where ranges begin.
  private mutating func uncovered(_ head: Int, _ low: UInt64, _ high: UInt64) -> Int64 {
    guard low <= high else { return 0 }
    var next = low
    var total: UInt64 = 0
    var cell = Int(heap[head])
    while cell != 0 {
      let first = UInt64(bitPattern: heap[cell + 2])
      let last = UInt64(bitPattern: heap[cell + 3])
      useMember(heap[cell + 4])
      if first > high { break }
      if last >= next {
        if first > next { total &+= first &- next }
        if last >= high { return Int64(bitPattern: total) }
        next = last &+ 1
      }
      cell = Int(heap[cell + 1])
    }
    return Int64(bitPattern: total &+ (high &- next) &+ 1)
  }
}
