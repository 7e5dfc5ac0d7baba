import Machine
import Recording
import Scene
import StepLanguage

extension AppState {
  // MARK: One step

  mutating func step(choice: Int) -> AppEffect? {
    guard moment.threads.indices.contains(thread) else { return refuse("there is no thread; t adds one") }
    do throws(Timeline.Refusal) {
      try perform(.step(thread: thread, choice: choice))
    } catch {
      return refuse(why(error))
    }
    refresh()
    return nil
  }

  mutating func stepOtherWay() -> AppEffect? {
    guard moment.readiness.indices.contains(thread) else { return refuse("there is no thread; t adds one") }
    guard case .ready(let choices) = moment.readiness[thread] else { return step(choice: 0) }
    guard choices > 1 else {
      let allowed = timeline.world.allowsFaults
      return refuse(
        allowed
          ? "this step has one way only; an allocation has two"
          : "allocations do not fail in this scenario; it does not say 'faults'")
    }
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
    guard depth > 0 else {
      return refuse("\(moment.threadName(thread)) is in no function; space begins its next operation")
    }
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
    guard moment.threads.indices.contains(thread) else { return refuse("there is no thread; t adds one") }
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
    return refuse(whyNobodyMoves)
  }

  /// A step in turn, until nobody can go or something is found.
  mutating func playOn() -> AppEffect? {
    let effect = turn()
    if effect != nil || !(timeline.record?.findings.isEmpty ?? true) { isPlaying = false }
    return effect
  }

  private var whyNobodyMoves: String {
    timeline.isOver
      ? "every thread has finished; o starts another operation, u goes back"
      : "nobody can go on: \(ThreadRow.rows(moment).filter { $0.condition != .finished }.map { "\($0.name) \($0.words)" }.joined(separator: "; "))"
  }

  // MARK: Words

  /// Why an action was refused.
  func why(_ refusal: Timeline.Refusal) -> String {
    switch refusal {
    case .noSuchThread: return "there is no such thread"
    case .tooManyThreads: return "there are as many threads as there can be"
    case .notReady:
      // The timeline may have moved on since the moment was read.
      let now = Moment(timeline, before: lastView ?? timeline.view)
      let row = ThreadRow.rows(now)[thread]
      switch row.condition {
      case .finished: return "\(row.name) has finished; o gives it another operation"
      case .blocked:
        guard case .blocked(_, let holders) = now.readiness[thread], let holder = holders.first,
          holder != thread
        else { return "\(row.name) is \(row.words)" }
        let name = now.threadName(holder)
        // A thread of one digit is one key away, others are reached in turn.
        let key = name.count == 2 && name.first == "T" ? String(name.dropFirst()) : "tab"
        return "\(row.name) is \(row.words); \(key) chooses \(name)"
      case .asleep: return "\(row.name) is \(row.words); another thread must wake it"
      case .barrier: return "\(row.name) \(row.words)"
      default: return "\(row.name) cannot go on: \(row.words)"
      }
    }
  }
}
