import CustomDump
import Explorer
import Foundation
import Machine
import SmallModels
import StepLanguage
import Testing

/// Threads that run the same, and objects that hold the same, must not make two states of one, and nothing may be lost by that.
@Suite struct SymmetryTests {
  private static let stack = """
    object node as node { next: node; value: int }
    global head: node
    global gate: mutex
    entry push(v: int) {
      mutex_lock gate
      let n = alloc node { value: v }
      n.next = head
      head = n
      mutex_unlock gate
    }
    """

  @Test func classesAreThreadsThatRunTheSame() throws {
    let world = try SearchTests.world(
      Self.stack, threads: [["push 1"], ["push 1"], ["push 2"], ["push 1", "push 2"], ["push 2"], []])
    expectNoDifference(ThreadSymmetry(world).classes, [[0, 1], [2, 4]])
  }

  @Test func setUpKeepsThreadZeroApart() throws {
    var world = try SearchTests.world(Self.stack, threads: [["push 1"], ["push 1"], ["push 1"]])
    world.setupCount = 1
    expectNoDifference(ThreadSymmetry(world).classes, [[1, 2]])
  }

  @Test func aThreadsNumberTellsItApart() throws {
    let threads = [["go"], ["go"]]
    let counting = "object o as o { users: refcount }\nglobal a: o\n"
    let asks = counting + "entry go() { let t = thread; check warn t == thread \"?\" }"
    let counts =
      counting
      + "init { a = alloc o }\nentry go() { count_inc a.users by thread; check warn units(a.users, thread) == 1 \"?\"; count_dec a.users by thread }"
    expectNoDifference(ThreadSymmetry(try SearchTests.world(counts, threads: threads)).classes, [[0, 1]])
    // Whether the language lets the number be kept or not, it must not be taken for nothing.
    if let world = try? SearchTests.world(asks, threads: threads) {
      expectNoDifference(ThreadSymmetry(world).classes, [])
    }
  }

  @Test func ownVariablesGoWithTheirThreads() throws {
    let slots = "slot v = -1 \"a value\"\n"
    func world(_ threads: [[String]]) throws -> World {
      try SearchTests.world(slots + Self.popping, threads: threads)
    }
    expectNoDifference(
      ThreadSymmetry(try world([["push 1", "push 2"], ["pop v1"], ["pop v2"]])).classes, [[1, 2]])
    expectNoDifference(
      ThreadSymmetry(try world([["push 1"], ["pop v1"], ["pop v2"], ["use v1"]])).classes, [],
      "somebody else looks at one of them")
    expectNoDifference(
      ThreadSymmetry(try world([["pop v1", "use v1"], ["pop v2", "use v3"], ["pop v4", "use v4"]])).classes,
      [[0, 2]])
  }

  private static let popping = """
    object node as node { next: node; value: int }
    global head: node
    global sum: int
    entry push(v: int) { let n = alloc node { value: v }; n.next = head; head = n }
    entry pop(out value: v) { let n = head; if n == null { return -ENOENT }; head = n.next; value = n.value }
    entry use(value: v) { sum += value }
    """

  /// Three threads that run the same: of six states in which all are on their way one is left.
  @Test func threeAlikeNeedFewStates() throws {
    let model = "global n: int\nentry add() { let x = n; n = x + 1; n += 1; n = n + 1 }"
    let threads = [["add"], ["add"], ["add"]]
    let alike = Search(world: try SearchTests.world(model, threads: threads), reduction: .canonical)
    let plain = Search(world: try SearchTests.world(model, threads: threads), reduction: .none)
    let few = alike.run()
    let all = plain.run()
    #expect(few.verdict == .holds && all.verdict == .holds)
    #expect(alike.endDigests == plain.endDigests)
    #expect(few.progress.states * 4 < all.progress.states)
  }

  /// Objects that hold the same are told apart only by how one comes to them.
  @Test func objectsThatHoldTheSameAreOne() throws {
    let model = """
      object thing as thing { value: int }
      global left: thing
      global right: thing
      entry left() { let t = alloc thing; left = t }
      entry right() { let t = alloc thing; right = t }
      """
    let threads = [["left"], ["right"]]
    let canonical = Search(world: try SearchTests.world(model, threads: threads), reduction: .canonical)
    let plain = Search(world: try SearchTests.world(model, threads: threads), reduction: .none)
    let few = canonical.run()
    let all = plain.run()
    // Who allocates first decides where things lie and what they are called, and nothing else.
    #expect(few.progress.states < all.progress.states)
    #expect(canonical.endDigests.count == 1)
    #expect(plain.endDigests.count == 1)
  }

  /// A unit that nobody holds is given back: whose goes then depends on the threads' numbers, so they are told apart.
  @Test func whatDependsOnNumbersIsFoundOut() throws {
    let model = """
      object thing as thing { users: refcount }
      global box: thing
      init { box = alloc thing }
      entry hold() {
        count_inc box.users by thread
        let n = units(box.users, thread)
        check warn n == 1 "its unit is gone"
        count_dec box.users by thread
      }
      entry steal() { if box.users == 2 { count_dec box.users by "somebody" } }
      """
    let threads = [["hold"], ["hold"], ["steal"]]
    try compare(try SearchTests.world(model, threads: threads))
  }

  /// Every small model with each of its threads twice.
  @Test(arguments: SmallModel.all.indices)
  func smallModelsTwice(_ number: Int) throws {
    let model = SmallModel.all[number]
    let threads = Array(
      model.threads.prefix(1) + model.threads.prefix(1) + model.threads.dropFirst().prefix(1))
    try compare(try SearchTests.world(model.text, threads: threads, faults: model.faults))
  }

  /// Random programs of which two or three threads run the same one.
  @Test(arguments: 0..<160)
  func randomModels(_ seed: Int) throws {
    var generator = RandomModel(seed: seed + 5000)
    let threads: [[String]] =
      switch seed % 4 {
      case 0: [["first"], ["first"], ["second"]]
      case 1: [["first", "second"], ["first", "second"]]
      case 2: [["second"], ["first"], ["first"]]
      default: [["first"], ["first"]]
      }
    let text = seed % 2 == 0 ? generator.text() : generator.textWithInvariants()
    try compare(try SearchTests.world(text, threads: threads, faults: seed % 5 == 4))
  }

  /// The scenarios that have such threads: the same when threads are exchanged and left out as when only objects are.
  @Test(arguments: ["two-unmaps-one-pin", "unmap-vs-unmap"])
  func scenarios(_ name: String) throws {
    let world = try World(
      program: try SearchTests.library.program(named: "linux-6.12"),
      scenario: try SearchTests.library.scenario(named: name))
    #expect(ThreadSymmetry(world).classes == [[1, 2]])
    let full = Search(world: world)
    let plain = Search(world: world, reduction: .objects)
    let few = full.run()
    let all = plain.run(limits: Search.Limits(states: 400_000))
    #expect(few.verdict == all.verdict)
    #expect(all.bound == nil)
    #expect(full.endDigests == plain.endDigests)
    #expect(few.progress.states * 2 < all.progress.states)
  }

  private func compare(_ world: World) throws {
    #expect(!ThreadSymmetry(world).classes.isEmpty)
    let limits = Search.Limits(states: 40_000)
    let plain = Search(world: world, reduction: .none)
    let all = plain.run(limits: limits)
    guard all.bound == nil else { return }
    for reduction in [Search.Reduction.objects, .canonical, .full] {
      let search = Search(world: world, reduction: reduction)
      let result = search.run(limits: limits)
      #expect(result.bound == nil)
      #expect(result.verdict == all.verdict)
      #expect(
        Set(result.counterexamples.map(\.finding.property))
          == Set(all.counterexamples.map(\.finding.property)))
      if !all.counterexamples.contains(where: { $0.finding.property == .leak }) {
        #expect(search.endDigests == plain.endDigests)
      }
      for property in Set(all.counterexamples.filter(\.isMinimal).map(\.finding.property)) {
        let lengths = [result, all].map { result in
          result.counterexamples.filter { $0.finding.property == property && $0.isMinimal }.map(
            \.schedule.count
          ).min()
        }
        #expect(Set(lengths).count == 1)
      }
      for example in result.counterexamples { try replay(example, in: world) }
    }
    let bounded = Search(world: world).run(preemptions: 2, limits: limits)
    for example in bounded.counterexamples { try replay(example, in: world) }
    #expect(
      Set(bounded.counterexamples.map(\.finding.property))
        == Set(
          Search(world: world, reduction: .none).run(preemptions: 2, limits: limits).counterexamples.map(
            \.finding.property)))
  }

  /// A way that was found among exchanged threads must be one that the threads can really go, and its words must be those of its last step.
  private func replay(_ example: Search.Counterexample, in world: World) throws {
    let machine = Machine(world: world)
    var state = machine.initialState()
    var preemptions = 0
    var operations = 0
    var last: Int?
    for move in example.schedule {
      if let last, last != move.thread, case .ready = machine.readiness(in: state)[last] { preemptions += 1 }
      if machine.beginsCall(move.thread, in: state) { operations += 1 }
      #expect(machine.step(move.thread, choice: move.choice, in: &state) != .notReady)
      last = move.thread
    }
    #expect(preemptions == example.preemptions)
    #expect(operations == example.operations)
    switch example.finding.property {
    // Told of what lies before and behind the step.
    case .lockOrder, .livelock: break
    case .deadlock where !machine.hasFindings:
      let waits = machine.readiness(in: state).contains {
        switch $0 {
        case .blocked, .sleeping, .barrier: true
        default: false
        }
      }
      #expect(waits)
    default: #expect(machine.findings.contains(example.finding))
    }
  }
}
