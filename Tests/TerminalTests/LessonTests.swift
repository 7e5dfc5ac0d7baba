import CustomDump
import Foundation
import Surface
import Testing

/// A lesson at the keyboard of a pseudo-terminal, on the smallest usual screen.
@Suite(.serialized)
struct LessonTests {
  private func home() throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test func aQuestionIsAnsweredAndKept() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let terminal = try PseudoTerminal(size: Size(width: 80, height: 24))
    let before = try terminal.modes()
    try terminal.spawn(
      try PseudoTerminal.built("ioascope"), ["lesson", "6", "--beat", "3"],
      environment: ["XDG_STATE_HOME": home])
    try terminal.waitFor("Who holds access1.ioas_lock now?")
    try terminal.send(";2\r")
    try terminal.waitFor("✗")
    try terminal.send(";4\r")
    try terminal.waitFor("✓ nobody")
    try terminal.send(".")
    try terminal.waitFor(" 4/11 ")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    #expect(!terminal.screen.isAlternate)
    expectNoDifference(before, try terminal.modes())
    let progress = try String(contentsOfFile: home + "/ioascope/progress.toml", encoding: .utf8)
    #expect(progress.contains("beat = 4"))
  }

  /// The editor has the terminal while it runs; afterwards the lesson has it again, with the checker's verdict.
  @Test func aModelGoesThroughTheEditor() throws {
    let home = try home()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let editor = home + "/editor"
    try "#!/bin/sh\nsed -i 's/let ioas = access.ioas$/let ioas = access.ioas_unpin/' \"$1\"\n".write(
      toFile: editor, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: editor)
    let terminal = try PseudoTerminal(size: Size(width: 80, height: 24))
    let before = try terminal.modes()
    try terminal.spawn(
      try PseudoTerminal.built("ioascope"), ["lesson", "8", "--beat", "4"],
      environment: [
        "XDG_STATE_HOME": home, "XDG_DATA_HOME": home, "EDITOR": "/bin/sh \(editor)", "VISUAL": "",
      ])
    try terminal.waitFor("E edit")
    try terminal.send("E")
    try terminal.waitFor("3 of 3 stars")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    expectNoDifference(before, try terminal.modes())
  }
}
