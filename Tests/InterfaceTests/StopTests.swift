import CustomDump
import Interface
import Machine
import Surface
import Testing

@Suite struct StopTests {
  @Test func aRunStopsWhenALockIsTouched() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "stop counter1.lock")
    try pilot.press("r")
    #expect(pilot.state.moment.lockChanges.map(\.name) == ["counter1.lock"])
    expectNoDifference(pilot.state.message, .note("stopped: counter1.lock; T0: takes counter1.lock"))
    try pilot.press("r")
    #expect(pilot.state.moment.lockChanges.map(\.kind) == [.released])
  }

  @Test func aRunStopsWhenAFieldChangesAndTheValueIsShown() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "watch counter1.value")
    try pilot.press("c")
    expectNoDifference(pilot.state.message, .note("stopped: counter1.value; T0: counter1.value 0 -> 1"))
    #expect(pilot.state.moment.view.value("value", of: pilot.state.moment.objects[0]) == .int(1))
    while pilot.state.focus != .watch { try pilot.press("]") }
    #expect(pilot.screen().contains("counter1.value  1"))
    #expect(pilot.screen().contains("touched"))
  }

  @Test func aRunStopsWhenAnExpressionChanges() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "watch counter1.value * 2 > 1")
    expectNoDifference(pilot.state.message, .note("runs stop: counter1.value * 2 > 1"))
    try pilot.press("c")
    expectNoDifference(
      pilot.state.message, .note("stopped: counter1.value * 2 > 1; T0: counter1.value 0 -> 1"))
    #expect(pilot.state.moment.view.value("value", of: pilot.state.moment.objects[0]) == .int(1))
    for _ in Panel.allCases where pilot.state.focus != .watch { try pilot.press("]") }
    #expect(pilot.screen().contains("counter1.value * 2 > 1 = true"))
    for _ in Panel.allCases where pilot.state.focus != .truth { try pilot.press("]") }
    #expect(pilot.screen().contains("counter1.value * 2 > 1 = true"))
    #expect(pilot.screen().contains("use-after-free"))
    // Later steps leave it true, so that no stop is in the way of the end.
    try pilot.press("c")
    #expect(pilot.state.message != .note("stopped: counter1.value * 2 > 1"))
  }

  @Test func anExpressionThatIsWrongSaysWhy() throws {
    var pilot = try Pilot.counter()
    try pilot.press(":")
    pilot.type("watch counter1.value +")
    try pilot.press("enter")
    #expect(pilot.state.stops.isEmpty)
    #expect(pilot.screen().contains("expected a value"), "\(pilot.screen())")
  }

  @Test func aRunStopsBeforeALine() throws {
    var pilot = try Pilot.counter()
    try pilot.press("space")
    let program = pilot.state.timeline.world.program
    let line = try #require(
      program.statements.indices.first { program.text(of: $0) == "mutex_unlock counter.lock" }
        .map { program.line(of: $0) })
    try pilot.enter(line: "stop \(line)")
    try pilot.press("c")
    let next = try #require(pilot.state.moment.threads[0].nextStatement)
    expectNoDifference(program.text(of: next), "mutex_unlock counter.lock")
    try pilot.enter(line: "stop \(line)")
    #expect(pilot.state.stops.isEmpty)
  }

  @Test func aFunctionStopsAtItsEntry() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "stop plus")
    try pilot.press("c")
    expectNoDifference(pilot.state.message, .note("stopped: plus"))
    #expect(pilot.state.moment.threads[0].frames.count == 2)
  }

  @Test func whatIsNoStopSaysWhat() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "stop counter1.colour")
    expectNoDifference(
      pilot.state.message,
      .refusal("counter1 has no field 'colour'; it has lock, value, users"))
    try pilot.press("esc")
    try pilot.enter(line: "stop nowhere")
    expectNoDifference(
      pilot.state.message, .refusal("'nowhere' is no object, field, function or line"))
    try pilot.press("esc")
    try pilot.enter(line: "stop 9999")
    #expect(pilot.state.message?.text.hasPrefix("no thread comes to rest at line 9999") ?? false)
    try pilot.press("esc")
    // A line without a step means the next one that has one.
    try pilot.enter(line: "stop 1")
    let line = try #require(pilot.state.stops.first?.text.split(separator: ":").last.flatMap { Int($0) })
    #expect(line > 1)
  }

  @Test func aStopIsPutOnWhatIsChosen() throws {
    var pilot = try Pilot.counter()
    try pilot.press("down B")
    expectNoDifference(pilot.state.stops.map(\.text), ["counter1"])
    try pilot.press("B")
    #expect(pilot.state.stops.isEmpty)
    try pilot.press("space")
    while pilot.state.focus != .source { try pilot.press("]") }
    try pilot.press("down B")
    #expect(pilot.state.stops.count == 1)
    #expect(pilot.screen().contains(GlyphSet.unicode.stop))
  }

  @Test func theListTakesStopsAway() throws {
    var pilot = try Pilot.counter()
    try pilot.press("W")
    pilot.type("counter1")
    try pilot.press("enter")
    pilot.type("plus")
    try pilot.press("enter")
    expectNoDifference(pilot.state.stops.map(\.text), ["counter1", "plus"])
    try pilot.press("up delete esc")
    expectNoDifference(pilot.state.stops.map(\.text), ["plus"])
  }

  @Test func untilRunsOnceAndLeavesNoStop() throws {
    var pilot = try Pilot.counter()
    try pilot.enter(line: "until counter1.value")
    expectNoDifference(pilot.state.message, .note("stopped: counter1.value; T0: counter1.value 0 -> 1"))
    #expect(pilot.state.stops.isEmpty)
  }

  @Test func continuingComesToTheEndAndALotIsTheSameEachTime() throws {
    var pilot = try Pilot.counter()
    try pilot.press("c")
    #expect(pilot.state.timeline.isOver)
    var first = try Pilot.counter()
    var second = try Pilot.counter()
    try first.press("R R")
    try second.press("R R")
    expectNoDifference(
      first.state.timeline.path.map { first.state.timeline.nodes[$0].record?.thread },
      second.state.timeline.path.map { second.state.timeline.nodes[$0].record?.thread })
    #expect(
      Set(first.state.timeline.path.compactMap { first.state.timeline.nodes[$0].record?.thread }).count == 2)
  }
}
