import Machine
import Scene
import Surface

extension PanelContent {
  /// What is true here: what is false first, with the part of the formula that makes it so, then watches, invariants and properties.
  static func truth(_ state: AppState, _ size: Size) -> PanelContent {
    guard let truth = state.truth else {
      return PanelContent(lines: [PanelLine("the conditions cannot be evaluated", .warning)])
    }
    func isFalse(_ row: Truth.Row) -> Bool { row.isTrue == false && row.kind != .watch }
    let wrong = truth.rows.filter(isFalse)
    let order: [Truth.Kind] = [.watch, .invariant, .property]
    let rest = order.flatMap { kind in truth.rows.filter { $0.kind == kind && !isFalse($0) } }
    let width = min(size.width / 3, (wrong + rest).filter { $0.kind != .watch }.map(\.name.count).max() ?? 0)
    var lines: [PanelLine] = []
    for row in wrong + rest {
      lines.append(line(row, width, state))
      for part in row.falseParts {
        let object = part.object.isEmpty ? "" : "\(part.object): "
        for text in [object + part.text] + part.values {
          for wrapped in TextWrap.lines(of: text, width: max(10, size.width - 4)) {
            var line = PanelLine("    \(wrapped)", .dim)
            line.target = state.graph.nodes.first { $0.name == part.object }.map { .object($0.identity) }
            lines.append(line)
          }
        }
      }
    }
    var content = PanelContent(lines: lines, caption: wrong.isEmpty ? "" : "\(wrong.count) false")
    content.place(cursor: state.cursors[.truth], height: size.height)
    return content
  }

  private static func line(_ row: Truth.Row, _ width: Int, _ state: AppState) -> PanelLine {
    let glyphs = state.glyphs
    var line = PanelLine()
    switch row.isTrue {
    case true?: line.add("\(glyphs.check) ", .ok)
    case false?: line.add("\(glyphs.cross) ", row.kind == .watch ? .warning : .error)
    case nil: line.add("\(glyphs.bullet) ", .dim)
    }
    let isWrong = row.isTrue == false && row.kind != .watch
    if row.kind == .watch {
      line.subject = .expression(row.name)
      line.add(row.name, .text)
      line.add(" = ", .dim)
      line.add(row.value, .count, .bold)
    } else {
      line.add(row.name, isWrong ? .error : .text, isWrong ? .bold : [])
      line.pad(to: width + 3)
      line.add(row.title, .dim)
      if !row.value.isEmpty { line.add(" (\(row.value))", .dim) }
    }
    line.addTrailing(row.since == 0 ? "" : "since \(row.since)", .dim)
    return line
  }
}
