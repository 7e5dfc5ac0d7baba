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

  /// The step at which the thread got this lock; nil when it does not hold it.
  public func stepThatTook(_ lock: LockReference, thread: Int) -> Int? {
    lockSteps[HeldLock(thread: thread, object: lock.object, offset: lock.offset)]
  }

  /// The thread's name.
  public func threadName(_ thread: Int) -> String {
    threads.indices.contains(thread) ? threads[thread].name : "init"
  }
}
