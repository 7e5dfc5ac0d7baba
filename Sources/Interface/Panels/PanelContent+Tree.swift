import Scene
import Surface

extension PanelContent {
  /// The objects as a tree, a line each.
  static func tree(_ state: AppState, _ size: Size) -> PanelContent {
    let outline = ObjectOutline(state.graph, selected: state.object)
    let glyphs = state.glyphs
    var selectedLine: Int?
    var changedLine: Int?
    let lines = outline.rows.enumerated().map { number, row in
      var line = PanelLine()
      var prefix = ""
      for (level, goesOn) in row.rails.enumerated() {
        let isOwn = level == row.rails.count - 1
        if isOwn {
          prefix += glyphs.line(row.isLast ? [.up, .right] : [.up, .down, .right]) + " "
        } else {
          prefix += (goesOn ? glyphs.vertical : " ") + " "
        }
      }
      switch row.content {
      case .node(let node):
        let isSelected = node.identity == state.object
        if isSelected { selectedLine = number }
        if node.isChanged, changedLine == nil { changedLine = number }
        line.add(
          isSelected ? glyphs.here : node.isChanged ? glyphs.bullet : " ",
          isSelected ? .borderFocused : .changed)
        line.add(prefix, .edgeList)
        NodeLine.addName(node, to: &line, state)
        NodeLine.addFacts(node, to: &line, state, isWide: size.width >= 90)
        line.background = isSelected ? .selection : nil
        line.target = .object(node.identity)
      case .more(let type, let count, let used):
        line.add(" \(prefix)\(glyphs.ellipsis) \(count) more \(type)", .dim)
        if used > 0 { line.add(", \(used) in use", .dim) }
      }
      return line
    }
    var content = PanelContent(lines: lines, caption: Self.objectCount(state))
    if let line = selectedLine ?? changedLine { content.reveal(line, height: size.height) }
    return content
  }

  static func objectCount(_ state: AppState) -> String {
    let dead = state.graph.nodes.filter { $0.presence == .tombstone }.count
    let alive = state.graph.nodes.filter { $0.presence == .present || $0.presence == .new }.count
    return dead > 0 ? "\(alive) and \(dead) freed" : "\(alive)"
  }
}
