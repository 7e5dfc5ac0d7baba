import Recording
import Workbench

extension AppState {
  /// Goes to a point of the timeline.
  mutating func seek(to node: Int, whenHere reason: String) -> AppEffect? {
    tell(session.seek(to: node, whenHere: reason))
  }

  /// Where a branch leaves the one that is shown: the last point that both have.
  func fork(of branch: Int) -> Int { timeline.fork(of: branch) }
}
