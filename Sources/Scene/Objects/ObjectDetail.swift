import Machine
import StepLanguage

/// Every field of an object with its value.
public struct ObjectDetail: Hashable, Sendable {
  /// A field.
  public struct Row: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// Its type in a word.
    public let type: String
    /// Its value.
    public let text: String
    /// Whether this step changed it.
    public let isChanged: Bool
    /// Whether it keeps the value that it was made with.
    public let isConstant: Bool
    /// The object that it leads to.
    public let target: ObjectIdentity?
  }

  /// The object's name.
  public let name: String
  /// Its type's name.
  public let typeName: String
  /// False for a freed object that somebody still points to.
  public let isAlive: Bool
  /// Who points to it.
  public let pointedToBy: [String]
  /// The fields in the order of the type.
  public let rows: [Row]

  /// Everything about an object; nil when it is not there.
  public init?(_ moment: Moment, object identity: ObjectIdentity, graph: ObjectGraph) {
    let view = moment.view
    guard let object = moment.object(identity) else { return nil }
    let past = moment.before.flatMap { view in moment.objectBefore(identity).map { (view, $0) } }
    name = view.name(of: object)
    typeName = view.type(of: object).name
    isAlive = view.isAlive(object)
    rows = view.type(of: object).fields.map { field in
      let value = view.value(field, of: object)
      let text = ValueText.text(value, in: view)
      var target: ObjectIdentity?
      if case .reference(let reference?) = value { target = view.identity(of: reference) }
      let old = past.map { ValueText.text($0.0.value(field, of: $0.1), in: $0.0) }
      return Row(
        name: field.name, type: Self.word(field.type, view.world.program), text: text,
        isChanged: old.map { $0 != text } ?? false, isConstant: field.isConstant, target: target)
    }
    var sources: [String] = []
    for edge in graph.edges where edge.target == identity && edge.change != .removed {
      if case .counted = edge.kind { continue }
      guard let source = graph[edge.source] else { continue }
      sources.append("\(source.name).\(edge.label)")
    }
    sources += graph[identity]?.places ?? []
    sources += moment.localPointers(to: object)
    pointedToBy = sources
  }

  private static func word(_ type: FieldType, _ program: Program) -> String {
    switch type {
    case .int: "int"
    case .unsigned: "u64"
    case .bool: "bool"
    case .reference(let target): target.map { program.types[$0].name } ?? "any"
    case .ops(let ops): program.ops[ops].name
    case .mutex: "mutex"
    case .rwSemaphore: "rw_semaphore"
    case .spinlock: "spinlock"
    case .refcount: "refcount"
    case .waitQueue: "wait_queue"
    case .xarray: "xarray"
    case .list: "list"
    case .intervalMap: "interval_map"
    case .work(let call):
      program.queues[call.queue].kind == .timers
        ? "timer of \(program.functions[call.function].name)"
        : "work of \(program.functions[call.function].name)"
    case .completion: "completion"
    }
  }
}
