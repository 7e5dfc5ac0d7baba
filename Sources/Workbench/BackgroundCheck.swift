import Explorer
import Foundation
import Machine
public import Recording
import Reports
import Synchronization

/// A search of every interleaving from a point on, beside the interface.
///
/// The interface asks now and then how far it is; nothing calls back into it from another thread.
public final class BackgroundCheck: Sendable {
  /// What there is to tell of a search.
  public enum News: Sendable {
    /// How far it has come.
    case progressed(CheckStatus.Progress)
    /// What it came to.
    case ended(CheckStatus.Outcome)
    /// For each finding the step of its way, from 1, after which no continuation ends well; nil where nothing can be said. After the end.
    case judged([Int?])
  }

  private struct Status {
    var progress = CheckStatus.Progress(states: 0, depth: 0, frontier: 0)
    var hasNews = false
    var outcome: CheckStatus.Outcome?
    var points: [Int?]?
    var isOver = false
  }

  private let status = Mutex(Status())
  private let isCancelled = Atomic<Bool>(false)

  /// The most bytes that stored states may take: a search in the background must not push everything else out of memory.
  private static let memoryLimit = 1 << 30
  /// The most states of the graph in which the points of no return are looked for: some seconds beside the interface.
  private static let graphLimit = 400_000

  /// Begins to search from the timeline's present point.
  public init(_ timeline: Timeline) {
    let world = timeline.world
    let state = timeline.state
    let lockOrder = timeline.lockOrder
    // One processor stays with whoever presses keys.
    let jobs = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
    let thread = Thread { [self] in
      let search = Search(world: world, start: state, lockOrder: lockOrder, jobs: jobs)
      let result = search.run(limits: Search.Limits(bytes: Self.memoryLimit)) { progress in
        status.withLock {
          $0.progress = CheckStatus.Progress(
            states: progress.states, depth: progress.depth, frontier: progress.frontier)
          $0.hasNews = true
        }
        return !isCancelled.load(ordering: .relaxed)
      }
      let outcome = Self.outcome(result)
      status.withLock {
        $0.progress.states = result.progress.states
        $0.progress.depth = result.progress.depth
        $0.progress.frontier = 0
        $0.hasNews = true
        $0.outcome = outcome
        $0.isOver = outcome.findings.isEmpty
      }
      guard !outcome.findings.isEmpty else { return }
      // Every thread at every state, for each finding what can still become of a state.
      let graph = StateGraph(
        world: world, start: state, maxStates: Self.graphLimit,
        isCancelled: { isCancelled.load(ordering: .relaxed) })
      let points = result.counterexamples.map {
        PointOfNoReturn($0, world: world, start: state, graph: graph)?.point
      }
      status.withLock {
        $0.points = points
        $0.isOver = true
      }
    }
    // The search recurses over nothing, but its frames are larger than those of a thread that only waits.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Ends the search soon; what it has found so far is told as its outcome.
  public func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// Whether nothing will come after the news that were asked for last.
  public var isOver: Bool { status.withLock { $0.isOver && !$0.hasNews && $0.points == nil } }

  /// What there is to tell since the last time: progress, then perhaps the end, then perhaps points of no return.
  public func news() -> [News] {
    status.withLock { status in
      var news: [News] = []
      if status.hasNews {
        status.hasNews = false
        news.append(.progressed(status.progress))
        if let outcome = status.outcome { news.append(.ended(outcome)) }
      }
      if let points = status.points {
        status.points = nil
        news.append(.judged(points))
      }
      return news
    }
  }

  private static func outcome(_ result: Search.Result) -> CheckStatus.Outcome {
    CheckStatus.Outcome(
      verdict: result.verdict, bound: result.bound,
      findings: result.counterexamples.map { example in
        CheckStatus.Counterexample(
          finding: example.finding,
          actions: example.schedule.map { .step(thread: $0.thread, choice: $0.choice) },
          preemptions: example.preemptions, isMinimal: example.isMinimal)
      })
  }
}
