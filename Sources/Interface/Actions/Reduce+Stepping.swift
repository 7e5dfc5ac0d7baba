import Machine
import Recording
import Scene
import Workbench

extension AppState {
  /// One step of the chosen thread.
  mutating func step(choice: Int) -> AppEffect? { tell(session.step(choice: choice)) }

  mutating func stepOtherWay() -> AppEffect? {
    guard case .ready(let choices) = moment.readiness[thread] else { return step(choice: 0) }
    if choices == 2 { return step(choice: 1) }
    overlay = .choices(1)
    return nil
  }

  /// A step in turn, until nobody can go, a stop is reached or something is found.
  mutating func playOn() -> AppEffect? {
    let depth = timeline.depth
    let effect = tell(session.turn())
    if timeline.depth == depth { isPlaying = false }
    if let record = timeline.record, let reason = session.reasonToStop(record) {
      isPlaying = false
      message = .note(reason)
    }
    return effect
  }
}
