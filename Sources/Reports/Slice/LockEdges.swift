import Machine
import Recording
import StepLanguage

/// The order of locks that a run has shown: who took which class while holding which other, and where.
struct LockEdges {
  /// One class taken under another for the first time.
  struct Edge {
    /// The class that was held.
    var outer: Int
    /// The class that was taken.
    var inner: Int
    /// The thread.
    var thread: Int
    /// The instruction that took the outer lock.
    var outerInstance: Int
    /// The instruction that took the inner lock.
    var innerInstance: Int
  }

  let edges: [Edge]
  private let program: Program

  init(_ timeline: Timeline, _ run: TracedRun) {
    program = run.program
    var held: [Int: [(word: Int, lockClass: Int, instance: Int)]] = [:]
    var known = Set<[Int]>()
    var edges: [Edge] = []
    for (number, instance) in run.instances.enumerated() {
      let instruction = run.program.code[instance.address]
      guard let (_, offset, kind) = instruction.access else { continue }
      let word = Int(instance.value) + offset
      switch kind {
      case .acquire:
        let lockClass = Int(instruction.c)
        // One that had to queue tries again at the same place.
        held[instance.thread]?.removeAll { $0.word == word }
        for outer in held[instance.thread] ?? [] where known.insert([outer.lockClass, lockClass]).inserted {
          edges.append(
            Edge(
              outer: outer.lockClass, inner: lockClass, thread: instance.thread,
              outerInstance: outer.instance,
              innerInstance: number))
        }
        held[instance.thread, default: []].append((word, lockClass, number))
      case .tryAcquire:
        guard instance.result != 0 else { continue }
        held[instance.thread, default: []].append((word, Int(instruction.d >> 2), number))
      case .release: held[instance.thread]?.removeAll { $0.word == word }
      case .load, .store, .count, .move, .look, .change, .allocate, .free, .lockTest, .wait, .wake, .header:
        break
      }
    }
    self.edges = edges
  }

  /// The edges of the circle that a lock-order finding names, in its order, as far as this run has shown them.
  func circle(of finding: Finding) -> [Edge] {
    let prefix = "possible circular locking: "
    guard finding.message.hasPrefix(prefix) else { return [] }
    var names: [String] = []
    var rest = Substring(finding.message.dropFirst(prefix.count))
    while let range = rest.firstRange(of: " before ") {
      names.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    names.append(String(rest))
    let classes = names.compactMap { name in program.lockClasses.firstIndex { $0.name == name } }
    return zip(classes, classes.dropFirst()).compactMap { outer, inner in
      edges.first { $0.outer == outer && $0.inner == inner }
    }
  }
}
