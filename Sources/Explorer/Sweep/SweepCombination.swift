import Machine
import StepLanguage

/// Rows of operations, one for each thread of a shape, that get into each other's way.
struct SweepCombination {
  let shape: SweepShape
  /// By length the rows that there are.
  let rows: [[SweepEnumerator.Row]]
  /// What programs were made already, of the same entries on the same or other objects.
  var seen: Set<UInt64>
  private(set) var alike = 0
  private(set) var idle = 0
  private var chosen: [[SweepEnumerator.Row]] = []

  init(shape: SweepShape, rows: [[SweepEnumerator.Row]], seen: Set<UInt64>) {
    self.shape = shape
    self.rows = rows
    self.seen = seen
  }

  /// All that are new.
  mutating func all() -> [[SweepEnumerator.Row]] {
    choose([], from: 0)
    return chosen
  }

  private mutating func choose(_ threads: [SweepEnumerator.Row], from first: Int) {
    let number = threads.count
    guard number < shape.lengths.count else {
      take(threads)
      return
    }
    let length = shape.lengths[number]
    // Threads of the same length can be exchanged.
    let start = number > 0 && shape.lengths[number - 1] == length ? first : 0
    for index in start..<max(start, rows[length].count) {
      choose(threads + [rows[length][index]], from: index)
    }
  }

  private mutating func take(_ threads: [SweepEnumerator.Row]) {
    let key = key(of: threads)
    guard !seen.contains(key) else {
      alike += 1
      return
    }
    guard isConnected(threads) else {
      idle += 1
      return
    }
    seen.insert(key)
    chosen.append(threads)
  }

  /// The entries of each thread, and which operations of different threads work on the same objects.
  private func key(of threads: [SweepEnumerator.Row]) -> UInt64 {
    var words: [(rows: [UInt64], index: Int)] = threads.enumerated().map { index, row in
      (row.steps.map { UInt64($0.entry) }, index)
    }
    words.sort { first, second in
      first.rows == second.rows
        ? first.index < second.index : first.rows.lexicographicallyPrecedes(second.rows)
    }
    var key: UInt64 = 0x9e37_79b9_7f4a_7c15
    func mix(_ word: UInt64) {
      key = (key ^ word) &* 0x0000_0100_0000_01b3
      key ^= key >> 29
    }
    for (position, row) in words.enumerated() {
      mix(0xffff)
      row.rows.forEach(mix)
      for other in words[..<position] {
        for step in threads[row.index].steps {
          for another in threads[other.index].steps { mix(Self.sharesObjects(step, another) ? 1 : 0) }
        }
      }
    }
    return key
  }

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
  private func isConnected(_ threads: [SweepEnumerator.Row]) -> Bool {
    var links = [Set<Int>](repeating: [], count: threads.count)
    var meets = threads.map { [Bool](repeating: false, count: $0.steps.count) }
    for first in threads.indices {
      for second in threads.indices where second > first {
        for (left, step) in threads[first].steps.enumerated() {
          for (right, other) in threads[second].steps.enumerated() {
            if meets[first][left], meets[second][right], links[first].contains(second) { continue }
            guard Meeting(step.run, other.run).isDependent else { continue }
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
    return reached.count == threads.count
  }
}
