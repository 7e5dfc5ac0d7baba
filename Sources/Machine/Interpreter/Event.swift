public import StepLanguage

/// Something that happened within a step.
public struct Event: Hashable, Sendable, BitwiseCopyable {
  /// What happened. What the words mean stands behind each kind.
  public enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// A system call began: entry.
    case operationStarted
    /// A system call ended: entry, return value.
    case operationEnded
    /// A thread passed a barrier.
    case barrierPassed
    /// A function was entered: function.
    case entered
    /// A function was left: function, value.
    case left
    /// A lock was taken: address, class, mode, 1 for a try-lock.
    case acquired
    /// A lock was released: address, class, mode.
    case released
    /// A writer queued up for a lock: address, class, mode.
    case queued
    /// A try-lock failed: address, class, mode.
    case tryFailed
    /// A field changed: object, offset, old, new.
    case stored
    /// A refcount changed: object, offset, old, new.
    case counted
    /// A unit changed hands: object, offset.
    case unitMoved
    /// A count was changed by someone who holds no unit of it: object, offset.
    case unitMissing
    /// A container changed: object, offset, key, value.
    case containerChanged
    /// An object was made: object, type.
    case allocated
    /// An allocation failed: type.
    case allocationFailed
    /// An object was freed: object, type.
    case freed
    /// A thread went to sleep: queue's address.
    case slept
    /// A sleeper was woken: queue's address, the sleeper.
    case woken
    /// A wake-up reached nobody: queue's address.
    case wokeNobody
    /// A sleeper's time was over: queue's address, whether its condition held.
    case timedOut
    /// A call was queued that runs later: object, offset of its field or 0, function.
    case callQueued
    /// A call was not queued, as it was there already or is kept out: object, offset.
    case callRefused
    /// A call was taken out of its queue: object, offset, function.
    case callCancelled
    /// A worker began a call: function, object.
    case callBegan
    /// A worker is through with a call: function.
    case callEnded
    /// A callback into a driver began: driver, function.
    case calledDriver
    /// A choice was taken: which.
    case chose
    /// A probe: probe, first value in the log's values, how many.
    case probe
    /// A marker: text.
    case mark
  }

  /// What happened.
  public var kind: Kind
  /// The thread that did it.
  public var thread: Int32
  /// The statement at which it happened, or -1.
  public var statement: Int32
  /// The event's words.
  public var a: Int64
  /// Second word.
  public var b: Int64
  /// Third word.
  public var c: Int64
  /// Fourth word.
  public var d: Int64
}

/// What one step did: its events in order, and the values of its probes.
///
/// One log serves many steps; it keeps its memory.
public final class EventLog {
  let buffer: UnsafeMutablePointer<EventBuffer>

  /// An empty log.
  public init() {
    buffer = .allocate(capacity: 1)
    buffer.initialize(to: EventBuffer())
  }

  deinit {
    buffer.pointee.events.deallocate()
    buffer.pointee.values.deallocate()
    buffer.pointee.origins.deallocate()
    buffer.deinitialize(count: 1)
    buffer.deallocate()
  }

  /// The events in order, as an array of their own; `count` and the subscript look at them one by one without taking memory.
  public var events: [Event] {
    Array(UnsafeBufferPointer(start: buffer.pointee.events, count: buffer.pointee.count))
  }

  /// Values that probe events refer to.
  public var values: [Int64] {
    Array(UnsafeBufferPointer(start: buffer.pointee.values, count: buffer.pointee.valueCount))
  }

  /// For each value the index of the state's word that it was read from; 0 when it was computed.
  public var origins: [Int] {
    Array(UnsafeBufferPointer(start: buffer.pointee.origins, count: buffer.pointee.valueCount))
  }

  /// How many events there are.
  public var count: Int { buffer.pointee.count }

  /// The event of that number.
  public subscript(number: Int) -> Event {
    precondition(number >= 0 && number < buffer.pointee.count, "the log has no such event")
    return buffer.pointee.events[number]
  }

  /// Forgets what it holds.
  public func clear() {
    buffer.pointee.count = 0
    buffer.pointee.valueCount = 0
  }
}

/// A log's memory, which the machine writes to.
struct EventBuffer {
  var events: UnsafeMutablePointer<Event>
  var count = 0
  var values: UnsafeMutablePointer<Int64>
  var origins: UnsafeMutablePointer<Int>
  var valueCount = 0
  private var capacity = 64
  private var valueCapacity = 64

  init() {
    events = .allocate(capacity: capacity)
    values = .allocate(capacity: valueCapacity)
    origins = .allocate(capacity: valueCapacity)
  }

  @inline(__always)
  mutating func append(_ event: Event) {
    if count == capacity { events.grow(&capacity) }
    events[count] = event
    count += 1
  }

  @inline(__always)
  mutating func append(value: Int64, from origin: Int) {
    if valueCount == valueCapacity {
      var capacity = valueCapacity
      origins.grow(&capacity)
      values.grow(&valueCapacity)
    }
    values[valueCount] = value
    origins[valueCount] = origin
    valueCount += 1
  }
}

/// A property that was found violated.
public struct Finding: Hashable, Sendable {
  /// Which property.
  public var property: Property
  /// The thread at whose step it showed.
  public var thread: Int
  /// The statement, or nil when it belongs to none (such as a leak at the end).
  public var statement: Int?
  /// What happened, in the words of the model.
  public var message: String
  /// The objects that are concerned.
  public var objects: [ObjectReference]
  /// The other threads that are concerned, such as those of a deadlock.
  public var threads: [Int]

  /// A finding.
  public init(
    property: Property, thread: Int, statement: Int?, message: String, objects: [ObjectReference],
    threads: [Int]
  ) {
    self.property = property
    self.thread = thread
    self.statement = statement
    self.message = message
    self.objects = objects
    self.threads = threads
  }
}

/// An object of a state: the place of its header in the heap.
public struct ObjectReference: Hashable, Sendable, Comparable {
  /// Word of the heap; 1 is the object of the globals.
  public let index: Int

  init(_ index: Int) {
    self.index = index
  }

  /// The object whose header is at that word of the heap.
  public init(heapIndex: Int) {
    index = heapIndex
  }

  init(_ word: Int64) {
    index = Int(word)
  }

  /// By place.
  public static func < (first: ObjectReference, second: ObjectReference) -> Bool {
    first.index < second.index
  }

  /// The object that holds the globals.
  public static let globals = ObjectReference(1)
}
