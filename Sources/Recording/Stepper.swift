import Machine
import StepLanguage

/// Does actions in frames: the machine, and what reads its log. Copies of a timeline share one.
final class Stepper {
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

  let machine: Machine
  private let fingerprints: Fingerprints
  private let log = EventLog()

  init(world: World) {
    machine = Machine(world: world)
    fingerprints = Fingerprints(program: world.program)
  }

  /// Does an action in a frame. When it is not possible, the frame is as it was, but for a step that exceeds a limit: its frame is of no use any more.
  ///
  /// - Parameters:
  ///   - action: what to do.
  ///   - frame: changed in place.
  ///   - step: the number of the step that this is.
  ///   - findings: whether the model's invariants are evaluated. They change nothing, and take longer than the step itself.
  func apply(
    _ action: Action, to frame: inout TimelineFrame, step: Int, findings: Bool = true
  ) throws(Timeline.Refusal) -> Done {
    switch action {
    case .step(let thread, let choice):
      guard frame.world.threads.indices.contains(thread) else { throw .noSuchThread }
      // Copies of a timeline share the machine, and points differ in what was added on the way there.
      machine.use(frame.world)
      if machine.checksInvariants != findings { machine.checksInvariants = findings }
      var done = Done(thread: thread)
      done.statement = machine.nextStatement(of: thread, in: frame.state) ?? -1
      done.outcome = machine.step(thread, choice: choice, in: &frame.state, log: log)
      if let limit = machine.takeExceededLimit() { throw .exceeds(limit) }
      if done.outcome == .notReady { throw .notReady(machine.readiness(in: frame.state)[thread]) }
      done.lockOrder = frame.lockOrder.observe(log, state: frame.state, world: frame.world)
      done.traits = observe(&frame, step: step)
      if done.lockOrder != nil || machine.hasFindings { done.traits.insert(.finding) }
      done.fingerprint = fingerprints.of(statement: done.statement, outcome: done.outcome, log: log)
      return done
    case .start(let thread, let operation):
      // A worker has no operations of its own.
      guard frame.world.threads.indices.contains(thread), frame.world.threads[thread].queue == nil else {
        throw .noSuchThread
      }
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
      case .callBegan: traits.insert(.begins)
      case .callEnded: traits.insert(.ends)
      case .barrierPassed: traits.insert(.passesBarrier)
      case .acquired:
        traits.insert(.takesLock)
        frame.held.take(event, step: step)
      case .released:
        traits.insert(.releasesLock)
        frame.held.take(event, step: step)
      case .queued, .tryFailed: traits.insert(.missesLock)
      case .slept, .woken, .wokeNobody, .timedOut: traits.insert(.sleeps)
      case .freed: traits.formUnion([.frees, .changesObject])
      case .unitMissing: traits.formUnion([.missesUnit, .changesObject])
      case .stored, .counted, .unitMoved, .containerChanged, .allocated: traits.insert(.changesObject)
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
