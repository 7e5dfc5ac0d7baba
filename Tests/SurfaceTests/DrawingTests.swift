import CustomDump
import Surface
import Testing

struct DrawingTests {
  func surface(_ width: Int, _ height: Int, glyphs: GlyphSet = .unicode) -> Surface {
    Surface(size: Size(width: width, height: height), glyphs: glyphs)
  }

  @Test func writeGivesTheColumnsItUsed() {
    var surface = surface(10, 2)
    #expect(surface.write("abc", x: 0, y: 0, role: .text) == 3)
    #expect(surface.write("日本", x: 3, y: 0, role: .text) == 4)
    #expect(surface.write("too long", x: 7, y: 0, role: .text) == 3)
    #expect(surface.write("beyond", x: 10, y: 0, role: .text) == 0)
    #expect(surface.write("below", x: 0, y: 2, role: .text) == 0)
    #expect(surface.write("above", x: 0, y: -1, role: .text) == 0)
    #expect(surface.write("abc", x: 0, y: 1, role: .text, maxWidth: 2) == 2)
    #expect(surface.write("abc", x: 5, y: 1, role: .text, maxWidth: 0) == 0)
    #expect(surface.write("abc", x: 5, y: 1, role: .text, maxWidth: -3) == 0)
    expectNoDifference(surface.textLines(), ["abc日本too", "ab"])
  }

  @Test func wideCharactersAreWholeOrNotThere() {
    var surface = surface(6, 5)
    // At the right edge, at the left edge, at a limit.
    #expect(surface.write("abcd日本", x: 1, y: 0, role: .text) == 5)
    #expect(surface.write("日本x", x: -1, y: 1, role: .text) == 5)
    #expect(surface.write("日本", x: 0, y: 2, role: .text, maxWidth: 3) == 3)
    // Overwriting the right half, and the left one.
    surface.write("日日日", x: 0, y: 3, role: .text)
    surface.write("a", x: 1, y: 3, role: .text)
    surface.write("b", x: 4, y: 3, role: .text)
    // A wide one over two halves.
    surface.write("日日日", x: 0, y: 4, role: .text)
    surface.write("本", x: 1, y: 4, role: .text)
    expectNoDifference(surface.textLines(), [" abcd", " 本x", "日", " a日b", " 本 日"])
    expectNoDifference((0..<6).map { surface[$0, 3].width }, [1, 1, 2, 0, 1, 1])
    expectNoDifference((0..<6).map { surface[$0, 4].width }, [1, 2, 0, 1, 2, 0])
  }

  @Test func controlCharactersDoNotReachACell() {
    var surface = surface(20, 2)
    surface.write("a\u{1B}[31mb\u{7}c\u{9B}d", x: 0, y: 0, role: .text)
    surface.write("a\tb\r\nc\u{202E}d\u{200B}e", x: 0, y: 1, role: .text)
    expectNoDifference(surface.textLines(), ["a?[31mb?c?d", "a b  cde"])
  }

  @Test func combiningMarksStayWithTheirBase() {
    var surface = surface(4, 1)
    #expect(
      surface.write("\u{301}e\u{301}x\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}", x: 0, y: 0, role: .text)
        == 2)
    #expect(surface[0, 0].glyph == "e\u{301}")
    #expect(surface[1, 0].glyph.unicodeScalars.count == 5)
  }

  @Test func textKeepsTheBackgroundItIsWrittenOn() {
    var surface = surface(6, 1)
    surface.fill(surface.bounds, background: .selection)
    surface.write("ab", x: 1, y: 0, role: .pin, emphasis: .bold)
    surface.write("c", x: 3, y: 0, role: .pin, background: .sourceCurrent)
    expectNoDifference(
      surface.golden(),
      """
      6x1
      | abc  |
      styles
      0: 0-0 text on selection
      0: 1-2 pin+bold on selection
      0: 3-3 pin on source-current
      0: 4-5 text on selection

      """)
  }

  @Test func boxesAndLinesJoin() {
    var surface = surface(20, 7)
    surface.box(Rect(x: 0, y: 0, width: 20, height: 7), title: "title")
    surface.verticalLine(x: 10, y: 0, length: 7)
    surface.horizontalLine(x: 10, y: 3, length: 10)
    surface.horizontalLine(x: 2, y: 5, length: 3)
    expectNoDifference(
      surface.textLines(),
      [
        "┌─ title ─┬────────┐",
        "│         │        │",
        "│         │        │",
        "│         ├────────┤",
        "│         │        │",
        "│ ───     │        │",
        "└─────────┴────────┘",
      ])
  }

  @Test func asciiBoxes() {
    var surface = surface(16, 5, glyphs: .ascii)
    surface.box(surface.bounds, title: "title that is too long")
    surface.verticalLine(x: 8, y: 1, length: 4)
    surface.horizontalLine(x: 0, y: 2, length: 16)
    expectNoDifference(
      surface.textLines(),
      [
        "+- title tha~ -+",
        "|       |      |",
        "+-------+------+",
        "|       |      |",
        "+-------+------+",
      ])
  }

  @Test func smallBoxes() {
    var surface = surface(12, 3)
    surface.box(Rect(x: 0, y: 0, width: 1, height: 3), title: "a")
    surface.box(Rect(x: 1, y: 0, width: 2, height: 2), title: "a")
    surface.box(Rect(x: 3, y: 0, width: 6, height: 2), title: "a")
    surface.box(Rect(x: 9, y: 0, width: 30, height: 30), title: "clipped")
    expectNoDifference(surface.textLines(), [" ┌┐┌────┐┌─", " └┘└────┘│", "         │"])
  }

  @Test func shortening() {
    #expect(Surface.shorten("abc", to: 3, glyphs: .unicode) == "abc")
    #expect(Surface.shorten("abcd", to: 3, glyphs: .unicode) == "ab…")
    #expect(Surface.shorten("日本語", to: 4, glyphs: .ascii) == "日~")
    #expect(Surface.shorten("abcd", to: 0, glyphs: .ascii) == "")
  }

  @Test func drawingOverCutsWideCharactersAtTheEdges() {
    var small = surface(4, 1)
    small.write("日本", x: 0, y: 0, role: .space)
    small.cursor = Point(x: 1, y: 0)
    var large = surface(6, 3)
    for y in 0..<3 { large.write("......", x: 0, y: y, role: .dim) }
    large.draw(small, x: 1, y: 0)
    large.draw(small, x: -1, y: 1)
    large.draw(small, x: 3, y: 2)
    expectNoDifference(large.textLines(), [".日本.", " 本...", "...日"])
    #expect(large.cursor == Point(x: 4, y: 2))
  }

  @Test func restyleTakesWideCharactersWhole() {
    var surface = surface(6, 1)
    surface.write("日本語", x: 0, y: 0, role: .text)
    surface.restyle(Rect(x: 1, y: 0, width: 2, height: 9), emphasis: .reverse, background: .selection)
    expectNoDifference(
      surface.golden(), "6x1\n|日本語|\nstyles\n0: 0-3 text+reverse on selection\n")
  }

  @Test func asciiOnlyKeepsColumns() {
    var surface = surface(8, 1)
    surface.write("a日é本", x: 0, y: 0, role: .ok)
    expectNoDifference(surface.asciiOnly().textLines(), ["a?????"])
  }

  @Test func emptySurfacesAreFine() {
    for size in [
      Size.zero, Size(width: 0, height: 3), Size(width: 3, height: 0), Size(width: -1, height: -1),
    ] {
      var surface = Surface(size: size)
      surface.write("a", x: 0, y: 0, role: .text)
      surface.box(Rect(x: 0, y: 0, width: 5, height: 5), title: "a")
      surface.fill(Rect(x: -1, y: -1, width: 5, height: 5))
      surface.restyle(Rect(x: -1, y: -1, width: 5, height: 5), role: .ok)
      surface.horizontalLine(x: -2, y: 0, length: 5)
      #expect(surface.textLines().allSatisfy { $0.isEmpty })
      #expect(diff(from: nil, to: surface).isEmpty)
      #expect(surface[0, 0] == .blank())
    }
  }
}
