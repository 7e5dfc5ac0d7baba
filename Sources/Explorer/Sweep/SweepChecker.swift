import Basics
import Machine
import StepLanguage

/// Checks small programs, each with a search of its own.
final class SweepChecker: Sendable {
  /// What a program gave.
  struct Outcome: Sendable {
    var verdict: Search.Verdict
    /// What ended the search before everything was covered.
    var bound: String?
    var states: Int
    var findings: [SweepFinding]
    /// The limit of the machine that the search went beyond.
    var limit: ExceededLimit?

    /// The properties that are violated, or the verdict.
    var words: [String] {
      findings.isEmpty ? [verdict.word] : Set(findings.map(\.identity.property)).sorted()
    }
  }

  private let program: Program
  private let prepared: PreparedProgram
  private let faults: Bool
  private let limits: Search.Limits

  init(program: Program, faults: Bool, limits: Search.Limits) {
    self.program = program
    prepared = PreparedProgram(program)
    self.faults = faults
    self.limits = limits
  }

  /// Checks a program; nil when the model lacks one of its operations.
  ///
  /// - Parameter shouldContinue: asked now and then; false stops the search.
  func check(_ small: SweepProgram, number: Int, shouldContinue: @escaping () -> Bool) -> Outcome? {
    guard let world = world(of: small), let (start, lockOrder) = start(of: world) else { return nil }
    let search = Search(world: world, start: start, lockOrder: lockOrder)
    search.findsShortest = false
    let result = search.run(limits: limits) { _ in shouldContinue() }
    var findings: [SweepFinding] = []
    for example in result.counterexamples {
      let identity = identity(of: example, world, start)
      let finding = SweepFinding(
        identity: identity, message: example.finding.message, program: small, number: number,
        steps: example.schedule.count, programs: 1)
      if let known = findings.firstIndex(where: { $0.identity == identity }) {
        if finding.isSmaller(than: findings[known]) { findings[known] = finding }
      } else {
        findings.append(finding)
      }
    }
    return Outcome(
      verdict: result.verdict, bound: result.bound, states: result.progress.states, findings: findings,
      limit: result.limit)
  }

  private func world(of small: SweepProgram) -> World? {
    func operations(_ lines: [String]) -> [Operation]? {
      let result = lines.compactMap { text in
        try? Operation(OperationLine(text), program: program, source: SourceFile(name: "", text: text))
      }
      return result.count == lines.count ? result : nil
    }
    guard let setup = operations(small.setup) else { return nil }
    var threads = [World.Thread(name: "T0", operations: setup)]
    for (number, lines) in small.threads.enumerated() {
      guard let own = operations(lines) else { return nil }
      threads.append(World.Thread(name: "T\(number + 1)", operations: own))
    }
    return World(
      program: program, prepared: prepared, threads: threads, allowsFaults: faults, setupCount: setup.count)
  }

  /// The state behind the set-up, which runs alone and in which no allocation fails, and in which order it took locks; nil when it does not end.
  private func start(of world: World) -> (state: State, lockOrder: LockOrder)? {
    let machine = Machine(world: world)
    machine.checksInvariants = false
    let log = EventLog()
    var lockOrder = LockOrder(program: program)
    var state = machine.initialState()
    while machine.mayStep(0, in: state) > 0 {
      guard machine.step(0, in: &state, log: log) != .notReady, !machine.hasExceededLimit else { return nil }
      // An order that the set-up itself turns around is found where its operations are a thread's.
      _ = lockOrder.observe(log, state: state, world: world)
    }
    guard !machine.isInCall(0, in: state) else { return nil }
    state.trim(in: world)
    return (state, lockOrder)
  }

  // MARK: Identities

  private func identity(of example: Search.Counterexample, _ world: World, _ start: State)
    -> SweepFinding.Identity
  {
    let finding = example.finding
    let machine = Machine(world: world)
    machine.checksInvariants = false
    var state = start
    for move in example.schedule.dropLast() { _ = machine.step(move.thread, choice: move.choice, in: &state) }
    let view = StateView(state, world: world)
    func stack(_ thread: Int) -> [String] {
      guard world.threads.indices.contains(thread) else { return [] }
      return view.thread(thread).frames.dropFirst().map { program.functions[$0.function].name }
    }
    var own = stack(finding.thread)
    if let statement = finding.statement {
      // A step may enter a function and go wrong in it.
      let function = program.functions[program.statements[statement].function].name
      if own.last != function {
        if let index = own.lastIndex(of: function) {
          own.removeSubrange((index + 1)...)
        } else if !program.functions[program.statements[statement].function].isEntry {
          own.append(function)
        }
      }
    }
    let place = finding.statement.map { program.location(of: $0) } ?? finding.message.filter { !$0.isNumber }
    let others = finding.threads.filter { $0 != finding.thread }.map(stack)
    if finding.property == .lockOrder {
      return SweepFinding.Identity(
        property: "lock-order", place: Self.circle(finding.message), stack: [], others: [])
    }
    if finding.property == .deadlock || finding.property == .livelock {
      // Which thread closed the circle makes no difference.
      let all = ([own] + others).sorted { $0.lexicographicallyPrecedes($1) }
      return SweepFinding.Identity(
        property: finding.property.rawValue, place: "", stack: all[0], others: Array(all.dropFirst()))
    }
    return SweepFinding.Identity(
      property: finding.property.rawValue, place: place, stack: own,
      others: others.sorted { $0.lexicographicallyPrecedes($1) })
  }

  /// The classes of a circle of locks, whichever the message begins with.
  private static func circle(_ message: String) -> String {
    var names = message.split(separator: " ").map(String.init).filter { $0.contains(".") }
    if names.count > 1, names.first == names.last { names.removeLast() }
    guard let least = names.min(), let start = names.firstIndex(of: least) else { return message }
    return (names[start...] + names[..<start]).joined(separator: " before ")
  }
}
