import Explorer
import Machine
import Reports
import SmallModels
import Testing

/// A report of a step that goes round without end comes as soon as any other.
@Suite struct LongStepTests {
  @Test(arguments: [
    "fn spin() { let i = 0; while i < 100000000 { i += 1 } }\nentry go() { n = 1; spin(); n = 2 }",
    "invariant ends \"it ends\" always { let x = 1; while x == 1 { x = 1 }; return true }\nentry go() { n = 1 }",
  ])
  func itEnds(_ text: String) throws {
    let world = try World.small("global n: int\n\(text)", threads: [["go"]])
    let result = Search(world: world).run()
    let report = CheckReport(
      world: world, scenario: "spin", result: result, seconds: 0, peakBytes: 0, explains: true)
    #expect(report.isViolated)
    #expect(result.counterexamples.contains { $0.finding.property == .livelock })
  }
}
