public import Machine
import StepLanguage

/// What is wrong where nobody can move.
public enum DeadlockCheck {
  /// Threads that are not through, though nobody can move.
  public static func finding(_ machine: Machine, _ state: State) -> Finding? {
    let world = machine.world
    let readiness = machine.readiness(in: state)
    let waiting = readiness.indices.filter { readiness[$0] != .finished }
    guard !waiting.isEmpty else { return nil }
    // A killed thread, and a circle of waiting ones, is the consequence of a finding that was told already.
    if readiness.contains(.stuck) || machine.hasToldDeadlock(in: state) { return nil }
    let view = StateView(state, world: world)
    // A sleeper whose condition holds lacks nothing but the wake-up.
    for thread in waiting {
      guard case .sleeping(let object, let offset) = readiness[thread],
        machine.awaitedConditionHolds(of: thread, in: state)
      else { continue }
      return Finding(
        property: .lostWakeup, thread: thread, statement: view.thread(thread).nextStatement,
        message:
          "\(world.threads[thread].name) sleeps on \(view.name(ofField: offset, of: object)) though its condition holds, and nobody will wake it",
        objects: [object], threads: waiting)
    }
    // Whoever waits for a lock or a wake-up is the reason; who stands at a barrier waits for them and is named only where nobody else does.
    let reasons = waiting.filter { readiness[$0] != .barrier }
    let parts = (reasons.isEmpty ? waiting : reasons).map { thread in
      let name = world.threads[thread].name
      switch readiness[thread] {
      case .blocked(let lock, let by):
        let owner = view.lock(lock).owner
        let holders = by.filter { lock.mode != .read || $0 == owner }
        // A writer that only queues keeps readers out and holds nothing.
        let word = holders.isEmpty ? "behind" : "held by"
        let names = (holders.isEmpty ? by : holders).map { world.threads[$0].name }
        return "\(name) waits for \(view.name(of: lock)), \(word) \(names.joined(separator: ", "))"
      case .sleeping(let object, let offset):
        return "\(name) sleeps on \(view.name(ofField: offset, of: object)), and nobody will wake it"
      case .finished, .ready, .timeout, .barrier, .stuck: return "\(name) waits at a barrier"
      }
    }
    let first = reasons.first ?? waiting[0]
    return Finding(
      property: .deadlock, thread: first, statement: view.thread(first).nextStatement,
      message: parts.joined(separator: "; "), objects: [], threads: waiting)
  }
}
