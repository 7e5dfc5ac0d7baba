public import Machine
import StepLanguage

/// What a step did to one lock.
public struct LockChange: Hashable, Sendable {
  /// What happened to it.
  public enum Kind: Hashable, Sendable {
    /// It was taken.
    case taken
    /// It was released.
    case released
    /// A writer queued up for it.
    case queued
    /// Somebody tried and did not get it.
    case tryFailed
  }

  /// What happened.
  public let kind: Kind
  /// The lock.
  public let lock: LockReference
  /// The lock's name, such as `device1.lock`.
  public let name: String
  /// Who did it.
  public let thread: Int

  /// The changes among a step's events, in order.
  static func changes(in events: [Event], now: StateView, before: StateView?) -> [LockChange] {
    events.compactMap { event in
      let kind: Kind
      switch event.kind {
      case .acquired: kind = .taken
      case .released: kind = .released
      case .queued: kind = .queued
      case .tryFailed: kind = .tryFailed
      default: return nil
      }
      let mode = LockMode(rawValue: Int(event.c)) ?? .exclusive
      // An object that the step freed is gone from the new state; one that it made is not in the old one.
      for view in [now, before] {
        guard let view, let lock = view.lock(at: event.a, mode: mode), view.isLock(lock) else { continue }
        return LockChange(kind: kind, lock: lock, name: view.name(of: lock), thread: Int(event.thread))
      }
      return nil
    }
  }
}

extension StateView {
  /// Whether there is a lock at this place of this state.
  func isLock(_ lock: LockReference) -> Bool {
    guard typeIndex(of: lock.object) >= ObjectType.globals else { return false }
    guard let field = type(of: lock.object).field(at: lock.offset) else { return false }
    if case .xarray = field.type { return true }
    return field.type.lockClass != nil
  }
}
