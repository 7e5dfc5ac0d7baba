import Explorer
import Foundation
import Machine
import Promela
import SmallModels
import StepLanguage
import Testing

/// Spin searches what was exported and comes to the same: the same violated properties, and without reductions the same number of states.
@Suite(.enabled(if: Spin.isThere, "there is no spin, or no cc: apt-get install spin gcc"))
struct SpinTests {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library = Library { kind, name in
    let path = "\(kind == .model ? "models" : "scenarios")/\(name).step"
    guard let text = try? String(contentsOf: checkout.appendingPathComponent(path), encoding: .utf8) else {
      return nil
    }
    return (path, text)
  }

  static func world(_ model: String, threads: [[String]], faults: Bool = false) throws -> World {
    try World.small(model, threads: threads, faults: faults)
  }

  /// Both search without reductions.
  private func compare(_ world: World, _ about: String) throws {
    let own = Search(world: world, reduction: .none).run(limits: Search.Limits(states: 200_000))
    guard own.bound == nil else {
      Issue.record("\(about): too large to compare: \(own.bound ?? "")")
      return
    }
    let properties = Set(own.counterexamples.map(\.finding.property))
    let spin = try Spin.verify(world, reduce: false, optimize: "-O0")
    #expect(spin.properties == properties, "\(about)")
    // The empty state before the first; and one that stands for all that would follow a broken memory or count.
    let fatal: Set<Property> = [
      .useAfterFree, .doubleFree, .nullDereference, .refcountUnderflow, .refcountResurrect, .livelock,
    ]
    #expect(
      spin.stored == own.progress.states + (properties.isDisjoint(with: fatal) ? 1 : 2), "\(about)")
  }

  @Test(arguments: SmallModel.all.indices)
  func smallModels(_ number: Int) throws {
    let model = SmallModel.all[number]
    try compare(try Self.world(model.text, threads: model.threads, faults: model.faults), "model \(number)")
  }

  @Test func expectedResults() throws {
    let model =
      "global n: int\nentry put() { let old = n; n = old + 1; if old != 0 { return -EBUSY }; return 0 }"
    for expected in ["put = 0 0", "put = -1 EBUSY", "put = 0 0 or -1 EBUSY"] {
      try compare(try Self.world(model, threads: [["put"], [expected]]), expected)
    }
  }

  /// Random models use all of the language: both must see the same right and wrong in them.
  @Test func randomModels() throws {
    for seed in 0..<20 {
      var generator = RandomModel(seed: seed)
      try compare(
        try Self.world(
          generator.text(), threads: [["first"], ["second", "third"]], faults: seed % 5 == 4), "seed \(seed)")
    }
  }

  /// The same of what runs later and waits for it.
  @Test func randomModelsOfLaterCalls() throws {
    var compared = 0
    for seed in 0..<24 {
      var generator = RandomModel(seed: seed + 90_000)
      let world = try Self.world(generator.textWithLater(), threads: [["first"], ["second"]])
      let own = Search(world: world, reduction: .none).run(limits: Search.Limits(states: 20_000))
      guard own.bound == nil, own.limit == nil else { continue }
      compared += 1
      try compare(world, "later, seed \(seed)")
    }
    #expect(compared >= 12)
  }

  /// RCU, works, timers, completions, and changes of a word in one go, each rightly and wrongly used.
  @Test func laterCalls() throws {
    let items = """
      workqueue line ordered
      workqueue system_wq workers 2
      object item as item { value: int; poke: work of poked; slow: work of slowly on line; tick: timer of ticked }
      global slot: item
      global lock: mutex
      global done: completion
      global row: xarray of item from 1
      init { slot = alloc item { value: 1 } }
      fn poked(i: item) { mutex_lock lock; i.value += 1; mutex_unlock lock; complete done }
      fn slowly(i: item) { i.value = 3; complete_all done }
      fn ticked(i: item) { let v = add_return i.value, 1; if v > 100 { warn "many" } }
      fn gone(i: item) { i.value = 0; free i }
      entry read() { rcu_read_lock; let i = slot; if i != null { i.value += 1 }; rcu_read_unlock }
      entry sleepy() { rcu_read_lock; mutex_lock lock; mutex_unlock lock; rcu_read_unlock }
      entry drop() { let i = xchg slot, null; if i != null { kfree_rcu i } }
      entry call() { let i = xchg slot, null; if i != null { call_rcu gone(i) }; rcu_barrier }
      entry sync() { let i = cmpxchg slot, null, null; if i != null { slot = null; synchronize_rcu; free i } }
      entry kick() { let i = slot; if i != null { queue_work i.poke; let ok = wait_for_completion done timeout 60 } }
      entry slow() { let i = slot; if i != null { queue_work i.slow; flush_work i.slow } }
      entry under() { mutex_lock lock; let i = slot; if i != null { cancel_work_sync i.poke }; mutex_unlock lock }
      entry tick() { let i = slot; if i != null { mod_timer i.tick; timer_delete_sync i.tick } }
      entry wait() { wait_for_completion done; reinit_completion done }
      entry rows() {
        let i = slot
        let a = xa_insert(row, 5, i)
        let b = xa_insert(row, 5, null)
        let o = xa_cmpxchg(row, 5, i, null)
        xa_store(row, 6, null)
        let n = xa_alloc(row)
        check warn a == 0 && b == -16 && o == i && count(row) == 0 && xa_find(row, 0) == -1 "the row"
        let c = xa_cmpxchg(row, 9, null, i)
        xa_erase(row, 9)
      }
      """
    for threads in [
      [["read"], ["drop"]], [["read"], ["call"], ["read"]], [["read"], ["sync"]], [["sleepy"], ["sync"]],
      [["kick"], ["under"]], [["kick"], ["slow"]], [["slow"], ["drop"]], [["tick"], ["tick"]],
      [["wait"], ["kick"]],
      [["rows"]], [["tick"], ["drop"]],
    ] {
      try compare(try Self.world(items, threads: threads), "\(threads)")
    }
  }

  /// What the small models do not have.
  @Test func theRestOfTheLanguage() throws {
    try compare(
      try Self.world(
        """
        object thing as thing { a: int; b: u64 }
        object part extends thing as part { c: bool }
        global map: interval_map of thing
        global row: list of thing
        global last: thing
        global sem: rw_semaphore
        global sum: int
        fn late(t: thing) { sum += 1; free t }
        entry arithmetic(v: int) {
          let big: u64 = ULONG_MAX
          let a = (v * 7 - 3) / 2 % 5 + (v << 3) - (v >> 1)
          let b = big / 3 % 7 + (big >> 60)
          if add_overflows(big, 1) { sum += a }
          if -v < 0 && !(v == 3) && v <= 9 { sum += 1 }
          sum = sum * 31 % 1009
          if b > 100 { sum = 0 }
        }
        entry ranges(first: u64, last_: u64) {
          down_write sem
          if imap_find(map, first, last_) != null { up_write sem; return -EADDRINUSE }
          let t = alloc part { a: 1 }
          imap_insert(map, first, last_, t)
          list_append(row, t)
          if t is part { sum += imap_uncovered(map, 0, 20) }
          let n = imap_next(map, t)
          if n != null { n.a += 1 }
          up_write sem
        }
        entry clear() {
          down_write sem
          let t = list_first(row)
          if t == null { up_write sem; return -ENOENT }
          let p = t as part
          imap_remove(map, t)
          list_remove(row, t)
          p.c = true
          last = list_next(row, t)
          task_work late(t)
          up_write sem
        }
        """,
        threads: [
          ["arithmetic 4", "ranges 2 5", "clear"], ["ranges 4 9", "ranges 10 12", "clear"], ["clear"],
        ]),
      "the rest of the language")
  }

  @Test func sleepersAndTimeouts() throws {
    try compare(
      try Self.world(
        """
        global queue: wait_queue
        global ready: int
        global spin: spinlock
        entry lose() { let w = wait_event queue until ready == 1 timeout 60 uninterruptible; if w { ready = 2 } }
        entry set() { ready = 1; wake_up queue interruptible }
        entry hold() { spin_lock spin; let w = wait_event queue until ready == 1 timeout 1 interruptible; spin_unlock spin }
        entry keep() { spin_lock spin }
        """, threads: [["lose"], ["set"], ["hold", "keep"]]), "sleepers")
  }

  /// What is wrong whatever the other threads do.
  @Test func mistakesOfOneThread() throws {
    for (number, model) in [
      "global s: rw_semaphore\nentry go() { down_read s; down_read s; up_read s; up_read s; up_read s }",
      "global s: rw_semaphore\nglobal n: int\nentry go() { down_read s; down_read s; up_read s; n += 1; up_read s }",
      "object o { c: refcount }\nglobal p: o\nentry go() { p = alloc o {}; ref_set p.c 1 by thread \"x\"; ref_set p.c 2 by p }",
      "object o { c: refcount }\nglobal p: o\nentry go() { p = alloc o {}; ref_set p.c 0 - 1 by p }",
      "object o { a: int }\nglobal m: interval_map of o\nentry go() { let x = alloc o {}; imap_insert(m, 5, 2, x) }",
    ].enumerated() {
      try compare(try Self.world(model, threads: [["go"], ["go"]]), "mistake \(number)")
    }
  }

  @Test func deadlocks() throws {
    for (number, model) in [
      ("global a: mutex\nentry go() { mutex_lock a; mutex_lock a }", [["go"]]),
      (SmallModel.crossing, [["ab"], ["ba"]]),
      (
        """
        global s: rw_semaphore
        global a: mutex
        entry read() { down_read s; mutex_lock a; down_read s; up_read s; mutex_unlock a; up_read s }
        entry write() { down_write s; up_write s }
        """, [["read"], ["write"], ["read"]]
      ), ("global n: int\nentry go() { n = 1 }", [["barrier", "go"], ["go", "go"]]),
    ].enumerated() {
      try compare(try Self.world(model.0, threads: model.1), "deadlock \(number)")
    }
  }

  /// Real scenarios: states where they are few enough, properties with Spin's own reduction on.
  @Test(arguments: [
    ("linux-6.12", "close-vs-unmap"), ("linux-6.12", "attach-pin-replace"),
    ("linux-6.12", "replace-add-fails"),
    ("replace-v2", "replace-vs-replace"), ("replace-v2", "detach-with-pin"),
  ])
  func realScenarios(_ model: String, _ name: String) throws {
    let world = try World(
      program: try Self.library.program(named: model), scenario: try Self.library.scenario(named: name))
    let own = Search(world: world).run()
    #expect(own.bound == nil)
    let spin = try Spin.verify(world, reduce: true)
    #expect(spin.properties == Set(own.counterexamples.map(\.finding.property)))
  }

  @Test func theNumberOfStatesOfARealScenario() throws {
    let world = try World(
      program: try Self.library.program(named: "linux-6.12"),
      scenario: try Self.library.scenario(named: "replace-add-fails"))
    try compare(world, "replace-add-fails")
  }
}

@Suite struct ExportTests {
  @Test func theSameTextEachTime() throws {
    let model = SmallModel.all[5]
    let world = try SpinTests.world(model.text, threads: model.threads)
    let text = try PromelaExport(world: world, heading: ["x"]).text()
    #expect(try PromelaExport(world: world, heading: ["x"]).text() == text)
    #expect(text.contains("active [THREADS] proctype thread()"))
    #expect(text.contains("#define THREADS 3"))
  }

  @Test func whatCannotBeWrittenIsNamed() throws {
    let world = try SpinTests.world(
      "global n: int\nentry go() { n = 1 }", threads: Array(repeating: ["go"], count: 31))
    let refusal = #expect(throws: PromelaExport.Refusal.self) {
      try PromelaExport(world: world, heading: []).text()
    }
    #expect(
      refusal?.message
        == "the scenario cannot be written for Spin: it has more than 30 threads: leave some out")
  }

  /// A number of the text that needs 64 bits makes all of them wide.
  @Test func largeNumbersMakeItWide() throws {
    let narrow = try SpinTests.world("global n: int\nentry go() { n = 1 }", threads: [["go"]])
    let wide = try SpinTests.world("global n: int\nentry go() { n = 0x100000000 }", threads: [["go"]])
    #expect(try PromelaExport(world: narrow, heading: []).text().contains("typedef int cell;"))
    #expect(try PromelaExport(world: wide, heading: []).text().contains("typedef long long cell;"))
  }
}
