import Surface

/// The last row: the keys that matter most, as many as fit.
enum Footer {
  static func draw(_ context: KeyBinding.Context, _ keys: KeyTable, on surface: inout Surface, in area: Rect)
  {
    surface.fill(area, role: .statusBar, background: .statusBar)
    var x = area.x + 1
    for binding in keys.hints(in: context) {
      guard let key = binding.keys.first?.name else { continue }
      let width = CharacterWidth.columns(of: key) + 1 + CharacterWidth.columns(of: binding.title)
      guard x + width <= area.maxX - 1 else { continue }
      x += surface.write(key, x: x, y: area.y, role: .key, background: .statusBar)
      x += surface.write(" \(binding.title)", x: x, y: area.y, role: .keyHint, background: .statusBar)
      x += 2
    }
  }
}
