import Recording

// Points in time: names, branches, going there.
extension ExplorerSession {
  /// The points with names, in the order of their steps.
  public var bookmarks: [(node: Int, text: String)] {
    timeline.annotations(of: .marker).map { (node: $0.point, text: $0.text) }
      .sorted { (timeline.nodes[$0.node].depth, $0.node) < (timeline.nodes[$1.node].depth, $1.node) }
  }

  /// Gives the present point a name; another name replaces the first.
  package mutating func name(point text: String) {
    if !timeline.annotations(at: timeline.here).filter({ $0.kind == .marker }).isEmpty {
      timeline.annotate(.marker, "")
    }
    timeline.annotate(.marker, text)
  }

  /// Gives the present branch a name; an empty one takes it away.
  package mutating func name(branch text: String) {
    if let old = timeline.pointThatNames(branch: timeline.tip), old != timeline.tip || text.isEmpty {
      timeline.annotate(.branch, "", at: old)
    }
    if !text.isEmpty { timeline.annotate(.branch, text, at: timeline.tip) }
  }

  /// The name of the branch that ends at a point; nil when it has none.
  public func branchName(of end: Int) -> String? { timeline.branchName(of: end) }

  /// The points that can be compared with the present one: the start, the end of the set-up, and those with names.
  package var landmarks: [(node: Int, text: String)] {
    var result = [(node: 0, text: "the very start")]
    if setupEnd != 0 { result.append((setupEnd, "the end of the set-up")) }
    return result + bookmarks
  }

  // MARK: Going there

  /// Notes that a command took the steps from a point to the present one: they are undone together.
  package mutating func remember(_ start: Int) {
    if timeline.nodes[timeline.here].parent != start, timeline.here != start { begins[timeline.here] = start }
  }

  /// Back to before the last command: all of its steps, or one.
  package mutating func undo() -> Message? {
    guard let start = begins[timeline.here], start != timeline.here else { return stepBack() }
    let (end, depth) = (timeline.here, timeline.depth)
    ends[start] = end
    go(to: start)
    refresh()
    followThread()
    let back = depth - timeline.depth
    return .note("\(back) step\(back == 1 ? "" : "s") back; \(hint("step-back")) goes step by step")
  }

  /// One step back.
  package mutating func stepBack() -> Message? {
    guard timeline.undo() else { return nil }
    lastView = nil
    refresh()
    followThread()
    return nil
  }

  /// Forward again: over all steps of a command that was undone, or one.
  package mutating func redo() -> Message? {
    if let end = ends[timeline.here], timeline.path(to: timeline.tip).contains(end) {
      go(to: end)
    } else {
      guard timeline.redo() else { return nil }
      lastView = nil
    }
    refresh()
    if let thread = timeline.record?.thread { self.thread = thread }
    return nil
  }

  /// Goes to a point of the timeline.
  package mutating func seek(to node: Int, whenHere reason: String) -> Message? {
    guard node != timeline.here else { return .refusal(reason) }
    go(to: node)
    refresh()
    followThread()
    return nil
  }

  /// Goes to a step of this branch, by its number.
  package mutating func seek(toStep step: Int) -> Message? {
    let path = timeline.path(to: timeline.tip)
    guard path.indices.contains(step) else {
      return .refusal("this branch has the steps 0 to \(path.count - 1)")
    }
    return seek(to: path[step], whenHere: "this is step \(step)")
  }

  /// Goes to a share of this branch, in percent.
  package mutating func seek(toShare share: Int) -> Message? {
    guard (0...100).contains(share) else { return .refusal("a share of the branch goes from 0% to 100%") }
    let path = timeline.path(to: timeline.tip)
    let step = (path.count - 1) * share / 100
    return seek(to: path[step], whenHere: "this is step \(step)")
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
  public var branches: [Int] { timeline.branchEnds }
}
