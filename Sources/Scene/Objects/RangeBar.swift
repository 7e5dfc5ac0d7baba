import Machine
import StepLanguage

/// The ranges of an object's interval map, in order.
public struct RangeBar: Hashable, Sendable {
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
    /// Who holds units of its counts, such as the accesses that have pinned in it, with how many.
    public let owners: [Owner]
  }

  /// A holder of units.
  public struct Owner: Hashable, Sendable {
    /// The holder's name.
    public let name: String
    /// How many units.
    public let count: Int
  }

  /// A range on which a thread is at work right now, such as one that is being unmapped.
  public struct Work: Hashable, Sendable {
    /// The thread's number.
    public let thread: Int
    /// Its name.
    public let name: String
    /// The outermost function that has the range as its parameters.
    public let function: String
    /// The range's first number.
    public let first: UInt64
    /// The range's last number.
    public let last: UInt64
  }

  /// The object.
  public let object: ObjectIdentity
  /// The object's name.
  public let name: String
  /// The field's name.
  public let field: String
  /// The model's word for what sort of thing the ranges are.
  public let role: String
  /// The ranges, in order; they may overlap. Of very many only the first.
  public let segments: [Segment]
  /// How many ranges there are.
  public let count: Int
  /// The ranges on which threads are at work.
  public let works: [Work]

  /// More ranges than this are not made: no screen has room for them.
  private static let segmentLimit = 400

  /// The bars of a moment, one for each interval map, by object.
  public static func bars(_ moment: Moment, graph: ObjectGraph) -> [RangeBar] {
    var bars: [RangeBar] = []
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
          RangeBar(
            object: view.identity(of: object), name: view.name(of: object), field: field.name,
            role: view.world.program.types[target].role,
            segments: entries.prefix(segmentLimit).compactMap {
              segment($0, view, graph, old: moment.before == nil ? nil : old)
            }, count: entries.count,
            works: works(on: object, moment)))
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
      isUsed: !fields.isEmpty || users, isNew: old.map { !$0.contains(identity) } ?? false,
      owners: owners(of: object, view))
  }

  private static func owners(of object: ObjectReference, _ view: StateView) -> [Owner] {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for field in view.type(of: object).fields {
      guard case .refcount(_, let units) = view.value(field, of: object) else { continue }
      for unit in units {
        guard let holder = unit.object else { continue }
        let name = view.name(of: holder)
        if counts[name] == nil { order.append(name) }
        counts[name, default: 0] += unit.count
      }
    }
    return order.map { Owner(name: $0, count: counts[$0] ?? 0) }
  }

  /// The names that a range's end has as a parameter; a length is told from a last number by its name. The parameter before it is the start.
  private static let ends: Set<String> = ["last", "end", "length"]

  private static func works(on object: ObjectReference, _ moment: Moment) -> [Work] {
    let program = moment.view.world.program
    return moment.threads.enumerated().compactMap { number, thread in
      for frame in thread.frames {
        let function = program.functions[frame.function]
        let parameters = function.locals.prefix(function.parameterCount)
        guard
          let end = parameters.firstIndex(where: { ends.contains($0.name) && $0.type == .unsigned }), end > 0,
          case let start = end - 1, parameters[start].type == .unsigned,
          zip(parameters, frame.locals).contains(where: { local, value in
            guard case .reference = local.type else { return false }
            return Int(value) == object.index
          }),
          !frame.dead.contains(start), !frame.dead.contains(end)
        else { continue }
        let first = UInt64(bitPattern: frame.locals[start])
        let other = UInt64(bitPattern: frame.locals[end])
        let last = parameters[end].name == "length" ? first &+ other &- 1 : other
        return Work(thread: number, name: thread.name, function: function.name, first: first, last: last)
      }
      return nil
    }
  }
}
