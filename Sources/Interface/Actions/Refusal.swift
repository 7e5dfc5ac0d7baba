import Machine
import Recording
import Scene

extension AppState {
  /// Why a command cannot be done now; nil when it can. The palette shows it beside the command, a key tells it as a message.
  func refusal(of command: Command) -> String? {
    if command.isForLessons {
      return isInLesson ? nil : "there is no lesson here; 'ioascope lesson' lists them"
    }
    switch command {
    case .step, .stepOver, .runToLock, .run, .why:
      guard moment.threads.indices.contains(thread) else { return noThread }
      return command == .why ? nil : whyNotStep
    case .finish:
      guard moment.threads.indices.contains(thread) else { return noThread }
      guard !moment.threads[thread].frames.isEmpty else {
        return
          "\(moment.threadName(thread)) is in no function; \(keys.name(of: .step)) begins its next operation"
      }
      return whyNotStep
    case .stepOtherWay:
      guard moment.readiness.indices.contains(thread) else { return noThread }
      guard case .ready(let choices) = moment.readiness[thread] else { return whyNotStep }
      guard choices > 1 else {
        return timeline.world.allowsFaults
          ? "this step has one way only; an allocation has two"
          : "allocations do not fail in this scenario; it does not say 'faults'"
      }
      return nil
    case .turn, .proceed, .random, .play:
      // What plays can always be stopped.
      if command == .play, isPlaying { return nil }
      return moment.readiness.contains(where: Self.canStep) ? nil : whyNobodyMoves
    case .undo: return timeline.here == 0 ? "this is the very start" : nil
    case .redo:
      return timeline.here == timeline.tip ? "nothing was undone; this is the end of the branch" : nil
    case .toStart: return timeline.here == 0 ? "this is the very start" : nil
    case .toEnd:
      return timeline.here == timeline.tip
        ? "this is the end of the branch; \(keys.name(of: .step)) goes on" : nil
    case .replay:
      return timeline.nodes.count > 1 ? nil : "nothing was done yet that could be played"
    case .present:
      return following == nil ? "no session is followed; 'ioascope follow' does that" : nil
    case .branches:
      return branches.count > 1 ? nil : "there is one branch; acting after an undo makes another"
    case .bookmarks:
      return bookmarks.isEmpty ? "no point has a name yet; \(keys.name(of: .bookmark)) gives one" : nil
    case .compare: return timeline.here == 0 ? "this is the very start" : nil
    case .addThread:
      return moment.threads.count < World.maximumThreads ? nil : "there are as many threads as there can be"
    case .nextThread, .previousThread:
      return moment.threads.count > 1
        ? nil : "there is one thread; \(keys.name(of: .addThread)) adds one"
    case .history:
      return shownObject == nil ? "no object is chosen; the arrows in Objects choose one" : nil
    case .findings:
      guard let check else { return "nothing was searched yet; \(keys.name(of: .check)) begins" }
      return check.findings.isEmpty ? "the check has found nothing\(check.isRunning ? " so far" : "")" : nil
    case .searchNext, .searchPrevious:
      return sought.isEmpty ? "nothing was looked for yet; \(keys.name(of: .search)) begins" : nil
    case .dismiss: return freed.isEmpty ? "no sign of a freed object is shown" : nil
    case .theme: return themeNames.isEmpty ? "there is no other theme" : nil
    default: return nil
    }
  }

  private var noThread: String { "there is no thread; \(keys.name(of: .addThread)) adds one" }

  /// Why the chosen thread cannot step; nil when it can.
  private var whyNotStep: String? {
    guard moment.readiness.indices.contains(thread), !Self.canStep(moment.readiness[thread]) else {
      return nil
    }
    return why(.notReady(moment.readiness[thread]))
  }

  private var whyNobodyMoves: String {
    timeline.isOver
      ? "every thread has finished; \(keys.name(of: .operation)) starts another operation, \(keys.name(of: .undo)) goes back"
      : "nobody can go on: \(ThreadRow.rows(moment).filter { $0.condition != .finished }.map { "\($0.name) \($0.words)" }.joined(separator: "; "))"
  }

  /// Why an action was refused.
  func why(_ refusal: Timeline.Refusal) -> String {
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
      case .finished:
        return "\(row.name) has finished; \(keys.name(of: .operation)) gives it another operation"
      case .blocked:
        guard case .blocked(_, let holders) = now.readiness[thread], let holder = holders.first,
          holder != thread
        else { return "\(row.name) is \(row.words)" }
        let name = now.threadName(holder)
        // A thread of one digit is one key away, others are reached in turn.
        let key = name.count == 2 && name.first == "T" ? String(name.dropFirst()) : keys.name(of: .nextThread)
        return "\(row.name) is \(row.words); \(key) chooses \(name)"
      case .asleep: return "\(row.name) is \(row.words); another thread must wake it"
      case .barrier: return "\(row.name) \(row.words)"
      default: return "\(row.name) cannot go on: \(row.words)"
      }
    }
  }
}
