public import Machine
public import Recording
public import Scene
import StepLanguage

/// The present point of a timeline, for conditions and questions.
public struct Live {
  /// The timeline.
  public let timeline: Timeline
  /// Its present point, read out.
  public let moment: Moment

  /// The present point of a timeline.
  ///
  /// - Parameters:
  ///   - timeline: the timeline.
  ///   - before: the state before the last step, when it is at hand.
  public init(_ timeline: Timeline, before: StateView? = nil) {
    self.timeline = timeline
    moment = Moment(timeline, before: before)
  }

  var view: StateView { moment.view }
  var program: Program { moment.view.world.program }

  /// The number of the thread of that name.
  func thread(_ name: String) -> Int? { moment.threads.firstIndex { $0.name == name } }

  /// Whether a thread can step.
  func canStep(_ thread: Int) -> Bool { moment.readiness[thread].isReady }

  /// The lock of that name.
  func lock(named name: String) -> LockReference? { view.lock(named: name) }

  func holds(_ thread: Int, _ name: String) -> Bool {
    moment.threads[thread].held.contains { view.name(of: $0) == name }
  }

  /// What the thread's last system call returned.
  func lastResult(of thread: Int) -> Int64? {
    for entry in timeline.recentRecords(.max).reversed() {
      for event in entry.record.events.reversed() where Int(event.thread) == thread {
        if event.kind == .operationEnded { return event.b }
      }
    }
    return nil
  }

  /// What was found on the way here.
  var findings: [Finding] {
    timeline.initialFindings + timeline.recentRecords(.max).flatMap(\.record.findings)
  }

  /// Whether the last step was a thread's and did this.
  func did(_ thread: Int, _ deed: Condition.Deed, _ name: String) -> Bool {
    guard let record = moment.record, record.thread == thread else { return false }
    func function(_ event: Event) -> String? {
      let index = Int(event.kind == .calledDriver ? event.b : event.a)
      return program.functions.indices.contains(index) ? program.functions[index].name : nil
    }
    func changed(_ kind: LockChange.Kind) -> Bool {
      moment.lockChanges.contains { $0.thread == thread && $0.kind == kind && $0.name == name }
    }
    func happened(_ kind: Event.Kind) -> Bool {
      record.events.contains { $0.kind == kind && Int($0.thread) == thread && function($0) == name }
    }
    switch deed {
    case .takes: return changed(.taken)
    case .releases: return changed(.released)
    case .queues: return changed(.queued)
    case .enters: return happened(.entered)
    case .leaves: return happened(.left)
    case .calls: return happened(.calledDriver)
    case .begins:
      return record.events.contains {
        $0.kind == .operationStarted && Int($0.thread) == thread && program.entries[Int($0.a)].name == name
      }
    }
  }

  /// What a thread is up to, in words, with the reason.
  func words(for thread: Int) -> String {
    let row = ThreadRow.rows(moment)[thread]
    return "\(row.name) is \(row.condition == .barrier ? "waiting: it \(row.words)" : row.words)"
  }
}

extension Machine.Readiness {
  /// Whether the thread can step.
  var isReady: Bool {
    switch self {
    case .ready, .timeout: true
    default: false
    }
  }
}

extension StateView {
  /// The lock of that name, such as `device1.lock` or `files.xa_lock`.
  func lock(named name: String) -> LockReference? {
    for object in [ObjectReference.globals] + objects {
      for field in type(of: object).fields {
        let offset: Int
        switch field.type {
        case .mutex, .rwSemaphore, .spinlock: offset = field.offset
        case .xarray: offset = field.offset + 1
        default: continue
        }
        let lock = LockReference(object: object, offset: offset, mode: .exclusive)
        if self.name(of: lock) == name { return lock }
      }
    }
    return nil
  }
}
