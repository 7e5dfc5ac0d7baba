public import Machine
public import Recording
import StepLanguage

/// A point of a timeline with all that scenes are made of: the state, the state before, what the step between them did,
/// and since when each lock is held.
///
/// It is made once when the timeline moves, so that frames need no replay.
public struct Moment: Sendable {
  /// How many steps lie behind.
  public let step: Int
  /// The state.
  public let view: StateView
  /// The state before the last step; nil at the start.
  public let before: StateView?
  /// What the last step did; nil at the start.
  public let record: StepRecord?
  /// For every thread, whether it can step, and if not, why.
  public let readiness: [Machine.Readiness]
  /// The threads.
  public let threads: [StateView.Thread]
  /// The objects, tombstones included, by type and number.
  public let objects: [ObjectReference]
  /// What the last step did to locks, in order.
  public let lockChanges: [LockChange]
  private let lockSteps: [HeldLock: Int]
  private let references: [ObjectIdentity: ObjectReference]
  private let referencesBefore: [ObjectIdentity: ObjectReference]

  private struct HeldLock: Hashable {
    var thread: Int
    var object: ObjectReference
    var offset: Int
  }

  /// The timeline's present point.
  ///
  /// - Parameters:
  ///   - timeline: where to look.
  ///   - before: the state before the last step, when the caller has it; otherwise it is made again by replaying.
  public init(_ timeline: Timeline, before known: StateView? = nil) {
    step = timeline.depth
    view = timeline.view
    if let known {
      before = known
    } else if let parent = timeline.nodes[timeline.here].parent {
      let situation = timeline.situation(at: parent)
      before = StateView(situation.state, world: situation.world)
    } else {
      before = nil
    }
    func index(_ view: StateView?) -> [ObjectIdentity: ObjectReference] {
      guard let view else { return [:] }
      return Dictionary(view.objects.map { (view.identity(of: $0), $0) }) { first, _ in first }
    }
    references = index(view)
    referencesBefore = index(before)
    record = timeline.record
    readiness = timeline.readiness
    threads = view.threads
    objects = view.objects
    lockChanges = LockChange.changes(in: record?.events ?? [], now: view, before: before)
    var steps: [HeldLock: Int] = [:]
    for (number, thread) in threads.enumerated() {
      for lock in thread.held {
        steps[HeldLock(thread: number, object: lock.object, offset: lock.offset)] =
          timeline.stepThatTook(lock, thread: number)
      }
    }
    lockSteps = steps
  }

  /// The object of that type and number; nil when there is none now.
  public func object(_ identity: ObjectIdentity) -> ObjectReference? { references[identity] }

  /// The object of that type and number in the state before the last step; nil when there was none.
  public func objectBefore(_ identity: ObjectIdentity) -> ObjectReference? { referencesBefore[identity] }

  /// The step at which the thread got this lock; nil when it does not hold it.
  public func stepThatTook(_ lock: LockReference, thread: Int) -> Int? {
    lockSteps[HeldLock(thread: thread, object: lock.object, offset: lock.offset)]
  }

  /// The thread's name.
  public func threadName(_ thread: Int) -> String {
    threads.indices.contains(thread) ? threads[thread].name : "init"
  }
}
