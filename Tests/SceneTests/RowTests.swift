import CustomDump
import Machine
import Recording
import Scene
import StepLanguage
import Testing

@Suite struct RowTests {
  /// T0 holds box1.rwsem for writing, T1 wants to read.
  private func blocked() throws -> Timeline {
    var timeline = try Workshop.timeline([["make b1", "make b2", "pair b1 b2"], ["read b1"]])
    try timeline.finish(0, operations: 2)
    try timeline.step(0, before: "ref_inc")
    try timeline.step(1, before: "down_read")
    return timeline
  }

  @Test func aBlockedThreadSaysWhy() throws {
    let timeline = try blocked()
    let rows = ThreadRow.rows(Moment(timeline))
    expectNoDifference(rows.map(\.condition), [.ready, .blocked])
    let taken = try #require(rows[0].held.first?.since)
    expectNoDifference(rows[1].words, "blocked on box1.rwsem, held by T0 since step \(taken)")
    expectNoDifference(rows[1].operation, "read b1")
    expectNoDifference(rows[1].stack.map(\.function), ["read"])
    expectNoDifference(rows[1].stack.map(\.text), ["down_read box.rwsem"])
    expectNoDifference("\(rows[0].position)/\(rows[0].count)", "3/3")
    #expect(rows[1].isActive)
    #expect(!rows[0].isActive)
  }

  @Test func aLockRowHasHolderAndWaiter() throws {
    let rows = LockRow.rows(Moment(try blocked()))
    expectNoDifference(rows.map(\.name), ["box1.rwsem"])
    expectNoDifference(rows.map(\.mode), [.write])
    expectNoDifference(rows.first?.holders.map(\.name), ["T0"])
    expectNoDifference(rows.first?.waiters, ["T1 (read)"])
  }

  @Test func aReleasedLockShowsInItsStepOnly() throws {
    var timeline = try blocked()
    try timeline.finish(0, operations: 3)
    let rows = LockRow.rows(Moment(timeline))
    expectNoDifference(rows.map { "\($0.name) \($0.isReleasedNow)" }, ["box1.rwsem true"])
    try timeline.perform(.step(thread: 1, choice: 0))
    expectNoDifference(LockRow.rows(Moment(timeline)).map { "\($0.mode) \($0.isTakenNow)" }, ["read true"])
  }

  @Test func theLogTellsStepsInWords() throws {
    var timeline = try Workshop.timeline([["make b1", "fill b1 1 2", "fill b9 1 2", "drop b1"]])
    while timeline.view.thread(0).operationsDone < 4 {
      try timeline.perform(.step(thread: 0, choice: 0))
    }
    let book = LogBook(timeline)
    let told = timeline.path.dropFirst().compactMap { node in
      book[node].map { row in "\(row.text) | \(row.notes.map(\.text).joined(separator: "; "))" }
    }
    expectNoDifference(
      told,
      [
        "make b1 | begins",
        "spin_lock boxes.xa_lock | takes boxes.xa_lock",
        "id = xa_alloc(boxes) | boxes[1] reserved",
        "spin_unlock boxes.xa_lock | releases boxes.xa_lock",
        "let box = alloc box { id: id } | new box1",
        #"ref_set box.users 1 by "table" | box1.users 0 -> 1"#,
        "spin_lock boxes.xa_lock | takes boxes.xa_lock",
        "xa_store(boxes, id, box) | boxes <- box1",
        "spin_unlock boxes.xa_lock | releases boxes.xa_lock; make = 0",
        "fill b1 1 2 | begins",
        "let box = xa_load(boxes, id) | ",
        "mutex_lock box.lock | takes box1.lock",
        "let part = alloc part { weight: 2 } | new part1",
        "list_append(box.parts, part) | box1.parts <- part1",
        "let range = alloc range | new area1",
        "imap_insert(box.ranges, first, last, range) | box1.ranges <- area1",
        "range.uses = 1 | area1.uses 0 -> 1",
        "mutex_unlock box.lock | releases box1.lock; fill = 0",
        "fill b9 1 2 | begins",
        "let box = xa_load(boxes, id) | fill = ENOENT",
        "drop b1 | begins",
        "let box = xa_load(boxes, id) | ",
        "spin_lock boxes.xa_lock | takes boxes.xa_lock",
        "xa_erase(boxes, id) | box1 leaves boxes",
        "spin_unlock boxes.xa_lock | releases boxes.xa_lock",
        #"let last = ref_dec_and_test box.users by "table" | box1.users 1 -> 0"#,
        "free box | freed box1; drop = 0; leak: nobody can reach part1, area1 any more",
      ])
  }

  @Test func lanesTellWhoSteppedWhen() throws {
    var timeline = try Workshop.timeline([["make b1", "read b1"], ["read b9", "read b1"]])
    func step(_ thread: Int) throws {
      try timeline.perform(.step(thread: thread, choice: 0))
    }
    while timeline.view.thread(0).operationsDone < 1 { try step(0) }
    for thread in [0, 0, 0, 1] { try step(thread) }
    let all = Lanes(timeline, threads: 2, focus: timeline.depth, count: 100)
    expectNoDifference(
      all.marks.map { "\($0.thread) \($0.kind)" },
      [
        "0 began", "0 taken", "0 step", "0 released", "0 step", "0 step", "0 taken", "0 step", "0 ended",
        "0 began", "0 step", "0 taken", "1 began",
      ])
    let window = Lanes(timeline, threads: 2, focus: timeline.depth, count: 2)
    expectNoDifference(window.marks.map(\.step), [12, 13])
    expectNoDifference(window.busy, [[true, true], [false, true]])
    #expect(Lanes(timeline, threads: 2, focus: 3, count: 0).marks.isEmpty)
  }

  @Test func theLedgerNamesEveryUnit() throws {
    var timeline = try Workshop.timeline([["make b1", "make b2", "pair b1 b2"]])
    try timeline.finish(0, operations: 2)
    try timeline.step(0, before: "box.partner")
    let moment = Moment(timeline)
    let box2 = try #require(ObjectGraph(moment).nodes.first { $0.name == "box2" })
    let accounts = Ledger(moment, object: box2.identity).accounts
    expectNoDifference(accounts.map { "\($0.name) \($0.value) \($0.change)" }, ["users 2 1"])
    expectNoDifference(
      accounts.first?.units.map { "\($0.holder) \($0.word) \($0.isNew)" }.sorted(),
      [" table false", "box1 partner true"])
  }

  @Test func theDetailSaysWhoPointsThere() throws {
    var timeline = try Workshop.timeline([["make b1", "make b2", "pair b1 b2"]])
    try timeline.finish(0, operations: 2)
    try timeline.step(0, before: "box.partner")
    let moment = Moment(timeline)
    let graph = ObjectGraph(moment)
    let box2 = try #require(graph.nodes.first { $0.name == "box2" })
    let detail = try #require(ObjectDetail(moment, object: box2.identity, graph: graph))
    expectNoDifference(detail.pointedToBy, ["boxes[2]", "T0: target"])
    expectNoDifference(
      detail.rows.map { "\($0.name) \($0.text)" },
      [
        "id 2", "users 2", "lock free", "rwsem free", "parts empty", "ranges empty", "partner null",
      ])
  }

  @Test func rangesTellWhatIsIncomplete() throws {
    var timeline = try Workshop.timeline([["make b1", "fill b1 0x1000 0x1fff", "fill b1 0x2000 0x3fff"]])
    try timeline.finish(0, operations: 3)
    let moment = Moment(timeline)
    let bar = try #require(RangeBar.bars(moment, graph: ObjectGraph(moment)).first)
    expectNoDifference(
      bar.segments.map {
        "\($0.name) \($0.first) \($0.last) used \($0.isUsed) incomplete \($0.isIncomplete)"
      },
      [
        "area1 4096 8191 used true incomplete true",
        "area2 8192 16383 used true incomplete true",
      ])
  }
}
