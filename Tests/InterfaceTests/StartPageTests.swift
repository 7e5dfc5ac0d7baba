import CustomDump
import Interface
import Surface
import Testing

@Suite struct StartPageTests {
  private let entries = [
    StartPage.Entry(kind: .session, name: "/home/me/lecture.ioas", title: ""),
    StartPage.Entry(
      kind: .scenario, name: "attach-pin-replace", title: "A pinned access moves to another IOAS"),
    StartPage.Entry(kind: .scenario, name: "replace-vs-pin", title: "A replace races a pin and its unpin"),
    StartPage.Entry(kind: .scenario, name: "unmap-vs-pin", title: "An unmap races a pin in the same range"),
  ]

  @Test func aNewcomerStandsOnTheMailsScenario() {
    var page = StartPage(entries: entries, model: "linux-6.12")
    #expect(page.take(.enter) == .open(entries[1]))
    expectNoDifference(
      page.view(size: Size(width: 60, height: 10), glyphs: .ascii).textLines(),
      [
        "  ioascope                                                  ",
        "  steps, checks and shows the lifetimes of Linux iommufd ~",
        "  > type to narrow this down                                ",
        "                                                            ",
        "    /home/me/lecture.ioas  session                          ",
        "  > attach-pin-replace     A pinned access moves to anoth~",
        "    replace-vs-pin         A replace races a pin and its ~",
        "    unmap-vs-pin           An unmap races a pin in the sa~",
        "                                                            ",
        "  enter open  esc quit  up down choose                      ",
      ].map { String($0.reversed().drop { $0 == " " }.reversed()) })
  }

  @Test func typingNarrowsTheListDown() {
    var page = StartPage(entries: entries, model: "linux-6.12")
    for character in "races pin" {
      #expect(page.take(character == " " ? .character(" ") : .character(character)) == nil)
    }
    #expect(page.matching.map(\.name) == ["replace-vs-pin", "unmap-vs-pin"])
    #expect(page.take(.down) == nil)
    #expect(page.take(.down) == nil)
    #expect(page.take(.enter) == .open(entries[3]))
    #expect(page.take(.escape) == nil, "escape first clears what was typed")
    #expect(page.filter == "")
    #expect(page.take(.escape) == .quit)
  }

  @Test func qQuitsUnlessItIsPartOfAWord() {
    var page = StartPage(entries: entries, model: "linux-6.12")
    #expect(page.take(.character("q")) == .quit)
    #expect(page.take(.character("s")) == nil)
    #expect(page.take(.character("q")) == nil)
    #expect(page.matching.isEmpty)
    #expect(page.take(.enter) == nil)
    #expect(page.take(.control("c")) == .quit)
    #expect(page.take(.control("z")) == .suspend)
  }

  @Test func everySizeIsDrawn() {
    let page = StartPage(entries: entries, model: "linux-6.12")
    for width in 1...80 {
      for height in 1...24 {
        let size = Size(width: width, height: height)
        #expect(page.view(size: size, glyphs: .unicode).size == size)
      }
    }
  }
}
