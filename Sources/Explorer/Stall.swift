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
        return
          "\(name) waits for \(view.name(of: lock)), held by \(by.map { world.threads[$0].name }.joined(separator: ", "))"
      case .sleeping(let object, _): return "\(name) sleeps on \(view.name(of: object))"
      default: return "\(name) waits at a barrier"
      }
    }
    return Finding(
      property: .deadlock, thread: waiting[0], statement: view.thread(waiting[0]).nextStatement,
      message: parts.joined(separator: "; "), objects: [], threads: waiting)
  }
}
