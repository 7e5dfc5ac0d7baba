public import Explorer
public import Machine
import Recording
import Scene
import StepLanguage

/// Questions that only running answers.
extension Asker {
  func safety() throws -> AskedQuestion {
    let search = Search(
      world: then.view.world, start: then.timeline.state, lockOrder: then.timeline.lockOrder)
    let result = search.run(limits: Search.Limits(states: Verdict.mostStates))
    if case .bounded(let bound) = result.verdict {
      throw LessonFailure("not everything that lies ahead was covered: \(bound); ask later")
    }
    let first = result.counterexamples.first
    let why: String
    if let first {
      why =
        "There is an order of steps that ends in \(first.finding.property.rawValue) (\(first.finding.property.title)): \(Verdict.place(first.finding, in: then.view.world)), after \(first.schedule.count) steps from here. \(first.finding.message)."
    } else {
      why =
        "Every order of steps from here was tried, \(result.progress.states) states, and nothing goes wrong."
    }
    let options = [("yes", first == nil), ("no", first != nil)].map {
      AskedQuestion.Option(text: $0.0, isRight: $0.1, why: why)
    }
    return make(
      Question.safety, .one, options,
      why: why,
      hints: [
        "Who else still has a pointer to what goes away?",
        "What makes the one wait until the other is done? Is there anything?",
        "Take the steps yourself in the worst order that you can think of, and undo them.",
      ])
  }

  func verdict(_ stage: Stage) throws -> AskedQuestion {
    let world = try world(stage)
    let found = Verdict.of(world)
    let options = [("it holds", found.holds), ("it is violated", !found.holds)].map {
      AskedQuestion.Option(text: $0.0, isRight: $0.1, why: found.words)
    }
    return make(
      Question.verdict(stage), .one, options,
      why: found.words,
      hints: [
        "Ask of each pin: who will still be asked to give it back?",
        "Ask of each pointer: who keeps what it leads to alive?",
        "Run the command in another terminal.",
      ])
  }
}

/// What the checker says of a world.
public struct Verdict: Sendable {
  /// Whether every interleaving was covered and nothing is wrong.
  public let holds: Bool
  /// What was found, the shortest way first.
  public let counterexamples: [Search.Counterexample]
  /// The same in words.
  public let words: String

  /// The most states that a lesson waits for.
  public static let mostStates = 2_000_000

  /// Searches every interleaving of a world.
  public static func of(_ world: World) -> Verdict {
    let result = Search(world: world).run(limits: Search.Limits(states: mostStates))
    switch result.verdict {
    case .holds:
      return Verdict(
        holds: true, counterexamples: [],
        words: "It holds: all \(result.progress.states) states were visited and nothing is wrong.")
    case .bounded(let bound):
      return Verdict(holds: false, counterexamples: [], words: "Not everything was covered: \(bound).")
    case .violated:
      let examples = result.counterexamples
      let first = examples[0]
      return Verdict(
        holds: false, counterexamples: examples,
        words:
          "It is violated: \(first.finding.property.rawValue), \(first.finding.message) (\(place(first.finding, in: world)), after \(first.schedule.count) steps with \(first.preemptions) switch\(first.preemptions == 1 ? "" : "es") that need not be)."
      )
    }
  }

  /// `T1 at linux-6.12.step:878, let removed = …`.
  static func place(_ finding: Finding, in world: World) -> String {
    let name = world.threads.indices.contains(finding.thread) ? world.threads[finding.thread].name : "init"
    guard let statement = finding.statement else { return name }
    let file = world.program.location(of: statement).split(separator: "/").last.map(String.init) ?? ""
    return "\(name) at \(file), \(world.program.text(of: statement))"
  }
}
