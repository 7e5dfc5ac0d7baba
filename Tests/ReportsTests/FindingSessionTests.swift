import Explorer
import Machine
import Recording
import Reports
import StepLanguage
import Testing

/// A session of a counterexample contains its finding, whatever the property.
@Suite struct FindingSessionTests {
  static let locks = """
    global a: mutex
    global b: mutex
    entry ab() {
      mutex_lock a
      mutex_lock b
      mutex_unlock b
      mutex_unlock a
    }
    entry ba() {
      mutex_lock b
      mutex_lock a
      mutex_unlock a
      mutex_unlock b
    }
    """

  private func replayed(_ property: String, _ world: World, _ message: String? = nil) throws -> FindingReport
  {
    let (timeline, complete) = try ReportWorkshop.timeline(property, in: world, message: message)
    #expect(complete.isContained)
    let (text, again) = try ReportWorkshop.session(of: timeline)
    #expect(text.contains("\"kind\":\"finding\",\"property\":\"\(property)\""))
    let report = try #require(FindingReport(again), "the replay has no finding")
    #expect(report.finding.property.rawValue == property)
    #expect(report.finding.message == complete.example.finding.message)
    return report
  }

  @Test func lockOrderHasBothHalvesInOneRun() throws {
    let report = try replayed("lock-order", try ReportWorkshop.world(Self.locks, threads: [["ab"], ["ba"]]))
    #expect(report.facts.count == 2, "an edge each: \(report.facts)")
    #expect(
      report.facts.contains { $0.hasPrefix("T0 took (globals).b") || $0.hasPrefix("T0 took b") },
      "\(report.facts)")
    #expect(Set(report.slice.rows.map(\.thread)) == [0, 1])
  }

  @Test func aDeadlockNamesEveryEdge() throws {
    let report = try replayed("deadlock", try ReportWorkshop.world(Self.locks, threads: [["ab"], ["ba"]]))
    #expect(report.facts.filter { $0.contains(" waits since ") }.count == 2)
    #expect(report.facts.filter { $0.contains(" holds ") }.count == 2)
    #expect(report.slice.rows.filter(\.isWaiting).count == 2)
  }

  /// Nobody can move, and no circle of locks says why: a sleeper without a waker's turn, and a barrier.
  @Test func aDeadlockOfTheLastStateIsFoundAgain() throws {
    let world = try ReportWorkshop.world(
      """
      global a: mutex
      entry keep() { mutex_lock a }
      entry want() { mutex_lock a; mutex_unlock a }
      """, threads: [["keep"], ["want"]])
    let report = try replayed("deadlock", world)
    #expect(
      report.facts.contains { $0.hasPrefix("T1 waits since step ") && $0.contains(" for a, held by T0") },
      "\(report.facts)")
  }

  /// A reader that goes round for ever once it was spoilt, and another thread that waits for its lock.
  private static func busyReader() throws -> World {
    try ReportWorkshop.world(
      """
      object thing as thing { lock: mutex; v: int }
      global g: thing
      global bad: bool
      entry make() { g = alloc thing }
      entry reader() {
        let x = g
        mutex_lock x.lock
        while bad { x.v = 1; x.v = 0 }
        mutex_unlock x.lock
      }
      entry spoil() { bad = true }
      entry other() { let x = g; mutex_lock x.lock; mutex_unlock x.lock }
      """,
      threads: [["make", "barrier"], ["barrier", "reader"], ["barrier", "spoil"], ["barrier", "other"]])
  }

  @Test func aLivelockHasItsLoop() throws {
    let world = try Self.busyReader()
    let report = try replayed("livelock", world)
    let loop = try #require(report.loop)
    #expect(loop.upperBound == report.step)
    #expect(report.finding.message.hasPrefix("T1 goes round for ever; "), "\(report.finding.message)")
    #expect(report.finding.threads == [1])
    #expect(report.facts.contains("T1 alone goes round."))
    #expect(report.slice.rows.contains { $0.text == "bad = true" }, "what keeps the loop going")
  }

  /// Two findings in one step: each session explains its own.
  @Test func ofTwoFindingsOfAStepTheNamedOneIsExplained() throws {
    let world = try ReportWorkshop.world(
      """
      global n: int
      invariant small "n stays below 2" always { n < 2 }
      invariant tiny "n stays below 1" always { n < 1 }
      entry go() { n = 2 }
      """, threads: [["go"]])
    let first = try replayed("invariant", world, "small:")
    let second = try replayed("invariant", world, "tiny:")
    #expect(first.finding.message.hasPrefix("small:"))
    #expect(second.finding.message.hasPrefix("tiny:"))
    #expect(first.step == second.step)
  }

  /// A claim is no proof: what the run does not show is not explained as if it did.
  @Test func aFalseClaimIsNotBelieved() throws {
    var timeline = Timeline(
      world: try ReportWorkshop.world("global n: int\nentry go() { n = 1 }", threads: [["go"]]))
    try timeline.perform(.step(thread: 0, choice: 0))
    timeline.claim(
      FindingClaim(property: "livelock", message: "for ever", point: timeline.here, loopStart: 1))
    #expect(FindingReport(timeline) == nil)
  }

  @Test func linesThatAreWrongAreRefused() throws {
    let world = try ReportWorkshop.world("global n: int\nentry go() { n = 1 }", threads: [["go"]])
    let (text, _) = try ReportWorkshop.session(of: Timeline(world: world))
    #expect(throws: DiagnosticError.self) {
      try SessionReader.read(name: "s", text: text + "{\"kind\":\"finding\",\"property\":\"warn\"}\n")
    }
    #expect(throws: DiagnosticError.self) {
      try SessionReader.read(
        name: "s", text: text + "{\"kind\":\"finding\",\"property\":\"warn\",\"message\":\"m\",\"loop\":0}\n")
    }
    // A property that only a model knows is read, too.
    let own = try SessionReader.read(
      name: "s", text: text + "{\"kind\":\"finding\",\"property\":\"pin-later\",\"message\":\"m\"}\n")
    #expect(own.entries.last?.entry == .finding(property: "pin-later", message: "m", point: nil, loop: nil))
  }

  @Test func aWriterThatQueuesHoldsNothing() throws {
    let world = try ReportWorkshop.world(
      """
      global s: rw_semaphore
      global m: mutex
      entry reader() { down_read s; mutex_lock m; mutex_unlock m; up_read s }
      entry writer() { down_write s; up_write s }
      entry second() { mutex_lock m; down_read s; up_read s; mutex_unlock m }
      """, threads: [["reader"], ["writer"], ["second"]])
    let report = try replayed("deadlock", world)
    #expect(
      report.facts.contains {
        $0.contains(" for s (read), behind T1, which waits to write until T0 releases it")
      }, "\(report.facts)")
    #expect(!report.finding.message.contains("held by T1"), "\(report.finding.message)")
  }

  @Test func aLeakSaysWhoKeptTheUnit() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { refs: refcount }
      global box: thing
      entry make() {
        let t = alloc thing
        ref_set t.refs 1 by "box"
        box = t
      }
      entry peek() { ref_inc box.refs by thread "peek" }
      entry drop() {
        let t = box
        box = null
        let last = ref_dec_and_test t.refs by "box"
        if last { free t }
      }
      """, threads: [["make", "peek", "drop"]])
    let report = try replayed("leak", world)
    #expect(
      report.facts.contains {
        $0.hasPrefix("A unit of thing1.refs is left: T0 ('peek'), taken by T0 at step ")
          && $0.hasSuffix("and kept it.")
      }, "\(report.facts)")
  }

  @Test func aMissingWakeUpIsNamed() throws {
    let world = try ReportWorkshop.world(
      """
      global n: int
      global queue: wait_queue
      global other: wait_queue
      entry sleep() { let ok = wait_event queue until n == 1 timeout 60 uninterruptible }
      entry wake() { n = 1; wake_up other all }
      """, threads: [["sleep"], ["wake"]])
    let report = try replayed("lost-wakeup", world)
    #expect(
      report.facts.contains { $0.hasPrefix("T1 made its condition true at step ") && $0.contains("`n = 1`") },
      "\(report.facts)")
    #expect(report.facts.contains("Nobody woke queue after that: the wake-up is missing."))
    #expect(!report.facts.contains { $0.contains("reached nobody") }, "another queue is not blamed")
  }

  /// The unit that is left is followed through all hands, and one that somebody else took under the same name is not blamed.
  @Test func aLeakFollowsAUnitThatWasHandedOn() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { refs: refcount }
      global box: thing
      entry make() {
        let t = alloc thing
        ref_set t.refs 1 by "box"
        box = t
      }
      entry give() {
        ref_inc box.refs by thread "lookup"
        ref_move box.refs from thread "lookup" to "table"
      }
      entry pass() {
        ref_inc box.refs by "table"
        ref_dec box.refs by "table"
      }
      entry drop() {
        let t = box
        box = null
        let last = ref_dec_and_test t.refs by "box"
        if last { free t }
      }
      """, threads: [["make", "give", "pass", "drop"]])
    let report = try replayed("leak", world, "nobody")
    let left = report.facts.filter { $0.contains("is left") }
    #expect(left.count == 1)
    #expect(
      left.first?.contains("`ref_inc box.refs by thread \"lookup\"`") == true, "who took it: \(report.facts)")
    #expect(left.first?.contains("handed on by T0 at step ") == true, "\(report.facts)")
    let race = report.race()
    #expect(race.lines.contains { $0.contains("box = null") }, "where it was lost: \(race.text)")
    #expect(race.lines.last == "*** leak")
    #expect(report.place?.text == "let t = alloc thing" && report.isPlaceOfMaking)
  }

  /// A unit that a thread keeps says nothing against those that others hold.
  @Test func aKeptUnitIsTheOnlyOneThatIsTold() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { refs: refcount }
      global box: thing
      entry make() {
        let t = alloc thing
        ref_set t.refs 1 by "box"
        box = t
      }
      entry peek() { ref_inc box.refs by thread "peek" }
      """, threads: [["make", "peek"]])
    let report = try replayed("leak", world)
    #expect(report.facts.filter { $0.contains("is left") }.count == 1, "\(report.facts)")
    #expect(!report.facts.contains { $0.contains("'box'") }, "\(report.facts)")
    #expect(report.race().lines.last?.hasSuffix("*** leak") == true)
  }

  @Test func aSleeperForEverIsToldWithTheWrite() throws {
    let world = try ReportWorkshop.world(
      """
      global closed: bool
      global free: int
      global queue: wait_queue
      entry sleep() { let ok = wait_event queue until free > 0 || closed timeout 1000000 uninterruptible }
      entry close() { closed = true }
      """, threads: [["sleep"], ["close"]])
    let report = try replayed("lost-wakeup", world)
    #expect(
      report.facts.contains {
        $0.hasPrefix("T1 made its condition true at step ") && $0.hasSuffix("(closed false -> true).")
      }, "\(report.facts)")
    #expect(
      report.facts.contains(
        "Its timeout of 1000000 seconds is a day or more, which counts as none: it sleeps for ever."))
    #expect(report.race().lines.contains { $0.contains("closed = true") }, "\(report.race().text)")
    #expect(report.race().lines.last == "*** lost-wakeup", "behind the write: \(report.race().text)")
  }

  @Test func aUseAfterFreeHasTheStacksOfTheFreeAndTheMaking() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { value: int }
      global box: thing
      fn new() -> thing {
        let t = alloc thing
        return t
      }
      fn release(t: thing) { free t }
      entry make() { box = new() }
      entry drop() {
        let t = box
        if t != null { release(t) }
      }
      entry use() {
        let t = box
        if t != null { t.value = 1 }
      }
      """, threads: [["make", "barrier"], ["barrier", "drop"], ["barrier", "use"]])
    let report = try replayed("use-after-free", world)
    #expect(report.past.map(\.role) == [.freed, .made])
    #expect(report.past[0].thread.stack.map(\.function) == ["drop", "release"])
    #expect(report.past[1].thread.stack.map(\.function) == ["make", "new"])
    #expect(report.past[1].step < report.past[0].step && report.past[0].step < report.step)
    #expect(report.stackLines.contains("T1: drop (freed it at step \(report.past[0].step))"))
  }

  /// Where an invariant shows is not where it was broken.
  @Test func anInvariantTellsTheFalsePartAndTheWrite() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { size: int; used: int }
      global list: thing
      invariant fits "what is used fits" quiescent for t: thing {
        t.size >= 0 &&
        t.used <= t.size
      }
      entry make() { list = alloc thing { size: 1 } }
      entry fill() {
        list.used = 2
        list.size = 1
      }
      """, threads: [["make", "fill"]])
    let report = try replayed("invariant", world)
    #expect(report.facts.first == "False is `t.used <= t.size`: thing1.used = 2, thing1.size = 1.")
    #expect(
      report.facts.contains {
        $0.hasPrefix("T0 wrote thing1.used at step ") && $0.contains("`list.used = 2` in fill")
          && $0.hasSuffix("(thing1.used 0 -> 2).")
      }, "\(report.facts)")
    #expect(report.race().lines.contains { $0.contains("list.used = 2") }, "\(report.race().text)")
  }

  /// Who stands at the barrier waits for those who are stuck, and is no part of the circle.
  @Test func aBarrierIsNotNamedWithADeadlock() throws {
    let world = try ReportWorkshop.world(
      """
      global a: mutex
      entry keep() { mutex_lock a }
      entry want() { mutex_lock a; mutex_unlock a }
      entry after() { }
      """, threads: [["barrier", "after"], ["keep"], ["want"]])
    let report = try replayed("deadlock", world)
    #expect(!report.finding.message.contains("barrier"), "\(report.finding.message)")
    #expect(report.finding.message.contains("T2 waits for a"))
  }

  @Test func aLivelockIsMarkedOnceAndWaitersStandWhereTheyBegan() throws {
    let world = try Self.busyReader()
    let lines = try replayed("livelock", world).race().lines
    #expect(lines.filter { $0.contains("*** livelock") }.count == 1)
    #expect(lines.last?.hasSuffix("*** livelock") == true, "\(lines)")
  }
}
