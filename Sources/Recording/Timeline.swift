public import Machine
import StepLanguage

/// All that was done from a start state on, as a tree: acting after an undo makes a branch and keeps the old one.
///
/// Points hold actions in a few bytes; states are kept at keyframes only, and states and records are made again from there by replaying, which is
/// sound because a machine's step depends on nothing else.
public struct Timeline {
  /// Why an action was not possible.
  public enum Refusal: Error, Hashable, Sendable {
    /// There is no such thread.
    case noSuchThread
    /// The thread cannot step now.
    case notReady(Machine.Readiness)
    /// The step would go beyond a limit of the machine.
    case exceeds(ExceededLimit)
    /// There are as many threads as there can be.
    case tooManyThreads
    /// There are as many points, or as many ways on from this one, as there can be.
    case tooLong
    /// The step is possible, but does something else than it did when it was recorded.
    case differs
  }

  /// The most points.
  public static let pointLimit = 1 << 24
  /// The most ways on from one point.
  public static let branchLimit = 1_000

  /// Where we are.
  public internal(set) var here = 0
  /// What the sanitizers found in the start state.
  public let initialFindings: [Finding]
  /// All that was ever said about points, in the order in which it was said; what was taken back is still in it.
  public internal(set) var annotations: [Annotation] = []
  var annotationsByPoint: [Int: [Int]] = [:]
  /// What sessions said was found.
  public internal(set) var claims: [FindingClaim] = []

  var points = ChunkedArray<TimelinePoint>()
  /// The way from the start over here to the tip, by depth.
  var spine = ChunkedArray<Int32>()
  /// The actions that are no steps.
  var additions: [Action] = []
  private var pauses: [Int: Int] = [:]
  private var pendingPause = 0
  var keyframes: Keyframes
  var current: TimelineFrame
  var memory = TimelineMemory()
  let stepper: Stepper

  /// The timeline of a world at its start.
  public init(world: World) {
    stepper = Stepper(world: world)
    let state = stepper.machine.initialState()
    initialFindings = stepper.machine.findings
    current = TimelineFrame(state: state, world: world, lockOrder: LockOrder(program: world.program))
    keyframes = Keyframes(start: current)
    var start = TimelinePoint(parent: -1, depth: 0)
    if !initialFindings.isEmpty { start.lastFinding = 0 }
    points.append(start)
    spine.append(0)
  }

  // MARK: Where we are

  /// The state here.
  public var state: State { current.state }
  /// The world here: threads may have got operations on the way.
  public var world: World { current.world }
  /// The lock order seen on the way here.
  public var lockOrder: LockOrder { current.lockOrder }
  /// The state here as objects and threads.
  public var view: StateView { StateView(current.state, world: current.world) }
  /// What led here.
  public var record: StepRecord? { record(at: here) }
  /// How many actions lie behind.
  public var depth: Int { Int(points[here].depth) }
  /// For every thread, whether it can step, and if not, why.
  public var readiness: [Machine.Readiness] {
    stepper.machine.use(current.world)
    return stepper.machine.readiness(in: current.state)
  }
  /// Whether every thread is through.
  public var isOver: Bool { readiness.allSatisfy { $0 == .finished } }

  /// All points; 0 is the start.
  public var nodes: Nodes { Nodes(self) }
  /// The ends of all branches, by number.
  public var branchEnds: [Int] {
    if let known = memory.branchEnds, known.points == points.count { return known.ends }
    let ends = (0..<points.count).filter { points[$0].firstChild < 0 }
    memory.branchEnds = (points.count, ends)
    return ends
  }
  /// The last point that `redo` can reach.
  public var tip: Int { Int(spine[spine.count - 1]) }

  /// The points from the start to here.
  public var path: TimelinePath { path(to: here) }

  /// The points from the start to another one. On the way to the tip it takes no time.
  public func path(to node: Int) -> TimelinePath {
    let depth = Int(points[node].depth)
    if isOnSpine(node) { return TimelinePath(spine, count: depth + 1) }
    let own = branchOff(node)
    var way = spine
    way.truncate(to: Int(points[own[0]].depth))
    for point in own { way.append(Int32(point)) }
    return TimelinePath(way, count: depth + 1)
  }

  /// Whether a point lies on the path from the start over here to the last one that `redo` can reach.
  public func isOnActivePath(_ node: Int) -> Bool { nodes.indices.contains(node) && isOnSpine(node) }

  /// Whether a point lies on the way from the start over here to the tip.
  public func isOnSpine(_ node: Int) -> Bool {
    let depth = Int(points[node].depth)
    return depth < spine.count && spine[depth] == node
  }

  /// The last point that the way to another one and the way to the tip have in common.
  public func fork(of node: Int) -> Int {
    var point = node
    while !isOnSpine(point) { point = Int(points[point].parent) }
    return point
  }

  /// The points from behind the fork to a point that is not on the way to the tip, oldest first.
  private func branchOff(_ node: Int) -> [Int] {
    var result: [Int] = []
    var point = node
    while !isOnSpine(point) {
      result.append(point)
      point = Int(points[point].parent)
    }
    return result.reversed()
  }

  // MARK: Saying something

  /// Notes that the operator let some time go by; it belongs to the next new point.
  ///
  /// - Parameter milliseconds: how long; several pauses add up, to a day at most.
  public mutating func pause(milliseconds: Int) {
    pendingPause = min(pendingPause + max(0, min(milliseconds, Self.longestPause)), Self.longestPause)
  }

  /// How long the operator waited before the action that first led to a point, in milliseconds; nil when nobody said.
  public func pause(before point: Int) -> Int? { pauses[point] }

  /// The longest pause, in milliseconds: a day.
  public static let longestPause = 86_400_000

  // MARK: Moving

  /// Does an action here. If the same action was done here before, goes there; otherwise a new point is made.
  ///
  /// - Throws: `Refusal` when the action is not possible; nothing changes then.
  @discardableResult
  public mutating func perform(_ action: Action) throws(Refusal) -> StepRecord {
    let before = here
    let known = try room(for: action)
    let done = try apply(action, findings: true)
    let record = stepper.record(of: action, done)
    arrive(action, done, known)
    if here != before { memory.keep(record, at: here) }
    return record
  }

  /// Does an action here without telling what it did: for replaying many.
  ///
  /// - Parameters:
  ///   - action: what to do.
  ///   - fingerprint: what it did when it was recorded; nil when that is not known.
  ///   - hasFinding: whether something was found at it when it was recorded. Where nothing was, the model's invariants are not evaluated
  ///     again, which takes longer than the step itself; nil when that is not known.
  /// - Throws: `Refusal`; nothing changes then.
  public mutating func advance(
    _ action: Action, fingerprint: UInt32? = nil, hasFinding: Bool? = nil
  ) throws(Refusal) {
    let known = try room(for: action)
    let done = try apply(action, findings: hasFinding ?? true)
    if let fingerprint, fingerprint != done.fingerprint {
      makeCurrentAgain()
      throw .differs
    }
    arrive(action, done, known)
  }

  private mutating func apply(_ action: Action, findings: Bool) throws(Refusal) -> Stepper.Done {
    do {
      return try stepper.apply(action, to: &current, step: depth + 1, findings: findings)
    } catch {
      if case .exceeds = error { makeCurrentAgain() }
      throw error
    }
  }

  /// Where the state has moved on already though the action is refused; that happens once, so it may take a replay.
  private mutating func makeCurrentAgain() {
    memory.last = nil
    current = frame(at: here)
  }

  private mutating func arrive(_ action: Action, _ done: Stepper.Done, _ known: Int?) {
    if let known {
      prefer(known)
      here = known
      return
    }
    if !isKnownUniquelyReferenced(&memory) { memory = TimelineMemory() }
    let new = points.count
    var point = TimelinePoint(parent: Int32(here), depth: points[here].depth + 1)
    point.fingerprint = done.fingerprint
    point.thread = UInt8(done.thread)
    point.traits = done.traits.rawValue
    point.lastFinding = done.traits.contains(.finding) ? Int32(new) : points[here].lastFinding
    if case .step(_, let choice) = action {
      point.isStep = true
      point.detail = UInt32(choice)
    } else {
      point.detail = UInt32(additions.count)
      additions.append(action)
    }
    points.append(point)
    var parent = points[here]
    if parent.firstChild < 0 {
      parent.firstChild = Int32(new)
    } else {
      points[Int(parent.lastChild)].nextSibling = Int32(new)
    }
    parent.lastChild = Int32(new)
    points[here] = parent
    prefer(new)
    here = new
    if pendingPause > 0 { pauses[new] = pendingPause }
    pendingPause = 0
    if keyframes.wants(depth: Int(point.depth)) {
      let points = points
      keyframes.keep(current, at: new) { Int(points[$0].depth) }
    }
  }

  /// The point that an action led to from here before; nil when it makes a new one.
  ///
  /// - Throws: `tooLong` when there is no room for another.
  private func room(for action: Action) throws(Refusal) -> Int? {
    var child = points[here].firstChild
    var count = 0
    while child >= 0 {
      if self.action(at: Int(child)) == action { return Int(child) }
      child = points[Int(child)].nextSibling
      count += 1
    }
    guard points.count < Self.pointLimit, count < Self.branchLimit else { throw .tooLong }
    return nil
  }

  /// Makes a child of the present point the one that `redo` goes to, and the way behind it the one to the tip.
  private mutating func prefer(_ child: Int) {
    let depth = Int(points[child].depth)
    if points[here].preferred != child { points[here].preferred = Int32(child) }
    guard spine.count <= depth || spine[depth] != child else { return }
    spine.truncate(to: depth)
    follow(from: child)
  }

  /// Continues the way to the tip with a point and all that were visited last behind it.
  private mutating func follow(from point: Int) {
    var next = Int32(point)
    while next >= 0 {
      spine.append(next)
      next = points[Int(next)].preferred
    }
  }

  /// Goes one action back; false at the start.
  @discardableResult
  public mutating func undo() -> Bool {
    let parent = points[here].parent
    guard parent >= 0 else { return false }
    go(to: Int(parent))
    return true
  }

  /// Goes one action forward on the branch that was visited last; false at its end.
  @discardableResult
  public mutating func redo() -> Bool {
    let next = points[here].preferred
    guard next >= 0 else { return false }
    go(to: Int(next))
    return true
  }

  /// Goes to any point of the tree and remembers the way there for `redo`.
  public mutating func go(to node: Int) {
    guard node >= 0, node < points.count, node != here else { return }
    if !isOnSpine(node) {
      let own = branchOff(node)
      var parent = Int(points[own[0]].parent)
      spine.truncate(to: Int(points[parent].depth) + 1)
      for point in own {
        points[parent].preferred = Int32(point)
        parent = point
      }
      for point in own.dropLast() { spine.append(Int32(point)) }
      follow(from: node)
    }
    current = frame(at: node)
    here = node
  }
}
