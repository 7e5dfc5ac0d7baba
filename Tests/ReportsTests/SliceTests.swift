import CustomDump
import Explorer
import Machine
import Recording
import Reports
import StepLanguage
import Testing

/// What a finding depends on, and what not.
@Suite struct SliceTests {
  static let thing = """
    object thing as thing { value: int }
    global box: thing
    global noise: int
    entry make() { box = alloc thing }
    """

  @Test func aRaceOfSixStepsIsToldInSix() throws {
    let world = try ReportWorkshop.world(
      """
      \(Self.thing)
      entry drop() {
        noise = 1
        let t = box
        noise = 2
        box = null
        free t
        noise = 3
      }
      entry use() {
        noise = 4
        let t = box
        noise = 5
        if t == null { return }
        noise = 6
        t.value = 1
      }
      """, threads: [["make", "barrier"], ["barrier", "drop"], ["barrier", "use"]])
    let report = try ReportWorkshop.report("use-after-free", in: world)
    let texts = report.slice.rows.map(\.text)
    #expect(!texts.contains { $0.hasPrefix("noise") }, "\(texts)")
    #expect(texts.contains("free t"))
    #expect(texts.last == "t.value = 1")
    #expect(report.slice.rows.last?.isViolation == true)
    // The reader's pointer comes from the box, before it was emptied.
    let read = try #require(report.slice.rows.firstIndex { $0.thread == 2 && $0.text == "let t = box" })
    let free = try #require(report.slice.rows.firstIndex { $0.text == "free t" })
    #expect(read < free)
    #expect(report.place?.function == "use")
    #expect(report.facts.contains { $0.hasPrefix("T2 took its pointer to thing1 from box at step ") })
    #expect(
      report.facts.contains { $0.hasPrefix("T1 freed thing1 at step ") && $0.contains("`free t` in drop") })
  }

  /// A branch that nobody else could have decided otherwise is not told; one that another thread could is.
  @Test func onlyContendedBranchesCount() throws {
    let world = try ReportWorkshop.world(
      """
      global mine: int
      global shared: int
      global bad: int
      entry go() {
        mine = 1
        if mine == 1 {
          if shared == 1 {
            check invariant bad == 1 "bad is 1"
          }
        }
      }
      entry set() { shared = 1 }
      """, threads: [["go"], ["set"]])
    let report = try ReportWorkshop.report("invariant", in: world)
    let texts = report.slice.rows.map(\.text)
    #expect(texts.contains("if shared == 1"))
    #expect(texts.contains("shared = 1"))
    #expect(!texts.contains("if mine == 1"), "\(texts)")
    #expect(!texts.contains("mine = 1"))
  }

  /// Units that a thread took and gave back before do not show in a count any more.
  @Test func unitsThatCameAndWentCancelOut() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { refs: refcount }
      global box: thing
      entry make() {
        let t = alloc thing
        ref_set t.refs 2 by "box"
        box = t
      }
      entry visit() {
        let t = box
        ref_inc t.refs by thread "visit"
        let last = ref_dec_and_test t.refs by thread "visit"
      }
      entry drop() {
        let t = box
        ref_dec t.refs by "box"
        ref_dec t.refs by "box"
      }
      """, threads: [["make", "visit", "drop"]])
    let report = try ReportWorkshop.report("refcount-underflow", in: world)
    let texts = report.slice.rows.map(\.text)
    #expect(!texts.contains { $0.contains("ref_inc t.refs") }, "\(texts)")
    #expect(texts.filter { $0.contains("ref_dec t.refs") }.count == 2)
  }

  @Test func nullSaysWhichFieldAndSinceWhen() throws {
    let world = try ReportWorkshop.world(
      """
      \(Self.thing)
      entry clear() { box = null }
      entry use() {
        let t = box
        t.value = 1
      }
      """, threads: [["make", "barrier"], ["barrier", "clear"], ["barrier", "use"]])
    let report = try ReportWorkshop.report("null-dereference", in: world)
    #expect(report.facts.contains { $0.hasPrefix("T2 read null from box at step ") }, "\(report.facts)")
    #expect(
      report.facts.contains {
        $0.hasPrefix("It is null since T1's step ") && $0.contains("`box = null` in clear")
      })
  }

  /// A test that failed says why, and since when.
  @Test func aFailedTestSaysSinceWhen() throws {
    let world = try ReportWorkshop.world(
      """
      object thing as thing { refs: refcount }
      global box: thing
      entry make() {
        let t = alloc thing
        ref_set t.refs 1 by "box"
        box = t
      }
      entry drop() { let last = ref_dec_and_test box.refs by "box" }
      entry use() {
        let alive = ref_inc_not_zero box.refs by thread "use"
        check invariant alive "it is gone"
      }
      """, threads: [["make", "barrier"], ["barrier", "drop"], ["barrier", "use"]])
    let report = try ReportWorkshop.report("invariant", in: world)
    let row = try #require(report.slice.rows.first { $0.text.contains("ref_inc_not_zero") })
    #expect(row.note.hasPrefix("fails: 0 since T1's step "), "\(row.note)")
  }

  @Test func setUpAndBarriersAreNoPartOfARace() throws {
    let world = try ReportWorkshop.world(
      """
      global a: mutex
      global n: int
      entry first() { n = 1 }
      entry second() { check invariant n == 0 "n is not 0" }
      """,
      threads: [["barrier", "barrier"], ["barrier", "first", "barrier"], ["barrier", "second", "barrier"]])
    let report = try ReportWorkshop.report("invariant", in: world)
    #expect(report.movingThreads == 2)
    #expect(report.preemptions == 0)
  }
}
