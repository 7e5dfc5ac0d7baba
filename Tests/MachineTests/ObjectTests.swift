import Machine
import StepLanguage
import Testing

@Suite struct ObjectTests {
  @Test func unitsKnowTheirHolders() throws {
    let model = """
      object thing as thing { users: refcount }
      global box: thing
      entry go() {
        let a = alloc thing
        let b = alloc thing
        box = a
        ref_set a.users 1 by "xarray"
        ref_inc a.users by b "attached"
        ref_inc a.users by thread "lookup"
        ref_inc a.users by thread "lookup"
        ref_move a.users from thread "lookup" to b "attached"
        mark "here"
        ref_dec a.users by b "attached"
        free b
      }
      """
    let laboratory = try Laboratory(model, threads: [["go"]])
    laboratory.run(0, to: "ref_dec a.users")
    let thing = try #require(laboratory.view.objects.first)
    let value = try #require(laboratory.view.value("users", of: thing))
    guard case .refcount(let count, let units) = value else { throw Unexpected() }
    #expect(count == 4)
    let names = units.map { unit in
      "\(unit.count) \(unit.word) \(unit.object.map { laboratory.view.name(of: $0) } ?? unit.thread.map { "T\($0)" } ?? "")"
    }
    #expect(names == ["1 xarray ", "2 attached thing2", "1 lookup T0"])
  }

  private struct Unexpected: Error {}

  @Test func aUnitThatNobodyTookIsFound() throws {
    let model = """
      object thing as thing { users: refcount }
      global box: thing
      entry go() {
        let a = alloc thing
        box = a
        ref_set a.users 2 by "xarray"
        ref_dec a.users by "driver"
      }
      """
    let laboratory = try Laboratory(model, threads: [["go"]])
    laboratory.run(0, to: "ref_dec")
    laboratory.step(0)
    #expect(laboratory.log.events.contains { $0.kind == .unitMissing })
    #expect(laboratory.properties == [.refcountUnderflow])
  }

  @Test func xarraysGiveTheLowestFreeIndexAndHideReservedOnes() throws {
    let model = """
      object thing as thing { const number: int }
      global all: xarray of thing from 1
      global seen: int
      entry go() {
        let first = xa_alloc(all)
        let second = xa_alloc(all)
        let third = xa_alloc(all)
        check invariant first == 1 && second == 2 && third == 3 "indexes rise from 1"
        let a = alloc thing { number: 7 }
        xa_store(all, second, a)
        check invariant xa_load(all, first) == null "a reserved index is invisible"
        check invariant xa_load(all, second) == a "a published one is not"
        check invariant xa_find(all, 0) == 2 "the lowest published one is found"
        check invariant xa_find(all, 3) == -1 "nothing is published above"
        check invariant count(all) == 1 "one is published"
        xa_erase(all, first)
        let again = xa_alloc(all)
        check invariant again == 1 "the lowest free index is given again at once"
        let old = xa_erase(all, second)
        check invariant old == a "erase gives back what was there"
        xa_erase(all, again)
        xa_erase(all, third)
        free a
      }
      """
    let laboratory = try Laboratory(model, threads: [["go"]])
    laboratory.runAll()
    #expect(laboratory.findings.map(\.message) == [])
  }

  @Test func listsKeepTheirOrder() throws {
    let model = """
      object thing as thing { }
      global all: list of thing
      entry go() {
        let a = alloc thing
        let b = alloc thing
        let c = alloc thing
        list_append(all, b)
        list_append(all, a)
        list_append(all, c)
        check invariant list_first(all) == b && list_next(all, b) == a && list_next(all, a) == c "oldest first"
        check invariant list_next(all, c) == null "the last has no next"
        list_remove(all, a)
        check invariant list_next(all, b) == c && count(all) == 2 "taken out of the middle"
        list_remove(all, a)
        list_remove(all, b)
        list_remove(all, c)
        free a; free b; free c
      }
      """
    let laboratory = try Laboratory(model, threads: [["go"]])
    laboratory.runAll()
    #expect(laboratory.properties == [.warn], "what is not in a list cannot be taken out")
  }

  /// Every small set of ranges against the definition: a number is covered when some range holds it.
  @Test func intervalMapsAgreeWithTheDefinition() throws {
    let model = """
      object thing as thing { const first: u64; const last: u64 }
      global all: interval_map of thing
      entry add(first: u64, last: u64) {
        let a = alloc thing { first: first, last: last }
        imap_insert(all, first, last, a)
      }
      entry find(first: u64, last: u64) {
        let a = imap_find(all, first, last)
        if a == null { return -ENOENT }
        let low = a.first
        return 0 - low - 1000
      }
      entry uncovered(first: u64, last: u64) {
        let n = imap_uncovered(all, first, last)
        return 0 - n - 1000
      }
      """
    let ranges = [(0, 1), (1, 3), (2, 2), (4, 6), (5, 7)]
    for subset in 0..<(1 << ranges.count) {
      let chosen = ranges.indices.filter { subset & (1 << $0) != 0 }.map { ranges[$0] }
      var lines = chosen.map { "add \($0.0) \($0.1)" }
      var expected: [String] = chosen.map { _ in "T0 add 0" }
      for first in 0..<8 {
        for last in first..<8 {
          lines.append("find \(first) \(last)")
          let hit = chosen.filter { $0.0 <= last && $0.1 >= first }.map(\.0).min()
          expected.append("T0 find \(hit.map { -1000 - $0 } ?? -2)")
          lines.append("uncovered \(first) \(last)")
          let open = (first...last).filter { number in !chosen.contains { $0.0 <= number && number <= $0.1 } }
            .count
          expected.append("T0 uncovered \(-1000 - open)")
        }
      }
      let laboratory = try Laboratory(model, threads: [lines])
      laboratory.runAll()
      #expect(laboratory.results == expected)
    }
  }

  @Test func allocationsFailWhereTheWorldAllowsIt() throws {
    let model = """
      object thing as thing { }
      entry go() {
        let a = try_alloc thing
        if a == null { return -ENOMEM }
        free a
        return 0
      }
      """
    let strict = try Laboratory(model, threads: [["go"]])
    strict.step(0)
    #expect(strict.machine.readiness(in: strict.state)[0] == .ready(choices: 1))
    let faulty = try Laboratory(model, threads: [["go"]], faults: true)
    faulty.step(0)
    #expect(faulty.machine.readiness(in: faulty.state)[0] == .ready(choices: 2))
    faulty.step(0, choice: 1)
    faulty.runAll()
    #expect(faulty.results == ["T0 go \(-12)"])
    #expect(faulty.properties == [])
  }

  @Test func driversFillTheirOpsAndAnEmptyMemberCanBeAskedFor() throws {
    let model = """
      ops callbacks { fn notify(value: int) -> int
        limit: int }
      fn double(value: int) -> int { return value * 2 }
      driver good: callbacks { notify = double; limit = 4 }
      driver lazy: callbacks { limit = 3 }
      object device as device { const ops: callbacks }
      entry go(which: int) {
        let d: device = null
        if which == 0 { d = alloc device { ops: good } } else { d = alloc device { ops: lazy } }
        let answer = d.ops->limit
        if d.ops->notify != null { answer = d.ops->notify(answer) }
        free d
        return 0 - answer
      }
      entry careless() {
        let d = alloc device { ops: lazy }
        let n = d.ops->notify(1)
        free d
      }
      """
    let laboratory = try Laboratory(model, threads: [["go 0", "go 1"], ["careless"]])
    laboratory.run(0)
    #expect(laboratory.results == ["T0 go -8", "T0 go -3"])
    laboratory.run(1)
    #expect(laboratory.properties == [.nullDereference])
  }

  @Test func taskWorkRunsWhenTheSystemCallReturns() throws {
    let model = """
      object thing as thing { const number: int }
      global trace: int
      fn later(t: thing) { trace = trace * 10 + t.number; free t }
      entry go() {
        let a = alloc thing { number: 1 }
        let b = alloc thing { number: 2 }
        task_work later(a)
        task_work later(b)
        trace = 9
      }
      """
    let laboratory = try Laboratory(model, threads: [["go"]])
    laboratory.runAll()
    #expect(laboratory.view.value("trace", of: .globals) == .int(912))
    #expect(laboratory.properties == [])
  }

  @Test func slotsAreStoredWhenACallSucceeds() throws {
    let model = """
      slot s = 42
      entry make(out s: s, fail: flag) {
        s = 7
        if fail { return -EBUSY }
        return 0
      }
      entry drop(inout s: s) { s = -1; return -EBADF }
      """
    let laboratory = try Laboratory(model, threads: [["make s1 fail", "make s2", "drop s2", "make s3"]])
    laboratory.step(0)
    #expect(laboratory.view.slot(table: 0, index: 1) == 42, "a failed call leaves the variable")
    laboratory.step(0)
    #expect(laboratory.view.slot(table: 0, index: 2) == 7)
    laboratory.step(0)
    #expect(laboratory.view.slot(table: 0, index: 2) == -1, "inout is stored whatever is returned")
  }

  @Test func barriersWaitForAllThatHaveAsMany() throws {
    let model = "global n: int\nentry tick() { n += 1 }"
    let laboratory = try Laboratory(
      model, threads: [["tick", "barrier", "tick", "barrier"], ["barrier", "tick"], ["tick", "tick"]])
    #expect(laboratory.machine.readiness(in: laboratory.state)[1] == .barrier)
    laboratory.run(1)
    #expect(laboratory.results == [], "T0 has not come to its barrier")
    laboratory.runAll()
    #expect(laboratory.machine.readiness(in: laboratory.state).allSatisfy { $0 == .finished })
  }
}
