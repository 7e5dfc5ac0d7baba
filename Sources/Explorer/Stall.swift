public import Machine
import StepLanguage

/// What is wrong where nobody can move.
public enum Stall {
  /// Threads that are not through, though nobody can move.
  public static func finding(_ machine: Machine, _ state: State) -> Finding? {
    let world = machine.world
    let readiness = machine.readiness(in: state)
    let waiting = readiness.indices.filter { readiness[$0] != .finished }
    guard !waiting.isEmpty else { return nil }
    // A killed thread, and a circle of waiting ones, is the consequence of a finding that was told already.
    if readiness.contains(.stuck) || machine.hasToldDeadlock(in: state) { return nil }
    let view = StateView(state, world: world)
    let parts = waiting.map { thread in
      let name = world.threads[thread].name
      switch readiness[thread] {
      case .blocked(let lock, let by):
        let owner = view.lock(lock).owner
        let holders = by.filter { lock.mode != .read || $0 == owner }
        // A writer that only queues keeps readers out and holds nothing.
        let word = holders.isEmpty ? "behind" : "held by"
        let names = (holders.isEmpty ? by : holders).map { world.threads[$0].name }
        return "\(name) waits for \(view.name(of: lock)), \(word) \(names.joined(separator: ", "))"
      case .sleeping(let object, _): return "\(name) sleeps on \(view.name(of: object))"
      default: return "\(name) waits at a barrier"
      }
    }
    return Finding(
      property: .deadlock, thread: waiting[0], statement: view.thread(waiting[0]).nextStatement,
      message: parts.joined(separator: "; "), objects: [], threads: waiting)
  }
}
