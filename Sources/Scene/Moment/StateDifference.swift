public import Machine
import StepLanguage

/// What differs between two states of one world, object by object.
public struct StateDifference: Hashable, Sendable {
  /// Something that differs.
  public struct Row: Hashable, Sendable {
    /// What happened to it.
    public enum Kind: Hashable, Sendable {
      /// The object is there in the second state only.
      case made
      /// The object is there in the first state only, or lives there only.
      case gone
      /// The field has another value.
      case changed
    }

    /// What happened.
    public let kind: Kind
    /// The object; nil for the globals.
    public let object: ObjectIdentity?
    /// Its name; empty for the globals.
    public let name: String
    /// The field's name; empty when the whole object is meant.
    public let field: String
    /// The value in the first state.
    public let old: String
    /// The value in the second state.
    public let new: String

    /// The field with its object, such as `device1.owner`.
    public var place: String { name.isEmpty ? field : field.isEmpty ? name : "\(name).\(field)" }
  }

  /// The rows: by type, number and field.
  public let rows: [Row]

  /// What differs.
  ///
  /// - Parameters:
  ///   - before: the first state.
  ///   - after: the second one.
  ///   - only: leaves out objects that are not in it; nil leaves out none. Nil as a member stands for the globals.
  public init(from before: StateView, to after: StateView, only: Set<ObjectIdentity?>? = nil) {
    var rows: [Row] = []
    func index(_ view: StateView) -> [ObjectIdentity: ObjectReference] {
      Dictionary(view.objects.map { (view.identity(of: $0), $0) }) { first, _ in first }
    }
    let old = index(before)
    let new = index(after)
    if only?.contains(nil) ?? true {
      rows += Self.fields(nil, before, .globals, after, .globals)
    }
    for identity in Set(old.keys).union(new.keys).sorted() where only?.contains(identity) ?? true {
      let past = old[identity].flatMap { before.isAlive($0) ? $0 : nil }
      let now = new[identity].flatMap { after.isAlive($0) ? $0 : nil }
      switch (past, now) {
      case (let past?, let now?): rows += Self.fields(identity, before, past, after, now)
      case (let past?, nil):
        rows.append(
          Row(kind: .gone, object: identity, name: before.name(of: past), field: "", old: "", new: ""))
      case (nil, let now?):
        rows.append(
          Row(kind: .made, object: identity, name: after.name(of: now), field: "", old: "", new: ""))
      case (nil, nil): break
      }
    }
    self.rows = rows
  }

  private static func fields(
    _ identity: ObjectIdentity?, _ before: StateView, _ past: ObjectReference, _ after: StateView,
    _ now: ObjectReference
  ) -> [Row] {
    after.type(of: now).fields.compactMap { field in
      let old = text(field, past, before)
      let new = text(field, now, after)
      guard old != new else { return nil }
      return Row(
        kind: .changed, object: identity, name: after.name(of: now), field: field.name, old: old, new: new)
    }
  }

  /// A field in words; of an xarray also who holds its lock.
  private static func text(_ field: Field, _ object: ObjectReference, _ view: StateView) -> String {
    let value = view.value(field, of: object)
    if case .container(_, let lock?) = value, lock.isHeld {
      return "\(ValueText.text(value, in: view)), xa_lock \(ValueText.lock(lock, in: view))"
    }
    return ValueText.text(value, in: view)
  }
}
