/// A growing row of plain values, without the checks that an array makes at each access. Whoever owns it gives it back.
struct Pool<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private(set) var capacity: Int

  init(capacity: Int = 16) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  func release() { base.deallocate() }

  var byteCount: Int { capacity * MemoryLayout<Element>.stride }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow(to: count + 1) }
    base[count] = element
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ elements: UnsafePointer<Element>, _ number: Int) {
    if count + number > capacity { grow(to: count + number) }
    (base + count).update(from: elements, count: number)
    count &+= number
  }

  mutating func append(repeating element: Element, _ number: Int) {
    if count + number > capacity { grow(to: count + number) }
    (base + count).update(repeating: element, count: number)
    count += number
  }

  /// Makes room behind the end, to be written to directly and taken in by `extend`.
  @inline(__always)
  mutating func room(_ number: Int) -> UnsafeMutablePointer<Element> {
    if count + number > capacity { grow(to: count + number) }
    return base + count
  }

  @inline(__always)
  mutating func extend(_ number: Int) { count += number }

  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow(to needed: Int) {
    capacity = max(needed, capacity * 2)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }
}
