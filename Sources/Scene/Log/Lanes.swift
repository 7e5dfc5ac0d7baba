import Machine
public import Recording

/// Who stepped when: for each thread a lane, for each step a place in the lane of its thread.
public struct Lanes: Hashable, Sendable {
  /// What a step did, the most telling thing of several.
  public enum Kind: Hashable, Sendable {
    /// Nothing that others could wait for.
    case step
    /// An operation began.
    case began
    /// An operation returned 0.
    case ended
    /// An operation returned an errno.
    case failed
    /// A lock was taken.
    case taken
    /// A lock was released.
    case released
    /// A lock was not had, or the thread fell asleep.
    case waited
    /// An object was freed.
    case freed
    /// A sanitizer found something.
    case finding
    /// An operation or a thread was added by hand.
    case added
  }

  /// A step.
  public struct Mark: Hashable, Sendable {
    /// The point of the timeline.
    public let node: Int
    /// Its number.
    public let step: Int
    /// Whose step it was.
    public let thread: Int
    /// What it did.
    public let kind: Kind
    /// The step of another thread after which it could only come: the release of the lock that it takes. Nil when there is none
    /// in the window.
    public let cause: Int?
  }

  /// The steps of the window, in order.
  public let marks: [Mark]
  /// For each thread the steps of the window at which it was inside an operation.
  public let busy: [[Bool]]

  /// A window of the way from the start to the tip of the timeline.
  ///
  /// - Parameters:
  ///   - timeline: where to look.
  ///   - threads: how many lanes there are.
  ///   - focus: the step that is to be seen.
  ///   - count: how many steps the window has at most.
  public init(_ timeline: Timeline, threads: Int, focus: Int, count: Int) {
    let path = timeline.path(to: timeline.tip)
    let last = min(path.count - 1, max(focus + count / 5, count))
    let first = max(1, last - count + 1)
    guard count > 0, first <= last else {
      marks = []
      busy = Array(repeating: [], count: threads)
      return
    }
    var releases: [Place: (thread: Int, step: Int)] = [:]
    let log = LogBook(timeline)
    marks = (first...last).map { step in
      let node = timeline.nodes[path[step]]
      var cause: Int?
      let touches = node.traits.isDisjoint(with: .anyLock) ? [] : log[path[step]]?.touches ?? []
      for touch in touches where touch.kind == .locked {
        let place = Place(object: touch.object, field: touch.field)
        if node.traits.contains(.takesLock), let earlier = releases[place], earlier.thread != node.thread {
          cause = earlier.step
        }
        if node.traits.contains(.releasesLock) { releases[place] = (node.thread, step) }
      }
      return Mark(
        node: path[step], step: step, thread: node.thread, kind: Self.kind(node.traits), cause: cause)
    }
    let situation = timeline.situation(at: path[first - 1])
    let view = StateView(situation.state, world: situation.world)
    var isBusy = (0..<threads).map { $0 < situation.world.threads.count && view.thread($0).isInCall }
    var busy = Array(repeating: Array(repeating: false, count: marks.count), count: threads)
    for (column, mark) in marks.enumerated() {
      let traits = timeline.nodes[mark.node].traits
      if traits.contains(.begins), mark.thread < threads { isBusy[mark.thread] = true }
      for thread in 0..<threads { busy[thread][column] = isBusy[thread] }
      if !traits.isDisjoint(with: [.ends, .fails]), mark.thread < threads { isBusy[mark.thread] = false }
    }
    self.busy = busy
  }

  private struct Place: Hashable {
    var object: ObjectIdentity?
    var field: String
  }

  private static func kind(_ traits: StepTraits) -> Kind {
    if traits.contains(.finding) { return .finding }
    if !traits.isDisjoint(with: [.fails, .missesUnit]) { return .failed }
    if traits.contains(.ends) { return .ended }
    if traits.contains(.begins) { return .began }
    if traits.contains(.takesLock) { return .taken }
    if traits.contains(.releasesLock) { return .released }
    if !traits.isDisjoint(with: [.missesLock, .sleeps]) { return .waited }
    if traits.contains(.frees) { return .freed }
    return traits.contains(.byHand) ? .added : .step
  }
}
