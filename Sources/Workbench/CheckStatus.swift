public import Explorer
public import Machine
public import Recording

/// A search of every interleaving from one point on, as far as it has come.
public struct CheckStatus: Sendable {
  /// A violated property and the way to it from where the search began.
  public struct Counterexample: Sendable {
    /// What is wrong.
    public let finding: Finding
    /// The steps that lead there.
    public let actions: [Action]
    /// How many of them take the processor from a thread that could have gone on.
    public let preemptions: Int
    /// Whether no shorter way exists.
    public let isMinimal: Bool
    /// The step, from 1, after which no continuation ends well; nil while or where that is not known.
    public internal(set) var pointOfNoReturn: Int?

    /// A finding.
    public init(finding: Finding, actions: [Action], preemptions: Int, isMinimal: Bool) {
      self.finding = finding
      self.actions = actions
      self.preemptions = preemptions
      self.isMinimal = isMinimal
    }
  }

  /// How far a search has come.
  public struct Progress: Hashable, Sendable {
    /// Different states.
    public var states: Int
    /// Steps from where it began.
    public var depth: Int
    /// States that wait to be looked at.
    public var frontier: Int

    /// How far a search has come.
    public init(states: Int, depth: Int, frontier: Int) {
      self.states = states
      self.depth = depth
      self.frontier = frontier
    }
  }

  /// What a search has come to.
  public struct Outcome: Sendable {
    /// How it ended.
    public let verdict: Search.Verdict
    /// What ended it before everything was covered; nil when everything was.
    public let bound: String?
    /// What was found, the shortest way first.
    public internal(set) var findings: [Counterexample]

    /// An outcome.
    public init(verdict: Search.Verdict, bound: String?, findings: [Counterexample]) {
      self.verdict = verdict
      self.bound = bound
      self.findings = findings
    }
  }

  /// The point where it began.
  public let origin: Int
  /// How far it has come.
  public internal(set) var progress = Progress(states: 0, depth: 0, frontier: 0)
  /// What it came to; nil while it runs.
  public internal(set) var outcome: Outcome?

  /// Whether it is under way.
  public var isRunning: Bool { outcome == nil }
  /// What was found.
  public var findings: [Counterexample] { outcome?.findings ?? [] }

  package init(from origin: Int) {
    self.origin = origin
  }
}
