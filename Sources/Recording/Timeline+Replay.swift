public import Machine
import StepLanguage

extension Timeline {
  /// What an action did.
  struct Done {
    var thread: Int
    var statement = -1
    var outcome = Machine.Outcome.stepped
    var traits: StepTraits = []
    var fingerprint: UInt32 = 0
    /// A circle in the order of locks that the step closed.
    var lockOrder: Finding?
  }

  // MARK: Points

  /// What led to a point; nil for the start.
  public func action(at node: Int) -> Action? {
    let point = points[node]
    guard point.parent >= 0 else { return nil }
    return point.isStep
      ? .step(thread: Int(point.thread), choice: Int(point.detail)) : additions[Int(point.detail)]
  }

  /// What the action that led to a point did, in 32 bits: the same under every model in which it does the same. Nil for what is no step.
  public func fingerprint(at node: Int) -> UInt32? {
    points[node].isStep ? points[node].fingerprint : nil
  }

  /// The nearest point at or before this one at which a sanitizer found something.
  public func lastFinding(upTo node: Int) -> Int? {
    let point = points[node].lastFinding
    return point < 0 ? nil : Int(point)
  }

  /// What led to a point, made again by replaying unless it was asked for lately; nil for the start.
  public func record(at node: Int) -> StepRecord? {
    guard points[node].parent >= 0 else { return nil }
    if let known = memory.record(at: node) { return known }
    let depth = Int(points[node].depth)
    let parent = Int(points[node].parent)
    // Who goes forward asks for one after another; who asks for one out of the blue asks for those before it soon.
    let isNext = memory.last?.point == parent || memory.record(at: parent) != nil
    let first = isNext ? depth : max(0, depth - Self.block + 1)
    _ = replay(to: node, recordsFrom: first)
    return memory.record(at: node)
  }

  /// The state and the world at another point.
  public func situation(at node: Int) -> (state: State, world: World) {
    if node == here { return (current.state, current.world) }
    let frame = frame(at: node)
    return (frame.state, frame.world)
  }

  /// Something that is made of a point and remembered for a while, such as its row in a log.
  ///
  /// - Parameters:
  ///   - node: the point.
  ///   - make: makes it; must depend on nothing but the timeline up to the point.
  public func remembered<Value>(at node: Int, _ make: () -> Value) -> Value {
    if let known = memory.value(at: node, of: Value.self) { return known }
    let value = make()
    memory.keep(value, at: node)
    return value
  }

  /// The last records up to here, oldest first.
  public func recentRecords(_ count: Int) -> [(step: Int, record: StepRecord)] {
    var result: [(step: Int, record: StepRecord)] = []
    var point = here
    while result.count < count, let record = record(at: point) {
      result.append((Int(points[point].depth), record))
      point = Int(points[point].parent)
    }
    return result.reversed()
  }

  /// The number of the step, from 1, at which the thread got the lock that it holds here; nil when it does not.
  public func stepThatTook(_ lock: LockReference, thread: Int) -> Int? {
    current.held.step(thread: thread, address: Int64(lock.object.index + lock.offset))
  }

  // MARK: Replaying

  /// How many steps lie between two frames that are remembered for a while.
  private static var block: Int { 64 }

  /// The frame at a point.
  func frame(at node: Int) -> TimelineFrame { replay(to: node, recordsFrom: nil) }

  private func replay(to node: Int, recordsFrom firstRecord: Int?) -> TimelineFrame {
    var way: [Int32] = []
    var point = node
    var frame: TimelineFrame
    while true {
      let depth = Int(points[point].depth)
      // With records, the frame before the first of them is needed.
      if firstRecord.map({ depth < $0 }) ?? true || point == 0 {
        if let last = memory.last, last.point == point {
          frame = last.frame
          break
        }
        if depth % Self.block == 0, let known = keyframes[point] ?? memory.frame(at: point) {
          frame = known
          break
        }
      }
      way.append(Int32(point))
      point = Int(points[point].parent)
    }
    let end = Int(points[node].depth)
    // The last frame is to be stepped in place, so nobody else may hold it.
    memory.last = nil
    for next in way.reversed() {
      let number = Int(next)
      guard let action = action(at: number) else { continue }
      let depth = Int(points[number].depth)
      do throws(Refusal) {
        let done = try apply(action, to: &frame, step: depth)
        if let firstRecord, depth >= firstRecord {
          memory.keep(record(of: action, done), at: number)
        }
      } catch {
        // A recorded action was possible when it was recorded, and a step depends on nothing but the state.
        preconditionFailure("a recorded action cannot be replayed: \(error)")
      }
      if depth % Self.block == 0, depth > end - 4 * Self.block {
        memory.keep(frame, at: number)
      }
    }
    memory.last = (node, frame)
    return frame
  }

  /// Does an action in a frame. When it is not possible, the frame is as it was.
  func apply(_ action: Action, to frame: inout TimelineFrame, step: Int) throws(Refusal) -> Done {
    switch action {
    case .step(let thread, let choice):
      guard frame.world.threads.indices.contains(thread) else { throw .noSuchThread }
      // Copies of a timeline share the machine, and points differ in what was added on the way there.
      machine.use(frame.world)
      var done = Done(thread: thread)
      done.statement = machine.nextStatement(of: thread, in: frame.state) ?? -1
      done.outcome = machine.step(thread, choice: choice, in: &frame.state, log: log)
      if done.outcome == .notReady { throw .notReady(machine.readiness(in: frame.state)[thread]) }
      done.lockOrder = frame.lockOrder.observe(log, state: frame.state, world: frame.world)
      done.traits = observe(&frame, step: step)
      if done.lockOrder != nil || machine.hasFindings { done.traits.insert(.finding) }
      done.fingerprint = fingerprints.of(statement: done.statement, outcome: done.outcome, log: log)
      return done
    case .start(let thread, let operation):
      guard frame.world.threads.indices.contains(thread) else { throw .noSuchThread }
      let old = frame.world
      let view = StateView(frame.state, world: old).thread(thread)
      frame.world.insert(operation, thread: thread, at: view.operationsDone + (view.isInCall ? 1 : 0))
      frame.state = frame.world.adopt(frame.state, from: old)
      return Done(thread: thread, traits: .byHand)
    case .addThread(let name):
      let old = frame.world
      guard let thread = frame.world.addThread(named: name) else { throw .tooManyThreads }
      frame.state = frame.world.adopt(frame.state, from: old)
      return Done(thread: thread, traits: .byHand)
    }
  }

  /// Reads the log of a step: its traits, and who holds which lock since when.
  private func observe(_ frame: inout TimelineFrame, step: Int) -> StepTraits {
    var traits: StepTraits = []
    for number in 0..<log.count {
      let event = log[number]
      switch event.kind {
      case .operationStarted: traits.insert(.begins)
      case .operationEnded: traits.insert(event.b < 0 ? .fails : .ends)
      case .barrierPassed: traits.insert(.passesBarrier)
      case .acquired:
        traits.insert(.takesLock)
        frame.held.take(event, step: step)
      case .released:
        traits.insert(.releasesLock)
        frame.held.take(event, step: step)
      case .queued, .tryFailed: traits.insert(.missesLock)
      case .slept, .woken, .wokeNobody, .timedOut: traits.insert(.sleeps)
      case .freed: traits.insert(.frees)
      case .unitMissing: traits.insert(.missesUnit)
      default: break
      }
    }
    return traits
  }

  /// The record of what was just done: the log and the machine still hold it.
  func record(of action: Action, _ done: Done) -> StepRecord {
    guard case .step = action else {
      return StepRecord(
        action: action, thread: done.thread, statement: nil, outcome: .stepped, events: [], values: [],
        findings: [])
    }
    return StepRecord(
      action: action, thread: done.thread, statement: done.statement < 0 ? nil : done.statement,
      outcome: done.outcome, events: log.events, values: log.values,
      findings: machine.findings + (done.lockOrder.map { [$0] } ?? []))
  }
}
