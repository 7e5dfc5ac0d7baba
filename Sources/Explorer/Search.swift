public import Machine
import StepLanguage

/// A breadth-first search over all interleavings of a world's threads, and over all ways in which their choices can go.
///
/// Breadth first, because the first way to a violation is then a shortest one. Among ways of the same length the one with the fewest preemptions is
/// kept (a preemption is a switch away from a thread that could have gone on; Musuvathi and Qadeer, "Iterative context bounding for
/// systematic testing of multithreaded programs", PLDI 2007).
public final class Search {
  /// What bounds the search.
  public struct Limits: Sendable {
    /// The most states; nil for no bound. The search ends soon after there are so many.
    public var states: Int?
    /// The most bytes for stored states; nil for no bound.
    public var bytes: Int?

    /// Bounds.
    public init(states: Int? = nil, bytes: Int? = nil) {
      self.states = states
      self.bytes = bytes
    }
  }

  /// What a search may do to visit less.
  public enum Reduction: Hashable, Sendable, CaseIterable {
    /// Nothing: every state as it is, every thread at every state.
    case none
    /// States are brought into canonical form.
    case canonical
    /// Besides, threads are left out that need not be tried now (partial-order reduction).
    case full
  }

  /// How far the search has come.
  public struct Progress: Sendable {
    /// Different states.
    public var states = 0
    /// Steps taken.
    public var transitions = 0
    /// Steps from the start.
    public var depth = 0
    /// States that wait to be looked at.
    public var frontier = 0
    /// Bytes that stored states take.
    public var bytes = 0
  }

  /// How the search ended.
  public enum Verdict: Hashable, Sendable {
    /// Every interleaving was covered and nothing is wrong.
    case holds
    /// Something is wrong.
    case violated
    /// Nothing was found, but not everything was covered; what bounded it.
    case bounded(String)
  }

  /// One move of a schedule.
  public struct Move: Hashable, Sendable {
    /// Who steps.
    public var thread: Int
    /// Which way the step's choice goes.
    public var choice: Int
  }

  /// A violated property and the shortest way to it.
  public struct Counterexample: Sendable {
    /// What is wrong.
    public var finding: Finding
    /// The moves that lead there, set-up included.
    public var schedule: [Move]
    /// How many of the moves take the processor from a thread that could have gone on.
    public var preemptions: Int
    /// Whether no shorter way exists.
    public var isMinimal: Bool
  }

  /// The result of a search.
  public struct Result: Sendable {
    /// How it ended.
    public var verdict: Verdict
    /// Its size.
    public var progress: Progress
    /// What was found, each property with each message once, shortest first.
    public var counterexamples: [Counterexample]
    /// What ended the search before everything was covered, also where something was found.
    public var bound: String?
  }

  private let world: World
  private let reduction: Reduction
  private let jobs: Int

  /// Digests of the states in which nobody can move, in canonical form whether the search reduces or not.
  public private(set) var endDigests: Set<UInt64> = []

  /// A search from a world's start.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - reduction: what the search may do to visit less. It must find the same in any case; the weaker ones are there to hold the
  ///     stronger ones to account.
  ///   - jobs: how many threads of the host search side by side. The result does not depend on it.
  public init(world: World, reduction: Reduction = .full, jobs: Int = 1) {
    self.world = world
    self.reduction = reduction
    self.jobs = jobs
  }

  /// Searches until everything is covered or a bound is reached.
  ///
  /// With the full reduction a way to a finding need not be a shortest one. So when something was found the search starts again
  /// without leaving threads out, down to the depth at which it was found, and tells what that gives.
  ///
  /// - Parameters:
  ///   - limits: bounds; without any the search ends when everything is covered.
  ///   - report: called now and then with the progress; false stops the search.
  public func run(limits: Limits = Limits(), report: (Progress) -> Bool = { _ in true }) -> Result {
    var options = Exploration.Options()
    options.isCanonical = reduction != .none
    options.leavesOut = reduction == .full
    let first = Exploration(world: world, options: options, jobs: jobs)
    let bound = first.run(limits: limits, report: report)
    endDigests = first.ends
    var progress = first.progress
    var examples = first.counterexamples
    if reduction == .full, !examples.isEmpty, bound != "interrupted" {
      options.leavesOut = false
      options.layers = examples.map(\.schedule.count).max()
      let second = Exploration(world: world, options: options, jobs: jobs)
      let before = progress
      var rest = limits
      if let most = limits.states { rest.states = max(1, most - before.states) }
      _ = second.run(limits: rest) { report($0) }
      progress.states += second.progress.states
      progress.transitions += second.progress.transitions
      examples = Self.merged(examples, second.counterexamples)
    }
    progress.frontier = 0
    let verdict: Verdict = !examples.isEmpty ? .violated : bound.map { .bounded($0) } ?? .holds
    return Result(verdict: verdict, progress: progress, counterexamples: examples, bound: bound)
  }

  /// The second search's ways, which are the shortest, and of the first search's those whose property the second did not come to.
  private static func merged(_ first: [Counterexample], _ second: [Counterexample]) -> [Counterexample] {
    let properties = Set(second.map(\.finding.property))
    return (second + first.filter { !properties.contains($0.finding.property) }).sorted {
      ($0.schedule.count, $0.preemptions, $0.finding.property.rawValue, $0.finding.message)
        < ($1.schedule.count, $1.preemptions, $1.finding.property.rawValue, $1.finding.message)
    }
  }
}
