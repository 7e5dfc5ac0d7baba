import StepLanguage

/// Gives, for a state and a thread, the next state and its events.
///
/// The machine itself holds no state of the model: only the program in a form that can be read without reference counting, and room for
/// one step's temporaries. One machine serves one thread of the host; the checker makes one each.
///
/// In a release build a step takes no memory and counts no reference as long as it finds nothing wrong and the state has room.
public final class Machine {
  /// Whether the model's invariants are evaluated after every step.
  public var checksInvariants: Bool {
    get { core.pointee.checksInvariants }
    set { core.pointee.checksInvariants = newValue }
  }

  /// Whether each step evaluates every invariant, also those that read nothing that it wrote: slower by far, with the same findings. For tests, which
  /// compare the two.
  public var evaluatesEveryInvariant: Bool {
    get { core.pointee.evaluatesEveryInvariant }
    set { core.pointee.evaluatesEveryInvariant = newValue }
  }

  /// Whether objects that nobody can reach are looked for when all threads are through.
  public var checksLeaks: Bool {
    get { core.pointee.checksLeaks }
    set { core.pointee.checksLeaks = newValue }
  }

  /// When set, gets every access of every step.
  public var accessLog: AccessLog? {
    didSet { core.pointee.accesses = accessLog?.buffer }
  }

  /// When set, gets every instruction of every step.
  public var trace: InstructionTrace? {
    didSet { core.pointee.trace = trace?.buffer }
  }

  /// The part that steps. It lies in memory of its own: a class's property would be guarded anew at each access.
  let core: UnsafeMutablePointer<MachineCore>
  private let reports: UnsafeMutablePointer<Reports>
  private let scratch = Arena()
  private let prepared: PreparedProgram
  private var worldTables: Arena

  /// What one attempt to step gave.
  public enum Outcome: Hashable, Sendable {
    /// The thread did its step.
    case stepped
    /// The thread queued up as a writer; that is a step too, but the lock is not had yet.
    case queued
    /// The thread went to sleep; that is a step too.
    case slept
    /// The thread cannot step now; the state is unchanged.
    case notReady
  }

  /// What keeps a thread, or that nothing does.
  public enum Readiness: Hashable, Sendable {
    /// It has nothing left to do.
    case finished
    /// It can step, in that many ways.
    case ready(choices: Int)
    /// It can step only because nobody else can: its sleep's time is over.
    case timeout
    /// It waits for a lock; the threads that keep it from having it.
    case blocked(lock: LockReference, by: [Int])
    /// It sleeps on a queue.
    case sleeping(ObjectReference, offset: Int)
    /// It waits at a barrier.
    case barrier
    /// It followed a null pointer or the like; a kernel would have killed it.
    case stuck
  }

  /// A machine for a world.
  public init(world: World) {
    prepared = world.prepared ?? PreparedProgram(world.program)
    worldTables = Arena()
    reports = .allocate(capacity: 1)
    reports.initialize(to: Reports(world: world))
    core = .allocate(capacity: 1)
    core.initialize(
      to: MachineCore(
        program: prepared.tables, world: WorldTables(world, in: worldTables), reports: reports,
        arena: scratch))
  }

  deinit {
    core.pointee.worklist.base.deallocate()
    core.deinitialize(count: 1)
    core.deallocate()
    reports.deinitialize(count: 1)
    reports.deallocate()
  }

  /// What runs.
  public var world: World { reports.pointee.world }
  /// The limit that a step went beyond, if any did: from then on nothing that the machine says may be relied on.
  public var exceededLimit: ExceededLimit? { reports.pointee.limit }
  /// The exceeded limit, forgotten here: whoever goes back to a state from before that step may go on.
  public func takeExceededLimit() -> ExceededLimit? {
    defer {
      reports.pointee.limit = nil
      core.pointee.lacksRoom = false
    }
    return reports.pointee.limit
  }

  /// Whether a step went beyond a limit.
  public var hasExceededLimit: Bool { reports.pointee.limit != nil }
  /// What the last step found wrong; empty most of the time.
  public var findings: [Finding] { reports.pointee.findings }
  /// Whether the last step found anything wrong.
  public var hasFindings: Bool { reports.pointee.count > 0 }

  /// Goes on with another world of the same program, after an operation or a thread was added.
  ///
  /// Both worlds must stem from the one that the machine was made for. Costs next to nothing when it is the same world as before.
  public func use(_ world: World) {
    guard world.additions != reports.pointee.world.additions else { return }
    let tables = Arena()
    core.pointee.world = WorldTables(world, in: tables)
    worldTables = tables
    reports.pointee.world = world
  }

  // MARK: States

  /// The state before the first step: slots and globals as the model says.
  public func initialState() -> State {
    let world = world
    let layout = world.layout
    let program = world.program
    var room = State.headroom + core.pointee.program.largestStep + core.pointee.program.largestBlock
    // `init` runs in one go, so how much it makes shows only when it has run: where the room was too small it begins again with more.
    while true {
      var state = State(words: Array(repeating: 0, count: layout.heapBase + 1 + room))
      for table in program.slots.indices {
        for slot in 0..<world.slotCounts[table] {
          state.words[layout.slotBases[table] + slot] = program.slots[table].initial
        }
      }
      for thread in 0...world.threads.count {
        state.words[layout.threadBase + thread * layout.threadWords + Layout.programCounter] = Layout.idle
      }
      state.words[Layout.heapEnd] = 1
      state.words[Layout.unsure] = 1
      state.words.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        core.pointee.begin(Words(base, count: buffer.count), thread: world.threads.count, log: nil)
        core.pointee.lacksRoom = false
        _ = core.pointee.allocate(type: BlockType.globals)
        if let function = program.initialFunction { _ = core.pointee.callOnMonitor(function, argument: nil) }
      }
      if !core.pointee.lacksRoom || reports.pointee.limit != nil {
        makeRoom(&state)
        return state
      }
      room *= 4
    }
  }

  /// For questions: the body must not change a word.
  @inline(__always)
  func withReadOnlyState<Result>(_ state: State, _ body: (inout MachineCore) -> Result) -> Result? {
    state.words.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      core.pointee.look(Words(reading: base, count: buffer.count))
      return body(&core.pointee)
    }
  }

  /// Makes sure that one step finds enough free words; the only place where stepping may take memory.
  @inline(__always)
  private func makeRoom(_ state: inout State) {
    let used = usedWordCount(of: state)
    let needed = State.headroom / 2 + core.pointee.program.largestStep + core.pointee.program.largestBlock
    if state.words.count - used < needed { makeMoreRoom(&state, used: used, needed: needed) }
  }

  @inline(never)
  private func makeMoreRoom(_ state: inout State, used: Int, needed: Int) {
    Self.grow(&state, by: needed + State.headroom + used / 2)
  }

  @inline(never)
  private static func grow(_ state: inout State, by count: Int) {
    state.words.append(contentsOf: repeatElement(0, count: count))
  }

  /// Whether a deadlock among threads of this state was reported on the way to it.
  public func hasToldDeadlock(in state: State) -> Bool {
    let layout = world.layout
    return world.threads.indices.contains { thread in
      state.words[layout.threadBase + thread * layout.threadWords + Layout.flags] & Layout.deadlockTold != 0
    }
  }

  /// How many words of a state are in use; what lies behind them is zero.
  @inline(__always)
  public func usedWordCount(of state: State) -> Int {
    core.pointee.world.heapBase + Int(state.words[Layout.heapEnd])
  }

  /// How many words the heap of a state has, gaps and the unused word before its first object included.
  public func heapWordCount(of state: State) -> Int { Int(state.words[Layout.heapEnd]) }

  /// A 64-bit digest of the words in use, the same in every process.
  ///
  /// Meant for tables of visited states: quick, and each bit of it depends on all words. Stacks are read only as far as they are used.
  public func hash(of state: State) -> UInt64 {
    state.words.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return StateHash.of(Words(reading: base, count: buffer.count), core.pointee.world.layout)
    }
  }

  /// Makes one state the same as another. No memory is taken when the target has as many words as the source uses.
  public func copy(from source: State, to target: inout State) {
    let used = usedWordCount(of: source)
    if target.words.count < used { Self.grow(&target, by: used - target.words.count) }
    source.words.withUnsafeBufferPointer { source in
      target.words.withUnsafeMutableBufferPointer { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        // Only what the target used so far can be something else than zero.
        let old = min(target.count, core.pointee.world.heapBase + max(0, Int(to[Layout.heapEnd])))
        to.update(from: from, count: used)
        if old > used { (to + used).update(repeating: 0, count: old - used) }
      }
    }
  }

  /// How many words `pack` writes for a state: those in use without the free parts of stacks, often less than half.
  public func packedWordCount(of state: State) -> Int {
    state.words.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map {
        StatePacking.count(Words(reading: $0, count: buffer.count), core.pointee.world.layout)
      } ?? 0
    }
  }

  /// Copies a state to where the caller keeps it. Equal states give equal words.
  ///
  /// - Parameter words: at least as many as `packedWordCount(of:)` says.
  /// - Returns: how many words were written.
  @discardableResult
  public func pack(_ state: State, into words: UnsafeMutableBufferPointer<Int64>) -> Int {
    let count = packedWordCount(of: state)
    precondition(words.count >= count, "a state needs more words than it was given")
    state.words.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress, let to = words.baseAddress else { return }
      StatePacking.pack(
        Words(reading: from, count: source.count), into: Words(to, count: words.count),
        core.pointee.world.layout)
    }
    return count
  }

  /// Makes a state of words that `pack` wrote. No memory is taken when the target is large enough.
  public func unpack(_ words: UnsafeBufferPointer<Int64>, into target: inout State) {
    guard let from = words.baseAddress else { return }
    let world = core.pointee.world
    let used = world.heapBase + Int(from[Layout.heapEnd])
    if target.words.count < used { Self.grow(&target, by: used - target.words.count) }
    target.words.withUnsafeMutableBufferPointer { buffer in
      guard let to = buffer.baseAddress else { return }
      let old = min(buffer.count, world.heapBase + max(0, Int(to[Layout.heapEnd])))
      StatePacking.unpack(
        Words(reading: from, count: words.count), into: Words(to, count: buffer.count), world.layout)
      if old > used { (to + used).update(repeating: 0, count: old - used) }
    }
  }

  // MARK: Stepping

  /// Lets a thread take its next step.
  ///
  /// - Parameters:
  ///   - thread: the thread's number.
  ///   - choice: which way a choice goes; for an allocation 0 succeeds, 1 fails.
  ///   - state: changed in place; unchanged when the result is `notReady`.
  ///   - log: gets the step's events; it is cleared first.
  ///   - wakesSleeper: whether a sleeper's time is over now, although others can move; otherwise that is so only when
  ///     nobody else can.
  /// - Returns: what happened. `findings` then holds what the sanitizers found.
  public func step(
    _ thread: Int, choice: Int = 0, in state: inout State, log: EventLog? = nil, wakesSleeper: Bool = false
  ) -> Outcome {
    log?.clear()
    makeRoom(&state)
    return state.words.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, thread >= 0, thread < core.pointee.world.threadCount else {
        return .notReady
      }
      core.pointee.begin(Words(base, count: buffer.count), thread: thread, log: log?.buffer)
      return core.pointee.step(choice: choice, wakesSleeper: wakesSleeper)
    }
  }

  /// Looks at a state as it stands, before anybody steps: circles of waiting threads, invariants, and leaks where all is over.
  ///
  /// `findings` then holds what is wrong, also what was told on the way there.
  public func examine(_ state: inout State) {
    makeRoom(&state)
    state.words.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      core.pointee.begin(Words(base, count: buffer.count), thread: world.threads.count, log: nil)
      core.pointee.examine()
    }
  }

  /// The value of one of the program's conditions in a state: of an invariant, or of an expression that was added.
  ///
  /// With a `trace` that includes invariants, what it read is in it.
  ///
  /// - Parameters:
  ///   - function: the function that computes it.
  ///   - objects: its arguments.
  ///   - state: left as it is.
  /// - Returns: nil when it cannot be evaluated there; `findings` then says why.
  public func evaluate(_ function: Int, of objects: [ObjectReference] = [], in state: State) -> Int64? {
    var copy = state
    makeRoom(&copy)
    return copy.words.withUnsafeMutableBufferPointer { buffer -> Int64? in
      guard let base = buffer.baseAddress else { return nil }
      core.pointee.begin(Words(base, count: buffer.count), thread: world.threads.count, log: nil)
      return core.pointee.evaluate(function, of: objects.map(\.index))
    }
  }

  // MARK: Who can move

  /// For every thread, whether it can step now and if not, why.
  public func readiness(in state: State) -> [Readiness] {
    withReadOnlyState(state) { core in
      var result: [Readiness] = []
      let threadCount = core.world.threadCount
      result.reserveCapacity(threadCount)
      for thread in 0..<threadCount { result.append(core.readiness(thread)) }
      if !result.contains(where: { if case .ready = $0 { true } else { false } }) {
        for thread in 0..<threadCount {
          if case .sleeping = result[thread], core.choices(thread) < 0 { result[thread] = .timeout }
        }
      }
      return result
    } ?? []
  }

  /// The lock that a thread's next statement takes and cannot have now, and the threads that keep it; nil when it waits for none.
  ///
  /// Unlike `readiness(in:)` it also tells of a writer that has yet to queue.
  public func wantedLock(of thread: Int, in state: State) -> (lock: LockReference, keepers: [Int])? {
    withReadOnlyState(state) { core in
      guard let wanted = core.peekLock(thread), !core.isAvailable(wanted.address, wanted.mode, thread: thread)
      else {
        return nil
      }
      let object = core.objectContaining(wanted.address)
      return (
        LockReference(object: ObjectReference(object), offset: wanted.address - object, mode: wanted.mode),
        core.members(of: core.keepers(of: wanted.address, wanted.mode, from: thread))
      )
    } ?? nil
  }

  /// Whether the condition holds that a sleeping thread waits for, so that only the wake-up is missing.
  public func awaitedConditionHolds(of thread: Int, in state: State) -> Bool {
    var copy = state
    let flags = world.layout.threadBase + thread * world.layout.threadWords + Layout.flags
    guard copy.words[flags] & Layout.sleeping != 0 else { return false }
    // A call that must be over first is no condition.
    if withReadOnlyState(state, { $0.cell(thatKeeps: thread) }) ?? 0 != 0 { return false }
    copy.words[flags] |= Layout.woken
    let saved = (checksInvariants, checksLeaks)
    (checksInvariants, checksLeaks) = (false, false)
    defer { (checksInvariants, checksLeaks) = saved }
    return step(thread, in: &copy) != .slept
  }

  /// In how many ways a thread can take its next step; 0 when it cannot. The same as `readiness(in:)`, but without reasons and
  /// without taking memory.
  public func mayStep(_ thread: Int, in state: State) -> Int {
    withReadOnlyState(state) { core in
      core.runningThread = thread
      let choices = core.choices(thread)
      return choices < 0 ? (core.nobodyElseCanMove() ? 1 : 0) : choices
    } ?? 0
  }
}

/// What is kept for the eyes of a user: read and written only when something is wrong, so it may take memory.
struct Reports {
  var world: World
  var limit: ExceededLimit?
  var findings: [Finding] = []
  var count = 0
}

/// Types of blocks of the heap that the machine itself knows, as constants that this module can see through.
enum BlockType {
  static let free = 0
  static let cell = 1
  static let unit = 2
  static let globals = 3
  /// Where the globals lie.
  static let globalsIndex = 1
}

/// Words that a frame needs besides its locals, as a constant that this module can see through.
let frameHeader = 4

/// What steps: pointers and numbers only, so that nothing in it is reference-counted, and a value, so that nothing of it is guarded at run time.
struct MachineCore: BitwiseCopyable {
  let program: ProgramTables
  var world: WorldTables
  var checksInvariants = true
  var checksLeaks = true
  var evaluatesEveryInvariant = false
  /// What the running step may have broken.
  var affected = AffectedInvariants()
  /// Whether the numbers of threads alone decided something since this was set to false.
  var choseByThreadNumber = false
  /// Gets every instruction when somebody wants to know them.
  var trace: UnsafeMutablePointer<TraceBuffer>?
  /// Operand -1 is the last.
  private let temporaries: Words
  /// Where in the state each temporary was loaded from, and each operand; kept while events are logged.
  private let loadPlaces: UnsafeHandle<Int>
  private let operandPlaces: UnsafeHandle<Int>
  private let arguments: Words
  let operands: Words
  let reports: UnsafeMutablePointer<Reports>

  // The state under the step that is running.
  var words: Words
  var heap: Words
  var threadWords: Words
  var runningThread = 0
  var statement: Int32 = -1
  var log: UnsafeMutablePointer<EventBuffer>?
  /// Gets every access when somebody wants to know them.
  var accesses: UnsafeMutablePointer<AccessBuffer>?
  private var choice = 0
  var holders: (first: HolderKey, second: HolderKey) = (HolderKey(), HolderKey())
  /// Where a property is in an interval map: the map's head and the cell that it got last.
  var walk = (head: 0, cell: 0)
  /// Room for a walk over objects.
  var worklist: UnsafeHandle<Int>
  /// Whether something was made for which the heap had no room.
  var lacksRoom = false
  /// How many words the heap has room for.
  var heapCapacity = 0
  /// What the running thread has looked at since its last action: the object, and above it the address of the instruction.
  let rides: Words
  var rideCount = 0
  /// The same of the step before, while it is not sure that this step can be taken.
  private let oldRides: Words
  private var oldRideCount = 0

  mutating func keepOld(_ ride: Int64, at index: Int, of count: Int) {
    oldRides[index] = ride
    oldRideCount = count
  }

  /// The step could not be taken after all, so what the thread has looked at stays open.
  @inline(never)
  private mutating func putBackRides() {
    rideCount = oldRideCount
    for index in 0..<oldRideCount { rides[index] = oldRides[index] }
    keepRides()
    rideCount = 0
    oldRideCount = 0
  }
  /// The statement with which the system call returned.
  private var returnPlace: Int32 = -1

  /// Word and owner of a unit: owner 0 is a word only, positive an object, negative a thread.
  struct HolderKey: BitwiseCopyable {
    var word: Int64 = 0
    var owner: Int64 = 0
  }

  init(program: ProgramTables, world: WorldTables, reports: UnsafeMutablePointer<Reports>, arena: Arena) {
    self.program = program
    self.world = world
    self.reports = reports
    // Negative operands count down from the end.
    temporaries = arena.room(program.temporaryCount, of: 0)
    loadPlaces = arena.room(program.temporaryCount, of: 0)
    operandPlaces = arena.room(program.operandCount, of: 0)
    arguments = arena.room(program.argumentCount, of: 0)
    operands = arena.room(program.operandCount, of: 0)
    rides = arena.room(RuntimeLimits.rides, of: 0)
    oldRides = arena.room(RuntimeLimits.rides, of: 0)
    worklist = UnsafeHandle(.allocate(capacity: 64), count: 64)
    words = operands
    heap = operands
    threadWords = operands
  }

  @inline(__always)
  func wordsOfThread(_ thread: Int) -> Words {
    world.layout.words(of: thread, in: words)
  }

  // MARK: Stepping

  /// Takes up a state of which a thread is to step.
  @inline(__always)
  mutating func begin(
    _ words: Words, thread: Int, log: UnsafeMutablePointer<EventBuffer>?
  ) {
    if reports.pointee.count != 0 { forgetFindings() }
    self.words = words
    heap = words + world.heapBase
    // Behind it lies room for what a limit keeps from being made.
    heapCapacity = heap.count - program.largestBlock
    runningThread = thread
    threadWords = wordsOfThread(thread)
    statement = -1
    self.log = log
  }

  /// Takes up a state that is only looked at.
  @inline(__always)
  mutating func look(_ words: Words) {
    self.words = words
    heap = words + world.heapBase
    runningThread = 0
    threadWords = wordsOfThread(0)
    statement = -1
    log = nil
  }

  @inline(never)
  private mutating func forgetFindings() {
    reports.pointee.findings.removeAll(keepingCapacity: true)
    reports.pointee.count = 0
  }

  /// Lets the running thread take its next step, and looks at what came of it.
  mutating func step(choice: Int, wakesSleeper: Bool) -> Machine.Outcome {
    self.choice = choice
    guard reports.pointee.limit == nil else { return .notReady }
    affected = AffectedInvariants()
    let outcome = runStep(wakesSleeper: wakesSleeper)
    if outcome != .notReady, reports.pointee.limit == nil {
      if words[Layout.tombstones] > 0 { sweep() }
      if outcome != .slept || world.queueCount > 0 { checkWaitCycle() }
      if program.invariantCount > 0 {
        if checksInvariants { checkInvariants() } else { words[Layout.unsure] = 1 }
      }
      if world.queueCount > 0 { checkWorkers() }
      if checksLeaks, allFinished() { checkLeaks() }
    }
    return outcome
  }

  /// What `step` looks at after a step, for a state that nobody has just stepped to.
  mutating func examine() {
    guard reports.pointee.limit == nil else { return }
    for thread in 0..<world.threadCount { wordsOfThread(thread)[Layout.flags] &= ~Layout.deadlockTold }
    let monitor = (thread: runningThread, words: threadWords)
    for thread in 0..<world.threadCount {
      runningThread = thread
      threadWords = wordsOfThread(thread)
      checkWaitCycle()
    }
    (runningThread, threadWords) = monitor
    statement = -1
    words[Layout.unsure] = 1
    if checksInvariants, program.invariantCount > 0 { checkInvariants() }
    if checksLeaks, allFinished() { checkLeaks() }
  }

  private mutating func runStep(wakesSleeper: Bool) -> Machine.Outcome {
    let t = threadWords
    if t[Layout.flags] & Layout.stuck != 0 { return .notReady }
    if t[Layout.flags] & Layout.sleeping != 0, t[Layout.flags] & Layout.woken == 0 {
      if t[Layout.flags] & Layout.noTimeout != 0 { return .notReady }
      if !wakesSleeper, !nobodyElseCanMove() { return .notReady }
    }
    rideCount = 0
    oldRideCount = 0
    if t[Layout.programCounter] == Layout.idle {
      return queueNumber(of: runningThread) >= 0 ? beginCall(choice: choice) : startOperation()
    }
    if t[Layout.rideCount] != 0 {
      let dead = takeUpRides()
      if dead >= 0 {
        // The thread may have looked before the free, or after it: the first way is the use after free.
        if choice == 0 {
          findUseAfterFree(Ride.object(oldRides[dead]), at: place(Ride.address(oldRides[dead])))
          return stick(at: Int(t[Layout.programCounter]))
        }
        choice -= 1
      }
    }
    return execute(passedStep: false, stopAtSteps: true)
  }

  /// Begins the thread's next operation; reading the slots is this step's action.
  private mutating func startOperation() -> Machine.Outcome {
    let t = threadWords
    let plan = world.plans[runningThread]
    let number = Int(t[Layout.operation])
    guard number < plan.count else { return .notReady }
    let operation = world.operations[Int(plan.operations.start) + number]
    if operation.entry < 0 {
      guard barrierIsOpen(thread: runningThread, operation: number) else { return .notReady }
      t[Layout.operation] += 1
      emit(.barrierPassed)
      return .stepped
    }
    let function = program.functions[Int(operation.function)]
    t[Layout.framePointer] = 0
    let frame = t + Layout.stack
    frame[0] = 0
    frame[1] = 0
    frame[2] = -1
    frame[3] = Int64(operation.function)
    var position = 0
    for index in operation.arguments.indices {
      let argument = world.arguments[index]
      if argument.place >= 0 { touch(slot: argument.place, write: false) }
      frame[frameHeader + position] = argument.place < 0 ? argument.number : words[argument.place]
      position += 1
    }
    for index in position..<max(position, function.locals) { frame[frameHeader + index] = 0 }
    t[Layout.stackPointer] = Int64(frameHeader + function.locals)
    t[Layout.programCounter] = Int64(function.address)
    t[Layout.result] = 0
    emit(.operationStarted, Int64(operation.entry))
    emit(.entered, Int64(operation.function))
    return execute(passedStep: true, stopAtSteps: true)
  }

  private mutating func barrierIsOpen(thread: Int, operation: Int) -> Bool {
    let own = world.plans[thread]
    let number = world.operations[Int(own.operations.start) + operation].barriersBefore
    for other in 0..<world.threadCount where other != thread {
      let plan = world.plans[other]
      guard plan.barrierCount > number else { continue }
      let t = wordsOfThread(other)
      let reached = Int(t[Layout.operation])
      let position = Int(world.barriers[Int(plan.barriers + number)])
      if reached < position || (reached == position && t[Layout.programCounter] != Layout.idle) {
        return false
      }
    }
    return true
  }

  // MARK: The interpreter

  /// Where operands are: locals of the running function from zero on, temporaries below.
  private struct Values: BitwiseCopyable {
    /// The running function's frame, up to the end of the stack.
    var frame: Words
    /// Behind the last temporary, and how many there are.
    let temporaries: UnsafeMutablePointer<Int64>
    let temporaryCount: Int

    init(frame: Words, temporaries: Words) {
      self.frame = frame
      self.temporaries = temporaries.base + temporaries.count
      temporaryCount = temporaries.count
    }

    /// Temporaries lie below zero and locals from there on, so one comparison keeps both in bounds.
    @inline(__always)
    private func place(_ operand: Int32) -> UnsafeMutablePointer<Int64> {
      let index = Int(operand)
      precondition(
        UInt(bitPattern: index &+ temporaryCount) < UInt(bitPattern: frame.count &+ temporaryCount))
      return (index >= 0 ? frame.base : temporaries) + index
    }

    subscript(operand: Int32) -> Int64 {
      @inline(__always) get { place(operand).pointee }
      @inline(__always) nonmutating set { place(operand).pointee = newValue }
    }
  }

  @inline(__always)
  private mutating func rest(at pc: Int) -> Machine.Outcome {
    threadWords[Layout.programCounter] = Int64(pc)
    if rideCount != 0 { keepRides() }
    return .stepped
  }

  mutating func stick(at pc: Int) -> Machine.Outcome {
    threadWords[Layout.programCounter] = Int64(pc)
    threadWords[Layout.flags] |= Layout.stuck
    return .stepped
  }

  /// Runs the thread from its program counter to the next scheduling point.
  mutating func execute(passedStep: Bool, stopAtSteps: Bool) -> Machine.Outcome {
    let t = threadWords
    let stack = t + Layout.stack
    let code = program.code
    var pc = Int(t[Layout.programCounter])
    var values = Values(
      frame: stack + Int(t[Layout.framePointer]) + frameHeader, temporaries: temporaries)
    var passed = passedStep
    // A step is short; more than this is a loop that never comes to an action.
    // `init` and invariants run in one go, and some of what they do goes over all that there is. One that is traced is looked at before each
    // instruction.
    var budget = trace == nil ? (stopAtSteps ? Self.instructionLimit : Self.instructionLimit / 8) : 1
    let traceStart = trace?.pointee.entries.count ?? 0
    trace?.pointee.pending = nil

    while true {
      budget &-= 1
      if budget == 0 {
        guard isTraced(pc, values, stack, since: traceStart) else {
          find(
            .livelock, "the thread runs on and on without an action that another thread could see",
            at: place(pc))
          return stick(at: pc)
        }
        budget = 1
      }
      let instruction = code[pc]
      switch instruction.opcode {
      case .step:
        if stopAtSteps {
          if passed {
            clear(instruction.d, in: values.frame)
            return rest(at: pc)
          }
          passed = true
        }
        statement = instruction.a
        pc &+= 1
      case .nothing:
        pc &+= 1
      case .constant:
        values[instruction.a] = program.constants[Int(instruction.b)]
        pc &+= 1
      case .move:
        values[instruction.a] = values[instruction.b]
        pc &+= 1
      case .load:
        let object = values[instruction.b]
        if instruction.d == Instruction.looksFromOutside, !isReadable(object) {
          values[instruction.a] = 0
          pc &+= 1
          continue
        }
        guard
          let base = instruction.d == Instruction.looksFromOutside ? heap + Int(object) : access(object, pc)
        else { return stick(at: pc) }
        touch(object, instruction.c, write: false)
        if instruction.d == Instruction.ridesAlong { ride(object, pc) }
        values[instruction.a] = base[Int(instruction.c)]
        if log != nil, instruction.a < 0 {
          loadPlaces[loadPlaces.count + Int(instruction.a)] =
            world.heapBase + Int(object) + Int(instruction.c)
        }
        pc &+= 1
      case .store:
        let object = values[instruction.a]
        guard let base = access(object, pc) else { return stick(at: pc) }
        touch(object, instruction.b, write: true)
        let old = base[Int(instruction.b)]
        let new = values[instruction.c]
        base[Int(instruction.b)] = new
        if log != nil { emit(.stored, object, Int64(instruction.b), old, new) }
        pc &+= 1
      case .add:
        values[instruction.a] = values[instruction.b] &+ values[instruction.c]
        pc &+= 1
      case .subtract:
        values[instruction.a] = values[instruction.b] &- values[instruction.c]
        pc &+= 1
      case .multiply:
        values[instruction.a] = values[instruction.b] &* values[instruction.c]
        pc &+= 1
      case .bitAnd:
        values[instruction.a] = values[instruction.b] & values[instruction.c]
        pc &+= 1
      case .bitOr:
        values[instruction.a] = values[instruction.b] | values[instruction.c]
        pc &+= 1
      case .shiftLeft:
        values[instruction.a] = values[instruction.b] << (values[instruction.c] & 63)
        pc &+= 1
      case .shiftRightSigned:
        values[instruction.a] = values[instruction.b] >> (values[instruction.c] & 63)
        pc &+= 1
      case .shiftRightUnsigned:
        values[instruction.a] = Int64(
          bitPattern: UInt64(bitPattern: values[instruction.b]) >> UInt64(values[instruction.c] & 63))
        pc &+= 1
      case .divideSigned, .remainderSigned:
        let divisor = values[instruction.c]
        guard divisor != 0 else {
          find(.warn, "division by zero", at: place(pc))
          return stick(at: pc)
        }
        let dividend = values[instruction.b]
        // The one overflow of signed division wraps, as the bits do.
        if divisor == -1 {
          values[instruction.a] = instruction.opcode == .divideSigned ? 0 &- dividend : 0
        } else {
          values[instruction.a] =
            instruction.opcode == .divideSigned ? dividend / divisor : dividend % divisor
        }
        pc &+= 1
      case .divideUnsigned, .remainderUnsigned:
        let divisor = UInt64(bitPattern: values[instruction.c])
        guard divisor != 0 else {
          find(.warn, "division by zero", at: place(pc))
          return stick(at: pc)
        }
        let dividend = UInt64(bitPattern: values[instruction.b])
        values[instruction.a] = Int64(
          bitPattern: instruction.opcode == .divideUnsigned ? dividend / divisor : dividend % divisor)
        pc &+= 1
      case .equal:
        values[instruction.a] = values[instruction.b] == values[instruction.c] ? 1 : 0
        pc &+= 1
      case .notEqual:
        values[instruction.a] = values[instruction.b] != values[instruction.c] ? 1 : 0
        pc &+= 1
      case .lessSigned:
        values[instruction.a] = values[instruction.b] < values[instruction.c] ? 1 : 0
        pc &+= 1
      case .lessEqualSigned:
        values[instruction.a] = values[instruction.b] <= values[instruction.c] ? 1 : 0
        pc &+= 1
      case .lessUnsigned:
        values[instruction.a] =
          UInt64(bitPattern: values[instruction.b]) < UInt64(bitPattern: values[instruction.c]) ? 1 : 0
        pc &+= 1
      case .lessEqualUnsigned:
        values[instruction.a] =
          UInt64(bitPattern: values[instruction.b]) <= UInt64(bitPattern: values[instruction.c]) ? 1 : 0
        pc &+= 1
      case .addOverflows:
        let (_, overflow) = UInt64(bitPattern: values[instruction.b])
          .addingReportingOverflow(UInt64(bitPattern: values[instruction.c]))
        values[instruction.a] = overflow ? 1 : 0
        pc &+= 1
      case .not:
        values[instruction.a] = values[instruction.b] == 0 ? 1 : 0
        pc &+= 1
      case .negate:
        values[instruction.a] = 0 &- values[instruction.b]
        pc &+= 1
      case .jump:
        pc = Int(instruction.a)
      case .jumpIfZero:
        pc = values[instruction.a] == 0 ? Int(instruction.b) : pc + 1
      case .jumpIfNotZero:
        pc = values[instruction.a] != 0 ? Int(instruction.b) : pc + 1
      case .isType:
        let object = values[instruction.b]
        var isType = false
        if object != 0 {
          guard access(object, pc) != nil else { return stick(at: pc) }
          touch(object, 0, write: false)
          if instruction.d != 0 { ride(object, pc) }
          isType = typeOf(object, isA: Int(instruction.c))
        }
        values[instruction.a] = isType ? 1 : 0
        pc &+= 1
      case .castCheck:
        let object = values[instruction.a]
        // A cast follows nothing: a freed object still is what it was. Its block stays as long as anybody points to it.
        if object > 0, object < words[Layout.heapEnd], !typeOf(object, isA: Int(instruction.b)) {
          findWrongType(object, wanted: Int(instruction.b), pc)
          return stick(at: pc)
        }
        pc &+= 1
      case .thread:
        values[instruction.a] = Int64(runningThread) + 1
        pc &+= 1
      case .argument:
        arguments[Int(instruction.a)] = values[instruction.b]
        pc &+= 1
      case .call:
        pc &+= 1
        clear(instruction.d, in: values.frame)
        values.frame = pushFrame(Int(instruction.a), returnAddress: pc, result: Int(instruction.b))
        pc = program.functions[Int(instruction.a)].address
      case .callOps:
        let driver = values[instruction.a]
        let function =
          driver > 0
          ? program.driverMembers[(Int(driver) - 1) * program.memberStride + Int(instruction.c)] : 0
        guard function > 0 else {
          find(.nullDereference, "a callback is called that the driver does not have", at: place(pc))
          return stick(at: pc)
        }
        pc &+= 1
        emit(.calledDriver, driver - 1, function - 1)
        clear(instruction.d, in: values.frame)
        values.frame = pushFrame(Int(function) - 1, returnAddress: pc, result: Int(instruction.b))
        pc = program.functions[Int(function) - 1].address
      case .opsMember:
        let driver = values[instruction.b]
        guard driver > 0 else {
          find(.nullDereference, "the ops of nobody are read", at: place(pc))
          return stick(at: pc)
        }
        values[instruction.a] =
          program.driverMembers[(Int(driver) - 1) * program.memberStride + Int(instruction.c)]
        pc &+= 1
      case .returnValue:
        let value = values[instruction.a]
        let offset = Int(t[Layout.framePointer])
        let header = stack + offset
        emit(.left, header[3], value)
        if offset == 0 {
          // The system call itself: its frame stays until the slots are stored.
          t[Layout.result] = value
          returnPlace = program.places[pc]
          clear(instruction.d, in: values.frame)
          if header[0] != 0 { return rest(at: pc) }
          pc = 0
        } else {
          let caller = Int(header[1])
          let result = Int(header[2])
          pc = Int(header[0])
          let top = Int(t[Layout.stackPointer])
          for word in offset..<top { stack[word] = 0 }
          t[Layout.stackPointer] = Int64(offset)
          t[Layout.framePointer] = Int64(caller)
          values.frame = stack + caller + frameHeader
          if result >= 0 { values.frame[result] = value }
        }
      case .finishEntry:
        if !stopAtSteps {
          // `init` and invariants end here.
          return rest(at: pc)
        }
        // What was looked at since the last action is looked at before the call returns, and another thread can come in between.
        if rideCount != 0, passed, othersMayAct() { return rest(at: pc) }
        passed = true
        if queueNumber(of: runningThread) >= 0 {
          finishCall()
          return .stepped
        }
        if let (function, argument) = nextTaskWork() {
          arguments[0] = argument
          values.frame = pushFrame(function, returnAddress: 0, result: -1)
          pc = program.functions[function].address
        } else {
          finishOperation()
          return .stepped
        }
      case .allocate:
        if instruction.c != 0, choice == 1, mayFail(runningThread) {
          values[instruction.a] = 0
          emit(.allocationFailed, Int64(instruction.b))
        } else {
          let object = allocate(type: Int(instruction.b))
          if lacksRoom { return stick(at: pc) }
          touchNew(Int64(object))
          values[instruction.a] = Int64(object)
          emit(.allocated, Int64(object), Int64(instruction.b))
        }
        pc &+= 1
      case .free:
        touchFreed(values[instruction.a])
        guard release(object: values[instruction.a]) else { return stick(at: pc) }
        pc &+= 1
      case .acquire:
        let object = values[instruction.a]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let address = Int(object) + Int(instruction.b)
        let mode = LockMode(word: instruction.d)
        touchLock(object, instruction.b, mode)
        guard isAvailable(address, mode, thread: runningThread) else {
          if mode == .write, heap[address + 2] & (1 << Int64(runningThread)) == 0 {
            heap[address + 2] |= 1 << Int64(runningThread)
            t[Layout.flags] |= Layout.queuedWriter
            emit(.queued, Int64(address), Int64(instruction.c), mode.word)
            return .queued
          }
          if oldRideCount != 0 { putBackRides() }
          return .notReady
        }
        acquire(
          address, lockClass: Int(instruction.c), mode, isTry: instruction.d & Instruction.neverWaits != 0)
        pc &+= 1
      case .release:
        let object = values[instruction.a]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let mode = LockMode(word: instruction.d)
        touchLock(object, instruction.b, mode)
        release(lock: Int(object) + Int(instruction.b), mode)
        if instruction.d & Instruction.neverWaits != 0 { leaveReaders() }
        pc &+= 1
      case .tryAcquire:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let mode = LockMode(word: instruction.d)
        let address = Int(object) + Int(instruction.c)
        touch(object, instruction.c, write: true)
        if isAvailable(address, mode, thread: runningThread) {
          acquire(address, lockClass: Int(instruction.d >> 2), mode, isTry: true)
          values[instruction.a] = 1
        } else {
          emit(.tryFailed, Int64(address), Int64(instruction.d >> 2), mode.word)
          values[instruction.a] = 0
        }
        pc &+= 1
      case .assertHeld:
        let object = values[instruction.a]
        guard access(object, pc) != nil else { return stick(at: pc) }
        touch(object, instruction.b, write: false, kind: .lock)
        if instruction.d != 0 { ride(object, pc) }
        if !holds(Int(object) + Int(instruction.b)) {
          findNotHeld(object, Int(instruction.b), pc)
        }
        pc &+= 1
      case .lockTest:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let address = Int(object) + Int(instruction.c)
        // A question whether anybody has the lock differs from any change of it, also from a reader's.
        let isOwn = instruction.d & 1 != 0
        touch(object, instruction.c, write: !isOwn, kind: isOwn ? .lock : .plain)
        if instruction.d & Instruction.ridesAlong != 0 { ride(object, pc) }
        values[instruction.a] = (isOwn ? holds(address) : isHeld(address)) ? 1 : 0
        pc &+= 1
      case .unitCount:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let isOwn = instruction.d & 1 != 0
        touch(object, instruction.c, write: false)
        if instruction.d & Instruction.ridesAlong != 0 { ride(object, pc) }
        values[instruction.a] = unitCount(
          object: Int(object), offset: Int(instruction.c),
          holder: isOwn ? -(Int64(runningThread) + 1) : operands[0])
        pc &+= 1
      case .aliveTest:
        let object = Int(values[instruction.b])
        if object > 0 { touch(Int64(object), 0, write: false) }
        values[instruction.a] =
          object > 0 && object < Int(words[Layout.heapEnd]) && Header.isAlive(heap[object]) ? 1 : 0
        pc &+= 1
      case .holder:
        let owner: Int64 =
          switch instruction.c {
          case 1: values[instruction.a]
          case 2: -(Int64(runningThread) + 1)
          default: 0
          }
        let key = HolderKey(word: Int64(instruction.b), owner: owner)
        if instruction.d == 0 { holders.first = key } else { holders.second = key }
        pc &+= 1
      case .refcount:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let operation = RefcountOperation(word: instruction.d)
        touch(
          object, instruction.c, write: true,
          kind: accesses == nil
            ? .plain : kind(of: operation, object: Int(object), offset: Int(instruction.c)), operation.change)
        let result = count(
          operation, object: Int(object), offset: Int(instruction.c), amount: values[instruction.a])
        if lacksRoom { return stick(at: pc) }
        // What a count is set to may be a variable, and that keeps its value.
        if operation != .set { values[instruction.a] = result }
        pc &+= 1
      case .refcountMove:
        let object = values[instruction.a]
        guard access(object, pc) != nil else { return stick(at: pc) }
        touch(object, instruction.b, write: true)
        moveUnit(object: Int(object), offset: Int(instruction.b))
        if lacksRoom { return stick(at: pc) }
        pc &+= 1
      case .operand:
        operands[Int(instruction.a)] = values[instruction.b]
        if log != nil {
          let temporary = program.loadedOperands[pc]
          operandPlaces[Int(instruction.a)] =
            temporary < 0 ? loadPlaces[loadPlaces.count + Int(temporary)] : 0
        }
        pc &+= 1
      case .container:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        touch(object, instruction.c, write: program.builtins[Int(instruction.d)].changesContainer)
        values[instruction.a] = container(Int(instruction.d), object: Int(object), offset: Int(instruction.c))
        if lacksRoom { return stick(at: pc) }
        pc &+= 1
      case .wait:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        let queue = Int(object) + Int(instruction.c)
        touch(object, instruction.c, write: true)
        let holdsNow = operands[0] != 0
        let wasSleeping = t[Layout.flags] & Layout.sleeping != 0
        let timedOut = wasSleeping && t[Layout.flags] & Layout.woken == 0
        checkMaySleep()
        if holdsNow || timedOut {
          t[Layout.flags] &= ~(Layout.sleeping | Layout.woken | Layout.interruptible | Layout.noTimeout)
          t[Layout.queue] = 0
          if timedOut {
            emit(.timedOut, Int64(queue), holdsNow ? 1 : 0)
            if holdsNow {
              findLostWakeup(object)
            }
          }
          values[instruction.a] = holdsNow ? 1 : 0
          pc &+= 1
        } else {
          t[Layout.flags] =
            (t[Layout.flags] & ~Layout.woken) | Layout.sleeping
            | (instruction.d & 1 != 0 ? Layout.interruptible : 0)
            | (instruction.d & 2 != 0 ? Layout.noTimeout : 0)
          t[Layout.queue] = Int64(queue)
          if !wasSleeping { emit(.slept, Int64(queue)) }
          return .slept
        }
      case .wake:
        let object = values[instruction.a]
        guard access(object, pc) != nil else { return stick(at: pc) }
        touch(object, instruction.b, write: true)
        wake(Int(object) + Int(instruction.b), all: instruction.c != 0)
        pc &+= 1
      case .choose:
        values[instruction.a] = Int64(choice)
        emit(.chose, Int64(choice))
        pc &+= 1
      case .work:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        values[instruction.a] = work(instruction.d, object: object, offset: instruction.c)
        if lacksRoom { return stick(at: pc) }
        pc &+= 1
      case .flush:
        let isTimer = instruction.d & Instruction.stopsTimer != 0
        if hasBeenWoken(), !isTimer {
          // What it slept for is over, and the object may have gone with it.
          values[instruction.a] = 1
        } else {
          let object = values[instruction.b]
          guard access(object, pc) != nil else { return stick(at: pc) }
          let cell = awaitedCell(object, instruction.c, Int(instruction.d & 0xff), isTimer: isTimer)
          if !isTimer { checkMaySleep() }
          if cell > 0 {
            sleep(onCell: cell)
            return .slept
          }
          values[instruction.a] = cell < 0 ? 1 : 0
        }
        pc &+= 1
      case .deferCall:
        let object = values[instruction.b]
        guard access(object, pc) != nil else { return stick(at: pc) }
        deferCall(Int(instruction.a), object)
        if lacksRoom { return stick(at: pc) }
        pc &+= 1
      case .grace:
        if !hasBeenWoken() {
          checkMaySleep()
          let cell = graceCell(isBarrier: instruction.a != 0)
          if lacksRoom { return stick(at: pc) }
          if cell != 0 {
            sleep(onCell: cell)
            return .slept
          }
        }
        pc &+= 1
      case .taskWork:
        if queueNumber(of: runningThread) >= 0 {
          exceed(
            "a worker never returns to user space, so 'task_work' would never run here; call the function",
            at: pc)
          return stick(at: pc)
        }
        addTaskWork(Int(instruction.a), values[instruction.b])
        if lacksRoom { return stick(at: pc) }
        pc &+= 1
      case .check:
        if values[instruction.a] == 0 {
          findFalse(Int(instruction.b), text: Int(instruction.c), at: Int(instruction.d))
        }
        pc &+= 1
      case .warnOn:
        if values[instruction.a] != 0 {
          findWarning(text: Int(instruction.b), at: Int(instruction.d))
        }
        pc &+= 1
      case .probe:
        if let log {
          let first = log.pointee.valueCount
          for index in 0..<Int(instruction.b) {
            log.pointee.append(value: operands[index], from: operandPlaces[index])
          }
          emit(.probe, Int64(instruction.a), Int64(first), Int64(instruction.b))
        }
        pc &+= 1
      case .mark:
        emit(.mark, Int64(instruction.a))
        pc &+= 1
      }
    }
  }

  // MARK: Traces

  /// The most instructions of one step.
  private static let instructionLimit = 1_000_000

  /// Notes an instruction that is about to run; false when nobody traces, or when the step has run too long.
  @inline(never)
  private func isTraced(_ pc: Int, _ values: Values, _ stack: Words, since start: Int)
    -> Bool
  {
    guard let trace else { return false }
    if let pending = trace.pointee.pending {
      trace.pointee.entries[trace.pointee.entries.count - 1].result = values[pending]
      trace.pointee.pending = nil
    }
    let instruction = program.code[pc]
    let count = trace.pointee.entries.count
    guard count - start < Self.instructionLimit, count < TraceBuffer.limit else { return false }
    trace.pointee.entries.append(
      InstructionTrace.Entry(
        thread: runningThread, address: pc, frame: values.frame.base - stack.base,
        value: instruction.opcode.tracedOperand.map { values[instruction[keyPath: $0]] } ?? 0, result: nil))
    if instruction.opcode.hasTracedResult { trace.pointee.pending = instruction.a }
    return true
  }

  // Texts are made out of line, so that the interpreter's own frame stays small.

  @inline(never)
  private mutating func findWrongType(_ object: Int64, wanted: Int, _ pc: Int) {
    let wanted = reports.pointee.world.program.types[wanted].name
    find(.invariant, "\(name(of: object)) is no \(wanted)", at: place(pc), objects: [object])
  }

  @inline(never)
  private mutating func findNotHeld(_ object: Int64, _ offset: Int, _ pc: Int) {
    find(
      .assertHeld, "\(lockName(Int(object) + offset)) must be held here and is not", at: place(pc),
      objects: [object])
  }

  @inline(never)
  private mutating func findLostWakeup(_ object: Int64) {
    find(
      .lostWakeup, "the sleeper's condition held, but nobody woke it before its time was over",
      objects: [object])
  }

  @inline(never)
  private mutating func findFalse(_ property: Int, text: Int, at place: Int) {
    let program = reports.pointee.world.program
    find(program.properties[property], program.strings[text], at: place)
  }

  @inline(never)
  private mutating func findWarning(text: Int, at place: Int) {
    find(.warn, reports.pointee.world.program.strings[text], at: place)
  }

  /// Clears the locals of a set: what nothing reads any more shall not make two states of one.
  @inline(__always)
  private mutating func clear(_ set: Int32, in frame: Words) {
    guard set != 0 else { return }
    for index in program.localSets[Int(set)].indices { frame[Int(program.locals[index])] = 0 }
  }

  /// Whether an allocation of this thread is a choice now: where the scenario asks for it, but not while it sets up.
  private mutating func mayFail(_ thread: Int) -> Bool {
    guard world.allowsFaults else { return false }
    return (thread != 0 && queueNumber(of: thread) < 0)
      || Int(words[world.threadBase + Layout.operation]) >= world.setupCount
  }

  private mutating func pushFrame(
    _ function: Int, returnAddress: Int, result: Int
  ) -> Words {
    let t = threadWords
    let stack = t + Layout.stack
    let start = Int(t[Layout.stackPointer])
    let header = stack + start
    header[0] = Int64(returnAddress)
    header[1] = t[Layout.framePointer]
    header[2] = Int64(result)
    header[3] = Int64(function)
    let row = program.functions[function]
    let frame = header + frameHeader
    for index in 0..<row.parameters { frame[index] = arguments[index] }
    for index in row.parameters..<row.locals { frame[index] = 0 }
    t[Layout.framePointer] = Int64(start)
    t[Layout.stackPointer] = Int64(start + frameHeader + row.locals)
    emit(.entered, Int64(function))
    return frame
  }

  /// Stores the results of a system call and leaves it.
  private mutating func finishOperation() {
    let t = threadWords
    let number = Int(t[Layout.operation])
    let operation = world.operations[Int(world.plans[runningThread].operations.start) + number]
    let result = t[Layout.result]
    let frame = t + Layout.stack + frameHeader
    var position = 0
    for index in operation.arguments.indices {
      let argument = world.arguments[index]
      if argument.storing == .always || (argument.storing == .onSuccess && result >= 0) {
        touch(slot: argument.place, write: true)
        words[argument.place] = frame[position]
      }
      position += 1
    }
    if t[Layout.heldCount] > 0 { findStillHeld() }
    if operation.isExpected { compare(result, ofOperation: number) }
    if holdsUnits() { findKeptUnits(at: returnPlace >= 0 ? Int(returnPlace) : nil) }
    for word in 0..<Int(t[Layout.stackPointer]) { t[Layout.stack + word] = 0 }
    t[Layout.framePointer] = 0
    t[Layout.stackPointer] = 0
    t[Layout.programCounter] = Layout.idle
    t[Layout.operation] += 1
    t[Layout.result] = 0
    emit(.operationEnded, Int64(operation.entry), result)
  }

  /// The same for a call that a worker runs, which returns nothing.
  private mutating func finishCall() {
    if threadWords[Layout.heldCount] > 0 { findStillHeld() }
    if holdsUnits() { findKeptUnits(at: returnPlace >= 0 ? Int(returnPlace) : nil) }
    endCall()
  }

  /// Whether a system call returned what its scenario expects.
  @inline(never)
  private mutating func compare(_ result: Int64, ofOperation number: Int) {
    let operation = reports.pointee.world.threads[runningThread].operations[number]
    guard !operation.allowed.contains(result) else { return }
    find(
      .unexpectedResult,
      "'\(operation.text)' returned \(Operation.text(ofResult: result)), expected \(operation.allowedText)",
      at: returnPlace >= 0 ? Int(returnPlace) : nil)
  }

  @inline(never)
  private mutating func findStillHeld() {
    let names = heldLocks(of: runningThread).map { lockName($0.address) }.joined(separator: ", ")
    find(
      .lockImbalance,
      "the \(queueNumber(of: runningThread) >= 0 ? "call ends" : "system call returns") and still holds \(names)",
      at: returnPlace >= 0 ? Int(returnPlace) : nil)
  }

  /// Evaluates a condition with these arguments; nil when that is not possible.
  mutating func evaluate(_ function: Int, of objects: [Int]) -> Int64? {
    let frame = wordsOfThread(world.threadCount) + Layout.stack
    for (number, object) in objects.enumerated() { frame[frameHeader + number] = Int64(object) }
    let result = callOnMonitor(function, argument: nil)
    return reports.pointee.count == 0 ? result : nil
  }

  /// Runs a function on the monitor's own stack, all at once.
  mutating func callOnMonitor(_ function: Int, argument: Int?, isNoted: Bool = false) -> Int64 {
    let savedThread = runningThread
    let savedWords = threadWords
    let savedStatement = statement
    let savedLog = log
    let savedAccesses = accesses
    let savedTrace = trace
    if let trace, !trace.pointee.includesInvariants { self.trace = nil }
    let savedRides = rideCount
    rideCount = 0
    if !isNoted { accesses = nil }
    choice = 0
    runningThread = world.threadCount
    threadWords = wordsOfThread(world.threadCount)
    log = nil
    let t = threadWords
    let frame = t + Layout.stack
    frame[3] = Int64(function)
    if let argument { frame[frameHeader] = Int64(argument) }
    t[Layout.framePointer] = 0
    t[Layout.stackPointer] = Int64(frameHeader + program.functions[function].locals)
    t[Layout.programCounter] = Int64(program.functions[function].address)
    let outcome = execute(passedStep: true, stopAtSteps: false)
    walk = (0, 0)
    if outcome != .stepped || t[Layout.heldCount] != 0 { abandonMonitor(outcome) }
    // What could not be evaluated is not false; why it could not is found.
    let result = t[Layout.flags] & Layout.stuck != 0 ? 1 : t[Layout.result]
    // Frames that are left are zero already, so what is in use ends at the stack pointer.
    for word in 0..<Layout.stack + Int(t[Layout.stackPointer]) { t[word] = 0 }
    t[Layout.programCounter] = Layout.idle
    runningThread = savedThread
    threadWords = savedWords
    statement = savedStatement
    log = savedLog
    accesses = savedAccesses
    trace = savedTrace
    rideCount = savedRides
    return result
  }

  /// `init` runs alone: what it waits for never comes, and what it keeps nobody gives back.
  @inline(never)
  private mutating func abandonMonitor(_ outcome: Machine.Outcome) {
    if outcome != .stepped { find(.deadlock, "init waits, and nobody else runs yet") }
    let held = heldLocks(of: runningThread)
    if outcome == .stepped, !held.isEmpty {
      find(
        .lockImbalance,
        "init ends and still holds \(held.map { lockName($0.address) }.joined(separator: ", "))")
    }
    for lock in held.reversed() { release(lock: lock.address, lock.mode) }
    // A writer that queued, or a sleeper, is nobody's business any more.
    for (index, header) in blocks {
      for field in program.typeFields[Header.type(header)].indices
      where program.fields[field].kind == .rwSemaphore {
        heap[index + Int(program.fields[field].offset) + 2] = 0
      }
    }
    threadWords[Layout.result] = 0
  }

  // MARK: Task work

  private mutating func addTaskWork(_ function: Int, _ argument: Int64) {
    let cell = allocateCell(key: Int64(function), second: 0, value: argument)
    var link = threadWords + Layout.taskWork
    while link[0] != 0 { link = heap + (Int(link[0]) + 1) }
    link[0] = Int64(cell)
  }

  private mutating func nextTaskWork() -> (function: Int, argument: Int64)? {
    let head = Int(threadWords[Layout.taskWork])
    guard head != 0 else { return nil }
    let function = Int(heap[head + 2])
    let argument = heap[head + 4]
    threadWords[Layout.taskWork] = heap[head + 1]
    releaseBlock(head)
    return (function, argument)
  }

  // MARK: Access

  /// The object's words, if the reference may be followed at all. A freed object is reported and still readable, as memory is.
  @inline(__always)
  mutating func access(_ object: Int64, _ pc: Int) -> Words? {
    let index = Int(object)
    if index > 0, index < Int(words[Layout.heapEnd]), Header.isAlive(heap[index]) { return heap + index }
    return accessOfNothing(object, pc)
  }

  @inline(never)
  private mutating func accessOfNothing(_ object: Int64, _ pc: Int) -> Words? {
    guard object > 0, object < words[Layout.heapEnd] else {
      find(.nullDereference, "a null pointer is followed", at: place(pc))
      return nil
    }
    findUseAfterFree(object, at: place(pc))
    return Header.type(heap[Int(object)]) == BlockType.free ? nil : heap + Int(object)
  }

  /// Whether there is memory at a reference, freed or not.
  private func isReadable(_ object: Int64) -> Bool {
    object > 0 && object < words[Layout.heapEnd] && Header.type(heap[Int(object)]) != BlockType.free
  }

  @inline(never)
  mutating func findUseAfterFree(_ object: Int64, at place: Int?) {
    find(.useAfterFree, "\(name(of: object)) is used after it was freed", at: place, objects: [object])
  }

  /// The statement of an instruction; nil when it belongs to none, or to one that the step has come to anyway.
  private func place(_ pc: Int) -> Int? { program.places[pc] >= 0 ? Int(program.places[pc]) : nil }

  @inline(__always)
  private mutating func typeOf(_ object: Int64, isA base: Int) -> Bool {
    program.isType[Header.type(heap[Int(object)]) * program.typeCount + base]
  }

  // MARK: Events and findings

  @inline(__always)
  mutating func emit(_ kind: Event.Kind, _ a: Int64 = 0, _ b: Int64 = 0, _ c: Int64 = 0, _ d: Int64 = 0) {
    guard let log else { return }
    log.pointee.append(
      Event(kind: kind, thread: Int32(runningThread), statement: statement, a: a, b: b, c: c, d: d))
  }

  @inline(never)
  mutating func find(
    _ property: Property, _ message: String, at place: Int? = nil, objects: [Int64] = [], threads: [Int] = []
  ) {
    let finding = Finding(
      property: property, thread: runningThread, statement: place ?? (statement >= 0 ? Int(statement) : nil),
      message: message, objects: objects.filter { $0 > 0 }.map { ObjectReference($0) }, threads: threads)
    if !reports.pointee.findings.contains(finding) {
      reports.pointee.findings.append(finding)
      reports.pointee.count += 1
    }
  }

  // MARK: Checks after a step

  private mutating func allFinished() -> Bool {
    for thread in 0..<world.threadCount {
      let t = wordsOfThread(thread)
      if t[Layout.programCounter] != Layout.idle || Int(t[Layout.operation]) < world.plans[thread].count {
        return false
      }
    }
    return nothingIsQueued
  }

  /// Whether no thread is inside a system call, and no call waits to be run.
  mutating func isQuiescent() -> Bool {
    for thread in 0..<world.threadCount
    where wordsOfThread(thread)[Layout.programCounter] != Layout.idle { return false }
    return nothingIsQueued
  }

  /// Whether all invariants hold that are due, in one walk over the objects.
  mutating func allHold(quiescent: Bool) -> Bool {
    for number in program.generalInvariants.indices {
      let invariant = program.invariants[Int(program.invariantNumbers[number])]
      if quiescent || !invariant.isQuiescent, callOnMonitor(invariant.function, argument: nil) == 0 {
        return false
      }
    }
    let types = quiescent ? program.invariantTypes : program.alwaysTypes
    if types == 0 { return true }
    let ranges = quiescent ? program.typeInvariants : program.typeAlways
    // Most blocks are cells and units; one test rules them out.
    for (index, header) in blocks where types >> UInt64(header & 63) & 1 != 0 && Header.isAlive(header) {
      for number in ranges[Header.type(header)].indices {
        let invariant = program.invariants[Int(program.invariantNumbers[number])]
        if callOnMonitor(invariant.function, argument: index) == 0 { return false }
      }
    }
    return true
  }

  /// Evaluates the invariants one after another and reports those that do not hold.
  @inline(never)
  mutating func reportInvariants(quiescent: Bool, after known: Int) {
    // What the evaluation itself found comes again, now in the order of the invariants.
    reports.pointee.findings.removeSubrange(known...)
    reports.pointee.count = known
    for number in 0..<program.invariantCount {
      let invariant = program.invariants[number]
      guard !invariant.isQuiescent || quiescent else { continue }
      if invariant.type < 0 {
        if callOnMonitor(invariant.function, argument: nil) == 0 { report(invariant: number, of: nil) }
        continue
      }
      for (index, header) in blocks where Header.isAlive(header) && Header.type(header) > BlockType.globals {
        if typeOf(Int64(index), isA: invariant.type),
          callOnMonitor(invariant.function, argument: index) == 0
        {
          report(invariant: number, of: index)
        }
      }
    }
  }

  @inline(never)
  private mutating func report(invariant number: Int, of object: Int?) {
    let invariant = reports.pointee.world.program.invariants[number]
    let text = "\(invariant.name): \(invariant.title)"
    if let object {
      find(invariant.property, "\(text) (\(name(of: Int64(object))))", objects: [Int64(object)])
    } else {
      find(invariant.property, text)
    }
  }

  // MARK: Who can move

  /// What keeps a thread, or that nothing does.
  mutating func readiness(_ thread: Int) -> Machine.Readiness {
    let choices = choices(thread)
    if choices > 0 { return .ready(choices: choices) }
    let t = wordsOfThread(thread)
    let flags = t[Layout.flags]
    if flags & Layout.stuck != 0 { return .stuck }
    let cell = cell(thatKeeps: thread)
    if cell != 0 {
      let (object, offset) = subject(ofCell: cell)
      return .sleeping(ObjectReference(object), offset: offset)
    }
    if flags & Layout.sleeping != 0, flags & Layout.woken == 0 {
      let queue = Int(t[Layout.queue])
      let object = objectContaining(queue)
      return .sleeping(ObjectReference(object), offset: queue - object)
    }
    if t[Layout.programCounter] == Layout.idle {
      if queueNumber(of: thread) >= 0 { return workerReadiness(thread) }
      return Int(t[Layout.operation]) < world.plans[thread].count ? .barrier : .finished
    }
    guard let wanted = peekLock(thread) else { return .ready(choices: 1) }
    let object = objectContaining(wanted.address)
    return .blocked(
      lock: LockReference(
        object: ObjectReference(object), offset: wanted.address - object, mode: wanted.mode),
      by: members(of: keepers(of: wanted.address, wanted.mode, from: thread)))
  }

  /// In how many ways a thread can step: 0 when it cannot, -1 when only its sleep's end would let it.
  ///
  /// Where it has looked at what was freed since, the first way is that it looks only now.
  mutating func choices(_ thread: Int) -> Int {
    let t = wordsOfThread(thread)
    if t[Layout.rideCount] != 0, t[Layout.flags] & Layout.stuck == 0, hasDeadRide(t) {
      return 1 + max(0, ownChoices(thread))
    }
    return ownChoices(thread)
  }

  private mutating func ownChoices(_ thread: Int) -> Int {
    let t = wordsOfThread(thread)
    let flags = t[Layout.flags]
    if flags & Layout.stuck != 0 { return 0 }
    if flags & Layout.sleeping != 0, flags & Layout.woken == 0 {
      return flags & Layout.noTimeout != 0 ? 0 : -1
    }
    if t[Layout.programCounter] == Layout.idle {
      if queueNumber(of: thread) >= 0 { return workerChoices(thread) }
      let plan = world.plans[thread]
      let number = Int(t[Layout.operation])
      guard number < plan.count else { return 0 }
      if world.operations[Int(plan.operations.start) + number].entry < 0 {
        return barrierIsOpen(thread: thread, operation: number) ? 1 : 0
      }
      return 1
    }
    let instruction = program.code[Int(t[Layout.programCounter])]
    guard instruction.opcode == .step else { return 1 }
    switch instruction.b {
    case StepKind.choice: return Int(instruction.c)
    case StepKind.fallible: return mayFail(thread) ? 2 : 1
    case StepKind.acquire:
      guard let wanted = peekLock(thread) else { return 1 }
      if isAvailable(wanted.address, wanted.mode, thread: thread) { return 1 }
      // Queueing up as a writer is a step, too.
      return wanted.mode == .write && heap[wanted.address + 2] & (1 << Int64(thread)) == 0 ? 1 : 0
    default: return 1
    }
  }

  /// The threads that keep a thread from going on, by a lock or by a call that must be over first, as bits.
  mutating func keepers(ofThread thread: Int) -> Int64 {
    let cell = cell(thatKeeps: thread)
    if cell != 0 { return keepers(ofCell: cell) }
    guard let wanted = peekLock(thread), !isAvailable(wanted.address, wanted.mode, thread: thread) else {
      return 0
    }
    return keepers(of: wanted.address, wanted.mode, from: thread)
  }

  /// Whether every thread but the running one is finished, blocked or asleep; only then time passes.
  mutating func nobodyElseCanMove() -> Bool {
    for thread in 0..<world.threadCount where thread != runningThread && choices(thread) > 0 { return false }
    return true
  }

  /// What a thread's next statement is.
  mutating func outlook(_ thread: Int) -> ThreadOutlook {
    let t = wordsOfThread(thread)
    let flags = t[Layout.flags]
    if flags & Layout.stuck != 0 { return .stuck }
    let pc = Int(t[Layout.programCounter])
    if t[Layout.programCounter] == Layout.idle {
      return Int(t[Layout.operation]) < world.plans[thread].count ? .other : .idle
    }
    guard program.code[pc].opcode == .step else { return .other }
    if flags & Layout.sleeping != 0, flags & Layout.woken == 0 { return asleep(at: pc) }
    let frame = t + Layout.stack + Int(t[Layout.framePointer]) + frameHeader
    return lockOutlook(thread, pc, Values(frame: frame, temporaries: temporaries))
  }

  private func asleep(at pc: Int) -> ThreadOutlook {
    let statement = reports.pointee.world.program.statements[Int(program.code[pc].a)]
    if case .wait(let seconds) = statement.kind { return .asleep(seconds: seconds ?? .max) }
    return .asleep(seconds: 0)
  }

  /// Looks through the constants and loads that name a lock to the instruction that takes or releases it.
  private mutating func lockOutlook(_ thread: Int, _ start: Int, _ values: Values) -> ThreadOutlook {
    let end = words[Layout.heapEnd]
    var pc = start + 1
    while true {
      let instruction = program.code[pc]
      if instruction.opcode == .constant {
        guard instruction.a < 0 else { return .other }
        values[instruction.a] = program.constants[Int(instruction.b)]
      } else if instruction.opcode == .load {
        let object = values[instruction.b]
        guard instruction.a < 0, object > 0, object < end else { return .other }
        values[instruction.a] = heap[Int(object) + Int(instruction.c)]
      } else {
        guard instruction.opcode == .acquire || instruction.opcode == .release else { return .other }
        let object = values[instruction.a]
        guard object > 0, object < end else { return .other }
        let offset = Int(instruction.b)
        let mode = LockMode(word: instruction.d)
        if instruction.opcode == .release {
          return .releasesLock(
            ObjectReference(object), offset: offset, lockClass: Int(instruction.c), mode: mode)
        }
        return .takesLock(
          ObjectReference(object), offset: offset, lockClass: Int(instruction.c), mode: mode,
          isAvailable: isAvailable(Int(object) + offset, mode, thread: thread))
      }
      pc += 1
    }
  }

  /// The lock that a thread's next statement takes, when it can be told without an action.
  mutating func peekLock(_ thread: Int) -> (address: Int, lockClass: Int, mode: LockMode)? {
    let t = wordsOfThread(thread)
    var pc = Int(t[Layout.programCounter])
    let code = program.code
    guard pc >= 0, code[pc].opcode == .step, code[pc].b == StepKind.acquire else { return nil }
    let frame = t + Layout.stack + Int(t[Layout.framePointer]) + frameHeader
    let values = Values(frame: frame, temporaries: temporaries)
    let end = words[Layout.heapEnd]
    pc += 1
    while true {
      let instruction = code[pc]
      if instruction.opcode == .constant {
        values[instruction.a] = program.constants[Int(instruction.b)]
      } else if instruction.opcode == .load {
        let object = values[instruction.b]
        guard object > 0, object < end else { return nil }
        values[instruction.a] = heap[Int(object) + Int(instruction.c)]
      } else {
        guard instruction.opcode == .acquire else { return nil }
        let object = values[instruction.a]
        guard object > 0, object < end else { return nil }
        return (Int(object) + Int(instruction.b), Int(instruction.c), LockMode(word: instruction.d))
      }
      pc += 1
    }
  }

  /// Names the cycle when the running thread's step has closed one among the waiting threads.
  @inline(__always)
  private mutating func checkWaitCycle() {
    let keepers = keepers(ofThread: runningThread)
    if keepers != 0 { checkWaitCycle(keepers) }
  }

  @inline(never)
  private mutating func checkWaitCycle(_ keepers: Int64) {
    if threadWords[Layout.flags] & Layout.deadlockTold != 0 { return }
    let own: Int64 = 1 << Int64(runningThread)
    if keepers & own != 0 {
      threadWords[Layout.flags] |= Layout.deadlockTold
      reportSelfDeadlock()
      return
    }
    reserveWorklist(World.maximumThreads + 1)
    var visited: Int64 = own
    worklist[0] = runningThread
    let length = cycle(from: runningThread, length: 1, visited: &visited)
    if length > 0 {
      threadWords[Layout.flags] |= Layout.deadlockTold
      // The same circle is told in the same words, whoever closes it.
      let found = (0..<length).map { worklist[$0] }
      let lowest = found.firstIndex(of: found.min() ?? 0) ?? 0
      reportDeadlock(Array(found[lowest...] + found[..<lowest]))
    }
  }

  private mutating func reportSelfDeadlock() {
    statement = Int32(nextStatement(runningThread))
    let names = reports.pointee.world.threads
    let cell = cell(thatKeeps: runningThread)
    if cell != 0 {
      let (object, offset) = subject(ofCell: cell)
      find(
        .selfDeadlock,
        "\(names[runningThread].name) waits for \(lockName(object + offset)), which it runs itself",
        objects: [Int64(object)], threads: [runningThread])
      return
    }
    guard let lock = peekLock(runningThread) else { return }
    find(
      .selfDeadlock,
      "\(names[runningThread].name) waits for \(lockName(lock.address)), which it holds itself",
      objects: [Int64(objectContaining(lock.address))], threads: [runningThread])
  }

  private mutating func reportDeadlock(_ cycle: [Int]) {
    statement = Int32(nextStatement(runningThread))
    let names = reports.pointee.world.threads
    var parts: [String] = []
    var objects: [Int64] = []
    for (position, thread) in cycle.enumerated() {
      let holder = cycle[(position + 1) % cycle.count]
      let cell = cell(thatKeeps: thread)
      if cell != 0 {
        let (object, offset) = subject(ofCell: cell)
        let isRCU = heap[cell + DeferredCell.call] < 0
        parts.append(
          "\(names[thread].name) waits for \(isRCU ? "a grace period" : lockName(object + offset)), \(isRCU ? "kept from ending" : "run or kept waiting") by \(names[holder].name)"
        )
        objects.append(Int64(object))
        continue
      }
      guard let lock = peekLock(thread) else { continue }
      // A writer that only queues keeps readers out and holds nothing.
      let isQueued = lock.mode == .read && heap[lock.address] != Int64(holder) + 1
      parts.append(
        "\(names[thread].name) waits for \(lockName(lock.address)), \(isQueued ? "behind" : "held by") \(names[holder].name)"
      )
      objects.append(Int64(objectContaining(lock.address)))
    }
    find(.deadlock, parts.joined(separator: "; "), objects: objects, threads: cycle)
  }

  private mutating func nextStatement(_ thread: Int) -> Int {
    let pc = Int(wordsOfThread(thread)[Layout.programCounter])
    guard pc >= 0, program.code[pc].opcode == .step else { return -1 }
    return Int(program.code[pc].a)
  }

  /// Follows who waits for whom; the way lies in the worklist. Gives the length of a way back to its beginning, or 0.
  private mutating func cycle(from thread: Int, length: Int, visited: inout Int64) -> Int {
    var others = keepers(ofThread: thread)
    while others != 0 {
      let next = others.trailingZeroBitCount
      let bit: Int64 = 1 << Int64(next)
      others &= ~bit
      if next == worklist[0] { return length }
      guard next < world.threadCount, visited & bit == 0 else { continue }
      visited |= bit
      worklist[length] = next
      let found = cycle(from: next, length: length + 1, visited: &visited)
      if found > 0 { return found }
    }
    return 0
  }
}
