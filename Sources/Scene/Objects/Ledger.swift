import Machine
import StepLanguage

/// Who holds the units of an object's refcounts.
public struct Ledger: Hashable, Sendable {
  /// A holder.
  public struct Unit: Hashable, Sendable {
    /// Who holds it: an object's or a thread's name; empty when only a word says so.
    public let holder: String
    /// What for, in the model's word.
    public let word: String
    /// How many units.
    public let count: Int
    /// The object that holds it.
    public let object: ObjectIdentity?
    /// The thread that holds it.
    public let thread: Int?
    /// Whether this step added it.
    public let isNew: Bool
  }

  /// A refcount.
  public struct Account: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// How many units.
    public let value: Int64
    /// What this step added or took away.
    public let change: Int64
    /// Who holds them.
    public let units: [Unit]
    /// Who held units before this step and does not any more.
    public let gone: [Unit]

    /// The same without the holders.
    public var count: GraphNode.Count { GraphNode.Count(name: name, value: value, change: change) }
  }

  /// The object's counts, in the order of its fields.
  public let accounts: [Account]

  /// The ledger of an object; empty when it is not there.
  public init(_ moment: Moment, object identity: ObjectIdentity) {
    guard let object = moment.object(identity) else {
      accounts = []
      return
    }
    let past = moment.before.flatMap { view in moment.objectBefore(identity).map { (view, $0) } }
    accounts = moment.view.type(of: object).fields.compactMap { field in
      guard case .refcount(let value, let units) = moment.view.value(field, of: object) else { return nil }
      var change: Int64 = 0
      var old: [StateView.Unit] = []
      if let past, case .refcount(let before, let units) = past.0.value(field, of: past.1) {
        change = value - before
        old = units
      }
      return Account(
        name: field.name, value: value, change: change,
        units: units.map { unit in
          Self.unit(unit, moment.view, isNew: past != nil && !old.contains(unit))
        },
        gone: old.filter { unit in
          !units.contains { $0.word == unit.word && $0.object == unit.object && $0.thread == unit.thread }
        }.map { Self.unit($0, past?.0 ?? moment.view, isNew: false) })
    }
  }

  private static func unit(_ unit: StateView.Unit, _ view: StateView, isNew: Bool) -> Unit {
    let holder: String
    if let object = unit.object {
      holder = view.name(of: object)
    } else if let thread = unit.thread {
      holder = view.world.threads.indices.contains(thread) ? view.world.threads[thread].name : "init"
    } else {
      holder = ""
    }
    return Unit(
      holder: holder, word: unit.word, count: unit.count, object: unit.object.map { view.identity(of: $0) },
      thread: unit.thread, isNew: isNew)
  }
}
