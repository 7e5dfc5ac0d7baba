/// Which words of a state the steps since the last `clear` have read and changed, in order.
///
/// Two runs of steps by two threads whose footprints do not meet can be taken in either order with the same result. Whoever wants to know sets
/// `Machine.footprint`. A lock's own words are left out: they decide who waits, not what is computed. Fields of an object are words of that
/// object; a container counts as one word.
public final class Footprint {
  /// What was done to a word.
  public enum Access: UInt8, Hashable, Sendable, BitwiseCopyable {
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
  public struct Entry: Hashable, Sendable, BitwiseCopyable {
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

  let buffer: UnsafeMutablePointer<FootprintBuffer>

  /// An empty footprint.
  public init() {
    buffer = .allocate(capacity: 1)
    buffer.initialize(to: FootprintBuffer())
  }

  deinit {
    buffer.pointee.entries.deallocate()
    buffer.deinitialize(count: 1)
    buffer.deallocate()
  }

  /// The accesses in order, as an array of their own.
  public var entries: [Entry] {
    Array(UnsafeBufferPointer(start: buffer.pointee.entries, count: buffer.pointee.count))
  }

  /// Forgets all accesses and keeps the memory.
  public func clear() {
    buffer.pointee.count = 0
  }
}

/// A footprint's memory, which the machine writes to.
struct FootprintBuffer {
  var entries: UnsafeMutablePointer<Footprint.Entry>
  var count = 0
  private var capacity = 64

  init() {
    entries = .allocate(capacity: capacity)
  }

  mutating func note(_ word: Int, _ access: Footprint.Access) {
    if count == capacity {
      let larger = UnsafeMutablePointer<Footprint.Entry>.allocate(capacity: capacity * 2)
      larger.update(from: entries, count: count)
      entries.deallocate()
      entries = larger
      capacity *= 2
    }
    entries[count] = Footprint.Entry(word: word, access: access)
    count += 1
  }
}
