import Interface
import Machine
import Recording
import StepLanguage
import Surface
import Testing

/// Screens and keys of a timeline of a hundred thousand steps: what looks at every point of it would show here.
@Suite struct LongSessionTests {
  private func timeline(steps: Int) throws -> Timeline {
    let text = """
      model spin "Spin" {
        global n: int
        global gate: mutex
        entry spin() {
          loop {
            mutex_lock gate
            n += 1
            mutex_unlock gate
          }
        }
      }
      """
    let source = SourceFile(name: "spin.step", text: text)
    let program = try Library { _, _ in nil }.program(from: source)
    let line = SourceFile(name: "", text: "spin")
    let operation = try Operation(OperationLine("spin"), program: program, source: line)
    var timeline = Timeline(
      world: World(
        program: program, threads: ["T0", "T1"].map { World.Thread(name: $0, operations: [operation]) }))
    while timeline.depth < steps { try timeline.advance(.step(thread: 0, choice: 0)) }
    return timeline
  }

  @Test func keysAndScreensDoNotGrowWithTheTimeline() throws {
    let state = AppState(
      timeline: try timeline(steps: 100_000), title: "", about: "", modelName: "spin", scenarioName: "spin")
    var pilot = Pilot(state: state)
    _ = reduce(&pilot.state, .resized(Size(width: 160, height: 48)))
    let clock = ContinuousClock()
    var slowest: (key: String, time: Duration) = ("", .zero)
    let keys = [
      "u", "u", "U", "home", "end", "u", "space", "m", "x", "enter", "b", "esc", "P", "5", ".", ",", "}", "{",
      "]",
      "shift-right", "P", ":", "7", "7", "enter", "space", "]", "]", "up", "up", "enter", "H", "esc",
    ]
    for key in keys {
      let name = try #require(Keystroke(name: key))
      let time = clock.measure {
        _ = reduce(&pilot.state, .key(name))
        _ = view(pilot.state, size: Size(width: 160, height: 48))
      }
      if time > slowest.time { slowest = (key, time) }
    }
    // An optimised build takes a tenth of it; one look at every point would take longer than this.
    #expect(slowest.time < .milliseconds(400), "\(slowest.key)")
  }
}
