import Machine
import StepLanguage

/// The ranges of an object's interval map, in order.
public struct IovaBar: Hashable, Sendable {
  /// A range.
  public struct Segment: Hashable, Sendable {
    /// Its first number.
    public let first: UInt64
    /// Its last number.
    public let last: UInt64
    /// The object that it stands for.
    public let object: ObjectIdentity
    /// The object's name.
    public let name: String
    /// The object's fields that the model shows and that are neither zero nor the range itself.
    public let fields: [GraphNode.ShownField]
    /// What the object points to, such as its pages; nil when it points to nothing.
    public let target: String?
    /// A reference of the object is null: it is half built, or dying.
    public let isIncomplete: Bool
    /// Whether something uses it: a shown number of it is not zero.
    public let isUsed: Bool
    /// It came in this very step.
    public let isNew: Bool
  }

  /// The object.
  public let object: ObjectIdentity
  /// The object's name.
  public let name: String
  /// The field's name.
  public let field: String
  /// The model's word for what sort of thing the ranges are.
  public let role: String
  /// The ranges, in order; they may overlap.
  public let segments: [Segment]

  /// The bars of a moment, one for each interval map, by object.
  public static func bars(_ moment: Moment, graph: ObjectGraph) -> [IovaBar] {
    var bars: [IovaBar] = []
    let view = moment.view
    for object in moment.objects where view.isAlive(object) {
      for field in view.type(of: object).fields {
        guard case .intervalMap(let target) = field.type,
          case .container(let entries, _) = view.value(field, of: object)
        else { continue }
        var old: Set<ObjectIdentity> = []
        if let before = moment.before, let past = moment.objectBefore(view.identity(of: object)),
          case .container(let entries, _) = before.value(field, of: past)
        {
          old = Set(entries.compactMap { $0.value.map { before.identity(of: $0) } })
        }
        bars.append(
          IovaBar(
            object: view.identity(of: object), name: view.name(of: object), field: field.name,
            role: view.world.program.types[target].role,
            segments: entries.compactMap { segment($0, view, graph, old: moment.before == nil ? nil : old) }))
      }
    }
    return bars
  }

  private static func segment(
    _ entry: StateView.Entry, _ view: StateView, _ graph: ObjectGraph, old: Set<ObjectIdentity>?
  ) -> Segment? {
    guard let object = entry.value else { return nil }
    let identity = view.identity(of: object)
    let first = UInt64(bitPattern: entry.key)
    let last = UInt64(bitPattern: entry.second)
    let ends = [ValueText.unsigned(first), ValueText.unsigned(last)]
    let node = graph[identity]
    let references = (node?.fields ?? []).filter(\.isReference)
    let fields = (node?.fields ?? []).filter { !$0.isReference && !$0.isBlank && !ends.contains($0.text) }
    let users = (node?.counts ?? []).contains { $0.value > 0 }
    return Segment(
      first: first, last: last, object: identity, name: view.name(of: object), fields: fields,
      target: references.first { !$0.isBlank }?.text, isIncomplete: references.contains(where: \.isBlank),
      isUsed: !fields.isEmpty || users, isNew: old.map { !$0.contains(identity) } ?? false)
  }
}
