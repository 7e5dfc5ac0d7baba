import Basics
import Machine

/// Finds out at a state which threads need not be tried now, because what they can do does not get into the way of what the others do next.
///
/// A set of threads is *persistent* when nothing that the other threads can do without it touches what its members' next steps touch; then it is
/// enough to let its members step (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS 1032,
/// 1996). What another thread can do is found out by letting it run alone, as far as it comes, as in Gueta, Flanagan, Yahav and Sagiv, "Cartesian
/// partial-order reduction", SPIN 2007. That is all it can do as long as the threads that are left out do not change what the others of them
/// do; of two that do, one is taken into the set.
final class Lookahead {
  private let machine: Machine
  private let accesses = AccessLog()
  private let glances = AccessLog()
  /// For each thread the state that it came to alone.
  private var scratches: [State]
  /// The state that is analysed, to look at it with invariants.
  private var still: State
  private let threadCount: Int
  /// For each word of the state the threads that read or write it on their way.
  private var readers = UnsafeVector<UInt64>()
  private var writers = UnsafeVector<UInt64>()
  /// Of these the threads whose touches can change what others do, and not only make them wait or shift a count that stays above zero.
  private var plain = UnsafeVector<UInt64>()
  /// For each word by how much it can fall at most, whatever of the threads' ways was gone.
  private var lowered = UnsafeVector<Int64>()
  /// For each word of a count how far it can fall at most.
  private var slack = UnsafeVector<Int64>()
  /// For each word what the way of one thread adds to it, and the least on that way.
  private var sums = UnsafeVector<Int64>()
  private var lows = UnsafeVector<Int64>()
  /// The same for the next steps alone of those that may make up a persistent set.
  private var firstReaders = UnsafeVector<UInt64>()
  private var firstWriters = UnsafeVector<UInt64>()
  private var touched = UnsafeVector<Int>()
  private var firstTouches = UnsafeVector<AccessLog.Access>()
  private var wayTouches = UnsafeVector<AccessLog.Access>()
  private let firstStart: UnsafeMutablePointer<Int>
  private let firstEnd: UnsafeMutablePointer<Int>
  /// Where in a thread's first touches those of invariants begin.
  private let glanceStart: UnsafeMutablePointer<Int>
  private let wayStart: UnsafeMutablePointer<Int>
  private let wayEnd: UnsafeMutablePointer<Int>
  private let conflicts: UnsafeMutablePointer<UInt64>
  private let enablers: UnsafeMutablePointer<UInt64>
  private let awaited: UnsafeMutablePointer<Int>
  private let keepers: UnsafeMutablePointer<UInt64>
  private var unknown: UInt64 = 0
  private var eligible: UInt64 = 0
  /// After so many steps alone a thread counts as one that may do anything.
  private static let horizon = 512

  init(machine: Machine) {
    self.machine = machine
    threadCount = machine.world.threads.count
    still = machine.initialState()
    scratches = Array(repeating: still, count: threadCount)
    firstStart = .allocate(capacity: threadCount)
    firstEnd = .allocate(capacity: threadCount)
    glanceStart = .allocate(capacity: threadCount)
    wayStart = .allocate(capacity: threadCount)
    wayEnd = .allocate(capacity: threadCount)
    conflicts = .allocate(capacity: threadCount)
    enablers = .allocate(capacity: threadCount)
    awaited = .allocate(capacity: threadCount)
    keepers = .allocate(capacity: threadCount)
  }

  deinit {
    readers.release()
    writers.release()
    plain.release()
    lowered.release()
    slack.release()
    sums.release()
    lows.release()
    firstReaders.release()
    firstWriters.release()
    touched.release()
    firstTouches.release()
    wayTouches.release()
    firstStart.deallocate()
    firstEnd.deallocate()
    glanceStart.deallocate()
    wayStart.deallocate()
    wayEnd.deallocate()
    conflicts.deallocate()
    enablers.deallocate()
    awaited.deallocate()
    keepers.deallocate()
  }

  /// A smallest persistent set that was found among the threads that can step; all of them when there is none.
  func persistentSet(at state: State, ready: UInt64) -> UInt64 {
    guard ready.nonzeroBitCount > 1 else { return ready }
    analyse(state, ready)
    guard eligible != 0 else { return ready }
    var best = ready
    var rest = eligible
    while rest != 0 {
      let thread = rest.trailingZeroBitCount
      rest &= rest - 1
      let set = closure(of: 1 << UInt64(thread), ready)
      if set.nonzeroBitCount < best.nonzeroBitCount { best = set }
      if best.nonzeroBitCount == 1 { break }
    }
    return best
  }

  // MARK: Going on within the set

  /// Whether a step could meet one of the other threads on its way alone, as the last analysis saw it; either by what it touched, or by what the
  /// invariants read that it may break, before it and after it.
  func meetsOthers(_ step: AccessLog, thread: Int, from before: inout State, to after: inout State) -> Bool {
    let others: UInt64 = ~(1 << UInt64(thread))
    let meets = step.withAccesses { $0.contains { met($0) & others != 0 || isLow($0) } }
    if meets { return true }
    guard step.isVisible else { return false }
    glances.clear()
    machine.accessLog = glances
    defer { machine.accessLog = step }
    machine.recordInvariants(step.affected, in: &before)
    machine.recordInvariants(step.affected, in: &after)
    return glances.withAccesses { $0.contains { met($0.asRead) & others != 0 } }
  }

  /// Whether a step that touched these words may let another thread go on that waits.
  func mayEnable(_ step: AccessLog, thread: Int) -> Bool {
    step.withAccesses { accesses in
      for access in accesses {
        for other in 0..<threadCount where other != thread && awaited[other] == access.word { return true }
      }
      return false
    }
  }

  /// The threads on whose ways a touch makes a difference, or that make one to it.
  @inline(__always)
  private func met(_ touch: AccessLog.Access) -> UInt64 {
    let word = touch.word
    guard word < readers.count else { return 0 }
    if touch.isCount {
      if touch.isWrite { return plain[word] }
      return slack[word] >= touch.floor ? plain[word] & writers[word] : writers[word]
    }
    return touch.isWrite ? readers[word] | writers[word] : writers[word]
  }

  /// Whether a unit comes or goes where the count may fall so low that an invariant can tell.
  @inline(__always)
  private func isLow(_ touch: AccessLog.Access) -> Bool {
    guard touch.isCount, touch.isWrite, touch.floor > 0 else { return false }
    return touch.word >= slack.count || slack[touch.word] < touch.floor
  }

  // MARK: Looking ahead

  /// Lets each thread run alone, and notes what it touches.
  private func analyse(_ state: State, _ ready: UInt64) {
    forget()
    // What lies behind the heap's present end belongs to whoever makes it, until a word before it leads there.
    let end = machine.usedWordCount(of: state)
    makeRoom(end)
    machine.accessLog = accesses
    defer {
      machine.accessLog = nil
      machine.checksInvariants = true
    }
    for thread in 0..<threadCount {
      firstStart[thread] = firstTouches.count
      glanceStart[thread] = firstTouches.count
      if ready >> UInt64(thread) & 1 != 0 { takeFirstStep(thread, state, end) }
      firstEnd[thread] = firstTouches.count
    }
    if eligible == 0 { return }
    var rest = eligible
    while rest != 0 {
      let thread = rest.trailingZeroBitCount
      rest &= rest - 1
      for position in firstStart[thread]..<firstEnd[thread] {
        let touch = firstTouches[position]
        if touch.isCount { continue }
        if touch.isWrite {
          firstWriters[touch.word] |= 1 << UInt64(thread)
        } else {
          firstReaders[touch.word] |= 1 << UInt64(thread)
        }
      }
    }
    machine.checksInvariants = false
    for thread in 0..<threadCount {
      wayStart[thread] = wayTouches.count
      let isReady = ready >> UInt64(thread) & 1 != 0
      if isReady { runAlone(thread, end) }
      wayEnd[thread] = wayTouches.count
      noteFall(thread)
      awaited[thread] = machine.awaitedWord(of: thread, in: isReady ? scratches[thread] : state)
      keepers[thread] = machine.barrierKeepers(of: thread, in: isReady ? scratches[thread] : state)
    }
    for thread in 0..<threadCount { noteWay(thread, state) }
    for thread in 0..<threadCount where eligible >> UInt64(thread) & 1 != 0 {
      for position in firstStart[thread]..<glanceStart[thread] where isLow(firstTouches[position]) {
        eligible &= ~(1 << UInt64(thread))
      }
    }
    for thread in 0..<threadCount { noteConflicts(thread) }
    for thread in 0..<threadCount where awaited[thread] >= 0 && awaited[thread] < readers.count {
      enablers[thread] = (readers[awaited[thread]] | writers[awaited[thread]]) & ~(1 << UInt64(thread))
    }
  }

  private func makeRoom(_ end: Int) {
    guard readers.count < end else { return }
    let missing = end - readers.count
    readers.append(repeating: 0, missing)
    writers.append(repeating: 0, missing)
    plain.append(repeating: 0, missing)
    lowered.append(repeating: 0, missing)
    slack.append(repeating: 0, missing)
    sums.append(repeating: 0, missing)
    lows.append(repeating: 0, missing)
    firstReaders.append(repeating: 0, missing)
    firstWriters.append(repeating: 0, missing)
  }

  private func forget() {
    for position in 0..<touched.count {
      let word = touched[position]
      readers[word] = 0
      writers[word] = 0
      plain[word] = 0
      lowered[word] = 0
      slack[word] = 0
    }
    for position in 0..<firstTouches.count {
      firstReaders[firstTouches[position].word] = 0
      firstWriters[firstTouches[position].word] = 0
    }
    touched.removeAll()
    firstTouches.removeAll()
    wayTouches.removeAll()
    unknown = 0
    eligible = 0
    for thread in 0..<threadCount {
      conflicts[thread] = 0
      enablers[thread] = 0
      awaited[thread] = -1
      keepers[thread] = 0
    }
  }

  private func takeFirstStep(_ thread: Int, _ state: State, _ end: Int) {
    let bit: UInt64 = 1 << UInt64(thread)
    machine.copy(from: state, to: &scratches[thread])
    guard machine.choices(of: thread, in: state) == 1 else {
      unknown |= bit
      return
    }
    let wasInCall = machine.isInCall(thread, in: state)
    accesses.clear()
    let outcome = machine.step(thread, in: &scratches[thread])
    accesses.withAccesses { for access in $0 where access.word < end { firstTouches.append(access) } }
    glanceStart[thread] = firstTouches.count
    guard outcome == .stepped, wasInCall, !machine.hasFindings else { return }
    eligible |= bit
    let affected = accesses.affected
    guard accesses.isVisible else { return }
    // What invariants read that the step may break must stay as it is on the others' ways: then it does not matter to them when the step is taken.
    let own = accesses.count
    machine.copy(from: state, to: &still)
    machine.recordInvariants(affected, in: &still)
    machine.recordInvariants(affected, in: &scratches[thread])
    accesses.withAccesses(from: own) {
      for access in $0 where access.word < end { firstTouches.append(access.asRead) }
    }
  }

  private func runAlone(_ thread: Int, _ end: Int) {
    let bit: UInt64 = 1 << UInt64(thread)
    if unknown & bit != 0 { return }
    var met: UInt64 = 0
    for position in firstStart[thread]..<glanceStart[thread] { met |= take(firstTouches[position]) }
    var steps = 1
    while true {
      // A thread that gets into everybody's way is in every set in any case, and then it does not matter what else it does.
      if eligible & ~bit & ~met == 0 {
        unknown |= bit
        return
      }
      let choices = machine.choices(of: thread, in: scratches[thread])
      if choices <= 0 { return }
      if choices > 1 || steps == Self.horizon {
        unknown |= bit
        return
      }
      accesses.clear()
      _ = machine.step(thread, in: &scratches[thread])
      met |= accesses.withAccesses { accesses in
        var met: UInt64 = 0
        for access in accesses where access.word < end { met |= take(access) }
        return met
      }
      steps += 1
    }
  }

  /// Takes a touch into the way; gives the threads whose next step it meets in any case.
  @inline(__always)
  private func take(_ touch: AccessLog.Access) -> UInt64 {
    wayTouches.append(touch)
    let word = touch.word
    if touch.isCount { return 0 }
    return touch.isWrite ? firstReaders[word] | firstWriters[word] : firstWriters[word]
  }

  /// Notes by how much a thread's way can lower counts. Who takes a unit before it gives one back lowers nothing.
  private func noteFall(_ thread: Int) {
    for position in wayStart[thread]..<wayEnd[thread] where wayTouches[position].isCount {
      let word = wayTouches[position].word
      touched.append(word)
      sums[word] += wayTouches[position].kind == .raise ? 1 : -1
      lows[word] = min(lows[word], sums[word])
    }
    for position in wayStart[thread]..<wayEnd[thread] where wayTouches[position].isCount {
      let word = wayTouches[position].word
      lowered[word] -= lows[word]
      sums[word] = 0
      lows[word] = 0
    }
  }

  /// Notes for each word of a thread's way that it is touched there.
  ///
  /// A unit of a thread's own that comes or goes changes nothing for others that do the same, as long as the count stays above zero whatever of all
  /// these ways was gone: additions and subtractions give the same in any order.
  private func noteWay(_ thread: Int, _ state: State) {
    let bit: UInt64 = 1 << UInt64(thread)
    for position in wayStart[thread]..<wayEnd[thread] {
      let touch = wayTouches[position]
      let word = touch.word
      touched.append(word)
      if touch.isWrite { writers[word] |= bit } else { readers[word] |= bit }
      switch touch.kind {
      case .plain: plain[word] |= bit
      case .lock: break
      case .raise, .lower:
        slack[word] = machine.word(word, of: state) - lowered[word]
        if lowered[word] > 0, slack[word] < 1 { plain[word] |= bit }
      }
    }
  }

  /// Notes who can change what a thread does on its way, or the other way round.
  private func noteConflicts(_ thread: Int) {
    let others: UInt64 = ~(1 << UInt64(thread))
    var found: UInt64 = 0
    for position in wayStart[thread]..<wayEnd[thread] {
      let touch = wayTouches[position]
      let word = touch.word
      let all = touch.isWrite ? readers[word] | writers[word] : writers[word]
      // Two that only take a lock in turn can delay each other, no more.
      found |=
        plain[word] & ~others != 0 && touch.kind != .lock ? all : all & plain[word]
    }
    found &= others
    conflicts[thread] |= found
    while found != 0 {
      conflicts[found.trailingZeroBitCount] |= ~others
      found &= found - 1
    }
  }

  /// The smallest persistent set with these threads that can be shown to be one; all that can step when there is none.
  private func closure(of start: UInt64, _ ready: UInt64) -> UInt64 {
    var set = start
    while true {
      let others = ready & ~set
      if others == 0 { return ready }
      if set & ~eligible != 0 { return ready }
      // Who may do anything, and who gets into the way of a member's next step.
      var joining = unknown & others
      for thread in 0..<threadCount where set >> UInt64(thread) & 1 != 0 {
        for position in firstStart[thread]..<firstEnd[thread] {
          joining |= met(firstTouches[position]) & others
        }
      }
      for thread in 0..<threadCount where set >> UInt64(thread) & 1 == 0 {
        // Of two that get into each other's way one must be in the set, or their ways alone would not tell what they can do.
        if others >> UInt64(thread) & 1 != 0, conflicts[thread] & others & ~joining != 0, joining == 0 {
          joining |= 1 << UInt64(thread)
        }
        // Whoever may let a waiting one go on.
        joining |= enablers[thread] & others
        // A barrier must be kept closed by a member.
        if keepers[thread] != 0, keepers[thread] & set == 0 { return ready }
      }
      if joining == 0 { return set }
      set |= joining
    }
  }
}
