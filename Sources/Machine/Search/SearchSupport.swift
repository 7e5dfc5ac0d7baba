import StepLanguage

// What a search asks at every state. Nothing here takes memory.
extension Machine {
  /// Notes, where accesses are logged, what invariants read in a state; the state stays as it is.
  ///
  /// - Parameter affected: the invariants, as `AccessLog.affected` has them.
  public func recordInvariants(_ affected: AffectedInvariants, in state: inout State) {
    state.words.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      core.pointee.begin(Words(base, count: buffer.count), thread: 0, log: nil)
      core.pointee.touchInvariants(affected)
    }
  }

  /// For every thread in how many ways it can step now: 0 when it cannot, -1 when it sleeps and only the passing of time would let it.
  ///
  /// - Parameter choices: room for a number for each thread.
  /// - Returns: a bit for each thread that can step; time passes only when there is none.
  public func moves(in state: State, into choices: UnsafeMutablePointer<Int>) -> UInt64 {
    withReadOnlyState(state) { core in
      var ready: UInt64 = 0
      for thread in 0..<core.world.threadCount {
        let count = core.choices(thread)
        choices[thread] = count
        if count > 0 { ready |= 1 << UInt64(thread) }
      }
      return ready
    } ?? 0
  }

  /// In how many ways one thread can step now; as `moves(in:into:)` has it.
  public func choices(of thread: Int, in state: State) -> Int {
    withReadOnlyState(state) { $0.choices(thread) } ?? 0
  }

  /// Whether in any step so far the numbers of threads alone decided whose unit of a count went, where one was given back that its holder did
  /// not have. Two threads that are exchanged then lose each other's.
  public var choseByThreadNumber: Bool { core.pointee.choseByThreadNumber }

  /// Whether a thread's next step begins a system call.
  public func beginsCall(_ thread: Int, in state: State) -> Bool {
    withReadOnlyState(state) { core in
      let t = core.wordsOfThread(thread)
      let plan = core.world.plans[thread]
      let number = Int(t[Layout.operation])
      guard t[Layout.programCounter] == Layout.idle, number < plan.count else { return false }
      return core.world.operations[Int(plan.operations.start) + number].entry >= 0
    } ?? false
  }

  /// Whether a thread is inside a system call.
  public func isInCall(_ thread: Int, in state: State) -> Bool {
    withReadOnlyState(state) { $0.wordsOfThread(thread)[Layout.programCounter] != Layout.idle } ?? false
  }

  /// With which outcome a thread's next statement comes into the order of locks: `stepped` when it takes a lock and waits for it where needed, `slept` when it
  /// waits for a call that takes locks; nil for any other.
  public func ordersLocks(_ thread: Int, in state: State) -> Outcome? {
    withReadOnlyState(state) { core in
      let pc = Int(core.wordsOfThread(thread)[Layout.programCounter])
      guard pc >= 0, core.program.code[pc].opcode == .step else { return nil }
      switch core.program.code[pc].b {
      case StepKind.acquire: return .stepped
      case StepKind.flush: return .slept
      default: return nil
      }
    } ?? nil
  }

  /// The word of the state, numbered as in an access log, whose change could let a waiting thread go on: its lock or its queue; -1 when it waits for none.
  public func awaitedWord(of thread: Int, in state: State) -> Int {
    withReadOnlyState(state) { core in
      let t = core.wordsOfThread(thread)
      if t[Layout.flags] & Layout.stuck != 0 { return -1 }
      let cell = core.cell(thatKeeps: thread)
      if cell != 0 { return core.headPlace(ofQueue: core.queue(ofCell: cell)) }
      let queue = core.queueNumber(of: thread)
      if queue >= 0, t[Layout.programCounter] == Layout.idle { return core.headPlace(ofQueue: queue) }
      if t[Layout.flags] & Layout.sleeping != 0 { return core.world.heapBase + Int(t[Layout.queue]) }
      guard t[Layout.programCounter] != Layout.idle, let lock = core.peekLock(thread) else { return -1 }
      return core.world.heapBase + lock.address
    } ?? -1
  }

  /// The threads that keep a thread at its barrier, as bits; 0 when it stands at none.
  public func barrierKeepers(of thread: Int, in state: State) -> UInt64 {
    withReadOnlyState(state) { $0.barrierKeepers(of: thread) } ?? 0
  }

  /// A digest of a state in canonical form that does not tell which thread closed a circle of waiting ones: the order of
  /// steps that do not touch each other decides that.
  ///
  /// - Parameter canonicalizer: of this world; it decides which states count as one.
  public func outcomeDigest(of state: State, _ canonicalizer: Canonicalizer) -> UInt64 {
    var copy = state
    let layout = world.layout
    for thread in world.threads.indices {
      copy.words[layout.threadBase + thread * layout.threadWords + Layout.flags] &= ~Layout.deadlockTold
    }
    canonicalizer.canonicalize(&copy)
    return copy.digest(in: world)
  }
}

extension MachineCore {
  mutating func barrierKeepers(of thread: Int) -> UInt64 {
    let t = wordsOfThread(thread)
    let own = world.plans[thread]
    let operation = Int(t[Layout.operation])
    guard t[Layout.programCounter] == Layout.idle, operation < own.count else { return 0 }
    let row = world.operations[Int(own.operations.start) + operation]
    guard row.entry < 0 else { return 0 }
    var keepers: UInt64 = 0
    for other in 0..<world.threadCount where other != thread {
      let plan = world.plans[other]
      guard plan.barrierCount > row.barriersBefore else { continue }
      let words = wordsOfThread(other)
      let reached = Int(words[Layout.operation])
      let position = Int(world.barriers[Int(plan.barriers + row.barriersBefore)])
      if reached < position || (reached == position && words[Layout.programCounter] != Layout.idle) {
        keepers |= 1 << UInt64(other)
      }
    }
    return keepers
  }
}

extension Machine {
  /// The statement that a thread takes up with its next step; nil when it is between two system calls.
  public func nextStatement(of thread: Int, in state: State) -> Int? {
    withReadOnlyState(state) { core in
      let pc = Int(core.wordsOfThread(thread)[Layout.programCounter])
      guard pc >= 0, core.program.code[pc].opcode == .step else { return nil }
      return Int(core.program.code[pc].a)
    } ?? nil
  }
}
