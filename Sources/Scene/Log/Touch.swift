public import Machine
public import Recording
import StepLanguage

/// Something that a step did to an object.
public struct Touch: Hashable, Sendable {
  /// What it did.
  public enum Kind: Hashable, Sendable {
    /// It was made.
    case made
    /// It was freed.
    case freed
    /// A field, a count or a container changed.
    case changed
    /// A lock of it was taken, released, queued for or not had.
    case locked
  }

  /// The object; nil for a global.
  public let object: ObjectIdentity?
  /// The field's name; empty when the whole object is meant.
  public let field: String
  /// What happened.
  public let kind: Kind

  /// What a step did to objects, in order.
  ///
  /// - Parameters:
  ///   - record: the step.
  ///   - before: the state before it.
  ///   - after: the state after it.
  public static func touches(_ record: StepRecord, before: StateView, after: StateView) -> [Touch] {
    record.events.compactMap { event in
      switch event.kind {
      case .allocated: whole(event.a, .made, [after, before])
      case .freed: whole(event.a, .freed, [before, after])
      // A write that leaves the value as it was changes nothing.
      case .stored where event.c == event.d: nil
      case .stored, .counted, .unitMoved, .unitMissing, .containerChanged:
        part(event.a, Int(event.b), [after, before])
      case .acquired, .released, .queued, .tryFailed: lock(event, [after, before])
      default: nil
      }
    }
  }

  private static func whole(_ place: Int64, _ kind: Kind, _ views: [StateView]) -> Touch? {
    for view in views {
      if let object = view.object(at: place) {
        return Touch(object: view.identity(of: object), field: "", kind: kind)
      }
    }
    return nil
  }

  private static func part(_ place: Int64, _ offset: Int, _ views: [StateView]) -> Touch? {
    for view in views {
      let object = place == Int64(ObjectReference.globals.index) ? .globals : view.object(at: place)
      guard let object, let field = view.type(of: object).field(at: offset) else { continue }
      return Touch(
        object: object == .globals ? nil : view.identity(of: object), field: field.name, kind: .changed)
    }
    return nil
  }

  private static func lock(_ event: Event, _ views: [StateView]) -> Touch? {
    let mode = LockMode(rawValue: Int(event.c)) ?? .exclusive
    for view in views {
      guard let lock = view.lock(at: event.a, mode: mode), view.isLock(lock),
        let field = view.type(of: lock.object).field(at: lock.offset)
      else { continue }
      return Touch(
        object: lock.object == .globals ? nil : view.identity(of: lock.object), field: field.name,
        kind: .locked)
    }
    return nil
  }
}
