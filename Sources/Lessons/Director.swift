import Machine
public import Recording
import Scene
import StepLanguage

/// One move of a timeline: what a direction comes to.
public enum Move: Hashable, Sendable {
  /// An action at the present point.
  case perform(Action)
  /// To another point, by its number.
  case go(Int)
}

/// Turns directions into moves, by doing them on a copy of the timeline.
public struct Director {
  /// Where we are after the moves so far.
  public private(set) var timeline: Timeline
  /// The moves so far.
  public private(set) var moves: [Move] = []
  /// Points with a name.
  public private(set) var marks: [String: Int]
  /// The state before the last action.
  private var before: StateView?

  /// The most steps that one direction takes: a thread that never comes to an end must not freeze anything.
  static let mostSteps = 20_000

  /// Begins at the present point of a timeline, which stays as it is.
  public init(_ timeline: Timeline, marks: [String: Int] = [:]) {
    self.timeline = timeline
    self.marks = marks
  }

  /// Follows directions one after another.
  ///
  /// - Throws: `LessonFailure` that names the first one that cannot be followed, and why.
  public mutating func follow(_ directions: [Direction]) throws(LessonFailure) {
    for direction in directions { try follow(direction) }
  }

  /// Follows one direction.
  public mutating func follow(_ direction: Direction) throws(LessonFailure) {
    switch direction.act {
    case .step(let name, let count):
      let thread = try thread(name, direction)
      for _ in 0..<count { try step(thread, direction) }
    case .fail(let name): try step(thread(name, direction), direction, choice: 1)
    case .run(let name):
      let thread = try thread(name, direction)
      try step(thread, direction)
      while !lastStepEndedOperation, canStep(thread) { try step(thread, direction) }
    case .finish(let name):
      let thread = try thread(name, direction)
      while canStep(thread) { try step(thread, direction) }
    case .until(let name, let condition): try run(try thread(name, direction), until: condition, direction)
    case .gets(let name, let text):
      let thread = try thread(name, direction)
      let source = SourceFile(name: "lesson", text: text)
      let operation: Operation
      do throws(DiagnosticError) {
        operation = try Operation(OperationLine(text), program: timeline.world.program, source: source)
      } catch {
        throw LessonFailure("'\(direction.text)': \(error.diagnostics[0].message)")
      }
      try perform(.start(thread: thread, operation: operation), direction)
    case .thread(let name): try perform(.addThread(name: name), direction)
    case .everybody: try runAll(direction)
    case .mark(let name): marks[name] = timeline.here
    case .back(let name):
      guard let point = marks[name] else {
        throw LessonFailure("'\(direction.text)': no point was marked as '\(name)'")
      }
      go(to: point)
    }
  }

  /// Goes to another point.
  public mutating func go(to point: Int) {
    guard point != timeline.here else { return }
    timeline.go(to: point)
    moves.append(.go(point))
    before = nil
  }

  /// Lets the set-up run, and lets the threads that wait for its end pass the barrier behind it: where every lesson begins.
  public mutating func runSetUp() throws(LessonFailure) {
    let count = timeline.world.setupCount
    guard count > 0, !timeline.world.threads.isEmpty else { return }
    while timeline.view.thread(0).operationsDone < count {
      // A set-up may wait for what a worker does.
      let worker = timeline.world.threads.indices.first {
        timeline.world.threads[$0].queue != nil && canStep($0)
      }
      try perform(.step(thread: canStep(0) ? 0 : worker ?? 0, choice: 0), nil)
    }
    for number in timeline.world.threads.indices.dropFirst() {
      if timeline.view.thread(number).operationsDone == 0,
        timeline.world.threads[number].operations.first?.kind == .barrier
      {
        try perform(.step(thread: number, choice: 0), nil)
      }
    }
  }

  private func thread(_ name: String, _ direction: Direction) throws(LessonFailure) -> Int {
    guard let thread = timeline.world.threads.firstIndex(where: { $0.name == name }) else {
      let names = timeline.world.threads.map(\.name).joined(separator: ", ")
      throw LessonFailure("'\(direction.text)': there is no thread '\(name)'; there are \(names)")
    }
    return thread
  }

  private func canStep(_ thread: Int) -> Bool { timeline.readiness[thread].isReady }

  private var lastStepEndedOperation: Bool {
    timeline.record?.events.contains { $0.kind == .operationEnded } ?? false
  }

  private mutating func perform(_ action: Action, _ direction: Direction?) throws(LessonFailure) {
    guard moves.count < Self.mostSteps else {
      throw LessonFailure("'\(direction?.text ?? "set-up")': more than \(Self.mostSteps) steps")
    }
    let present = timeline.view
    do throws(Timeline.Refusal) {
      try timeline.perform(action)
    } catch {
      if case .step(let thread, _) = action, timeline.world.threads.indices.contains(thread) {
        throw LessonFailure(
          "'\(direction?.text ?? "set-up")' cannot be done: \(Live(timeline).words(for: thread))")
      }
      throw LessonFailure("'\(direction?.text ?? "set-up")' cannot be done")
    }
    before = present
    moves.append(.perform(action))
  }

  private mutating func step(_ thread: Int, _ direction: Direction, choice: Int = 0) throws(LessonFailure) {
    try perform(.step(thread: thread, choice: choice), direction)
  }

  private mutating func run(
    _ thread: Int, until condition: Condition, _ direction: Direction
  ) throws(LessonFailure) {
    if !condition.isAboutStep, condition.holds(in: Live(timeline)) { return }
    while canStep(thread) {
      try step(thread, direction)
      if condition.holds(in: Live(timeline, before: before)) { return }
    }
    throw LessonFailure(
      "'\(direction.text)' does not come about: \(Live(timeline).words(for: thread)), and '\(condition.text)' never held"
    )
  }

  private mutating func runAll(_ direction: Direction) throws(LessonFailure) {
    var last = timeline.record?.thread ?? 0
    while true {
      let readiness = timeline.readiness
      let ready = readiness.indices.filter { readiness[$0].isReady }
      guard let first = ready.first else { return }
      if !ready.contains(last) { last = first }
      try step(last, direction)
    }
  }
}

extension Timeline {
  /// Makes moves that a director found from this very point.
  ///
  /// - Throws: `LessonFailure` when one is not possible, which is so only for moves that were found elsewhere.
  public mutating func make(_ moves: [Move]) throws(LessonFailure) {
    for move in moves {
      switch move {
      case .go(let point): go(to: point)
      case .perform(let action):
        do throws(Timeline.Refusal) {
          try perform(action)
        } catch {
          throw LessonFailure("a move of the lesson is not possible here")
        }
      }
    }
  }
}
