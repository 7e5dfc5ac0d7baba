import Explorer
import Foundation
import Machine
import SmallModels
import StepLanguage
import Testing

@Suite struct SearchTests {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library = Library { kind, name in
    let directory = kind == .model ? "models" : "scenarios"
    let url = checkout.appendingPathComponent("\(directory)/\(name).step")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    return ("\(directory)/\(name).step", text)
  }

  static func world(_ model: String, threads: [[String]], faults: Bool = false) throws -> World {
    try World.small(model, threads: threads, faults: faults)
  }

  @Test func theClassicDeadlockInItsFewestSteps() throws {
    let result = Search(world: try Self.world(SmallModel.crossing, threads: [["ab"], ["ba"]])).run()
    #expect(result.verdict == .violated)
    let deadlock = try #require(result.counterexamples.first { $0.finding.property == .deadlock })
    // Each thread begins its call and takes its first lock: four steps, one of them a preemption.
    #expect(deadlock.schedule.count == 4)
    #expect(deadlock.preemptions == 1)
    #expect(Set(deadlock.schedule.map(\.thread)) == [0, 1])
    #expect(deadlock.isMinimal)
    #expect(deadlock.finding.message == "T0 waits for b, held by T1; T1 waits for a, held by T0")
    #expect(
      result.counterexamples.filter { $0.finding.property == .deadlock }.count == 1,
      "told once, not from each side")
    let order = try #require(result.counterexamples.first { $0.finding.property == .lockOrder })
    #expect(!order.isMinimal)
  }

  /// Of ways with the same steps and preemptions the one with the fewest threads is told, then the one with the fewest system calls.
  @Test func amongShortestWaysTheSimplestIsTold() throws {
    let model = """
      global n: int
      entry once() { n = 1; n = 2; n = 3; warn "three" }
      entry twice() { n = 2 }
      entry third() { n = 3; warn "three" }
      """
    // Four steps lead to the warning either way, in one call or in two.
    for threads in [[["once"], ["twice", "third"]], [["twice", "third"], ["once"]]] {
      for reduction in Search.Reduction.allCases {
        let result = Search(world: try Self.world(model, threads: threads), reduction: reduction).run()
        let warning = try #require(result.counterexamples.first { $0.finding.property == .warn })
        #expect(warning.isMinimal || reduction == .full)
        #expect(warning.threadCount == 1)
        #expect(warning.preemptions == 0)
        #expect(warning.operations == 1)
        #expect(warning.schedule.count == 4)
      }
    }
  }

  @Test func allInterleavingsOfTwoCounters() throws {
    let model = "global n: int\nentry add() { let x = n; n = x + 1 }"
    let world = try Self.world(model, threads: [["add"], ["add"]])
    let search = Search(world: world)
    let result = search.run()
    #expect(result.verdict == .holds)
    // Both see 0, or one sees the other's 1: the counter ends at 1 or at 2.
    #expect(search.endDigests.count == 2)
  }

  @Test func aBoundIsNamedAndNeverTakenForAll() throws {
    let model = "global n: int\nentry add() { n += 1; n += 1; n += 1 }"
    let world = try Self.world(model, threads: [["add"], ["add"], ["add"]])
    #expect(Search(world: world).run(limits: Search.Limits(states: 10)).verdict == .bounded("10 states"))
    #expect(Search(world: world).run(report: { _ in false }).verdict == .bounded("interrupted"))
    #expect(Search(world: world).run().verdict == .holds)
  }

  @Test func failingAllocationsAreTriedBothWays() throws {
    let model = """
      object thing as thing { value: int }
      entry go() {
        let a = try_alloc thing
        a.value = 1
        free a
      }
      """
    #expect(Search(world: try Self.world(model, threads: [["go"]])).run().verdict == .holds)
    let faulty = Search(world: try Self.world(model, threads: [["go"]], faults: true)).run()
    #expect(faulty.counterexamples.map(\.finding.property) == [.nullDereference])
  }

  @Test func aScheduleLeadsToWhatWasFound() throws {
    let program = try Self.library.program(named: "linux-6.12")
    let world = try World(program: program, scenario: try Self.library.scenario(named: "close-vs-unmap"))
    let result = Search(world: world).run()
    #expect(!result.counterexamples.isEmpty)
    for example in result.counterexamples {
      let machine = Machine(world: world)
      var state = machine.initialState()
      for (number, move) in example.schedule.enumerated() {
        #expect(machine.step(move.thread, choice: move.choice, in: &state) != .notReady)
        if number == example.schedule.count - 1 {
          #expect(machine.findings.contains { $0.property == example.finding.property })
        }
      }
    }
  }

  @Test(arguments: [2, 3, 5])
  func anyNumberOfJobsGivesTheSameResult(_ jobs: Int) throws {
    let program = try Self.library.program(named: "replace-v2")
    let world = try World(program: program, scenario: try Self.library.scenario(named: "replace-vs-replace"))
    for reduction in [Search.Reduction.canonical, .full] {
      let alone = Search(world: world, reduction: reduction)
      let together = Search(world: world, reduction: reduction, jobs: jobs)
      let first = alone.run()
      let second = together.run()
      #expect(!first.counterexamples.isEmpty)
      #expect(first.progress.states == second.progress.states)
      #expect(first.progress.transitions == second.progress.transitions)
      #expect(first.counterexamples.map(\.schedule) == second.counterexamples.map(\.schedule))
      #expect(first.counterexamples.map(\.finding) == second.counterexamples.map(\.finding))
      #expect(alone.endDigests == together.endDigests)
    }
  }

  /// Three threads make layers of many rounds and chunks, which several jobs share.
  @Test func jobsShareLargeLayers() throws {
    let url = Self.checkout.appendingPathComponent("Tests/ExplorerTests/Fixtures/three-threads.step")
    let source = SourceFile(name: "three-threads.step", text: try String(contentsOf: url, encoding: .utf8))
    let scenario = try #require(try Self.library.scenarios(from: source).first)
    let world = try World(program: try Self.library.program(named: "linux-6.12"), scenario: scenario)
    let limits = Search.Limits(states: 4_000)
    let alone = Search(world: world).run(limits: limits)
    let together = Search(world: world, jobs: 4).run(limits: limits)
    #expect(alone.verdict == .bounded("4000 states"))
    #expect(alone.verdict == together.verdict)
    #expect(alone.progress.states == together.progress.states)
    #expect(alone.progress.transitions == together.progress.transitions)
    #expect(alone.progress.depth == together.progress.depth)
  }

  @Test func memoryEndsASearchClearly() throws {
    let program = try Self.library.program(named: "linux-6.12")
    let world = try World(program: program, scenario: try Self.library.scenario(named: "replace-vs-pin"))
    let search = Search(world: world, reduction: .none)
    #expect(search.run(limits: Search.Limits(bytes: 1 << 20)).verdict == .bounded("memory (1 MiB)"))
    #expect(search.checkpoint(label: "") != nil)
  }

  @Test func twoRunsGiveTheSameResult() throws {
    let program = try Self.library.program(named: "replace-v2")
    let world = try World(program: program, scenario: try Self.library.scenario(named: "replace-vs-replace"))
    let first = Search(world: world).run()
    let second = Search(world: world).run()
    #expect(first.progress.states == second.progress.states)
    #expect(first.counterexamples.map(\.schedule) == second.counterexamples.map(\.schedule))
    #expect(first.counterexamples.map(\.finding) == second.counterexamples.map(\.finding))
  }
}

/// Bounds, random schedules and checkpoints.
@Suite struct BoundedSearchTests {
  static func race(_ model: String = "replace-v2", _ scenario: String = "replace-vs-replace") throws -> World
  {
    try World(
      program: try SearchTests.library.program(named: model),
      scenario: try SearchTests.library.scenario(named: scenario))
  }

  @Test func deadlockNeedsOnePreemption() throws {
    let world = try SearchTests.world(SmallModel.crossing, threads: [["ab"], ["ba"]])
    let none = Search(world: world).run(preemptions: 0)
    #expect(!none.counterexamples.contains { $0.finding.property == .deadlock })
    #expect(none.bound == "0 preemptions")
    let one = Search(world: world).run(preemptions: 1)
    let deadlock = try #require(one.counterexamples.first { $0.finding.property == .deadlock })
    #expect(deadlock.preemptions == 1)
    #expect(!deadlock.isMinimal)
  }

  @Test func enoughPreemptionsCoverEverything() throws {
    let model = "global n: int\nentry add() { let x = n; n = x + 1 }"
    let world = try SearchTests.world(model, threads: [["add"], ["add"]])
    let all = Search(world: world, reduction: .none)
    #expect(all.run().verdict == .holds)
    let few = Search(world: world)
    #expect(few.run(preemptions: 0).verdict == .bounded("0 preemptions"))
    #expect(few.endDigests.count == 1, "without a preemption nothing is lost")
    let many = Search(world: world)
    #expect(many.run(preemptions: 20).verdict == .holds)
    #expect(many.endDigests == all.endDigests)
  }

  @Test func preemptionsAreThoseOfTheSchedule() throws {
    let world = try Self.race()
    for example in Search(world: world).run(preemptions: 2).counterexamples {
      let machine = Machine(world: world)
      var state = machine.initialState()
      var preemptions = 0
      var last: Int?
      for move in example.schedule {
        if let last, last != move.thread, case .ready = machine.readiness(in: state)[last] {
          preemptions += 1
        }
        #expect(machine.step(move.thread, choice: move.choice, in: &state) != .notReady)
        last = move.thread
      }
      #expect(machine.findings.contains { $0.property == example.finding.property })
      #expect(preemptions == example.preemptions)
    }
  }

  @Test func aSeedGivesTheSameWalks() throws {
    let world = try Self.race()
    let first = Search(world: world, jobs: 1).run(randomWalks: 600, seed: 3)
    let second = Search(world: world, jobs: 3).run(randomWalks: 600, seed: 3)
    #expect(first.verdict == .violated)
    #expect(first.counterexamples.map(\.schedule) == second.counterexamples.map(\.schedule))
    #expect(first.progress.transitions == second.progress.transitions)
    #expect(first.counterexamples.allSatisfy { !$0.isMinimal })
  }

  @Test func walksNeverProveAnything() throws {
    let world = try SearchTests.world("global n: int\nentry add() { n += 1 }", threads: [["add"], ["add"]])
    #expect(Search(world: world).run(randomWalks: 10, seed: 1).verdict == .bounded("10 random walks"))
  }

  @Test(arguments: [1, 3, 9, 30])
  func goingOnGivesTheSame(_ rounds: Int) throws {
    let world = try Self.race()
    let whole = Search(world: world)
    let expected = whole.run()
    var search = Search(world: world, jobs: 2)
    var asked = 0
    var result = search.run { _ in
      asked += 1
      return asked <= rounds
    }
    var interruptions = 0
    while let checkpoint = search.checkpoint(label: "race") {
      interruptions += 1
      search = Search(world: world)
      asked = 0
      result = try search.resume(checkpoint, label: "race") { _ in
        asked += 1
        return asked <= rounds * 10
      }
      #expect(interruptions < 100)
    }
    #expect(interruptions > 0)
    #expect(result.bound == nil)
    #expect(result.progress.states == expected.progress.states)
    #expect(result.progress.transitions == expected.progress.transitions)
    #expect(result.counterexamples.map(\.schedule) == expected.counterexamples.map(\.schedule))
    #expect(result.counterexamples.map(\.finding) == expected.counterexamples.map(\.finding))
    #expect(result.counterexamples.map(\.isMinimal) == expected.counterexamples.map(\.isMinimal))
    #expect(search.endDigests == whole.endDigests)
  }

  @Test func aBadCheckpointIsRefused() throws {
    let world = try Self.race()
    let search = Search(world: world)
    _ = search.run(limits: Search.Limits(states: 400))
    let checkpoint = try #require(search.checkpoint(label: "race"))
    #expect(throws: Search.CheckpointError.other) {
      try Search(world: world).resume(checkpoint, label: "another")
    }
    #expect(throws: Search.CheckpointError.other) {
      try Search(world: world, reduction: .canonical).resume(checkpoint, label: "race")
    }
    for length in stride(from: 0, to: checkpoint.count, by: 97) {
      #expect(throws: Search.CheckpointError.damaged) {
        try Search(world: world).resume(Array(checkpoint[..<length]), label: "race")
      }
    }
    // Changed bytes under a digest that fits: whatever they say, nothing breaks.
    var refused = 0
    for seed in 0..<200 {
      var bytes = Array(checkpoint.dropLast(8))
      let place = 40 + seed * 7919 % (bytes.count - 40)
      bytes[place] ^= UInt8(1 + seed % 127)
      var digest: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: digest >> shift))
      }
      do throws(Search.CheckpointError) {
        _ = try Search(world: world).resume(bytes, label: "race", limits: Search.Limits(states: 500))
      } catch {
        refused += 1
      }
    }
    #expect(refused > 50)
  }
}

/// The reduction must lose nothing: with and without it a search finds the same properties and ends in the same states.
@Suite struct ReductionTests {
  /// Every scenario that comes with the program, under every model: verdicts with and without the last reduction.
  @Test(arguments: ["linux-6.12", "replace-v2", "set-ioas-base"])
  func scenariosAreTheSame(_ model: String) throws {
    let program = try SearchTests.library.program(named: model)
    let directory = SearchTests.checkout.appendingPathComponent("scenarios").path
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      .filter { $0.hasSuffix(".step") }.map { String($0.dropLast(5)) }
    var compared = 0
    for name in names {
      let scenario = try SearchTests.library.scenario(named: name)
      guard let world = try? World(program: program, scenario: scenario) else { continue }
      let full = Search(world: world, reduction: .full)
      let canonical = Search(world: world, reduction: .canonical)
      let limits = Search.Limits(states: 6_000)
      let one = full.run(limits: limits)
      let two = canonical.run(limits: limits)
      guard one.bound == nil, two.bound == nil else { continue }
      compared += 1
      #expect(one.verdict == two.verdict, "\(name)")
      #expect(
        Set(one.counterexamples.map(\.finding.property)) == Set(two.counterexamples.map(\.finding.property)),
        "\(name)")
      #expect(full.endDigests == canonical.endDigests, "\(name)")
    }
    #expect(compared > 3)
  }

  @Test(arguments: SmallModel.all.indices)
  func smallModels(_ number: Int) throws {
    let model = SmallModel.all[number]
    try compare(try SearchTests.world(model.text, threads: model.threads, faults: model.faults))
  }

  /// Random programs on one small heap: whatever they do, right or wrong, all searches see it.
  @Test(arguments: 0..<240)
  func randomModels(_ seed: Int) throws {
    var generator = RandomModel(seed: seed)
    let threads: [[String]] =
      seed % 4 == 3 ? [["first"], ["second"], ["third"]] : [["first"], ["second", "third"]]
    try compare(try SearchTests.world(generator.text(), threads: threads, faults: seed % 5 == 4))
  }

  /// The same with invariants about objects, their counts, locks and neighbours, which decide what may be left out.
  @Test(arguments: 0..<240)
  func randomInvariants(_ seed: Int) throws {
    var generator = RandomModel(seed: seed + 1000)
    let threads: [[String]] =
      seed % 3 == 2 ? [["first"], ["second"], ["third"]] : [["first"], ["second", "third"]]
    try compare(
      try SearchTests.world(generator.textWithInvariants(), threads: threads, faults: seed % 5 == 4))
  }

  /// The comparisons above mean something only when most of them come to an end, and when there is something to leave out.
  @Test func randomModelsAreWorthComparing() throws {
    var ended = 0
    var wrong = 0
    var leftOut = 0
    for seed in 0..<40 {
      var generator = RandomModel(seed: seed)
      let world = try SearchTests.world(
        generator.text(), threads: [["first"], ["second", "third"]], faults: seed % 5 == 4)
      let full = Search(world: world, reduction: .full).run()
      let canonical = Search(world: world, reduction: .canonical).run(limits: Search.Limits(states: 400_000))
      if canonical.bound == nil { ended += 1 }
      if canonical.verdict == .violated { wrong += 1 }
      if full.verdict == .holds, full.progress.states < canonical.progress.states { leftOut += 1 }
    }
    #expect(ended >= 36)
    #expect(wrong >= 10)
    #expect(leftOut >= 5)
  }

  private func compare(_ world: World) throws {
    let full = Search(world: world, reduction: .full)
    let canonical = Search(world: world, reduction: .canonical)
    let plain = Search(world: world, reduction: .none)
    let limits = Search.Limits(states: 400_000)
    let one = full.run(limits: limits)
    let two = canonical.run(limits: limits)
    let three = plain.run(limits: limits)
    // A bound would make the comparison mean nothing.
    guard three.bound == nil, two.bound == nil, one.bound == nil else { return }
    for (weaker, stronger) in [(three, two), (two, one)] {
      #expect(
        Set(stronger.counterexamples.map(\.finding.property))
          == Set(weaker.counterexamples.map(\.finding.property)))
      #expect(stronger.verdict == weaker.verdict)
    }
    // Objects that nobody reaches any more have no order of their own, so states with several of them have more than one form.
    if !three.counterexamples.contains(where: { $0.finding.property == .leak }) {
      #expect(canonical.endDigests == plain.endDigests)
      #expect(full.endDigests == plain.endDigests)
    } else {
      #expect(!canonical.endDigests.isEmpty && !full.endDigests.isEmpty)
    }
    // The ways that are said to be shortest are no longer than those of a search that leaves nothing out.
    for property in Set(two.counterexamples.filter(\.isMinimal).map(\.finding.property)) {
      let lengths = [one, two, three].map { result in
        result.counterexamples.filter { $0.finding.property == property && $0.isMinimal }.map(
          \.schedule.count
        ).min()
      }
      #expect(Set(lengths).count == 1)
    }
    if one.counterexamples.isEmpty { #expect(one.progress.states <= two.progress.states) }
    #expect(two.progress.states <= three.progress.states)
  }
}
