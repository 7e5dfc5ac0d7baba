public import Explorer
public import Machine
import Recording
import Scene
import StepLanguage

/// Questions that only running answers.
extension Asker {
  func safety() throws -> AskedQuestion {
    let search = SearchFromHere(then.timeline)
    let result = try search.run()
    let why: String
    if let finding = result.finding {
      let name = then.moment.threadName(finding.thread)
      let place = finding.statement.map { " at line \(then.program.line(of: $0)) of the model" } ?? ""
      why =
        "There is an order of steps that ends in \(finding.property.rawValue) (\(finding.property.title)): \(name)\(place), after \(result.way.count) steps from here. \(finding.message)."
    } else {
      why = "Every order of steps from here was tried, \(result.states) states, and nothing went wrong."
    }
    let options = [("yes", result.finding == nil), ("no", result.finding != nil)].map {
      AskedQuestion.Option(text: $0.0, isRight: $0.1, why: why)
    }
    return make(
      "Is it safe: does nothing go wrong from here on, whatever order the threads take?", .one, options,
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
      "What does 'ioascope check \(stage.scenario) --model \(stage.model)' say?", .one, options,
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
      let place =
        first.finding.statement.map { " at \(world.program.location(of: $0)), \(world.program.text(of: $0))" }
        ?? ""
      return Verdict(
        holds: false, counterexamples: examples,
        words:
          "It is violated: \(first.finding.property.rawValue), \(first.finding.message) (\(world.threads[first.finding.thread].name)\(place), after \(first.schedule.count) steps with \(first.preemptions) preemptions)."
      )
    }
  }
}
