public import Machine
import StepLanguage

/// Which object is meant, whatever the state: its type and its number among those of the type.
///
/// A reference is a place in memory, and a place may hold another object a step later; a name does not.
public struct ObjectIdentity: Hashable, Sendable, Comparable {
  /// Index of the type in the program.
  public let type: Int
  /// The number, from 1.
  public let serial: Int

  /// The object of that type and number.
  public init(type: Int, serial: Int) {
    self.type = type
    self.serial = serial
  }

  /// By type, then number.
  public static func < (first: ObjectIdentity, second: ObjectIdentity) -> Bool {
    (first.type, first.serial) < (second.type, second.serial)
  }
}

extension StateView {
  /// Which object this is.
  public func identity(of object: ObjectReference) -> ObjectIdentity {
    ObjectIdentity(type: typeIndex(of: object), serial: serial(of: object))
  }

  /// The object whose header lies at this place of the heap, as events name it; nil when none does.
  func object(at place: Int64) -> ObjectReference? {
    guard let object = lock(at: place, mode: .exclusive)?.object, object.index == Int(place),
      typeIndex(of: object) > ObjectType.globals
    else { return nil }
    return object
  }
}
