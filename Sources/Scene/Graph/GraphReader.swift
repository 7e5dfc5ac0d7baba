import Machine
import StepLanguage

/// The objects of one state with what leads to each, read once.
struct GraphReader {
  /// An edge without what the step did to it.
  struct PlainEdge: Hashable {
    var source: ObjectIdentity
    var target: ObjectIdentity
    var kind: GraphEdge.Kind
  }

  /// A way in which an object is reached.
  struct Way {
    var source: ObjectIdentity
    /// Through a list or an interval map.
    var isContainer: Bool
    /// The range in an interval map.
    var range: String?
  }

  let view: StateView
  /// By type and number.
  private(set) var identities: [(key: ObjectIdentity, value: ObjectReference)] = []
  private(set) var references: [ObjectIdentity: ObjectReference] = [:]
  private(set) var edges: [PlainEdge] = []
  private(set) var incoming: [ObjectIdentity: [Way]] = [:]
  /// Where globals hold an object.
  private(set) var places: [ObjectIdentity: [String]] = [:]

  init(_ view: StateView) {
    self.view = view
    for object in view.objects {
      let identity = view.identity(of: object)
      identities.append((identity, object))
      references[identity] = object
    }
    for (identity, object) in identities where view.isAlive(object) {
      read(object, identity)
    }
    readGlobals()
  }

  private mutating func read(_ object: ObjectReference, _ identity: ObjectIdentity) {
    for field in view.type(of: object).fields {
      switch view.value(field, of: object) {
      case .reference(let target?):
        let target = view.identity(of: target)
        edges.append(PlainEdge(source: identity, target: target, kind: .reference(field: field.name)))
        incoming[target, default: []].append(Way(source: identity, isContainer: false))
      case .container(let entries, _):
        for entry in entries {
          guard let value = entry.value else { continue }
          let target = view.identity(of: value)
          var way = Way(source: identity, isContainer: true)
          var key: Int64?
          switch field.type {
          case .xarray:
            way.isContainer = false
            key = entry.key
          case .intervalMap:
            way.range = ValueText.range(UInt64(bitPattern: entry.key), UInt64(bitPattern: entry.second))
          default: break
          }
          edges.append(
            PlainEdge(source: identity, target: target, kind: .member(field: field.name, key: key)))
          incoming[target, default: []].append(way)
        }
      case .refcount(_, let units):
        for unit in units {
          guard let holder = unit.object else { continue }
          edges.append(
            PlainEdge(
              source: view.identity(of: holder), target: identity,
              kind: .counted(field: field.name, word: unit.word, units: unit.count)))
        }
      default: break
      }
    }
  }

  /// The fields that lead to an object, such as `vdev1.drvdata`.
  func fields(leadingTo target: ObjectIdentity) -> [String] {
    edges.filter { $0.target == target }.compactMap { edge in
      guard let source = references[edge.source] else { return nil }
      switch edge.kind {
      case .reference(let field), .member(let field, _): return "\(view.name(of: source)).\(field)"
      case .counted: return nil
      }
    }
  }

  private mutating func readGlobals() {
    for field in view.type(of: .globals).fields {
      switch view.value(field, of: .globals) {
      case .reference(let target?): places[view.identity(of: target), default: []].append(field.name)
      case .container(let entries, _):
        for entry in entries {
          guard let value = entry.value else { continue }
          let isKeyed = if case .xarray = field.type { true } else { false }
          places[view.identity(of: value), default: []].append(
            isKeyed ? "\(field.name)[\(entry.key)]" : field.name)
        }
      default: break
      }
    }
  }
}
