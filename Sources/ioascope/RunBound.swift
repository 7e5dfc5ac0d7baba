import Machine

/// Ends a run that would go on for ever: where a schedule that repeats itself comes back to a state, or after so many steps.
struct RunBound {
  /// So many steps a run takes where nothing else is said.
  static let defaultSteps = 40_000

  private let most: Int
  private let isDeterministic: Bool
  private var seen: [UInt64: [(step: Int, thread: Int, state: State)]] = [:]
  private var steps = 0

  /// - Parameters:
  ///   - most: the most steps.
  ///   - isDeterministic: whether the next thread depends on the state and on who moved last only, so that a state that comes again comes for ever.
  init(most: Int, isDeterministic: Bool) {
    self.most = most
    self.isDeterministic = isDeterministic
  }

  /// Counts anew: something came to its end.
  mutating func beginAgain() {
    steps = 0
    seen.removeAll(keepingCapacity: true)
  }

  /// Takes in the state after a step; gives why the run ends here, or nil when it goes on.
  mutating func reason(after thread: Int, _ state: State, _ machine: Machine) -> String? {
    steps += 1
    if steps >= most { return "stopped after \(steps) steps without an end; --max-steps allows more" }
    // A circle is as long as it is: looking at every 64th state finds each, and keeps few.
    guard isDeterministic else { return nil }
    let digest = machine.hash(of: state)
    if let known = seen[digest]?.first(where: { $0.thread == thread && $0.state == state }) {
      return "the state after step \(steps) is that after step \(known.step): it goes round for ever"
    }
    if steps % 64 == 0 {
      var kept = state
      kept.trim(in: machine.world)
      seen[digest, default: []].append((steps, thread, kept))
    }
    return nil
  }
}
