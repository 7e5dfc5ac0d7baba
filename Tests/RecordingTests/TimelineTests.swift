import Machine
import Recording
import StepLanguage
import Testing

@Suite struct TimelineTests {
  static let program: Program = {
    let text = """
      model m "M" {
        global n: int
        global gate: mutex
        entry add(amount: int) { mutex_lock gate; n += amount; mutex_unlock gate }
      }
      """
    do {
      return try Library { _, _ in nil }.program(from: SourceFile(name: "m.step", text: text))
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private func operation(_ line: String) throws -> Operation {
    try Operation(OperationLine(line), program: Self.program, source: SourceFile(name: "", text: line))
  }

  private func timeline(_ threads: [[String]]) throws -> Timeline {
    Timeline(
      world: World(
        program: Self.program,
        threads: try threads.enumerated().map { number, lines in
          World.Thread(name: "T\(number)", operations: try lines.map(operation))
        }))
  }

  private func n(_ timeline: Timeline) -> Int64 {
    if case .int(let value)? = timeline.view.value("n", of: .globals) { return value }
    return -1
  }

  /// A step that would exceed a limit is refused with the reason, changes nothing, and does not keep one from going on elsewhere.
  @Test func aStepBeyondALimitIsRefused() throws {
    let count = RuntimeLimits.heldLocks + 1
    let text = """
      model m "M" {
        global n: int
        \((0..<count).map { "global l\($0): mutex" }.joined(separator: "\n"))
        entry hoard() { \((0..<count).map { "mutex_lock l\($0)" }.joined(separator: "\n")) }
        entry add() { n += 1 }
      }
      """
    let program = try Library { _, _ in nil }.program(from: SourceFile(name: "m.step", text: text))
    func operation(_ line: String) throws -> Operation {
      try Operation(OperationLine(line), program: program, source: SourceFile(name: "", text: line))
    }
    var timeline = Timeline(
      world: World(
        program: program,
        threads: [
          World.Thread(name: "T0", operations: [try operation("hoard")]),
          World.Thread(name: "T1", operations: [try operation("add")]),
        ]))
    for _ in 0..<count { _ = try timeline.perform(.step(thread: 0, choice: 0)) }
    let digest = timeline.state.digest(in: timeline.world)
    var refusal: Timeline.Refusal?
    do throws(Timeline.Refusal) {
      _ = try timeline.perform(.step(thread: 0, choice: 0))
    } catch {
      refusal = error
    }
    guard case .exceeds(let limit)? = refusal else {
      Issue.record("it was not refused for a limit: \(String(describing: refusal))")
      return
    }
    #expect(limit.message == Limits.heldLocks.message)
    #expect(timeline.state.digest(in: timeline.world) == digest)
    while (try? timeline.perform(.step(thread: 1, choice: 0))) != nil {}
    #expect(n(timeline) == 1)
  }

  @Test func undoAndRedoGoBackAndForth() throws {
    var timeline = try timeline([["add 1", "add 2"]])
    var digests = [timeline.state.digest(in: timeline.world)]
    while (try? timeline.perform(.step(thread: 0, choice: 0))) != nil {
      digests.append(timeline.state.digest(in: timeline.world))
    }
    #expect(timeline.isOver)
    #expect(n(timeline) == 3)
    for depth in stride(from: digests.count - 2, through: 0, by: -1) {
      let moved = timeline.undo()
      #expect(moved)
      #expect(timeline.depth == depth)
      #expect(timeline.state.digest(in: timeline.world) == digests[depth])
    }
    let stuckundo = timeline.undo()
    #expect(!stuckundo)
    for depth in 1..<digests.count {
      let moved = timeline.redo()
      #expect(moved)
      #expect(timeline.state.digest(in: timeline.world) == digests[depth])
    }
    let stuckredo = timeline.redo()
    #expect(!stuckredo)
  }

  @Test func actingAfterAnUndoMakesABranchAndKeepsTheOldOne() throws {
    var timeline = try timeline([["add 1"], ["add 10"]])
    try timeline.perform(.step(thread: 0, choice: 0))
    try timeline.perform(.step(thread: 0, choice: 0))
    let old = timeline.here
    timeline.undo()
    try timeline.perform(.step(thread: 1, choice: 0))
    let new = timeline.here
    #expect(old != new)
    #expect(timeline.nodes[try #require(timeline.nodes[old].parent)].children == [old, new])
    timeline.go(to: old)
    #expect(timeline.view.thread(0).held.count == 1)
    #expect(timeline.view.thread(1).isInCall == false)
    // Doing again what was done before goes there instead of making a third branch.
    timeline.undo()
    try timeline.perform(.step(thread: 1, choice: 0))
    #expect(timeline.here == new)
    #expect(timeline.nodes.count == 4)
  }

  @Test func operationsAndThreadsAreActionsToo() throws {
    var timeline = try timeline([["add 1"]])
    try timeline.perform(.addThread(name: "T1"))
    try timeline.perform(.start(thread: 1, operation: try operation("add 5")))
    while (try? timeline.perform(.step(thread: 1, choice: 0))) != nil {}
    #expect(n(timeline) == 5)
    let end = timeline.here
    timeline.go(to: 0)
    #expect(timeline.world.threads.count == 1)
    timeline.go(to: end)
    #expect(timeline.world.threads.map(\.name) == ["T0", "T1"])
    #expect(n(timeline) == 5)
  }

  private func refusal(_ timeline: inout Timeline, _ action: Action) -> Timeline.Refusal? {
    do throws(Timeline.Refusal) {
      try timeline.perform(action)
      return nil
    } catch {
      return error
    }
  }

  @Test func refusedActionsChangeNothing() throws {
    var timeline = try timeline([["add 1"], ["add 2"]])
    try timeline.perform(.step(thread: 0, choice: 0))
    try timeline.perform(.step(thread: 0, choice: 0))
    try timeline.perform(.step(thread: 1, choice: 0))
    let here = timeline.here
    let state = timeline.state
    #expect(refusal(&timeline, .step(thread: 1, choice: 0)) != nil)
    #expect(refusal(&timeline, .step(thread: 7, choice: 0)) == .noSuchThread)
    #expect(timeline.here == here)
    #expect(timeline.state == state)
    #expect(timeline.nodes.count == 4)
  }

  @Test func keyframesAndReplayAgreeOverLongRuns() throws {
    var timeline = try timeline([(1...200).map { "add \($0)" }])
    var digests: [UInt64] = [timeline.state.digest(in: timeline.world)]
    while (try? timeline.perform(.step(thread: 0, choice: 0))) != nil {
      digests.append(timeline.state.digest(in: timeline.world))
    }
    let path = timeline.path
    #expect(path.count > 500)
    for depth in stride(from: 0, to: digests.count, by: 37) {
      timeline.go(to: path[depth])
      #expect(timeline.state.digest(in: timeline.world) == digests[depth])
      let other = timeline.situation(at: path[digests.count - 1 - depth])
      #expect(other.state.digest(in: other.world) == digests[digests.count - 1 - depth])
    }
  }

  @Test func copiesAreValuesOfTheirOwn() throws {
    var one = try timeline([["add 1"]])
    var other = one
    try one.perform(.start(thread: 0, operation: try operation("add 5")))
    try other.perform(.addThread(name: "T1"))
    try other.perform(.start(thread: 1, operation: try operation("add 7")))
    while (try? one.perform(.step(thread: 0, choice: 0))) != nil {}
    while (try? other.perform(.step(thread: 1, choice: 0))) != nil {}
    #expect(n(one) == 6)
    #expect(n(other) == 7)
    #expect(one.readiness == [.finished])
    #expect(other.readiness == [.ready(choices: 1), .finished])
  }

  @Test func theStepThatTookALockIsFound() throws {
    var timeline = try timeline([["add 1"], ["add 2"]])
    try timeline.perform(.step(thread: 1, choice: 0))
    try timeline.perform(.step(thread: 0, choice: 0))
    try timeline.perform(.step(thread: 0, choice: 0))
    let held = try #require(timeline.view.thread(0).held.first)
    #expect(timeline.stepThatTook(held, thread: 0) == 3)
    #expect(timeline.stepThatTook(held, thread: 1) == nil)
  }
}
