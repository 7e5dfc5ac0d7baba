import Basics
import Machine
import StepLanguage
import Synchronization

/// One breadth-first search with all that it has seen.
///
/// Layer by layer, and within a layer round by round: first all states of the round are expanded side by side, while the shards are only
/// read; then each shard takes in its new states, side by side again, always in the order of the chunks. How much a round holds depends only
/// on what was seen before, so every number of workers comes to the same states with the same numbers.
final class Exploration {
  struct Options {
    /// Whether states are brought into canonical form.
    var isCanonical = true
    /// Whether canonical form exchanges threads that cannot be told apart (`ThreadSymmetry`).
    var exchangesThreads = true
    /// Whether threads are left out that need not be tried (`Lookahead`).
    var leavesOut = true
    /// Whether preemptions are counted and bounded.
    var countsPreemptions = false
    /// The most preemptions.
    var preemptions: UInt16 = 0
    /// The most layers; nil for no bound.
    var layers: Int?
    /// Whether states are looked for from which no run comes to an end.
    var findsLivelocks = false
  }

  struct FindingKey: Hashable {
    var property: Property
    var message: String
  }

  /// After so many different findings the search stops: the model is broken in every way.
  static let findingLimit = 64
  private static let chunkSize = 32
  private static let roundSize = 8192

  let world: World
  /// Where the search begins; nil for the world's start.
  private let firstState: State?
  private let options: Options
  private let jobs: Int
  let shards: [Shard]
  private(set) var workers: [Worker]
  private var chunks: [Chunk] = []
  var lockOrder: LockOrder
  private(set) var start = StateNumber.none
  var frontier = UnsafeVector<UInt32>()
  var layer = 0
  private(set) var found: [FindingKey: Search.Counterexample] = [:]
  private(set) var order: [FindingKey] = []
  var progress = Search.Progress()
  var ends: Set<UInt64> = []
  /// States from which a run comes to its end at once.
  var last = UnsafeVector<UInt32>()
  private let replay: Replay
  /// States that wait for one more preemption to be allowed.
  private var deferred = UnsafeVector<Candidate>()
  private var deferredBytes = UnsafeVector<UInt8>()
  /// How many preemptions are allowed by now.
  var level: UInt16 = 0
  /// What is shared with other processes; nil when this one is alone.
  var sharedRounds: SharedRounds?
  /// Whether another process found that thread numbers matter.
  private var othersChoseByThreadNumber = false

  init(world: World, start: State?, lockOrder: LockOrder?, options: Options, jobs: Int) {
    self.world = world
    firstState = start
    self.options = options
    self.jobs = max(1, jobs)
    replay = Replay(world: world, start: start)
    let threadCount = world.threads.count
    let shards = (0..<Shard.count).map {
      Shard(threadCount: threadCount, edgeShard: options.findsLivelocks ? $0 : nil)
    }
    self.shards = shards
    let lockOrder = lockOrder ?? LockOrder(program: world.program)
    self.lockOrder = lockOrder
    workers = [Worker(world: world, options: options, shards: shards, lockOrder: lockOrder)]
  }

  deinit {
    frontier.release()
    last.release()
    deferred.release()
    deferredBytes.release()
  }

  /// What was found, shortest first; where preemptions are bounded, the one with the fewest first.
  ///
  /// Each is told in the words of its way when that is gone from where the search began: in canonical form objects, and threads that cannot be told
  /// apart, have other names.
  var counterexamples: [Search.Counterexample] {
    var told: [FindingKey: Search.Counterexample] = [:]
    for example in order.compactMap({ found[$0] }) {
      let example = replay.told(example)
      let key = FindingKey(property: example.finding.property, message: example.finding.message)
      if let known = told[key], !example.precedes(known) { continue }
      told[key] = example
    }
    return told.values.sorted { first, second in
      if options.countsPreemptions, first.preemptions != second.preemptions {
        return first.preemptions < second.preemptions
      }
      return first.precedes(second)
    }
  }

  /// Searches until everything is covered or a bound is reached, which is then named.
  func run(limits: Search.Limits, report: (Search.Progress) -> Bool) -> String? {
    if !isResumed {
      for finding in begin() { note(finding, nil, parent: nil) }
    }
    while true {
      if let limit { return limit.message }
      if position == frontier.count {
        guard nextLayer() else {
          if options.findsLivelocks { findLivelocks() }
          return !hasDeferred
            ? nil : "\(options.preemptions) preemption\(options.preemptions == 1 ? "" : "s")"
        }
        position = 0
      }
      progress.frontier = frontier.count - position + (progress.states - closedStates)
      progress.bytes = byteCount
      if let most = limits.bytes, progress.bytes > most { return "memory (\(most >> 20) MiB)" }
      if mustTellThreadsApart { return "threads that can be told apart" }
      if !report(progress) { return "interrupted" }
      if let most = limits.states, progress.states >= most { return "\(most) states" }
      if shards.contains(where: { $0.stateCount > Shard.capacity - (1 << 24) }) {
        return "more states than can be numbered"
      }
      if order.count >= Self.findingLimit { return "\(Self.findingLimit) findings" }
      // Small rounds where the bound is near.
      let size = min(
        frontier.count - position, Self.roundSize,
        limits.states.map { max(1, ($0 - progress.states) / 8) } ?? Self.roundSize)
      round(position, size)
      position += size
    }
  }

  /// Whether threads were exchanged though something depended on their numbers: then the search must start again without that.
  var mustTellThreadsApart: Bool {
    options.exchangesThreads && options.isCanonical && choseByThreadNumber
  }

  private var choseByThreadNumber: Bool {
    othersChoseByThreadNumber || workers.contains { $0.choseByThreadNumber }
  }

  /// The limit of the machine that the search went beyond: what it covered until then says nothing about the rest.
  private(set) var limit: ExceededLimit?
  /// How many states there were when the layer began.
  var closedStates = 0
  /// Where in the frontier the next round begins.
  private(set) var position = 0
  var isResumed = false

  /// Makes the first state; gives what is wrong with it.
  func begin() -> [Finding] {
    let findings: [Finding]
    (start, findings) = workers[0].begin(at: firstState)
    limit = workers[0].exceededLimit
    progress.states = 1
    return findings
  }

  /// Takes in a finding of a checkpoint.
  func put(_ example: Search.Counterexample) {
    let key = FindingKey(property: example.finding.property, message: example.finding.message)
    if found[key] == nil { order.append(key) }
    found[key] = example
  }

  /// Whether any state that needs one more preemption was not reached with fewer.
  private var hasDeferred: Bool {
    (0..<deferred.count).contains { index in
      let candidate = deferred[index]
      return shards[Shard.number(of: candidate.hash)].find(
        deferredBytes.base + candidate.start, candidate.length, hash: candidate.hash) < 0
    }
  }

  /// Begins the layer that the last one led to; false when there is none, or no more are wanted.
  private func nextLayer() -> Bool {
    if let most = options.layers, layer > most { return false }
    layer += 1
    frontier.removeAll()
    if options.countsPreemptions, shards.allSatisfy({ $0.layerStart == $0.stateCount }),
      level < options.preemptions
    {
      allowOneMore()
    }
    for (number, shard) in shards.enumerated() {
      for index in shard.closeLayer() { frontier.append(StateNumber(shard: number, index: index).word) }
    }
    closedStates = progress.states
    return frontier.count > 0
  }

  /// All that can be reached with so many preemptions was: now come the states that need one more.
  private func allowOneMore() {
    level += 1
    for index in 0..<deferred.count {
      shards[Shard.number(of: deferred[index].hash)].take(deferred.base + index, 1, bytes: deferredBytes.base)
    }
    deferred.removeAll()
    deferredBytes.removeAll()
    progress.states = shards.reduce(0) { $0 + $1.stateCount }
  }

  private var byteCount: Int {
    shards.reduce(0) { $0 + $1.byteCount } + chunks.reduce(0) { $0 + $1.byteCount } + frontier.byteCount
      + deferred.byteCount + deferredBytes.byteCount + last.byteCount
  }

  private func round(_ position: Int, _ size: Int) {
    let count = (size + Self.chunkSize - 1) / Self.chunkSize
    while chunks.count < count { chunks.append(Chunk()) }
    let wanted = min(jobs, count)
    while workers.count < wanted {
      workers.append(Worker(world: world, options: options, shards: shards, lockOrder: lockOrder))
    }
    if let sharedRounds, sharedRounds.isShared(chunks: count) {
      share(sharedRounds, position, size, chunks: count)
    } else {
      expand(position, size, Array(0..<count))
    }
    let nextShard = Counter()
    sideBySide(min(wanted, Shard.count)) { _ in
      while true {
        let shard = nextShard.value.wrappingAdd(1, ordering: .relaxed).oldValue
        if shard >= Shard.count { break }
        for number in 0..<count {
          let chunk = self.chunks[number]
          let candidates = chunk.candidates[shard]
          if candidates.count > 0 {
            self.shards[shard].take(candidates.base, candidates.count, bytes: chunk.bytes.base)
          }
        }
      }
    }
    for number in 0..<count { takeIn(chunks[number]) }
    progress.states = shards.reduce(0) { $0 + $1.stateCount }
  }

  /// Expands the states of some of a round's chunks.
  private func expand(_ position: Int, _ size: Int, _ numbers: [Int]) {
    let next = Counter()
    sideBySide(max(1, min(workers.count, numbers.count))) { number in
      let worker = self.workers[number]
      worker.lockOrder = self.lockOrder
      worker.level = self.level
      while true {
        let place = next.value.wrappingAdd(1, ordering: .relaxed).oldValue
        if place >= numbers.count { break }
        let chunk = numbers[place]
        let first = chunk * Self.chunkSize
        self.chunks[chunk].clear()
        worker.expand(
          self.frontier.base + position + first, min(Self.chunkSize, size - first), start: self.start,
          into: self.chunks[chunk])
      }
    }
  }

  /// Expands this process's part of a round, and takes the others' from the exchange, or makes them, too, when they do not come. What this process
  /// left there before it was ended and started again is taken, too.
  private func share(_ rounds: SharedRounds, _ position: Int, _ size: Int, chunks count: Int) {
    let own = rounds.share.part
    // The own part first, so that nobody waits for it longer than it takes.
    for part in [own] + (0..<rounds.share.count).filter({ $0 != own }) {
      if let chose = rounds.fetch(part, into: chunks, count, states: progress.states, shards, world) {
        if chose { othersChoseByThreadNumber = true }
        continue
      }
      expand(position, size, Array(rounds.chunks(of: part, count)))
      if part == own {
        rounds.leave(chunks, count, states: progress.states, choseByThreadNumber: choseByThreadNumber)
      }
    }
    sharedRounds?.next()
  }

  private func takeIn(_ chunk: Chunk) {
    if limit == nil { limit = chunk.limit }
    if limit != nil { return }
    progress.transitions += chunk.transitions
    progress.depth = max(progress.depth, Int(chunk.depth))
    for index in 0..<chunk.deferred.count {
      var candidate = chunk.deferred[index]
      let start = candidate.start
      candidate.start = deferredBytes.count
      candidate.known = -1
      deferredBytes.append(chunk.bytes.base + start, candidate.length)
      deferred.append(candidate)
    }
    for end in chunk.ends { ends.insert(end) }
    if options.findsLivelocks {
      last.append(chunk.last.base, chunk.last.count)
      for index in 0..<chunk.back.count { shards[chunk.back[index].to.shard].put(chunk.back[index]) }
    }
    for one in chunk.found { note(one.finding, one.step, parent: one.parent) }
    for one in chunk.news {
      let finding = lockOrder.take(one.acquisition, statement: one.statement, program: world.program)
      if let finding { note(finding, one.step, parent: one.parent) }
    }
  }

  func note(_ finding: Finding, _ step: Chunk.Step?, parent: StateNumber?) {
    let key = FindingKey(property: finding.property, message: finding.message)
    let known = found[key]
    // Most findings come again and again; what their ways cost is known before they are gone.
    if let known, let parent {
      let cost = workers[0].cost(to: parent, step, start: start)
      if (known.schedule.count, known.preemptions) < cost { return }
    }
    let (schedule, preemptions) = parent.map { workers[0].way(to: $0, step, start: start) } ?? ([], 0)
    let example = Search.Counterexample(
      finding: finding, schedule: schedule, preemptions: preemptions,
      operations: replay.operations(of: schedule),
      // Lock order depends on what was seen before on other ways, so a shorter way to one of the two orders may exist. Where threads
      // are left out, or preemptions bounded, a shorter way may not have been looked at.
      isMinimal: finding.property != .lockOrder && !options.leavesOut && !options.countsPreemptions)
    if let known, !example.isBetter(than: known) { return }
    if known == nil { order.append(key) }
    found[key] = example
  }
}
