import CustomDump
import Interface
import Machine
import Recording
import Scene
import StepLanguage
import Surface
import Testing

@Suite struct ReduceTests {
  @Test func aStepIsTakenAndCanBeUndoneAndRedone() throws {
    var pilot = try Pilot.counter()
    try pilot.press("space s")
    #expect(pilot.state.timeline.depth == 2)
    try pilot.press("u")
    #expect(pilot.state.timeline.depth == 1)
    try pilot.press("backspace")
    #expect(pilot.state.timeline.depth == 0)
    try pilot.press("u")
    expectNoDifference(pilot.state.message, .refusal("this is the very start"))
    expectNoDifference(pilot.effects, [.bell])
    try pilot.press("U ctrl-r")
    #expect(pilot.state.timeline.depth == 2)
    try pilot.press("U")
    expectNoDifference(
      pilot.state.message, .refusal("nothing was undone; this is the end of the branch"))
  }

  @Test func runningStopsAtLocksReturnsAndEnds() throws {
    var pilot = try Pilot.counter()
    try pilot.press("L")
    #expect(pilot.state.moment.lockChanges.map(\.name) == ["counter1.lock"])
    #expect(pilot.state.moment.threads[0].frames.count == 2)
    try pilot.press("f")
    #expect(pilot.state.moment.threads[0].operationsDone == 1)
    try pilot.press("space v r")
    #expect(pilot.state.moment.threads[0].operationsDone == 2)
    try pilot.press("space")
    expectNoDifference(
      pilot.state.message, .refusal("T0 has finished; o gives it another operation"))
  }

  @Test func overStepsOverACall() throws {
    var pilot = try Pilot.counter()
    try pilot.press("space")
    let depth = pilot.state.moment.threads[0].frames.count
    try pilot.press("v")
    #expect(pilot.state.moment.threads[0].frames.count <= depth)
  }

  @Test func aBlockedThreadIsRefusedWithTheReason() throws {
    var pilot = try Pilot.counter()
    try pilot.press("L 1 space L")
    let words = try #require(pilot.state.message?.text)
    #expect(words.contains("T1 is blocked on counter1.lock, held by T0 since step"), "\(words)")
    #expect(words.hasSuffix("0 chooses T0"), "\(words)")
  }

  @Test func actingAfterAnUndoMakesABranchThatStays() throws {
    var pilot = try Pilot.counter()
    try pilot.press("b")
    expectNoDifference(
      pilot.state.message, .refusal("there is one branch; acting after an undo makes another"))
    try pilot.press("space space u 1 space")
    #expect(pilot.state.branches.count == 2)
    #expect(pilot.screen().contains("branch 2 of 2"))
    try pilot.press("b 1 enter")
    #expect(pilot.state.overlay == nil)
    #expect(pilot.state.timeline.record?.thread == 0)
    #expect(pilot.screen().contains("branch 1 of 2"))
  }

  @Test func startAndEndAreOneKeyAway() throws {
    var pilot = try Pilot.counter()
    try pilot.press("r r home")
    #expect(pilot.state.timeline.depth == 0)
    try pilot.press("end")
    #expect(pilot.state.moment.threads[0].operationsDone == 2)
    try pilot.press("end")
    expectNoDifference(
      pilot.state.message, .refusal("this is the end of the branch; space goes on"))
  }

  @Test func threadsAreChosenByKeyNumberAndArrow() throws {
    var pilot = try Pilot.counter()
    try pilot.press("tab")
    #expect(pilot.state.thread == 1)
    try pilot.press("shift-tab 1 0")
    #expect(pilot.state.thread == 0)
    try pilot.press("7")
    expectNoDifference(pilot.state.message, .refusal("there is no T7; t adds one"))
    while pilot.state.focus != .threads { try pilot.press("]") }
    try pilot.press("down")
    #expect(pilot.state.thread == 1)
  }

  @Test func aThreadIsAddedAndGetsAnOperation() throws {
    var pilot = try Pilot.counter()
    try pilot.press("t")
    #expect(pilot.state.thread == 2)
    try pilot.press("space")
    expectNoDifference(
      pilot.state.message, .refusal("T2 has finished; o gives it another operation"))
    try pilot.press("o")
    pilot.type("adds")
    try pilot.press("enter")
    guard case .form(let form)? = pilot.state.overlay else {
      Issue.record("the form does not show")
      return
    }
    expectNoDifference(form.fields.map(\.name), ["amount", "twice"])
    try pilot.press("ctrl-u 9 tab space enter")
    #expect(pilot.state.overlay == nil)
    expectNoDifference(pilot.state.message, .note("T2 runs add 9 twice next; space begins it"))
    try pilot.press("r")
    #expect(pilot.state.moment.threads[2].operationsDone == 1)
    // Going back before the operation, and forward again, keeps thread and operation apart.
    try pilot.press("home")
    #expect(pilot.state.moment.threads.count == 2)
    try pilot.press("end")
    #expect(pilot.state.moment.threads[2].operationsDone == 1)
    try pilot.press("home U space")
    expectNoDifference(
      pilot.state.message, .refusal("T2 has finished; o gives it another operation"))
    try pilot.press("0 r u end")
    #expect(pilot.state.branches.count == 2)
    #expect(pilot.state.moment.threads.map(\.operationsDone) == [1, 0, 0])
  }

  @Test func aWrongFormSaysWhyAndStays() throws {
    var pilot = try Pilot.counter()
    try pilot.press("o")
    pilot.type("add")
    try pilot.press("enter")
    pilot.type("x")
    try pilot.press("enter")
    guard case .form(let form)? = pilot.state.overlay else {
      Issue.record("the form is gone")
      return
    }
    #expect(form.error?.hasPrefix("expected a number for 'amount'") == true, "\(form.error ?? "")")
    #expect(pilot.effects == [.bell])
    try pilot.press("esc")
    #expect(pilot.state.overlay == nil)
  }

  @Test func aLineIsAnOperationAThreadOrAStep() throws {
    var pilot = try Pilot.counter()
    try pilot.press(":")
    pilot.type("T1 add 7")
    try pilot.press("enter")
    #expect(pilot.state.thread == 1)
    expectNoDifference(pilot.state.message, .note("T1 runs add 7 next; space begins it"))
    try pilot.press("space :")
    pilot.type("0")
    try pilot.press("enter")
    #expect(pilot.state.timeline.depth == 0)
    try pilot.press(":")
    pilot.type("addd 1")
    try pilot.press("enter")
    #expect(pilot.state.message?.text.contains("did you mean") == true, "\(pilot.state.message?.text ?? "")")
    #expect(pilot.state.overlay != nil)
    try pilot.press("esc :")
    pilot.type("q")
    try pilot.press("enter")
    #expect(pilot.effects.last == .quit)
  }

  @Test func aFaultIsTakenOnlyWhereTheScenarioAllowsIt() throws {
    var pilot = try Pilot.counter([["note"]])
    try pilot.press("space F")
    expectNoDifference(
      pilot.state.message, .refusal("allocations do not fail in this scenario; it does not say 'faults'"))
    pilot = try Pilot.counter(faults: true, [["note"]])
    try pilot.press("space F")
    let row = try #require(pilot.state.log[pilot.state.timeline.here])
    #expect(row.notes.contains { $0.kind == .allocationFailed })
    #expect(row.notes.contains { $0.text == "note = ENOMEM" })
  }

  @Test func aFindingIsTold() throws {
    var pilot = try Pilot.counter([["hang"]])
    try pilot.press("r")
    #expect(pilot.screen().contains("! self-deadlock  T0 waits for counter1.lock"), "\(pilot.screen())")
    try pilot.press("u")
    #expect(!pilot.screen().contains("self-deadlock"))
  }

  @Test func inTurnGoesRoundAndPlayingFollowsTheTicks() throws {
    var pilot = try Pilot.counter()
    try pilot.press("a a a")
    let threads = pilot.state.timeline.path.dropFirst().compactMap {
      pilot.state.timeline.nodes[$0].record?.thread
    }
    expectNoDifference(threads, [0, 1, 0])
    _ = reduce(&pilot.state, .tick)
    #expect(pilot.state.timeline.depth == 3)
    try pilot.press("p")
    _ = reduce(&pilot.state, .tick)
    #expect(pilot.state.timeline.depth == 4)
    try pilot.press("p")
    _ = reduce(&pilot.state, .tick)
    #expect(pilot.state.timeline.depth == 4)
  }

  @Test func panelsObjectsAndZoom() throws {
    var pilot = try Pilot.counter()
    try pilot.press("down")
    #expect(pilot.state.object != nil)
    try pilot.press("enter")
    #expect(pilot.state.focus == .detail)
    #expect(pilot.screen().contains("table"))
    try pilot.press("z")
    #expect(pilot.state.zoomed == .detail)
    try pilot.press("esc")
    #expect(pilot.state.zoomed == nil)
    try pilot.press("esc")
    #expect(pilot.state.object == nil)
    try pilot.press("[ ]")
    #expect(pilot.state.focus == .detail)
  }

  @Test func theLogIsAWayBack() throws {
    var pilot = try Pilot.counter()
    try pilot.press("r")
    let end = pilot.state.timeline.depth
    while pilot.state.focus != .log { try pilot.press("]") }
    try pilot.press("up up enter")
    #expect(pilot.state.timeline.depth == end - 2)
  }

  @Test func theObjectsOfAStepAreThoseReadAnew() throws {
    var pilot = try Pilot.scenario("replace-vs-unmap")
    let keys = ["space", "1", "space", "u", "2", "space", "r", "L", "u", "U", "a", "home", "space", "end"]
    for round in 0..<120 {
      try pilot.press(keys[round % keys.count])
      let anew = ObjectGraph(Moment(pilot.state.timeline))
      #expect(pilot.state.graph.nodes == anew.nodes, "round \(round)")
      #expect(pilot.state.graph.edges == anew.edges, "round \(round)")
    }
  }

  @Test func themesAndGlyphsChange() throws {
    var pilot = try Pilot.counter()
    try pilot.press("T down")
    expectNoDifference(pilot.state.themeName, "light")
    #expect(pilot.screen().contains("Theme"))
    try pilot.press("esc")
    expectNoDifference(pilot.state.themeName, "dark")
    expectNoDifference(pilot.effects, [.loadTheme("light"), .loadTheme("dark")])
    try pilot.press("T down enter A")
    expectNoDifference(pilot.state.themeName, "light")
    #expect(pilot.state.glyphs == .ascii)
    let text = pilot.screen(160, 48)
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test func theMouseChoosesWhatIsUnderIt() throws {
    var pilot = try Pilot.counter()
    let lines = pilot.screen().split(separator: "\n", omittingEmptySubsequences: false)
    let row = try #require(lines.firstIndex { $0.contains(" T1 ") })
    try pilot.press("left-press@4,\(row)")
    #expect(pilot.state.thread == 1)
    #expect(pilot.state.focus == .threads)
  }
}
