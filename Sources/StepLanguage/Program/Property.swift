/// What can be wrong: the `property` of a finding. The machine has its own; a model may declare others.
///
/// Two properties are the same when their names are.
public struct Property: Sendable, ExpressibleByStringLiteral {
  /// Who knows it.
  public enum Origin: Hashable, Sendable {
    /// The machine finds it in any model.
    case machine
    /// A model declares it with `property`, and its checks and invariants find it.
    case model
  }

  /// The name, such as `use-after-free`.
  public let rawValue: String
  /// What it means, in half a sentence; empty for a name that nobody declared.
  public let title: String
  /// Who knows it.
  public let origin: Origin

  init(_ name: String, _ title: String, origin: Origin = .machine) {
    rawValue = name
    self.title = title
    self.origin = origin
  }

  /// The property of that name: one of the machine's, or one that some model declares.
  public init(stringLiteral name: String) {
    self = Self.machine.first { $0.rawValue == name } ?? Property(name, "", origin: .model)
  }

  /// The machine's property of that name; nil when it has none. `Program.property(named:)` knows those of a model, too.
  public init?(rawValue: String) {
    guard let known = Self.machine.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = known
  }

  /// An object is used after it was freed.
  public static let useAfterFree = Property("use-after-free", "an object is used after it was freed")
  /// An object is freed twice.
  public static let doubleFree = Property("double-free", "an object is freed twice")
  /// A null pointer is followed.
  public static let nullDereference = Property("null-dereference", "a null pointer is followed")
  /// A count falls below what its holders own.
  public static let refcountUnderflow = Property(
    "refcount-underflow", "a count falls below what its holders own")
  /// A count is raised from zero.
  public static let refcountResurrect = Property("refcount-resurrect", "a count is raised from zero")
  /// Threads wait for one another.
  public static let deadlock = Property("deadlock", "threads wait for one another")
  /// A thread waits for a lock that it holds.
  public static let selfDeadlock = Property("self-deadlock", "a thread waits for a lock that it holds")
  /// Two locks are taken in both orders.
  public static let lockOrder = Property("lock-order", "two locks are taken in both orders")
  /// A lock is released by a thread that does not hold it, or never.
  public static let lockImbalance = Property(
    "lock-imbalance", "a lock is released by a thread that does not hold it, or never")
  /// A thread may sleep while it holds a spinlock.
  public static let sleepInAtomic = Property(
    "sleep-in-atomic", "a thread may sleep while it holds a spinlock")
  /// A lock that must be held is not.
  public static let assertHeld = Property("assert-held", "a lock that must be held is not")
  /// The kernel would warn.
  public static let warn = Property("warn", "the kernel would warn")
  /// An object is left that nobody can reach.
  public static let leak = Property("leak", "an object is left that nobody can reach")
  /// Threads run for ever without getting on.
  public static let livelock = Property("livelock", "threads run for ever without getting on")
  /// A sleeper's condition holds, but nobody will wake it.
  public static let lostWakeup = Property(
    "lost-wakeup", "a sleeper's condition holds, but nobody will wake it")
  /// An operation returns what the scenario does not expect.
  public static let unexpectedResult = Property(
    "unexpected-result", "an operation returns what the scenario does not expect")
  /// An invariant of the model is false.
  public static let invariant = Property("invariant", "an invariant of the model is false")

  /// The machine's own, in a fixed order.
  public static let machine: [Property] = [
    useAfterFree, doubleFree, nullDereference, refcountUnderflow, refcountResurrect, deadlock, selfDeadlock,
    lockOrder, lockImbalance, sleepInAtomic, assertHeld, warn, leak, livelock, lostWakeup, unexpectedResult,
    invariant,
  ]

  /// The number of `invariant` among a program's properties.
  static let invariantIndex = machine.count - 1
}

extension Property: Hashable {
  public static func == (first: Property, second: Property) -> Bool { first.rawValue == second.rawValue }

  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension Property: CustomStringConvertible {
  /// The name.
  public var description: String { rawValue }
}
