import Recording
import Scene

extension AppState {
  mutating func undo() -> AppEffect? {
    guard timeline.undo() else { return nil }
    lastView = nil
    refresh()
    followThread()
    return nil
  }

  mutating func redo() -> AppEffect? {
    guard timeline.redo() else { return nil }
    lastView = nil
    refresh()
    if let thread = timeline.record?.thread { self.thread = thread }
    return nil
  }

  /// Goes to a point of the timeline.
  mutating func seek(to node: Int, whenHere reason: String) -> AppEffect? {
    guard node != timeline.here else { return refuse(reason) }
    go(to: node)
    refresh()
    followThread()
    return nil
  }

  /// Chooses the thread that would step next when redoing, so that undo, step, undo stays with one thread.
  private mutating func followThread() {
    if let next = timeline.nodes[timeline.here].preferred {
      let stepping = timeline.nodes[next].thread
      if moment.threads.indices.contains(stepping) { thread = stepping }
    } else if let last = timeline.record?.thread {
      thread = last
    }
  }

  /// The ends of all branches, the oldest first.
  public var branches: [Int] {
    timeline.branchEnds
  }

  /// Where a branch leaves the one that is shown: the last point that both have.
  func fork(of branch: Int) -> Int {
    timeline.fork(of: branch)
  }
}
