import Dispatch
import Explorer
import Foundation
import Machine
import StepLanguage
import Testing

/// One search that several processes share: each must come to what one alone comes to.
@Suite struct SharedSearchTests {
  /// What the processes leave for one another, in memory.
  final class Shelf: RoundExchange, @unchecked Sendable {
    /// What becomes of a part on its way; nil when it never comes.
    let way: @Sendable ([UInt8]) -> [UInt8]?
    private let lock = NSCondition()
    private var parts: [String: [UInt8]] = [:]
    private(set) var fetched = 0

    init(way: @escaping @Sendable ([UInt8]) -> [UInt8]? = { $0 }) { self.way = way }

    func leave(_ bytes: [UInt8], named name: String) {
      lock.withLock { parts[name] = bytes }
      lock.broadcast()
    }

    func fetch(named name: String, part: Int, waits: Bool) -> [UInt8]? {
      lock.withLock {
        if !waits { return parts[name].flatMap(way) }
        let end = Date(timeIntervalSinceNow: 30)
        while parts[name] == nil { if !lock.wait(until: end) { return nil } }
        fetched += 1
        return parts[name].flatMap(way)
      }
    }
  }

  /// Wide enough that rounds are shared: three threads that have little to do with one another, but for two locks in both orders, a count
  /// that two of them lower and a state that must not be.
  static let model = """
    object thing as thing { count: refcount }
    global a: mutex
    global b: mutex
    global t: thing
    global x: int
    global y: int
    global z: int
    init { t = alloc thing; ref_set t.count 2 by "global" }
    entry one() {
      \(steps("x"))
      mutex_lock a; mutex_lock b; mutex_unlock b; mutex_unlock a
    }
    entry two() {
      \(steps("y"))
      mutex_lock b; mutex_lock a; mutex_unlock a; mutex_unlock b
      ref_dec t.count by thread
    }
    entry three() { \(steps("z")); ref_dec t.count by thread }
    invariant apart "not all at once" always { x != 4 || y != 5 || z != 6 }
    """

  private static func steps(_ name: String) -> String {
    (1...16).map { "\(name) = \($0)" }.joined(separator: "; ")
  }

  static let threads = [["one"], ["two"], ["three"]]

  static func expectSame(_ one: Search.Result, _ other: Search.Result, _ comment: Comment) {
    #expect(one.verdict == other.verdict, comment)
    #expect(one.bound == other.bound, comment)
    #expect(one.progress.states == other.progress.states, comment)
    #expect(one.progress.transitions == other.progress.transitions, comment)
    #expect(one.progress.depth == other.progress.depth, comment)
    #expect(one.counterexamples.map(\.finding) == other.counterexamples.map(\.finding), comment)
    #expect(one.counterexamples.map(\.schedule) == other.counterexamples.map(\.schedule), comment)
    #expect(one.counterexamples.map(\.isMinimal) == other.counterexamples.map(\.isMinimal), comment)
  }

  /// Several processes at once.
  static func shared(
    _ world: World, _ count: Int, _ shelf: Shelf, preemptions: Int? = nil,
    limits: Search.Limits = Search.Limits()
  ) -> [Search.Result] {
    final class Results: @unchecked Sendable {
      let lock = NSLock()
      var all: [Int: Search.Result] = [:]
    }
    let results = Results()
    // Threads of their own, since each waits for all others, however few processors there are.
    let done = DispatchGroup()
    for part in 0..<count {
      done.enter()
      Thread.detachNewThread {
        let search = Search(world: world, reduction: .canonical)
        search.share = Search.Share(part: part, of: count, label: "test", exchange: shelf)
        let result =
          preemptions.map { search.run(preemptions: $0, limits: limits) } ?? search.run(limits: limits)
        results.lock.withLock { results.all[part] = result }
        done.leave()
      }
    }
    done.wait()
    return (0..<count).compactMap { results.all[$0] }
  }

  @Test func everyPartComesToTheWholeResult() throws {
    let world = try SearchTests.world(Self.model, threads: Self.threads)
    let alone = Search(world: world, reduction: .canonical).run()
    #expect(
      Set(alone.counterexamples.map(\.finding.property)).isSuperset(of: [.deadlock, .lockOrder, .invariant]))
    for count in [1, 2, 3] {
      let shelf = Shelf()
      let results = Self.shared(world, count, shelf)
      #expect(results.count == count)
      #expect(count == 1 || shelf.fetched > count, "rounds are wide enough to be shared")
      for result in results { Self.expectSame(alone, result, "of \(count)") }
    }
  }

  @Test func preemptionsAndBoundsAreSharedToo() throws {
    let world = try SearchTests.world(Self.model, threads: Self.threads)
    let bounded = Search(world: world, reduction: .canonical).run(preemptions: 4)
    for result in Self.shared(world, 2, Shelf(), preemptions: 4) {
      Self.expectSame(bounded, result, "preemptions")
    }
    let limits = Search.Limits(states: 3_000)
    let ended = Search(world: world, reduction: .canonical).run(limits: limits)
    #expect(ended.bound == "3000 states")
    for result in Self.shared(world, 2, Shelf(), limits: limits) { Self.expectSame(ended, result, "states") }
  }

  /// What does not come, or comes torn or changed, is made anew.
  @Test func aPartThatIsOfNoUseIsMadeAgain() throws {
    let world = try SearchTests.world(Self.model, threads: Self.threads)
    let alone = Search(world: world, reduction: .canonical).run()
    let ways: [(Comment, @Sendable ([UInt8]) -> [UInt8]?)] = [
      ("lost", { _ in nil }),
      ("torn", { Array($0.prefix($0.count / 2)) }),
      ("changed", { $0.enumerated().map { $0.offset == 100 ? $0.element ^ 1 : $0.element } }),
      ("empty", { _ in [] }),
    ]
    for (name, way) in ways {
      for result in Self.shared(world, 2, Shelf(way: way)) { Self.expectSame(alone, result, name) }
    }
  }
}
