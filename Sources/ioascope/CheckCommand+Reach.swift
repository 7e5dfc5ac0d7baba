import Basics
import Explorer
import Foundation
import Machine
import Recording
import Reports
import Scene
import StepLanguage

extension CheckCommand {
  /// What stands in messages in place of a file's name.
  private static let reachName = "--reach"

  /// Looks for the shortest way to a state where an expression holds: an invariant that says it never does, laid over the model.
  ///
  /// - Throws: `ExitStatus.no` when no interleaving has such a state; `CommandError` when a bound ended the search before.
  func reach(_ expression: String, _ directories: DataDirectories) throws {
    let plan = try CheckPlan(scenarios: scenarios, model: model.model, directories) {
      StandardStreams.complain($0)
    }
    guard plan.pairs.count == 1, let pair = plan.pairs.first else {
      throw CommandError(
        "--reach needs exactly one scenario; name it with FILE:NAME", status: ExitStatus.usage)
    }
    let base = try plan.program(of: pair)
    let scenario = pair.scenario
    let program = try base.adding([
      AddedExpression(expression, source: Self.reachName, use: .never(name: "reach", title: "reached"))
    ])
    let world = try World(program: program, scenario: scenario)
    let line = ProgressLine(name: scenario.name)
    let interrupt = Interrupt()
    let search = Search(
      world: world, reduction: noReduction ? .none : .full,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    let result = search.run(limits: Search.Limits(states: maxStates, bytes: maxMemory << 20)) { progress in
      line.show(progress)
      return !interrupt.isSet
    }
    line.clear()
    if let limit = result.limit { throw DiagnosticError([limit.diagnostic(in: program)]) }
    // An expression that fails somewhere was not looked at there.
    for finding in result.counterexamples.map(\.finding) {
      guard let statement = finding.statement,
        program.location(of: statement).hasPrefix("\(Self.reachName):")
      else {
        continue
      }
      if finding.message.hasPrefix("reach: ") { continue }
      throw DiagnosticError([
        Diagnostic(
          "the expression cannot be evaluated in every state: \(finding.message)", file: Self.reachName,
          line: 1,
          source: expression)
      ])
    }
    guard let example = result.counterexamples.first(where: { $0.finding.message.hasPrefix("reach: ") })
    else {
      if let bound = result.bound {
        if format == .json { try StandardStreams.print(json(expression, base.name, scenario, nil, result)) }
        throw CommandError(
          "\(scenario.name): not reached, but not everything was covered: \(bound)", status: ExitStatus.no)
      }
      try StandardStreams.print(
        format == .json
          ? json(expression, base.name, scenario, nil, result)
          : "\(scenario.name): no interleaving reaches it  (\(result.progress.states) states)")
      throw ExitStatus.no
    }
    let complete = CompleteCounterexample(example, world: world)
    let timeline: Timeline
    do throws(Timeline.Refusal) {
      timeline = try complete.timeline(in: world)
    } catch {
      throw CommandError("a counterexample cannot be replayed: \(error)", status: ExitStatus.defect)
    }
    if format == .json {
      try StandardStreams.print(json(expression, base.name, scenario, example, result))
    } else {
      let report = RunReport(timeline, from: timeline.setupDepth, namesRules: false)
      let count = example.schedule.count
      try StandardStreams.print(
        "\(scenario.name): reached after \(count) steps\(example.isMinimal ? ", no shorter way exists" : "")  (\(result.progress.states) states)"
      )
      let width = report.threadNames.map(\.count).max() ?? 2
      for row in report.rows {
        let number = String(row.step)
        let name = report.threadNames[row.thread]
        try StandardStreams.print(
          String(repeating: " ", count: max(0, 6 - number.count)) + number + " " + name
            + String(repeating: " ", count: width - name.count + 2) + row.text)
      }
    }
    guard let output else { return }
    let path = "\(output)/\(base.name)--\(scenario.name)--reach.ioas"
    // Under the model itself, which a replay finds by its name.
    let plain = try World(program: base, scenario: scenario)
    try SessionFile.write(
      example.schedule, world: plain, scenario: scenario, marker: "reached: \(expression)", to: path)
    if format == .text { try StandardStreams.print("  \(path)") }
  }

  private func json(
    _ expression: String, _ modelName: String, _ scenario: Scenario, _ example: Search.Counterexample?,
    _ result: Search.Result
  ) -> String {
    var fields = [
      "\"model\":\(JSON.quoted(modelName))", "\"scenario\":\(JSON.quoted(scenario.name))",
      "\"reach\":\(JSON.quoted(expression))", "\"reached\":\(example != nil)",
      "\"states\":\(result.progress.states)",
    ]
    if example == nil, let bound = result.bound { fields.append("\"bound\":\(JSON.quoted(bound))") }
    if let example {
      let moves = example.schedule.map {
        "{\"thread\":\($0.thread)\($0.choice == 0 ? "" : ",\"choice\":\($0.choice)")}"
      }
      fields += [
        "\"steps\":\(example.schedule.count)", "\"minimal\":\(example.isMinimal)",
        "\"schedule\":[\(moves.joined(separator: ","))]",
      ]
    }
    return "{\(fields.joined(separator: ","))}"
  }
}
