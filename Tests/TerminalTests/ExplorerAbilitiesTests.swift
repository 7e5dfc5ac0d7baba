import CustomDump
import Foundation
import Glibc
import Surface
import Testing

/// What only the whole program can do: a search beside the keyboard, settings that last, recording on demand, the mouse.
@Suite(.serialized)
struct ExplorerAbilitiesTests {
  private func start(
    _ arguments: [String], size: Size = Size(width: 160, height: 48), home: String? = nil
  ) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(size: size)
    try terminal.spawn(
      try PseudoTerminal.built("ioascope"), arguments, environment: ["HOME": home ?? "/nonexistent"])
    return terminal
  }

  private func directory() throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("ioascope-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
  }

  @Test func aCheckRunsBesideTheKeyboardAndLeadsToItsFindings() throws {
    let terminal = try start(["explore", "close-with-pin"])
    try terminal.waitFor("close-with-pin")
    try terminal.send("C")
    try terminal.waitFor("the check found")
    try terminal.send("x")
    try terminal.waitFor("Findings of the check")
    try terminal.waitFor("callback-after-close")
    try terminal.send("\r")
    try terminal.waitFor("steps from there")
    try terminal.waitFor("! callback-after-close")
    try terminal.send("w")
    try terminal.waitFor("callback-after-close at step")
    try terminal.send("q")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }

  @Test func keysCanBePressedWhileASearchGoesOnAndQuittingEndsIt() throws {
    let terminal = try start(["explore", "unmap-while-closing"])
    try terminal.waitFor("unmap-while-closing")
    try terminal.send("C")
    try terminal.waitFor("searching")
    try terminal.send("?")
    try terminal.waitFor("type to narrow this down")
    try terminal.send("\u{3}")
    #expect(try terminal.waitForEnd() == .exited(0))
  }

  @Test func thePaletteDoesWhatItSays() throws {
    let terminal = try start(["explore", "attach-pin-replace"])
    try terminal.waitFor("attach-pin-replace")
    try terminal.send("\u{10}")
    try terminal.waitFor("Commands")
    try terminal.send("ascii")
    try terminal.waitFor("draws with ASCII")
    try terminal.send("\r")
    try terminal.waitFor("drawn with ASCII")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }

  @Test func settingsLastAndAWrongFileIsToldAndLeftAlone() throws {
    let home = try directory()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let first = try start(["explore", "attach-pin-replace"], home: home)
    try first.waitFor("attach-pin-replace")
    try first.send("T")
    try first.waitFor("Theme")
    try first.send("\u{1B}[B\r")
    try first.waitFor("keeps it for the next time")
    try first.send("K")
    try first.waitFor("kept in")
    try first.send("q")
    #expect(try first.waitForEnd() == .exited(0))
    let file = "\(home)/.config/ioascope/settings.toml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains("theme = "))
    try (text + "\n[keys]\nquit = \"f10\"\n").write(toFile: file, atomically: true, encoding: .utf8)
    let second = try start(["explore", "attach-pin-replace"], home: home)
    try second.waitFor("attach-pin-replace")
    try second.send("q")
    try second.waitFor("q does nothing here")
    try second.send("\u{1B}[21~")
    #expect(try second.waitForEnd() == .exited(0))
    try "theme = 3\n".write(toFile: file, atomically: true, encoding: .utf8)
    let third = try start(["explore", "attach-pin-replace"], home: home)
    #expect(try third.waitForEnd() == .exited(65))
    #expect(third.screen.text.contains("settings.toml:1:9: error:"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "theme = 3\n")
  }

  @Test func recordingBeginsAndEndsWithAKey() throws {
    let home = try directory()
    defer { try? FileManager.default.removeItem(atPath: home) }
    let terminal = try start(["explore", "attach-pin-replace"], home: home)
    try terminal.waitFor("attach-pin-replace")
    try terminal.send("r")
    try terminal.waitFor("pins 1")
    try terminal.send("S")
    try terminal.waitFor("record to:")
    try terminal.send("\(home)/lecture.ioas\r")
    try terminal.waitFor("recording to")
    try terminal.send("L")
    try terminal.send("S")
    try terminal.waitFor("is complete")
    try terminal.send("S")
    try terminal.send("\(home)/nowhere/lecture.ioas\r")
    try terminal.waitFor("No such file")
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    let lines = try String(contentsOfFile: "\(home)/lecture.ioas", encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 100)
    #expect(lines[0].contains("\"scenario\":\"attach-pin-replace\""))
  }

  @Test func aLineBetweenPanelsIsDraggedAndTheMouseIsGivenBack() throws {
    let terminal = try start(["explore", "attach-pin-replace"], size: Size(width: 80, height: 24))
    try terminal.waitFor("attach-pin-replace")
    // The name stands in the first row, which may come before the others.
    try terminal.until("the panels to be drawn") { terminal.screen.lines[1].contains("┬") }
    let before = try #require(Array(terminal.screen.lines[1]).firstIndex(of: "┬"))
    try terminal.send("\u{1B}[<0;\(before + 1);6M\u{1B}[<32;\(before - 9);6M\u{1B}[<0;\(before - 9);6m")
    try terminal.until("the line to move") {
      Array(terminal.screen.lines[1]).firstIndex(of: "┬") == before - 10
    }
    #expect(terminal.screen.hasMouse)
    try terminal.send("M")
    try terminal.until("the mouse to be given back") { !terminal.screen.hasMouse }
    try terminal.send("M")
    try terminal.until("the mouse to be taken again") { terminal.screen.hasMouse }
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    #expect(!terminal.screen.hasMouse)
  }

  @Test func aStormOfSizesEndsWithARightScreen() throws {
    let terminal = try start(["explore", "replace-vs-pin"])
    try terminal.waitFor("replace-vs-pin")
    for round in 0..<60 {
      try terminal.resize(Size(width: 1 + (round * 37) % 200, height: 1 + (round * 23) % 60))
      if round % 5 == 0 { try terminal.send("L") }
      if round % 7 == 0 { terminal.pump(milliseconds: 1) }
    }
    try terminal.resize(Size(width: 1, height: 1))
    try terminal.resize(Size(width: 120, height: 40))
    try terminal.until("the last size to be drawn") {
      terminal.screen.lines.count == 40 && terminal.screen.lines[0].contains("replace-vs-pin")
        && terminal.screen.lines[39].contains("help")
    }
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }
}
