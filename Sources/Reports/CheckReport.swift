import Basics
public import Explorer
public import Machine
import Recording
import StepLanguage

/// What a check says about one scenario.
public struct CheckReport: Sendable {
  /// What was searched.
  public let world: World
  /// The scenario's name.
  public let scenario: String
  /// What the search gave.
  public let result: Search.Result
  /// How long it took, in seconds.
  public let seconds: Double
  /// The most memory that the process had so far, in bytes.
  public let peakBytes: Int
  /// The findings, in the order of the result.
  public private(set) var entries: [Entry]
  /// What no interleaving has reached; nil when it was not asked for.
  public var coverage: Coverage?

  /// A finding with its counterexample.
  public struct Entry: Sendable {
    /// The counterexample, its run complete.
    public var counterexample: CompleteCounterexample
    /// The finding explained; nil when the run cannot be taken again, which is a defect.
    public var report: FindingReport?
    /// The session that was written; nil for none.
    public var session: String?
    /// Which step was the mistake; nil when it was not asked for, or the graph is not complete.
    public var pointOfNoReturn: PointOfNoReturn?
  }

  /// The report of a search.
  ///
  /// - Parameters:
  ///   - world: what was searched.
  ///   - scenario: the scenario's name.
  ///   - result: what the search gave.
  ///   - seconds: how long it took.
  ///   - peakBytes: the most memory that the process had so far.
  ///   - explains: whether findings are explained; that takes their runs once more.
  public init(
    world: World, scenario: String, result: Search.Result, seconds: Double, peakBytes: Int,
    explains: Bool = true
  ) {
    self.world = world
    self.scenario = scenario
    self.result = result
    self.seconds = seconds
    self.peakBytes = peakBytes
    entries = result.counterexamples.map { example in
      let complete = CompleteCounterexample(example, world: world)
      guard explains else { return Entry(counterexample: complete, report: nil) }
      let report = (try? complete.timeline(in: world)).map { timeline in
        FindingReport(FindingReport.finding(at: timeline) ?? complete.example.finding, in: timeline)
      }
      return Entry(counterexample: complete, report: report)
    }
  }

  /// The same with the sessions that were written, in the order of the findings.
  public func with(sessions: [String]) -> CheckReport {
    var result = self
    for (number, session) in sessions.enumerated() where number < entries.count {
      result.entries[number].session = session
    }
    return result
  }

  /// Judges each step of each counterexample on the complete graph of the scenario's states.
  ///
  /// - Returns: false when there are more states than that, so that nothing can be said.
  public mutating func findPointsOfNoReturn(maxStates: Int) -> Bool {
    guard !entries.isEmpty else { return true }
    let graph = StateGraph(world: world, maxStates: maxStates)
    guard graph.isComplete else { return false }
    for number in entries.indices {
      entries[number].pointOfNoReturn = PointOfNoReturn(
        entries[number].counterexample.example, world: world, graph: graph)
    }
    return true
  }

  /// Whether something was found.
  public var isViolated: Bool { result.verdict == .violated }

  /// `holds`, `violated` or `bounded`.
  public var verdict: String { result.verdict.word }

  /// The verdict and each finding with place, stacks and race, as text.
  public var text: String {
    var head =
      "\(scenario): \(verdict)  (\(result.progress.states) states, \(result.progress.transitions) transitions, depth \(result.progress.depth), \(Decimals.text(seconds, 2)) s)"
    if let bound = result.bound { head += "\n  not everything was covered: \(bound)" }
    var lines = [head]
    for entry in entries {
      let finding = entry.counterexample.example.finding
      lines.append("  \(finding.property.rawValue): \(finding.message)")
      guard let report = entry.report else { continue }
      if let sentence = Rule.sentence(report.rules, plain: true) { lines.append("    \(sentence)") }
      lines += report.lines().map { $0.isEmpty ? "" : "    \($0)" }
      lines.append("    \(report.size(isMinimal: entry.counterexample.example.isMinimal))")
      if !entry.counterexample.isContained {
        lines.append("    one half of the order was seen on another path: no single run has both")
      }
      if let point = entry.pointOfNoReturn { lines += [""] + point.lines.map { "    \($0)" } }
      if let session = entry.session { lines.append("    \(session)") }
    }
    if let coverage { lines += coverage.lines.map { "  \($0)" } }
    lines += world.program.assumptions.map { "  \($0)" }
    return lines.joined(separator: "\n")
  }

  // MARK: JSON

  /// One JSON object in one line.
  public var json: String {
    var fields = [
      JSON.field("model", world.program.name), JSON.field("scenario", scenario),
      JSON.field("verdict", verdict),
    ]
    if case .bounded(let bound) = result.verdict { fields.append(JSON.field("bound", bound)) }
    fields += [
      JSON.field("states", result.progress.states), JSON.field("transitions", result.progress.transitions),
      JSON.field("depth", result.progress.depth), "\"seconds\":\(Decimals.text(seconds, 3))",
      JSON.field("peakBytes", peakBytes), "\"findings\":\(JSON.list(entries.map(\.json)))",
    ]
    if let coverage { fields.append("\"coverage\":\(coverage.json)") }
    if !world.program.assumptions.isEmpty {
      fields.append("\"assumptions\":\(JSON.list(world.program.assumptions.map(JSON.quoted)))")
    }
    return JSON.object(fields)
  }
}

extension CheckReport.Entry {
  /// The finding as a JSON object: the fields of `check --format json`.
  public var json: String {
    let example = counterexample.example
    var fields = [
      JSON.field("property", example.finding.property.rawValue),
      JSON.field("message", example.finding.message),
      JSON.field("steps", example.schedule.count),
      JSON.field("threads", report?.movingThreads ?? Set(example.schedule.map(\.thread)).count),
      JSON.field("preemptions", report?.preemptions ?? example.preemptions),
      "\"minimal\":\(example.isMinimal)",
    ]
    if let session { fields.append(JSON.field("session", session)) }
    if let report { fields += report.jsonFields }
    if let point = pointOfNoReturn {
      let steps = point.steps.map { step in
        JSON.object([
          JSON.field("step", step.step), JSON.field("endsWell", step.outlook?.rawValue ?? "none"),
          "\"failing\":\(Decimals.text(step.failing, 4))",
        ])
      }
      fields.append(
        "\"pointOfNoReturn\":\(JSON.object([JSON.field("step", point.point), "\"steps\":\(JSON.list(steps))"]))"
      )
    }
    return JSON.object(fields)
  }
}

extension FindingReport {
  /// The fields of the finding's place, stacks, slice and schedule.
  var jsonFields: [String] {
    var fields: [String] = []
    fields.append("\"place\":" + (place.map(Self.json) ?? "null"))
    fields.append("\"thread\":" + JSON.quoted(culprit.name))
    fields.append("\"stack\":\(Self.json(culprit.stack))")
    func object(_ thread: ThreadStack, _ more: [String]) -> String {
      JSON.object(
        [
          JSON.field("thread", thread.name), JSON.field("operation", thread.operation),
          JSON.field("state", thread.state),
        ] + more + ["\"stack\":\(Self.json(thread.stack))"])
    }
    let stacks =
      others.map { object($0, []) }
      + past.map { object($0.thread, [JSON.field("role", $0.role.rawValue), JSON.field("step", $0.step)]) }
    fields.append("\"threadStacks\":\(JSON.list(stacks))")
    fields.append("\"slice\":\(JSON.list(slice.steps.filter { $0 > setup }.map(String.init)))")
    fields.append(JSON.field("setup", setup))
    fields.append(
      "\"schedule\":"
        + JSON.list(
          schedule.map { step in
            JSON.object(
              [JSON.field("thread", step.thread)]
                + (step.choice == 0 ? [] : [JSON.field("choice", step.choice)]))
          }))
    if let loop { fields.append("\"loop\":[\(loop.lowerBound),\(loop.upperBound)]") }
    fields.append("\"facts\":\(JSON.list(facts.map(JSON.quoted)))")
    return fields
  }

  private static func json(_ place: Place) -> String {
    JSON.object([
      JSON.field("file", place.file), JSON.field("line", place.line), JSON.field("column", place.column),
      JSON.field("function", place.function),
    ])
  }

  private static func json(_ stack: [Frame]) -> String {
    JSON.list(
      stack.map { frame in
        var fields = [JSON.field("function", frame.function)]
        if let place = frame.place {
          fields += [JSON.field("file", place.file), JSON.field("line", place.line)]
        }
        return JSON.object(fields)
      })
  }
}

extension Coverage {
  /// The gaps as a JSON object.
  var json: String {
    let gaps = gaps.map { gap in
      JSON.object([
        JSON.field("kind", gap.kind.rawValue), JSON.field("file", gap.place.file),
        JSON.field("line", gap.place.line),
        JSON.field("column", gap.place.column), JSON.field("function", gap.place.function),
      ])
    }
    return JSON.object([
      JSON.field("statements", statementCount), JSON.field("reached", reachedCount),
      JSON.field("functions", functionCount), JSON.field("called", calledFunctions),
      "\"complete\":\(isComplete)",
      "\"gaps\":\(JSON.list(gaps))",
    ])
  }
}
