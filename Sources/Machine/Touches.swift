import StepLanguage

/// What steps read and wrote, for a search that asks whether the steps of two threads get into each other's way.
///
/// Containers, counts, locks and queues are touched as a whole, at the word that they begin at. What only the running thread can see (its stack, its list of held locks) is left out, as are fields that keep their value.
public final class Touches {
  let buffer: UnsafeMutablePointer<TouchBuffer>

  /// An empty footprint.
  public init() {
    buffer = .allocate(capacity: 1)
    buffer.initialize(to: TouchBuffer())
  }

  deinit {
    buffer.pointee.keys.deallocate()
    buffer.deinitialize(count: 1)
    buffer.deallocate()
  }

  /// One touch of a word of the state.
  public struct Touch: Hashable, Sendable, BitwiseCopyable {
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

    @inline(__always)
    init(word: Int, write: Bool, kind: Kind) {
      key = word << 3 | kind.rawValue << 1 | (write ? 1 : 0)
    }

    /// The word's number in the state.
    @inline(__always) public var word: Int { key >> 3 }
    /// Whether it was written.
    @inline(__always) public var isWrite: Bool { key & 1 != 0 }
    /// What was done with it.
    @inline(__always) public var kind: Kind { Kind(rawValue: key >> 1 & 3) ?? .plain }
    /// Whether a unit of the thread's own came or went.
    @inline(__always) public var isCount: Bool { key & 4 != 0 }
    /// The same word, only read.
    @inline(__always) public var asRead: Touch { Touch(word: word, write: false, kind: .plain) }
  }

  /// The touches in order; valid until the next step.
  public var touches: UnsafeBufferPointer<Touch> {
    UnsafeBufferPointer(start: buffer.pointee.keys, count: buffer.pointee.count)
  }

  /// A bit for each invariant that must hold always and may read something that was written; the last bit stands for all from there on.
  public var affected: UInt64 { buffer.pointee.affected }

  /// Forgets what it holds.
  public func clear() {
    buffer.pointee.count = 0
    buffer.pointee.affected = 0
    buffer.pointee.newest = 0
  }
}

/// A footprint's memory, which the machine writes to.
struct TouchBuffer {
  var keys: UnsafeMutablePointer<Touches.Touch>
  var count = 0
  var affected: UInt64 = 0
  /// The object that was made last.
  var newest = 0
  private var capacity = 64

  init() {
    keys = .allocate(capacity: capacity)
  }

  @inline(__always)
  mutating func append(_ key: Touches.Touch) {
    if count == capacity { grow() }
    keys[count] = key
    count += 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Touches.Touch>.allocate(capacity: capacity * 2)
    larger.update(from: keys, count: capacity)
    keys.deallocate()
    keys = larger
    capacity *= 2
  }
}

extension MachineCore {
  @inline(__always)
  mutating func touch(_ object: Int64, _ offset: Int32, write: Bool, kind: Touches.Touch.Kind = .plain) {
    if touches != nil { note(Int(object), Int(offset), write: write, kind: kind) }
  }

  @inline(never)
  private mutating func note(_ object: Int, _ offset: Int, write: Bool, kind: Touches.Touch.Kind = .plain) {
    guard let touches else { return }
    touches.pointee.append(Touches.Touch(word: world.heapBase + object + offset, write: write, kind: kind))
    // What nothing leads to but this step itself, no invariant that is not about it can see.
    if write, object != touches.pointee.newest {
      touches.pointee.affected |= program.watchers[Header.type(heap[object]) << 6 | min(offset, 63)]
    }
  }

  /// Making and freeing an object changes all its words, and for how many objects an invariant must hold.
  @inline(never)
  mutating func touchWhole(_ object: Int64) {
    guard touches != nil, object > 0, object < words[Layout.heapEnd] else { return }
    for offset in 0..<max(1, Header.size(heap[Int(object)])) {
      note(Int(object), offset, write: true)
    }
  }

  /// Making an object of which invariants must hold always adds to what they look at: as if there were a count of the type's objects.
  @inline(never)
  mutating func touchNew(_ object: Int64) {
    guard let touches else { return }
    let before = touches.pointee.affected
    touchWhole(object)
    // Nothing leads to a new object, so only what holds of all objects of its type looks at it.
    let type = Header.type(heap[Int(object)])
    touches.pointee.affected = before | program.newcomers[type]
    touches.pointee.newest = Int(object)
    if program.newcomers[type] != 0 {
      touches.pointee.append(Touches.Touch(word: census(of: type), write: true, kind: .raise))
    }
  }

  /// Stands for how many objects of a type there are: a word of the monitor, which nothing else touches.
  private func census(of type: Int) -> Int {
    world.threadBase + world.threadCount * world.threadWords + min(type, world.threadWords - 1)
  }

  /// Notes what invariants read now, and that they look at all objects of their type.
  mutating func touchInvariants(_ affected: UInt64) {
    guard touches != nil else { return }
    for number in 0..<program.invariantCount where affected >> UInt64(min(number, 63)) & 1 != 0 {
      let invariant = program.invariants[number]
      if invariant.isQuiescent { continue }
      if invariant.type < 0 {
        _ = callOnMonitor(invariant.function, argument: nil, isNoted: true)
        continue
      }
      for type in 0..<program.typeCount where program.isType[type * program.typeCount + invariant.type] {
        touches?.pointee.append(Touches.Touch(word: census(of: type), write: false, kind: .plain))
      }
      var index = 1
      let end = Int(words[Layout.heapEnd])
      while index < end {
        let header = heap[index]
        if Header.isAlive(header), Header.type(header) > BlockType.globals,
          program.isType[Header.type(header) * program.typeCount + invariant.type]
        {
          touch(Int64(index), 0, write: false)
          _ = callOnMonitor(invariant.function, argument: index, isNoted: true)
        }
        index += Header.size(header)
      }
    }
  }

  @inline(__always)
  mutating func touch(slot place: Int, write: Bool) {
    if let touches { touches.pointee.append(Touches.Touch(word: place, write: write, kind: .plain)) }
  }
}

extension Builtin {
  /// Whether the function changes the container.
  var changesContainer: Bool {
    switch self {
    case .xa_alloc, .xa_store, .xa_erase, .list_append, .list_remove, .imap_insert, .imap_remove: true
    default: false
    }
  }
}
