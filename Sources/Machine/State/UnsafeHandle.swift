/// Values in raw memory with their number beside the pointer, as swift-collections has it. A handle is valid only inside the call that gave it, or as
/// long as the arena that made it.
///
/// Every access is checked against the number, in release builds, too: whatever a text or a session makes the machine do, it reads and writes
/// no memory but its own. What this costs is in docs/benchmarks.md.
struct UnsafeHandle<Element: BitwiseCopyable>: BitwiseCopyable {
  /// Where the values lie, for copies of many at once.
  let base: UnsafeMutablePointer<Element>
  /// How many there are.
  let count: Int

  @inline(__always)
  init(_ base: UnsafeMutablePointer<Element>, count: Int) {
    self.base = base
    self.count = count
  }

  /// Values that are only read.
  @inline(__always)
  init(reading base: UnsafePointer<Element>, count: Int) {
    self.init(UnsafeMutablePointer(mutating: base), count: count)
  }

  /// The value at an index below `count`.
  subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return base[index]
    }
    @inline(__always) nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      base[index] = newValue
    }
  }

  /// The values from an index on.
  @inline(__always)
  static func + (values: UnsafeHandle, first: Int) -> UnsafeHandle {
    precondition(UInt(bitPattern: first) <= UInt(bitPattern: values.count))
    return UnsafeHandle(values.base + first, count: values.count - first)
  }

  /// That many values from an index on.
  @inline(__always)
  func part(_ first: Int, count number: Int) -> UnsafeHandle {
    precondition(first >= 0 && number >= 0 && first <= count - number)
    return UnsafeHandle(base + first, count: number)
  }

  /// Copies all of the others to the beginning.
  @inline(__always)
  func update(from others: UnsafeHandle) {
    precondition(others.count <= count)
    base.update(from: others.base, count: others.count)
  }

  /// Makes all the same.
  @inline(__always)
  func update(repeating value: Element) { base.update(repeating: value, count: count) }
}

/// Words of a state.
typealias Words = UnsafeHandle<Int64>

extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Larger memory in place of this one, with the values that it held.
  ///
  /// - Parameter capacity: how many values it has room for; afterwards twice as many.
  @inline(never)
  mutating func grow(_ capacity: inout Int) {
    let larger = UnsafeMutablePointer.allocate(capacity: capacity * 2)
    larger.update(from: self, count: capacity)
    deallocate()
    self = larger
    capacity *= 2
  }
}
