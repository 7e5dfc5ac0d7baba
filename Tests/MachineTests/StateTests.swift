import Machine
import StepLanguage
import Testing

@Suite struct StateTests {
  static let model = """
    object thing as thing { users: refcount; other: thing }
    global all: xarray of thing from 0
    entry make(n: int) {
      let a = alloc thing
      ref_set a.users n by "maker"
      let i = xa_alloc(all)
      xa_store(all, i, a)
    }
    entry drop(i: int) {
      let a = xa_erase(all, i)
      if a != null { free a }
    }
    """

  @Test func theSameStepsGiveTheSameBytes() throws {
    let lines = ["make 1", "make 2", "drop 0", "make 3", "drop 1", "drop 0"]
    var digests: [[UInt64]] = []
    for _ in 0..<2 {
      let laboratory = try Laboratory(Self.model, threads: [lines])
      var seen: [UInt64] = []
      while laboratory.step(0) != .notReady { seen.append(laboratory.state.digest(in: laboratory.world)) }
      digests.append(seen)
    }
    #expect(digests[0] == digests[1])
    #expect(Set(digests[0]).count > 10)
  }

  @Test func whatIsFreedLeavesNoTrace() throws {
    let empty = try Laboratory(Self.model, threads: [[]])
    let used = try Laboratory(Self.model, threads: [["make 1", "make 2", "drop 0", "drop 1"]])
    used.runAll()
    let before = empty.view
    let after = used.view
    #expect(before.objects.isEmpty && after.objects.isEmpty)
    #expect(before.value("all", of: .globals) == after.value("all", of: .globals))
    // Counters of finished operations aside, the heap is as if nothing had been.
    #expect(empty.state.usedWords(in: empty.world).count == used.state.usedWords(in: used.world).count)
  }

  @Test func aCopyIsIndependent() throws {
    let laboratory = try Laboratory(Self.model, threads: [["make 1", "make 2"]])
    laboratory.run(0, to: "ref_set")
    let kept = laboratory.state
    laboratory.runAll()
    #expect(kept != laboratory.state)
    let again = try Laboratory(Self.model, threads: [["make 1", "make 2"]])
    again.run(0, to: "ref_set")
    #expect(again.state == kept)
    #expect(again.state.hashValue == kept.hashValue)
  }

  @Test func memoryGrowsWhenItMust() throws {
    let lines = (0..<2_000).map { "make \($0 % 3 + 1)" }
    let laboratory = try Laboratory(Self.model, threads: [lines])
    laboratory.runAll()
    #expect(laboratory.view.objects.count == 2_000)
    #expect(laboratory.properties == [])
  }

  @Test func anObjectKeepsItsNameWhileSomebodyPointsToIt() throws {
    let model = """
      object thing as thing { other: thing }
      global keeper: thing
      entry go() {
        let a = alloc thing
        let k = alloc thing { other: a }
        keeper = k
        free a
        let b = alloc thing
        k.other = b
        let c = alloc thing
        free c
      }
      """
    let laboratory = try Laboratory(model, threads: [["go"]])
    laboratory.run(0, to: "k.other = b")
    #expect(laboratory.view.objects.map { laboratory.view.name(of: $0) } == ["thing1", "thing2", "thing3"])
    #expect(laboratory.view.objects.map { laboratory.view.isAlive($0) } == [false, true, true])
  }

  @Test func anOperationCanBeAddedOnTheWay() throws {
    let laboratory = try Laboratory(Self.model, threads: [["make 1"]])
    laboratory.run(0, to: "ref_set")
    var world = laboratory.world
    let source = SourceFile(name: "", text: "")
    world.insert(try Operation(OperationLine("make 5"), program: world.program, source: source), thread: 0)
    let added = world.addThread(named: "T1")
    let thread = try #require(added)
    world.insert(
      try Operation(OperationLine("drop 0"), program: world.program, source: source), thread: thread)
    var state = world.adopt(laboratory.state, from: laboratory.world)
    let machine = Machine(world: world)
    while machine.step(0, in: &state) != .notReady {}
    while machine.step(1, in: &state) != .notReady {}
    #expect(machine.readiness(in: state) == [.finished, .finished])
    #expect(StateView(state, world: world).objects.count == 1)
  }
}
