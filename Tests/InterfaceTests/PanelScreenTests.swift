import CustomDump
import Foundation
import Interface
import Surface
import Testing

/// Golden frames of every panel: the grid, the meanings of the cells, and what two themes make of those meanings.
@Suite struct PanelScreenTests {
  static let themes = ["dark", "monochrome"]

  static func theme(_ name: String) throws -> Theme {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try Theme.load(name) { wanted in
      let path = root.appendingPathComponent("themes/\(wanted).toml")
      guard let text = try? String(contentsOf: path, encoding: .utf8) else { return nil }
      return ThemeFile(path: "themes/\(wanted).toml", text: text)
    }
  }

  /// What the themes make of the styles of a screen, a line a style.
  static func looks(_ surface: Surface) throws -> String {
    let themes = try Self.themes.map { try theme($0) }
    var styles: Set<CellStyle> = []
    for y in 0..<surface.height {
      for x in 0..<surface.width { styles.insert(surface[x, y].style) }
    }
    func text(_ style: QuantisedStyle) -> String {
      let parts = [style.foreground.map { "\($0)" } ?? "-", style.background.map { "on \($0)" } ?? ""]
      return (parts + style.emphasis.names).filter { !$0.isEmpty }.joined(separator: " ")
    }
    let lines = styles.sorted { $0.description < $1.description }.map { style in
      let looks = zip(Self.themes, themes).map { name, theme in
        let capability: ColorCapability = name == "monochrome" ? .none : .palette256
        return "\(name) \(text(theme.style(for: style, capability: capability)))"
      }
      return "\(style): \(looks.joined(separator: "; "))"
    }
    return "looks\n" + lines.joined(separator: "\n") + "\n"
  }

  /// The window of a replace that another thread wants to pin in: something stands in every panel.
  static func pilot() throws -> Pilot {
    var pilot = try Pilot.scenario("replace-vs-pin")
    let program = pilot.state.timeline.world.program
    for _ in 0..<200
    where pilot.state.moment.record?.statement.map({ program.text(of: $0) }) != "access.ioas = null" {
      try pilot.press("space")
    }
    try pilot.press("2 r m")
    pilot.type("in the window")
    try pilot.press("enter W")
    pilot.type("access1.ioas")
    try pilot.press("enter")
    pilot.type("ioas1.users")
    try pilot.press("enter esc 1 L")
    return pilot
  }

  @Test(arguments: Panel.allCases, [Size(width: 80, height: 24), Size(width: 160, height: 48)])
  func everyPanel(_ panel: Panel, _ size: Size) throws {
    var pilot = try Self.pilot()
    _ = reduce(&pilot.state, .resized(size))
    while pilot.state.focus != panel { try pilot.press("]") }
    if [.log, .timeline].contains(panel) { try pilot.press("up") }
    if [.locks, .detail, .changes, .watch, .graph].contains(panel) { try pilot.press("down") }
    for glyphs in GlyphSet.allCases {
      pilot.state.glyphs = glyphs
      let surface = view(pilot.state, size: size)
      try Golden.expect(
        surface.golden() + (try Self.looks(surface)),
        "panel-\(panel.rawValue)-\(size.width)x\(size.height)-\(glyphs.rawValue)")
    }
  }

  @Test func aLargeScreenShowsEveryPanelAtOnce() throws {
    let pilot = try Self.pilot()
    let size = Size(width: 200, height: 60)
    let surface = view(pilot.state, size: size)
    let text = surface.textLines().joined(separator: "\n")
    for panel in Panel.allCases { #expect(text.contains(" \(panel.title) ")) }
    try Golden.expect(surface.golden(), "large-200x60")
  }

  @Test(arguments: [
    ("palette", "ctrl-p"), ("stops", "W"), ("themes", "T"), ("why", "w"), ("history", "down H"),
    ("lock-order", "O"), ("compare", "= enter"), ("bookmarks", "'"), ("branches", "u u 1 space b"),
    ("help", "?"), ("operations", "o"), ("form", "o enter"), ("search", "/"), ("about", "i"),
  ])
  func everyOverlay(_ name: String, _ keys: String) throws {
    for size in [Size(width: 80, height: 24), Size(width: 160, height: 48)] {
      var pilot = try Self.pilot()
      _ = reduce(&pilot.state, .resized(size))
      try pilot.press(keys)
      #expect(pilot.state.overlay != nil)
      let surface = view(pilot.state, size: size)
      try Golden.expect(surface.golden(), "overlay-\(name)-\(size.width)x\(size.height)")
    }
  }
}
