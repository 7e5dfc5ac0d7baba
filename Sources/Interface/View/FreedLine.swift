import Scene
import Surface

/// The row below the objects that tells what was freed on the way here, until it is put away.
enum FreedLine {
  /// What is left for the objects themselves.
  static func split(_ area: Rect, _ state: AppState) -> (objects: Rect, line: Rect?) {
    guard !state.freed.isEmpty, area.height >= 6 else { return (area, nil) }
    let (objects, line) = area.split(bottom: 1)
    return (objects, line)
  }

  static func draw(_ state: AppState, on surface: inout Surface, in area: Rect) {
    var line = PanelLine()
    line.add(" ")
    for (number, sign) in state.freed.enumerated() {
      if number > 0 { line.add("  ") }
      let isNow = sign.step == state.timeline.depth
      line.add("\(state.glyphs.freed)\(sign.name)", .freed, isNow ? .bold : [])
      line.add(" \(sign.step)", .dim)
    }
    line.addTrailing("\(state.keys.name(of: .dismiss)) puts away", .dim)
    line.draw(on: &surface, x: area.x, y: area.y, width: max(0, area.width - 1))
  }
}
