import Machine
public import Recording
import StepLanguage

/// What each thread went through, as a Mermaid state diagram.
public enum StateDiagram {
  /// A diagram for each thread: between operations, in an operation, waiting for a lock, asleep; with the steps that led from one to the next.
  ///
  /// - Parameters:
  ///   - timeline: what was run.
  ///   - start: the number of the step after which it is told.
  public static func text(_ timeline: Timeline, from start: Int = 0) -> String {
    var copy = timeline
    let path = timeline.path
    let names = timeline.world.threads.map(\.name)
    var stories = names.map { _ in Story() }
    for depth in min(start, path.count - 1)..<path.count {
      copy.go(to: path[depth])
      let readiness = copy.readiness
      let view = copy.view
      for thread in readiness.indices where thread < stories.count {
        stories[thread].come(to: words(readiness[thread], view.thread(thread), view), step: depth)
      }
    }
    var lines = ["stateDiagram-v2"]
    for (thread, story) in stories.enumerated() where !story.states.isEmpty {
      lines.append("  state \"\(plain(names[thread]))\" as T\(thread) {")
      for (number, state) in story.states.enumerated() {
        lines.append("    state \"\(plain(state))\" as T\(thread)_\(number)")
      }
      lines.append("    [*] --> T\(thread)_0")
      for way in story.ways {
        let steps = way.steps.prefix(shownSteps).map(String.init).joined(separator: ", ")
        let more = way.steps.count > shownSteps ? " and \(way.steps.count - shownSteps) more" : ""
        lines.append("    T\(thread)_\(way.from) --> T\(thread)_\(way.to) : step \(steps)\(more)")
      }
      if story.isOver { lines.append("    T\(thread)_\(story.here) --> [*]") }
      lines.append("  }")
    }
    return lines.joined(separator: "\n")
  }

  private static let shownSteps = 4

  /// The states of one thread in the order in which it first came to them, and the ways between them.
  private struct Story {
    struct Way {
      var from: Int
      var to: Int
      var steps: [Int]
    }

    var states: [String] = []
    var ways: [Way] = []
    var here = 0
    var isOver = false

    mutating func come(to state: String, step: Int) {
      isOver = state == through
      let number = states.firstIndex(of: state) ?? states.count
      if number == states.count { states.append(state) }
      defer { here = number }
      guard states.count > 1, number != here else { return }
      if let known = ways.firstIndex(where: { $0.from == here && $0.to == number }) {
        ways[known].steps.append(step)
      } else {
        ways.append(Way(from: here, to: number, steps: [step]))
      }
    }
  }

  private static let through = "through"

  private static func words(
    _ readiness: Machine.Readiness, _ thread: StateView.Thread, _ view: StateView
  ) -> String {
    let program = view.world.program
    let operation = thread.frames.first.map { program.functions[$0.function].name }
    switch readiness {
    case .finished: return through
    case .blocked(let lock, _): return "\(operation.map { "\($0): " } ?? "")waits for \(view.name(of: lock))"
    case .sleeping, .timeout: return "\(operation.map { "\($0): " } ?? "")asleep"
    case .barrier: return "at a barrier"
    case .stuck: return "stuck"
    case .ready: return operation ?? "between operations"
    }
  }

  /// Without what Mermaid takes for something else.
  private static func plain(_ text: String) -> String {
    String(text.map { "\";#\n%{}".contains($0) ? "," : $0 })
  }
}
