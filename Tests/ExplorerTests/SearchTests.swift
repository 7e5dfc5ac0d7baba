import Explorer
import Foundation
import Machine
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
    let program = try Library { _, _ in nil }.program(
      from: SourceFile(name: "test.step", text: "model test \"Test\" {\n\(model)\n}\n"))
    let source = SourceFile(name: "test.ops", text: "")
    return World(
      program: program,
      threads: try threads.enumerated().map { number, lines in
        World.Thread(
          name: "T\(number)",
          operations: try lines.map { try Operation(OperationLine($0), program: program, source: source) })
      }, allowsFaults: faults)
  }

  static let crossing = """
    global a: mutex
    global b: mutex
    entry ab() { mutex_lock a; mutex_lock b; mutex_unlock b; mutex_unlock a }
    entry ba() { mutex_lock b; mutex_lock a; mutex_unlock a; mutex_unlock b }
    """

  @Test func theClassicDeadlockInItsFewestSteps() throws {
    let result = Search(world: try Self.world(Self.crossing, threads: [["ab"], ["ba"]])).run()
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

/// The reduction must lose nothing: with and without it a search finds the same properties and ends in the same states.
@Suite struct ReductionTests {
  static let models: [(String, [[String]], Bool)] = [
    (SearchTests.crossing, [["ab"], ["ba"]], false),
    (
      """
      object thing as thing { users: refcount; other: thing }
      global all: xarray of thing from 1
      entry add() {
        let a = alloc thing
        ref_set a.users 1 by "xarray"
        spin_lock all.xa_lock
        let i = xa_alloc(all)
        xa_store(all, i, a)
        spin_unlock all.xa_lock
      }
      entry drop(i: int) {
        spin_lock all.xa_lock
        let a = xa_erase(all, i)
        spin_unlock all.xa_lock
        if a == null { return -ENOENT }
        free a
      }
      """, [["add"], ["add", "drop 1"], ["drop 2"]], false
    ),
    (
      """
      object node as node { next: node; value: int }
      global head: node
      entry push(v: int) { let n = try_alloc node { value: v }; if n == null { return -ENOMEM }; n.next = head; head = n }
      entry pop() { let n = head; if n == null { return -ENOENT }; head = n.next; free n }
      """, [["push 1"], ["push 2"], ["pop"]], true
    ),
  ]

  @Test(arguments: models.indices)
  func smallModels(_ number: Int) throws {
    let (model, threads, faults) = Self.models[number]
    try compare(try SearchTests.world(model, threads: threads, faults: faults))
  }

  /// Random programs on one small heap: whatever they do, right or wrong, both searches see it.
  @Test(arguments: 0..<60)
  func randomModels(_ seed: Int) throws {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func random(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    func body() -> String {
      var lines: [String] = []
      for _ in 0..<(2 + random(4)) {
        switch random(8) {
        case 0: lines.append("left = alloc thing { value: \(random(2)) }")
        case 1: lines.append("right = left")
        case 2: lines.append("if left != null { left.value += 1 }")
        case 3: lines.append("if right != null { let r = right; right = null; free r }")
        case 4: lines.append("mutex_lock gate; number += 1; mutex_unlock gate")
        case 5: lines.append("if left != null { left.other = right }")
        case 6:
          lines.append("if left != null { ref_set left.users 1 by \"one\"; ref_inc left.users by thread }")
        default: lines.append("let t = left; left = right; right = t")
        }
      }
      return lines.map { "{ \($0) }" }.map { "if true \($0)" }.joined(separator: "\n")
    }
    let model = """
      object thing as thing { value: int; other: thing; users: refcount }
      global left: thing
      global right: thing
      global number: int
      global gate: mutex
      entry first() {
      \(body())
      }
      entry second() {
      \(body())
      }
      """
    try compare(try SearchTests.world(model, threads: [["first"], ["second"]]))
  }

  private func compare(_ world: World) throws {
    let reduced = Search(world: world)
    let full = Search(world: world, reduction: .none)
    let one = reduced.run()
    let other = full.run(limits: Search.Limits(states: 2_000_000))
    #expect(one.progress.states <= other.progress.states)
    #expect(
      Set(one.counterexamples.map(\.finding.property)) == Set(other.counterexamples.map(\.finding.property)))
    #expect(one.verdict == other.verdict)
    #expect(reduced.endDigests == full.endDigests)
  }
}
