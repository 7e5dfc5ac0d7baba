import Surface

/// The lines between the panels, with their headings.
enum PanelFrames {
  static func draw(_ layout: ScreenLayout, on surface: inout Surface) {
    // The top line first, then the columns that hang from it, then the lines that end at those: so that they join well.
    let first = layout.slots.map(\.rect.y).min() ?? 0
    surface.horizontalLine(x: 0, y: first, length: surface.width)
    for rule in layout.rules {
      surface.verticalLine(x: rule.x, y: rule.y, length: rule.height)
    }
    for slot in layout.slots where slot.rect.y != first {
      let left = slot.rect.x > 0 ? slot.rect.x - 1 : 0
      let right = slot.rect.maxX < surface.width ? slot.rect.maxX : surface.width - 1
      surface.horizontalLine(x: left, y: slot.rect.y, length: right - left + 1)
    }
  }

  /// The panels that share a place, the one that shows set off, and at the right what there is to say about it.
  static func heading(
    _ slot: ScreenLayout.Slot, caption: String, _ state: AppState, on surface: inout Surface
  ) {
    let y = slot.rect.y
    let isFocused = slot.panels.contains(state.focus) && slot.front == state.focus
    if isFocused {
      surface.restyle(Rect(x: slot.rect.x, y: y, width: slot.rect.width, height: 1), role: .borderFocused)
    }
    var line = PanelLine()
    for panel in slot.panels {
      let isFront = panel == slot.front
      line.add(" ")
      if isFront, isFocused { line.add("\(state.glyphs.here) ", .borderFocused) }
      line.add(panel.title, isFront ? .title : .dim)
    }
    line.add(" ")
    var x = slot.rect.x + 1
    for span in line.spans {
      x += surface.write(
        span.text, x: x, y: y, role: span.role, emphasis: span.emphasis, maxWidth: slot.rect.maxX - 1 - x)
    }
    let room = slot.rect.maxX - 2 - x
    guard !caption.isEmpty, room >= 4 else { return }
    let text = " \(Surface.shorten(caption, to: room - 2, glyphs: state.glyphs)) "
    surface.write(text, x: slot.rect.maxX - 1 - CharacterWidth.columns(of: text), y: y, role: .dim)
  }
}
