import Machine
import StepLanguage

/// A lock that is held, waited for, or was touched in this step.
public struct LockRow: Hashable, Sendable {
  /// A thread that has the lock.
  public struct Holder: Hashable, Sendable {
    /// The thread's number.
    public let thread: Int
    /// Its name.
    public let name: String
    /// The step at which it got the lock.
    public let since: Int?
  }

  /// What sort of lock and which way it is held: `mutex`, `read`, `write`, `spin`.
  public enum Mode: String, Hashable, Sendable {
    /// A mutex.
    case mutex
    /// An rw_semaphore that nobody has.
    case semaphore = "rwsem"
    /// An rw_semaphore, held by one writer.
    case write
    /// An rw_semaphore, held by readers.
    case read
    /// A spinlock.
    case spin
  }

  /// The lock's name, such as `device1.lock`.
  public let name: String
  /// The object that it lies in; nil for a global one.
  public let object: ObjectIdentity?
  /// The field's name within the object, or the global's; nil for a lock that is gone.
  public let reference: String?
  /// What sort of lock and which way it is held.
  public let mode: Mode
  /// Who has it.
  public let holders: [Holder]
  /// Who waits for it, with how they want it.
  public let waiters: [String]
  /// It was taken in this very step.
  public let isTakenNow: Bool
  /// It was released in this very step.
  public let isReleasedNow: Bool
  /// Somebody tried to take it in this very step and did not get it.
  public let isRefusedNow: Bool

  /// The rows of a moment: held locks first, the oldest on top; then those that this step let go.
  public static func rows(_ moment: Moment) -> [LockRow] {
    var order: [PlainLock] = []
    var references: [PlainLock: LockReference] = [:]
    func note(_ lock: LockReference) {
      let plain = PlainLock(lock)
      if references[plain] == nil { order.append(plain) }
      references[plain] = references[plain] ?? lock
    }
    var held: [(lock: LockReference, since: Int)] = []
    for (number, thread) in moment.threads.enumerated() {
      for lock in thread.held {
        held.append((lock, moment.stepThatTook(lock, thread: number) ?? 0))
      }
    }
    for entry in held.enumerated().sorted(by: {
      ($0.element.since, $0.offset) < ($1.element.since, $1.offset)
    }) {
      note(entry.element.lock)
    }
    for case .blocked(let lock, _) in moment.readiness { note(lock) }
    for change in moment.lockChanges where moment.view.isLock(change.lock) { note(change.lock) }
    let rows = order.compactMap { plain in references[plain].map { row($0, moment) } }
    let gone = moment.lockChanges.filter { !moment.view.isLock($0.lock) && $0.kind == .released }
    return rows
      + gone.map {
        LockRow(
          name: $0.name, object: nil, reference: nil, mode: .mutex, holders: [], waiters: [],
          isTakenNow: false,
          isReleasedNow: true, isRefusedNow: false)
      }
  }

  private static func row(_ reference: LockReference, _ moment: Moment) -> LockRow {
    let view = moment.view
    let lock = view.lock(reference)
    let holders = ((lock.owner.map { [$0] } ?? []) + lock.readers).map { thread in
      Holder(
        thread: thread, name: moment.threadName(thread), since: moment.stepThatTook(reference, thread: thread)
      )
    }
    var waiters: [String] = []
    for (thread, readiness) in moment.readiness.enumerated() {
      if case .blocked(let wanted, _) = readiness, wanted.isSameLock(as: reference) {
        waiters.append(
          "\(moment.threadName(thread))\(wanted.mode == .read ? " (read)" : wanted.mode == .write ? " (write)" : "")"
        )
      }
    }
    let changes = moment.lockChanges.filter { $0.lock.isSameLock(as: reference) }
    let type = view.type(of: reference.object).field(at: reference.offset)?.type
    let mode: Mode =
      switch type {
      case .mutex: .mutex
      case .rwSemaphore: lock.owner != nil ? .write : lock.readers.isEmpty ? .semaphore : .read
      default: .spin
      }
    return LockRow(
      name: view.name(of: reference),
      object: reference.object == .globals ? nil : view.identity(of: reference.object),
      reference: view.type(of: reference.object).field(at: reference.offset)?.name, mode: mode,
      holders: holders, waiters: waiters,
      isTakenNow: lock.isHeld && changes.contains { $0.kind == .taken },
      isReleasedNow: changes.contains { $0.kind == .released },
      isRefusedNow: changes.contains { $0.kind == .tryFailed })
  }
}
