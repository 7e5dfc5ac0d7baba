import ArgumentParser
import Explorer
import Foundation
import Machine
import Recording
import Reports
import Scene
import StepLanguage

/// `ioascope check`: searches every interleaving.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Searches every interleaving of scenarios for what must not happen.",
    discussion: """
      With no scenario, all that come with the program and name operations of the model; with --model all, every model. A file's scenarios
      are all checked, each under the first model of its 'model' line, which may stand in the same file or in one beside it.
      Exit status 1 when something was found.

      Example:
        ioascope check replace-vs-unmap --model replace-v2 --output findings
        ioascope check mine.step
      """)

  @Argument(help: "Scenarios: names, FILE.step (all of its scenarios) or FILE.step:NAME.")
  var scenarios: [String] = []

  @OptionGroup var model: ModelOption

  @OptionGroup var source: SourceOption

  /// How the verdicts are written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, markdown, sarif, junit
  }

  @Option(
    name: .long,
    help:
      "text, json (one object a line and scenario), markdown (a table), or for a CI sarif (2.1.0) or junit.")
  var format = Format.text

  @Option(name: .long, help: "A directory for the counterexamples, each a session that replays.")
  var output: String?

  @Option(name: .long, help: "Stop after so many states.")
  var maxStates: Int?

  @Option(name: .long, help: "Stop when stored states take so many MiB.")
  var maxMemory: Int = 4096

  @Option(name: .long, help: "How many threads search side by side; all processors if not given.")
  var jobs: Int?

  @Flag(name: .long, help: "Visit every state as it is and try every thread at each; for comparison.")
  var noReduction = false

  @Option(name: .long, help: "Search with no preemption, then with one, and so on up to so many.")
  var preemptions: Int?

  @Option(name: .long, help: "Instead of searching try so many random schedules.")
  var random: Int?

  @Option(name: .long, help: "The seed of random schedules.")
  var seed: UInt64 = 1

  @Option(
    name: .long,
    help:
      "Where a search that is stopped keeps what it takes to go on; when the file is there, go on from it.")
  var checkpoint: String?

  @Option(
    name: .long,
    help:
      "Instead of checking look for the shortest way to a state where this expression of the model holds. Exit status 1 when no interleaving has one."
  )
  var reach: String?

  @Flag(
    name: .long,
    help: "List what of the model's called functions no interleaving has reached: lines, branches, checks.")
  var coverage = false

  @Flag(
    name: .long,
    help:
      "For each step of a counterexample: whether all, some or no continuations end well, and what share fails."
  )
  var pointOfNoReturn = false

  func validate() throws {
    func bound(_ value: Int?, _ range: ClosedRange<Int>, _ name: String) throws {
      if let value, !range.contains(value) {
        throw ValidationError("\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try bound(jobs, 1...1024, "--jobs")
    try bound(maxStates, 1...1 << 40, "--max-states")
    try bound(maxMemory, 1...1 << 30, "--max-memory")
    try bound(preemptions, 0...65_000, "--preemptions")
    try bound(random, 1...1 << 40, "--random")
    if reach != nil {
      if scenarios.count != 1 || model.model == "all" {
        throw ValidationError("--reach needs exactly one scenario and one model")
      }
      if coverage || pointOfNoReturn || checkpoint != nil || random != nil || preemptions != nil {
        throw ValidationError("--reach goes with --format text or json, --output, --jobs and the bounds only")
      }
      if ![Format.text, .json].contains(format) {
        throw ValidationError("--reach takes --format text or json")
      }
    }
    if preemptions != nil, random != nil { throw ValidationError("use either --preemptions or --random") }
    if checkpoint != nil {
      if preemptions != nil || random != nil {
        throw ValidationError("--checkpoint is for a whole search, without --preemptions and --random")
      }
      if scenarios.count != 1 || model.model == "all" {
        throw ValidationError("--checkpoint needs exactly one scenario and one model")
      }
    }
  }

  func run() throws {
    try CommandError.reporting {
      let directories = source.directories()
      if let output { try OutputDirectory.make(output) }
      if let reach {
        try self.reach(reach, directories)
        return
      }
      let plan = try CheckPlan(scenarios: scenarios, model: model.model, directories) {
        StandardStreams.complain($0)
      }
      if checkpoint != nil, plan.pairs.count != 1 {
        throw CommandError(
          "--checkpoint needs exactly one scenario; name it with FILE:NAME", status: ExitStatus.usage)
      }
      var table = VerdictTable(models: plan.models, scenarios: plan.scenarioNames)
      var violated = false
      var exceededLimit = false
      var reports: [CheckReport] = []
      let interrupt = Interrupt()
      for pair in plan.pairs {
        let scenario = pair.scenario
        let program = try plan.program(of: pair)
        let world: World
        do {
          world = try World(program: program, scenario: scenario)
        } catch  where pair.isOptional {
          if format != .markdown {
            StandardStreams.complain(
              "\(scenario.name): the model '\(program.name)' lacks an operation; left out")
          }
          continue
        }
        let report = try check(world, scenario, interrupt)
        // Beyond a limit nothing is judged; what was found until then stands.
        if let limit = report.result.limit {
          StandardStreams.complain(limit.diagnostic(in: program).rendered)
          exceededLimit = true
        }
        table.note(report, model: program.name, scenario: scenario.name)
        switch format {
        case .text:
          try StandardStreams.print((plan.hasSeveralModels ? "\(program.name) " : "") + report.text)
        case .json: try StandardStreams.print(report.json)
        case .markdown: break
        case .sarif, .junit: reports.append(report)
        }
        if report.isViolated { violated = true }
        if interrupt.isSet { break }
      }
      switch format {
      case .markdown: try StandardStreams.print(table.markdown)
      case .sarif: try StandardStreams.print(SARIF.text(reports, tool: ProgramVersion.text))
      case .junit: try StandardStreams.print(JUnit.text(reports))
      case .text, .json: break
      }
      if violated { throw ExitStatus.no }
      if plan.hasUnreadable || exceededLimit { throw ExitStatus.data }
    }
  }

  private func check(_ world: World, _ scenario: Scenario, _ interrupt: Interrupt) throws -> CheckReport {
    let start = DispatchTime.now().uptimeNanoseconds
    let line = ProgressLine(name: scenario.name)
    let search = Search(
      world: world, reduction: noReduction ? .none : .full,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    let limits = Search.Limits(states: maxStates, bytes: maxMemory << 20)
    func report(_ progress: Search.Progress) -> Bool {
      line.show(progress)
      return !interrupt.isSet
    }
    let result: Search.Result
    if let random {
      result = search.run(randomWalks: random, seed: seed, report: report)
    } else if let preemptions {
      result = search.run(preemptions: preemptions, limits: limits, report: report)
    } else if let checkpoint, let bytes = try CheckpointFile.read(checkpoint) {
      do throws(Search.CheckpointError) {
        result = try search.resume(
          bytes, label: CheckpointFile.label(world, scenario), limits: limits, report: report)
      } catch {
        let reason =
          error == .other
          ? "it belongs to another model, scenario or reduction" : "it is torn, changed, or no checkpoint"
        throw CommandError("\(checkpoint): \(reason); remove it to begin anew", status: ExitStatus.data)
      }
    } else {
      result = search.run(limits: limits, report: report)
    }
    line.clear()
    if let checkpoint {
      try CheckpointFile.write(
        search.checkpoint(label: CheckpointFile.label(world, scenario)), to: checkpoint)
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    var report = CheckReport(
      world: world, scenario: scenario.name, result: result, seconds: seconds, peakBytes: PeakMemory.bytes,
      explains: format != .markdown)
    if coverage {
      report.coverage = Coverage(world: world, maxStates: graphStates)
      if report.coverage?.isComplete != true {
        StandardStreams.complain(
          "\(scenario.name): more than \(graphStates) states; the coverage is of those")
      }
    }
    if pointOfNoReturn, !report.findPointsOfNoReturn(maxStates: graphStates) {
      StandardStreams.complain(
        "\(scenario.name): more than \(graphStates) states, so no point of no return is told; raise --max-states"
      )
    }
    guard let output else { return report }
    let stem = "\(world.program.name)--\(scenario.name)--"
    try OutputDirectory.removeSessions(
      in: output, beginning: stem, model: world.program.name, scenario: scenario.name)
    var sessions: [String] = []
    for (number, entry) in report.entries.enumerated() {
      let path =
        "\(output)/\(stem)\(number + 1)-\(entry.counterexample.example.finding.property.rawValue).ioas"
      try SessionFile.write(
        entry.counterexample, world: world, scenario: scenario,
        pointOfNoReturn: entry.pointOfNoReturn?.point, to: path)
      sessions.append(path)
    }
    return report.with(sessions: sessions)
  }

  /// How many states the complete graph may have.
  private var graphStates: Int { maxStates ?? 1_000_000 }
}
