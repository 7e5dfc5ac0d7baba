import Machine
import Recording
import StepLanguage
import Testing

/// Timelines of a length at which anything that looks at every point shows.
@Suite struct LongTimelineTests {
  static let program: Program = {
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
    do {
      return try Library { _, _ in nil }.program(from: SourceFile(name: "spin.step", text: text))
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func operation(_ line: String) throws -> Operation {
    try Operation(OperationLine(line), program: Self.program, source: SourceFile(name: "", text: line))
  }

  /// Two threads that take a lock in turn for ever; which one goes is drawn.
  private func timeline(steps: Int) throws -> Timeline {
    var timeline = Timeline(
      world: World(
        program: Self.program,
        threads: try ["T0", "T1"].map { World.Thread(name: $0, operations: [try operation("spin")]) }))
    var lot: UInt64 = 7
    while timeline.depth < steps {
      lot = lot &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let thread = Int(lot >> 63)
      do throws(Timeline.Refusal) {
        try timeline.advance(.step(thread: thread, choice: 0))
      } catch {
        try timeline.advance(.step(thread: 1 - thread, choice: 0))
      }
    }
    return timeline
  }

  @Test func anyPointOfALongTimelineIsNear() throws {
    let steps = 200_000
    var timeline = try timeline(steps: steps)
    #expect(timeline.nodes.count == steps + 1)
    let end = timeline.state.digest(in: timeline.world)
    let path = timeline.path
    let clock = ContinuousClock()
    var slowest = Duration.zero
    for depth in [0, steps / 2, 1, steps - 1, steps / 3, 77_777, steps] {
      slowest = max(
        slowest,
        clock.measure {
          timeline.go(to: path[depth])
          #expect(timeline.depth == depth)
          #expect(timeline.record == nil || timeline.record?.events.isEmpty == false)
        })
    }
    #expect(timeline.state.digest(in: timeline.world) == end)
    // This is a build without optimisation on a machine that others use; optimised it takes a fraction of it.
    #expect(slowest < .milliseconds(500))

    // The rows of one screen cost as much as one seek.
    let screen = clock.measure {
      for depth in 120_000..<120_060 { #expect(timeline.record(at: path[depth]) != nil) }
    }
    #expect(screen < .milliseconds(500))
  }

  @Test func recordsMadeAgainAreThoseOfTheTime() throws {
    var timeline = try timeline(steps: 0)
    var made: [(node: Int, statement: Int?, events: Int, thread: Int)] = []
    for number in 0..<1_000 {
      let thread = number / 3 % 2
      guard let record = try? timeline.perform(.step(thread: thread, choice: 0)) else { continue }
      made.append((timeline.here, record.statement, record.events.count, record.thread))
    }
    #expect(made.count > 500)
    // A copy that goes its own way has nothing in memory.
    var copy = timeline
    try copy.perform(.addThread(name: "T2"))
    for entry in made.reversed() {
      let record = try #require(copy.record(at: entry.node))
      #expect(record.statement == entry.statement)
      #expect(record.events.count == entry.events)
      #expect(record.thread == entry.thread)
      #expect(copy.nodes[entry.node].traits.isDisjoint(with: .anyLock) == !record.touchesLock)
    }
  }

  @Test func copiesThatGoTheirOwnWayDoNotMixUpWhatTheyRemember() throws {
    var one = try timeline(steps: 10)
    var other = one
    try one.perform(.addThread(name: "A"))
    try other.perform(.addThread(name: "B"))
    #expect(one.nodes.count == other.nodes.count)
    let last = one.nodes.count - 1
    #expect(one.record(at: last)?.action == .addThread(name: "A"))
    #expect(other.record(at: last)?.action == .addThread(name: "B"))
    #expect(one.remembered(at: last) { "one" } == "one")
    #expect(other.remembered(at: last) { "other" } == "other")
  }

  @Test func pathsAndForksFollowTheTree() throws {
    var timeline = try timeline(steps: 5_000)
    let main = timeline.tip
    timeline.go(to: timeline.path[3_000])
    try timeline.perform(.addThread(name: "T2"))
    let branch = timeline.here
    #expect(timeline.tip == branch)
    #expect(timeline.fork(of: main) == timeline.path[3_000])
    #expect(Array(timeline.path(to: main)).count == 5_001)
    #expect(timeline.path(to: main)[3_000] == timeline.path(to: branch)[3_000])
    #expect(timeline.path(to: main)[3_001] != branch)
    #expect(timeline.branchEnds == [main, branch])
    timeline.go(to: main)
    #expect(timeline.tip == main)
    timeline.go(to: timeline.path[10])
    #expect(timeline.tip == main)
    for (depth, point) in timeline.path(to: branch).enumerated() {
      #expect(timeline.nodes[point].depth == depth)
    }
  }

  @Test func aPointHasABoundedNumberOfWaysOn() throws {
    var timeline = try timeline(steps: 1)
    var refused = false
    for number in 0...Timeline.branchLimit {
      timeline.go(to: 1)
      do throws(Timeline.Refusal) {
        try timeline.perform(.addThread(name: "X\(number)"))
      } catch {
        refused = error == .tooLong
      }
    }
    #expect(refused)
    #expect(timeline.nodes[1].children.count == Timeline.branchLimit)
  }
}
