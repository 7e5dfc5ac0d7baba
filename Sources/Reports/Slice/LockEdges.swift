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
    /// For the call that a worker runs its class, and where it began.
    var calls: [Int: (lockClass: Int, instance: Int)] = [:]
    func note(_ lockClass: Int, _ thread: Int, _ number: Int) {
      let outer =
        (held[thread] ?? []).map { (lockClass: $0.lockClass, instance: $0.instance) }
        + [calls[thread]].compactMap { $0 }
      for outer in outer where known.insert([outer.lockClass, lockClass]).inserted {
        edges.append(
          Edge(
            outer: outer.lockClass, inner: lockClass, thread: thread, outerInstance: outer.instance,
            innerInstance: number))
      }
    }
    for (number, instance) in run.instances.enumerated() {
      let instruction = run.program.code[instance.address]
      if timeline.world.threads.indices.contains(instance.thread),
        timeline.world.threads[instance.thread].queue != nil
      {
        let root = run.calls(of: instance.activation)[0]
        if number == 0 || run.calls(of: run.instances[number - 1].activation)[0] != root {
          let lockClass = program.lockClass(ofCallsOf: run.activations[root].function)
          if calls[instance.thread].map({ $0.lockClass != lockClass }) ?? true {
            calls[instance.thread] = lockClass.map { ($0, number) }
          }
        }
      }
      if instruction.opcode == .flush { note(Int(instruction.d >> 12), instance.thread, number) }
      guard let (_, offset, kind) = instruction.access else { continue }
      let word = Int(instance.value) + offset
      switch kind {
      case .acquire:
        let lockClass = Int(instruction.c)
        // One that had to queue tries again at the same place.
        held[instance.thread]?.removeAll { $0.word == word }
        note(lockClass, instance.thread, number)
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

extension Program {
  /// The class of a field that holds a call of a function; nil when none does.
  fileprivate func lockClass(ofCallsOf function: Int) -> Int? {
    for type in types {
      for field in type.fields {
        if case .work(let call) = field.type, call.function == function { return call.lockClass }
      }
    }
    return nil
  }
}
