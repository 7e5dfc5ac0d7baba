import Explorer
import Machine
import Reports
import StepLanguage
import Testing

/// What the complete graph of a scenario says.
@Suite struct GraphTests {
  /// T0 wins when it is through before T1 has looked: one of the two orders fails.
  static let race = """
    global n: int
    entry first() { n = 1 }
    entry second() { check invariant n == 1 "too soon" }
    """

  @Test func thePointOfNoReturnIsTheStepAfterWhichNothingHelps() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { value: int }
      global box: thing
      global stale: thing
      entry make() { box = alloc thing }
      entry take() {
        stale = box
        if stale != null { stale.value = 1 }
      }
      entry drop() {
        let t = box
        box = null
        free t
      }
      """, threads: [["make", "drop", "take"]])
    let holds = StateGraph(world: world)
    #expect(holds.isComplete)
    let first = Machine(world: world).initialState()
    #expect(holds.outlook(of: first)?.outlook == .all)
    #expect(holds.outlook(of: first)?.failing == 0)
  }

  @Test func sharesAreThoseOfEquallyLikelySteps() throws {
    let world = try ReportWorkshop.world(Self.race, threads: [["first"], ["second"]])
    let graph = StateGraph(world: world)
    let machine = Machine(world: world)
    var state = machine.initialState()
    let start = try #require(graph.outlook(of: state))
    #expect(start.outlook == .some)
    #expect(start.failing > 0 && start.failing < 1)
    // Once T0 has written, all is well.
    while machine.readiness(in: state)[0] != .finished { _ = machine.step(0, in: &state) }
    #expect(graph.outlook(of: state)?.outlook == .all)
    let example = try #require(Search(world: world).run().counterexamples.first)
    let judged = try #require(PointOfNoReturn(example, world: world, graph: graph))
    #expect(judged.point == example.schedule.count, "until the check itself T0 may still be sooner")
    #expect(judged.steps.last?.outlook == nil)
    #expect(judged.lines.last?.hasSuffix("<- point of no return") == true)
  }

  /// After the store nothing helps any more, though the check comes later.
  @Test func aMistakeIsEarlierThanItsFinding() throws {
    let world = try ReportWorkshop.world(
      """
      global n: int
      global seen: int
      entry bad() { n = 1; seen = 1; check invariant n == 0 "n is 1" }
      entry other() { seen = 2 }
      """, threads: [["bad"], ["other"]])
    let graph = StateGraph(world: world)
    let example = try #require(Search(world: world).run().counterexamples.first)
    let judged = try #require(PointOfNoReturn(example, world: world, graph: graph))
    // Nobody ever takes the store back, so it could not go well from the start.
    #expect(judged.point == 0)
    #expect(judged.steps.first?.outlook == StateGraph.Outlook.none)
  }

  /// Two mistakes of one scenario have a point each.
  @Test func eachFindingHasItsOwnPointOfNoReturn() throws {
    let world = try ReportWorkshop.world(
      """
      global a: int
      global b: int
      entry one() { a = 1; check invariant a == 0 "a is 1" ; a = 2 }
      entry two() { b = 1; b = 2; if a == 2 { check invariant b == 0 "late" } }
      """, threads: [["one"], ["two"]])
    let graph = StateGraph(world: world)
    let examples = Search(world: world).run().counterexamples
    let first = try #require(examples.first { $0.finding.message == "a is 1" })
    let late = try #require(examples.first { $0.finding.message == "late" })
    let start = Machine(world: world).initialState()
    #expect(graph.outlook(of: start, for: first.finding)?.outlook == StateGraph.Outlook.none)
    #expect(graph.outlook(of: start, for: late.finding)?.outlook == .some)
    let share = try #require(graph.outlook(of: start, for: late.finding)?.failing)
    #expect(share > 0 && share < 1)
    #expect(try #require(PointOfNoReturn(first, world: world, graph: graph)).point == 0)
    #expect(try #require(PointOfNoReturn(late, world: world, graph: graph)).point > 1)
  }

  @Test func aGraphThatIsTooLargeSaysNothing() throws {
    let world = try ReportWorkshop.world(Self.race, threads: [["first"], ["second"]])
    let graph = StateGraph(world: world, maxStates: 2)
    #expect(!graph.isComplete)
    #expect(graph.outlook(of: Machine(world: world).initialState()) == nil)
  }

  @Test func coverageTellsWhatNoInterleavingReached() throws {
    let world = try ReportWorkshop.world(
      """
      global n: int
      fn never() { n = 9 }
      entry go() {
        n = 1
        if n == 2 {
          n = 3
          check invariant n == 3 "never looked at"
        }
        if n == 1 { n = 4 }
      }
      """, threads: [["go"]])
    let coverage = Coverage(world: world)
    #expect(coverage.isComplete)
    #expect(coverage.calledFunctions == 1)
    #expect(coverage.functionCount == 2)
    #expect(
      coverage.gaps.map { "\($0.kind.rawValue): \($0.place.text)" } == [
        "never true: if n == 2", "never reached: n = 3",
        "check never reached: check invariant n == 3 \"never looked at\"", "never false: if n == 1",
      ])
    #expect(coverage.reachedCount == coverage.statementCount - 2)
  }
}
