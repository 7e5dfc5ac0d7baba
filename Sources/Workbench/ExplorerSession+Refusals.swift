import Machine
package import Recording
import Scene

// Why something cannot be done now, in words.
extension ExplorerSession {
  /// What to say when there is no thread.
  package var noThread: String { "there is no thread; \(hint("add-thread")) adds one" }

  /// Why the chosen thread cannot step; nil when it can.
  package var whyNotStep: String? {
    guard moment.threads.indices.contains(thread) else { return noThread }
    guard moment.readiness.indices.contains(thread), !moment.readiness[thread].canStep else { return nil }
    return why(.notReady(moment.readiness[thread]))
  }

  /// Why nobody can step; nil when somebody can.
  package var whyNobodySteps: String? {
    if moment.readiness.contains(where: \.canStep) { return nil }
    if timeline.isOver {
      return
        "every thread has finished; \(hint("operation")) starts another operation, \(hint("undo")) goes back"
    }
    let rows = ThreadRow.rows(moment).filter { $0.condition != .finished }
    return "nobody can go on: \(rows.map { "\($0.name) \($0.words)" }.joined(separator: "; "))"
  }

  /// Why the chosen thread's step has no other way; nil when it has.
  package var whyNoOtherWay: String? {
    guard moment.readiness.indices.contains(thread) else { return noThread }
    guard case .ready(let choices) = moment.readiness[thread] else { return whyNotStep }
    if choices > 1 { return nil }
    return timeline.world.allowsFaults
      ? "this step has one way only; an allocation has two"
      : "allocations do not fail in this scenario; it does not say 'faults'"
  }

  /// Why the chosen thread has no function to return from; nil when it has and can step.
  package var whyNotFinish: String? {
    guard moment.threads.indices.contains(thread) else { return noThread }
    if moment.threads[thread].frames.isEmpty {
      return "\(moment.threadName(thread)) is in no function; \(hint("step")) begins its next operation"
    }
    return whyNotStep
  }

  /// Why an action was refused.
  package func why(_ refusal: Timeline.Refusal) -> String {
    switch refusal {
    case .noSuchThread: return "there is no such thread"
    case .tooLong: return "there are as many steps, or as many ways on from here, as there can be"
    case .differs: return "the step does something else than it did when it was recorded"
    case .exceeds(let limit): return limit.message
    case .tooManyThreads: return "there are as many threads as there can be"
    case .notReady:
      // The timeline may have moved on since the moment was read.
      let now = lastView == nil ? moment : Moment(timeline, before: lastView)
      let row = ThreadRow.rows(now)[thread]
      switch row.condition {
      case .finished: return "\(row.name) has finished; \(hint("operation")) gives it another operation"
      case .blocked:
        guard case .blocked(_, let holders) = now.readiness[thread], let holder = holders.first,
          holder != thread
        else { return "\(row.name) is \(row.words)" }
        return
          "\(row.name) is \(row.words); \(hint(thread: now.threadName(holder))) chooses \(now.threadName(holder))"
      case .asleep: return "\(row.name) is \(row.words); another thread must wake it"
      case .barrier: return "\(row.name) \(row.words)"
      default: return "\(row.name) cannot go on: \(row.words)"
      }
    }
  }

  /// How a thread is chosen: those of one digit are one key away, others are reached in turn; without keys by their names.
  private func hint(thread name: String) -> String {
    guard hints["next-thread"] != nil else { return name }
    return name.count == 2 && name.first == "T" ? String(name.dropFirst()) : hint("next-thread")
  }
}
