import Surface

/// What a screen shows that is too small for anything else.
enum TooSmallPage {
  static func draw(on surface: inout Surface) {
    let smallest = ScreenLayout.smallest
    let lines = [
      ("ioascope", Role.headline),
      ("needs \(smallest.width)x\(smallest.height)", Role.text),
      ("this is \(surface.width)x\(surface.height)", Role.dim),
      ("q quits", Role.keyHint),
    ]
    let top = max(0, (surface.height - lines.count) / 2)
    for (number, (text, role)) in lines.enumerated() {
      let x = max(0, (surface.width - CharacterWidth.columns(of: text)) / 2)
      surface.writeShortened(text, x: x, y: top + number, role: role, maxWidth: surface.width - x)
    }
  }
}
