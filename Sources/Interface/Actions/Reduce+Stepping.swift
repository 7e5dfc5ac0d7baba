import Explorer
import Machine
import Recording
import Scene
import StepLanguage

extension AppState {
  // MARK: One step

  mutating func step(choice: Int) -> AppEffect? {
    do throws(Timeline.Refusal) {
      try perform(.step(thread: thread, choice: choice))
    } catch {
      return refuse(why(error))
    }
    refresh()
    return nil
  }

  mutating func stepOtherWay() -> AppEffect? {
    guard case .ready(let choices) = moment.readiness[thread] else { return step(choice: 0) }
    if choices == 2 { return step(choice: 1) }
    overlay = .choices(1)
    return nil
  }

  // MARK: Several steps

  mutating func stepOver() -> AppEffect? {
    let depth = stackDepth
    guard depth > 0 else { return step(choice: 0) }
    return advance(atLeastOnce: true) { state, _ in
      state.stackDepth <= depth
    }
  }

  mutating func finish() -> AppEffect? {
    let depth = stackDepth
    return advance(atLeastOnce: true) { state, _ in state.stackDepth < depth }
  }

  mutating func runToLock() -> AppEffect? {
    advance(atLeastOnce: true) { _, record in record.touchesLock }
  }

  mutating func run() -> AppEffect? {
    advance(atLeastOnce: true) { _, record in
      record.events.contains { $0.kind == .operationEnded || $0.kind == .barrierPassed }
    }
  }

  /// How many functions the chosen thread is in.
  private var stackDepth: Int {
    timeline.view.thread(thread).frames.count
  }

  /// Steps the chosen thread until it is there, or cannot go on, or something was found.
  private mutating func advance(
    atLeastOnce: Bool, until isThere: (AppState, StepRecord) -> Bool
  ) -> AppEffect? {
    var taken = 0
    var stop: String?
    while taken < Self.mostSteps {
      do throws(Timeline.Refusal) {
        let record = try perform(.step(thread: thread, choice: 0))
        taken += 1
        if !record.findings.isEmpty {
          stop = "stopped: \(record.findings[0].property.rawValue)"
          break
        }
        if record.outcome != .stepped { break }
        if isThere(self, record) { break }
        if let reached = stopReached(record) {
          stop = "stopped: \(reached.text)"
          break
        }
      } catch {
        // Without a step it is a refusal; after some it says why it went no further.
        if taken == 0 { return refuse(why(error)) }
        stop = why(error)
        break
      }
    }
    if taken == Self.mostSteps { stop = "stopped after \(taken) steps" }
    refresh()
    if let stop { message = .note(stop) } else if taken > 1 { message = .note("\(taken) steps") }
    return nil
  }

  // MARK: In turn

  mutating func turn() -> AppEffect? {
    let count = moment.readiness.count
    let last = timeline.record?.thread ?? count - 1
    for distance in 1...max(1, count) {
      let candidate = (last + distance) % max(1, count)
      guard moment.readiness.indices.contains(candidate), Self.canStep(moment.readiness[candidate]) else {
        continue
      }
      thread = candidate
      return step(choice: 0)
    }
    return nil
  }

  /// Threads step in turn, each until it is blocked or through, until a stop, a finding or the end.
  mutating func proceed() -> AppEffect? {
    var order = SystematicOrder(first: thread)
    return runAll { state in order.next(state.timeline.readiness) }
  }

  /// How many steps `random` takes.
  private static let randomCount = 10

  /// Some steps of threads that are drawn by lot.
  mutating func randomSteps() -> AppEffect? {
    var left = Self.randomCount
    return runAll { state in
      guard left > 0 else { return nil }
      left -= 1
      let ready = state.timeline.readiness.indices.filter { Self.canStep(state.timeline.readiness[$0]) }
      guard !ready.isEmpty else { return nil }
      return ready[state.lot.below(ready.count)]
    }
  }

  /// Steps whoever `next` names, until it names nobody, a stop is reached or something is found.
  private mutating func runAll(next: (inout AppState) -> Int?) -> AppEffect? {
    var taken = 0
    var stop: String?
    while taken < Self.mostSteps, let candidate = next(&self) {
      guard let record = try? perform(.step(thread: candidate, choice: 0)) else { break }
      taken += 1
      thread = candidate
      if let finding = record.findings.first {
        stop = "stopped: \(finding.property.rawValue)"
        break
      }
      if let reached = stopReached(record) {
        stop = "stopped: \(reached.text)"
        break
      }
    }
    if taken == Self.mostSteps { stop = "stopped after \(taken) steps" }
    refresh()
    message = .note(stop ?? "\(taken) step\(taken == 1 ? "" : "s")")
    return nil
  }

  /// A step in turn, until nobody can go, a stop is reached or something is found.
  mutating func playOn() -> AppEffect? {
    let depth = timeline.depth
    let effect = turn()
    if timeline.depth == depth || !(timeline.record?.findings.isEmpty ?? true) { isPlaying = false }
    if let record = timeline.record, let reached = stopReached(record) {
      isPlaying = false
      message = .note("stopped: \(reached.text)")
    }
    return effect
  }
}
