import Machine
import Recording
import StepLanguage

/// Keeps all runs of the model that the trace read so far may be, and moves them on event by event.
///
/// The trace shows when a thread takes or releases a lock and enters or leaves a probed function. Steps between two events of a thread are
/// done as late as possible. Where another thread's next step meets a word that such a late step touches, both orders are kept as
/// hypotheses, until an event tells which it was or both come to the same.
final class Matcher {
  /// What the trace says next about a thread.
  enum Happening {
    case lock(TraceEvent.LockAction, address: UInt64, name: String)
    case probe(name: String, arguments: [TraceEvent.Argument])
    case ended(value: Int64, errno: String)
  }

  /// The moment that is being matched.
  struct Moment {
    var line: Int
    var time: Int64
  }

  /// More orders are possible than are looked at.
  struct TooManyOrders: Error {}

  /// So many hypotheses are kept at most, and so many are looked at for one event.
  static let hypothesisLimit = 2000
  /// So many steps a thread may do without an event.
  static let unseenLimit = 4096
  /// After so many events at most hypotheses that have become the same are joined.
  private static let mergeDistance = 6

  let program: Program
  private(set) var world: World
  private(set) var frontier: [Hypothesis]
  /// The largest number of hypotheses that there were at a time.
  private(set) var widest = 1
  /// Whether the trace has lock events; without them locks are taken unseen.
  private(set) var expectsLockEvents = true
  /// Whether matched steps are kept until they are taken away.
  var keepsTrail = false

  private var sinceMerge = 0
  let machine: Machine
  let form: CanonicalDigest
  private let log = EventLog()
  private let accesses = AccessLog()
  private let scoutLog = EventLog()
  private let scoutAccesses = AccessLog()
  /// For each lock class the name in events; nil for those without events.
  let lockNames: [String?]
  /// Names in events that locks of others have, too.
  let sharedLockNames: Set<String>
  private let isTracedProbe: [Bool]
  var lastTimes: [Int64] = []
  var moment = Moment(line: 0, time: 0)

  /// - Parameter untraced: names of probes that the trace was recorded without.
  init(program: Program, untraced: Set<String>) {
    self.program = program
    world = World(program: program, threads: [])
    machine = Machine(world: world)
    form = CanonicalDigest(machine: machine)
    machine.checksInvariants = false
    machine.checksLeaks = false
    lockNames = program.lockClasses.map(\.lockdep)
    sharedLockNames = Set(program.lockClasses.filter(\.isShared).compactMap(\.lockdep))
    isTracedProbe = program.probes.map { !untraced.contains($0.name) }
    frontier = [Hypothesis(state: machine.initialState(), program: program)]
  }

  // MARK: Threads and operations

  /// The number of the thread of that name, which is made when there is none; nil when there are too many.
  func threadNumber(named name: String) -> Int? {
    if let known = world.threads.firstIndex(where: { $0.name == name }) { return known }
    var next = world
    guard let thread = next.addThread(named: name) else { return nil }
    lastTimes.append(moment.time)
    move(to: next)
    for index in frontier.indices {
      frontier[index].threads.append(Hypothesis.Progress())
      note(.addThread(name: name), in: &frontier[index])
    }
    return thread
  }

  /// Begins an operation; false when the thread is still inside another one.
  func begin(_ operation: Operation, thread: Int, at moment: Moment) -> Bool {
    self.moment = moment
    let fit = frontier.filter {
      $0.threads[thread].owed.isEmpty && machine.outlook(of: thread, in: $0.state) == .idle
    }
    guard !fit.isEmpty else { return false }
    frontier = fit
    var next = world
    next.replaceOperations(of: thread, with: [operation])
    move(to: next)
    for index in frontier.indices {
      machine.restart(thread, in: &frontier[index].state)
      frontier[index].pending[thread] = nil
      note(.start(thread: thread, operation: operation), in: &frontier[index])
    }
    lastTimes[thread] = moment.time
    return true
  }

  /// Forgets all that is known; the threads stay, with nothing to do.
  func forgetAll() {
    for thread in world.threads.indices { world.replaceOperations(of: thread, with: []) }
    machine.use(world)
    var hypothesis = Hypothesis(state: machine.initialState(), program: program)
    hypothesis.threads = Array(repeating: Hypothesis.Progress(), count: world.threads.count)
    hypothesis.pending = Array(repeating: nil, count: world.threads.count)
    frontier = [hypothesis]
  }

  /// Puts other hypotheses in the place of those there are; not for an empty list.
  func replaceFrontier(with hypotheses: [Hypothesis]) {
    if !hypotheses.isEmpty { frontier = hypotheses }
  }

  /// What `restore` needs to go back.
  struct Snapshot {
    fileprivate var world: World
    fileprivate var frontier: [Hypothesis]
    fileprivate var lastTimes: [Int64]
  }

  var snapshot: Snapshot { Snapshot(world: world, frontier: frontier, lastTimes: lastTimes) }

  func restore(_ snapshot: Snapshot) {
    world = snapshot.world
    frontier = snapshot.frontier
    lastTimes = snapshot.lastTimes
    machine.use(world)
  }

  /// Gives the states the layout of a world with more threads or slots.
  private func move(to next: World) {
    let old = world
    let before = machine.heapStart
    machine.use(next)
    let shift = machine.heapStart - before
    for index in frontier.indices {
      if shift != 0 || old.threads.count != next.threads.count {
        frontier[index].state = next.adopt(frontier[index].state, from: old)
        frontier[index].pending = Array(repeating: nil, count: next.threads.count)
        for thread in frontier[index].threads.indices {
          for owed in frontier[index].threads[thread].owed.indices {
            for place in frontier[index].threads[thread].owed[owed].origins.indices
            where frontier[index].threads[thread].owed[owed].origins[place] > 0 {
              frontier[index].threads[thread].owed[owed].origins[place] += shift
            }
          }
        }
      }
    }
    world = next
  }

  private func note(_ action: Action, in hypothesis: inout Hypothesis) {
    guard keepsTrail else { return }
    hypothesis.trail.append(MatchedStep(action: action, time: moment.time, line: moment.line))
  }

  /// The steps and findings on which all hypotheses agree because there is one only; they are handed over once.
  func settled() -> (steps: [MatchedStep], findings: [TraceFinding])? {
    guard frontier.count == 1, !frontier[0].trail.isEmpty || !frontier[0].findings.isEmpty else { return nil }
    defer {
      frontier[0].trail.removeAll(keepingCapacity: true)
      frontier[0].findings.removeAll()
      frontier[0].timeouts = 0
    }
    return (frontier[0].trail, frontier[0].findings)
  }

  /// What the first hypothesis has not handed over, at the end of the trace.
  func unsettled() -> (steps: [MatchedStep], findings: [TraceFinding]) {
    (frontier.first?.trail ?? [], frontier.first?.findings ?? [])
  }

  /// The trace turned out to have no lock events.
  func dropLockEvents() { expectLockEvents(false) }

  /// It was not for want of lock events.
  func keepLockEvents() { expectLockEvents(true) }

  private func expectLockEvents(_ isExpected: Bool) {
    expectsLockEvents = isExpected
    for index in frontier.indices {
      for thread in frontier[index].pending.indices { frontier[index].pending[thread] = nil }
    }
  }

  // MARK: Events

  /// Whether the event can happen next in any hypothesis; if not, nothing changes.
  func match(_ happening: Happening, thread: Int, at moment: Moment) throws(TooManyOrders) -> Bool {
    self.moment = moment
    var next: [Hypothesis] = []
    for index in frontier.indices { try follow(happening, thread, &frontier[index], into: &next) }
    guard !next.isEmpty else { return false }
    sinceMerge += 1
    // Looking whether two have become the same costs more than an event; they may go side by side for a while.
    if next.count > 1, next.count > frontier.count || sinceMerge >= Self.mergeDistance {
      sinceMerge = 0
      var seen: Set<UInt64> = []
      // A thread that was away for as long as a sleep lasts has slept, even if it need not have.
      next = next.filter { $0.timeouts > 0 } + next.filter { $0.timeouts == 0 }
      next = next.filter { seen.insert($0.digest(world, form)).inserted }
      if next.count > Self.hypothesisLimit { throw TooManyOrders() }
    }
    widest = max(widest, next.count)
    frontier = next
    lastTimes[thread] = moment.time
    return true
  }

  /// Adds the hypotheses that the event leads to from this one.
  private func follow(
    _ happening: Happening, _ thread: Int, _ hypothesis: inout Hypothesis, into result: inout [Hypothesis]
  ) throws(TooManyOrders) {
    var others: [Int] = []
    for other in hypothesis.threads.indices where other != thread {
      if !pending(&hypothesis, other).isEmpty { others.append(other) }
    }
    var next = hypothesis
    accesses.clear()
    machine.accessLog = others.isEmpty ? nil : accesses
    var kept: [PendingRun.Lock] = []
    let (isMatched, isStopped) = drive(happening, thread, &next, &kept)
    machine.accessLog = nil
    if others.isEmpty {
      if isMatched { result.append(next) }
      return
    }
    // A run that stops at something that another thread could remove, that keeps a lock without events which another one would take, or that
    // meets another's unseen steps, is looked at step by step.
    if !isStopped,
      !others.contains(where: { other in
        firstConflict(accesses.entries[...], nil, hypothesis, other) != nil
          || kept.contains { lock in hypothesis.pending[other]?.takes(lock) == true }
      })
    {
      if isMatched { result.append(next) }
      return
    }
    try explore(happening, thread, hypothesis, into: &result)
  }

  /// Lets the thread run to the event. `isStopped`: it came to something that others' unseen steps may change.
  private func drive(
    _ happening: Happening, _ thread: Int, _ hypothesis: inout Hypothesis, _ kept: inout [PendingRun.Lock]
  ) -> (isMatched: Bool, isStopped: Bool) {
    var releasesUnseen = false
    for _ in 0..<Self.unseenLimit {
      let outlook = machine.outlook(of: thread, in: hypothesis.state)
      switch decide(happening, thread, &hypothesis, outlook) {
      case .done: return (true, releasesUnseen && hasBlocked(hypothesis, but: thread))
      case .refused(let reason): return (false, reason != .final || releasesUnseen)
      case .step(let isLast):
        guard canStep(outlook) else { return (false, true) }
        switch outlook {
        case .takesLock(let object, let offset, let lockClass, _, _) where !isTraced(lockClass):
          kept.append(PendingRun.Lock(object: object, offset: offset))
        case .releasesLock(let object, let offset, let lockClass, _) where !isTraced(lockClass):
          releasesUnseen = true
          kept.removeAll { $0 == PendingRun.Lock(object: object, offset: offset) }
        default: break
        }
        takeStep(thread, &hypothesis, outlook)
        if isLast { return (true, releasesUnseen && hasBlocked(hypothesis, but: thread)) }
      }
    }
    return (false, false)
  }

  private func hasBlocked(_ hypothesis: Hypothesis, but thread: Int) -> Bool {
    hypothesis.pending.indices.contains { $0 != thread && hypothesis.pending[$0]?.isBlocked == true }
  }

  /// Runs the thread to the event in every order against the others' unseen steps that can make a difference.
  private func explore(
    _ happening: Happening, _ thread: Int, _ start: Hypothesis, into result: inout [Hypothesis]
  ) throws(TooManyOrders) {
    var work = [start]
    var seen: Set<UInt64> = []
    var looked = 0
    while var current = work.popLast() {
      looked += 1
      if looked > Self.hypothesisLimit { throw TooManyOrders() }
      let add = { (forks: [Hypothesis]) in
        for fork in forks where seen.insert(fork.digest(self.world, self.form)).inserted { work.append(fork) }
      }
      for _ in 0..<Self.unseenLimit {
        let outlook = machine.outlook(of: thread, in: current.state)
        let decision = decide(happening, thread, &current, outlook)
        if case .done = decision {
          result.append(current)
          break
        }
        if case .refused(let reason) = decision {
          add(try remedies(for: reason, &current, except: 1 << thread))
          break
        }
        guard canStep(outlook) else {
          if case .takesLock(let object, let offset, _, _, _) = outlook {
            add(
              try remedies(
                for: .lock(PendingRun.Lock(object: object, offset: offset)), &current, except: 1 << thread))
          }
          break
        }
        let (next, forks) = try step(thread, &current, outlook, except: 1 << thread)
        add(forks)
        current = next
        if case .step(isLast: true) = decision {
          result.append(current)
          break
        }
      }
    }
  }

  /// One step of a thread, and the hypotheses in which others' unseen steps that meet it come first.
  private func step(
    _ thread: Int, _ current: inout Hypothesis, _ outlook: ThreadOutlook, except: Int
  ) throws(TooManyOrders) -> (next: Hypothesis, forks: [Hypothesis]) {
    for other in current.threads.indices where other != thread { _ = pending(&current, other) }
    var next = current
    accesses.clear()
    machine.accessLog = accesses
    takeStep(thread, &next, outlook)
    machine.accessLog = nil
    let entries = accesses.entries
    var taken: PendingRun.Lock?
    var releases = false
    switch outlook {
    case .takesLock(let object, let offset, let lockClass, _, _) where !isTraced(lockClass):
      taken = PendingRun.Lock(object: object, offset: offset)
    case .releasesLock(_, _, let lockClass, _) where !isTraced(lockClass): releases = true
    default: break
    }
    var forks: [Hypothesis] = []
    for other in current.threads.indices where other != thread {
      if releases, next.pending[other]?.isBlocked == true { next.pending[other] = nil }
      if let taken, next.pending[other]?.takes(taken) == true { next.pending[other] = nil }
      // Two stretches under one lock change places freely when nothing in them meets.
      let matters = taken.map { meets(thread, other, under: $0, &current) } ?? false
      guard let conflict = firstConflict(entries[...], matters ? taken : nil, current, other) else {
        continue
      }
      next.pending[other] = nil
      if except & (1 << other) == 0 {
        forks += try advance(other, current, steps: conflict + 1, except: except | 1 << thread)
      }
    }
    return (next, forks)
  }

  /// Lets a thread do some of its unseen steps.
  private func advance(
    _ thread: Int, _ start: Hypothesis, steps: Int, except: Int
  ) throws(TooManyOrders) -> [Hypothesis] {
    var result: [Hypothesis] = []
    var work = [(start, steps)]
    var looked = 0
    while var (current, left) = work.popLast() {
      looked += 1
      if looked > Self.hypothesisLimit { throw TooManyOrders() }
      while left > 0 {
        guard current.threads[thread].owed.isEmpty else { break }
        let outlook = machine.outlook(of: thread, in: current.state)
        guard isUnseen(outlook) else { break }
        guard canStep(outlook) else {
          if case .takesLock(let object, let offset, _, _, _) = outlook {
            let lock = PendingRun.Lock(object: object, offset: offset)
            let left = left
            work += try remedies(for: .lock(lock), &current, except: except | 1 << thread).map { ($0, left) }
          }
          break
        }
        let (next, forks) = try step(thread, &current, outlook, except: except)
        let rest = left
        work += forks.map { ($0, rest) }
        current = next
        left -= 1
      }
      if left == 0 { result.append(current) }
    }
    return result
  }

  /// Hypotheses in which another thread's unseen steps have removed what stood in the way.
  private func remedies(
    for reason: Refusal, _ current: inout Hypothesis, except: Int
  ) throws(TooManyOrders) -> [Hypothesis] {
    var result: [Hypothesis] = []
    for other in current.threads.indices where except & (1 << other) == 0 {
      let run = pending(&current, other)
      let step: Int? =
        switch reason {
        case .final: nil
        case .word(let word): run.accesses.first { $0.access.word == word && $0.access.isWrite }?.step
        case .object(let object): run.freed.first { $0.object == object }?.step
        case .lock(let lock): run.released.first { $0.lock == lock }?.step
        }
      if let step { result += try advance(other, current, steps: step + 1, except: except) }
    }
    return result
  }

  // MARK: Steps

  func isTraced(_ lockClass: Int) -> Bool { expectsLockEvents && lockNames[lockClass] != nil }

  /// Whether the step leaves no event by its own action.
  private func isUnseen(_ outlook: ThreadOutlook) -> Bool {
    switch outlook {
    case .idle, .stuck, .asleep: false
    case .takesLock(_, _, let lockClass, _, _), .releasesLock(_, _, let lockClass, _): !isTraced(lockClass)
    case .other: true
    }
  }

  func canStep(_ outlook: ThreadOutlook) -> Bool {
    if case .takesLock(_, _, _, _, let isAvailable) = outlook { return isAvailable }
    return true
  }

  func takeStep(_ thread: Int, _ hypothesis: inout Hypothesis, _ outlook: ThreadOutlook) {
    var wakes = false
    if case .asleep = outlook { wakes = true }
    _ = machine.step(thread, in: &hypothesis.state, log: log, wakesSleeper: wakes)
    hypothesis.pending[thread] = nil
    for event in log.events {
      switch event.kind {
      case .timedOut: hypothesis.timeouts += 1
      case .allocated: hypothesis.map.forget(Int(event.a))
      case .freed: hypothesis.map.release(Int(event.a))
      case .woken: hypothesis.pending[Int(event.b)] = nil
      default:
        if let owed = expectation(event, log, hypothesis.state, outlook) {
          hypothesis.threads[thread].owed.append(owed)
        }
      }
    }
    note(.step(thread: thread, choice: 0), in: &hypothesis)
    for finding in machine.findings {
      hypothesis.findings.append(
        TraceFinding(finding: finding, line: moment.line, thread: world.threads[thread].name))
    }
  }

  /// The event that the trace owes for an event of the machine; nil when there is none, or when it has just been seen.
  private func expectation(
    _ event: Event, _ log: EventLog, _ state: State, _ outlook: ThreadOutlook
  ) -> Expectation? {
    switch event.kind {
    case .probe:
      guard isTracedProbe[Int(event.a)] else { return nil }
      let range = Int(event.b)..<Int(event.b + event.c)
      return Expectation(
        kind: .probe(Int(event.a)), values: Array(log.values[range]), origins: Array(log.origins[range]))
    case .operationEnded: return Expectation(kind: .ended(entry: Int(event.a), result: event.b))
    case .acquired, .released:
      // A lock whose step was foreseen is matched by the step itself.
      guard outlook == .other, isTraced(Int(event.b)),
        let (object, offset) = machine.place(ofLockAt: event.a, in: state)
      else { return nil }
      return Expectation(
        kind: event.kind == .acquired
          ? .tried(object, offset: offset, lockClass: Int(event.b), mode: event.c)
          : .released(object, offset: offset, lockClass: Int(event.b), mode: event.c))
    default: return nil
    }
  }

  // MARK: Unseen steps

  /// What the thread could do unseen.
  @discardableResult
  private func pending(_ hypothesis: inout Hypothesis, _ thread: Int) -> PendingRun {
    if let known = hypothesis.pending[thread] { return known }
    let run = scout(hypothesis, thread)
    hypothesis.pending[thread] = run
    return run
  }

  private func scout(_ hypothesis: Hypothesis, _ thread: Int) -> PendingRun {
    var run = PendingRun()
    guard hypothesis.threads[thread].owed.isEmpty else { return run }
    var outlook = machine.outlook(of: thread, in: hypothesis.state)
    if case .asleep = outlook { run.isBlocked = true }
    guard isUnseen(outlook) else { return run }
    var state = hypothesis.state
    var own: [Range<Int>] = []
    machine.accessLog = scoutAccesses
    defer { machine.accessLog = nil }
    while run.count < Self.unseenLimit, isUnseen(outlook) {
      guard canStep(outlook) else {
        run.isBlocked = true
        return run
      }
      switch outlook {
      case .takesLock(let object, let offset, _, _, _):
        run.taken.append((PendingRun.Lock(object: object, offset: offset), run.count))
      case .releasesLock(let object, let offset, _, _):
        run.released.append((PendingRun.Lock(object: object, offset: offset), run.count))
      default: break
      }
      scoutAccesses.clear()
      let outcome = machine.step(thread, in: &state, log: scoutLog)
      guard outcome != .notReady else { return run }
      var isSeen = false
      for event in scoutLog.events {
        switch event.kind {
        case .allocated:
          if let object = Machine.object(event.a) { own.append(machine.words(of: object, in: state)) }
        case .freed: run.freed.append((Int(event.a), run.count))
        default: if expectation(event, scoutLog, state, outlook) != nil { isSeen = true }
        }
      }
      for entry in scoutAccesses.entries where !own.contains(where: { $0.contains(entry.word) }) {
        run.add(PendingRun.Access(access: entry, step: run.count))
      }
      run.count += 1
      if isSeen { return run }
      if outcome == .slept {
        run.isBlocked = true
        return run
      }
      outlook = machine.outlook(of: thread, in: state)
    }
    return run
  }

  /// The first unseen step of a thread that must not change places with the accesses, or with the taking of a lock without events.
  private func firstConflict(
    _ entries: ArraySlice<AccessLog.Access>, _ taken: PendingRun.Lock?, _ hypothesis: Hypothesis, _ other: Int
  ) -> Int? {
    guard let run = hypothesis.pending[other], !run.isEmpty else { return nil }
    var first: Int?
    var mask: UInt64 = 0
    for entry in entries { mask |= PendingRun.bit(entry.word) }
    if mask & run.mask != 0 {
      search: for access in run.accesses where PendingRun.bit(access.access.word) & mask != 0 {
        for entry in entries where entry.word == access.access.word {
          if meets(entry, access.access, entries, hypothesis) {
            first = access.step
            break search
          }
        }
      }
    }
    // Who takes the lock first matters; the other one comes first only if it also gives the lock back unseen.
    if let taken, run.takes(taken),
      let released = run.released.first(where: { $0.lock == taken })
    {
      first = min(first ?? released.step, released.step)
    }
    return first
  }

  /// Whether it matters which of two threads takes a lock without events first.
  private func meets(
    _ thread: Int, _ other: Int, under lock: PendingRun.Lock, _ current: inout Hypothesis
  ) -> Bool {
    let own = pending(&current, thread)
    let run = pending(&current, other)
    guard run.takes(lock) else { return false }
    guard own.released.contains(where: { $0.lock == lock }) else { return true }
    guard own.mask & run.mask != 0 else { return false }
    let entries = own.accesses.map(\.access)
    return run.accesses.contains { access in
      entries.contains { $0.word == access.access.word && meets($0, access.access, entries[...], current) }
    }
  }

  private func meets(
    _ entry: AccessLog.Access, _ access: AccessLog.Access, _ entries: ArraySlice<AccessLog.Access>,
    _ hypothesis: Hypothesis
  ) -> Bool {
    if !entry.isWrite, !access.isWrite { return false }
    // Locks have rules of their own: they decide who waits, not what is computed.
    if entry.kind == .lock || access.kind == .lock { return false }
    if entry.change == .none || access.change == .none { return true }
    // Counting up and down changes places freely as long as no order comes near the values that somebody asks for.
    var lowest = machine.word(entry.word, of: hypothesis.state)
    var isTested = false
    func count(_ access: AccessLog.Access) {
      if access.change == .down || access.change == .test { lowest -= 1 }
      if access.change == .test { isTested = true }
    }
    for entry in entries where entry.word == access.word { count(entry) }
    for case .some(let run) in hypothesis.pending {
      for other in run.accesses where other.access.word == access.word { count(other.access) }
    }
    return lowest < (isTested ? 2 : 1)
  }
}
