public import Scene

/// The object graph for Graphviz.
public enum GraphDot {
  /// A digraph: a record for each object, its kind of edge by style (solid counted, dashed pointer, dotted in a container).
  public static func text(_ moment: Moment) -> String {
    let graph = ObjectGraph(moment)
    var lines = [
      "digraph ioascope {", "  label=\"step \(moment.step)\";", "  rankdir=TB;",
      "  node [shape=box, fontname=monospace];",
      "  edge [fontname=monospace, fontsize=10];",
    ]
    for node in graph.nodes {
      var rows = [node.name]
      rows += node.counts.map { "\($0.name) \($0.value)" }
      rows += node.locks.filter { $0.isActive && !$0.holders.isEmpty }.map {
        "\($0.name) held by \($0.holders.joined(separator: ", "))"
      }
      rows += node.fields.filter { !$0.isBlank }.map { "\($0.name) \($0.text)" }
      let style: String =
        switch node.presence {
        case .present, .new: ""
        default: ", style=dashed"
        }
      lines.append("  \(quoted(node.name)) [label=\(quoted(rows.joined(separator: "\n")))\(style)];")
    }
    let names = Dictionary(graph.nodes.map { ($0.identity, $0.name) }) { first, _ in first }
    for edge in graph.edges {
      guard let source = names[edge.source], let target = names[edge.target] else { continue }
      lines.append(
        "  \(quoted(source)) -> \(quoted(target)) [label=\(quoted(edge.label))\(look(edge.kind))];")
    }
    let layers = Set(graph.nodes.map(\.layer)).sorted()
    for layer in layers {
      let members = graph.nodes.filter { $0.layer == layer }.map { quoted($0.name) }
      lines.append("  { rank=same; \(members.joined(separator: "; ")); }")
    }
    lines.append("}")
    return lines.joined(separator: "\n")
  }

  private static func look(_ kind: GraphEdge.Kind) -> String {
    switch kind {
    case .counted: ""
    case .reference: ", style=dashed"
    case .member: ", style=dotted"
    }
  }

  /// A string of the dot language.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}
