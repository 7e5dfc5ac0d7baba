import Explorer
import Machine
import SmallModels
import StepLanguage
import Testing

/// After a step only those invariants are evaluated that read what it wrote; a machine that evaluates all of them finds the same at each step.
@Suite struct InvariantTests {
  /// A walk of two machines side by side, one of which evaluates every invariant.
  ///
  /// - Returns: how many steps were taken, and how many of them had findings.
  private static func walk(_ world: World, seed: UInt64, steps: Int) throws -> (steps: Int, found: Int) {
    let machine = Machine(world: world)
    let full = Machine(world: world)
    full.evaluatesEveryInvariant = true
    var state = machine.initialState()
    var other = full.initialState()
    var random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func next(_ bound: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random % UInt64(bound))
    }
    var taken = 0
    var found = 0
    while taken < steps {
      let ready = world.threads.indices.filter { machine.mayStep($0, in: state) > 0 }
      if ready.isEmpty { break }
      let thread = ready[next(ready.count)]
      // Some steps one after another, so that walks come far.
      for _ in 0..<(1 + next(12)) {
        let choices = machine.mayStep(thread, in: state)
        if choices == 0 { break }
        let choice = next(choices)
        let outcome = machine.step(thread, choice: choice, in: &state)
        #expect(full.step(thread, choice: choice, in: &other) == outcome)
        try #require(machine.findings == full.findings, "step \(taken) of \(world.program.name)")
        try #require(state == other)
        taken += 1
        if machine.hasFindings { found += 1 }
      }
    }
    return (taken, found)
  }

  @Test func randomModels() throws {
    var found = 0
    for seed in 0..<400 {
      var generator = RandomModel(seed: seed + 60_000)
      let text = generator.textWithInvariants()
      let world = try World.small(
        text, threads: [["first", "third", "second"], ["second", "first"], ["third"]], faults: seed % 4 == 0)
      found += try Self.walk(world, seed: UInt64(seed), steps: 400).found
    }
    #expect(found > 100)
  }

  /// Every exhibit's model before its fix, and the models of Linux, under their scenarios.
  @Test(arguments: MuseumTests.exhibits)
  func carriedModels(_ exhibit: MuseumTests.Exhibit) throws {
    let scenario = try SearchTests.library.scenario(named: exhibit.scenario)
    let world = try World(program: try SearchTests.library.program(named: exhibit.before), scenario: scenario)
    for seed in 1...6 as ClosedRange<UInt64> {
      let taken = try Self.walk(world, seed: seed, steps: 600).steps
      #expect(taken > 5)
    }
  }

  /// Readers do not keep each other out, but an invariant may ask whether there are any.
  @Test(arguments: ["down_read sem; up_read sem", "down_write sem; up_write sem"])
  func anInvariantAboutALockThatIsHeld(_ section: String) throws {
    let text = """
      global sem: rw_semaphore
      global number: int
      entry looks() { \(section) }
      entry counts() { number = 1; number = 0 }
      invariant apart "nobody has it at one" always { !held(sem) || number == 0 }
      """
    let world = try World.small(text, threads: [["looks"], ["counts"]])
    for reduction in [Search.Reduction.none, .full] {
      let result = Search(world: world, reduction: reduction).run()
      #expect(result.counterexamples.map(\.finding.property.rawValue) == ["invariant"], "\(reduction)")
    }
  }
}
