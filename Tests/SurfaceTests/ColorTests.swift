import CustomDump
import Surface
import Testing

struct ColorTests {
  @Test func hexGoesBothWays() {
    #expect(Color(hex: "#12aBf0")?.hex == "#12abf0")
    #expect(Color(hex: "#1af")?.hex == "#11aaff")
    for text in ["", "#", "12abf0", "#12abf", "#12abfg", "#12abf00", "#+1+2+3", "#１２３", "red"] {
      #expect(Color(hex: text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    ("#000000", 16, 0), ("#ffffff", 231, 15), ("#ff0000", 196, 9), ("#808080", 244, 8), ("#5f87af", 67, 6),
    ("#1c1c1c", 234, 0), ("#00ff00", 46, 10), ("#ee7782", 210, 9), ("#e29b6b", 173, 3), ("#12151a", 233, 0),
    ("#b8a1e6", 146, 13), ("#7fa8f0", 111, 12),
    ("#0000ee", 21, 12),
  ])
  func nearest(hex: String, of256: Int, of16: Int) throws {
    let color = try #require(Color(hex: hex))
    #expect(color.nearestOf256 == of256)
    #expect(color.nearestOf16 == of16)
  }

  @Test func textStaysReadableWhenColoursFallTogether() throws {
    let style = Style(foreground: Color(hex: "#101010"), background: Color(hex: "#050505"))
    #expect(style.quantised(to: .sixteen) == QuantisedStyle(foreground: 15, background: 0, emphasis: []))
    #expect(style.quantised(to: .none) == QuantisedStyle(foreground: nil, background: nil, emphasis: []))
    #expect(style.quantised(to: .trueColor).foreground == 0x101010)
  }
}
