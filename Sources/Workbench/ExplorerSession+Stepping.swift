import Machine
import Recording
import Scene
import StepLanguage

// Commands that move threads. Each says what there is to say about it; nil when what has changed speaks for itself.
extension ExplorerSession {
  /// The most steps that one command takes: a thread that never comes to an end must not hold up everything.
  private static let mostSteps = 20_000

  /// One step of the chosen thread.
  package mutating func step(choice: Int = 0) -> Message? {
    do throws(Timeline.Refusal) {
      try perform(.step(thread: thread, choice: choice))
    } catch {
      return .refusal(why(error))
    }
    refresh()
    let what = happened
    return what.isEmpty ? nil : .note(what)
  }

  /// Until the call that the chosen thread comes to has returned.
  package mutating func stepOver() -> Message? {
    let depth = stackDepth
    guard depth > 0 else { return step() }
    return advance { session, _ in session.stackDepth <= depth }
  }

  /// Until the chosen thread's function has returned.
  package mutating func finish() -> Message? {
    let depth = stackDepth
    return advance { session, _ in session.stackDepth < depth }
  }

  /// Until a lock is taken, released or waited for.
  package mutating func runToLock() -> Message? { advance { _, record in record.touchesLock } }

  /// Until the chosen thread is blocked or its operation ends.
  package mutating func run() -> Message? {
    advance { _, record in
      record.events.contains { $0.kind == .operationEnded || $0.kind == .barrierPassed }
    }
  }

  /// How many functions the chosen thread is in.
  private var stackDepth: Int { timeline.view.thread(thread).frames.count }

  /// Steps the chosen thread, once at least, until it is there, or cannot go on, or something was found.
  private mutating func advance(until isThere: (ExplorerSession, StepRecord) -> Bool) -> Message? {
    let start = timeline.here
    var taken = 0
    var stop: String?
    while taken < Self.mostSteps {
      do throws(Timeline.Refusal) {
        let record = try perform(.step(thread: thread, choice: 0))
        taken += 1
        if news(of: record) == nil, record.outcome != .stepped || isThere(self, record) { break }
        stop = reasonToStop(record)
        if stop != nil || record.outcome != .stepped { break }
      } catch {
        // Without a step it is a refusal; after some it says why it went no further.
        if taken == 0 { return .refusal(why(error)) }
        stop = why(error)
        break
      }
    }
    if taken == Self.mostSteps { stop = "stopped after \(taken) steps" }
    remember(start)
    refresh()
    return .note(stop ?? (taken == 1 && !happened.isEmpty ? happened : outcome(of: taken)))
  }

  // MARK: Several threads

  /// The next thread that can go takes a step and is chosen.
  package mutating func turn() -> Message? {
    let count = moment.readiness.count
    let last = timeline.record?.thread ?? count - 1
    for distance in 1...max(1, count) {
      let candidate = (last + distance) % max(1, count)
      guard moment.readiness.indices.contains(candidate), moment.readiness[candidate].canStep else {
        continue
      }
      thread = candidate
      return step()
    }
    return nil
  }

  /// Threads step in turn, each until it is blocked or through, until a stop, a finding or the end.
  package mutating func proceed() -> Message? {
    var order = SystematicOrder(first: thread)
    return runAll { session in order.next(session.timeline.readiness) }
  }

  /// The same, until one stop only.
  package mutating func proceed(until stop: Stop) -> Message? {
    let kept = stops
    stops = [stop]
    defer { stops = kept }
    return proceed()
  }

  /// How many steps `random` takes.
  private static let randomCount = 10

  /// Some steps of threads that are drawn by lot.
  package mutating func randomSteps() -> Message? {
    var left = Self.randomCount
    return runAll { session in
      guard left > 0 else { return nil }
      left -= 1
      let ready = session.timeline.readiness.indices.filter { session.timeline.readiness[$0].canStep }
      guard !ready.isEmpty else { return nil }
      return ready[session.lot.below(ready.count)]
    }
  }

  /// Steps whoever `next` names, until it names nobody, a stop is reached or something is found.
  private mutating func runAll(next: (inout ExplorerSession) -> Int?) -> Message? {
    let start = timeline.here
    var taken = 0
    var stop: String?
    while taken < Self.mostSteps, let candidate = next(&self) {
      guard let record = try? perform(.step(thread: candidate, choice: 0)) else { break }
      taken += 1
      thread = candidate
      stop = reasonToStop(record)
      if stop != nil { break }
    }
    if taken == Self.mostSteps { stop = "stopped after \(taken) steps" }
    remember(start)
    refresh()
    return .note(stop ?? outcome(of: taken))
  }
}
