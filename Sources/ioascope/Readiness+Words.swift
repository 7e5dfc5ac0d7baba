import Machine

extension Machine.Readiness {
  /// Why a thread cannot go on, in words.
  func inWords(_ state: State, _ world: World) -> String {
    let view = StateView(state, world: world)
    switch self {
    case .finished: return "it has finished"
    case .ready: return "it can go on"
    case .timeout: return "it can go on when its sleep's time is over"
    case .blocked(let lock, let threads):
      let holders = threads.map { world.threads[$0].name }.joined(separator: ", ")
      return "it waits for \(view.name(of: lock)), held by \(holders)"
    case .sleeping(let object, _): return "it sleeps on \(view.name(of: object))"
    case .barrier: return "it waits at a barrier"
    case .stuck: return "it cannot go on after what was found"
    }
  }
}
