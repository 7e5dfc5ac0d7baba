import Machine
import SmallModels
import StepLanguage
import Testing

/// Compiles a small model, runs its threads, and keeps what was found: the tests' way to try one rule of the machine.
final class Laboratory {
  let world: World
  let machine: Machine
  let log = EventLog()
  var state: State
  var findings: [Finding] = []
  var lockOrder: LockOrder
  var results: [String] = []

  /// - Parameters:
  ///   - model: items of a model, without its head.
  ///   - threads: for each thread its operations, in the syntax of scripts; the first one is T0.
  init(_ model: String, threads: [[String]], faults: Bool = false) throws {
    world = try World.small(model, threads: threads, faults: faults)
    machine = Machine(world: world)
    state = machine.initialState()
    lockOrder = LockOrder(program: world.program)
  }

  var view: StateView { StateView(state, world: world) }

  /// Whether a thread can step.
  func isReady(_ thread: Int) -> Bool {
    if case .ready = machine.readiness(in: state)[thread] { return true }
    return false
  }

  @discardableResult
  func step(_ thread: Int, choice: Int = 0) -> Machine.Outcome {
    let outcome = machine.step(thread, choice: choice, in: &state, log: log)
    findings += machine.findings
    if let finding = lockOrder.observe(log, state: state, world: world) { findings.append(finding) }
    for event in log.events where event.kind == .operationEnded {
      results.append("T\(thread) \(world.program.entries[Int(event.a)].name) \(event.b)")
    }
    return outcome
  }

  /// Steps a thread until its next statement begins so, or it cannot go on.
  func run(_ thread: Int, to text: String) {
    for _ in 0..<10_000 {
      if let next = view.thread(thread).nextStatement, world.program.text(of: next).hasPrefix(text) { return }
      if step(thread) == .notReady { return }
    }
    Issue.record("thread \(thread) never came to '\(text)'")
  }

  /// Steps a thread until it cannot go on.
  func run(_ thread: Int) {
    for _ in 0..<100_000 where step(thread) == .notReady { return }
  }

  /// Lets every thread run as long as it can, the first one first, until nobody can go on.
  func runAll() {
    for _ in 0..<100_000 {
      let readiness = machine.readiness(in: state)
      guard
        let next = readiness.firstIndex(where: {
          switch $0 {
          case .ready, .timeout: true
          default: false
          }
        })
      else { return }
      step(next)
    }
    Issue.record("this never ends")
  }

  var properties: [Property] { findings.map(\.property) }
}
