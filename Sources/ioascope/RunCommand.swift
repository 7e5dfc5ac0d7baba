import Basics
import ArgumentParser
import Machine
import Recording
import Scene
import StepLanguage

/// `ioascope run`: one schedule of a scenario without a terminal.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs one schedule of a scenario and prints each step.",
    discussion: """
      Without --seed a thread runs as long as it can; with one, the next thread is drawn at each step, the same way every time.
      Exit status 1 when something was found, or a thread never finishes. A run ends where it comes back to a state that it was in before
      and would go round for ever, or after --max-steps.

      Example:
        ioascope run replace-vs-pin --seed 7
      """)

  @Argument(help: "A scenario's name, FILE.step or FILE.step:NAME.")
  var scenario: String

  @OptionGroup var model: ModelOption

  @OptionGroup var source: SourceOption

  @Option(name: .long, help: "Draws the next thread at each step.")
  var seed: UInt64 = 0

  @Option(name: .long, help: "Ends the run after so many steps.")
  var maxSteps = RunBound.defaultSteps

  @Option(name: .long, help: "text or json (one object a line).")
  var format = OutputFormat.text

  @Option(
    name: .long,
    help: "An expression of the model; where its value changes that is printed. May be given several times.")
  var watch: [String] = []

  @Flag(name: .long, help: "Ends the run when the value of a --watch changes.")
  var untilChange = false

  func validate() throws {
    if untilChange, watch.isEmpty { throw ValidationError("--until-change needs a --watch") }
  }

  func run() throws {
    try CommandError.reporting {
      let directories = source.directories()
      let definition = try directories.library.scenario(named: scenario)
      let world = try World(
        program: try model.program(for: definition, directories), scenario: definition)
      var timeline = Timeline(world: world)
      var schedule = Schedule(seed: seed)
      var violated = !timeline.initialFindings.isEmpty
      let machine = Machine(world: world)
      var bound = RunBound(most: maxSteps, isDeterministic: seed == 0)
      var reason: String?
      let width = world.threads.map(\.name.count).max() ?? 2
      let reader = try ConditionReader(world, watches: watch)
      func values() -> [ConditionReader.Value] {
        watch.indices.map { reader.value(ofWatch: $0, in: timeline.state, world: timeline.world) }
      }
      var watched = values()
      while let next = schedule.next(timeline.readiness) {
        let before = timeline.view
        let record: StepRecord
        do throws(Timeline.Refusal) {
          record = try timeline.perform(.step(thread: next.thread, choice: next.choice))
        } catch {
          if case .exceeds(let limit) = error { throw DiagnosticError([limit.diagnostic(in: world.program)]) }
          throw CommandError(
            "the machine refused a step that it offered: \(error)", status: ExitStatus.defect)
        }
        let row = LogRow(record, step: timeline.depth, before: before, after: timeline.view)
        let now = values()
        let changes = zip(watch, zip(watched, now)).filter { $0.1.0 != $0.1.1 }
        try StandardStreams.print(
          format == .json
            ? Self.json(row, record, timeline.state, timeline.world, watches: Array(zip(watch, now)))
            : Self.text(row, nameWidth: width))
        if format == .text {
          for (text, (old, new)) in changes {
            try StandardStreams.print("      \(text): \(old.text) -> \(new.text)")
          }
        }
        watched = now
        if untilChange, !changes.isEmpty {
          if violated || !record.findings.isEmpty { throw ExitStatus.no }
          return
        }
        if !record.findings.isEmpty { violated = true }
        reason = bound.reason(after: next.thread, timeline.state, machine)
        if reason != nil { break }
      }
      let notes = world.program.assumptions
      switch format {
      case .text: for note in notes { try StandardStreams.print(note) }
      case .json where !notes.isEmpty:
        try StandardStreams.print(
          "{\"assumptions\":[\(notes.map(JSON.quoted).joined(separator: ","))]}")
      case .json: break
      }
      if let reason {
        StandardStreams.complain("\(scenario): \(reason)")
        throw ExitStatus.no
      }
      for (thread, condition) in timeline.readiness.enumerated() where condition != .finished {
        violated = true
        StandardStreams.complain(
          "\(world.threads[thread].name) never finishes: \(condition.inWords(timeline.state, world))")
      }
      if violated { throw ExitStatus.no }
    }
  }

  /// `   12 T1  mutex_lock device.lock  (takes device1.lock)`
  static func text(_ row: LogRow, nameWidth: Int) -> String {
    let number = String(row.step)
    let name = row.threadName + String(repeating: " ", count: max(0, nameWidth - row.threadName.count))
    let head = String(repeating: " ", count: max(0, 5 - number.count)) + "\(number) \(name)  \(row.text)"
    return row.notes.isEmpty ? head : head + "  (\(row.notes.map(\.text).joined(separator: "; ")))"
  }

  /// A step as one JSON object, with the digest of the state behind it.
  static func json(
    _ row: LogRow, _ record: StepRecord, _ state: State, _ world: World,
    watches: [(String, ConditionReader.Value)] = []
  ) -> String {
    var fields = [
      "\"step\":\(row.step)", "\"thread\":\(JSON.quoted(row.threadName))",
      "\"text\":\(JSON.quoted(row.text))",
    ]
    if let statement = record.statement {
      fields.append("\"location\":\(JSON.quoted(world.program.location(of: statement)))")
    }
    fields.append("\"notes\":[\(row.notes.map { JSON.quoted($0.text) }.joined(separator: ","))]")
    let findings = record.findings.map {
      "{\"property\":\(JSON.quoted($0.property.rawValue)),\"message\":\(JSON.quoted($0.message))}"
    }
    fields.append("\"findings\":[\(findings.joined(separator: ","))]")
    if !watches.isEmpty {
      let values = watches.map { "\(JSON.quoted($0.0)):\(JSON.quoted($0.1.text))" }
      fields.append("\"watches\":{\(values.joined(separator: ","))}")
    }
    fields.append("\"digest\":\"\(String(state.digest(in: world), radix: 16))\"")
    return "{\(fields.joined(separator: ","))}"
  }
}
