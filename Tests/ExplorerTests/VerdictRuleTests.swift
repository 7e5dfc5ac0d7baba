import Basics
import Explorer
import Machine
import SmallModels
import StepLanguage
import Testing

/// Rules of the machine without which a verdict could be false: units, waits, lists, lock classes.
@Suite struct VerdictRuleTests {
  private func result(_ text: String, _ threads: [[String]]) throws -> Search.Result {
    Search(world: try SearchTests.world(text, threads: threads)).run()
  }

  private func properties(_ text: String, _ threads: [[String]]) throws -> [String] {
    Set(try result(text, threads).counterexamples.map(\.finding.property.rawValue)).sorted()
  }

  // MARK: Units

  private static let counted = """
    object thing as thing { refs: refcount }
    global slot: thing
    entry make() {
      let t = alloc thing
      ref_set t.refs 1 by "core"
      ref_inc t.refs by "fd"
      slot = t
    }
    """

  @Test(arguments: [
    "ref_dec t.refs by \"fd\"; ref_dec t.refs by \"fd\"", "let z = ref_dec_and_test t.refs by \"nobody\"",
    "ref_dec t.refs by thread", "ref_move t.refs from thread to \"fd\"", "ref_dec t.refs by t \"fd\"",
    "ref_inc t.refs by thread \"a\"; ref_dec t.refs by thread \"b\"",
  ])
  func aUnitGivenBackByWhoHasNone(_ statements: String) throws {
    let text = Self.counted + "\nentry put() { let t = slot; \(statements) }"
    let result = try result(text, [["make", "put"]])
    let messages = result.counterexamples.filter { $0.finding.property == .refcountUnderflow }.map(
      \.finding.message)
    #expect(
      messages.contains { $0.contains("\"core\"") }, "it says who holds the units there are: \(messages)")
  }

  @Test(arguments: [
    ("ref_inc t.refs by thread \"lookup\"", true), ("let ok = ref_inc_not_zero t.refs by thread", true),
    ("ref_inc t.refs by thread \"lookup\"; ref_dec t.refs by thread \"lookup\"", false),
    ("ref_inc t.refs by thread; ref_move t.refs from thread to t \"attached\"", false),
    ("count_inc t.refs by thread", true), ("ref_inc t.refs by thread; if true { return -22 }", true),
  ])
  func aUnitKeptOverTheEndOfACall(_ statements: String, _ isKept: Bool) throws {
    let text = Self.counted + "\nentry look() -> int { let t = slot; \(statements); return 0 }"
    let result = try result(text, [["make", "look"]])
    let kept = result.counterexamples.filter {
      $0.finding.property == .leak && $0.finding.message.contains("keeps")
    }
    #expect(!kept.isEmpty == isKept)
    if isKept {
      #expect(kept.first?.finding.statement != nil, "the return that keeps it")
      #expect(kept.first?.finding.message.contains("thing1.refs") == true)
    }
  }

  @Test func manyUnitsAtOnceAreAllThere() throws {
    let text = """
      object thing as thing { refs: refcount }
      global slot: thing
      entry go() {
        let t = alloc thing
        slot = t
        ref_set t.refs 100 by "core"
        let n = 0
        while n < 99 { ref_dec t.refs by "core"; n += 1 }
        let last = ref_dec_and_test t.refs by "core"
        check warn last "it was not the last"
      }
      """
    #expect(try properties(text, [["go"]]) == [])
  }

  // MARK: Waits

  @Test func aWaitWithoutTimeoutThatNobodyEnds() throws {
    let text = """
      global queue: wait_queue
      global done: bool
      entry sleep() { wait_event queue until done uninterruptible }
      entry finish() { done = true; wake_up queue all }
      entry forget() { done = true }
      """
    #expect(try properties(text, [["sleep"]]) == ["deadlock"])
    #expect(try properties(text, [["sleep"], ["finish"]]) == [])
    #expect(try properties(text, [["sleep"], ["forget"]]) == ["lost-wakeup"])
    let named = text.replacing("wait_event queue", with: "let ok = wait_event queue")
    #expect(try properties(named, [["sleep"], ["forget"]]) == ["lost-wakeup"])
  }

  @Test func aSleeperWithALockIsPartOfTheDeadlock() throws {
    let text = """
      global queue: wait_queue
      global gate: mutex
      global done: bool
      entry sleep() { mutex_lock gate; wait_event queue until done uninterruptible; mutex_unlock gate }
      entry finish() { mutex_lock gate; done = true; wake_up queue all; mutex_unlock gate }
      """
    #expect(try properties(text, [["sleep"], ["finish"]]) == ["deadlock"])
  }

  // MARK: Lists

  private static let listed = """
    object thing as thing { value: int }
    global line: list of thing
    global map: interval_map of thing
    global a: thing
    global b: thing
    entry make() {
      let x = alloc thing
      a = x
      let y = alloc thing
      b = y
      list_append(line, x)
      list_append(line, y)
      imap_insert(map, 0, 1, x)
      imap_insert(map, 2, 3, y)
    }
    """

  @Test(arguments: [
    ("let y = b; free y", "let z = alloc thing; list_append(line, z)", true),
    ("let x = a; free x", "let z = alloc thing; list_append(line, z); list_remove(line, z); free z", false),
    ("let x = a; free x", "let y = b; list_remove(line, y)", true),
    ("let y = b; free y", "let x = a; list_remove(line, x)", true),
    ("let x = a; free x", "let o = list_first(line)", false),
    ("let x = a; free x", "let o = list_first(line); let p = list_next(line, o)", true),
    ("let y = b; free y", "let o = list_first(line); let p = list_next(line, o)", false),
    ("let y = b; free y", "let n = count(line)", true),
    ("let x = a; list_remove(line, x); free x", "let y = b; list_remove(line, y)", false),
    ("let y = b; free y", "let x = a; imap_remove(map, x)", true),
    ("let x = a; free x", "let y = b; let o = imap_find(map, 2, 2)", true),
    ("let x = a; imap_remove(map, x); free x", "let o = imap_find(map, 2, 2)", false),
    ("let y = b; free y", "let n = imap_uncovered(map, 0, 9)", true),
    ("let y = b; free y", "let n = imap_uncovered(map, 0, 1)", false),
  ])
  func membersAreTouchedByTheirNeighboursOperations(_ free: String, _ use: String, _ isUse: Bool) throws {
    let text =
      Self.listed + "\nentry drop() { \(free) }\nentry use() { \(use) }"
    #expect(try properties(text, [["make", "drop", "use"]]).contains("use-after-free") == isUse)
  }

  /// A free of a member and an operation on its list do not commute, though they touch no word together.
  @Test func aFreeOfAMemberAgainstAnAppend() throws {
    let text =
      Self.listed
      + "\nentry drop() { let y = b; free y }\nentry append() { let z = alloc thing; a = z; list_append(line, z) }\ninit { let q = alloc thing; b = q; list_append(line, q) }"
    for reduction in Search.Reduction.allCases {
      let world = try SearchTests.world(text, threads: [["append"], ["drop"]])
      let found = Search(world: world, reduction: reduction).run().counterexamples.map(\.finding.property)
      #expect(found.contains(.useAfterFree), "\(reduction)")
    }
  }

  // MARK: Lock classes

  @Test func classesBeyondTheSixtyFourthHaveAnOrder() throws {
    let locks = (0..<80).map { "global l\($0): mutex" }.joined(separator: "\n")
    func text(_ first: String, _ second: String) -> String {
      """
      \(locks)
      entry one() { mutex_lock \(first); mutex_lock \(second); mutex_unlock \(second); mutex_unlock \(first) }
      entry two() { mutex_lock \(second); mutex_lock \(first); mutex_unlock \(first); mutex_unlock \(second) }
      """
    }
    for (first, second) in [("l0", "l1"), ("l70", "l71"), ("l3", "l79"), ("l63", "l64")] {
      #expect(try properties(text(first, second), [["one", "two"]]) == ["lock-order"], "\(first) \(second)")
    }
  }

  private static let nested = """
    object node as node { lock: mutex; const rank: int }
    global parent: node
    global child: node
    init { parent = alloc node { rank: 1 }; child = alloc node { rank: 2 } }
    """

  @Test func subclassesTellNestedLocksApart() throws {
    func text(_ second: String) -> String {
      Self.nested
        + """

        entry down() {
          let p = parent
          let c = child
          mutex_lock p.lock
          \(second)
          mutex_unlock c.lock
          mutex_unlock p.lock
        }
        entry up() {
          let p = parent
          let c = child
          mutex_lock c.lock
          mutex_lock_nested p.lock 1
          mutex_unlock p.lock
          mutex_unlock c.lock
        }
        """
    }
    #expect(try properties(text("mutex_lock c.lock"), [["down"]]) == ["lock-order"])
    #expect(try properties(text("mutex_lock_nested c.lock 1"), [["down"]]) == [])
    // Lockdep is told that the order is meant; whoever takes the same two the other way round deadlocks all the same.
    #expect(try properties(text("mutex_lock_nested c.lock 1"), [["down"], ["up"]]) == ["deadlock"])
  }

  @Test func anOrderThatTheModelDeclares() throws {
    func text(_ outer: String, _ inner: String) -> String {
      Self.nested
        + """

        lock node.lock nests by rank
        entry go() {
          let p = \(outer)
          let c = \(inner)
          mutex_lock p.lock
          mutex_lock c.lock
          mutex_unlock c.lock
          mutex_unlock p.lock
        }
        """
    }
    #expect(try properties(text("parent", "child"), [["go"]]) == [])
    #expect(try properties(text("child", "parent"), [["go"]]) == ["lock-order"])
  }

  // MARK: Limits

  /// What goes beyond a limit is an error with a place, whatever the reduction, and never a verdict.
  @Test func aLimitIsNoVerdict() throws {
    let looks = (0..<20).map { "let n\($0) = t\($0).name" }.joined(separator: "\n")
    let makes = (0..<20).map { "let t\($0) = alloc thing { name: \($0) }" }.joined(separator: "\n")
    let text = """
      object thing { const name: int }
      entry go() {
      \(makes)
      \(looks)
      }
      """
    let result = try result(text, [["go"]])
    let limit = try #require(result.limit)
    #expect(limit.message == Limits.rides.message)
    #expect(limit.statement != nil)
    #expect(result.verdict != .holds)
  }

  @Test func allocationsInALoopEndAtALimit() throws {
    let text = """
      object thing { a: int }
      global n: int
      entry go() { loop { let t = alloc thing } }
      init { let i = 0; while i < 3000 { let t = alloc thing; i += 1 } }
      """
    // Three thousand objects of init are no trouble.
    let world = try SearchTests.world(text, threads: [["go"]])
    let machine = Machine(world: world)
    var state = machine.initialState()
    #expect(machine.exceededLimit == nil)
    #expect(machine.defects(of: state) == [])
    for _ in 0..<200 { _ = machine.step(0, in: &state) }
    #expect(machine.defects(of: state) == [])
    let many = text.replacing("i < 3000", with: "i < 70000")
    let large = try SearchTests.world(many, threads: [["go"]])
    let other = Machine(world: large)
    _ = other.initialState()
    #expect(other.exceededLimit != nil || !other.findings.isEmpty)
  }

  /// What cannot be evaluated is not false: the reason is found, at the invariant.
  @Test func anInvariantThatCannotBeEvaluated() throws {
    let text = """
      object thing as thing { value: int }
      global slot: thing
      global zero: int
      entry go() { zero = 0 }
      invariant divides "one by zero" always { 1 / zero == 1 }
      """
    let result = try result(text, [["go"]])
    #expect(Set(result.counterexamples.map(\.finding.property.rawValue)) == ["warn"])
    let statement = try #require(result.counterexamples.first?.finding.statement)
    let program = try SearchTests.world(text, threads: [["go"]]).program
    #expect(program.text(of: statement) == "1 / zero == 1")
  }

  /// `init` makes as much as it likes, containers included, up to the limit of a state.
  @Test(arguments: [
    "list_append(line, t)", "let i = xa_alloc(all); xa_store(all, i, t)", "imap_insert(map, n, n, t)",
    "ref_set t.refs 1 by \"core\"; let k = t; ref_inc k.refs by k",
  ])
  func containersThatInitFills(_ statement: String) throws {
    func text(_ condition: String) -> String {
      """
      object thing as thing { refs: refcount }
      global line: list of thing
      global all: xarray of thing
      global map: interval_map of thing
      global keep: thing
      init { let n = 0; \(condition) { let t = alloc thing; \(statement); keep = t; n += 1 } }
      entry go() { }
      """
    }
    let machine = Machine(world: try SearchTests.world(text("while n < 900"), threads: [["go"]]))
    let state = machine.initialState()
    #expect(machine.exceededLimit == nil)
    #expect(machine.findings.isEmpty)
    #expect(machine.defects(of: state) == [])
  }

  /// Who watches through a probe uses no memory of the kernel's.
  @Test func aProbeUsesNothing() throws {
    let text = """
      object thing as thing { value: int }
      global slot: thing
      entry go() { let t = alloc thing; free t; probe seen(value = t.value); let n = slot; probe none(value = n.value) }
      """
    #expect(try properties(text, [["go"]]) == [])
  }

  @Test(arguments: [
    "imap_uncovered(map, 0, ULONG_MAX)", "imap_uncovered(map, ULONG_MAX, ULONG_MAX)", "xa_alloc(near)",
  ])
  func arithmeticWraps(_ call: String) throws {
    let text = """
      object thing as thing { value: int }
      global map: interval_map of thing
      global near: xarray of thing from 9223372036854775806
      global all: int
      entry go() { let t = alloc thing; all = \(call); all = \(call); all = \(call); free t }
      """
    #expect(try properties(text, [["go"]]) == [])
  }

  @Test func aCountAtItsEnd() throws {
    let text = """
      object thing as thing { refs: refcount }
      global slot: thing
      entry go() { let t = alloc thing; slot = t; ref_set t.refs 9223372036854775807 by "core"; ref_inc t.refs by "more" }
      """
    #expect(try properties(text, [["go"]]) == ["warn"])
  }

  /// Who has a semaphore twice as reader keeps it until both are given back.
  @Test func aSemaphoreThatIsHeldTwice() throws {
    let text = """
      global s: rw_semaphore
      global busy: int
      entry reader() {
        down_read s
        let again = down_read_trylock s
        if again { up_read s }
        busy += 1
        busy -= 1
        up_read s
      }
      entry writer() {
        down_write s
        check invariant busy == 0 "nobody reads"
        up_write s
      }
      """
    #expect(try properties(text, [["reader"], ["writer"]]).isEmpty)
    #expect(try properties(text, [["reader"], ["reader"], ["writer"]]).isEmpty)
  }

  @Test(arguments: [
    ("ref_inc t.refs by thread \"a\"; ref_set t.refs 1 by \"core\"", "leak"),
    ("ref_set t.refs 0 - 5 by \"core\"", "refcount-underflow"),
  ])
  func aCountThatIsSetAnew(_ statements: String, _ property: String) throws {
    let text = Self.counted + "\nentry work() { let t = slot; \(statements) }"
    #expect(try properties(text, [["make", "work"]]).contains(property))
  }

  @Test func aRangeThatEndsBeforeItBegins() throws {
    let text = """
      object thing as thing { v: int }
      object space as space { areas: interval_map of thing }
      global here: space
      init { here = alloc space }
      entry go() { let s = here; let x = alloc thing; imap_insert(s.areas, 9, 3, x) }
      """
    #expect(try properties(text, [["go"]]).contains("warn"))
  }

  /// What is tried in several ways, or runs at the end of a system call, has no place in `init`.
  @Test(arguments: ["n = choose 3", "task_work work(n)", "pick()", "let call = port.call; call->poke()"])
  func initRunsInOneWay(_ statement: String) {
    let text = """
      global n: int
      fn work(x: int) { n = x }
      fn pick() { n = choose 2 }
      ops knocker { fn poke() }
      object socket as socket { const call: knocker }
      global port: socket
      driver door: knocker { poke = pick }
      init {
        port = alloc socket { call: door }
        \(statement)
      }
      entry go() { n = 1 }
      """
    let error = #expect(throws: DiagnosticError.self) { try World.small(text, threads: [["go"]]) }
    #expect(error?.diagnostics.map { $0.message.prefix(6) } == ["'init'"])
  }
}
