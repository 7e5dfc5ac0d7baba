import Scene
import Surface

extension PanelContent {
  /// The objects as a tree, a line each.
  static func tree(_ state: AppState, _ size: Size) -> PanelContent {
    let rows = ObjectOutline(state.shownGraph, selected: state.object).rows
    let lines = rows.map { TreeLine.line($0, state, isWide: size.width >= 90, hasMark: true) }
    var content = PanelContent(lines: lines, caption: objectCount(state))
    let chosen = rows.firstIndex { $0.identity != nil && $0.identity == state.object }
    let changed = rows.firstIndex { row in
      if case .node(let node) = row.content { node.isChanged } else { false }
    }
    if let line = chosen ?? changed { content.reveal(line, height: size.height) }
    return content
  }

  /// How many objects there are, for the heading.
  static func objectCount(_ state: AppState) -> String {
    let dead = state.shownGraph.nodes.filter { $0.presence == .tombstone }.count
    let alive = state.shownGraph.nodes.filter { $0.presence == .present || $0.presence == .new }.count
    if !state.objectFilter.isEmpty {
      return "\(state.shownGraph.nodes.count) of \(state.graph.nodes.count), filter '\(state.objectFilter)'"
    }
    return dead > 0 ? "\(alive) and \(dead) freed" : "\(alive)"
  }
}
