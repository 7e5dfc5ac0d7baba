import Basics
import Dispatch
import Machine
import StepLanguage
import Synchronization

/// Random schedules with priorities: of the threads that can step always the one with the highest priority does, and at a few steps, drawn beforehand, the
/// running thread's priority drops below all others (PCT; Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding
/// bugs", ASPLOS 2010). A bug that needs d orderings among n threads in k steps shows in a walk with a probability of at least 1 / (n k^(d-1)).
///
/// Each walk has a generator of its own, made of the seed and the walk's number, so that walks can run side by side.
final class RandomWalks {
  /// What one walk came to.
  private final class Walk {
    var schedule: [Search.Move] = []
    /// For each step how many preemptions there were, itself included.
    var preemptions: [Int] = []
    var found: [(finding: Finding, length: Int)] = []
    var news: [(acquisition: LockOrder.Acquisition, statement: Int, length: Int)] = []
    var limit: ExceededLimit?
  }

  private struct FindingKey: Hashable {
    var property: Property
    var message: String
  }

  /// The d of the method: one change of priority fewer.
  private static let orderings = 3
  private static let longestWalk = 1_000_000
  private static let batch = 256

  private let world: World
  private let start: State?
  private let jobs: Int
  private let seed: UInt64
  private(set) var progress = Search.Progress()
  /// The limit of the machine that a walk went beyond.
  private(set) var limit: ExceededLimit?
  private var lockOrder: LockOrder
  private let replay: Replay
  private var found: [FindingKey: Search.Counterexample] = [:]
  private var order: [FindingKey] = []

  init(world: World, start: State?, lockOrder: LockOrder?, seed: UInt64, jobs: Int) {
    self.world = world
    self.start = start
    self.seed = seed
    self.jobs = max(1, jobs)
    replay = Replay(world: world, start: start)
    self.lockOrder = lockOrder ?? LockOrder(program: world.program)
  }

  /// What was found, shortest first.
  var counterexamples: [Search.Counterexample] {
    order.compactMap { found[$0] }.sorted { $0.precedes($1) }
  }

  /// Walks so many times; gives what bounded it, which there always is.
  func run(_ count: Int, report: (Search.Progress) -> Bool) -> String {
    let machines = (0..<jobs).map { _ in Machine(world: world) }
    // How long a walk is, for drawing where priorities change.
    let length = walk(0, machines[0], length: 0, lockOrder).schedule.count
    var done = 0
    while done < count {
      progress.frontier = count - done
      if !report(progress) { return "interrupted after \(done) random walks" }
      let size = min(Self.batch, count - done)
      let walks = UnsafeMutablePointer<Walk>.allocate(capacity: size)
      defer {
        walks.deinitialize(count: size)
        walks.deallocate()
      }
      for number in 0..<size { (walks + number).initialize(to: Walk()) }
      let next = Counter()
      sideBySide(min(jobs, size)) { job in
        while true {
          let number = next.value.wrappingAdd(1, ordering: .relaxed).oldValue
          if number >= size { break }
          walks[number] = self.walk(done + number + 1, machines[job], length: length, self.lockOrder)
        }
      }
      for number in 0..<size { takeIn(walks[number]) }
      if let limit { return limit.message }
      done += size
      progress.states = progress.transitions + done
    }
    return "\(count) random walks"
  }

  private func walk(_ number: Int, _ machine: Machine, length: Int, _ lockOrder: LockOrder) -> Walk {
    let result = Walk()
    var generator = SplitMix64(seed: seed &+ UInt64(number) &* 0xd1b5_4a32_d192_ed03)
    _ = generator.next()
    let threadCount = world.threads.count
    // Priorities: larger goes first. What a change gives is below all of these.
    var priorities = (0..<threadCount).map { Self.orderings + $0 }
    for position in stride(from: threadCount - 1, to: 0, by: -1) {
      priorities.swapAt(position, generator.below(position + 1))
    }
    let changes = (0..<Self.orderings - 1).map { _ in generator.below(length) }
    var state = machine.initialState()
    if let start {
      machine.copy(from: start, to: &state)
      machine.examine(&state)
    }
    for finding in machine.findings { result.found.append((finding, 0)) }
    var choices = [Int](repeating: 0, count: threadCount)
    var last = -1
    var switches = 0
    var isStalled = false
    while result.schedule.count < Self.longestWalk {
      let ready = choices.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map { machine.moves(in: state, into: $0) } ?? 0
      }
      let step = result.schedule.count
      var thread = -1
      for pass in 0..<2 {
        thread = -1
        for other in 0..<threadCount {
          let canStep = ready != 0 ? choices[other] > 0 : choices[other] < 0
          if canStep, thread < 0 || priorities[other] > priorities[thread] { thread = other }
        }
        if pass == 0, thread >= 0, let change = changes.firstIndex(of: step) {
          priorities[thread] = Self.orderings - 1 - change
        } else {
          break
        }
      }
      if thread < 0 {
        isStalled = true
        break
      }
      let choice = choices[thread] > 1 ? generator.below(choices[thread]) : 0
      let order =
        machine.ordersLocks(thread, in: state).flatMap { outcome in
          machine.nextStatement(of: thread, in: state).map { (statement: $0, outcome: outcome) }
        }
      let outcome = machine.step(thread, choice: choice, in: &state)
      if outcome == .notReady { break }
      if last >= 0, last != thread, ready >> UInt64(last) & 1 != 0 { switches += 1 }
      last = thread
      result.schedule.append(Search.Move(thread: thread, choice: choice))
      result.preemptions.append(switches)
      if let order, outcome == order.outcome,
        let acquisition = lockOrder.news(of: thread, in: state, world: world)
      {
        result.news.append((acquisition, order.statement, result.schedule.count))
      }
      if machine.hasFindings {
        for finding in machine.findings { result.found.append((finding, result.schedule.count)) }
        if machine.findings.contains(where: { $0.property.endsSearch }) { return result }
      }
    }
    result.limit = machine.exceededLimit
    // A walk that is broken off says nothing about threads that still could go on.
    if isStalled, let finding = DeadlockCheck.finding(machine, state) {
      result.found.append((finding, result.schedule.count))
    }
    return result
  }

  private func takeIn(_ walk: Walk) {
    if limit == nil { limit = walk.limit }
    progress.transitions += walk.schedule.count
    progress.depth = max(progress.depth, walk.schedule.count)
    for (finding, length) in walk.found { note(finding, walk, length) }
    for (acquisition, statement, length) in walk.news {
      let finding = lockOrder.take(acquisition, statement: statement, program: world.program)
      if let finding { note(finding, walk, length) }
    }
  }

  private func note(_ finding: Finding, _ walk: Walk, _ length: Int) {
    let key = FindingKey(property: finding.property, message: finding.message)
    let preemptions = length == 0 ? 0 : walk.preemptions[length - 1]
    let known = found[key]
    if let known {
      if (known.schedule.count, known.preemptions) < (length, preemptions) { return }
    } else if order.count >= Exploration.findingLimit {
      return
    }
    let schedule = Array(walk.schedule[..<length])
    let example = Search.Counterexample(
      finding: finding, schedule: schedule, preemptions: preemptions,
      operations: replay.operations(of: schedule),
      isMinimal: false)
    if let known, !example.isBetter(than: known) { return }
    if known == nil { order.append(key) }
    found[key] = example
  }
}
