/// A growing row of plain values in raw memory, without the checks that an array makes at each access.
///
/// Whoever owns it gives the memory back with `release()`; a copy shares the memory, so only one may go on growing. Indexes are checked in debug
/// builds only.
@frozen public struct UnsafeVector<Element: BitwiseCopyable> {
  // The three may be set from outside only because functions that are inlined set them.

  /// Where the values lie; valid until the next one is appended.
  public var base: UnsafeMutablePointer<Element>
  /// How many values there are.
  public var count = 0
  /// How many values there is room for.
  public var capacity: Int

  /// An empty row.
  @inlinable public init(capacity: Int = 16) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  /// Gives the memory back.
  @inlinable public func release() { base.deallocate() }

  /// How many bytes the memory has.
  @inlinable public var byteCount: Int { capacity * MemoryLayout<Element>.stride }

  /// The value at an index below `count`.
  @inlinable public subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < capacity)
      return base[index]
    }
    nonmutating set {
      assert(index >= 0 && index < capacity)
      base[index] = newValue
    }
  }

  /// Adds a value at the end.
  @inlinable public mutating func append(_ element: Element) {
    if count == capacity { grow(to: count + 1) }
    base[count] = element
    count &+= 1
  }

  /// Adds values at the end.
  @inlinable public mutating func append(_ elements: UnsafePointer<Element>, _ number: Int) {
    if count + number > capacity { grow(to: count + number) }
    (base + count).update(from: elements, count: number)
    count &+= number
  }

  /// Adds a value several times.
  @inlinable public mutating func append(repeating element: Element, _ number: Int) {
    if count + number > capacity { grow(to: count + number) }
    (base + count).update(repeating: element, count: number)
    count += number
  }

  /// Makes room behind the end, to be written to directly and taken in by `extend`.
  @inlinable public mutating func room(_ number: Int) -> UnsafeMutablePointer<Element> {
    if count + number > capacity { grow(to: count + number) }
    return base + count
  }

  /// Takes in values that were written to `room`.
  @inlinable public mutating func extend(_ number: Int) { count += number }

  /// Drops all values and keeps the memory.
  @inlinable public mutating func removeAll() { count = 0 }

  @inline(never) @usableFromInline mutating func grow(to needed: Int) {
    capacity = max(needed, capacity * 2)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }
}
