import Basics
import Machine
import StepLanguage

/// What the expansion of a run of states gave. Chunks are taken in in their order, whoever made them when.
final class Chunk {
  /// A finding and the step at which it showed.
  struct Found {
    var finding: Finding
    var step: Step?
    var parent: StateNumber
  }

  /// Locks taken in an order that was not seen before the round.
  struct News {
    var acquisition: LockOrder.Acquisition
    var statement: Int?
    var step: Step
    var parent: StateNumber
  }

  /// The last of some steps of a thread from a state on.
  struct Step {
    var thread: Int
    /// Which way the first of them went.
    var choice: Int
    /// How many there are.
    var run: Int
  }

  var candidates: [UnsafeVector<Candidate>] = (0..<Shard.count).map { _ in UnsafeVector() }
  /// Those that cost one preemption more than the search allows by now.
  var deferred = UnsafeVector<Candidate>()
  var bytes = UnsafeVector<UInt8>(capacity: 1 << 12)
  var found: [Found] = []
  var news: [News] = []
  var ends: [UInt64] = []
  /// States from which a run comes to its end at once.
  var last = UnsafeVector<UInt32>()
  /// Steps that led back to states of earlier layers.
  var back = UnsafeVector<Edge>()
  var transitions = 0
  var depth: UInt32 = 0
  /// For how many states it was asked which threads can be left out, and for how many some could be.
  var analyses = 0
  var reductions = 0
  /// The limit of the machine that a step went beyond; then nothing else of the chunk counts.
  var limit: ExceededLimit?

  deinit {
    for pool in candidates { pool.release() }
    last.release()
    back.release()
    deferred.release()
    bytes.release()
  }

  func clear() {
    for shard in candidates.indices { candidates[shard].removeAll() }
    deferred.removeAll()
    last.removeAll()
    back.removeAll()
    bytes.removeAll()
    found.removeAll(keepingCapacity: true)
    news.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    transitions = 0
    depth = 0
    limit = nil
    analyses = 0
    reductions = 0
  }

  var byteCount: Int {
    bytes.byteCount + deferred.byteCount + last.byteCount + back.byteCount
      + candidates.reduce(0) { $0 + $1.byteCount }
  }
}

/// Expands states: one for each thread of the host, with a machine of its own.
final class Worker {
  /// After so many steps in a row a state is kept in any case.
  private static let longestRun = 4096

  private let world: World
  private let machine: Machine
  private let canonicalizer: Canonicalizer
  /// For states in which nobody can move: the same whatever the search reduces.
  private let endCanonicalizer: Canonicalizer
  private let lookahead: Lookahead?
  private let accesses = AccessLog()
  private let options: Exploration.Options
  private let shards: [Shard]
  private let threadCount: Int
  private var here: State
  private var state: State
  private var trial: State
  private var words = UnsafeVector<Int64>(capacity: 1024)
  private var packed = UnsafeVector<Int64>(capacity: 1024)
  private let choices: UnsafeMutablePointer<Int>
  private let laterChoices: UnsafeMutablePointer<Int>
  /// What was seen of the order of locks when the round began.
  var lockOrder: LockOrder
  /// How many preemptions are allowed by now.
  var level: UInt16 = 0
  /// Whether threads that can be left out are looked for at a few states only, since it did not pay.
  var isReductionPaused = false

  // The state that is being expanded.
  private var parent = StateNumber.none
  private var isStart = false
  /// For each thread the number that it got at the start.
  private var startNumbers: [Int] = []
  private var depth: UInt32 = 0
  private var ready: UInt64 = 0
  private var chunk: Chunk

  init(world: World, options: Exploration.Options, shards: [Shard], lockOrder: LockOrder) {
    self.world = world
    self.options = options
    self.shards = shards
    self.lockOrder = lockOrder
    machine = Machine(world: world)
    let symmetry = ThreadSymmetry(world)
    endCanonicalizer = Canonicalizer(world: world, symmetry: symmetry)
    canonicalizer = options.exchangesThreads ? endCanonicalizer : Canonicalizer(world: world)
    lookahead = options.leavesOut ? Lookahead(machine: machine) : nil
    threadCount = world.threads.count
    here = machine.initialState()
    state = here
    trial = here
    choices = .allocate(capacity: threadCount)
    laterChoices = .allocate(capacity: threadCount)
    chunk = Chunk()
  }

  deinit {
    words.release()
    packed.release()
    choices.deallocate()
    laterChoices.deallocate()
  }

  // MARK: The start

  /// Puts the first state into its shard; gives its number and what was wrong with it.
  func begin(at first: State?) -> (StateNumber, [Finding]) {
    if let first {
      machine.copy(from: first, to: &state)
      machine.examine(&state)
    } else {
      state = machine.initialState()
    }
    let findings = machine.findings
    if options.isCanonical { canonicalizer.canonicalize(&state) }
    startNumbers = numbersNow
    let (hash, length) = encode(last: -1)
    let shard = Shard.number(of: hash)
    shards[shard].insertFirst(chunk.bytes.base, length, hash: hash)
    return (StateNumber(shard: shard, index: 0), findings)
  }

  /// Makes the states of a checkpoint again, each from one that is there already; false when that cannot be.
  func rebuild(_ arrivals: [[Arrival]], _ depths: [[UInt32]], start: StateNumber) -> Bool {
    var done = depths.map { _ in 0 }
    // The first state is there without any step.
    guard let first = depths[start.shard].first, first == 0 else { return false }
    done[start.shard] = 1
    var hasMoved = true
    while hasMoved {
      hasMoved = false
      for shard in depths.indices {
        while done[shard] < depths[shard].count {
          let rows = arrivals[shard][(done[shard] * threadCount)..<((done[shard] + 1) * threadCount)]
          guard let row = rows.firstIndex(where: { $0.parent != .none }),
            rows.allSatisfy({ isPossible($0, arrivals) })
          else { return false }
          // All parents come first, so no way goes round in a circle.
          guard rows.allSatisfy({ $0.parent == .none || $0.parent.index < done[$0.parent.shard] }) else {
            break
          }
          guard again(rows[row]) else { return false }
          let last =
            options.isCanonical ? canonicalizer.newNumber(of: Int(rows[row].thread)) : Int(rows[row].thread)
          guard last == row - rows.startIndex else { return false }
          let (hash, length) = encode(last: last)
          guard Shard.number(of: hash) == shard,
            shards[shard].restore(
              chunk.bytes.base + chunk.bytes.count, length, hash: hash, depth: depths[shard][done[shard]],
              arrivals: rows)
          else { return false }
          done[shard] += 1
          hasMoved = true
        }
      }
    }
    return depths.indices.allSatisfy { done[$0] == depths[$0].count }
  }

  /// Whether the way before an arrival is there.
  private func isPossible(_ arrival: Arrival, _ arrivals: [[Arrival]]) -> Bool {
    guard arrival.parent != .none, arrival.before > 0 else { return true }
    let place = arrival.parent.index * threadCount + Int(arrival.before) - 1
    let rows = arrivals[arrival.parent.shard]
    return place < rows.count && rows[place].parent != .none
  }

  /// Goes the steps of an arrival; false when the machine does not take them.
  private func again(_ arrival: Arrival) -> Bool {
    let thread = Int(arrival.thread)
    load(arrival.parent)
    machine.copy(from: here, to: &state)
    for step in 0..<Int(arrival.run) {
      let choice = step == 0 ? Int(arrival.choice) : 0
      let count = machine.mayStep(thread, in: state)
      guard choice < count, machine.step(thread, choice: choice, in: &state) != .notReady else {
        return false
      }
    }
    if options.isCanonical { canonicalizer.canonicalize(&state) }
    return true
  }

  // MARK: Expanding

  /// The limit of the machine that the first state went beyond.
  var exceededLimit: ExceededLimit? { machine.exceededLimit }

  /// Expands the states of a row.
  func expand(_ numbers: UnsafePointer<UInt32>, _ count: Int, start: StateNumber, into chunk: Chunk) {
    self.chunk = chunk
    for position in 0..<count {
      parent = StateNumber(word: numbers[position])
      isStart = parent == start
      expand()
    }
    if machine.hasExceededLimit { chunk.limit = machine.exceededLimit }
  }

  private func expand() {
    load(parent)
    depth = shards[parent.shard].depth(parent.index)
    ready = machine.moves(in: here, into: choices)
    if ready == 0 {
      expandRest()
      return
    }
    guard let lookahead else {
      expand(ready)
      return
    }
    if ready.nonzeroBitCount == 1 {
      goOnAlone(ready.trailingZeroBitCount)
      return
    }
    if isReductionPaused, parent.index % Exploration.sampling != 0 {
      expand(ready)
      return
    }
    let set = lookahead.persistentSet(at: here, ready: ready)
    chunk.analyses += 1
    if set != ready { chunk.reductions += 1 }
    if set == ready {
      expand(ready)
      return
    }
    let isLater =
      set.nonzeroBitCount == 1
      ? goOnWithin(set.trailingZeroBitCount, lookahead) : expand(set)
    // What is left out here must be made up for somewhere: where every step leads back to states that are done already, nothing is left out.
    if !isLater { expand(ready & ~set) }
  }

  /// One step of each of these threads; gives whether any leads to a state that is still to be expanded.
  @discardableResult
  private func expand(_ threads: UInt64) -> Bool {
    var rest = threads
    var isLater = false
    while rest != 0 {
      let thread = rest.trailingZeroBitCount
      rest &= rest - 1
      for choice in 0..<choices[thread] {
        machine.copy(from: here, to: &state)
        let step = Chunk.Step(thread: thread, choice: choice, run: 1)
        if take(step), keep(step) { isLater = true }
      }
    }
    return isLater
  }

  /// Nobody can move: time passes, or all is over.
  private func expandRest() {
    var canMove = false
    for thread in 0..<threadCount where choices[thread] < 0 {
      canMove = true
      machine.copy(from: here, to: &state)
      let step = Chunk.Step(thread: thread, choice: 0, run: 1)
      if take(step) { _ = keep(step) }
    }
    if canMove { return }
    chunk.last.append(parent.word)
    if let finding = DeadlockCheck.finding(machine, here) {
      chunk.found.append(Chunk.Found(finding: finding, step: nil, parent: parent))
    }
    chunk.ends.append(machine.outcomeDigest(of: here, endCanonicalizer))
  }

  /// The only thread that can move goes on until another one can, too: there is nothing to choose between.
  private func goOnAlone(_ thread: Int) {
    let own: UInt64 = 1 << UInt64(thread)
    for choice in 0..<choices[thread] {
      machine.copy(from: here, to: &state)
      var step = Chunk.Step(thread: thread, choice: choice, run: 1)
      var isSound = take(step)
      while isSound, !machine.hasFindings, step.run < Self.longestRun,
        machine.moves(in: state, into: laterChoices) == own, laterChoices[thread] == 1
      {
        step.run += 1
        isSound = take(step)
      }
      if isSound { _ = keep(step) }
    }
  }

  /// A thread whose next step is a persistent set goes on as long as that stays so by what is known already.
  private func goOnWithin(_ thread: Int, _ lookahead: Lookahead) -> Bool {
    machine.copy(from: here, to: &state)
    var step = Chunk.Step(thread: thread, choice: 0, run: 1)
    machine.accessLog = accesses
    accesses.clear()
    let isSound = take(step)
    // After a step that lets others go on, what they do alone is no longer what it was.
    while isSound, !machine.hasFindings, step.run < Self.longestRun,
      !lookahead.mayEnable(accesses, thread: thread), machine.isInCall(thread, in: state),
      machine.choices(of: thread, in: state) == 1
    {
      machine.copy(from: state, to: &trial)
      accesses.clear()
      let order = order(of: thread, in: state)
      guard machine.step(thread, in: &trial) == .stepped, !machine.hasFindings,
        !lookahead.meetsOthers(accesses, thread: thread, from: &state, to: &trial)
      else { break }
      swap(&state, &trial)
      step.run += 1
      chunk.transitions += 1
      if let order, order.outcome == .stepped { noteLock(step, statement: order.statement) }
    }
    machine.accessLog = nil
    return isSound && keep(step)
  }

  /// Takes one step in `state`; false when the search does not go on from there.
  private func take(_ step: Chunk.Step) -> Bool {
    let order = order(of: step.thread, in: state)
    let outcome = machine.step(step.thread, choice: step.run == 1 ? step.choice : 0, in: &state)
    guard outcome != .notReady else { return false }
    chunk.transitions += 1
    if let order, outcome == order.outcome { noteLock(step, statement: order.statement) }
    guard machine.hasFindings else { return true }
    var isSound = true
    for finding in machine.findings {
      chunk.found.append(Chunk.Found(finding: finding, step: step, parent: parent))
      // What follows a broken memory or count means nothing.
      if finding.property.endsSearch { isSound = false }
    }
    if !isSound { chunk.last.append(parent.word) }
    return isSound
  }

  /// The statement that comes into the order of locks, when it has this outcome.
  private func order(of thread: Int, in state: State) -> (statement: Int, outcome: Machine.Outcome)? {
    guard let outcome = machine.ordersLocks(thread, in: state),
      let statement = machine.nextStatement(of: thread, in: state)
    else { return nil }
    return (statement, outcome)
  }

  private func noteLock(_ step: Chunk.Step, statement: Int) {
    if let acquisition = lockOrder.news(of: step.thread, in: state, world: world) {
      chunk.news.append(
        Chunk.News(acquisition: acquisition, statement: statement, step: step, parent: parent))
    }
  }

  // MARK: Keeping

  /// Hands `state` on; false when it is of this layer or an earlier one.
  private func keep(_ step: Chunk.Step) -> Bool {
    var last = step.thread
    if options.isCanonical {
      canonicalizer.canonicalize(&state)
      last = canonicalizer.newNumber(of: last)
    }
    let (hash, length) = encode(last: last)
    let shard = Shard.number(of: hash)
    let start = chunk.bytes.count
    let known = shards[shard].find(chunk.bytes.base + start, length, hash: hash)
    if known >= 0, known < shards[shard].layerStart {
      if options.findsLivelocks {
        chunk.back.append(Edge(to: StateNumber(shard: shard, index: known), from: parent))
      }
      return false
    }
    let depth = depth + UInt32(step.run)
    chunk.depth = max(chunk.depth, depth)
    let candidate = Candidate(
      hash: hash, arrival: arrival(step), start: start, length: length, known: known, depth: depth,
      thread: UInt8(last))
    if options.countsPreemptions, candidate.arrival.preemptions > level {
      chunk.deferred.append(candidate)
      chunk.bytes.extend(length)
      return true
    }
    if known < 0 { chunk.bytes.extend(length) }
    chunk.candidates[shard].append(candidate)
    return true
  }

  /// Writes the bytes of `state` behind those of the chunk, without taking them in.
  private func encode(last thread: Int) -> (hash: UInt64, length: Int) {
    var hash = machine.hash(of: state)
    let count = machine.packedWordCount(of: state)
    packed.removeAll()
    machine.pack(state, into: UnsafeMutableBufferPointer(start: packed.room(count), count: count))
    let target = chunk.bytes.room(StateBytes.limit(count) + 1)
    var length = StateBytes.encode(packed.base, count, into: target)
    if options.countsPreemptions {
      // Which thread moved last decides what a preemption is, so it is part of what is told apart.
      target[length] = UInt8(thread + 1)
      length += 1
      hash = (hash ^ UInt64(thread + 2)) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 31
    }
    return (hash, length)
  }

  private func load(_ number: StateNumber) {
    let bytes = shards[number.shard].bytes(number.index)
    guard let base = bytes.baseAddress else { return }
    StateBytes.decode(base, bytes.count - (options.countsPreemptions ? 1 : 0), into: &words)
    machine.unpack(UnsafeBufferPointer(start: words.base, count: words.count), into: &here)
  }

  /// What is to be said of a state from which no run comes to an end.
  func endlessness(of number: StateNumber) -> Finding {
    load(number)
    return Endlessness.finding(machine, here)
  }

  // MARK: Preemptions

  /// The way with the fewest preemptions to the state under expansion and on with a thread.
  private func arrival(_ step: Chunk.Step) -> Arrival {
    let (preemptions, before) = fewestPreemptions(
      to: parent, isStart: isStart, then: step.thread, ready: ready)
    return Arrival(
      parent: parent, preemptions: preemptions, run: UInt16(step.run), before: before,
      choice: UInt8(step.choice), thread: UInt8(step.thread))
  }

  /// How many preemptions the best way takes that leads to a state and goes on with a thread, and who moved last on it, plus one.
  private func fewestPreemptions(
    to number: StateNumber, isStart: Bool, then thread: Int?, ready: UInt64
  ) -> (preemptions: UInt16, before: UInt8) {
    if isStart { return (0, 0) }
    var best = (preemptions: UInt16.max, before: UInt8(0))
    for last in 0..<threadCount {
      let arrival = shards[number.shard].arrival(number.index, last: last)
      guard arrival.parent != .none else { continue }
      var cost = arrival.preemptions
      if let thread, last != thread, ready >> UInt64(last) & 1 != 0 { cost += 1 }
      if cost < best.preemptions { best = (cost, UInt8(last + 1)) }
    }
    return best
  }

  // MARK: Ways

  /// Goes the best way to a state and on from there, the last link first; gives how many preemptions it takes.
  private func follow(
    to number: StateNumber, _ step: Chunk.Step?, start: StateNumber,
    _ visit: (_ parent: StateNumber, _ step: Chunk.Step) -> Void
  ) -> Int {
    if let step { visit(number, step) }
    load(number)
    let ready = machine.moves(in: here, into: choices)
    let best = fewestPreemptions(to: number, isStart: number == start, then: step?.thread, ready: ready)
    var before = Int(best.before)
    var place = number
    while place != start, before > 0 {
      let arrival = shards[place.shard].arrival(place.index, last: before - 1)
      visit(
        arrival.parent,
        Chunk.Step(thread: Int(arrival.thread), choice: Int(arrival.choice), run: Int(arrival.run)))
      place = arrival.parent
      before = Int(arrival.before)
    }
    return Int(best.preemptions == .max ? 0 : best.preemptions)
  }

  /// How many steps and preemptions the way takes that `way` gives.
  func cost(to number: StateNumber, _ step: Chunk.Step?, start: StateNumber) -> (
    steps: Int, preemptions: Int
  ) {
    var steps = 0
    let preemptions = follow(to: number, step, start: start) { steps += max(1, $1.run) }
    return (steps, preemptions)
  }

  /// The moves to a state and on from there, with the fewest preemptions among the ways that are known; threads have the numbers that they have
  /// where the search began.
  func way(to number: StateNumber, _ step: Chunk.Step?, start: StateNumber) -> (
    schedule: [Search.Move], preemptions: Int
  ) {
    var links: [(parent: StateNumber, step: Chunk.Step)] = []
    let preemptions = follow(to: number, step, start: start) { links.append(($0, $1)) }
    var moves: [Search.Move] = []
    // For each thread of the state where the way is by now its number at the start.
    var names = Array(0..<threadCount)
    for (thread, number) in startNumbers.enumerated() { names[number] = thread }
    for (parent, step) in links.reversed() {
      for position in 0..<max(1, step.run) {
        moves.append(Search.Move(thread: names[step.thread], choice: position == 0 ? step.choice : 0))
      }
      guard options.isCanonical, canonicalizer.sortsThreads else { continue }
      load(parent)
      machine.copy(from: here, to: &state)
      for position in 0..<max(1, step.run) {
        _ = machine.step(step.thread, choice: position == 0 ? step.choice : 0, in: &state)
      }
      canonicalizer.canonicalize(&state)
      var after = names
      for (thread, number) in numbersNow.enumerated() { after[number] = names[thread] }
      names = after
    }
    return (moves, preemptions)
  }

  /// For each thread of a state the number that it got when that was brought into canonical form.
  private var numbersNow: [Int] {
    (0..<threadCount).map { options.isCanonical ? canonicalizer.newNumber(of: $0) : $0 }
  }

  /// Whether the numbers of threads decided anything, so that threads must not be exchanged.
  var choseByThreadNumber: Bool { machine.choseByThreadNumber }
}

extension Property {
  /// Whether what follows means nothing any more, so that a search does not go on.
  var endsSearch: Bool {
    switch self {
    case .useAfterFree, .doubleFree, .nullDereference, .refcountUnderflow, .refcountResurrect, .livelock: true
    default: false
    }
  }
}
