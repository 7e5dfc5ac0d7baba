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
    /// The objects of states are brought into canonical form; threads stay what they are.
    case objects
    /// States are brought into canonical form: objects lie and are numbered as they are reached, and threads that cannot be told
    /// apart are sorted.
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

    /// `holds`, `violated` or `bounded`.
    public var word: String {
      switch self {
      case .holds: "holds"
      case .violated: "violated"
      case .bounded: "bounded"
      }
    }
  }

  /// One move of a schedule.
  public struct Move: Hashable, Sendable {
    /// Who steps.
    public var thread: Int
    /// Which way the step's choice goes.
    public var choice: Int

    /// A move.
    public init(thread: Int, choice: Int) {
      self.thread = thread
      self.choice = choice
    }
  }

  /// A violated property and the shortest way to it.
  public struct Counterexample: Sendable {
    /// What is wrong.
    public var finding: Finding
    /// The moves that lead there from where the search began; from the world's start, set-up included.
    public var schedule: [Move]
    /// How many of the moves take the processor from a thread that could have gone on.
    public var preemptions: Int
    /// How many system calls begin on the way.
    public var operations: Int
    /// Whether no shorter way exists.
    public var isMinimal: Bool

    /// How many threads move on the way.
    public var threadCount: Int { Set(schedule.map(\.thread)).count }

    /// What ways are compared by: first their steps, then preemptions, threads, and operations.
    private var cost: (Int, Int, Int, Int) { (schedule.count, preemptions, threadCount, operations) }

    /// Whether this way is to be told rather than another one to the same.
    func isBetter(than other: Counterexample) -> Bool { cost < other.cost }

    /// Shorter ways first, then those with fewer preemptions, with fewer threads, with fewer operations; what is left goes by the words of the
    /// findings.
    func precedes(_ other: Counterexample) -> Bool {
      if cost != other.cost { return cost < other.cost }
      return (finding.property.rawValue, finding.message) < (
        other.finding.property.rawValue, other.finding.message
      )
    }
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
    /// The limit of the machine that ended it; nil when none did.
    public var limit: ExceededLimit?

    /// The verdict for a comparison: `holds`, `bounded by …`, or the violated properties in alphabetical order.
    public var words: [String] {
      switch verdict {
      case .holds: ["holds"]
      case .bounded(let bound): ["bounded by \(bound)"]
      case .violated: Set(counterexamples.map(\.finding.property.rawValue)).sorted()
      }
    }
  }

  private let world: World
  private let start: State?
  private let lockOrder: LockOrder?
  private let reduction: Reduction
  private let jobs: Int

  /// Whether a search that found something looks for the shortest counterexamples, too.
  public var findsShortest = true

  /// Digests of the states in which nobody can move, in canonical form whether the search reduces or not.
  public private(set) var endDigests: Set<UInt64> = []

  /// A search from a world's start, or from any state of it.
  ///
  /// From a state in the middle of a run everything is told that is wrong there already or goes wrong from there on; what went wrong on the
  /// way to it is not. A thread that was killed on that way stays where it is.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - start: the state to begin at, which must be one of this world (`World.adopt` moves one there); nil for the world's start.
  ///     Threads may be in the middle of calls.
  ///   - lockOrder: in which order locks were taken on the way to that state; nil when nothing is known of it.
  ///   - reduction: what the search may do to visit less. It must find the same in any case; the weaker ones are there to hold the
  ///     stronger ones to account.
  ///   - jobs: how many threads of the host search side by side. The result does not depend on it.
  public init(
    world: World, start: State? = nil, lockOrder: LockOrder? = nil, reduction: Reduction = .full,
    jobs: Int = 1
  ) {
    self.world = world
    self.start = start
    self.lockOrder = lockOrder
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
    let (first, bound) = explore(exploration(layers: nil), limits, report) { self.exploration(layers: nil) }
    return finish(first, bound, limits, report)
  }

  /// Runs a search, and another one in which each thread stays what it is when it turns out that the threads can be told apart.
  private func explore(
    _ exploration: Exploration, _ limits: Limits, _ report: (Progress) -> Bool, again: () -> Exploration
  ) -> (Exploration, String?) {
    let bound = exploration.run(limits: limits, report: report)
    guard exploration.mustTellThreadsApart else { return (exploration, bound) }
    tellsThreadsApart = true
    let other = again()
    return (other, other.run(limits: limits, report: report))
  }

  /// Goes on where a checkpoint left off; the result is that of a search which was not interrupted.
  ///
  /// - Parameters:
  ///   - checkpoint: what `checkpoint(label:)` gave.
  ///   - label: the same as there.
  ///   - limits: bounds, as of the whole search.
  ///   - report: called now and then with the progress; false stops the search.
  /// - Throws: `CheckpointError`.
  public func resume(
    _ checkpoint: [UInt8], label: String, limits: Limits = Limits(),
    report: (Progress) -> Bool = { _ in true }
  ) throws(CheckpointError) -> Result {
    var reader = try ByteReader(checkpoint)
    guard try reader.text() == Self.magic else { throw .damaged }
    guard try reader.text() == origin(label), try reader.text() == "\(reduction)" else { throw .other }
    tellsThreadsApart = try reader.number(0...1) == 1
    guard try reader.number(0...1) == 1 else {
      let resumed = exploration(layers: nil)
      try resumed.restore(from: &reader)
      guard reader.isAtEnd else { throw .damaged }
      let (first, bound) = explore(resumed, limits, report) { self.exploration(layers: nil) }
      return finish(first, bound, limits, report)
    }
    var progress = Progress()
    progress.states = try reader.number(0...Int.max >> 1)
    progress.transitions = try reader.number(0...Int.max >> 1)
    progress.depth = try reader.number(0...Int.max >> 1)
    endDigests = try Exploration.ends(&reader)
    let bound = try reader.text()
    var examples: [Counterexample] = []
    for _ in 0..<(try reader.count()) { examples.append(try Exploration.example(&reader, world)) }
    let second = exploration(layers: examples.map(\.schedule.count).max())
    try second.restore(from: &reader)
    guard reader.isAtEnd else { throw .damaged }
    return finish(second, after: (progress, examples, bound.isEmpty ? nil : bound, nil), limits, report)
  }

  /// What it takes to go on later, when the last run was ended by a bound or from outside; nil when it came to its end.
  ///
  /// - Parameter label: names model and scenario, so that a checkpoint is not taken for one of another search.
  public func checkpoint(label: String) -> [UInt8]? {
    guard let unfinished else { return nil }
    var writer = ByteWriter()
    writer.put(Self.magic)
    writer.put(origin(label))
    writer.put("\(reduction)")
    writer.put(tellsThreadsApart ? 1 : 0)
    if let before = unfinished.before {
      writer.put(1)
      writer.put(before.progress.states)
      writer.put(before.progress.transitions)
      writer.put(before.progress.depth)
      Exploration.save(endDigests, to: &writer)
      writer.put(before.bound ?? "")
      writer.put(before.examples.count)
      for example in before.examples { Exploration.save(example, to: &writer) }
    } else {
      writer.put(0)
    }
    unfinished.exploration.save(to: &writer)
    writer.seal()
    return writer.bytes
  }

  /// The label, and where the search began when that is not the world's start.
  private func origin(_ label: String) -> String {
    guard let start else { return label }
    let edges = lockOrder?.edges.map { "\($0.outer)-\($0.inner)" } ?? []
    return "\(label) from \(start.digest(in: world)) \(edges.joined(separator: " "))"
  }

  private static let magic = "ioascope checkpoint 4"

  /// Whether threads that run the same are kept apart all the same, because something depended on their numbers.
  private var tellsThreadsApart = false

  /// What the search for findings came to before the one for the shortest ways.
  private typealias Before = (
    progress: Progress, examples: [Counterexample], bound: String?, limit: ExceededLimit?
  )
  private var unfinished: (exploration: Exploration, before: Before?)?

  /// A search for findings, or with a bound of layers one for the shortest ways to them, which leaves no thread out.
  private func exploration(layers: Int?) -> Exploration {
    var options = Exploration.Options()
    options.isCanonical = reduction != .none
    options.exchangesThreads = reduction != .objects && !tellsThreadsApart
    options.leavesOut = reduction == .full && layers == nil
    options.layers = layers
    options.findsLivelocks = layers == nil
    return exploration(options)
  }

  private func exploration(_ options: Exploration.Options) -> Exploration {
    Exploration(world: world, start: start, lockOrder: lockOrder, options: options, jobs: jobs)
  }

  private func finish(
    _ first: Exploration, _ bound: String?, _ limits: Limits, _ report: (Progress) -> Bool
  ) -> Result {
    endDigests = first.ends
    let examples = first.counterexamples
    unfinished = bound == nil ? nil : (first, nil)
    if reduction == .full, findsShortest, !examples.isEmpty, bound != "interrupted" {
      let second = exploration(layers: examples.map(\.schedule.count).max())
      return finish(second, after: (first.progress, examples, bound, first.limit), limits, report)
    }
    return result(first.progress, examples, bound, first.limit)
  }

  private func finish(
    _ second: Exploration, after before: Before, _ limits: Limits, _ report: (Progress) -> Bool
  ) -> Result {
    var rest = limits
    if let most = limits.states { rest.states = max(1, most - before.progress.states) }
    let layers = before.examples.map(\.schedule.count).max()
    let (second, bound) = explore(second, rest, report) { self.exploration(layers: layers) }
    if before.bound == nil { unfinished = bound == nil ? nil : (second, before) }
    var progress = before.progress
    progress.states += second.progress.states
    progress.transitions += second.progress.transitions
    return result(
      progress, Self.merged(before.examples, second.counterexamples), before.bound ?? bound,
      before.limit ?? second.limit)
  }

  /// Why nothing can be said to hold although all was searched: checks of the model that stand nowhere in functions from C.
  private var leftOut: String? {
    let count = world.program.leftOutChecks.count
    switch count {
    case 0: return nil
    case 1: return "1 check of the model is left out, which has no place in the C text"
    default: return "\(count) checks of the model are left out, which have no place in the C text"
    }
  }

  private func result(
    _ progress: Progress, _ examples: [Counterexample], _ bound: String?, _ limit: ExceededLimit?
  ) -> Result {
    var progress = progress
    progress.frontier = 0
    let verdict: Verdict =
      !examples.isEmpty ? .violated : (bound ?? leftOut).map { .bounded($0) } ?? .holds
    return Result(
      verdict: verdict, progress: progress, counterexamples: examples, bound: bound ?? leftOut, limit: limit)
  }

  /// Searches what can be reached without preemptions, then with one, and so on up to a bound.
  ///
  /// The findings with the fewest preemptions come first. `holds` is said when nothing needs more preemptions than the bound.
  ///
  /// - Parameters:
  ///   - preemptions: the most preemptions.
  ///   - limits: further bounds.
  ///   - report: called now and then with the progress; false stops the search.
  public func run(
    preemptions: Int, limits: Limits = Limits(), report: (Progress) -> Bool = { _ in true }
  ) -> Result {
    func bounded() -> Exploration {
      var options = Exploration.Options()
      options.isCanonical = reduction != .none
      options.exchangesThreads = reduction != .objects && !tellsThreadsApart
      options.leavesOut = false
      options.countsPreemptions = true
      options.preemptions = UInt16(clamping: preemptions)
      return self.exploration(options)
    }
    let (exploration, bound) = explore(bounded(), limits, report) { bounded() }
    endDigests = exploration.ends
    var progress = exploration.progress
    progress.frontier = 0
    let examples = exploration.counterexamples
    let verdict: Verdict =
      !examples.isEmpty ? .violated : (bound ?? leftOut).map { .bounded($0) } ?? .holds
    return Result(
      verdict: verdict, progress: progress, counterexamples: examples, bound: bound ?? leftOut,
      limit: exploration.limit)
  }

  /// Tries random schedules, for what is too large to search. The verdict is never `holds`.
  ///
  /// - Parameters:
  ///   - walks: how many.
  ///   - seed: the same seed gives the same walks.
  ///   - report: called now and then with the progress; false stops.
  public func run(
    randomWalks walks: Int, seed: UInt64, report: (Progress) -> Bool = { _ in true }
  ) -> Result {
    let random = RandomWalks(world: world, start: start, lockOrder: lockOrder, seed: seed, jobs: jobs)
    let bound = random.run(walks, report: report)
    let examples = random.counterexamples
    return Result(
      verdict: examples.isEmpty ? .bounded(bound) : .violated, progress: random.progress,
      counterexamples: examples, bound: bound, limit: random.limit)
  }

  /// The second search's ways, which are the shortest, and of the first search's those whose property the second did not come to.
  private static func merged(_ first: [Counterexample], _ second: [Counterexample]) -> [Counterexample] {
    let properties = Set(second.map(\.finding.property))
    return (second + first.filter { !properties.contains($0.finding.property) }).sorted { $0.precedes($1) }
  }
}
