public import Explorer
public import Machine
public import Recording
import Scene
public import StepLanguage

/// Decides whether a goal is reached.
public enum Judge {
  /// Whether what a task asks for is so at the present point.
  public static func isReached(_ goal: Goal, on timeline: Timeline) -> Bool {
    switch goal.kind {
    case .reach(let conditions):
      let live = Live(timeline)
      return conditions.allSatisfy { $0.holds(in: live) }
    case .fail(let property):
      return Live(timeline).findings.contains { $0.property == property }
    case .repair: return false
    }
  }

  /// What of a task is not so yet, in words.
  public static func missing(_ goal: Goal, on timeline: Timeline) -> String {
    switch goal.kind {
    case .reach(let conditions):
      let live = Live(timeline)
      return conditions.filter { !$0.holds(in: live) }.map(\.text).joined(separator: ", ")
    case .fail(let property):
      let title = timeline.world.program.property(named: property.rawValue)?.title ?? ""
      return title.isEmpty ? property.rawValue : "\(property.rawValue): \(title)"
    case .repair(let repair): return "\(repair.scenarios.joined(separator: ", ")) must hold"
    }
  }

  /// How often the processor was taken from a thread that could have gone on, from a point of the path to here.
  ///
  /// Counted as the checker counts preemptions (`Search`): handing over where a thread is blocked or through costs nothing.
  public static func switches(on timeline: Timeline, since depth: Int) -> Int {
    var copy = timeline
    let path = timeline.path
    guard depth < path.count else { return 0 }
    var last: Int?
    var count = 0
    for (before, point) in zip(path[depth...], path[(depth + 1)...]) {
      copy.go(to: before)
      let readiness = copy.readiness
      copy.go(to: point)
      guard case .step(let thread, _)? = copy.record?.action else { continue }
      if let last, last != thread, readiness.indices.contains(last), case .ready = readiness[last] {
        count += 1
      }
      last = thread
    }
    return count
  }

  /// Whether only threads stepped since a point: who gives a thread other operations plays another scenario.
  public static func isPlain(_ timeline: Timeline, since depth: Int) -> Bool {
    timeline.recentRecords(.max).allSatisfy { entry in
      if entry.step <= depth { return true }
      if case .step = entry.record.action { return true }
      return false
    }
  }

  /// The fewest switches that make what follows fail so, as the checker finds it, and the way.
  ///
  /// - Parameters:
  ///   - timeline: where the task begins.
  ///   - property: how it is to fail.
  public static func par(from timeline: Timeline, _ property: Property) -> (
    switches: Int, schedule: [Search.Move]
  )? {
    for bound in 0...mostPar {
      let search = Search(world: timeline.world, start: timeline.state, lockOrder: timeline.lockOrder)
      let result = search.run(preemptions: bound, limits: Search.Limits(states: Verdict.mostStates))
      let ways = result.counterexamples.filter { $0.finding.property == property && $0.preemptions <= bound }
      if let best = ways.min(by: { ($0.preemptions, $0.schedule.count) < ($1.preemptions, $1.schedule.count) }
      ) {
        return (best.preemptions, best.schedule)
      }
    }
    return nil
  }

  /// A schedule as directions: runs of steps of one thread each.
  public static func directions(_ schedule: [Search.Move], in world: World) -> [String] {
    var result: [String] = []
    var run: (name: String, count: Int)?
    func close() {
      if let run { result.append("\(run.name) step \(run.count)") }
    }
    for move in schedule {
      let name = world.threads[move.thread].name
      if move.choice != 0 {
        close()
        run = nil
        result.append("\(name) fail")
      } else if let present = run, present.name == name {
        run = (name, present.count + 1)
      } else {
        close()
        run = (name, 1)
      }
    }
    close()
    return result
  }

  private static let mostPar = 4

  /// Stars for a way with so many switches: three at par, two for one more, one for any.
  public static func stars(_ switches: Int, par: Int) -> Int {
    switches <= par ? 3 : switches == par + 1 ? 2 : 1
  }

  /// What became of a model that was to be mended.
  public struct RepairReport: Sendable {
    /// What the compiler says; empty when it compiles.
    public var diagnostics = ""
    /// For each scenario what the checker says.
    public var verdicts: [(scenario: Scenario, world: World, verdict: Verdict)] = []

    /// Whether all scenarios hold.
    public var isMended: Bool { diagnostics.isEmpty && verdicts.allSatisfy(\.verdict.holds) }

    /// The first counterexample: what is still wrong.
    public var counterexample: (scenario: Scenario, world: World, example: Search.Counterexample)? {
      for entry in verdicts {
        if let example = entry.verdict.counterexamples.first { return (entry.scenario, entry.world, example) }
      }
      return nil
    }
  }

  /// Compiles a mended text and lets the checker decide, scenario by scenario up to the first that does not hold.
  public static func judge(_ repair: Repair, text: String, path: String, library: Library) throws
    -> RepairReport
  {
    var report = RepairReport()
    let program: Program
    do {
      program = try library.program(from: SourceFile(name: path, text: text))
    } catch let error as DiagnosticError {
      report.diagnostics = error.rendered
      return report
    }
    for name in repair.scenarios {
      let scenario = try library.scenario(named: name)
      let world: World
      do throws(DiagnosticError) {
        world = try World(program: program, scenario: scenario)
      } catch {
        report.diagnostics = error.rendered
        return report
      }
      let verdict = Verdict.of(world)
      report.verdicts.append((scenario, world, verdict))
      if !verdict.holds { break }
    }
    return report
  }
}
