import CustomDump
import Glibc
import Surface
import Testing

/// The program itself at the keyboard of a pseudo-terminal.
@Suite(.serialized)
struct ExploreTests {
  private func start(
    _ arguments: [String] = ["explore", "attach-pin-replace"], size: Size = Size(width: 160, height: 48),
    environment: [String: String] = [:]
  ) throws -> (PseudoTerminal, modesBefore: [String]) {
    let terminal = try PseudoTerminal(size: size)
    let before = try terminal.modes()
    try terminal.spawn(try PseudoTerminal.built("ioascope"), arguments, environment: environment)
    return (terminal, before)
  }

  private func expectRestored(_ terminal: PseudoTerminal, _ before: [String]) throws {
    #expect(!terminal.screen.isAlternate)
    #expect(terminal.screen.isCursorVisible)
    #expect(!terminal.screen.hasMouse)
    expectNoDifference(before, try terminal.modes())
  }

  @Test func theMailsScenarioIsSteppedAndUndone() throws {
    let (terminal, before) = try start()
    try terminal.waitFor("attach-pin-replace")
    try terminal.waitFor("ioas→ioas1")
    // The pin, then the replace up to where ioas is null.
    try terminal.send("r")
    try terminal.waitFor("pins 1")
    try terminal.press("L", until: "ioas→null", atMost: 60)
    // Back to before the replace: the access is attached again, as if nothing had been.
    try terminal.press("u", until: "ioas→ioas1", atMost: 300)
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func controlCQuitsAndRestores() throws {
    let (terminal, before) = try start()
    try terminal.waitFor("attach-pin-replace")
    try terminal.send("\u{3}")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func everySizeIsDrawn() throws {
    let (terminal, before) = try start(size: Size(width: 80, height: 24))
    try terminal.waitFor("attach-pin-replace")
    for (width, height) in [(200, 60), (20, 5), (1, 1), (80, 24), (61, 17)] {
      try terminal.resize(Size(width: width, height: height))
    }
    try terminal.waitFor("attach-pin-rep")
    try terminal.send("?")
    try terminal.waitFor("type to narrow")
    // Escape and a letter in one go would be alt and the letter.
    try terminal.send("\u{1B}")
    try terminal.until("the help to close") { !terminal.screen.text.contains("type to narrow") }
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
    try expectRestored(terminal, before)
  }

  @Test func aKilledProgramLeavesAWholeSession() throws {
    let path = "/tmp/ioascope-test-\(getpid()).ioas"
    unlink(path)
    defer { unlink(path) }
    let (terminal, _) = try start(["explore", "attach-pin-replace", "--record", path])
    try terminal.waitFor("attach-pin-replace")
    try terminal.send("r")
    try terminal.waitFor("pins 1")
    terminal.signal(SIGKILL)
    #expect(try terminal.waitForEnd() == .killed(SIGKILL))
    // What was recorded opens again where it ended.
    let (again, before) = try start(["replay", path, "--at", "150"])
    try again.waitFor("step 150")
    try again.send("q")
    #expect(try again.waitForEnd() == .exited(0))
    try expectRestored(again, before)
  }
}
