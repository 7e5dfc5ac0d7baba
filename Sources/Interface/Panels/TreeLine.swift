import Scene
import Surface

/// An object of the tree in one line, with the branches that lead to it.
enum TreeLine {
  /// The line.
  ///
  /// - Parameters:
  ///   - row: what to show.
  ///   - state: what is chosen, and the glyphs.
  ///   - isWide: whether there is room for whole names.
  ///   - hasMark: whether the first column marks what is chosen or changed.
  static func line(_ row: ObjectOutline.Row, _ state: AppState, isWide: Bool, hasMark: Bool) -> PanelLine {
    let glyphs = state.glyphs
    var line = PanelLine()
    var prefix = row.rails.map { $0 ? "\(glyphs.vertical) " : "  " }.joined()
    if row.depth > 0 { prefix += glyphs.line(row.isLast ? [.up, .right] : [.up, .down, .right]) + " " }
    switch row.content {
    case .node(let node):
      let isSelected = node.identity == state.object
      if hasMark {
        line.add(
          isSelected ? glyphs.here : node.isChanged ? glyphs.bullet : " ",
          isSelected ? .borderFocused : .changed)
      }
      line.add(prefix, .edgeList)
      NodeLine.addName(node, to: &line, state)
      NodeLine.addFacts(node, to: &line, state, isWide: isWide)
      line.background = isSelected ? .selection : nil
      line.target = .object(node.identity)
    case .more(let type, let count, let used):
      line.add("\(hasMark ? " " : "")\(prefix)\(glyphs.ellipsis) \(count) more \(type)", .dim)
      if used > 0 { line.add(", \(used) in use", .dim) }
    }
    return line
  }
}
