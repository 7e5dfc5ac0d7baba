import CustomDump
import Foundation
import Surface
import Testing

/// `review --explore` at the keyboard of a pseudo-terminal: both sides of a patch beside each other.
@Suite(.serialized)
struct ReviewExploreTests {
  private static let mail = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/examples/detach-flush.mail").path

  @Test func bothSidesAreStepped() throws {
    let terminal = try PseudoTerminal(size: Size(width: 200, height: 50))
    let before = try terminal.modes()
    try terminal.spawn(
      try PseudoTerminal.built("ioascope"),
      ["review", Self.mail, "--model", "replace-v2", "--scenario", "detach-with-pin", "--explore"])
    // What the mail changes is said before the screen opens, and stays when it closes.
    try terminal.waitFor("before and after do the same up to here")
    #expect(terminal.screen.isAlternate)
    // On to where the sides part: the C of the mail stands there.
    try terminal.press(" ", until: "before and after part at step", atMost: 120)
    // And back to where both still do the same.
    try terminal.press("u", until: "before and after do the same up to here", atMost: 20)
    try terminal.resize(Size(width: 60, height: 20))
    try terminal.waitFor("do the same up")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    #expect(!terminal.screen.isAlternate)
    #expect(terminal.screen.isCursorVisible)
    expectNoDifference(before, try terminal.modes())
    let written = String(decoding: terminal.output, as: UTF8.self)
    #expect(written.contains("better: detach-with-pin: "))
    #expect(written.contains("1 scenario checked: 0 worse, 1 better, 0 the same"))
  }
}
