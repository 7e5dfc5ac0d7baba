import CustomDump
import Surface
import Testing

struct CharacterWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
    ("ｱ", 1),
    ("Ａ", 2), ("│─┼", 3), ("✓✗", 2), ("a\tb", 3), ("\u{1B}[0m", 4), ("\u{200B}", 0), ("\u{301}", 0), ("👍", 2),
    ("☺\u{FE0F}", 1), ("\u{202E}abc", 3), ("क्षि", 3), ("\u{AD}", 0),
  ])
  func columnsOfText(text: String, columns: Int) {
    #expect(CharacterWidth.columns(of: text) == columns)
  }

  @Test func everyGlyphIsOneColumn() {
    for set in GlyphSet.allCases {
      for (name, glyph) in set.marks {
        #expect(CharacterWidth.columns(of: glyph) == 1, "\(name)")
        #expect(glyph.unicodeScalars.count == 1, "\(name)")
        #expect(glyph.unicodeScalars.allSatisfy { !$0.properties.isEmojiPresentation }, "\(name)")
        // Some terminals show these as pictures even without a variation selector.
        #expect(glyph.unicodeScalars.allSatisfy { $0.value < 0x80 || !$0.properties.isEmoji }, "\(name)")
        if set == .ascii { #expect(glyph.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "\(name)") }
      }
    }
  }

  @Test func everyLineIsOneColumn() {
    for bits in UInt8(0)..<16 {
      for set in GlyphSet.allCases {
        #expect(CharacterWidth.columns(of: set.line(LineArms(rawValue: bits))) == 1)
      }
    }
  }
}
