import Machine
import Recording
import StepLanguage
import Testing

/// A step that needs more than a state may have is refused; what was done before it stays, and other steps can be taken.
@Suite struct LimitInATimelineTests {
  @Test func theTimelineGoesOnFromBeforeIt() throws {
    let fields = (0..<4000).map { "f\($0): interval_map of o" }.joined(separator: "\n")
    let source = SourceFile(
      name: "limit.step",
      text: """
        model m "m" {
          object o { \(fields) }
          global k: int
          entry fill() { while true { let a = alloc o } }
          entry small() { k = 1; k = 2 }
        }
        """)
    let program = try Library { _, _ in nil }.program(from: source)
    func thread(_ name: String, _ line: String) throws -> World.Thread {
      World.Thread(
        name: name, operations: [try Operation(OperationLine(line), program: program, source: source)])
    }
    let world = World(program: program, threads: [try thread("T0", "fill"), try thread("T1", "small")])
    var timeline = Timeline(world: world)
    var limit: ExceededLimit?
    while limit == nil, timeline.depth < 5000 {
      do throws(Timeline.Refusal) {
        try timeline.perform(.step(thread: 0, choice: 0))
      } catch {
        if case .exceeds(let exceeded) = error { limit = exceeded } else { throw error }
      }
    }
    #expect(limit != nil)
    let depth = timeline.depth
    #expect(timeline.view.objects.count > 100)
    try timeline.perform(.step(thread: 1, choice: 0))
    #expect(timeline.depth == depth + 1)
  }
}
