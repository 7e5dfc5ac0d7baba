/// One event of a trace: when, where and by whom, and what.
public struct TraceEvent: Sendable {
  /// What happened to a lock.
  public enum LockAction: Hashable, Sendable {
    /// `lock_acquire`: the thread begins to try.
    case attempt(isRead: Bool, isTry: Bool)
    /// `lock_contended`: it must wait.
    case contended
    /// `lock_acquired`: it has the lock.
    case acquired
    /// `lock_release`: it has had the lock until here.
    case released
  }

  /// A named value of a kprobe event.
  public struct Argument: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The value's 64 bits; a negative number in two's complement.
    public let value: UInt64
  }

  /// What happened.
  public enum Kind: Sendable {
    /// An event of a lock; `address` is that of its `dep_map`.
    case lock(LockAction, address: UInt64, name: String)
    /// A kprobe event with its values in order.
    case probe(name: String, arguments: [Argument])
    /// A line that a program wrote into the trace.
    case mark(String)
    /// An event that is none of these.
    case other(name: String)
  }

  /// The line of the file, from 1.
  public let line: Int
  /// The processor's number.
  public let cpu: Int
  /// The task's name.
  public let task: String
  /// The task's process id; -1 when the line does not tell.
  public let pid: Int
  /// Nanoseconds of the trace's clock.
  public let time: Int64
  /// What happened.
  public let kind: Kind
  /// The event as it stands in the file, from its name on.
  public let bytes: ArraySlice<UInt8>

  /// The event as it stands in the file, from its name on.
  public var text: String {
    var result = String(decoding: bytes, as: UTF8.self)
    while result.last == " " { result.removeLast() }
    return result
  }
}
