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
    /// The most states; nil for no bound.
    public var states: Int?
    /// The most bytes for stored states; nil for no bound.
    public var bytes: Int?

    /// Bounds.
    public init(states: Int? = nil, bytes: Int? = nil) {
      self.states = states
      self.bytes = bytes
    }
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
  }

  /// How a state was reached with a certain thread as the last to move.
  private struct Arrival {
    var parent: UInt32
    var preemptions: UInt16
    /// Which thread had moved before that, plus one; 0 at the start.
    var before: UInt8
    var choice: UInt8
  }

  private static let unreached = Arrival(parent: .max, preemptions: .max, before: 0, choice: 0)
  /// After so many different findings the search stops: the model is broken in every way.
  private static let findingLimit = 64

  private let world: World
  private let machine: Machine
  private let canonicalizer: Canonicalizer
  private let log = EventLog()
  private var store = StateStore()
  private var lockOrder: LockOrder
  /// For each state and thread: the best way in which that thread's move led here.
  private var arrivals: [Arrival] = []
  private let threadCount: Int
  private var found: [FindingKey: Counterexample] = [:]
  private var order: [FindingKey] = []
  private var progress = Progress()

  private struct FindingKey: Hashable {
    var property: Property
    var message: String
  }

  private let reduces: Bool
  private var quiescentDigests: Set<UInt64> = []

  /// A search from a world's start.
  ///
  /// - Parameter reduces: whether states are brought into canonical form first. Without it the search visits far more states and must find the
  ///   same; it is there to hold the reduction to account.
  public init(world: World, reduces: Bool = true) {
    self.world = world
    self.reduces = reduces
    machine = Machine(world: world)
    canonicalizer = Canonicalizer(world: world)
    lockOrder = LockOrder(program: world.program)
    threadCount = world.threads.count
  }

  /// Searches until everything is covered or a bound is reached.
  ///
  /// - Parameters:
  ///   - limits: bounds; without any the search ends when everything is covered.
  ///   - report: called now and then with the progress; false stops the search.
  public func run(limits: Limits = Limits(), report: (Progress) -> Bool = { _ in true }) -> Result {
    var state = machine.initialState()
    note(machine.findings, parent: nil, move: nil)
    if reduces { canonicalizer.canonicalize(&state) }
    var packed: [UInt8] = []
    var words: [Int64] = []
    let firstHash = pack(state, &packed)
    let first = store.insert(packed, hash: firstHash).number
    addArrivals()
    var layer = [UInt32(first)]
    var bound: String?
    search: while !layer.isEmpty {
      var next: [UInt32] = []
      for (position, number) in layer.enumerated() {
        if position & 0xff == 0 {
          progress.frontier = layer.count - position + next.count
          progress.bytes = store.byteCount + arrivals.count * MemoryLayout<Arrival>.stride
          if let most = limits.bytes, progress.bytes > most {
            bound = "memory (\(most >> 20) MiB)"
            break search
          }
          if !report(progress) {
            bound = "interrupted"
            break search
          }
        }
        StatePacking.unpack(store.packed(Int(number)), into: &words)
        let here = machine.state(ofUsedWords: words)
        let readiness = machine.readiness(in: here)
        var canMove = false
        for thread in 0..<threadCount {
          let choices: Int
          switch readiness[thread] {
          case .ready(let count): choices = count
          case .timeout: choices = 1
          default: continue
          }
          canMove = true
          for choice in 0..<choices {
            state = here
            let outcome = machine.step(thread, choice: choice, in: &state, log: log)
            guard outcome != .notReady else { continue }
            progress.transitions += 1
            let move = Move(thread: thread, choice: choice)
            var findings = machine.findings
            if let finding = lockOrder.observe(log, state: state, world: world) { findings.append(finding) }
            if !findings.isEmpty {
              note(findings, parent: Int(number), move: move)
              // What follows a broken memory or count means nothing.
              if findings.contains(where: { Self.isFatal($0.property) }) { continue }
            }
            if reduces { canonicalizer.canonicalize(&state) }
            let hash = pack(state, &packed)
            let (target, isNew) = store.insert(packed, hash: hash)
            if isNew {
              addArrivals()
              next.append(UInt32(target))
              if let most = limits.states, store.count >= most {
                bound = "\(most) states"
                break search
              }
            }
            // Only ways of the shortest length count: a state of an earlier layer was reached sooner.
            if isNew || target >= layerEnd { arrive(at: target, from: Int(number), move, readiness) }
          }
        }
        if !canMove { noteEnd(here) }
        if !canMove, let finding = stall(readiness, here) { note([finding], parent: Int(number), move: nil) }
        if order.count >= Self.findingLimit {
          bound = "\(Self.findingLimit) findings"
          break search
        }
      }
      layer = next
      layerEnd = store.count
      if !layer.isEmpty { progress.depth += 1 }
    }
    progress.states = store.count
    progress.frontier = 0
    let examples = order.compactMap { found[$0] }.sorted {
      ($0.schedule.count, $0.preemptions) < ($1.schedule.count, $1.preemptions)
    }
    let verdict: Verdict = !examples.isEmpty ? .violated : bound.map { .bounded($0) } ?? .holds
    return Result(verdict: verdict, progress: progress, counterexamples: examples)
  }

  /// States with a number from here on belong to the layer that is being made.
  private var layerEnd = 1

  private func pack(_ state: State, _ packed: inout [UInt8]) -> UInt64 {
    StatePacking.pack(state.usedWords(in: world), into: &packed)
  }

  private func addArrivals() {
    progress.states += 1
    for _ in 0..<threadCount { arrivals.append(Self.unreached) }
  }

  private func arrive(at target: Int, from parent: Int, _ move: Move, _ readiness: [Machine.Readiness]) {
    var best = Arrival(parent: UInt32(parent), preemptions: .max, before: 0, choice: UInt8(move.choice))
    if parent == 0 {
      best.preemptions = 0
    } else {
      for last in 0..<threadCount {
        let arrival = arrivals[parent * threadCount + last]
        guard arrival.parent != .max else { continue }
        var cost = arrival.preemptions
        if last != move.thread, case .ready = readiness[last] { cost += 1 }
        if cost < best.preemptions {
          best.preemptions = cost
          best.before = UInt8(last + 1)
        }
      }
    }
    if best.preemptions < arrivals[target * threadCount + move.thread].preemptions {
      arrivals[target * threadCount + move.thread] = best
    }
  }

  private static func isFatal(_ property: Property) -> Bool {
    switch property {
    case .useAfterFree, .doubleFree, .nullDereference, .refcountUnderflow, .refcountResurrect, .livelock: true
    default: false
    }
  }

  /// Digests of the states in which nobody can move, in canonical form whether the search reduces or not.
  public var endDigests: Set<UInt64> { quiescentDigests }

  private func noteEnd(_ state: State) {
    var copy = state
    canonicalizer.canonicalize(&copy)
    quiescentDigests.insert(copy.digest(in: world))
  }

  /// Threads that are not through, though nobody can move.
  private func stall(_ readiness: [Machine.Readiness], _ state: State) -> Finding? {
    let waiting = readiness.indices.filter { readiness[$0] != .finished }
    guard !waiting.isEmpty else { return nil }
    // A killed thread, and a circle of waiting ones, is the consequence of a finding that was told already.
    if readiness.contains(.stuck) || machine.hasToldDeadlock(in: state) { return nil }
    let view = StateView(state, world: world)
    let parts = waiting.map { thread in
      let name = world.threads[thread].name
      switch readiness[thread] {
      case .blocked(let lock, let by):
        return
          "\(name) waits for \(view.name(of: lock)), held by \(by.map { world.threads[$0].name }.joined(separator: ", "))"
      case .sleeping(let object, _): return "\(name) sleeps on \(view.name(of: object))"
      default: return "\(name) waits at a barrier"
      }
    }
    return Finding(
      property: .deadlock, thread: waiting[0], statement: view.thread(waiting[0]).nextStatement,
      message: parts.joined(separator: "; "), objects: [], threads: waiting)
  }

  private func note(_ findings: [Finding], parent: Int?, move: Move?) {
    for finding in findings {
      let key = FindingKey(property: finding.property, message: finding.message)
      let known = found[key]
      let (schedule, preemptions) = way(to: parent, move)
      if let known, (known.schedule.count, known.preemptions) <= (schedule.count, preemptions) { continue }
      if known == nil { order.append(key) }
      found[key] = Counterexample(
        finding: finding, schedule: schedule, preemptions: preemptions,
        // Lock order depends on what was seen before on other ways, so a shorter way to one of the two orders may exist.
        isMinimal: finding.property != .lockOrder)
    }
  }

  /// The moves to a state and one more, with the fewest preemptions among the shortest.
  private func way(to state: Int?, _ move: Move?) -> (schedule: [Move], preemptions: Int) {
    guard let state else { return ([], 0) }
    var moves: [Move] = move.map { [$0] } ?? []
    var preemptions = 0
    var here = state
    var last: Int?
    if here != 0 {
      var best = Int.max
      for thread in 0..<threadCount {
        let arrival = arrivals[here * threadCount + thread]
        guard arrival.parent != .max else { continue }
        var cost = Int(arrival.preemptions)
        if let move, move.thread != thread, canGoOn(thread, in: here) { cost += 1 }
        if cost < best {
          best = cost
          last = thread
        }
      }
      preemptions = best == Int.max ? 0 : best
    }
    while here != 0, let thread = last {
      let arrival = arrivals[here * threadCount + thread]
      moves.append(Move(thread: thread, choice: Int(arrival.choice)))
      here = Int(arrival.parent)
      last = arrival.before == 0 ? nil : Int(arrival.before) - 1
    }
    return (moves.reversed(), preemptions)
  }

  private func canGoOn(_ thread: Int, in state: Int) -> Bool {
    var words: [Int64] = []
    StatePacking.unpack(store.packed(state), into: &words)
    if case .ready = machine.readiness(in: machine.state(ofUsedWords: words))[thread] { return true }
    return false
  }
}
