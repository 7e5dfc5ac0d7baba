import CustomDump
import Interface
import Surface
import Testing

struct KeystrokeTests {
  static let named: [(Keystroke, String)] = [
    (.character("a"), "a"), (.character("A"), "A"), (.character(" "), "space"), (.character("-"), "-"),
    (.character("é"), "é"), (.character("f"), "f"), (.character("1"), "1"), (.control("p"), "ctrl-p"),
    (.control(" "), "ctrl-space"), (.control("-"), "ctrl--"), (.alt("x"), "alt-x"), (.alt("X"), "alt-X"),
    (.up, "up"), (.down, "down"), (.left, "left"), (.right, "right"), (.shiftUp, "shift-up"),
    (.shiftDown, "shift-down"), (.shiftLeft, "shift-left"), (.shiftRight, "shift-right"), (.home, "home"),
    (.end, "end"), (.pageUp, "page-up"), (.pageDown, "page-down"), (.enter, "enter"), (.escape, "esc"),
    (.tab, "tab"),
    (.backTab, "shift-tab"), (.backspace, "backspace"), (.delete, "delete"), (.insert, "insert"),
    (.function(1), "f1"), (.function(12), "f12"), (.resize(Size(width: 80, height: 24)), "resize@80x24"),
    (.mouse(MouseEvent(.press(.left), at: Point(x: 3, y: 4))), "left-press@3,4"),
    (.mouse(MouseEvent(.drag(.right), at: Point(x: 3, y: 4))), "right-drag@3,4"),
    (.mouse(MouseEvent(.release(.middle), at: .zero)), "middle-release@0,0"),
    (.mouse(MouseEvent(.wheelUp, at: Point(x: 0, y: 10), modifiers: .control)), "ctrl-wheel-up@0,10"),
    (
      .mouse(MouseEvent(.wheelDown, at: Point(x: 1, y: 2), modifiers: [.shift, .control, .alt])),
      "ctrl-alt-shift-wheel-down@1,2"
    ),
  ]

  @Test func namesGoBothWays() {
    for (key, name) in Self.named {
      expectNoDifference(key.name, name)
      expectNoDifference(Keystroke(name: name), key)
    }
    // No two keys share a name.
    #expect(Set(Self.named.map(\.1)).count == Self.named.count)
  }

  @Test func capitalsAfterControlAreTheSameKey() {
    #expect(Keystroke(name: "ctrl-P") == .control("p"))
  }

  @Test(arguments: [
    "", " ", "ab", "ctrl-", "alt-", "ctrl-ab", "f0", "f64", "f01", "f-1", "f+1", "Up", "resize@80",
    "resize@80x",
    "resize@-1x2", "left-press", "left-press@1", "left-press@1,2,3", "left-click@1,2", "up-press@1,2",
    "wheel-up@a,b",
    "\n",
  ])
  func otherNamesAreNone(name: String) {
    #expect(Keystroke(name: name) == nil)
  }
}
