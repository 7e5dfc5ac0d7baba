import Scene
import Surface

/// The lines of a panel, and from which on they show.
struct PanelContent {
  /// All lines.
  var lines: [PanelLine] = []
  /// The first line that shows.
  var top = 0
  /// What stands at the right end of the heading.
  var caption = ""
  /// The line that the cursor is on, in panels that have one.
  var cursor: Int?

  init(lines: [PanelLine], top: Int = 0, caption: String = "") {
    self.lines = lines
    self.top = top
    self.caption = caption
  }

  /// Columns at the right edge that stay free, for air and for the arrows.
  private static let margin = 1

  /// What a panel shows in that much room.
  init(_ panel: Panel, _ state: AppState, size whole: Size) {
    let size = Size(width: whole.width - Self.margin, height: whole.height)
    switch panel {
    case .graph: self = .tree(state, size)
    case .ranges: self = .ranges(state, size)
    case .threads: self = .threads(state, size)
    case .locks: self = .locks(state, size)
    case .source: self = .source(state, size)
    case .log: self = .log(state, size)
    case .timeline: self = .timeline(state, size)
    case .detail: self = .detail(state, size)
    case .changes: self = .changes(state, size)
    case .watch: self = .watch(state, size)
    case .truth: self = .truth(state, size)
    }
  }

  /// Scrolls so that a line shows, with some lines around it where there are.
  mutating func reveal(_ line: Int, height: Int, margin: Int = 2) {
    let margin = min(margin, max(0, (height - 1) / 2))
    if line < top + margin { top = line - margin }
    if line > top + height - 1 - margin { top = line - height + 1 + margin }
    top = max(0, min(top, lines.count - height))
  }

  /// Puts the cursor on a line, where a user has moved it there, and scrolls so that it shows.
  mutating func place(cursor line: Int?, height: Int) {
    guard let line, !lines.isEmpty else { return }
    let place = max(0, min(lines.count - 1, line))
    cursor = place
    lines[place].background = .selection
    reveal(place, height: height, margin: 1)
  }

  /// Draws the lines; arrows at the right edge tell that there are more.
  func draw(on surface: inout Surface, in area: Rect) {
    for row in 0..<area.height {
      let number = top + row
      guard lines.indices.contains(number) else { break }
      let line = lines[number]
      if let background = line.background {
        surface.fill(Rect(x: area.x, y: area.y + row, width: area.width, height: 1), background: background)
      }
      line.draw(on: &surface, x: area.x, y: area.y + row, width: max(0, area.width - Self.margin))
    }
    guard area.width > 2, area.height > 1 else { return }
    if top > 0 { surface.write(surface.glyphs.arrowUp, x: area.maxX - 1, y: area.y, role: .dim) }
    if top + area.height < lines.count {
      surface.write(surface.glyphs.arrowDown, x: area.maxX - 1, y: area.maxY - 1, role: .dim)
    }
  }
}
