/// The graph as lines of a tree: what is drawn inside an object stands below it, further in.
///
/// Where an object has many of one type inside, most of them become one line that says how many there are.
public struct ObjectOutline: Hashable, Sendable {
  /// A line.
  public struct Row: Hashable, Sendable {
    /// What the line shows.
    public enum Content: Hashable, Sendable {
      /// An object.
      case node(GraphNode)
      /// That many more of a type, and how many of them are in use.
      case more(type: String, count: Int, used: Int)
    }

    /// What the line shows.
    public let content: Content
    /// How far in it stands, 0 for an object that stands for itself.
    public let depth: Int
    /// For each level above, from the first that stands inside another object, whether its branch goes on below this line.
    public let rails: [Bool]
    /// Whether this is the last one of its branch.
    public let isLast: Bool

    /// The object of the line.
    public var identity: ObjectIdentity? {
      if case .node(let node) = content { node.identity } else { nil }
    }
  }

  /// The lines.
  public let rows: [Row]

  /// The lines of a graph.
  ///
  /// - Parameters:
  ///   - graph: the graph.
  ///   - selected: an object that is shown in any case.
  ///   - limit: how many objects of one type may stand inside one object before most of them become one line.
  public init(_ graph: ObjectGraph, selected: ObjectIdentity? = nil, limit: Int = 6) {
    var kept: Set<ObjectIdentity> = []
    var above = selected
    while let identity = above {
      kept.insert(identity)
      above = graph[identity]?.owner
    }
    var rows: [Row] = []
    func add(_ nodes: [GraphNode], depth: Int, rails: [Bool]) {
      let entries = Self.collapse(nodes, graph, kept: kept, limit: depth == 0 ? .max : limit)
      for (position, entry) in entries.enumerated() {
        let isLast = position == entries.count - 1
        rows.append(Row(content: entry, depth: depth, rails: rails, isLast: isLast))
        if case .node(let node) = entry {
          add(graph.children(of: node.identity), depth: depth + 1, rails: depth == 0 ? [] : rails + [!isLast])
        }
      }
    }
    add(graph.cards, depth: 0, rails: [])
    self.rows = rows
  }

  /// Whether a field's name speaks of accesses; byte by byte, as it is asked for every field of a thousand areas.
  private static func namesAccess(_ name: String) -> Bool {
    let word: StaticString = "access"
    let count = word.utf8CodeUnitCount
    var name = name
    return name.withUTF8 { bytes in
      guard bytes.count >= count else { return false }
      return (0...(bytes.count - count)).contains { start in
        (0..<count).allSatisfy { bytes[start + $0] == word.utf8Start[$0] }
      }
    }
  }

  private static func collapse(
    _ nodes: [GraphNode], _ graph: ObjectGraph, kept: Set<ObjectIdentity>, limit: Int
  ) -> [Row.Content] {
    var result: [Row.Content] = []
    var start = 0
    while start < nodes.count {
      var end = start
      while end < nodes.count, nodes[end].identity.type == nodes[start].identity.type { end += 1 }
      let group = nodes[start..<end]
      start = end
      guard group.count > limit else {
        result += group.map { .node($0) }
        continue
      }
      var hidden: [GraphNode] = []
      for (position, node) in group.enumerated() {
        let isBusy =
          node.isChanged
          || graph.positionsOfChildren(of: node.identity).contains { graph.nodes[$0].isChanged }
        if position < limit / 2 || isBusy || kept.contains(node.identity) {
          result.append(.node(node))
        } else {
          hidden.append(node)
        }
      }
      if let first = hidden.first {
        let used = hidden.filter { node in
          node.fields.contains { !$0.isReference && !$0.isBlank && namesAccess($0.name) }
            || !graph.positionsOfChildren(of: node.identity).isEmpty
        }
        result.append(.more(type: first.typeName, count: hidden.count, used: used.count))
      }
    }
    return result
  }
}
