public import Machine
import StepLanguage

/// All that was done from a start state on, as a tree: acting after an undo makes a branch and keeps the old one.
///
/// Nodes hold actions and what they did; states are kept at keyframes only and made again from there by replaying, which is sound because a
/// machine's step depends on nothing else.
public struct Timeline {
  /// A point of the tree.
  public struct Node: Sendable {
    /// The point before; nil for the start.
    public let parent: Int?
    /// How many actions lie before it.
    public let depth: Int
    /// What led here; nil for the start.
    public let record: StepRecord?
    /// The points after, oldest first.
    public internal(set) var children: [Int] = []
    /// The child that `redo` goes to: the one that was visited last.
    public internal(set) var preferred: Int?
  }

  /// Why an action was not possible.
  public enum Refusal: Error, Hashable, Sendable {
    /// There is no such thread.
    case noSuchThread
    /// The thread cannot step now.
    case notReady(Machine.Readiness)
    /// There are as many threads as there can be.
    case tooManyThreads
  }

  private struct Frame {
    var state: State
    var world: World
    var lockOrder: LockOrder
  }

  /// All points; 0 is the start.
  public private(set) var nodes: [Node]
  /// Where we are.
  public private(set) var here: Int
  /// What the sanitizers found in the start state.
  public let initialFindings: [Finding]
  /// All that was ever said about points, in the order in which it was said; what was taken back is still in it.
  public private(set) var annotations: [Annotation] = []
  private var pauses: [Int: Int] = [:]
  private var pendingPause = 0

  private var keyframes: [Int: Frame]
  private var current: Frame
  private let machine: Machine
  private let log = EventLog()

  /// How many actions lie between two kept states. Replaying that many takes well under a millisecond.
  private static let keyframeDistance = 64

  /// The timeline of a world at its start.
  public init(world: World) {
    machine = Machine(world: world)
    var state = machine.initialState()
    initialFindings = machine.findings
    state.trim(in: world)
    current = Frame(state: state, world: world, lockOrder: LockOrder(program: world.program))
    nodes = [Node(parent: nil, depth: 0, record: nil)]
    keyframes = [0: current]
    here = 0
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
  public var record: StepRecord? { nodes[here].record }
  /// How many actions lie behind.
  public var depth: Int { nodes[here].depth }
  /// For every thread, whether it can step, and if not, why.
  public var readiness: [Machine.Readiness] {
    machine.use(current.world)
    return machine.readiness(in: current.state)
  }
  /// Whether every thread is through.
  public var isOver: Bool { readiness.allSatisfy { $0 == .finished } }

  /// The points from the start to here.
  public var path: [Int] { path(to: here) }

  /// The points from the start to another one.
  public func path(to node: Int) -> [Int] {
    var result: [Int] = []
    var step: Int? = node
    while let point = step {
      result.append(point)
      step = nodes[point].parent
    }
    return result.reversed()
  }

  /// The last point that `redo` can reach.
  public var tip: Int {
    var point = here
    while let next = nodes[point].preferred { point = next }
    return point
  }

  // MARK: Saying something

  /// Says something about a point. An empty text takes back what was said with this kind there.
  ///
  /// - Parameters:
  ///   - kind: what for.
  ///   - text: what to say; cut off behind `Annotation.textLimit` bytes.
  ///   - point: the point; here without it.
  public mutating func annotate(_ kind: Annotation.Kind, _ text: String, at point: Int? = nil) {
    let point = point ?? here
    guard nodes.indices.contains(point) else { return }
    var text = text
    while kind != .unknown, text.utf8.count > Annotation.textLimit { text.removeLast() }
    annotations.append(Annotation(kind, text, at: point))
  }

  /// Notes that the operator let some time go by; it belongs to the next new point.
  ///
  /// - Parameter milliseconds: how long; several pauses add up, to a day at most.
  public mutating func pause(milliseconds: Int) {
    pendingPause = min(pendingPause + max(0, milliseconds), Self.longestPause)
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
    var frame = current
    let record = try apply(action, to: &frame)
    frame.state.trim(in: frame.world)
    current = frame
    if let known = nodes[here].children.first(where: { nodes[$0].record?.action == action }) {
      nodes[here].preferred = known
      here = known
      return record
    }
    nodes.append(Node(parent: here, depth: nodes[here].depth + 1, record: record))
    let new = nodes.count - 1
    nodes[here].children.append(new)
    nodes[here].preferred = new
    here = new
    if pendingPause > 0 { pauses[new] = pendingPause }
    pendingPause = 0
    if nodes[new].depth % Self.keyframeDistance == 0 { keyframes[new] = current }
    return record
  }

  /// Goes one action back; false at the start.
  @discardableResult
  public mutating func undo() -> Bool {
    guard let parent = nodes[here].parent else { return false }
    nodes[parent].preferred = here
    go(to: parent)
    return true
  }

  /// Goes one action forward on the branch that was visited last; false at its end.
  @discardableResult
  public mutating func redo() -> Bool {
    guard let next = nodes[here].preferred else { return false }
    go(to: next)
    return true
  }

  /// Goes to any point of the tree and remembers the way there for `redo`.
  public mutating func go(to node: Int) {
    guard nodes.indices.contains(node), node != here else { return }
    let path = path(to: node)
    for (point, next) in zip(path, path.dropFirst()) { nodes[point].preferred = next }
    current = frame(at: path)
    here = node
  }

  /// The state and the world at another point.
  public func situation(at node: Int) -> (state: State, world: World) {
    if node == here { return (current.state, current.world) }
    let frame = frame(at: path(to: node))
    return (frame.state, frame.world)
  }

  private func frame(at path: [Int]) -> Frame {
    let start = path.lastIndex { keyframes[$0] != nil } ?? 0
    var frame = keyframes[path[start]] ?? current
    for node in path[(start + 1)...] {
      guard let action = nodes[node].record?.action else { continue }
      do {
        _ = try apply(action, to: &frame)
      } catch {
        // A recorded action was possible when it was recorded, and a step depends on nothing but the state.
        preconditionFailure("a recorded action cannot be replayed: \(error)")
      }
    }
    frame.state.trim(in: frame.world)
    return frame
  }

  private func apply(_ action: Action, to frame: inout Frame) throws(Refusal) -> StepRecord {
    switch action {
    case .step(let thread, let choice):
      guard frame.world.threads.indices.contains(thread) else { throw .noSuchThread }
      // Copies of a timeline share the machine, and points differ in what was added on the way there.
      machine.use(frame.world)
      let before = StateView(frame.state, world: frame.world).thread(thread).nextStatement
      var state = frame.state
      let outcome = machine.step(thread, choice: choice, in: &state, log: log)
      if outcome == .notReady { throw .notReady(machine.readiness(in: frame.state)[thread]) }
      var findings = machine.findings
      frame.state = state
      if let finding = frame.lockOrder.observe(log, state: state, world: frame.world) {
        findings.append(finding)
      }
      return StepRecord(
        action: action, thread: thread, statement: before, outcome: outcome, events: log.events,
        values: log.values,
        findings: findings)
    case .start(let thread, let operation):
      guard frame.world.threads.indices.contains(thread) else { throw .noSuchThread }
      var world = frame.world
      let view = StateView(frame.state, world: world).thread(thread)
      world.insert(operation, thread: thread, at: view.operationsDone + (view.isInCall ? 1 : 0))
      frame.state = world.adopt(frame.state, from: frame.world)
      frame.world = world
      return StepRecord(
        action: action, thread: thread, statement: nil, outcome: .stepped, events: [], values: [],
        findings: [])
    case .addThread(let name):
      var world = frame.world
      guard let thread = world.addThread(named: name) else { throw .tooManyThreads }
      frame.state = world.adopt(frame.state, from: frame.world)
      frame.world = world
      return StepRecord(
        action: action, thread: thread, statement: nil, outcome: .stepped, events: [], values: [],
        findings: [])
    }
  }

  // MARK: Looking back

  /// The number of the step, from 1, at which the thread got the lock that it holds here; nil when it does not.
  public func stepThatTook(_ lock: LockReference, thread: Int) -> Int? {
    var point: Int? = here
    while let node = point {
      if let record = nodes[node].record {
        for event in record.events.reversed() where Int(event.thread) == thread {
          if event.kind == .acquired, Int(event.a) == lock.object.index + lock.offset {
            return nodes[node].depth
          }
        }
      }
      point = nodes[node].parent
    }
    return nil
  }

  /// The last records up to here, oldest first.
  public func recentRecords(_ count: Int) -> [(step: Int, record: StepRecord)] {
    var result: [(step: Int, record: StepRecord)] = []
    var point: Int? = here
    while let node = point, result.count < count {
      if let record = nodes[node].record { result.append((nodes[node].depth, record)) }
      point = nodes[node].parent
    }
    return result.reversed()
  }
}
