import Machine
import StepLanguage

/// Runs a script's threads to their end and compares what each operation returned with what was expected.
struct ScriptRun {
  private(set) var differences: [String] = []
  /// What was found, each once, with how often.
  var findings: [String] {
    found.map { $0.count == 1 ? $0.text : "\($0.text) (\($0.count) times, first after \($0.first) results)" }
  }
  private var found: [(text: String, count: Int, first: Int)] = []
  /// For each of `found` what it is, wherever it shows.
  private var kinds: [String] = []
  private let world: World
  private let script: OperationScript
  private var schedule: Schedule
  /// For each thread the lines of its operations in order.
  private var lines: [[OperationScript.Line]]

  private var bound: RunBound

  init(world: World, script: OperationScript, seed: UInt64, maxSteps: Int) {
    bound = RunBound(most: maxSteps, isDeterministic: seed == 0)
    self.world = world
    self.script = script
    schedule = Schedule(seed: seed)
    lines = world.threads.map { thread in script.lines.filter { $0.thread == thread.name } }
  }

  private static func kind(_ finding: Finding) -> String { "\(finding.property.rawValue) \(finding.message)" }

  mutating func run(_ print: (String) throws -> Void) throws {
    let machine = Machine(world: world)
    let log = EventLog()
    var state = machine.initialState()
    var number = 0
    while let thread = schedule.next(machine.readiness(in: state)) {
      _ = machine.step(thread.thread, choice: 0, in: &state, log: log)
      for finding in machine.findings {
        let place =
          finding.statement.map { "\(world.program.location(of: $0)): error: " }
          ?? "\(script.source.name): error: "
        let text = "\(place)\(finding.property.rawValue): \(finding.message)"
        // What stays wrong is found at every step.
        let alike = Self.kind(finding)
        if let known = kinds.firstIndex(of: alike) {
          found[known].count += 1
        } else {
          kinds.append(alike)
          found.append((text, 1, number))
        }
      }
      if let limit = machine.exceededLimit { throw DiagnosticError([limit.diagnostic(in: world.program)]) }
      if let reason = bound.reason(after: thread.thread, state, machine) {
        differences.append("\(script.source.name): error: \(reason)")
        return
      }
      guard let end = log.events.last(where: { $0.kind == .operationEnded }) else { continue }
      bound.beginAgain()
      let done = StateView(state, world: world).thread(thread.thread).operationsDone - 1
      let line = lines[thread.thread][done]
      let value = end.b < 0 ? -1 : end.b
      let name = end.b < 0 ? Errno.name(of: -end.b) : "0"
      let head = "\(number) \(line.thread) \(line.operation.text)"
      try print("\(head) = \(value) \(name)")
      number += 1
      let expected = line.expectations
      if let first = expected.first, !expected.contains(where: { $0.result == end.b }) {
        let diagnostic = Diagnostic(
          "'\(line.operation.text)' returned \(value) \(name), expected \(expected.map(\.text).joined(separator: " or "))",
          at: first.span, in: script.source)
        differences.append(diagnostic.rendered)
      }
    }
    let readiness = machine.readiness(in: state)
    for (thread, condition) in readiness.enumerated() where condition != .finished {
      differences.append(
        "\(script.source.name): error: \(world.threads[thread].name) never finishes: \(condition.inWords(state, world))"
      )
    }
  }
}
