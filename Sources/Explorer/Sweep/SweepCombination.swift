import Machine
import StepLanguage

/// Rows of operations, one for each thread of a shape, that get into each other's way.
///
/// There may be millions of combinations and only a few are new, so what distinguishes them is worked out once for
/// each row and each two
/// operations.
struct SweepCombination {
  let shape: SweepShape
  /// By length the rows that there are.
  let rows: [[SweepEnumerator.Row]]
  /// What programs were made already, of the same entries on the same or other objects.
  private(set) var seen: Set<UInt64>
  private(set) var alike = 0
  private(set) var idle = 0
  /// The combinations that are new.
  private(set) var chosen: [[SweepEnumerator.Row]] = []

  /// For each row a digest of its entries.
  private var digests: [[UInt64]] = []
  /// For each row the numbers of its operations among those that differ in their lines.
  private var lines: [[[Int]]] = []
  /// For each two lines whether they name the same variables wherever they name the same kind.
  private var shares: [[Bool]] = []
  /// Which rows are combined just now, one for each thread.
  private var indexes: [Int]
  private var order: [Int]
  /// Which runs get into each other's way, as far as it was asked: by row and place of both.
  private var dependences: [Pair: Bool] = [:]

  private struct Pair: Hashable {
    var first: Int
    var second: Int
  }

  init(shape: SweepShape, rows: [[SweepEnumerator.Row]], seen: Set<UInt64>) {
    self.shape = shape
    self.rows = rows
    self.seen = seen
    indexes = Array(repeating: 0, count: shape.lengths.count)
    order = Array(shape.lengths.indices)
    var numbers: [String: Int] = [:]
    var steps: [SweepEnumerator.Step] = []
    for rows in rows {
      lines.append(
        rows.map { row in
          row.steps.map { step in
            if let number = numbers[step.text] { return number }
            numbers[step.text] = steps.count
            steps.append(step)
            return steps.count - 1
          }
        })
      digests.append(
        rows.map { row in
          var digest: UInt64 = 0xcbf2_9ce4_8422_2325
          for step in row.steps { Self.mix(UInt64(step.entry), into: &digest) }
          return digest
        })
    }
    shares = steps.map { step in steps.map { Self.sharesObjects(step, $0) } }
  }

  /// Finds all that are new.
  mutating func choose() { choose(thread: 0) }

  private mutating func choose(thread: Int) {
    guard thread < shape.lengths.count else {
      take()
      return
    }
    let length = shape.lengths[thread]
    // Threads of the same length can be exchanged.
    let start = thread > 0 && shape.lengths[thread - 1] == length ? indexes[thread - 1] : 0
    for index in start..<max(start, rows[length].count) {
      indexes[thread] = index
      choose(thread: thread + 1)
    }
  }

  private mutating func take() {
    let key = key()
    guard !seen.contains(key) else {
      alike += 1
      return
    }
    guard isConnected() else {
      idle += 1
      return
    }
    seen.insert(key)
    chosen.append(indexes.indices.map { rows[shape.lengths[$0]][indexes[$0]] })
  }

  @inline(__always)
  private static func mix(_ word: UInt64, into digest: inout UInt64) {
    digest = (digest ^ word) &* 0x9e37_79b9_7f4a_7c15
    digest ^= digest >> 29
  }

  /// The entries of each thread, and which operations of different threads work on the same objects.
  private mutating func key() -> UInt64 {
    // Threads of the same length stand in the order of their entries.
    for thread in order.indices { order[thread] = thread }
    for thread in order.indices.dropFirst() {
      var place = thread
      while place > 0, shape.lengths[order[place - 1]] == shape.lengths[order[place]],
        digest(order[place - 1]) > digest(order[place])
      {
        order.swapAt(place - 1, place)
        place -= 1
      }
    }
    var key: UInt64 = 0x51_7cc1_b727_220a
    for place in order.indices {
      Self.mix(digest(order[place]), into: &key)
      for other in 0..<place {
        let first = lines[shape.lengths[order[other]]][indexes[order[other]]]
        let second = lines[shape.lengths[order[place]]][indexes[order[place]]]
        for line in first {
          for another in second { Self.mix(shares[line][another] ? 1 : 2, into: &key) }
        }
      }
    }
    return key
  }

  private func digest(_ thread: Int) -> UInt64 { digests[shape.lengths[thread]][indexes[thread]] }

  private static func sharesObjects(_ first: SweepEnumerator.Step, _ second: SweepEnumerator.Step) -> Bool {
    for case .slot(let table, let index) in first.arguments {
      for case .slot(let otherTable, let otherIndex) in second.arguments
      where table == otherTable && index != otherIndex {
        return false
      }
    }
    return true
  }

  /// Whether each operation gets into the way of one of another thread, and no threads go without the others.
  private mutating func isConnected() -> Bool {
    let count = shape.lengths.count
    var links = [Set<Int>](repeating: [], count: count)
    var meets = shape.lengths.map { [Bool](repeating: false, count: $0) }
    for first in 0..<count {
      for second in (first + 1)..<max(first + 1, count) {
        for left in 0..<shape.lengths[first] {
          for right in 0..<shape.lengths[second] {
            if meets[first][left], meets[second][right], links[first].contains(second) { continue }
            guard areDependent(first, left, second, right) else { continue }
            meets[first][left] = true
            meets[second][right] = true
            links[first].insert(second)
            links[second].insert(first)
          }
        }
      }
    }
    guard meets.allSatisfy({ $0.allSatisfy { $0 } }) else { return false }
    var reached: Set<Int> = [0]
    var pending = [0]
    while let thread = pending.popLast() {
      for other in links[thread] where reached.insert(other).inserted { pending.append(other) }
    }
    return reached.count == count
  }

  private mutating func areDependent(_ first: Int, _ left: Int, _ second: Int, _ right: Int) -> Bool {
    func number(_ thread: Int, _ place: Int) -> Int {
      (indexes[thread] * 16 + shape.lengths[thread]) * 16 + place
    }
    let pair = Pair(first: number(first, left), second: number(second, right))
    if let known = dependences[pair] { return known }
    let isDependent = Meeting.isDependent(
      rows[shape.lengths[first]][indexes[first]].steps[left].run,
      rows[shape.lengths[second]][indexes[second]].steps[right].run)
    dependences[pair] = isDependent
    return isDependent
  }
}
