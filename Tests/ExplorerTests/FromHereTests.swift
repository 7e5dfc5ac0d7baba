import Explorer
import Machine
import SmallModels
import StepLanguage
import Testing

/// A search that begins in the middle of a run finds what can go wrong from there, no more and no less.
@Suite struct FromHereTests {
  /// What a search without any cunning finds: every thread at every state, states compared word by word.
  struct Plain {
    var lengths: [Property: Int] = [:]
    var isWhole = true

    init(_ world: World, _ start: State, _ lockOrder: LockOrder) {
      let machine = Machine(world: world)
      let log = EventLog()
      var lockOrder = lockOrder
      var first = start
      machine.examine(&first)
      for finding in machine.findings { lengths[finding.property] = 0 }
      var seen: Set<State> = [first]
      var layer = [first]
      var depth = 0
      while !layer.isEmpty {
        depth += 1
        var next: [State] = []
        for state in layer {
          let readiness = machine.readiness(in: state)
          var canMove = false
          for thread in readiness.indices {
            var count = 0
            if case .ready(let choices) = readiness[thread] { count = choices }
            if readiness[thread] == .timeout { count = 1 }
            for choice in 0..<count {
              canMove = true
              var after = state
              guard machine.step(thread, choice: choice, in: &after, log: log) != .notReady else { continue }
              var properties = machine.findings.map(\.property)
              if let finding = lockOrder.observe(log, state: after, world: world) {
                properties.append(finding.property)
              }
              for property in properties where lengths[property] == nil { lengths[property] = depth }
              let ends: Set<Property> = [
                .useAfterFree, .doubleFree, .nullDereference, .refcountUnderflow, .refcountResurrect,
                .livelock,
              ]
              if !ends.isDisjoint(with: properties) { continue }
              if seen.insert(after).inserted { next.append(after) }
            }
          }
          if !canMove, readiness.contains(where: { $0 != .finished }), !readiness.contains(.stuck),
            !machine.hasToldDeadlock(in: state), lengths[.deadlock] == nil
          {
            lengths[.deadlock] = depth - 1
          }
        }
        if seen.count > 30_000 {
          isWhole = false
          return
        }
        layer = next
      }
    }
  }

  /// Goes some steps on a schedule that a seed gives.
  static func run(_ world: World, steps: Int, seed: Int) -> (State, LockOrder) {
    let machine = Machine(world: world)
    let log = EventLog()
    var lockOrder = LockOrder(program: world.program)
    var state = machine.initialState()
    var random = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    for _ in 0..<steps {
      let readiness = machine.readiness(in: state)
      let ready = readiness.indices.filter { thread in
        if case .ready = readiness[thread] { true } else { readiness[thread] == .timeout }
      }
      guard !ready.isEmpty else { break }
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      let thread = ready[Int(random % UInt64(ready.count))]
      _ = machine.step(thread, in: &state, log: log)
      _ = lockOrder.observe(log, state: state, world: world)
    }
    state.trim(in: world)
    return (state, lockOrder)
  }

  /// Compares the searches from a state with the plain one; gives whether there was something to compare.
  private func compare(_ world: World, _ state: State, _ lockOrder: LockOrder, _ about: String) -> Bool {
    let plain = Plain(world, state, lockOrder)
    guard plain.isWhole else { return false }
    for reduction in Search.Reduction.allCases {
      let search = Search(world: world, start: state, lockOrder: lockOrder, reduction: reduction)
      let result = search.run()
      #expect(
        Set(result.counterexamples.map(\.finding.property)) == Set(plain.lengths.keys),
        "\(about) \(reduction)")
      #expect(result.verdict == (plain.lengths.isEmpty ? .holds : .violated))
      for example in result.counterexamples {
        let property = example.finding.property
        // The ways begin at the state, and the last of their steps finds what they say.
        let machine = Machine(world: world)
        var here = state
        machine.examine(&here)
        for move in example.schedule {
          #expect(machine.step(move.thread, choice: move.choice, in: &here) != .notReady)
        }
        if property != .lockOrder, property != .deadlock {
          #expect(machine.findings.contains { $0.property == property }, "\(about) \(property)")
        }
        if example.isMinimal { #expect(example.schedule.count >= plain.lengths[property] ?? 0) }
      }
      for property in Set(result.counterexamples.filter(\.isMinimal).map(\.finding.property)) {
        #expect(
          result.counterexamples.filter { $0.finding.property == property }.map(\.schedule.count).min()
            == plain.lengths[property], "\(about) \(reduction) \(property)")
      }
    }
    return true
  }

  @Test(arguments: SmallModel.all.indices)
  func smallModels(_ number: Int) throws {
    let model = SmallModel.all[number]
    let world = try SearchTests.world(model.text, threads: model.threads, faults: model.faults)
    for steps in 0..<12 {
      let (state, lockOrder) = Self.run(world, steps: steps, seed: number * 31 + steps)
      #expect(compare(world, state, lockOrder, "model \(number) after \(steps)"))
    }
  }

  @Test func randomModels() throws {
    var compared = 0
    for seed in 0..<24 {
      var generator = RandomModel(seed: seed)
      let threads: [[String]] =
        seed % 4 == 3 ? [["first"], ["second"], ["third"]] : [["first"], ["second", "third"]]
      let world = try SearchTests.world(generator.text(), threads: threads, faults: seed % 5 == 4)
      for steps in [3, 7] {
        let (state, lockOrder) = Self.run(world, steps: steps, seed: seed)
        if compare(world, state, lockOrder, "seed \(seed) after \(steps)") { compared += 1 }
      }
    }
    #expect(compared > 24)
  }

  /// The start as a state is the same as the start of the world.
  @Test func theStartIsNoSpecialState() throws {
    let world = try BoundedSearchTests.race()
    let whole = Search(world: world)
    let same = Search(world: world, start: Machine(world: world).initialState())
    let one = whole.run()
    let two = same.run()
    #expect(one.progress.states == two.progress.states)
    #expect(one.counterexamples.map(\.schedule) == two.counterexamples.map(\.schedule))
    #expect(whole.endDigests == same.endDigests)
  }

  @Test func aRealScenarioFromTheMiddle() throws {
    let world = try BoundedSearchTests.race()
    let found = try #require(Search(world: world).run().counterexamples.first)
    let machine = Machine(world: world)
    var state = machine.initialState()
    for move in found.schedule.dropLast(4) { _ = machine.step(move.thread, choice: move.choice, in: &state) }
    let rest = Search(world: world, start: state).run()
    let same = try #require(
      rest.counterexamples.first { $0.finding.property == found.finding.property })
    #expect(same.schedule.count == 4)
    #expect(same.isMinimal)
  }

  /// Who stands in a circle already is told at once, though on the way here it was told before.
  @Test func aDeadlockThatIsThereAlready() throws {
    let world = try SearchTests.world(SmallModel.crossing, threads: [["ab"], ["ba"], ["ab"]])
    let machine = Machine(world: world)
    var state = machine.initialState()
    for thread in [0, 0, 1, 1] { _ = machine.step(thread, in: &state) }
    #expect(machine.findings.map(\.property) == [.deadlock])
    let result = Search(world: world, start: state).run()
    let deadlock = try #require(result.counterexamples.first { $0.finding.property == .deadlock })
    #expect(deadlock.schedule.isEmpty)
    #expect(deadlock.isMinimal)
    #expect(deadlock.finding.message == "T0 waits for b, held by T1; T1 waits for a, held by T0")
  }

  /// The order of locks on the way to the state is not forgotten.
  @Test func whatWasTakenBeforeCounts() throws {
    let world = try SearchTests.world(SmallModel.crossing, threads: [["ab"], ["ba"]])
    let machine = Machine(world: world)
    let log = EventLog()
    var state = machine.initialState()
    var lockOrder = LockOrder(program: world.program)
    while machine.mayStep(0, in: state) > 0 {
      _ = machine.step(0, in: &state, log: log)
      _ = lockOrder.observe(log, state: state, world: world)
    }
    #expect(Search(world: world, start: state).run().verdict == .holds)
    let result = Search(world: world, start: state, lockOrder: lockOrder).run()
    #expect(result.counterexamples.map(\.finding.property) == [.lockOrder])
  }

  @Test func itCanBeStoppedAndGoesOn() throws {
    let world = try BoundedSearchTests.race()
    let (state, lockOrder) = Self.run(world, steps: 40, seed: 5)
    let expected = Search(world: world, start: state, lockOrder: lockOrder).run()
    let stopped = Search(world: world, start: state, lockOrder: lockOrder)
    var asked = 0
    let part = stopped.run { _ in
      asked += 1
      return asked < 5
    }
    #expect(part.bound == "interrupted")
    let checkpoint = try #require(stopped.checkpoint(label: "race"))
    let rest = try Search(world: world, start: state, lockOrder: lockOrder).resume(checkpoint, label: "race")
    #expect(rest.progress.states == expected.progress.states)
    #expect(rest.counterexamples.map(\.schedule) == expected.counterexamples.map(\.schedule))
    #expect(throws: Search.CheckpointError.other) {
      try Search(world: world).resume(checkpoint, label: "race")
    }
  }
}
