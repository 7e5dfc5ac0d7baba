import Machine

/// Finds out at a state which threads need not be tried now, because what they can do does not get into the way of what the others do next.
///
/// A set of threads is *persistent* when nothing that the other threads can do without it touches what its members' next steps touch; then it is
/// enough to let its members step (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS 1032,
/// 1996). What another thread can do is found out by letting it run alone, as far as it comes, as in Gueta, Flanagan, Yahav and Sagiv, "Cartesian
/// partial-order reduction", SPIN 2007. That is all it can do as long as the threads that are left out do not touch each other's words either; those that do are taken into the set.
final class Lookahead {
  private let machine: Machine
  private let footprint = Touches()
  /// For each thread the state that it came to alone.
  private var scratches: [State]
  private let threadCount: Int
  /// For each word of the state the threads that read or write it on their way.
  private var readers = Pool<UInt64>()
  private var writers = Pool<UInt64>()
  /// The same for the next steps alone of those that may make up a persistent set.
  private var firstReaders = Pool<UInt64>()
  private var firstWriters = Pool<UInt64>()
  private var touched = Pool<Int>()
  private var firstTouches = Pool<Int>()
  private let firstStart: UnsafeMutablePointer<Int>
  private let firstEnd: UnsafeMutablePointer<Int>
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
    scratches = Array(repeating: machine.initialState(), count: threadCount)
    firstStart = .allocate(capacity: threadCount)
    firstEnd = .allocate(capacity: threadCount)
    conflicts = .allocate(capacity: threadCount)
    enablers = .allocate(capacity: threadCount)
    awaited = .allocate(capacity: threadCount)
    keepers = .allocate(capacity: threadCount)
  }

  deinit {
    readers.release()
    writers.release()
    firstReaders.release()
    firstWriters.release()
    touched.release()
    firstTouches.release()
    firstStart.deallocate()
    firstEnd.deallocate()
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

  /// Whether a step that touched these words could meet one of the other threads on its way alone, as the last analysis saw it.
  func meetsOthers(_ touches: UnsafeBufferPointer<Int>, thread: Int) -> Bool {
    let others: UInt64 = ~(1 << UInt64(thread))
    for touch in touches where met(touch) & others != 0 { return true }
    return false
  }

  /// Whether a step that touched these words may let another thread go on that waits.
  func mayEnable(_ touches: UnsafeBufferPointer<Int>, thread: Int) -> Bool {
    for touch in touches {
      for other in 0..<threadCount where other != thread && awaited[other] == touch >> 1 { return true }
    }
    return false
  }

  @inline(__always)
  private func met(_ touch: Int) -> UInt64 {
    let word = touch >> 1
    guard word < readers.count else { return 0 }
    return touch & 1 != 0 ? readers[word] | writers[word] : writers[word]
  }

  /// Lets each thread run alone, and notes what it touches.
  private func analyse(_ state: State, _ ready: UInt64) {
    forget()
    // What lies behind the heap's present end belongs to whoever makes it, until a word before it leads there.
    let end = machine.usedWordCount(of: state)
    if readers.count < end {
      let missing = end - readers.count
      readers.append(repeating: 0, missing)
      writers.append(repeating: 0, missing)
      firstReaders.append(repeating: 0, missing)
      firstWriters.append(repeating: 0, missing)
    }
    machine.record(into: footprint)
    defer {
      machine.record(into: nil)
      machine.checksInvariants = true
    }
    for thread in 0..<threadCount {
      firstStart[thread] = firstTouches.count
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
        if touch & 1 != 0 {
          firstWriters[touch >> 1] |= 1 << UInt64(thread)
        } else {
          firstReaders[touch >> 1] |= 1 << UInt64(thread)
        }
      }
    }
    machine.checksInvariants = false
    for thread in 0..<threadCount {
      let isReady = ready >> UInt64(thread) & 1 != 0
      if isReady { runAlone(thread, end) }
      awaited[thread] = machine.awaitedWord(of: thread, in: isReady ? scratches[thread] : state)
      keepers[thread] = machine.barrierKeepers(of: thread, in: isReady ? scratches[thread] : state)
    }
    for thread in 0..<threadCount where awaited[thread] >= 0 && awaited[thread] < readers.count {
      enablers[thread] = (readers[awaited[thread]] | writers[awaited[thread]]) & ~(1 << UInt64(thread))
    }
  }

  private func forget() {
    for position in 0..<touched.count {
      readers[touched[position]] = 0
      writers[touched[position]] = 0
    }
    for position in 0..<firstTouches.count {
      firstReaders[firstTouches[position] >> 1] = 0
      firstWriters[firstTouches[position] >> 1] = 0
    }
    touched.removeAll()
    firstTouches.removeAll()
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
    footprint.clear()
    let outcome = machine.step(thread, in: &scratches[thread])
    for touch in footprint.touches where touch >> 1 < end { firstTouches.append(touch) }
    if outcome == .stepped, wasInCall, !machine.hasFindings, !footprint.isVisible { eligible |= bit }
  }

  private func runAlone(_ thread: Int, _ end: Int) {
    let bit: UInt64 = 1 << UInt64(thread)
    if unknown & bit != 0 { return }
    var met: UInt64 = 0
    for position in firstStart[thread]..<firstEnd[thread] { met |= note(firstTouches[position], thread) }
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
      footprint.clear()
      _ = machine.step(thread, in: &scratches[thread])
      for touch in footprint.touches where touch >> 1 < end { met |= note(touch, thread) }
      steps += 1
    }
  }

  /// Gives the threads whose next step is met.
  private func note(_ touch: Int, _ thread: Int) -> UInt64 {
    let bit: UInt64 = 1 << UInt64(thread)
    let word = touch >> 1
    if readers[word] | writers[word] == 0 { touched.append(word) }
    var others = met(touch) & ~bit
    if touch & 1 != 0 { writers[word] |= bit } else { readers[word] |= bit }
    conflicts[thread] |= others
    while others != 0 {
      conflicts[others.trailingZeroBitCount] |= bit
      others &= others - 1
    }
    return touch & 1 != 0 ? firstReaders[word] | firstWriters[word] : firstWriters[word]
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
