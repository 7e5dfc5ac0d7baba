import StepLanguage

/// What the steps since the last `clear` read and wrote, in order: the one log that the searches and the matching of traces ask whether two threads'
/// steps get into each other's way. Whoever wants to know sets `Machine.accessLog`.
///
/// Containers, counts, locks and queues are touched as a whole, at the word that they begin at. What only the running thread can see (its stack, its
/// list of held locks) is left out, as are fields that keep their value.
public final class AccessLog {
  let buffer: UnsafeMutablePointer<AccessBuffer>

  /// An empty log.
  public init() {
    buffer = .allocate(capacity: 1)
    buffer.initialize(to: AccessBuffer())
  }

  deinit {
    buffer.pointee.keys.deallocate()
    buffer.deinitialize(count: 1)
    buffer.deallocate()
  }

  /// One access to a word of the state.
  public struct Access: Hashable, Sendable, BitwiseCopyable {
    private let key: Int

    /// What is done with the word.
    public enum Kind: Int, Sendable {
      /// What it holds, or that it is changed, may matter to anybody.
      case plain
      /// A lock was taken in turn, given back, or asked whether the thread itself holds it: others that do the same to it can make the
      /// thread wait, but cannot change what it does.
      case lock
      /// The thread took a unit of its own of a count, where that count may not be zero.
      case raise
      /// The thread gave a unit of its own back.
      case lower
    }

    /// What is done to a count as such, whoever does it and whatever its value.
    public enum Change: Int, Sendable {
      /// No count, or it is read or set.
      case none
      /// It goes up by one.
      case up
      /// It goes down by one.
      case down
      /// It goes from one to zero, or is found to be something else than one.
      case test
    }

    @inline(__always)
    init(word: Int, write: Bool, kind: Kind, floor: Int = 0, change: Change = .none) {
      key = word << 7 | change.rawValue << 5 | floor << 3 | kind.rawValue << 1 | (write ? 1 : 0)
    }

    /// The word's number in the state.
    @inline(__always) public var word: Int { key >> 7 }
    /// Of a count: as long as it stays at least there, no invariant that must hold always can tell what it is.
    @inline(__always) public var floor: Int { key >> 3 & 3 }
    /// Whether it was written.
    @inline(__always) public var isWrite: Bool { key & 1 != 0 }
    /// What was done with it.
    @inline(__always) public var kind: Kind { Kind(rawValue: key >> 1 & 3) ?? .plain }
    /// What happens to a count.
    @inline(__always) public var change: Change { Change(rawValue: key >> 5 & 3) ?? .none }
    /// Whether a unit of the thread's own came or went, or when it is only read, whether an invariant asked for a count's floor.
    @inline(__always) public var isCount: Bool { key & 4 != 0 }
    /// The same word, only read.
    @inline(__always) public var asRead: Access {
      isWrite ? Access(word: word, write: false, kind: .plain) : self
    }
  }

  /// How many accesses there are.
  public var count: Int { buffer.pointee.count }

  /// The accesses in order; the buffer is valid inside the call only.
  ///
  /// - Parameter first: how many to leave out at the beginning; at most `count`.
  public func withAccesses<Result>(from first: Int = 0, _ body: (UnsafeBufferPointer<Access>) -> Result)
    -> Result
  {
    let count = buffer.pointee.count
    precondition(first >= 0 && first <= count, "an access log has no entry \(first)")
    return body(UnsafeBufferPointer(start: buffer.pointee.keys + first, count: count - first))
  }

  /// The accesses in order, as an array of their own.
  public var entries: [Access] { withAccesses { Array($0) } }

  /// Whether an invariant that must hold always may read something that was written, counts aside.
  public var isVisible: Bool { buffer.pointee.affected.hasAny }
  /// Which invariants these are, and of which objects.
  public var affected: AffectedInvariants { buffer.pointee.affected }

  /// Forgets what it holds.
  public func clear() {
    buffer.pointee.count = 0
    buffer.pointee.affected = AffectedInvariants()
    buffer.pointee.newest = 0
  }
}

/// An access log's memory, which the machine writes to.
struct AccessBuffer {
  var keys: UnsafeMutablePointer<AccessLog.Access>
  var count = 0
  var affected = AffectedInvariants()
  /// The object that was made last.
  var newest = 0
  private var capacity = 64

  init() {
    keys = .allocate(capacity: capacity)
  }

  @inline(__always)
  mutating func append(_ key: AccessLog.Access) {
    if count == capacity { keys.grow(&capacity) }
    keys[count] = key
    count += 1
  }
}

extension MachineCore {
  @inline(__always)
  mutating func touch(
    _ object: Int64, _ offset: Int32, write: Bool, kind: AccessLog.Access.Kind = .plain,
    _ change: AccessLog.Access.Change = .none
  ) {
    if write { markChanged(Int(object), Int(offset)) }
    if accesses != nil { note(Int(object), Int(offset), write: write, kind: kind, change) }
  }

  @inline(never)
  private mutating func note(
    _ object: Int, _ offset: Int, write: Bool, kind: AccessLog.Access.Kind = .plain,
    _ change: AccessLog.Access.Change = .none
  ) {
    guard let accesses else { return }
    let place = Header.type(heap[object]) << 6 | min(offset, 63)
    let floor = Int(program.floors[place])
    var kind = kind
    if !write, runningThread == world.threadCount, floor < WatchedWords.noFloor { kind = .raise }
    let isCount = kind == .raise || kind == .lower
    accesses.pointee.append(
      AccessLog.Access(
        word: world.heapBase + object + offset, write: write, kind: kind, floor: isCount ? floor : 0,
        change: change))
    // What nothing leads to but this step itself, no invariant that is not about it can see.
    guard write, object != accesses.pointee.newest, !isCount || floor == WatchedWords.noFloor else { return }
    let own = program.ownWatchers[place]
    accesses.pointee.affected.all |= program.watchers[place] & ~own
    accesses.pointee.affected.add(own, of: object)
  }

  /// A lock that is taken in turn or given back. Readers do not keep each other out, but an invariant may ask whether there are any.
  @inline(__always)
  mutating func touchLock(_ object: Int64, _ offset: Int32, _ mode: LockMode) {
    let isWatched = program.watchers[Header.type(heap[Int(object)]) << 6 | min(Int(offset), 63)] != 0
    touch(object, offset, write: mode != .read || isWatched, kind: isWatched ? .plain : .lock)
  }

  /// Making and freeing an object changes all its words, and for how many objects an invariant must hold.
  @inline(never)
  mutating func touchWhole(_ object: Int64) {
    guard accesses != nil, object > 0, object < words[Layout.heapEnd] else { return }
    for offset in 0..<max(1, Header.size(heap[Int(object)])) {
      note(Int(object), offset, write: true)
    }
  }

  /// Freeing an object, besides: what changes or walks a list or an interval map touches the members' links, so a member that is freed touches the
  /// container.
  @inline(never)
  mutating func touchFreed(_ object: Int64) {
    if object > 0, object < words[Layout.heapEnd] { markFreed(Int(object)) }
    if accesses == nil { return }
    touchWhole(object)
    for (index, header) in blocks where Header.isAlive(header) && Header.type(header) >= BlockType.globals {
      for number in program.typeFields[Header.type(header)].indices
      where program.fields[number].kind == .chain {
        let offset = Int(program.fields[number].offset)
        if Chain(heap, from: heap[index + offset]).contains(where: { heap[$0 + Cell.value] == object }) {
          note(index, offset, write: true)
        }
      }
    }
  }

  /// Making an object of which invariants must hold always adds to what they look at: as if there were a count of the type's objects.
  @inline(never)
  mutating func touchNew(_ object: Int64) {
    affected.add(program.newcomers[Header.type(heap[Int(object)])], of: Int(object))
    guard let accesses else { return }
    let before = accesses.pointee.affected
    touchWhole(object)
    // Nothing leads to a new object, so only what holds of all objects of its type looks at it.
    let type = Header.type(heap[Int(object)])
    accesses.pointee.affected = before
    accesses.pointee.affected.add(program.newcomers[type], of: Int(object))
    accesses.pointee.newest = Int(object)
    if program.newcomers[type] != 0 {
      accesses.pointee.append(AccessLog.Access(word: census(of: type), write: true, kind: .raise))
    }
  }

  /// Stands for how many objects of a type there are: a word of the monitor, which nothing else touches.
  private func census(of type: Int) -> Int {
    world.threadBase + world.threadCount * world.threadWords + min(type, world.threadWords - 1)
  }

  /// Notes what invariants read now, and where they may be about any object of their type, that they look at how many there are.
  mutating func touchInvariants(_ affected: AffectedInvariants) {
    guard accesses != nil else { return }
    for number in 0..<program.invariantCount {
      let invariant = program.invariants[number]
      let bit: UInt64 = 1 << UInt64(min(number, 63))
      if invariant.isQuiescent { continue }
      if affected.all & bit == 0 {
        for index in 0..<affected.count where affected.pair(index).mask & bit != 0 {
          touch(invariant, of: affected.pair(index).object)
        }
      } else if invariant.type < 0 {
        _ = callOnMonitor(invariant.function, argument: nil, isNoted: true)
      } else {
        for type in 0..<program.typeCount where program.isType[type * program.typeCount + invariant.type] {
          accesses?.pointee.append(AccessLog.Access(word: census(of: type), write: false, kind: .plain))
        }
        for (index, _) in blocks { touch(invariant, of: index) }
      }
    }
  }

  private mutating func touch(_ invariant: InvariantRow, of object: Int) {
    guard object < Int(words[Layout.heapEnd]) else { return }
    let header = heap[object]
    guard Header.isAlive(header), Header.type(header) > BlockType.globals,
      program.isType[Header.type(header) * program.typeCount + invariant.type]
    else { return }
    touch(Int64(object), 0, write: false)
    _ = callOnMonitor(invariant.function, argument: object, isNoted: true)
  }

  @inline(__always)
  mutating func touch(slot place: Int, write: Bool) {
    if let accesses { accesses.pointee.append(AccessLog.Access(word: place, write: write, kind: .plain)) }
  }
}
