import Explorer
import Machine
import Recording
import Reports
import StepLanguage
import Testing

/// Where a finding shows: the statement itself, not where its step began, and not the one that follows.
@Suite struct FindingPlaceTests {
  private func statement(_ report: FindingReport, _ world: World) throws -> String {
    world.program.text(of: try #require(report.finding.statement))
  }

  private func violation(_ report: FindingReport) -> [String] {
    report.slice.rows.filter(\.isViolation).map(\.text)
  }

  @Test func aResultShowsAtItsReturn() throws {
    let model = """
      global n: int
      entry set() { n = 1 }
      entry get() -> int {
        let a = n
        if a == 1 { return -ENODEV }
        return 0
      }
      """
    let world = try ReportWorkshop.world(model, threads: [["set"], ["get = 0 0"]])
    let report = try ReportWorkshop.report("unexpected-result", in: world)
    #expect(try statement(report, world) == "return -ENODEV")
    #expect(violation(report) == ["return -ENODEV"])
    // Why it returned that is part of it.
    let others = report.slice.rows.filter { !$0.isViolation }.map(\.text)
    #expect(others.contains("n = 1"), "\(others)")
  }

  @Test func aNeighbourThatIsFreedShowsAtTheOperationOnTheList() throws {
    let model = """
      object o { }
      object head { l: list of o }
      global g: head
      global it: o
      entry make() {
        let h = alloc head
        let b = alloc o
        let c = alloc o
        list_append(h.l, b)
        list_append(h.l, c)
        it = b
        g = h
      }
      entry next() {
        let a = g
        if a == null { return 0 }
        let b = list_first(a.l)
        let c = list_next(a.l, b)
        if c == null { return 0 }
      }
      entry drop() {
        let b = it
        if b == null { return 0 }
        it = null
        free b
      }
      """
    let world = try ReportWorkshop.world(model, threads: [["make", "drop"], ["next"]])
    let report = try ReportWorkshop.report("use-after-free", in: world)
    let rows = violation(report)
    #expect(rows == [try statement(report, world)], "\(rows)")
  }

  @Test func whoHeldTheUnitsIsReadBeforeOneIsTakenFromThem() throws {
    let model = """
      object o { c: refcount }
      global p: o
      entry make() { let x = alloc o; ref_set x.c 2 by "table"; p = x }
      entry drop() { let x = p; ref_dec x.c by "other" }
      """
    let world = try ReportWorkshop.world(model, threads: [["make", "drop"]])
    let report = try ReportWorkshop.report("refcount-underflow", in: world)
    #expect(
      report.facts.contains { $0.contains("'table'") && $0.contains("was 2 before") }, "\(report.facts)")
  }

  @Test func whereNothingEndsWellNoStepIsToBlame() throws {
    let world = try ReportWorkshop.world(
      "object o { }\nentry go() { let x = alloc o }", threads: [["go"], ["go"]])
    let result = Search(world: world).run()
    var report = CheckReport(world: world, scenario: "lost", result: result, seconds: 0, peakBytes: 0)
    let isJudged = report.findPointsOfNoReturn(maxStates: 1000)
    #expect(isJudged)
    #expect(report.text.contains("no continuation ends well from the very start on"))
  }
}
