import CustomDump
import Machine
import SmallModels
import Testing
import Workbench

@testable import Interface

/// Runs that stop for what is new, undo by command, and the line behind `:`.
@Suite struct CommandStepTests {
  @Test func whatJustHappenedIsTold() throws {
    var pilot = try Pilot.counter([["add 1"], ["add 2"]])
    var told: [String] = []
    for _ in 0..<12 where pilot.state.timeline.readiness[0].canStep {
      try pilot.press("s")
      told.append(pilot.state.message?.text ?? "")
    }
    #expect(told.contains("T0: takes counter1.lock"))
    #expect(told.contains { $0.hasPrefix("T0: ") && $0.contains("counter1.value 0 -> 1") })
    #expect(told.contains { $0.contains("add = 0") })
    var other = try Pilot.counter([["add 1"], ["add 2"]])
    try other.press("r")
    let steps = other.state.timeline.depth
    expectNoDifference(other.state.message, .note("T0: add returned 0 after \(steps) steps"))
  }

  @Test func aFindingThatStaysStopsARunOnce() throws {
    let text = """
      global n: int
      entry work() { n = 1; n = 2; n = 3; n = 4; n = 5 }
      invariant small "n is small" always { return n < 2 }
      """
    let world = try World.small(text, threads: [["work"], ["work"]])
    var pilot = Pilot(state: AppState(world: world, scenario: nil, modelName: "small", scenarioName: "two"))
    try pilot.press("r")
    #expect(pilot.state.message?.text.hasPrefix("stopped: ") == true, "\(pilot.state.message?.text ?? "")")
    let first = pilot.state.timeline.depth
    try pilot.press("r")
    #expect(pilot.state.message?.text.hasPrefix("stopped: ") == false, "\(pilot.state.message?.text ?? "")")
    #expect(pilot.state.timeline.depth > first + 1)
  }

  @Test func undoGoesBackOverACommandAndBackspaceOverAStep() throws {
    var pilot = try Pilot.counter([["add 1"], ["add 2"]])
    try pilot.press("s")
    let start = pilot.state.timeline.here
    try pilot.press("r")
    let end = pilot.state.timeline.here
    let depth = pilot.state.timeline.depth
    #expect(depth > 2)
    try pilot.press("u")
    #expect(pilot.state.timeline.here == start)
    try pilot.press("U")
    #expect(pilot.state.timeline.here == end)
    try pilot.press("backspace")
    #expect(pilot.state.timeline.depth == depth - 1)
    // In the middle of the command there is no command to undo.
    try pilot.press("u")
    #expect(pilot.state.timeline.depth == depth - 2)
  }

  @Test func linesAreKeptAndCompleted() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "T1")
    try pilot.enter(line: "T0")
    try pilot.press(":")
    pilot.type("draft")
    func line() -> String? {
      guard case .prompt(let prompt)? = pilot.state.overlay else { return nil }
      return prompt.field.text
    }
    try pilot.press("up")
    #expect(line() == "T0")
    try pilot.press("up up")
    #expect(line() == "T1", "there is nothing before the first")
    try pilot.press("down down")
    #expect(line() == "draft")
    // Whoever leaves a line that was brought back begins anew.
    try pilot.press("up up esc : up")
    #expect(line() == "T0")
    try pilot.press("esc :")
    pilot.type("run-t")
    try pilot.press("tab")
    #expect(line() == "run-to-lock ")
    try pilot.press("esc :")
    pilot.type("stop counter1.v")
    try pilot.press("tab")
    #expect(line() == "stop counter1.value ")
    try pilot.press("esc :")
    pilot.type("T1 ")
    try pilot.press("tab")
    #expect(pilot.state.message?.text.contains("until") == true && line() == "T1 ")
    pilot.type("zzz")
    try pilot.press("tab")
    #expect(pilot.state.message?.kind == .refusal)
  }

  @Test func theLanguageOfLessonsIsTaken() throws {
    var pilot = try Pilot.counter([["add 1"], ["add 2"]])
    let start = pilot.state.timeline.here
    try pilot.enter(line: "T1 step 2")
    #expect(pilot.state.timeline.record?.thread == 1 && pilot.state.thread == 1)
    try pilot.enter(line: "T1 until releases counter1.lock")
    #expect(pilot.state.moment.lockChanges.map(\.kind) == [.released])
    try pilot.press("u u")
    #expect(pilot.state.timeline.here == start)
    try pilot.enter(line: "until T0 releases counter1.lock")
    #expect(pilot.state.moment.lockChanges.map(\.kind) == [.released])
    try pilot.enter(line: "mark here")
    let marked = pilot.state.timeline.here
    try pilot.enter(line: "all run")
    #expect(pilot.state.timeline.readiness.allSatisfy { $0 == .finished })
    try pilot.enter(line: "back to here")
    #expect(pilot.state.timeline.here == marked)
    try pilot.enter(line: "T1 until flies")
    #expect(pilot.state.message?.kind == .refusal && pilot.state.overlay != nil)
  }

  @Test func pastedTextIsTextAndNoRowOfKeys() throws {
    var pilot = try Pilot.counter()
    let before = pilot.state.timeline.here
    _ = reduce(&pilot.state, .key(.paste("queue")))
    #expect(pilot.effects.last != .quit && pilot.state.timeline.here == before)
    #expect(pilot.state.message?.text.hasPrefix("pasted text does nothing here") == true)
    try pilot.press(":")
    _ = reduce(&pilot.state, .key(.paste("T1\nstep\u{1b}")))
    guard case .prompt(let prompt)? = pilot.state.overlay else {
      Issue.record("the line is closed")
      return
    }
    #expect(prompt.field.text == "T1 step")
    for text in ["", "a b", "\u{1b}[201~", "größe\n"] {
      #expect(Keystroke(name: Keystroke.paste(text).name) == .paste(text))
    }
  }
}
