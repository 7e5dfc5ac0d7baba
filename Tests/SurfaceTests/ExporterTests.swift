import CustomDump
import Surface
import Testing

struct ExporterTests {
  static let theme = ThemeTests.shippedTheme

  var picture: Surface {
    var surface = Surface(size: Size(width: 24, height: 4))
    surface.box(surface.bounds, title: "ioas <1>")
    surface.write("pin", x: 2, y: 1, role: .pin, emphasis: .bold)
    surface.write("日本 & co", x: 6, y: 1, role: .text)
    surface.fill(Rect(x: 1, y: 2, width: 22, height: 1), background: .selection)
    surface.write("chosen", x: 2, y: 2, role: .link)
    return surface
  }

  @Test func text() {
    expectNoDifference(
      picture.text(),
      """
      ┌─ ioas <1> ───────────┐
      │ pin 日本 & co        │
      │ chosen               │
      └──────────────────────┘

      """)
  }

  @Test func golden() {
    var picture = picture
    picture.cursor = Point(x: 3, y: 1)
    expectNoDifference(
      picture.golden(),
      """
      24x4
      |┌─ ioas <1> ───────────┐|
      |│ pin 日本 & co        │|
      |│ chosen               │|
      |└──────────────────────┘|
      cursor 3,1
      styles
      0: 0-1 border
      0: 2-11 title
      0: 12-23 border
      1: 0-0 border
      1: 2-4 pin+bold
      1: 23-23 border
      2: 0-0 border
      2: 1-1 text on selection
      2: 2-7 link on selection
      2: 8-22 text on selection
      2: 23-23 border
      3: 0-23 border

      """)
  }

  func ansi(_ name: String, _ capability: ColorCapability) throws -> [String] {
    var surface = Surface(size: Size(width: 10, height: 2))
    surface.write("ab", x: 0, y: 0, role: .text)
    surface.write("c日", x: 2, y: 0, role: .error)
    surface.write("d", x: 0, y: 1, role: .space, background: .selection)
    return surface.ansi(theme: try Self.theme(name), capability: capability)
      .replacingEscape().split(separator: "\n").map(String.init)
  }

  @Test func ansi() throws {
    expectNoDifference(
      try ansi("dark", .trueColor),
      [
        "^[0;38;2;205;212;221;48;2;18;21;26mab^[0;1;38;2;238;119;130;48;2;18;21;26mc日"
          + "^[0;38;2;205;212;221;48;2;18;21;26m     ^[0m",
        "^[0;38;2;127;168;240;48;2;45;54;70md^[0;38;2;205;212;221;48;2;18;21;26m         ^[0m",
      ])
    expectNoDifference(
      try ansi("dark", .palette256),
      [
        "^[0;38;5;188;48;5;233mab^[0;1;38;5;210;48;5;233mc日^[0;38;5;188;48;5;233m     ^[0m",
        "^[0;38;5;111;48;5;237md^[0;38;5;188;48;5;233m         ^[0m",
      ])
    expectNoDifference(
      try ansi("dark", .sixteen),
      [
        "^[0;37;40mab^[0;1;91;40mc日^[0;37;40m     ^[0m", "^[0;94;100md^[0;37;40m         ^[0m",
      ])
    expectNoDifference(try ansi("dark", .none), ["ab^[0;1mc日^[0m     ", "^[0;7md^[0m         "])
    expectNoDifference(try ansi("monochrome", .trueColor), ["ab^[0;1mc日^[0m     ", "^[0;7md^[0m         "])
  }

  @Test func svg() throws {
    let svg = picture.svg(theme: try Self.theme("dark"), title: "A & B")
    expectNoDifference(svg, picture.svg(theme: try Self.theme("dark"), title: "A & B"))
    expectNoDifference(
      svg,
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="216" height="72" viewBox="0 0 216 72" role="img" \
      font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="15">
      <title>A &amp; B</title>
      <rect width="216" height="72" fill="#12151a"/>
      <path d="M4.5 9H18M4.5 9V18" stroke="#4a5464" fill="none"/>
      <text x="27" y="14" fill="#cdd4dd" font-weight="bold" textLength="36" lengthAdjust="spacingAndGlyphs" xml:space="preserve">ioas</text>
      <text x="72" y="14" fill="#cdd4dd" font-weight="bold" textLength="27" lengthAdjust="spacingAndGlyphs" xml:space="preserve">&lt;1&gt;</text>
      <path d="M108 9H211.5M211.5 9V18" stroke="#4a5464" fill="none"/>
      <path d="M4.5 18V36" stroke="#4a5464" fill="none"/>
      <text x="18" y="32" fill="#e29b6b" font-weight="bold" textLength="27" lengthAdjust="spacingAndGlyphs" xml:space="preserve">pin</text>
      <text x="54" y="32" fill="#cdd4dd" textLength="18" lengthAdjust="spacingAndGlyphs" xml:space="preserve">日</text>
      <text x="72" y="32" fill="#cdd4dd" textLength="18" lengthAdjust="spacingAndGlyphs" xml:space="preserve">本</text>
      <text x="99" y="32" fill="#cdd4dd" textLength="9" lengthAdjust="spacingAndGlyphs" xml:space="preserve">&amp;</text>
      <text x="117" y="32" fill="#cdd4dd" textLength="18" lengthAdjust="spacingAndGlyphs" xml:space="preserve">co</text>
      <path d="M211.5 18V36" stroke="#4a5464" fill="none"/>
      <rect x="9" y="36" width="198" height="18" fill="#2d3646"/>
      <path d="M4.5 36V54" stroke="#4a5464" fill="none"/>
      <text x="18" y="50" fill="#7fa8f0" text-decoration="underline" textLength="54" lengthAdjust="spacingAndGlyphs" xml:space="preserve">chosen</text>
      <path d="M211.5 36V54" stroke="#4a5464" fill="none"/>
      <path d="M4.5 63H211.5M4.5 54V63M211.5 54V63" stroke="#4a5464" fill="none"/>
      </svg>

      """)
  }

  @Test func svgWithoutColours() throws {
    let svg = picture.svg(theme: try Self.theme("monochrome"))
    // Reverse video is drawn: black behind, white before.
    #expect(svg.contains("<rect x=\"9\" y=\"36\" width=\"198\" height=\"18\" fill=\"#000000\"/>"))
    #expect(svg.contains("fill=\"#ffffff\" text-decoration=\"underline\""))
  }
}

extension String {
  /// With escape sequences that a person can read.
  fileprivate func replacingEscape() -> String {
    String(flatMap { $0 == "\u{1B}" ? "^" : String($0) })
  }
}
