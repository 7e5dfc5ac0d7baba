/// A lock as its object shows it.
public struct LockBadge: Hashable, Sendable {
  /// How it stands.
  public enum State: Hashable, Sendable {
    /// Nobody has it.
    case free
    /// One thread has it alone.
    case held
    /// Readers have it.
    case shared
  }

  /// The lock's name within its object, such as `lock`.
  public let name: String
  /// How it stands.
  public let state: State
  /// The names of the threads that have it.
  public let holders: [String]
  /// The names of the threads that wait for it.
  public let waiters: [String]
  /// It was taken in this very step.
  public let isTakenNow: Bool
  /// It was released in this very step.
  public let isReleasedNow: Bool

  /// Whether there is anything to say about it.
  public var isActive: Bool { state != .free || !waiters.isEmpty || isTakenNow || isReleasedNow }
}
