import ArgumentParser
import Explorer
import Foundation
import Machine
import Recording
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
    case text, json, markdown
  }

  @Option(name: .long, help: "text, json (one object a line and scenario) or markdown (a table).")
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
      "Do part K of N of each search, as 1/4, together with other processes that do the other parts; needs --shared."
  )
  var shard: String?

  @Option(
    name: .long,
    help: "The directory in which those processes, also on other hosts, leave their parts for one another.")
  var shared: String?

  @Option(name: .long, help: "How many seconds a part is waited for before it is made here, too.")
  var patience: Int = 20

  /// The parts of `--shard`, from 0.
  private var part: (number: Int, count: Int)? {
    let numbers = (shard ?? "").split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let number = numbers[0], let count = numbers[1], (1...1024).contains(count),
      (1...count).contains(number)
    else { return nil }
    return (number - 1, count)
  }

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
    try bound(patience, 0...86_400, "--patience")
    if shard != nil {
      guard part != nil else { throw ValidationError("--shard is K/N with K from 1 to N, such as 1/4") }
      if shared == nil {
        throw ValidationError("--shard needs --shared DIR, a directory that all the processes see")
      }
      if random != nil {
        throw ValidationError("--shard is for a search; of random schedules give each process another --seed")
      }
      if checkpoint != nil {
        throw ValidationError(
          "--shard needs no --checkpoint: who begins again with the same directory finds what is done")
      }
    } else if shared != nil {
      throw ValidationError("--shared needs --shard K/N")
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
      let plan = try CheckPlan(scenarios: scenarios, model: model.model, directories) {
        StandardStreams.complain($0)
      }
      if checkpoint != nil, plan.pairs.count != 1 {
        throw CommandError(
          "--checkpoint needs exactly one scenario; name it with FILE:NAME", status: ExitStatus.usage)
      }
      var table = VerdictTable(models: plan.models, scenarios: plan.scenarioNames)
      var violated = false
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
        // What goes beyond a limit is judged by no verdict.
        if let limit = report.result.limit { throw DiagnosticError([limit.diagnostic(in: program)]) }
        table.note(report, model: program.name, scenario: scenario.name)
        switch format {
        case .text:
          try StandardStreams.print((plan.hasSeveralModels ? "\(program.name) " : "") + report.text)
        case .json: try StandardStreams.print(report.json)
        case .markdown: break
        }
        if report.isViolated { violated = true }
        if interrupt.isSet { break }
      }
      if format == .markdown { try StandardStreams.print(table.markdown) }
      if violated { throw ExitStatus.no }
      if plan.hasUnreadable { throw ExitStatus.data }
    }
  }

  private func check(_ world: World, _ scenario: Scenario, _ interrupt: Interrupt) throws -> CheckReport {
    let start = DispatchTime.now().uptimeNanoseconds
    let line = ProgressLine(name: scenario.name)
    let search = Search(
      world: world, reduction: noReduction ? .none : .full,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    let limits = Search.Limits(states: maxStates, bytes: maxMemory << 20)
    if let part, let shared {
      let exchange = try SharedDirectory(
        shared, patience: Double(patience), isStopped: interrupt.question,
        complain: { StandardStreams.complain("\(scenario.name): \($0)") })
      search.share = Search.Share(
        part: part.number, of: part.count,
        label:
          "\(ProgramVersion.text) \(CheckpointFile.label(world, scenario)) \(noReduction) \(preemptions ?? -1) \(maxStates ?? -1) \(part.count)",
        exchange: exchange)
    }
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
    var report = CheckReport(world: world, scenario: scenario.name, result: result, seconds: seconds)
    if let output {
      for (number, example) in result.counterexamples.enumerated() {
        let path =
          "\(output)/\(world.program.name)--\(scenario.name)--\(number + 1)-\(example.finding.property.rawValue).ioas"
        try SessionFile.write(example.schedule, world: world, scenario: scenario, to: path)
        report.sessions.append(path)
      }
    }
    return report
  }
}

/// What a check says about one scenario.
struct CheckReport {
  let world: World
  let scenario: String
  let result: Search.Result
  let seconds: Double
  var sessions: [String] = []
  /// What was left out of functions from C, and what was assumed about them.
  private var notes: [String] { world.program.assumptions }

  var isViolated: Bool { result.verdict == .violated }

  private var verdictWord: String {
    switch result.verdict {
    case .holds: "holds"
    case .violated: "violated"
    case .bounded: "bounded"
    }
  }

  private func threadCount(_ example: Search.Counterexample) -> Int {
    Set(example.schedule.map(\.thread)).count
  }

  /// The rules of the model of which a finding breaks one; the steps that led to it are taken again for that.
  private func rules(of example: Search.Counterexample) -> [Rule] {
    var timeline = Timeline(world: world)
    for move in example.schedule {
      do throws(Timeline.Refusal) {
        try timeline.advance(.step(thread: move.thread, choice: move.choice), hasFinding: false)
      } catch {
        return []
      }
    }
    return timeline.brokenRules(by: example.finding)
  }

  var text: String {
    var head =
      "\(scenario): \(verdictWord)  (\(result.progress.states) states, \(result.progress.transitions) transitions, depth \(result.progress.depth), \(String(format: "%.2f", seconds)) s)"
    if let bound = result.bound { head += "\n  not everything was covered: \(bound)" }
    var lines = [head]
    for (number, example) in result.counterexamples.enumerated() {
      let finding = example.finding
      let steps = example.schedule.count
      lines.append(
        "  \(finding.property.rawValue): \(finding.message)")
      if let sentence = Rule.sentence(rules(of: example), plain: true) {
        lines.append("    \(sentence)")
      }
      let place =
        finding.statement.map { " at \(world.program.location(of: $0)): \(world.program.text(of: $0))" } ?? ""
      lines.append(
        "    \(world.threads.indices.contains(finding.thread) ? world.threads[finding.thread].name : "")\(place)"
      )
      lines.append(
        "    \(steps) steps, \(example.preemptions) preemption\(example.preemptions == 1 ? "" : "s"), \(threadCount(example)) thread\(threadCount(example) == 1 ? "" : "s")\(example.isMinimal ? ", no shorter way exists" : "")"
      )
      if number < sessions.count { lines.append("    \(sessions[number])") }
    }
    lines += notes.map { "  \($0)" }
    return lines.joined(separator: "\n")
  }

  var json: String {
    let findings = result.counterexamples.enumerated().map { number, example in
      var fields = [
        "\"property\":\(JSONText.quoted(example.finding.property.rawValue))",
        "\"message\":\(JSONText.quoted(example.finding.message))", "\"steps\":\(example.schedule.count)",
        "\"threads\":\(threadCount(example))", "\"preemptions\":\(example.preemptions)",
        "\"minimal\":\(example.isMinimal)",
      ]
      if number < sessions.count { fields.append("\"session\":\(JSONText.quoted(sessions[number]))") }
      return "{\(fields.joined(separator: ","))}"
    }
    var fields = [
      "\"model\":\(JSONText.quoted(world.program.name))", "\"scenario\":\(JSONText.quoted(scenario))",
      "\"verdict\":\"\(verdictWord)\"",
    ]
    if case .bounded(let bound) = result.verdict { fields.append("\"bound\":\(JSONText.quoted(bound))") }
    fields += [
      "\"states\":\(result.progress.states)", "\"transitions\":\(result.progress.transitions)",
      "\"depth\":\(result.progress.depth)", "\"seconds\":\(String(format: "%.3f", seconds))",
      "\"peakBytes\":\(PeakMemory.bytes)", "\"findings\":[\(findings.joined(separator: ","))]",
    ]
    if !notes.isEmpty {
      fields.append("\"assumptions\":[\(notes.map(JSONText.quoted).joined(separator: ","))]")
    }
    return "{\(fields.joined(separator: ","))}"
  }
}
