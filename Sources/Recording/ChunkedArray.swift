/// An array in pieces: a copy that goes on its own way copies one piece, not everything.
struct ChunkedArray<Element: BitwiseCopyable & Sendable>: Sendable {
  private var chunks: [ContiguousArray<Element>] = []
  private(set) var count = 0

  private static var shift: Int { 11 }
  private static var size: Int { 1 << shift }

  subscript(index: Int) -> Element {
    get { chunks[index >> Self.shift][index & (Self.size - 1)] }
    set { chunks[index >> Self.shift][index & (Self.size - 1)] = newValue }
  }

  mutating func append(_ element: Element) {
    if count & (Self.size - 1) == 0 {
      var chunk: ContiguousArray<Element> = []
      chunk.reserveCapacity(Self.size)
      chunks.append(chunk)
    }
    chunks[count >> Self.shift].append(element)
    count += 1
  }

  /// Drops all elements from an index on.
  mutating func truncate(to length: Int) {
    guard length < count else { return }
    let kept = (length + Self.size - 1) >> Self.shift
    chunks.removeLast(chunks.count - kept)
    if kept > 0 {
      let last = length - (kept - 1) << Self.shift
      chunks[kept - 1].removeLast(chunks[kept - 1].count - last)
    }
    count = length
  }
}
