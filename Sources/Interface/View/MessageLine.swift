import Scene
import Surface

/// The row above the keys: what there is to say about the last key, or else what comes next.
enum MessageLine {
  static func draw(_ state: AppState, on surface: inout Surface, in area: Rect) {
    if case .prompt(let prompt)? = state.overlay {
      drawInput(prompt, state, on: &surface, in: area)
      return
    }
    var line = PanelLine()
    if let message = state.message {
      switch message.kind {
      case .note: line.add(" \(message.text)", .note)
      case .refusal: line.add(" \(state.glyphs.warning) \(message.text)", .warning)
      }
    } else if let check = state.check, check.isRunning {
      line.add(" searching from step \(state.timeline.nodes[check.origin].depth): ", .note)
      line.add("\(check.progress.states) states", .count)
      line.add(", depth \(check.progress.depth), \(check.progress.frontier) to look at", .note)
      line.addTrailing("\(state.keys.name(of: .check)) stops ", .dim)
    } else {
      next(state, &line)
    }
    line.draw(on: &surface, x: area.x, y: area.y, width: area.width)
  }

  private static func next(_ state: AppState, _ line: inout PanelLine) {
    let rows = ThreadRow.rows(state.moment)
    guard rows.indices.contains(state.thread) else { return }
    let row = rows[state.thread]
    line.add(" \(row.name) ", .thread, .bold)
    switch row.condition {
    case .ready, .timeout:
      if let frame = row.stack.last {
        line.add("next ", .dim)
        line.add(frame.text, .text)
        if row.choices > 1 { line.add("  or \(state.keys.name(of: .stepOtherWay)): it fails", .warning) }
        line.addTrailing("\(frame.function)\(frame.line.map { ":\($0)" } ?? "") ", .dim)
      } else if let operation = row.operation {
        line.add("begins ", .dim)
        line.add(operation, .text)
      }
    default:
      line.add(
        "\(state.glyphs.blocked) \(row.words)", row.condition == .finished ? .threadDone : .threadBlocked)
    }
  }

  private static func drawInput(
    _ prompt: Prompt, _ state: AppState, on surface: inout Surface, in area: Rect
  ) {
    let field = prompt.field
    var x =
      area.x
      + surface.write(" \(prompt.purpose.sign)", x: area.x, y: area.y, role: .key, maxWidth: area.width - 2)
    // A long line shows the part around its cursor.
    let room = max(1, area.maxX - x - 1)
    let start = max(0, field.cursor - room + 1)
    let visible = String(field.text.dropFirst(start).prefix(room))
    surface.write(visible, x: x, y: area.y, role: .input)
    if let message = state.message {
      let left = x + CharacterWidth.columns(of: visible) + 2
      surface.writeShortened(
        "\(state.glyphs.warning) \(message.text)", x: left, y: area.y, role: .warning,
        maxWidth: area.maxX - left)
    } else if field.text.isEmpty {
      surface.writeShortened(
        " \(prompt.purpose.hint)", x: x + 1, y: area.y, role: .dim,
        maxWidth: area.maxX - x - 1)
    }
    x += CharacterWidth.columns(of: String(visible.prefix(field.cursor - start)))
    surface.cursor = Point(x: x, y: area.y)
  }
}
