import Explorer
import Machine
import SmallModels
import StepLanguage
import Testing

/// Threads that keep each other busy for ever.
@Suite struct LivelockTests {
  /// Two polite ones: each takes its own lock, and gives it back when it cannot have the other's at once.
  static func polite(_ giveUp: String) -> String {
    """
    global turn: int
    global left: int
    global right: int
    entry first() { loop { if turn == 1 { turn = 0 }; \(giveUp) } }
    entry second() { loop { if turn == 0 { turn = 1 }; \(giveUp) } }
    """
  }

  @Test(arguments: Search.Reduction.allCases)
  func twoThatHandTheTurnBackAndForth(_ reduction: Search.Reduction) throws {
    let world = try SearchTests.world(Self.polite(""), threads: [["first"], ["second"]])
    let result = Search(world: world, reduction: reduction).run()
    #expect(result.counterexamples.map(\.finding.property) == [.livelock])
    #expect(
      result.counterexamples.first?.finding.message
        == "T0 and T1 keep each other busy for ever: from here no schedule comes to an end")
  }

  /// The same circle, but whoever sees the turn twice may leave: a fair schedule comes to an end.
  @Test(arguments: Search.Reduction.allCases)
  func aCircleWithAWayOutIsNone(_ reduction: Search.Reduction) throws {
    let world = try SearchTests.world(
      Self.polite("if left == 1 { return }; left = turn"), threads: [["first"], ["second"]])
    let search = Search(world: world, reduction: reduction)
    let result = search.run()
    #expect(!result.counterexamples.contains { $0.finding.property == .livelock })
    #expect(!search.endDigests.isEmpty)
  }

  /// Only one order of things leads into the circle; the way to it is told.
  @Test(arguments: Search.Reduction.allCases)
  func aCircleBehindARace(_ reduction: Search.Reduction) throws {
    let model = """
      global flag: int
      global seen: int
      entry wait() { flag = 1; while flag == 1 { seen = 0 } }
      entry clear() { flag = 0 }
      """
    let world = try SearchTests.world(model, threads: [["wait"], ["clear"]])
    let result = Search(world: world, reduction: reduction).run()
    let livelock = try #require(result.counterexamples.first { $0.finding.property == .livelock })
    #expect(livelock.finding.message == "T0 goes round for ever: from here no schedule comes to an end")
    #expect(livelock.finding.threads == [0])
    // The other thread must be through before the flag is set.
    let machine = Machine(world: world)
    var state = machine.initialState()
    for move in livelock.schedule {
      #expect(machine.step(move.thread, choice: move.choice, in: &state) != .notReady)
    }
    #expect(machine.readiness(in: state)[1] == .finished)
  }

  /// A deadlock is an end, and so is a broken memory.
  @Test func otherEndsAreEnds() throws {
    let deadlock = try SearchTests.world(
      "global a: mutex\nglobal n: int\nentry go() { loop { mutex_lock a; n = 0; mutex_lock a } }",
      threads: [["go"]])
    #expect(Search(world: deadlock).run().counterexamples.map(\.finding.property) == [.selfDeadlock])
    let broken = try SearchTests.world(
      "object thing as thing { v: int }\nglobal n: int\nentry go() { let t = alloc thing; loop { n = 1; n = 0; free t; t.v = 1 } }",
      threads: [["go"]])
    #expect(Set(Search(world: broken).run().counterexamples.map(\.finding.property)) == [.useAfterFree])
  }

  @Test func itIsFoundAfterAnInterruption() throws {
    let world = try SearchTests.world(Self.polite("right = turn"), threads: [["first"], ["second"]])
    var asked = 0
    let search = Search(world: world)
    _ = search.run { _ in
      asked += 1
      return asked < 4
    }
    let checkpoint = try #require(search.checkpoint(label: "x"))
    let result = try Search(world: world).resume(checkpoint, label: "x")
    #expect(result.counterexamples.map(\.finding.property) == [.livelock])
  }
}
