public import StepLanguage

/// A lock of a state: the object that it lies in, and where.
public struct LockReference: Hashable, Sendable {
  /// The object.
  public let object: ObjectReference
  /// The lock's first word in the object.
  public let offset: Int
  /// How it is held or wanted.
  public let mode: LockMode

  /// A lock of an object.
  public init(object: ObjectReference, offset: Int, mode: LockMode) {
    self.object = object
    self.offset = offset
    self.mode = mode
  }

  /// The same lock, whatever the mode.
  public func isSameLock(as other: LockReference) -> Bool {
    object == other.object && offset == other.offset
  }
}

// Mutexes and spinlocks are one word: the holder's number plus one. An rw_semaphore is three: the writer's number plus one, a bit for
// each reader, a bit for each writer that queues. While a writer queues, new readers wait (Linux, rwsem.c: a waiting writer keeps later
// readers out).
extension LockMode {
  /// The mode that an instruction names in its lowest bits.
  @inline(__always)
  init(word: Int32) {
    self =
      switch word & 3 {
      case 1: .read
      case 2: .write
      case 3: .spin
      default: .exclusive
      }
  }

  /// The mode as events and the list of held locks have it.
  @inline(__always)
  var word: Int64 {
    switch self {
    case .exclusive: 0
    case .read: 1
    case .write: 2
    case .spin: 3
    }
  }
}

extension MachineCore {
  @inline(__always)
  mutating func isAvailable(_ address: Int, _ mode: LockMode, thread: Int) -> Bool {
    switch mode {
    case .exclusive, .spin: heap[address] == 0
    case .write: heap[address] == 0 && heap[address + 1] == 0
    case .read: heap[address] == 0 && heap[address + 2] == 0
    }
  }

  /// The threads that keep this one from having the lock, as bits.
  mutating func keepers(of address: Int, _ mode: LockMode, from thread: Int) -> Int64 {
    var mask: Int64 = 0
    if heap[address] != 0 { mask |= 1 << (heap[address] - 1) }
    switch mode {
    case .exclusive, .spin: break
    case .write: mask |= heap[address + 1]
    case .read: mask |= heap[address + 2]
    }
    return mask
  }

  mutating func members(of mask: Int64) -> [Int] {
    (0..<World.maximumThreads).filter { mask & (1 << Int64($0)) != 0 }
  }

  mutating func acquire(_ address: Int, lockClass: Int, _ mode: LockMode, isTry: Bool) {
    let t = threadWords
    if mode != .spin, !isTry { checkMaySleep() }
    switch mode {
    case .exclusive, .spin: heap[address] = Int64(runningThread) + 1
    case .write:
      heap[address] = Int64(runningThread) + 1
      heap[address + 2] &= ~(1 << Int64(runningThread))
      t[Layout.flags] &= ~Layout.queuedWriter
    case .read: heap[address + 1] |= 1 << Int64(runningThread)
    }
    let count = Int(t[Layout.heldCount])
    if count < Layout.heldLimit {
      t[Layout.held + count] = Int64(address) << 20 | Int64(lockClass) << 4 | mode.word
      t[Layout.heldCount] = Int64(count + 1)
    } else {
      exceed(Limits.heldLocks.message, at: nil)
    }
    emit(.acquired, Int64(address), Int64(lockClass), mode.word, isTry ? 1 : 0)
  }

  /// Gives a lock back, whatever subclass it was taken as.
  mutating func release(lock address: Int, _ mode: LockMode) {
    let t = threadWords
    let count = Int(t[Layout.heldCount])
    let wanted = Int64(address) << 20 | mode.word
    var position = count - 1
    while position >= 0, t[Layout.held + position] & ~0xffff0 != wanted { position -= 1 }
    guard position >= 0 else {
      findNotReleasable(address)
      return
    }
    let lockClass = t[Layout.held + position] >> 4 & 0xffff
    for index in position..<count - 1 { t[Layout.held + index] = t[Layout.held + index + 1] }
    t[Layout.held + count - 1] = 0
    t[Layout.heldCount] = Int64(count - 1)
    switch mode {
    case .exclusive, .spin, .write: heap[address] = 0
    case .read:
      // Who has it several times keeps it until the last is given back.
      if !holds(wanted) { heap[address + 1] &= ~(1 << Int64(runningThread)) }
    }
    emit(.released, Int64(address), lockClass, mode.word)
  }

  /// Whether the running thread's list has a lock in a mode, given as a list's word without its class.
  private func holds(_ wanted: Int64) -> Bool {
    let t = threadWords
    for index in 0..<Int(t[Layout.heldCount]) where t[Layout.held + index] & ~0xffff0 == wanted {
      return true
    }
    return false
  }

  mutating func holds(_ address: Int) -> Bool {
    let t = threadWords
    for index in 0..<Int(t[Layout.heldCount]) where Int(t[Layout.held + index] >> 20) == address {
      return true
    }
    return false
  }

  /// Whether anybody holds the lock.
  mutating func isHeld(_ address: Int) -> Bool {
    for thread in 0..<world.threadCount {
      let t = wordsOfThread(thread)
      for index in 0..<Int(t[Layout.heldCount]) where Int(t[Layout.held + index] >> 20) == address {
        return true
      }
    }
    return false
  }

  /// What sleeps must not be done under a spinlock (Linux, `might_sleep`).
  mutating func checkMaySleep() {
    let t = threadWords
    for index in 0..<Int(t[Layout.heldCount])
    where t[Layout.held + index] & 15 == LockMode.spin.word {
      findSleepInAtomic(Int(t[Layout.held + index] >> 20))
      return
    }
    checkMaySleepLater()
  }

  @inline(never)
  private mutating func findSleepInAtomic(_ address: Int) {
    find(.sleepInAtomic, "\(threadName) may sleep here while it holds \(lockName(address))")
  }

  @inline(never)
  private mutating func findNotReleasable(_ address: Int) {
    find(
      .lockImbalance, "\(threadName) releases \(lockName(address)), which it does not hold so",
      objects: [Int64(objectContaining(address))])
  }

  /// The locks that a thread holds, oldest first.
  mutating func heldLocks(of thread: Int) -> [(address: Int, lockClass: Int, mode: LockMode)] {
    let t = wordsOfThread(thread)
    return (0..<Int(t[Layout.heldCount])).map { index in
      let word = t[Layout.held + index]
      return (Int(word >> 20), Int(word >> 4 & 0xffff), LockMode(rawValue: Int(word & 15)) ?? .exclusive)
    }
  }

  var threadName: String { threadName(runningThread) }

  func threadName(_ thread: Int) -> String {
    thread < world.threadCount ? reports.pointee.world.threads[thread].name : "init"
  }

  /// `wake_up`: sleepers of the queue test their condition again. A wake-up of interruptible sleepers passes by the others.
  mutating func wake(_ queue: Int, all: Bool) {
    var reached = false
    for thread in 0..<world.threadCount {
      let t = wordsOfThread(thread)
      guard t[Layout.flags] & Layout.sleeping != 0, t[Layout.flags] & Layout.woken == 0,
        Int(t[Layout.queue]) == queue, all || t[Layout.flags] & Layout.interruptible != 0
      else { continue }
      t[Layout.flags] |= Layout.woken
      reached = true
      emit(.woken, Int64(queue), Int64(thread))
    }
    if !reached { emit(.wokeNobody, Int64(queue)) }
  }
}
