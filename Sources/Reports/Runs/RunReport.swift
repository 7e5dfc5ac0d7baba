import Machine
public import Recording
import Scene
import StepLanguage

/// A run told step by step, and when something was found at its last step, that finding explained.
public struct RunReport: Sendable {
  /// The finding of the last step, explained; nil when nothing was found.
  public let report: FindingReport?
  /// The step at which the run ends.
  public let step: Int
  /// The steps up to the finding.
  public let rows: [Row]
  /// The names of the threads.
  public let threadNames: [String]

  /// A step of the report.
  public struct Row: Hashable, Sendable {
    /// The step's number.
    public let step: Int
    /// Who took it.
    public let thread: Int
    /// What it did, as in the model's text.
    public let text: String
    /// What happened in it.
    public let notes: [String]
    /// Why the thread before this one did not go on; nil when it is the same thread.
    public let switchReason: String?
  }

  /// The report of a timeline up to its present step.
  ///
  /// - Parameters:
  ///   - timeline: what was run; a finding of its present step is explained.
  ///   - start: the number of the step after which rows are told, such as the end of the set-up.
  ///   - namesRules: whether to look for the rules that were broken; in a long session that takes a while.
  public init(_ timeline: Timeline, from start: Int = 0, namesRules: Bool = true) {
    report = FindingReport(timeline, namesRules: namesRules)
    step = timeline.depth
    threadNames = timeline.world.threads.map(\.name)
    let teller = ReportTeller(timeline)
    rows = teller.rows(from: start)
  }

  /// The report for a mail or an issue.
  ///
  /// - Parameters:
  ///   - model: the model's name.
  ///   - scenario: the scenario's name.
  ///   - allSteps: whether the steps are told as a table, too, when something was found; of a run without a finding they always are.
  public func markdown(model: String, scenario: String, allSteps: Bool = true) -> String {
    if let report { return report.markdown(model: model, scenario: scenario, rows: allSteps ? table : []) }
    return (["# \(scenario) under \(model)", "", "\(step) steps; nothing was found.", ""] + table)
      .joined(separator: "\n")
  }

  /// The steps as a table with a column for each thread.
  private var table: [String] {
    var lines: [String] = []
    let used = threadNames.indices.filter { thread in rows.contains { $0.thread == thread } }
    lines.append("| step | \(used.map { threadNames[$0] }.joined(separator: " | ")) | what happened |")
    lines.append("| ---: |\(used.map { _ in " --- |" }.joined()) --- |")
    for row in rows {
      if let reason = row.switchReason {
        lines.append("| |\(used.map { _ in " |" }.joined()) *\(reason)* |")
      }
      let cells = used.map { $0 == row.thread ? " `\(row.text.replacingBars)` |" : " |" }.joined()
      lines.append("| \(row.step) |\(cells) \(row.notes.joined(separator: "; ").replacingBars) |")
    }
    return lines
  }
}

extension String {
  /// A bar would end a table's cell.
  fileprivate var replacingBars: String {
    String(flatMap { $0 == "|" ? Array("\\|") : [$0] })
  }
}

/// Looks back along a timeline for what led to a finding.
private struct ReportTeller {
  let timeline: Timeline
  private let path: TimelinePath

  init(_ timeline: Timeline) {
    self.timeline = timeline
    path = timeline.path
  }

  private func threadName(_ thread: Int) -> String {
    timeline.world.threads.indices.contains(thread) ? timeline.world.threads[thread].name : "init"
  }

  // MARK: Rows

  func rows(from start: Int) -> [RunReport.Row] {
    var result: [RunReport.Row] = []
    guard path.count > 1 else { return [] }
    var before = timeline.situation(at: path[min(start, path.count - 1)])
    var previous: Int?
    for depth in (start + 1)..<max(start + 1, path.count) {
      guard let record = timeline.nodes[path[depth]].record else { continue }
      let after = timeline.situation(at: path[depth])
      let row = LogRow(
        record, step: depth, before: StateView(before.state, world: before.world),
        after: StateView(after.state, world: after.world))
      var reason: String?
      if let previous, previous != record.thread {
        reason = "\(threadName(previous)) \(whyNot(previous, before)); \(threadName(record.thread)) goes on"
      }
      result.append(
        RunReport.Row(
          step: depth, thread: record.thread, text: row.text, notes: row.notes.map(\.text),
          switchReason: reason))
      previous = record.thread
      before = after
    }
    return result
  }

  private func whyNot(_ thread: Int, _ situation: (state: State, world: World)) -> String {
    let view = StateView(situation.state, world: situation.world)
    let machine = Machine(world: situation.world)
    switch machine.readiness(in: situation.state)[thread] {
    case .blocked(let lock, let by):
      return "waits for \(view.name(of: lock)), held by \(by.map { threadName($0) }.joined(separator: ", "))"
    case .sleeping, .timeout: return "sleeps"
    case .finished: return "is through"
    case .barrier: return "waits at the barrier"
    case .stuck: return "is stuck"
    case .ready: return "could go on but is interrupted"
    }
  }
}
