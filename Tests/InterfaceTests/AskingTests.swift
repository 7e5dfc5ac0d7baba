import Workbench
import CustomDump
import Interface
import Machine
import Recording
import Surface
import Testing

@Suite struct AskingTests {
  @Test func whyTellsWhoStandsInTheWay() throws {
    var pilot = try Pilot.counter()
    try pilot.press("L 1 space L w")
    let page = pilot.screen(100, 30)
    #expect(page.contains("T1 is blocked on counter1.lock, held by T0 since step"))
    #expect(page.contains("T0 has counter1.lock"))
    #expect(page.contains("and can go"))
    try pilot.press("q")
    #expect(pilot.state.overlay == nil)
  }

  @Test func whyExplainsAFinding() throws {
    var pilot = try Pilot.counter([["hang"]])
    try pilot.press("r w")
    let page = pilot.screen(100, 30)
    #expect(page.contains("self-deadlock at step"))
    #expect(page.contains("They wait in a circle: T0"))
  }

  @Test func historyTellsAnObjectsSteps() throws {
    var pilot = try Pilot.counter()
    try pilot.press("c down H")
    let page = pilot.screen(120, 40)
    #expect(page.contains("History of counter1"))
    #expect(page.contains("takes counter1.lock"))
    #expect(!page.contains("History of counter2"))
  }

  @Test func theOrderOfLocksAndWhoWaitsAreOnePage() throws {
    var pilot = try Pilot.scenario("attach-pin-replace")
    try pilot.press("c O")
    let page = pilot.screen(160, 48)
    #expect(page.contains("nobody waits"))
    #expect(page.contains("iommufd_ioas.domains_rwsem"))
    var blocked = try Pilot.counter()
    try blocked.press("L 1 space L O")
    #expect(blocked.screen().contains("T1 → counter1.lock → T0 since"))
  }

  @Test func twoPointsAreCompared() throws {
    var pilot = try Pilot.counter()
    try pilot.press("r m")
    pilot.type("one added")
    try pilot.press("enter r =")
    #expect(pilot.screen().contains("the very start"))
    try pilot.press("down enter")
    let page = pilot.screen()
    #expect(page.contains("From one added to here"), "\(page)")
    #expect(page.contains("counter1.value") && page.contains("1 → 3"), "\(page)")
  }

  @Test func pointsAndBranchesHaveNames() throws {
    var pilot = try Pilot.counter()
    try pilot.press("'")
    expectNoDifference(pilot.state.message, .refusal("no point has a name yet; m gives one"))
    try pilot.press("space m")
    pilot.type("begun")
    try pilot.press("enter space space ' enter")
    #expect(pilot.state.timeline.depth == 1)
    try pilot.press("1 space e")
    pilot.type("T1 first")
    try pilot.press("enter space b")
    #expect(pilot.screen().contains("'T1 first'"))
    #expect(pilot.screen(100, 30).contains("branch 2 of 2 'T1 first'"))
  }

  @Test func changesTellsWhatChangedAndWhatWasLeft() throws {
    var pilot = try Pilot.scenario("attach-pin-replace")
    try pilot.press("r")
    for _ in 0..<200
    where pilot.state.moment.record?.statement.map({
      pilot.state.timeline.world.program.text(of: $0) == "access.ioas = null"
    }) != true {
      try pilot.press("space")
    }
    while pilot.state.focus != .changes { try pilot.press("]") }
    let screen = pilot.screen(160, 48)
    #expect(screen.contains("access1.ioas") && screen.contains("ioas1 → null"))
    #expect(screen.contains("left as it was"))
    #expect(screen.contains("access1.ioas_unpin"))
  }

  @Test func changesTellsWhyAnotherThreadStepsAndWhatItWaitedFor() throws {
    var pilot = try Pilot.counter()
    try pilot.press("L 1 space 0")
    while pilot.state.focus != .changes { try pilot.press("]") }
    #expect(pilot.screen(160, 48).contains("T0 could have gone on: a preemption"))
    try pilot.press("r 1 L")
    #expect(pilot.screen(160, 48).contains("after T0 released counter1.lock at step"))
  }

  @Test func aCheckIsAskedForAndItsFindingsAreBranches() throws {
    var pilot = try Pilot.counter([["hang"], ["add 1"]])
    try pilot.press("x")
    expectNoDifference(pilot.state.message, .refusal("nothing was searched yet; C begins"))
    try pilot.press("C")
    expectNoDifference(pilot.effects.last, .startCheck)
    _ = reduce(&pilot.state, .searched(.progressed(CheckStatus.Progress(states: 7, depth: 3, frontier: 2))))
    pilot.state.complain("")
    try pilot.press("esc")
    #expect(pilot.screen().contains("7 states"))
    let finding = Finding(
      property: .selfDeadlock, thread: 0, statement: nil, message: "T0 waits for itself", objects: [],
      threads: [])
    _ = reduce(
      &pilot.state,
      .searched(
        .ended(
          CheckStatus.Outcome(
            verdict: .violated, bound: nil,
            findings: [
              CheckStatus.Counterexample(
                finding: finding, actions: [.step(thread: 0, choice: 0), .step(thread: 0, choice: 0)],
                preemptions: 0, isMinimal: true)
            ]))))
    #expect(pilot.state.message?.text.contains("found 1 violation") ?? false)
    try pilot.press("x")
    #expect(pilot.screen().contains("2 steps from there"))
    try pilot.press("enter")
    #expect(pilot.state.timeline.depth == 2)
    expectNoDifference(pilot.state.branchName(of: pilot.state.timeline.tip), "self-deadlock")
  }

  @Test func searchFindsAndGoesOn() throws {
    var pilot = try Pilot.counter()
    try pilot.press("c")
    while pilot.state.focus != .log { try pilot.press("]") }
    try pilot.press("n")
    expectNoDifference(pilot.state.message, .refusal("nothing was looked for yet; / begins"))
    try pilot.press("/")
    pilot.type("takes counter1")
    try pilot.press("enter")
    let first = pilot.state.logCursor
    #expect(first != nil)
    expectNoDifference(pilot.state.message, .note("'takes counter1': 1 of 3"))
    try pilot.press("n")
    #expect(pilot.state.logCursor != first)
    try pilot.press("N")
    #expect(pilot.state.logCursor == first)
    try pilot.press("/")
    pilot.type("nothing like it")
    try pilot.press("enter")
    expectNoDifference(pilot.state.message, .refusal("'nothing like it' does not stand in Log"))
  }

  @Test func aFilterNarrowsTheObjects() throws {
    var pilot = try Pilot.scenario("attach-pin-replace")
    try pilot.press("&")
    pilot.type("ioas2")
    try pilot.press("enter")
    expectNoDifference(pilot.state.shownGraph.nodes.map(\.name), ["ioas2"])
    try pilot.press("esc")
    #expect(pilot.state.shownGraph.nodes.count == pilot.state.graph.nodes.count)
  }

  @Test func freedObjectsAreToldUntilTheyArePutAway() throws {
    var pilot = try Pilot.scenario("attach-pin-replace")
    try pilot.press("c")
    #expect(pilot.screen(160, 48).contains("†"))
    #expect(!pilot.state.freed.isEmpty)
    try pilot.press("d")
    #expect(pilot.state.freed.isEmpty)
    try pilot.press("d")
    expectNoDifference(pilot.state.message, .refusal("no sign of a freed object is shown"))
  }
}
