import Machine
import Recording
import StepLanguage

/// Tries every order of steps from the present point of a timeline on, breadth first.
///
/// The search of the target Explorer begins at a world's start; this one is for what is left to happen late in a lesson, which is little.
struct SearchFromHere {
  /// What came of it.
  struct Result {
    /// What goes wrong first; nil when nothing does.
    var finding: Finding?
    /// The steps that lead there.
    var way: [(thread: Int, choice: Int)]
    /// How many states were visited.
    var states: Int
  }

  private let timeline: Timeline

  /// The most states; a lesson that needs more asks too early.
  static let mostStates = 200_000

  init(_ timeline: Timeline) {
    self.timeline = timeline
  }

  /// Searches until something goes wrong or every order was tried.
  ///
  /// - Throws: `LessonFailure` when there are too many states.
  func run() throws(LessonFailure) -> Result {
    let machine = Machine(world: timeline.world)
    var states: [(state: State, parent: Int, thread: Int, choice: Int)] = [(timeline.state, -1, 0, 0)]
    var seen: [UInt64: [Int]] = [timeline.state.digest(in: timeline.world): [0]]
    func way(to number: Int) -> [(thread: Int, choice: Int)] {
      var result: [(thread: Int, choice: Int)] = []
      var number = number
      while number > 0 {
        result.append((states[number].thread, states[number].choice))
        number = states[number].parent
      }
      return result.reversed()
    }
    var next = 0
    while next < states.count {
      let readiness = machine.readiness(in: states[next].state)
      var moved = false
      for (thread, condition) in readiness.enumerated() {
        let choices: Int
        switch condition {
        case .ready(let count): choices = count
        case .timeout: choices = 1
        default: continue
        }
        for choice in 0..<choices {
          var state = states[next].state
          guard machine.step(thread, choice: choice, in: &state) != .notReady else { continue }
          moved = true
          if let finding = machine.findings.first {
            return Result(finding: finding, way: way(to: next) + [(thread, choice)], states: states.count)
          }
          state.trim(in: timeline.world)
          let digest = state.digest(in: timeline.world)
          if seen[digest, default: []].contains(where: { states[$0].state == state }) { continue }
          guard states.count < Self.mostStates else {
            throw LessonFailure("more than \(Self.mostStates) states lie ahead; ask later in the scenario")
          }
          seen[digest, default: []].append(states.count)
          states.append((state, next, thread, choice))
        }
      }
      if !moved, let waiting = readiness.firstIndex(where: { $0 != .finished }) {
        return Result(
          finding: Finding(
            property: .deadlock, thread: waiting,
            statement: machine.nextStatement(of: waiting, in: states[next].state),
            message: "\(timeline.world.threads[waiting].name) never gets on", objects: [], threads: [waiting]),
          way: way(to: next), states: states.count)
      }
      next += 1
    }
    return Result(finding: nil, way: [], states: states.count)
  }
}
