import Machine
import StepLanguage
import Testing

/// For every property a small model that violates it, and one that nearly does.
@Suite struct SanitizerTests {
  static let object = """
    object thing as thing { show users: refcount; value: int; lock: mutex; other: thing }
    global box: thing
    global gate: mutex
    global second: mutex
    global sem: rw_semaphore
    global spin: spinlock
    global queue: wait_queue
    global flag: int

    """

  private func findings(_ body: String, threads: [[String]] = [["go"]]) throws -> [Property] {
    let laboratory = try Laboratory(Self.object + body, threads: threads)
    laboratory.runAll()
    return laboratory.properties
  }

  @Test func useAfterFree() throws {
    let bad = "entry go() { let a = alloc thing; free a; a.value = 1 }"
    let good = "entry go() { let a = alloc thing; a.value = 1; free a }"
    #expect(try findings(bad) == [.useAfterFree])
    #expect(try findings(good) == [])
  }

  @Test func useAfterFreeThroughAStalePointerInAnotherObject() throws {
    let body = """
      entry go() {
        let a = alloc thing
        let b = alloc thing { other: a }
        free a
        let c = alloc thing
        let stale = b.other
        stale.value = 3
        free b
        free c
      }
      """
    let laboratory = try Laboratory(Self.object + body, threads: [["go"]])
    laboratory.runAll()
    #expect(laboratory.properties == [.useAfterFree])
    // The memory of the freed object was not given to the third one, so the message names the right one.
    #expect(laboratory.findings.first?.message == "thing1 is used after it was freed")
  }

  @Test func doubleFree() throws {
    #expect(try findings("entry go() { let a = alloc thing; free a; free a }") == [.doubleFree])
    #expect(try findings("entry go() { let a = alloc thing; let b = alloc thing; free a; free b }") == [])
  }

  @Test func nullDereference() throws {
    let laboratory = try Laboratory(
      Self.object + "entry go() { mutex_lock gate; let a = box; a.value = 1; mutex_unlock gate }",
      threads: [["go"], ["go"]])
    laboratory.run(0)
    #expect(laboratory.properties == [.nullDereference])
    #expect(laboratory.machine.readiness(in: laboratory.state)[0] == .stuck)
    // The dead thread still holds its lock, as a killed kernel thread does.
    laboratory.run(1)
    #expect(!laboratory.isReady(1))
    #expect(try findings("entry go() { let a = box; if a != null { a.value = 1 } }") == [])
  }

  @Test func refcountUnderflow() throws {
    let below = """
      entry go() {
        let a = alloc thing
        ref_set a.users 1 by "me"
        let zero = ref_dec_and_test a.users by "me"
        ref_dec a.users by "me"
        free a
      }
      """
    let toZero =
      "entry go() { let a = alloc thing; ref_set a.users 1 by \"me\"; ref_dec a.users by \"me\"; free a }"
    let nearly = """
      entry go() {
        let a = alloc thing
        ref_set a.users 2 by "me"
        ref_dec a.users by "me"
        let zero = ref_dec_and_test a.users by "me"
        if zero { free a }
      }
      """
    #expect(try findings(below) == [.refcountUnderflow])
    #expect(try findings(toZero) == [.refcountUnderflow])
    #expect(try findings(nearly) == [])
  }

  @Test func refcountResurrect() throws {
    let bad = "entry go() { let a = alloc thing; ref_inc a.users by \"me\"; free a }"
    let good = """
      entry go() {
        let a = alloc thing
        let alive = ref_inc_not_zero a.users by "me"
        if warn_on(alive) { return -EINVAL }
        free a
      }
      """
    #expect(try findings(bad) == [.refcountResurrect])
    #expect(try findings(good) == [])
  }

  @Test func selfDeadlock() throws {
    let laboratory = try Laboratory(
      Self.object + "entry go() { mutex_lock gate; mutex_lock gate; mutex_unlock gate }", threads: [["go"]])
    laboratory.step(0)
    #expect(laboratory.properties == [])
    // The moment at which the thread comes to the second lock is told, not the one at which it hangs.
    laboratory.step(0)
    #expect(laboratory.properties == [.selfDeadlock])
    #expect(laboratory.findings.first?.message == "T0 waits for gate, which it holds itself")
    #expect(!laboratory.isReady(0))
    #expect(
      try findings("entry go() { mutex_lock gate; mutex_unlock gate; mutex_lock gate; mutex_unlock gate }")
        == [])
  }

  static let crossing = """
    entry ab() { mutex_lock gate; mutex_lock second; mutex_unlock second; mutex_unlock gate }
    entry ba() { mutex_lock second; mutex_lock gate; mutex_unlock gate; mutex_unlock second }
    """

  @Test func deadlockIsNamedTheMomentItForms() throws {
    let laboratory = try Laboratory(Self.object + Self.crossing, threads: [["ab"], ["ba"]])
    laboratory.run(0, to: "mutex_lock second")
    #expect(laboratory.properties == [])
    laboratory.run(1, to: "mutex_lock gate")
    #expect(laboratory.properties == [.deadlock])
    #expect(
      laboratory.findings.first?.message
        == "T0 waits for second, held by T1; T1 waits for gate, held by T0")
    #expect(laboratory.findings.first?.threads == [0, 1])
  }

  @Test func lockOrderIsFoundWithoutADeadlock() throws {
    #expect(try findings(Self.crossing, threads: [["ab"], ["ba"]]) == [.lockOrder])
    #expect(try findings(Self.crossing, threads: [["ab"], ["ab"]]) == [])
  }

  @Test func deadlockOfThreeThreadsAndReaders() throws {
    let body = """
      entry one() { down_read sem; mutex_lock gate; mutex_unlock gate; up_read sem }
      entry two() { mutex_lock gate; mutex_lock second; mutex_unlock second; mutex_unlock gate }
      entry three() { mutex_lock second; down_write sem; up_write sem; mutex_unlock second }
      """
    let laboratory = try Laboratory(Self.object + body, threads: [["one"], ["two"], ["three"]])
    laboratory.run(1, to: "mutex_lock second")
    laboratory.run(0, to: "mutex_lock gate")
    #expect(laboratory.properties == [])
    laboratory.run(2, to: "down_write sem")
    #expect(laboratory.properties.contains(.deadlock))
    #expect(Set(laboratory.findings.first { $0.property == .deadlock }?.threads ?? []) == [0, 1, 2])
  }

  @Test func lockImbalance() throws {
    #expect(try findings("entry go() { mutex_unlock gate }") == [.lockImbalance])
    #expect(try findings("entry go() { mutex_lock gate }") == [.lockImbalance])
    #expect(try findings("entry go() { down_read sem; up_write sem; up_read sem }") == [.lockImbalance])
    #expect(
      try findings("entry go() { let a = alloc thing; mutex_lock a.lock; free a; mutex_unlock a.lock }")
        .contains(.lockImbalance))
    #expect(
      try findings("entry go() { down_read sem; mutex_lock gate; up_read sem; mutex_unlock gate }") == [])
  }

  @Test func sleepInAtomic() throws {
    #expect(
      try findings("entry go() { spin_lock spin; mutex_lock gate; mutex_unlock gate; spin_unlock spin }")
        == [.sleepInAtomic])
    #expect(
      try findings(
        "entry go() { spin_lock spin; let ok = wait_event queue until flag == 0 timeout 1 interruptible; spin_unlock spin }"
      ) == [.sleepInAtomic])
    #expect(
      try findings(
        "entry go() { spin_lock spin; let ok = mutex_trylock gate; if ok { mutex_unlock gate }; spin_unlock spin }"
      )
        == [])
    #expect(
      try findings("entry go() { mutex_lock gate; spin_lock spin; spin_unlock spin; mutex_unlock gate }")
        == [])
  }

  @Test func assertHeld() throws {
    #expect(try findings("entry go() { assert_held gate }") == [.assertHeld])
    #expect(try findings("entry go() { mutex_lock gate; assert_held gate; mutex_unlock gate }") == [])
    // Held, but by somebody else.
    let laboratory = try Laboratory(
      Self.object
        + "entry hold() { mutex_lock gate; mutex_unlock gate }\nentry check_it() { assert_held gate }",
      threads: [["hold"], ["check_it"]])
    laboratory.run(0, to: "mutex_unlock gate")
    laboratory.run(1)
    #expect(laboratory.properties == [.assertHeld])
  }

  @Test func warn() throws {
    #expect(try findings("entry go() { flag = 1; if warn_on(flag == 1) { flag = 0 } }") == [.warn])
    #expect(try findings("entry go() { flag = 1; if warn_on(flag == 2) { flag = 0 } }") == [])
    #expect(try findings("entry go() { warn \"this should not be\" }") == [.warn])
  }

  @Test func leak() throws {
    #expect(try findings("entry go() { let a = alloc thing }") == [.leak])
    #expect(try findings("entry go() { let a = alloc thing; box = a }") == [])
    // A ring that holds itself is still lost.
    let ring = "entry go() { let a = alloc thing; let b = alloc thing { other: a }; a.other = b }"
    let laboratory = try Laboratory(Self.object + ring, threads: [["go"]])
    laboratory.runAll()
    #expect(laboratory.findings.map(\.message) == ["nobody can reach thing1, thing2 any more"])
  }

  @Test func lostWakeup() throws {
    let model = """
      entry sleep_uninterruptible() { let ok = wait_event queue until flag == 1 timeout 60 uninterruptible }
      entry sleep_interruptible() { let ok = wait_event queue until flag == 1 timeout 60 interruptible }
      entry wake() { flag = 1; wake_up queue interruptible }

      """
    let lost = try Laboratory(Self.object + model, threads: [["sleep_uninterruptible"], ["wake"]])
    lost.run(0)
    #expect(lost.machine.readiness(in: lost.state)[0] != .finished)
    lost.runAll()
    #expect(lost.properties == [.lostWakeup])
    let woken = try Laboratory(Self.object + model, threads: [["sleep_interruptible"], ["wake"]])
    woken.run(0)
    woken.runAll()
    #expect(woken.properties == [])
    #expect(woken.results.sorted() == ["T0 sleep_interruptible 0", "T1 wake 0"])
  }

  @Test func livelock() throws {
    #expect(try findings("entry go() { let n = 0; loop { n += 1 } }") == [.livelock])
    #expect(try findings("entry go() { let n = 0; while n < 1000 { n += 1 } }") == [])
  }

  /// A table of owners and areas on which the properties about pins and callbacks stand: what a model says with `check`.
  static let pins = """
    object area as area { pins: refcount; mapped: bool }
    object owner as owner { home: area; open: bool; pins: int }
    global land: area
    global elsewhere: area
    global owned: owner
    entry make() {
      let a = alloc area { mapped: true }
      let b = alloc area { mapped: true }
      land = a
      elsewhere = b
      let o = alloc owner { home: a, open: true }
      owned = o
    }
    fn pin(o: owner) {
      let a = o.home
      count_inc a.pins by o "pin"
      o.pins += 1
    }
    fn unpin(o: owner) {
      let a = o.home
      count_dec a.pins by o "pin"
      o.pins -= 1
    }

    """

  private static let properties = """
    property pin-leak "pages stay pinned"
    property pin-after-unmap "pages are pinned where nothing is mapped"
    property pin-on-old-ioas "a pin is left behind"
    property callback-after-close "the driver is called late"

    """

  private func pinFindings(_ body: String, threads: [[String]] = [["make", "go"]]) throws -> [String] {
    let laboratory = try Laboratory(Self.properties + Self.pins + body, threads: threads)
    laboratory.runAll()
    return laboratory.findings.map { "\($0.property.rawValue): \($0.message)" }
  }

  @Test func pinLeak() throws {
    let close = """
      fn close(o: owner) {
        check pin-leak o.pins == 0 "the owner goes and has pins"
        owned = null
        free o
      }

      """
    let bad = close + "entry go() { let o = owned; pin(o); close(o) }"
    let good = close + "entry go() { let o = owned; pin(o); unpin(o); close(o) }"
    #expect(try pinFindings(bad) == ["pin-leak: the owner goes and has pins"])
    #expect(try pinFindings(good) == [])
  }

  @Test func pinAfterUnmap() throws {
    let unmap = """
      entry unmap() {
        let a = land
        check pin-after-unmap a.pins == 0 "the area goes and is pinned"
        a.mapped = false
      }

      """
    let late = unmap + "entry go() { let o = owned; pin(o) }\nentry stop() { let o = owned; unpin(o) }"
    #expect(
      try pinFindings(late, threads: [["make", "go", "unmap", "stop"]])
        == ["pin-after-unmap: the area goes and is pinned"])
    #expect(try pinFindings(late, threads: [["make", "go", "stop", "unmap"]]) == [])
    // The same as a rule that holds always, not only where somebody looks.
    let rule = """
      entry go() { let o = owned; pin(o) }
      entry stop() { let o = owned; unpin(o) }
      entry unmap() { let a = land; a.mapped = false }
      invariant gone "what is unmapped is not pinned" property pin-after-unmap always for a: area {
        a.mapped || a.pins == 0
      }
      """
    #expect(
      try pinFindings(rule, threads: [["make", "go", "unmap"]]).first
        == "pin-after-unmap: gone: what is unmapped is not pinned (area1)")
    #expect(try pinFindings(rule, threads: [["make", "go", "stop", "unmap"]]) == [])
  }

  @Test func pinOnOldIoas() throws {
    let move = """
      fn move(o: owner) {
        let old = o.home
        o.home = elsewhere
        check pin-on-old-ioas units(old.pins, o) == 0 "a pin stays where the owner is no longer"
      }

      """
    let bad = move + "entry go() { let o = owned; pin(o); move(o) }"
    let good = move + "entry go() { let o = owned; pin(o); unpin(o); move(o); pin(o) }"
    #expect(try pinFindings(bad) == ["pin-on-old-ioas: a pin stays where the owner is no longer"])
    #expect(try pinFindings(good) == [])
    // Somebody else's pin in the old place is nothing to worry about.
    let other = move + "entry go() { let o = owned; let a = land; count_inc a.pins by a \"own\"; move(o) }"
    #expect(try pinFindings(other) == [])
  }

  @Test func callbackAfterClose() throws {
    let model = """
      fn callback(o: owner) {
        check callback-after-close o.open "the driver is called after it closed"
      }
      entry notify() { let o = owned; if o.open { callback(o) } }
      entry call() { let o = owned; callback(o) }
      entry close() { let o = owned; o.open = false }

      """
    #expect(
      try pinFindings(model, threads: [["make", "close", "call"]])
        == ["callback-after-close: the driver is called after it closed"])
    #expect(try pinFindings(model, threads: [["make", "call", "notify", "close", "notify"]]) == [])
    // Looking first does not help when the close comes between the look and the call.
    let race = try Laboratory(Self.properties + Self.pins + model, threads: [["make", "notify"], ["close"]])
    race.run(0, to: "check callback-after-close")
    race.run(1)
    race.run(0)
    #expect(race.properties == ["callback-after-close"])
  }

  @Test func countersMayRestAtZero() throws {
    let model = """
      entry go() {
        let a = land
        let o = owned
        count_inc a.pins by o "pin"
        count_dec a.pins by o "pin"
        count_inc a.pins by o "pin"
      }
      entry below() { let a = land; let o = owned; count_dec a.pins by o "pin" }

      """
    let laboratory = try Laboratory(Self.pins + model, threads: [["make", "go"]])
    laboratory.runAll()
    #expect(laboratory.properties == [])
    let area = try #require(laboratory.view.objects.first { laboratory.view.name(of: $0) == "area1" })
    let owner = laboratory.view.objects.first { laboratory.view.name(of: $0) == "owner1" }
    guard case .refcount(let value, let units)? = laboratory.view.value("pins", of: area) else {
      Issue.record("pins is no refcount")
      return
    }
    #expect(value == 1)
    #expect(units.map(\.word) == ["pin"])
    #expect(units.map(\.object) == [owner])
    #expect(units.map(\.count) == [1])
    #expect(
      try pinFindings(model, threads: [["make", "below"]])
        == ["refcount-underflow: area1.pins is lowered below 0"])
  }

  @Test func fieldsThatAreSetOnce() throws {
    let object = "object door as door { once shut: bool; once guest: door }\nglobal door: door\n"
    func found(_ body: String) throws -> [String] {
      let laboratory = try Laboratory(
        object + "entry go() { let d = alloc door; door = d; \(body) }", threads: [["go"]])
      laboratory.runAll()
      return laboratory.findings.map(\.message)
    }
    #expect(try found("d.shut = true; d.shut = true; d.guest = d") == [])
    #expect(
      try found("d.shut = true; d.shut = false") == ["shut is set once and never changes again"])
    #expect(
      try found("d.guest = d; d.guest = null") == ["guest is set once and never changes again"])
  }

  @Test func unitsAndLife() throws {
    let model = """
      object thing as thing { users: refcount; other: thing }
      global box: thing
      entry go() {
        let a = alloc thing
        let b = alloc thing
        box = a
        ref_set a.users 2 by b "two"
        ref_inc a.users by b "three"
        ref_inc a.users by thread "mine"
        ref_inc a.users by "nobody"
        check invariant units(a.users, b) == 3 "b holds three"
        check invariant units(a.users, a) == 0 "a holds none"
        check invariant units(a.users, thread) == 1 "the thread holds one"
        check invariant alive(b) && !alive(a.other) "b lives, null does not"
        a.other = b
        free b
        check invariant !alive(a.other) "b is gone"
        ref_dec a.users by thread "mine"
      }
      entry ask() { let a = box; check invariant units(a.users, thread) == 0 "this thread holds none" }
      """
    let laboratory = try Laboratory(model, threads: [["go"], ["ask"]])
    laboratory.run(0, to: "a.other = b")
    laboratory.run(1)
    laboratory.run(0)
    #expect(laboratory.findings.map(\.message) == [])
    #expect(throws: DiagnosticError.self) {
      _ = try Laboratory(
        "object thing as thing { n: int }\nentry go() { let a = alloc thing; let x = units(a.n, a) }",
        threads: [["go"]])
    }
  }

  /// The names that users and scripts rely on; each has its models above.
  @Test func thereIsATestForEveryProperty() throws {
    let tested: Set<Property> = [
      .useAfterFree, .doubleFree, .nullDereference, .refcountUnderflow, .refcountResurrect, .deadlock,
      .selfDeadlock, .lockOrder, .lockImbalance, .sleepInAtomic, .assertHeld, .warn, .leak, .unexpectedResult,
      .livelock, .lostWakeup, .invariant,
    ]
    #expect(tested == Set(Property.machine))
    let declared = try KernelResultTests.library.program(named: "linux-6.12").properties.filter {
      $0.origin == .model
    }
    #expect(declared == ["pin-leak", "pin-after-unmap", "pin-on-old-ioas", "callback-after-close"])
  }

  @Test func propertiesOfTheModelsOwn() throws {
    let named =
      "property pin-leak \"left\"\nentry go() { flag = 1; check pin-leak flag == 0 \"a pin is left\" }"
    let laboratory = try Laboratory(Self.object + named, threads: [["go"]])
    laboratory.runAll()
    #expect(laboratory.findings.map(\.property) == ["pin-leak"])
    #expect(laboratory.findings.first?.message == "a pin is left")
    let always = "entry go() { flag = 1; flag = 0 }\ninvariant small \"flag stays 0\" always { flag == 0 }"
    #expect(try findings(always) == [.invariant])
    let quiescent =
      "entry go() { flag = 1; flag = 0 }\ninvariant small \"flag is 0 at rest\" quiescent { flag == 0 }"
    #expect(try findings(quiescent) == [])
    let each = """
      entry go() { let a = alloc thing { value: 2 }; a.value = 3; free a }
      invariant even "values are even" always for t: thing { t.value % 2 == 0 }
      """
    let perObject = try Laboratory(Self.object + each, threads: [["go"]])
    perObject.runAll()
    #expect(perObject.findings.map(\.message) == ["even: values are even (thing1)"])
  }

  @Test func invariantsMayLoop() throws {
    let model = """
      object item as item { show users: refcount }
      global all: xarray of item from 0
      entry put(n: int) {
        let a = alloc item
        ref_set a.users n by "all"
        let i = xa_alloc(all)
        xa_store(all, i, a)
      }
      invariant counted "what is in the table is counted" always {
        let i = xa_find(all, 0)
        while i >= 0 {
          let a = xa_load(all, i)
          if a.users < 1 { return false }
          i = xa_find(all, i + 1)
        }
        return true
      }
      """
    let good = try Laboratory(model, threads: [["put 1", "put 2"]])
    good.runAll()
    #expect(good.properties == [])
    let bad = try Laboratory(model, threads: [["put 1", "put 0"]])
    bad.runAll()
    #expect(bad.findings.map(\.message) == ["counted: what is in the table is counted"])
    #expect(throws: DiagnosticError.self) {
      _ = try Laboratory(
        "global n: int\nentry go() { n = 1 }\ninvariant meddles \"no\" always { if n == 1 { n = 2 }\nreturn true }",
        threads: [["go"]])
    }
  }
}
