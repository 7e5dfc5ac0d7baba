import CustomDump
import Machine
import Recording
import Reports
import Scene
import StepLanguage
import Testing

@Suite struct RunReportTests {
  private func timeline(_ model: String, threads: [[String]], steps: [Int]) throws -> Timeline {
    let program = try Library { _, _ in nil }.program(
      from: SourceFile(name: "test.step", text: "model test \"Test\" {\n\(model)\n}\n"))
    let source = SourceFile(name: "test.ops", text: "")
    var timeline = Timeline(
      world: World(
        program: program,
        threads: try threads.enumerated().map { number, lines in
          World.Thread(
            name: "T\(number)",
            operations: try lines.map { try Operation(OperationLine($0), program: program, source: source) })
        }))
    for thread in steps { try timeline.perform(.step(thread: thread, choice: 0)) }
    return timeline
  }

  @Test func aUseAfterFreeIsToldFromTheBeginning() throws {
    let model = """
      object thing as thing { value: int }
      global box: thing
      entry make() { box = alloc thing }
      entry drop() {
        let t = box
        box = null
        free t
      }
      entry use() {
        let t = box
        t.value = 1
      }
      """
    let timeline = try timeline(
      model, threads: [["make"], ["drop"], ["use"]], steps: [0, 0, 0, 2, 2, 1, 1, 1, 1, 2])
    let report = RunReport(timeline, from: 3)
    expectNoDifference(
      report.markdown(model: "test", scenario: "race"),
      """
      # use-after-free: thing1 is used after it was freed

      Model `test`, scenario `race`, step 10: an object is used after it was freed.

      T2 in `use`, test.step:12:3: `t.value = 1`

      - T0 made thing1 at step 2, `box = alloc thing` in make, line 4.
      - T2 took its pointer to thing1 from box at step 5, `let t = box` in use, line 11.
      - T1 freed thing1 at step 9, `free t` in drop, line 8.
      - T2 uses it at step 10, `t.value = 1` in use, line 12.

      ```
      CPU0 (T0)       CPU1 (T1)       CPU2 (T2)
      ---------       ---------       ---------
      make
       box = alloc thing
       box = alloc thing  [box null -> thing1]
                                      use
                                       let t = box
                      drop
                       free t  [freed thing1]
                                       t.value = 1  [thing1.value 0 -> 1]
                                       *** use-after-free
      ```

      Stacks:

      ```
      T2: use
        use  test.step:12
      T1: drop (freed it at step 9)
        drop  test.step:8
      T0: make (made it at step 2)
        make  test.step:4
      ```

      10 steps, 1 preemption, 3 threads; it depends on 5 of them behind the set-up.

      | step | T1 | T2 | what happened |
      | ---: | --- | --- | --- |
      | 4 | | `use` | begins |
      | 5 | | `let t = box` |  |
      | | | | *T2 could go on but is interrupted; T1 goes on* |
      | 6 | `drop` | | begins |
      | 7 | `let t = box` | |  |
      | 8 | `box = null` | | box thing1 -> null |
      | 9 | `free t` | | freed thing1; drop = 0 |
      | | | | *T1 is through; T2 goes on* |
      | 10 | | `t.value = 1` | thing1.value 0 -> 1; use = 0; use-after-free: thing1 is used after it was freed |
      """)
  }

  @Test func aDeadlockSaysWhoHoldsWhatSinceWhen() throws {
    let model = """
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
    let report = RunReport(try timeline(model, threads: [["ab"], ["ba"]], steps: [0, 0, 1, 1]))
    expectNoDifference(
      report.markdown(model: "test", scenario: "abba"),
      """
      # deadlock: T0 waits for b, held by T1; T1 waits for a, held by T0

      Model `test`, scenario `abba`, step 4: threads wait for one another.

      T1 in `ba`, test.step:12:3: `mutex_lock a`

      - T0 waits since step 4 for b, held by T1, at `mutex_lock b` in ab, line 6.
      - T0 holds a since step 2, `mutex_lock a` in ab, line 5.
      - T1 waits since step 4 for a, held by T0, at `mutex_lock a` in ba, line 12.
      - T1 holds b since step 4, `mutex_lock b` in ba, line 11.

      ```
      CPU0 (T0)                       CPU1 (T1)
      ---------                       ---------
      ab
       mutex_lock a
                                      ba
                                       mutex_lock b
       mutex_lock b  [waits for T1]
                                       mutex_lock a  [waits for T0]
      *** deadlock
      ```

      Stacks:

      ```
      T1: ba (waits for a, held by T0)
        ba  test.step:12
      T0: ab (waits for b, held by T1)
        ab  test.step:6
      ```

      4 steps, 1 preemption, 2 threads; it depends on 2 of them behind the set-up.

      | step | T0 | T1 | what happened |
      | ---: | --- | --- | --- |
      | 1 | `ab` | | begins |
      | 2 | `mutex_lock a` | | takes a |
      | | | | *T0 could go on but is interrupted; T1 goes on* |
      | 3 | | `ba` | begins |
      | 4 | | `mutex_lock b` | takes b; deadlock: T0 waits for b, held by T1; T1 waits for a, held by T0 |
      """)
  }

  /// Who stands before a free lock waits only from the step on at which somebody else takes it.
  @Test func aThreadWaitsFromTheStepThatTookItsLockAway() throws {
    let model = """
      global a: mutex
      global b: mutex
      global n: int
      entry ab() {
        mutex_lock a
        mutex_lock b
        mutex_unlock b
        mutex_unlock a
      }
      entry ba() {
        n = 1
        mutex_lock b
        n = 2
        mutex_lock a
        mutex_unlock a
        mutex_unlock b
      }
      """
    let report = RunReport(try timeline(model, threads: [["ab"], ["ba"]], steps: [0, 0, 1, 1, 1, 1]))
    expectNoDifference(
      report.report?.facts,
      [
        "T0 waits since step 5 for b, held by T1, at `mutex_lock b` in ab, line 7.",
        "T0 holds a since step 2, `mutex_lock a` in ab, line 6.",
        "T1 waits since step 6 for a, held by T0, at `mutex_lock a` in ba, line 15.",
        "T1 holds b since step 5, `mutex_lock b` in ba, line 13.",
      ])
  }

  @Test func aLostWakeUpSaysWhoWokeNobody() throws {
    let model = """
      global n: int
      global queue: wait_queue
      entry sleep() {
        let ok = wait_event queue until n == 1 timeout 60 uninterruptible
      }
      entry wake() {
        n = 1
        wake_up queue interruptible
      }
      """
    let report = RunReport(try timeline(model, threads: [["sleep"], ["wake"]], steps: [0, 0, 1, 1, 1, 0]))
    #expect(report.report?.finding.property == .lostWakeup)
    let facts = report.report?.facts ?? []
    #expect(
      facts.contains {
        $0.hasPrefix("The wake-up of T1 at step 5, `wake_up queue interruptible` in wake")
          && $0.hasSuffix(
            "reached nobody: it wakes interruptible sleepers only, and T0 sleeps uninterruptibly.")
      }, "\(facts)")
    #expect(
      facts.contains { $0.hasPrefix("T1 made its condition true at step 4, `n = 1` in wake") }, "\(facts)")
  }

  @Test func aRunWithoutAFindingIsToldToo() throws {
    let report = RunReport(
      try timeline("global n: int\nentry go() { n = 1 | 2 }", threads: [["go"]], steps: [0, 0]))
    #expect(report.report == nil)
    #expect(
      report.markdown(model: "m", scenario: "s").contains("| 2 | `n = 1 \\| 2` |"),
      "a bar does not end the cell")
  }
}
