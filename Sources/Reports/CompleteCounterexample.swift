import Basics
public import Explorer
public import Machine
public import Recording
import StepLanguage

/// A counterexample whose run contains all that its finding is about.
///
/// The search may find an order of locks in which one half was seen on another path, and says of a livelock only that no end can be reached any
/// more. Here the first gets a run with both halves, the second its loop.
public struct CompleteCounterexample: Sendable {
  /// What the search found, with the schedule that shows it.
  public private(set) var example: Search.Counterexample
  /// Of a livelock the number of the step with which the loop begins.
  public private(set) var loopStart: Int?
  /// Whether the run shows the finding. False only of an order of locks of which no single run with both halves was found.
  public private(set) var isContained = true

  /// Completes a counterexample that begins at the world's start.
  public init(_ example: Search.Counterexample, world: World) {
    self.example = example
    switch example.finding.property {
    case .livelock: closeLoop(world)
    case .lockOrder: orderLocks(world)
    default: break
    }
  }

  /// The run as a timeline that names its finding at its last point.
  ///
  /// - Throws: when a step is not possible, which is a defect of the search.
  public func timeline(in world: World) throws(Timeline.Refusal) -> Timeline {
    var timeline = Timeline(world: world)
    for move in example.schedule { try timeline.perform(.step(thread: move.thread, choice: move.choice)) }
    timeline.claim(
      FindingClaim(
        property: example.finding.property.rawValue, message: example.finding.message, point: timeline.here,
        loopStart: loopStart))
    return timeline
  }

  // MARK: Livelocks

  /// The most steps of a path that is looked for.
  private static let stepLimit = 100_000

  /// Lets the threads run in turn until a state comes again: the loop that the finding is about.
  private mutating func closeLoop(_ world: World) {
    let machine = Machine(world: world)
    machine.checksInvariants = false
    var state = machine.initialState()
    for move in example.schedule { _ = machine.step(move.thread, choice: move.choice, in: &state) }
    // A single step without end is its own loop.
    guard !machine.readiness(in: state).contains(.stuck) else { return }
    var seen: [State: Int] = [:]
    var schedule = example.schedule
    var turn = 0
    // An invariant that goes round is no schedule's loop: the threads come to an end.
    var idle = 0
    while schedule.count < example.schedule.count + Self.stepLimit, idle < world.threads.count {
      let isRoundStart = turn == 0
      if isRoundStart {
        if let start = seen[state], start < schedule.count {
          loopStart = start + 1
          example.schedule = schedule
          rename(world, start)
          return
        }
        seen[state] = schedule.count
      }
      let thread = turn
      turn = (turn + 1) % world.threads.count
      guard machine.mayStep(thread, in: state) > 0 else {
        idle += 1
        continue
      }
      idle = 0
      _ = machine.step(thread, in: &state)
      schedule.append(Search.Move(thread: thread, choice: 0))
    }
  }

  /// Says which threads go round and what the others wait for.
  private mutating func rename(_ world: World, _ start: Int) {
    let busy = Set(example.schedule[start...].map(\.thread)).sorted()
    let machine = Machine(world: world)
    var state = machine.initialState()
    for move in example.schedule { _ = machine.step(move.thread, choice: move.choice, in: &state) }
    let readiness = machine.readiness(in: state)
    let view = StateView(state, world: world)
    func name(_ thread: Int) -> String { world.threads[thread].name }
    var text =
      busy.count == 1
      ? "\(name(busy[0])) goes round for ever"
      : "\(busy.dropLast().map(name).joined(separator: ", ")) and \(name(busy.last ?? 0)) keep each other busy for ever"
    for thread in readiness.indices where !busy.contains(thread) {
      switch readiness[thread] {
      case .blocked(let lock, let by):
        text +=
          "; \(name(thread)) waits for \(view.name(of: lock)), held by \(by.map(name).joined(separator: ", "))"
      case .sleeping, .timeout: text += "; \(name(thread)) sleeps"
      default: break
      }
    }
    example.finding = Finding(
      property: .livelock, thread: busy.first ?? 0, statement: nil,
      message: "\(text): from here no schedule comes to an end", objects: [], threads: busy)
  }

  // MARK: The order of locks

  /// Looks for one run that takes the locks in both orders: the path itself, then threads one after another in each sequence, first behind the
  /// path and then from the start, at last at random.
  private mutating func orderLocks(_ world: World) {
    let wanted = Self.classes(example.finding.message)
    var best: (schedule: [Search.Move], finding: Finding)?
    func take(_ found: (schedule: [Search.Move], finding: Finding)?) {
      guard let found, found.schedule.count < best?.schedule.count ?? Int.max else { return }
      best = found
    }
    let runner = LockOrderRun(world: world, wanted: wanted)
    if let own = runner.run(example.schedule, then: { _, _ in nil }) {
      best = own
    } else {
      for order in Self.permutations(Array(world.threads.indices)) {
        take(runner.run([], then: { ready, _ in order.first { ready.contains($0) } }))
        take(runner.run(example.schedule, then: { ready, _ in order.first { ready.contains($0) } }))
      }
      if best == nil {
        var random = SplitMix64(seed: 1)
        for _ in 0..<400 where best == nil {
          take(runner.run([], then: { ready, _ in ready[random.below(ready.count)] }))
        }
      }
    }
    guard let best else {
      isContained = false
      return
    }
    let isSame = best.schedule == example.schedule
    example.schedule = best.schedule
    example.finding = best.finding
    if !isSame { example.recount(in: world) }
  }

  /// The lock classes that a message names, sorted: the same circle can be told from each of its classes.
  static func classes(_ message: String) -> [String] {
    let prefix = "possible circular locking: "
    guard message.hasPrefix(prefix) else { return [] }
    var names: Set<String> = []
    var rest = Substring(message.dropFirst(prefix.count))
    while let range = rest.firstRange(of: " before ") {
      names.insert(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    names.insert(String(rest))
    return names.sorted()
  }

  /// All sequences of up to five threads; of more the given one and its reverse.
  private static func permutations(_ items: [Int]) -> [[Int]] {
    guard items.count <= 5 else { return [items, items.reversed()] }
    if items.count <= 1 { return [items] }
    return items.flatMap { first in permutations(items.filter { $0 != first }).map { [first] + $0 } }
  }
}

/// Runs a world along a schedule and further, and watches the order of its locks.
private struct LockOrderRun {
  let world: World
  let wanted: [String]

  private static let stepLimit = 20_000

  /// - Parameters:
  ///   - schedule: what to run first.
  ///   - next: which of the threads that can step goes on behind it; nil ends the run.
  /// - Returns: the steps up to the finding; nil when it does not come.
  func run(
    _ schedule: [Search.Move], then next: ([Int], State) -> Int?
  ) -> (schedule: [Search.Move], finding: Finding)? {
    let machine = Machine(world: world)
    machine.checksInvariants = false
    let log = EventLog()
    var order = LockOrder(program: world.program)
    var state = machine.initialState()
    var moves: [Search.Move] = []
    while moves.count < Self.stepLimit {
      let move: Search.Move
      if moves.count < schedule.count {
        move = schedule[moves.count]
      } else {
        let ready = world.threads.indices.filter { machine.mayStep($0, in: state) > 0 }
        guard !ready.isEmpty, let thread = next(ready, state) else { return nil }
        move = Search.Move(thread: thread, choice: 0)
      }
      if machine.step(move.thread, choice: move.choice, in: &state, log: log) == .notReady { return nil }
      moves.append(move)
      if let finding = order.observe(log, state: state, world: world),
        CompleteCounterexample.classes(finding.message) == wanted
      {
        return (moves, finding)
      }
    }
    return nil
  }
}

extension Search.Counterexample {
  /// Counts preemptions and operations of a schedule that was changed.
  fileprivate mutating func recount(in world: World) {
    let machine = Machine(world: world)
    machine.checksInvariants = false
    let log = EventLog()
    var state = machine.initialState()
    var previous: Int?
    preemptions = 0
    operations = 0
    for move in schedule {
      if let previous, previous != move.thread, machine.mayStep(previous, in: state) > 0 { preemptions += 1 }
      _ = machine.step(move.thread, choice: move.choice, in: &state, log: log)
      operations += (0..<log.count).count { log[$0].kind == .operationStarted }
      previous = move.thread
    }
    isMinimal = false
  }
}
