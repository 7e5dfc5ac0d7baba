import Explorer
import Machine
import Recording
import Reports
import Scene
import StepLanguage
import Testing

/// What is true at a point, what is false of it, and since when.
@Suite struct TruthTests {
  static let model = """
    object thing as thing { size: int; used: int }
    global list: thing
    global n: int
    global table: xarray of thing from 1
    invariant fits "what is used fits" always for t: thing { t.size >= 0 && t.used <= t.size }
    invariant rest "n is 0 between calls" quiescent { n == 0 }
    entry make() { list = alloc thing { size: 1 } }
    entry fill() {
      n = 1
      list.used = 2
      n = 0
      list.used = 1
    }
    """

  /// A timeline of the model, and the step at which a statement ran.
  private func timeline(steps: Int) throws -> (Timeline, steps: [String: Int]) {
    var timeline = Timeline(world: try ReportWorkshop.world(Self.model, threads: [["make", "fill"]]))
    var ran: [String: Int] = [:]
    for _ in 0..<steps {
      let record = try timeline.perform(.step(thread: 0, choice: 0))
      if let statement = record.statement {
        ran[timeline.world.program.text(of: statement)] = timeline.depth
      }
    }
    return (timeline, ran)
  }

  private func row(_ name: String, _ truth: Truth) throws -> Truth.Row {
    try #require(truth.rows.first { $0.name == name })
  }

  /// From the point before it is told without looking back, and the same.
  @Test func whatIsKnownOfThePointBeforeChangesNothing() throws {
    let world = try ReportWorkshop.world(
      Self.model + "\nentry loops() { loop { n = 0; list.used = 0; list.used = 1 } }",
      threads: [["make", "fill", "loops"]])
    var timeline = Timeline(world: world)
    let reader = try ConditionReader(world, watches: ["list.used == 1", "n"])
    var known = Truth(timeline, reader)
    for _ in 0..<(Truth.reach + 60) {
      try timeline.perform(.step(thread: 0, choice: 0))
      known = Truth(timeline, reader, after: known)
      // Each beginning, and where looking back ends before the start.
      guard timeline.depth < 40 || timeline.depth > Truth.reach + 56 else { continue }
      #expect(known.rows == Truth(timeline, reader).rows, "step \(timeline.depth)")
    }
    #expect(known.rows.contains { $0.isSinceAtLeast })
    #expect(known.rows.contains { $0.kind == .watch && $0.since > timeline.depth - 3 })
  }

  @Test func whatIsFalseIsToldWithItsValuesAndSinceWhen() throws {
    let (timeline, ran) = try timeline(steps: 6)
    let broken = try #require(ran["list.used = 2"])
    let truth = Truth(timeline, try ConditionReader(timeline.world))
    let fits = try row("fits", truth)
    #expect(fits.isTrue == false)
    #expect(fits.since == broken)
    #expect(fits.falseParts.map(\.object) == ["thing1"])
    #expect(fits.falseParts.map(\.text) == ["t.used <= t.size"])
    #expect(fits.falseParts.map(\.values) == [["thing1.used = 2", "thing1.size = 1"]])
    // The system call is still running.
    let rest = try row("rest", truth)
    #expect(rest.isTrue == nil && rest.value == "not due: a system call is in flight")
    #expect(try row("use-after-free", truth).isTrue == true)
    #expect(truth.rows.filter { $0.kind == .property }.count == Property.machine.count - 1)
  }

  /// What was false and is true again is true since then.
  @Test func whatIsMendedIsTrueAgain() throws {
    var (timeline, ran) = try timeline(steps: 6)
    while !timeline.isOver {
      let record = try timeline.perform(.step(thread: 0, choice: 0))
      if let statement = record.statement {
        ran[timeline.world.program.text(of: statement)] = timeline.depth
      }
    }
    let truth = Truth(timeline, try ConditionReader(timeline.world))
    #expect(try row("fits", truth).isTrue == true)
    #expect(try row("fits", truth).since == ran["list.used = 1"])
    // What a check found stays found.
    #expect(try row("rest", truth).isTrue == true)
  }

  @Test func aPropertyIsFalseSinceItWasViolated() throws {
    let world = try ReportWorkshop.world(
      "global n: int\nentry bad() { n = 1; warn \"no\"; n = 2 }", threads: [["bad"]])
    var timeline = Timeline(world: world)
    var found: Int?
    while !timeline.isOver {
      let record = try timeline.perform(.step(thread: 0, choice: 0))
      if !record.findings.isEmpty, found == nil { found = timeline.depth }
    }
    let warn = try row("warn", Truth(timeline, try ConditionReader(world)))
    #expect(warn.isTrue == false)
    #expect(warn.since == found)
    #expect(warn.falseParts.map(\.text) == ["no"])
  }

  /// Looking back over many steps finds the same as stepping and looking at each.
  @Test func sinceWhenIsWhatStepByStepSays() throws {
    let world = try ReportWorkshop.world(
      """
      global n: int
      entry go() {
        let i = 0
        while i < 60 { n = 7; i += 1 }
        n = 8
        while i < 130 { n = 9 - 1; i += 1 }
      }
      """, threads: [["go"]])
    var timeline = Timeline(world: world)
    let reader = try ConditionReader(world, watches: ["n", "n > 7"])
    var since = 0
    var last = reader.value(ofWatch: 0, in: timeline.state, world: world)
    while !timeline.isOver {
      _ = try timeline.perform(.step(thread: 0, choice: 0))
      let value = reader.value(ofWatch: 0, in: timeline.state, world: world)
      if value != last { since = timeline.depth }
      last = value
    }
    let truth = Truth(timeline, reader)
    #expect(timeline.depth - since > 64, "more than one stretch is looked back at")
    #expect(truth.rows.filter { $0.kind == .watch }.map(\.value) == ["8", "true"])
    #expect(truth.rows.filter { $0.kind == .watch }.map(\.since) == [since, since])
    #expect(truth.rows.allSatisfy { !$0.isSinceAtLeast })
  }

  @Test func watchesHaveValuesOfEveryType() throws {
    let (timeline, _) = try timeline(steps: 6)
    let texts = ["n", "list", "list.used * 2", "thing1.used", "thing2.used", "list != null && n == 5"]
    let reader = try ConditionReader(timeline.world, watches: texts)
    let values = texts.indices.map {
      reader.value(ofWatch: $0, in: timeline.state, world: timeline.world).text
    }
    #expect(values == ["1", "thing1", "4", "2", "thing2 is not there", "false"])
    // A state is looked at and left as it is.
    #expect(timeline.state == timeline.situation(at: timeline.here).state)
  }

  @Test func whatCannotBeEvaluatedIsNotFalse() throws {
    let timeline = Timeline(world: try ReportWorkshop.world(Self.model, threads: [["make"]]))
    let truth = Truth(timeline, try ConditionReader(timeline.world, watches: ["list.used == 0"]))
    let row = try #require(truth.rows.last)
    #expect(row.kind == .watch && row.isTrue == nil && row.value == "a null pointer is followed")
  }

  @Test func aWrongExpressionHasItsPlaceAndAChangeIsRefused() throws {
    let world = try ReportWorkshop.world(Self.model, threads: [["make"]])
    for (text, column) in [("list.colour", 6), ("1 +", 4), ("n n", 3), ("n = 1", 3)] {
      let error = #expect(throws: DiagnosticError.self) {
        _ = try ConditionReader(world, watches: [text])
      }
      #expect(error?.diagnostics.first?.column == column, "\(text): \(String(describing: error))")
      #expect(error?.diagnostics.first?.file == "watch")
    }
    let change = #expect(throws: DiagnosticError.self) {
      _ = try ConditionReader(world, watches: ["xa_erase(table, 1) == null"])
    }
    #expect(change?.diagnostics.first?.file == "watch")
  }

  /// Nothing of the program moves when an expression is added.
  @Test func anAddedExpressionChangesNothingElse() throws {
    let world = try ReportWorkshop.world("close-vs-unmap", model: "linux-6.12")
    let program = world.program
    let more = try program.adding([
      AddedExpression("count(files) == 0", source: "w"),
      AddedExpression("count(files) == 9", source: "r", use: .never(name: "r", title: "reached")),
    ])
    #expect(Array(more.code.prefix(program.code.count)) == program.code)
    #expect(Array(more.statements.prefix(program.statements.count)) == program.statements)
    #expect(more.types == program.types && more.lockClasses == program.lockClasses)
    #expect(more.invariants.count == program.invariants.count + 1)
    #expect(more.watches.map(\.type) == [.bool])
    let first = Machine(world: world).initialState()
    let own = world.with(more)
    #expect(
      StateView(own.adopt(first, from: world), world: own).objects.count
        == StateView(first, world: world).objects.count)
  }
}
