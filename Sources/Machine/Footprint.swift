/// Which words of a state the steps since the last `clear` have read and changed, in order.
///
/// Two runs of steps by two threads whose footprints do not meet can be taken in either order with the same result. Whoever wants to know sets
/// `Machine.footprint`. A lock's own words are left out: they decide who waits, not what is computed. Fields of an object are words of that
/// object; a container counts as one word.
public final class Footprint {
  /// What was done to a word.
  public enum Access: UInt8, Hashable, Sendable {
    /// It was read.
    case read
    /// It was changed.
    case write
    /// A refcount went up by one.
    case raise
    /// A refcount went down by one.
    case lower
    /// A refcount was taken from one to zero, or found to be something else than one.
    case test
  }

  /// One access.
  public struct Entry: Hashable, Sendable {
    /// Index of the word in the state.
    public let word: Int
    /// What was done to it.
    public let access: Access

    /// An access to the word at an index of the state.
    public init(word: Int, access: Access) {
      self.word = word
      self.access = access
    }
  }

  /// The accesses in order.
  public private(set) var entries: [Entry] = []

  /// An empty footprint.
  public init() {
    entries.reserveCapacity(64)
  }

  /// Forgets all accesses and keeps the memory.
  public func clear() {
    entries.removeAll(keepingCapacity: true)
  }

  func note(_ word: Int, _ access: Access) {
    entries.append(Entry(word: word, access: access))
  }
}
