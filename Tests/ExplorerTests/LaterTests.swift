import Explorer
import Machine
import SmallModels
import StepLanguage
import Testing

/// What runs later: RCU, works, timers, completions. Each rule by a small model that keeps it and one that breaks it, and random models in which the search
/// that leaves states out is held against one that does not.
@Suite struct LaterTests {
  private static func properties(
    _ text: String, _ threads: [[String]], _ reduction: Search.Reduction = .full
  ) throws -> [String] {
    let result = Search(world: try World.small(text, threads: threads), reduction: reduction).run(
      limits: Search.Limits(states: 200_000))
    #expect(result.bound == nil)
    #expect(result.limit == nil)
    return Set(result.counterexamples.map(\.finding.property.rawValue)).sorted()
  }

  /// The same whatever is left out.
  private func expect(
    _ expected: [String], _ text: String, _ threads: [[String]],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for reduction in Search.Reduction.allCases {
      #expect(
        try Self.properties(text, threads, reduction) == expected, "\(reduction)",
        sourceLocation: sourceLocation)
    }
  }

  // MARK: RCU

  private static let published = """
    object item as item { value: int }
    global slot: item
    global seen: int
    init { slot = alloc item { value: 1 } }
    entry read() {
      rcu_read_lock
      let i = slot
      if i != null { seen = i.value; seen = i.value }
      rcu_read_unlock
    }
    """

  @Test func aGracePeriodWaitsForReaders() throws {
    for way in ["synchronize_rcu; free i", "kfree_rcu i", "call_rcu gone(i)"] {
      try expect(
        [],
        Self.published + """

          fn gone(i: item) { i.value = 0; free i }
          entry drop() { let i = xchg slot, null; if i != null { \(way) } }
          """, [["read"], ["drop"], ["read"]])
    }
    try expect(
      ["use-after-free"],
      Self.published + "\nentry drop() { let i = xchg slot, null; if i != null { free i } }",
      [["read"], ["drop"]])
  }

  /// Whoever takes the pointer before the section, or uses it behind it, is not waited for.
  @Test func onlySectionsAreWaitedFor() throws {
    let drop = "\nentry drop() { let i = xchg slot, null; if i != null { synchronize_rcu; free i } }"
    for wrong in [
      "let i = slot; rcu_read_lock; if i != null { seen = i.value }; rcu_read_unlock",
      "rcu_read_lock; let i = slot; rcu_read_unlock; if i != null { seen = i.value }",
    ] {
      try expect(
        ["use-after-free"], Self.published + drop + "\nentry wrong() { \(wrong) }", [["wrong"], ["drop"]])
    }
    // Sections nest; the outermost one counts.
    try expect(
      [],
      Self.published + drop
        + "\nentry twice() { rcu_read_lock; rcu_read_lock; let i = slot; rcu_read_unlock; if i != null { seen = i.value }; rcu_read_unlock }",
      [["twice"], ["drop"]])
  }

  /// A reader that comes after a grace period has begun does not hold it up: neither a reader without end does, nor can it keep the pointer.
  @Test func aGracePeriodDoesNotWaitForLaterReaders() throws {
    try expect(
      [],
      """
      global stop: int
      global open: int
      entry read() { while stop == 0 { rcu_read_lock; open = 1; open = 0; rcu_read_unlock } }
      entry wait() { synchronize_rcu; stop = 1 }
      """, [["read"], ["wait"], ["read"]])
  }

  @Test func readersDoNotSleep() throws {
    for sleeping in ["mutex_lock m; mutex_unlock m", "synchronize_rcu", "wait_for_completion c timeout 1"] {
      let found = try Self.properties(
        "global m: mutex\nglobal c: completion\nentry go() { rcu_read_lock; \(sleeping); rcu_read_unlock }\nentry go2() { complete c }",
        [["go"], ["go2"]])
      #expect(found.contains("sleep-in-atomic"), "\(sleeping)")
    }
    try expect(
      [], "global s: spinlock\nentry go() { rcu_read_lock; spin_lock s; spin_unlock s; rcu_read_unlock }",
      [["go"], ["go"]])
  }

  /// A section takes part in no order of locks, and one that is left open is told.
  @Test func sectionsHaveNoOrder() throws {
    try expect(
      [],
      """
      global a: spinlock
      entry one() { rcu_read_lock; spin_lock a; spin_unlock a; rcu_read_unlock }
      entry two() { spin_lock a; rcu_read_lock; rcu_read_unlock; spin_unlock a }
      """, [["one"], ["two"]])
    try expect(["lock-imbalance"], "entry go() { rcu_read_lock }", [["go"]])
    try expect(["lock-imbalance"], "entry go() { rcu_read_unlock }", [["go"]])
  }

  /// What waits for a grace period is no leak; freeing it twice is told.
  @Test func callbacksRunBeforeTheEnd() throws {
    let item = "object item as item { value: int }\nglobal slot: item\ninit { slot = alloc item }\n"
    try expect([], item + "entry drop() { let i = slot; slot = null; kfree_rcu i }", [["drop"]])
    try expect(
      ["double-free", "use-after-free"],
      item + "entry drop() { let i = slot; slot = null; kfree_rcu i; kfree_rcu i }",
      [["drop"]])
    try expect(
      ["use-after-free"], item + "entry drop() { let i = slot; slot = null; kfree_rcu i; i.value = 1 }",
      [["drop"]])
    try expect(
      ["sleep-in-atomic"],
      item
        + "global m: mutex\nfn gone(i: item) { mutex_lock m; mutex_unlock m; free i }\nentry drop() { let i = slot; slot = null; call_rcu gone(i) }",
      [["drop"]])
  }

  /// A barrier waits for callbacks, and a grace period does not (Linux, `rcu_barrier`).
  @Test func barriersWaitForCallbacks() throws {
    func model(_ wait: String) -> String {
      """
      object item as item { value: int }
      global count: int
      fn gone(i: item) { count = 1; free i }
      entry drop() { let i = alloc item; call_rcu gone(i); \(wait); check warn count == 1 "the callback is over" }
      """
    }
    try expect([], model("rcu_barrier"), [["drop"]])
    try expect(["warn"], model("synchronize_rcu"), [["drop"]])
  }

  // MARK: Works

  private static let device = """
    object device as device { count: int; poke: work of poked }
    global dev: device
    global lock: mutex
    init { dev = alloc device }
    fn poked(d: device) { d.count += 1; mutex_lock lock; d.count += 1; mutex_unlock lock }
    entry kick() { mutex_lock lock; let d = dev; if d != null { queue_work d.poke }; mutex_unlock lock }
    """

  @Test func aWorkIsWaitedForBeforeItsObjectGoes() throws {
    func drop(_ wait: String) -> String {
      "\nentry drop() { mutex_lock lock; let d = dev; dev = null; mutex_unlock lock; if d != null { \(wait); free d } }"
    }
    try expect([], Self.device + drop("cancel_work_sync d.poke"), [["kick"], ["drop"]])
    try expect([], Self.device + drop("flush_work d.poke"), [["kick"], ["drop"]])
    try expect(["use-after-free"], Self.device + drop("cancel_work d.poke"), [["kick"], ["drop"]])
    try expect(
      ["use-after-free"], Self.device + drop("lock_nothing()") + "\nfn lock_nothing() {}",
      [["kick"], ["drop"]])
  }

  /// Waiting for a work under a lock that it takes: a deadlock, and an order of locks whoever comes first.
  @Test func waitingForAWorkIsAnEdge() throws {
    let wrong = "\nentry stop() { mutex_lock lock; let d = dev; cancel_work_sync d.poke; mutex_unlock lock }"
    try expect(["deadlock", "lock-order"], Self.device + wrong, [["kick"], ["stop"]])
    // Alone nobody waits for another one, and no order is seen.
    try expect([], Self.device + wrong, [["stop"]])
  }

  @Test func aWorkThatWaitsForItself() throws {
    try expect(
      ["self-deadlock"],
      """
      object device as device { poke: work of poked }
      global dev: device
      init { dev = alloc device }
      fn poked(d: device) { flush_work d.poke }
      entry kick() { let d = dev; queue_work d.poke }
      """, [["kick"]])
  }

  /// A work is queued once however often; while it runs it can be queued again and then runs again, never twice at once.
  @Test func aWorkIsQueuedOnce() throws {
    try expect(
      [],
      """
      workqueue system_wq workers 2
      object device as device { busy: int; runs: int; poke: work of poked }
      global dev: device
      init { dev = alloc device }
      fn poked(d: device) { d.busy += 1; check warn d.busy == 1 "twice at once"; d.runs += 1; d.busy -= 1 }
      entry kick() {
        let d = dev
        let first = queue_work d.poke
        let again = queue_work d.poke
        flush_work d.poke
        check warn d.runs >= 1 "it has run"
      }
      invariant runs "once or twice for each" quiescent { dev.runs == 0 || dev.runs <= 4 }
      """, [["kick"], ["kick"]])
  }

  /// While it is cancelled nobody queues it, not even itself.
  @Test func whatIsCancelledIsNotQueued() throws {
    try expect(
      [],
      """
      object device as device { gone: bool; poke: work of poked }
      global dev: device
      init { dev = alloc device }
      fn poked(d: device) { check warn !d.gone "it ran afterwards"; queue_work d.poke }
      entry kick() { let d = dev; queue_work d.poke; let was = cancel_work_sync d.poke; d.gone = true }
      """, [["kick"]])
  }

  /// A work may free the object that holds it; who waits for it touches it no more.
  @Test func aWorkMayFreeItself() throws {
    for wait in ["", "flush_work d.poke"] {
      let text = """
        object device as device { poke: work of poked }
        fn poked(d: device) { free d }
        entry kick() { let d = alloc device; queue_work d.poke; \(wait) }
        """
      let found = try Self.properties(text, [["kick"]])
      // Whoever begins to wait when it is over waits at a freed object.
      #expect(found == (wait.isEmpty ? [] : ["use-after-free"]))
    }
    // Under a lock that the work needs the waiting begins before the free. The work never gets the lock, so no order is seen.
    try expect(
      ["deadlock"],
      """
      global lock: mutex
      object device as device { poke: work of poked }
      fn poked(d: device) { mutex_lock lock; mutex_unlock lock; free d }
      entry kick() { mutex_lock lock; let d = alloc device; queue_work d.poke; flush_work d.poke; mutex_unlock lock }
      """, [["kick"]])
  }

  /// In an ordered queue calls come one after another; otherwise there must be a worker for each that may run beside others, or nothing is said.
  @Test func ordersAndWorkers() throws {
    func model(_ queue: String, on: String = "") -> String {
      """
      \(queue)
      object part as part { const name: int; go: work of gone\(on) }
      global last: int
      global one: part
      global two: part
      init { one = alloc part { name: 1 }; two = alloc part { name: 2 } }
      fn gone(p: part) { last = p.name; check warn last == p.name "between" }
      entry kick() { let a = one; let b = two; queue_work a.go; queue_work b.go }
      """
    }
    try expect([], model("workqueue line ordered", on: " on line"), [["kick"]])
    try expect(["warn"], model("workqueue system_wq workers 2"), [["kick"]])
    let result = Search(world: try World.small(model(""), threads: [["kick"]])).run()
    #expect(result.verdict != .holds)
    #expect(result.limit?.message.contains("workers 2") == true)
  }

  // MARK: Timers

  @Test func aTimerIsStoppedAndWaitedFor() throws {
    func model(_ stop: String, handler: String = "d.count += 1; d.count += 1") -> String {
      """
      object device as device { count: int; tick: timer of ticked }
      global dev: device
      global lock: spinlock
      global sleepy: mutex
      init { dev = alloc device }
      fn ticked(d: device) { \(handler) }
      entry start() { spin_lock lock; let d = dev; if d != null { mod_timer d.tick }; spin_unlock lock }
      entry stop() { spin_lock lock; let d = dev; dev = null; spin_unlock lock; if d != null { \(stop); free d } }
      """
    }
    try expect([], model("timer_delete_sync d.tick"), [["start"], ["stop"]])
    try expect(["use-after-free"], model("timer_delete d.tick"), [["start"], ["stop"]])
    try expect(
      ["sleep-in-atomic"],
      model("timer_delete_sync d.tick", handler: "mutex_lock sleepy; mutex_unlock sleepy"),
      [["start"], ["stop"]])
    // A handler that starts itself again is stopped for good.
    try expect(
      [], model("timer_delete_sync d.tick", handler: "mod_timer d.tick"), [["start"], ["stop"]])
    let wrong = model(
      "spin_lock lock; timer_delete_sync d.tick; spin_unlock lock",
      handler: "spin_lock lock; spin_unlock lock")
    try expect(["deadlock", "lock-order"], wrong, [["start"], ["stop"]])
  }

  // MARK: Completions

  @Test func completions() throws {
    func model(_ first: String, _ second: String) -> String {
      """
      global done: completion
      global n: int
      entry one() { \(first) }
      entry two() { \(second) }
      """
    }
    try expect(
      [], model("wait_for_completion done; check warn n == 1 \"it is there\"", "n = 1; complete done"),
      [["one"], ["two"]])
    // One for each waiter, or one for all.
    try expect(["deadlock"], model("wait_for_completion done", "complete done"), [["one"], ["one"], ["two"]])
    try expect([], model("wait_for_completion done", "complete_all done"), [["one"], ["one"], ["two"]])
    try expect(
      [], model("wait_for_completion done", "complete done"), [["one"], ["one"], ["two"], ["two"]])
    try expect(
      ["deadlock"],
      model("wait_for_completion done", "complete_all done; reinit_completion done"), [["one"], ["two"]])
    try expect(
      ["warn"],
      model("let ok = wait_for_completion done timeout 1; if !ok { warn \"too late\" }", "n = 1"),
      [["one"], ["two"]])
    try expect(
      [],
      model(
        "let ok = try_wait_for_completion done; if ok { check warn n == 1 \"there\" }", "n = 1; complete done"
      ),
      [["one"], ["two"]])
  }

  @Test func changesInOneGo() throws {
    let counted = """
      global n: int
      entry up() { let v = add_return n, 1; check warn v >= 0 "up" }
      entry down() { let v = add_return n, -1; check warn v <= 0 "down" }
      invariant none "nothing is lost" quiescent { n >= -2 && n <= 2 }
      """
    try expect([], counted, [["up"], ["down"]])
    try expect(
      [],
      """
      global owner: int
      global inside: int
      entry enter(me: int) {
        let was = cmpxchg owner, 0, me
        if was == 0 {
          inside += 1
          check warn inside == 1 "alone"
          inside -= 1
          owner = 0
        }
      }
      """, [["enter 1"], ["enter 2"]])
  }

  // MARK: Random models

  @Test(arguments: 0..<160)
  func randomModels(_ seed: Int) throws {
    var generator = RandomModel(seed: seed + 90_000)
    let text = generator.textWithLater()
    let threads: [[String]] =
      switch seed % 4 {
      case 0: [["first"], ["second"], ["third"]]
      case 1: [["first"], ["first"], ["second"]]
      default: [["first", "third"], ["second"]]
      }
    let world = try World.small(text, threads: threads)
    let limits = Search.Limits(states: 60_000)
    let plain = Search(world: world, reduction: .none)
    let all = plain.run(limits: limits)
    guard all.bound == nil, all.limit == nil else { return }
    for reduction in Search.Reduction.allCases where reduction != .none {
      let search = Search(world: world, reduction: reduction)
      let result = search.run(limits: limits)
      #expect(result.verdict == all.verdict, "\(reduction) \(text)")
      #expect(
        Set(result.counterexamples.map(\.finding.property))
          == Set(all.counterexamples.map(\.finding.property)),
        "\(reduction) \(text)")
      if !all.counterexamples.contains(where: { $0.finding.property == .leak }) {
        #expect(search.endDigests == plain.endDigests, "\(reduction) \(text)")
      }
    }
    // Statements that only look are points of scheduling, too: nothing more is found.
    let naive = Search(
      world: try World.small(text, threads: threads, looksAreSteps: true), reduction: .none
    ).run(limits: limits)
    if naive.bound == nil, naive.limit == nil {
      #expect(
        Set(naive.counterexamples.map(\.finding.property))
          == Set(all.counterexamples.map(\.finding.property)),
        "\(text)")
    }
  }

  /// The comparison means something only when most of it comes to an end, when both answers are given, and when something is left out.
  @Test func randomModelsAreWorthComparing() throws {
    var found: [String: Int] = [:]
    var ended = 0
    for seed in 0..<80 {
      var generator = RandomModel(seed: seed + 90_000)
      let world = try World.small(
        generator.textWithLater(), threads: [["first", "third"], ["second"]])
      let result = Search(world: world).run(limits: Search.Limits(states: 60_000))
      guard result.bound == nil, result.limit == nil else { continue }
      ended += 1
      let properties = Set(result.counterexamples.map(\.finding.property.rawValue))
      for property in properties.isEmpty ? ["holds"] : properties { found[property, default: 0] += 1 }
    }
    #expect(ended > 60)
    for property in [
      "use-after-free", "double-free", "sleep-in-atomic", "deadlock", "lock-order", "leak", "holds",
    ] {
      #expect(found[property, default: 0] >= 1, "\(property): \(found)")
    }
  }

  /// Every state of random runs has the form that states have.
  @Test func statesKeepTheirForm() throws {
    for seed in 0..<200 {
      var generator = RandomModel(seed: seed + 95_000)
      let program = try Library { _, _ in nil }.program(
        from: SourceFile(name: "test.step", text: "model test \"Test\" {\n\(generator.textWithLater())\n}\n"))
      var run = ProgramRun(program: program, seed: UInt64(seed))
      try run.run(steps: 200)
    }
  }
}
