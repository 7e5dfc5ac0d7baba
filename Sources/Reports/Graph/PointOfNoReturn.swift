public import Explorer
public import Machine
import StepLanguage

/// Which step of a counterexample was the mistake: after each, whether all, some or none of the continuations end well.
public struct PointOfNoReturn: Sendable {
  /// A step.
  public struct Step: Hashable, Sendable {
    /// Its number, from 1.
    public var step: Int
    /// The thread's name.
    public var thread: String
    /// The statement, or the operation that begins.
    public var text: String
    /// What can become of the state after it; nil after the step at which the finding shows.
    public var outlook: StateGraph.Outlook?
    /// The share of continuations that fail, from 0 to 1.
    public var failing: Double
  }

  /// The text of the marker by which a session carries the point.
  public static let marker = "point of no return"

  /// All steps, in order.
  public let steps: [Step]
  /// The first step after which no continuation ends well; 0 when none does from the very start.
  public let point: Int

  /// Judges each step of a counterexample on the complete graph: what can become of the state as to this finding, whatever else may be found.
  /// Nil when the graph is not complete, or when no state of it shows the finding, as with an order of locks, which is history.
  ///
  /// - Parameters:
  ///   - example: the finding, and the way to it from where the graph begins.
  ///   - world: what runs.
  ///   - start: where the graph begins; the world's initial state without it.
  ///   - graph: all states from there on.
  public init?(_ example: Search.Counterexample, world: World, start: State? = nil, graph: StateGraph) {
    guard graph.isComplete, graph.shows(example.finding) else { return nil }
    let machine = Machine(world: world)
    var state = start.map { State.copy(of: $0) } ?? machine.initialState()
    var steps: [Step] = []
    // Where nothing can end well from the very start no step is to blame.
    var point: Int? =
      graph.outlook(of: state, for: example.finding)?.outlook == StateGraph.Outlook.none ? 0 : nil
    for (index, move) in example.schedule.enumerated() {
      let text: String
      let view = StateView(state, world: world).thread(move.thread)
      if let statement = view.nextStatement {
        text = world.program.text(of: statement)
      } else {
        let operations = world.threads[move.thread].operations
        text =
          operations.indices.contains(view.operationsDone) ? operations[view.operationsDone].text : "returns"
      }
      _ = machine.step(move.thread, choice: move.choice, in: &state)
      let isFound = machine.findings.contains { StateGraph.isSame($0, example.finding) }
      let judged = isFound ? nil : graph.outlook(of: state, for: example.finding)
      steps.append(
        Step(
          step: index + 1, thread: world.threads[move.thread].name, text: text, outlook: judged?.outlook,
          failing: judged?.failing ?? 1))
      if point == nil, judged == nil || judged?.outlook == StateGraph.Outlook.none { point = index + 1 }
      // Behind the finding nothing is to be said.
      if isFound { break }
    }
    self.steps = steps
    self.point = point ?? example.schedule.count
  }

  /// The steps at which the share changes, as lines.
  public var lines: [String] {
    if point == 0 { return ["no continuation ends well from the very start on"] }
    var lines: [String] = []
    var last: Int?
    let width = steps.map(\.thread.count).max() ?? 2
    for step in steps {
      let share = Int((step.failing * 1000).rounded())
      defer { last = share }
      guard share != last || step.step == point else { continue }
      let word =
        step.outlook.map { "\($0.rawValue) end\($0 == .all || $0 == .some ? "" : "s") well" } ?? "found"
      let number = String(step.step)
      lines.append(
        String(repeating: " ", count: max(0, 5 - number.count)) + number + "  "
          + step.thread + String(repeating: " ", count: width - step.thread.count)
          + "  " + "\(share / 10).\(share % 10) % fail".padded(to: 14) + "  " + word.padded(to: 14) + "  "
          + step.text
          + (step.step == point ? "   <- point of no return" : ""))
    }
    return lines
  }
}
