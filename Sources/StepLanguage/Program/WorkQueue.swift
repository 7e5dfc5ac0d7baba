/// A queue of calls that run later, in contexts of their own: works, timers, or callbacks of RCU.
public struct WorkQueue: Hashable, Sendable {
  /// What sort of calls it holds.
  public enum Kind: Hashable, Sendable {
    /// Works; they may sleep (Linux, kernel/workqueue.c).
    case works
    /// Handlers of timers; they may not sleep (Linux, kernel/time/timer.c).
    case timers
    /// Callbacks that wait for a grace period; they may not sleep (Linux, kernel/rcu/tree.c).
    case rcu
  }

  /// The queue's name; its contexts are called so, too.
  public internal(set) var name: String
  /// What sort of calls it holds.
  public internal(set) var kind: Kind
  /// How many of its calls can run at the same time.
  public internal(set) var workers: Int
  /// Whether its calls run one after another in the order in which they were queued.
  public internal(set) var isOrdered: Bool

  /// Whether its calls may not sleep.
  public var isAtomic: Bool { kind != .works }

  /// The queue of works for which no other one is named, of timers, and of callbacks of RCU.
  static let works = WorkQueue(name: "system_wq", kind: .works, workers: 1, isOrdered: false)
  static let timers = WorkQueue(name: "timers", kind: .timers, workers: 1, isOrdered: false)
  static let rcu = WorkQueue(name: "rcu", kind: .rcu, workers: 1, isOrdered: false)

  /// The queues that are there without a declaration.
  static let standard = [works, timers, rcu]
}

/// A call that a field holds until it is queued.
public struct DeferredCall: Hashable, Sendable {
  /// The function; it gets the object of the field, and nothing when the field is a global.
  public internal(set) var function: Int
  /// The queue, as an index of `Program.queues`.
  public internal(set) var queue: Int
  /// The lock class that waiting for the call counts as taking (Linux, `work_struct.lockdep_map`).
  public internal(set) var lockClass: Int
}

/// What is done with a work; the lowest bits of the last operand of a `work` instruction, with the queue and the function above.
public enum WorkOperation: Int, Hashable, Sendable {
  /// Queues it, unless it waits already or is kept from being queued; 1 when it was queued.
  case queue
  /// Takes it from its queue; 1 when it was there.
  case cancel
  /// The same, and keeps it from being queued until `enable`.
  case disable
  /// Lets it be queued again.
  case enable

  /// The last operand of an instruction.
  static func operand(_ operation: WorkOperation, queue: Int, function: Int) -> Int {
    operation.rawValue | queue << 4 | function << 12
  }
}
