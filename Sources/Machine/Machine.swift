import StepLanguage

/// Gives, for a state and a thread, the next state and its events.
///
/// The machine itself holds no state of the model: only the program in a form that can be read without reference counting, and room for
/// one step's temporaries. One machine serves one thread of the host; the checker makes one each.
public final class Machine {
  /// What runs.
  public private(set) var world: World
  /// What the last step found wrong; empty most of the time.
  public internal(set) var findings: [Finding] = []
  /// Whether the model's invariants are evaluated after every step.
  public var checksInvariants = true
  /// Whether objects that nobody can reach are looked for when all threads are through.
  public var checksLeaks = true
  /// When set, gets every access of every step.
  public var footprint: Footprint?

  var layout: Layout
  private var threadCount: Int
  let code: UnsafeMutablePointer<Instruction>
  private let codeCount: Int
  private let constants: UnsafeMutablePointer<Int64>
  private let temporaries: UnsafeMutablePointer<Int64>
  private let arguments: UnsafeMutablePointer<Int64>
  let operands: UnsafeMutablePointer<Int64>
  /// Address, number of locals and of parameters of each function.
  private let functions: UnsafeMutablePointer<(address: Int, locals: Int, parameters: Int)>
  let typeSizes: UnsafeMutablePointer<Int>
  private let typeBases: UnsafeMutablePointer<Int>
  /// Per driver its members in a row of `memberStride`.
  private let driverMembers: UnsafeMutablePointer<Int64>
  private let memberStride: Int
  /// For each `operand` instruction that hands over what a `load` has just read, that load's address; -1 otherwise.
  private let operandLoads: UnsafeMutablePointer<Int32>
  /// Where in the state each temporary was loaded from.
  private let loadPlaces: UnsafeMutablePointer<Int>
  private let operandPlaces: UnsafeMutablePointer<Int>
  /// Per thread: operations as rows of function and arguments.
  private var plans: [Plan]

  // The state under the step that is running.
  var words: UnsafeMutablePointer<Int64>
  var heap: UnsafeMutablePointer<Int64>
  var threadWords: UnsafeMutablePointer<Int64>
  var runningThread = 0
  var statement: Int32 = -1
  var log: EventLog?
  private var choice = 0
  var holders: (first: HolderKey, second: HolderKey) = (HolderKey(), HolderKey())
  private let emptyState: UnsafeMutablePointer<Int64>

  /// Word and owner of a unit: owner 0 is a word only, positive an object, negative a thread.
  struct HolderKey {
    var word: Int64 = 0
    var owner: Int64 = 0
  }

  /// One thread's operations, flat.
  private struct Plan {
    /// Entry index, or -1 for a barrier.
    var entries: [Int]
    var functions: [Int]
    var arguments: [[Operation.Argument]]
    /// For each operation how many barriers stand before it.
    var barriersBefore: [Int]
    var barrierCount: Int
    /// For the k-th barrier its operation's number.
    var barrierPositions: [Int]
  }

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

  /// A machine for a world.
  public init(world: World) {
    let program = world.program
    self.world = world
    layout = world.layout
    threadCount = world.threads.count
    codeCount = program.code.count
    code = .allocate(capacity: max(1, program.code.count))
    code.initialize(from: program.code, count: program.code.count)
    constants = .allocate(capacity: max(1, program.constants.count))
    constants.initialize(from: program.constants, count: program.constants.count)
    temporaries = .allocate(capacity: max(1, program.temporaryCount))
    temporaries.initialize(repeating: 0, count: max(1, program.temporaryCount))
    operandLoads = .allocate(capacity: max(1, program.code.count))
    operandLoads.initialize(from: Self.operandLoads(program.code), count: program.code.count)
    loadPlaces = .allocate(capacity: max(1, program.temporaryCount))
    loadPlaces.initialize(repeating: 0, count: max(1, program.temporaryCount))
    operandPlaces = .allocate(capacity: 32)
    operandPlaces.initialize(repeating: 0, count: 32)
    arguments = .allocate(capacity: 32)
    arguments.initialize(repeating: 0, count: 32)
    operands = .allocate(capacity: 32)
    operands.initialize(repeating: 0, count: 32)
    functions = .allocate(capacity: max(1, program.functions.count))
    functions.initialize(
      from: program.functions.map { ($0.address, $0.locals.count, $0.parameterCount) },
      count: program.functions.count)
    typeSizes = .allocate(capacity: program.types.count)
    typeSizes.initialize(from: program.types.map(\.size), count: program.types.count)
    typeBases = .allocate(capacity: program.types.count)
    typeBases.initialize(from: program.types.map { $0.base ?? -1 }, count: program.types.count)
    memberStride = max(1, program.drivers.map(\.members.count).max() ?? 1)
    driverMembers = .allocate(capacity: max(1, program.drivers.count * memberStride))
    driverMembers.initialize(repeating: 0, count: max(1, program.drivers.count * memberStride))
    for (driver, definition) in program.drivers.enumerated() {
      for (member, value) in definition.members.enumerated() {
        driverMembers[driver * memberStride + member] = value
      }
    }
    emptyState = .allocate(capacity: 1)
    emptyState.initialize(to: 0)
    words = emptyState
    heap = emptyState
    threadWords = emptyState
    plans = world.threads.map { Self.plan($0, program) }
  }

  deinit {
    code.deallocate()
    constants.deallocate()
    temporaries.deallocate()
    arguments.deallocate()
    operands.deallocate()
    operandLoads.deallocate()
    loadPlaces.deallocate()
    operandPlaces.deallocate()
    functions.deallocate()
    typeSizes.deallocate()
    typeBases.deallocate()
    driverMembers.deallocate()
    emptyState.deallocate()
  }

  /// Finds the `operand` instructions whose value comes straight from a load in the same run of instructions.
  private static func operandLoads(_ code: [Instruction]) -> [Int32] {
    var result = Array(repeating: Int32(-1), count: code.count)
    for (address, instruction) in code.enumerated() where instruction.opcode == .operand && instruction.b < 0
    {
      var position = address - 1
      search: while position > 0 {
        let earlier = code[position]
        switch earlier.opcode {
        case .load:
          if earlier.a == instruction.b {
            result[address] = Int32(truncatingIfNeeded: position)
            break search
          }
        case .operand: break
        case .step, .jump, .jumpIfZero, .jumpIfNotZero, .call, .callOps, .returnValue, .finishEntry:
          break search
        default: if earlier.a == instruction.b { break search }
        }
        position -= 1
      }
    }
    return result
  }

  /// Goes on with another world of the same program, after an operation or a thread was added.
  public func use(_ world: World) {
    self.world = world
    layout = world.layout
    threadCount = world.threads.count
    plans = world.threads.map { Self.plan($0, world.program) }
  }

  private static func plan(_ thread: World.Thread, _ program: Program) -> Plan {
    var plan = Plan(
      entries: [], functions: [], arguments: [], barriersBefore: [], barrierCount: 0, barrierPositions: [])
    for (number, operation) in thread.operations.enumerated() {
      plan.barriersBefore.append(plan.barrierCount)
      switch operation.kind {
      case .barrier:
        plan.entries.append(-1)
        plan.functions.append(-1)
        plan.arguments.append([])
        plan.barrierPositions.append(number)
        plan.barrierCount += 1
      case .entry(let entry, let arguments):
        plan.entries.append(entry)
        plan.functions.append(program.entries[entry].function)
        plan.arguments.append(arguments)
      }
    }
    return plan
  }

  // MARK: States

  /// The state before the first step: slots and globals as the model says.
  public func initialState() -> State {
    var state = State(words: Array(repeating: 0, count: layout.heapBase + 1 + State.headroom))
    let program = world.program
    for table in program.slots.indices {
      for slot in 0..<world.slotCounts[table] {
        state.words[layout.slotBases[table] + slot] = program.slots[table].initial
      }
    }
    for thread in 0...threadCount {
      state.words[layout.threadBase + thread * layout.threadWords + Layout.programCounter] = Layout.idle
    }
    state.words[Layout.heapEnd] = 1
    findings.removeAll(keepingCapacity: true)
    withState(&state, thread: threadCount, log: nil) {
      _ = allocate(type: ObjectType.globals)
      if let function = world.program.initialFunction { _ = callOnMonitor(function, argument: nil) }
    }
    return state
  }

  private func withState<Result>(
    _ state: inout State, thread: Int, log: EventLog?, _ body: () -> Result
  ) -> Result {
    self.log = log
    runningThread = thread
    statement = -1
    let layout = layout
    defer {
      words = emptyState
      heap = emptyState
      threadWords = emptyState
      self.log = nil
    }
    return state.words.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return body() }
      words = base
      heap = base + layout.heapBase
      threadWords = base + layout.threadBase + thread * layout.threadWords
      return body()
    }
  }

  /// For questions: the body must not change a word.
  func withReadOnlyState<Result>(_ state: State, _ body: () -> Result) -> Result {
    runningThread = 0
    statement = -1
    let layout = layout
    defer {
      words = emptyState
      heap = emptyState
      threadWords = emptyState
    }
    return state.words.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return body() }
      words = UnsafeMutablePointer(mutating: base)
      heap = words + layout.heapBase
      threadWords = words + layout.threadBase
      return body()
    }
  }

  /// Makes sure that one step finds enough free words; the only place where stepping may take memory.
  private func makeRoom(_ state: inout State) {
    let used = layout.heapBase + Int(state.words[Layout.heapEnd])
    if state.words.count - used < State.headroom / 2 {
      state.words.append(contentsOf: repeatElement(0, count: State.headroom + used / 2))
    }
  }

  /// Drops the free words behind the heap, so that a kept state takes no more memory than it uses.
  public func trim(_ state: inout State) {
    let used = layout.heapBase + Int(state.words[Layout.heapEnd])
    if used < state.words.count { state.words.removeLast(state.words.count - used) }
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
    if !findings.isEmpty { findings.removeAll(keepingCapacity: true) }
    makeRoom(&state)
    return withState(&state, thread: thread, log: log) {
      self.choice = choice
      let outcome = runStep(wakesSleeper: wakesSleeper)
      if outcome != .notReady {
        if words[Layout.tombstones] > 0 { sweep() }
        if outcome != .slept { checkWaitCycle() }
        if checksInvariants, !world.program.invariants.isEmpty { checkInvariants() }
        if checksLeaks, allFinished { checkLeaks() }
      }
      return outcome
    }
  }

  private func runStep(wakesSleeper: Bool) -> Outcome {
    let t = threadWords
    if t[Layout.flags] & Layout.stuck != 0 { return .notReady }
    if t[Layout.flags] & Layout.sleeping != 0, t[Layout.flags] & Layout.woken == 0, !wakesSleeper,
      !nobodyElseCanMove()
    {
      return .notReady
    }
    if t[Layout.programCounter] == Layout.idle {
      return startOperation()
    }
    return execute(passedStep: false, stopAtSteps: true)
  }

  /// Begins the thread's next operation; reading the slots is this step's action.
  private func startOperation() -> Outcome {
    let t = threadWords
    let number = Int(t[Layout.operation])
    guard number < plans[runningThread].entries.count else { return .notReady }
    let entry = plans[runningThread].entries[number]
    if entry < 0 {
      guard barrierIsOpen(thread: runningThread, operation: number) else { return .notReady }
      t[Layout.operation] += 1
      emit(.barrierPassed)
      return .stepped
    }
    let function = plans[runningThread].functions[number]
    t[Layout.framePointer] = 0
    let frame = t + Layout.stack
    frame[0] = 0
    frame[1] = 0
    frame[2] = -1
    frame[3] = Int64(function)
    var position = 0
    for argument in plans[runningThread].arguments[number] {
      let value: Int64 =
        switch argument {
        case .number(let number): number
        case .slot(let table, let index): readSlot(layout.slotBases[table] + index)
        }
      frame[Program.frameHeader + position] = value
      position += 1
    }
    for index in position..<max(position, functions[function].locals) {
      frame[Program.frameHeader + index] = 0
    }
    t[Layout.stackPointer] = Int64(Program.frameHeader + functions[function].locals)
    t[Layout.programCounter] = Int64(functions[function].address)
    t[Layout.result] = 0
    emit(.operationStarted, Int64(entry))
    emit(.entered, Int64(function))
    return execute(passedStep: true, stopAtSteps: true)
  }

  private func readSlot(_ place: Int) -> Int64 {
    footprint?.note(place, .read)
    return words[place]
  }

  /// Whether the thread's list has an operation of that number.
  func hasOperation(_ thread: Int, number: Int) -> Bool { number < plans[thread].entries.count }

  func temporary(_ operand: Int32) -> Int64 { temporaries[Int(~operand)] }

  func setTemporary(_ operand: Int32, _ value: Int64) { temporaries[Int(~operand)] = value }

  func constant(_ index: Int32) -> Int64 { constants[Int(index)] }

  private func barrierIsOpen(thread: Int, operation: Int) -> Bool {
    let number = plans[thread].barriersBefore[operation]
    for other in plans.indices where other != thread && plans[other].barrierCount > number {
      let reached = Int(words[layout.threadBase + other * layout.threadWords + Layout.operation])
      let idle = words[layout.threadBase + other * layout.threadWords + Layout.programCounter] == Layout.idle
      let position = plans[other].barrierPositions[number]
      if reached < position || (reached == position && !idle) { return false }
    }
    return true
  }

  // MARK: The interpreter

  /// Runs the thread from its program counter to the next scheduling point.
  private func execute(passedStep: Bool, stopAtSteps: Bool) -> Outcome {
    let t = threadWords
    let stack = t + Layout.stack
    var pc = Int(t[Layout.programCounter])
    var frame = stack + Int(t[Layout.framePointer]) + Program.frameHeader
    var passed = passedStep
    let temporaries = temporaries
    // A step is short; more than this is a loop that never comes to an action.
    var budget = 1_000_000

    @inline(__always) func get(_ operand: Int32) -> Int64 {
      operand >= 0 ? frame[Int(operand)] : temporaries[Int(~operand)]
    }
    @inline(__always) func set(_ operand: Int32, _ value: Int64) {
      if operand >= 0 { frame[Int(operand)] = value } else { temporaries[Int(~operand)] = value }
    }
    func rest() -> Outcome {
      t[Layout.programCounter] = Int64(pc)
      return .stepped
    }
    func stick() -> Outcome {
      t[Layout.programCounter] = Int64(pc)
      t[Layout.flags] |= Layout.stuck
      return .stepped
    }

    while true {
      budget -= 1
      if budget == 0 {
        find(.livelock, "the thread runs on and on without an action that another thread could see")
        return stick()
      }
      let instruction = code[pc]
      switch instruction.opcode {
      case .step:
        if stopAtSteps {
          if passed { return rest() }
          passed = true
        }
        statement = instruction.a
        pc += 1
      case .nothing:
        pc += 1
      case .constant:
        set(instruction.a, constants[Int(instruction.b)])
        pc += 1
      case .move:
        set(instruction.a, get(instruction.b))
        pc += 1
      case .load:
        let object = get(instruction.b)
        guard let base = access(object) else { return stick() }
        set(instruction.a, base[Int(instruction.c)])
        if log != nil, instruction.a < 0 {
          loadPlaces[Int(~instruction.a)] = layout.heapBase + Int(object) + Int(instruction.c)
        }
        footprint?.note(layout.heapBase + Int(object) + Int(instruction.c), .read)
        pc += 1
      case .store:
        let object = get(instruction.a)
        guard let base = access(object) else { return stick() }
        let old = base[Int(instruction.b)]
        let new = get(instruction.c)
        base[Int(instruction.b)] = new
        footprint?.note(layout.heapBase + Int(object) + Int(instruction.b), .write)
        if log != nil { emit(.stored, object, Int64(instruction.b), old, new) }
        pc += 1
      case .add:
        set(instruction.a, get(instruction.b) &+ get(instruction.c))
        pc += 1
      case .subtract:
        set(instruction.a, get(instruction.b) &- get(instruction.c))
        pc += 1
      case .multiply:
        set(instruction.a, get(instruction.b) &* get(instruction.c))
        pc += 1
      case .bitAnd:
        set(instruction.a, get(instruction.b) & get(instruction.c))
        pc += 1
      case .bitOr:
        set(instruction.a, get(instruction.b) | get(instruction.c))
        pc += 1
      case .shiftLeft:
        set(instruction.a, get(instruction.b) << (get(instruction.c) & 63))
        pc += 1
      case .shiftRightSigned:
        set(instruction.a, get(instruction.b) >> (get(instruction.c) & 63))
        pc += 1
      case .shiftRightUnsigned:
        set(
          instruction.a,
          Int64(bitPattern: UInt64(bitPattern: get(instruction.b)) >> UInt64(get(instruction.c) & 63)))
        pc += 1
      case .divideSigned, .remainderSigned:
        let divisor = get(instruction.c)
        guard divisor != 0 else {
          find(.warn, "division by zero")
          return stick()
        }
        let dividend = get(instruction.b)
        // The one overflow of signed division wraps, as the bits do.
        if divisor == -1 {
          set(instruction.a, instruction.opcode == .divideSigned ? 0 &- dividend : 0)
        } else {
          set(instruction.a, instruction.opcode == .divideSigned ? dividend / divisor : dividend % divisor)
        }
        pc += 1
      case .divideUnsigned, .remainderUnsigned:
        let divisor = UInt64(bitPattern: get(instruction.c))
        guard divisor != 0 else {
          find(.warn, "division by zero")
          return stick()
        }
        let dividend = UInt64(bitPattern: get(instruction.b))
        set(
          instruction.a,
          Int64(bitPattern: instruction.opcode == .divideUnsigned ? dividend / divisor : dividend % divisor))
        pc += 1
      case .equal:
        set(instruction.a, get(instruction.b) == get(instruction.c) ? 1 : 0)
        pc += 1
      case .notEqual:
        set(instruction.a, get(instruction.b) != get(instruction.c) ? 1 : 0)
        pc += 1
      case .lessSigned:
        set(instruction.a, get(instruction.b) < get(instruction.c) ? 1 : 0)
        pc += 1
      case .lessEqualSigned:
        set(instruction.a, get(instruction.b) <= get(instruction.c) ? 1 : 0)
        pc += 1
      case .lessUnsigned:
        set(
          instruction.a,
          UInt64(bitPattern: get(instruction.b)) < UInt64(bitPattern: get(instruction.c)) ? 1 : 0)
        pc += 1
      case .lessEqualUnsigned:
        set(
          instruction.a,
          UInt64(bitPattern: get(instruction.b)) <= UInt64(bitPattern: get(instruction.c)) ? 1 : 0)
        pc += 1
      case .addOverflows:
        let (_, overflow) = UInt64(bitPattern: get(instruction.b))
          .addingReportingOverflow(UInt64(bitPattern: get(instruction.c)))
        set(instruction.a, overflow ? 1 : 0)
        pc += 1
      case .not:
        set(instruction.a, get(instruction.b) == 0 ? 1 : 0)
        pc += 1
      case .negate:
        set(instruction.a, 0 &- get(instruction.b))
        pc += 1
      case .jump:
        pc = Int(instruction.a)
      case .jumpIfZero:
        pc = get(instruction.a) == 0 ? Int(instruction.b) : pc + 1
      case .jumpIfNotZero:
        pc = get(instruction.a) != 0 ? Int(instruction.b) : pc + 1
      case .isType:
        let object = get(instruction.b)
        var isType = false
        if object != 0 {
          guard access(object) != nil else { return stick() }
          isType = typeOf(object, isA: Int(instruction.c))
        }
        set(instruction.a, isType ? 1 : 0)
        pc += 1
      case .castCheck:
        let object = get(instruction.a)
        if object != 0 {
          guard access(object) != nil else { return stick() }
          if !typeOf(object, isA: Int(instruction.b)) {
            find(
              .invariant, "\(name(of: object)) is no \(world.program.types[Int(instruction.b)].name)",
              objects: [object])
            return stick()
          }
        }
        pc += 1
      case .thread:
        set(instruction.a, Int64(runningThread) + 1)
        pc += 1
      case .argument:
        arguments[Int(instruction.a)] = get(instruction.b)
        pc += 1
      case .call:
        pc += 1
        frame = pushFrame(
          Int(instruction.a), returnAddress: pc, result: Int(instruction.b), arguments: arguments)
        pc = functions[Int(instruction.a)].address
      case .callOps:
        let driver = get(instruction.a)
        let function =
          driver > 0 ? driverMembers[(Int(driver) - 1) * memberStride + Int(instruction.c)] : 0
        guard function > 0 else {
          find(.nullDereference, "a callback is called that the driver does not have")
          return stick()
        }
        pc += 1
        emit(.calledDriver, driver - 1, function - 1)
        frame = pushFrame(
          Int(function) - 1, returnAddress: pc, result: Int(instruction.b), arguments: arguments)
        pc = functions[Int(function) - 1].address
      case .opsMember:
        let driver = get(instruction.b)
        guard driver > 0 else {
          find(.nullDereference, "the ops of nobody are read")
          return stick()
        }
        set(instruction.a, driverMembers[(Int(driver) - 1) * memberStride + Int(instruction.c)])
        pc += 1
      case .returnValue:
        let value = get(instruction.a)
        let header = frame - Program.frameHeader
        emit(.left, header[3], value)
        let offset = header - stack
        if offset == 0 {
          // The system call itself: its frame stays until the slots are stored.
          t[Layout.result] = value
          if header[0] != 0 { return rest() }
          pc = 0
        } else {
          let caller = Int(header[1])
          let result = Int(header[2])
          pc = Int(header[0])
          let top = Int(t[Layout.stackPointer])
          for word in offset..<top { stack[word] = 0 }
          t[Layout.stackPointer] = Int64(offset)
          t[Layout.framePointer] = Int64(caller)
          frame = stack + caller + Program.frameHeader
          if result >= 0 { frame[result] = value }
        }
      case .finishEntry:
        if !stopAtSteps {
          // `init` and invariants end here.
          return rest()
        }
        if let (function, argument) = nextTaskWork() {
          arguments[0] = argument
          frame = pushFrame(function, returnAddress: 0, result: -1, arguments: arguments)
          pc = functions[function].address
        } else {
          finishOperation()
          return .stepped
        }
      case .allocate:
        if instruction.c != 0, choice == 1, mayFail(runningThread) {
          set(instruction.a, 0)
          emit(.allocationFailed, Int64(instruction.b))
        } else {
          let object = allocate(type: Int(instruction.b))
          set(instruction.a, Int64(object))
          emit(.allocated, Int64(object), Int64(instruction.b))
        }
        pc += 1
      case .free:
        guard release(object: get(instruction.a)) else { return stick() }
        pc += 1
      case .acquire:
        let object = get(instruction.a)
        guard access(object) != nil else { return stick() }
        let address = Int(object) + Int(instruction.b)
        let mode = LockMode(rawValue: Int(instruction.d)) ?? .exclusive
        guard isAvailable(address, mode, thread: runningThread) else {
          if mode == .write, heap[address + 2] & (1 << Int64(runningThread)) == 0 {
            heap[address + 2] |= 1 << Int64(runningThread)
            t[Layout.flags] |= Layout.queuedWriter
            emit(.queued, Int64(address), Int64(instruction.c), Int64(mode.rawValue))
            return .queued
          }
          return .notReady
        }
        acquire(address, lockClass: Int(instruction.c), mode, isTry: false)
        pc += 1
      case .release:
        let object = get(instruction.a)
        guard access(object) != nil else { return stick() }
        let mode = LockMode(rawValue: Int(instruction.d)) ?? .exclusive
        release(lock: Int(object) + Int(instruction.b), lockClass: Int(instruction.c), mode)
        pc += 1
      case .tryAcquire:
        let object = get(instruction.b)
        guard access(object) != nil else { return stick() }
        let mode = LockMode(rawValue: Int(instruction.d & 3)) ?? .exclusive
        let address = Int(object) + Int(instruction.c)
        if isAvailable(address, mode, thread: runningThread) {
          acquire(address, lockClass: Int(instruction.d >> 2), mode, isTry: true)
          set(instruction.a, 1)
        } else {
          emit(.tryFailed, Int64(address), Int64(instruction.d >> 2), Int64(mode.rawValue))
          set(instruction.a, 0)
        }
        pc += 1
      case .assertHeld:
        let object = get(instruction.a)
        guard access(object) != nil else { return stick() }
        if !holds(Int(object) + Int(instruction.b)) {
          find(
            .assertHeld, "\(lockName(Int(object) + Int(instruction.b))) must be held here and is not",
            objects: [object])
        }
        pc += 1
      case .lockTest:
        let object = get(instruction.b)
        guard access(object) != nil else { return stick() }
        let address = Int(object) + Int(instruction.c)
        set(instruction.a, (instruction.d == 0 ? isHeld(address) : holds(address)) ? 1 : 0)
        pc += 1
      case .holder:
        let owner: Int64 =
          switch instruction.c {
          case 1: get(instruction.a)
          case 2: -(Int64(runningThread) + 1)
          default: 0
          }
        let key = HolderKey(word: Int64(instruction.b), owner: owner)
        if instruction.d == 0 { holders.first = key } else { holders.second = key }
        pc += 1
      case .refcount:
        let object = get(instruction.b)
        guard access(object) != nil else { return stick() }
        if footprint != nil {
          noteRefcount(
            RefcountOperation(rawValue: Int(instruction.d)) ?? .set,
            at: layout.heapBase + Int(object) + Int(instruction.c))
        }
        let result = count(
          RefcountOperation(rawValue: Int(instruction.d)) ?? .set, object: Int(object),
          offset: Int(instruction.c),
          amount: get(instruction.a))
        set(instruction.a, result)
        pc += 1
      case .refcountMove:
        let object = get(instruction.a)
        guard access(object) != nil else { return stick() }
        moveUnit(object: Int(object), offset: Int(instruction.b))
        pc += 1
      case .operand:
        operands[Int(instruction.a)] = get(instruction.b)
        if log != nil {
          let load = operandLoads[pc]
          operandPlaces[Int(instruction.a)] = load < 0 ? 0 : loadPlaces[Int(~code[Int(load)].a)]
        }
        pc += 1
      case .container:
        let object = get(instruction.b)
        guard access(object) != nil else { return stick() }
        if footprint != nil {
          noteContainer(Int(instruction.d), at: layout.heapBase + Int(object) + Int(instruction.c))
        }
        set(instruction.a, container(Int(instruction.d), object: Int(object), offset: Int(instruction.c)))
        pc += 1
      case .wait:
        let object = get(instruction.b)
        guard access(object) != nil else { return stick() }
        let queue = Int(object) + Int(instruction.c)
        footprint?.note(layout.heapBase + queue, .write)
        let holdsNow = operands[0] != 0
        let wasSleeping = t[Layout.flags] & Layout.sleeping != 0
        let timedOut = wasSleeping && t[Layout.flags] & Layout.woken == 0
        checkMaySleep()
        if holdsNow || timedOut {
          t[Layout.flags] &= ~(Layout.sleeping | Layout.woken | Layout.interruptible)
          t[Layout.queue] = 0
          if timedOut {
            emit(.timedOut, Int64(queue), holdsNow ? 1 : 0)
            if holdsNow {
              find(
                .lostWakeup,
                "the sleeper's condition held, but nobody woke it before its time was over", objects: [object]
              )
            }
          }
          set(instruction.a, holdsNow ? 1 : 0)
          pc += 1
        } else {
          t[Layout.flags] =
            (t[Layout.flags] & ~Layout.woken) | Layout.sleeping
            | (instruction.d != 0 ? Layout.interruptible : 0)
          t[Layout.queue] = Int64(queue)
          if !wasSleeping { emit(.slept, Int64(queue)) }
          return .slept
        }
      case .wake:
        let object = get(instruction.a)
        guard access(object) != nil else { return stick() }
        footprint?.note(layout.heapBase + Int(object) + Int(instruction.b), .write)
        wake(Int(object) + Int(instruction.b), all: instruction.c != 0)
        pc += 1
      case .choose:
        set(instruction.a, Int64(choice))
        emit(.chose, Int64(choice))
        pc += 1
      case .taskWork:
        addTaskWork(Int(instruction.a), get(instruction.b))
        pc += 1
      case .check:
        if get(instruction.a) == 0 {
          find(Property.allCases[Int(instruction.b)], world.program.strings[Int(instruction.c)])
        }
        pc += 1
      case .warnOn:
        if get(instruction.a) != 0 { find(.warn, "WARN_ON(\(world.program.strings[Int(instruction.b)]))") }
        pc += 1
      case .probe:
        if let log {
          let first = log.values.count
          for index in 0..<Int(instruction.b) {
            log.append(value: operands[index], from: operandPlaces[index])
          }
          emit(.probe, Int64(instruction.a), Int64(first), Int64(instruction.b))
        }
        pc += 1
      case .mark:
        emit(.mark, Int64(instruction.a))
        pc += 1
      }
    }
  }

  private func noteRefcount(_ operation: RefcountOperation, at place: Int) {
    switch operation {
    case .set: footprint?.note(place, .write)
    case .increment, .incrementNotZero: footprint?.note(place, .raise)
    case .decrement, .decrementAndTest: footprint?.note(place, .lower)
    case .decrementIfOne: footprint?.note(place, .test)
    }
  }

  private func noteContainer(_ number: Int, at place: Int) {
    switch Builtin.allCases[number] {
    case .xa_alloc, .xa_store, .xa_erase, .list_append, .list_remove, .imap_insert, .imap_remove:
      footprint?.note(place, .write)
    default: footprint?.note(place, .read)
    }
  }

  /// Whether an allocation of this thread is a choice now: where the scenario asks for it, but not while it sets up.
  private func mayFail(_ thread: Int) -> Bool {
    guard world.allowsFaults else { return false }
    return thread != 0
      || Int(words[layout.threadBase + Layout.operation]) >= world.setupCount
  }

  private func pushFrame(
    _ function: Int, returnAddress: Int, result: Int, arguments: UnsafeMutablePointer<Int64>
  ) -> UnsafeMutablePointer<Int64> {
    let t = threadWords
    let stack = t + Layout.stack
    let start = Int(t[Layout.stackPointer])
    let header = stack + start
    header[0] = Int64(returnAddress)
    header[1] = t[Layout.framePointer]
    header[2] = Int64(result)
    header[3] = Int64(function)
    let locals = functions[function].locals
    let frame = header + Program.frameHeader
    let parameters = functions[function].parameters
    for index in 0..<locals { frame[index] = index < parameters ? arguments[index] : 0 }
    t[Layout.framePointer] = Int64(start)
    t[Layout.stackPointer] = Int64(start + Program.frameHeader + locals)
    emit(.entered, Int64(function))
    return frame
  }

  /// Stores the results of a system call and leaves it.
  private func finishOperation() {
    let t = threadWords
    let number = Int(t[Layout.operation])
    let entry = plans[runningThread].entries[number]
    let result = t[Layout.result]
    let frame = t + Layout.stack + Program.frameHeader
    for (position, parameter) in world.program.entries[entry].parameters.enumerated()
    where parameter.direction == .both || (parameter.direction == .output && result == 0) {
      if case .slot(let table, let index) = plans[runningThread].arguments[number][position] {
        words[layout.slotBases[table] + index] = frame[position]
        footprint?.note(layout.slotBases[table] + index, .write)
      }
    }
    if t[Layout.heldCount] > 0 {
      let names = heldLocks(of: runningThread).map { lockName($0.address) }.joined(separator: ", ")
      find(.lockImbalance, "the system call returns and still holds \(names)")
    }
    for word in 0..<Int(t[Layout.stackPointer]) { t[Layout.stack + word] = 0 }
    t[Layout.framePointer] = 0
    t[Layout.stackPointer] = 0
    t[Layout.programCounter] = Layout.idle
    t[Layout.operation] += 1
    t[Layout.result] = 0
    emit(.operationEnded, Int64(entry), result)
  }

  /// Runs a function on the monitor's own stack, all at once.
  private func callOnMonitor(_ function: Int, argument: Int?) -> Int64 {
    let savedThread = runningThread
    let savedWords = threadWords
    let savedStatement = statement
    let savedLog = log
    runningThread = threadCount
    threadWords = words + layout.threadBase + threadCount * layout.threadWords
    log = nil
    let t = threadWords
    let frame = t + Layout.stack
    frame[3] = Int64(function)
    if let argument { frame[Program.frameHeader] = Int64(argument) }
    t[Layout.framePointer] = 0
    t[Layout.stackPointer] = Int64(Program.frameHeader + functions[function].locals)
    t[Layout.programCounter] = Int64(functions[function].address)
    _ = execute(passedStep: true, stopAtSteps: false)
    let result = t[Layout.result]
    for word in 0..<layout.threadWords { t[word] = 0 }
    t[Layout.programCounter] = Layout.idle
    runningThread = savedThread
    threadWords = savedWords
    statement = savedStatement
    log = savedLog
    return result
  }

  // MARK: Task work

  private func addTaskWork(_ function: Int, _ argument: Int64) {
    let cell = allocateCell(key: Int64(function), second: 0, value: argument)
    var link = threadWords + Layout.taskWork
    while link.pointee != 0 { link = heap + Int(link.pointee) + 1 }
    link.pointee = Int64(cell)
  }

  private func nextTaskWork() -> (function: Int, argument: Int64)? {
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
  func access(_ object: Int64) -> UnsafeMutablePointer<Int64>? {
    let index = Int(object)
    if index > 0, index < Int(words[Layout.heapEnd]), Header.isAlive(heap[index]) { return heap + index }
    return accessOfNothing(object)
  }

  private func accessOfNothing(_ object: Int64) -> UnsafeMutablePointer<Int64>? {
    guard object > 0, object < words[Layout.heapEnd] else {
      find(.nullDereference, "a null pointer is followed")
      return nil
    }
    find(.useAfterFree, "\(name(of: object)) is used after it was freed", objects: [object])
    return Header.type(heap[Int(object)]) == ObjectType.free ? nil : heap + Int(object)
  }

  private func typeOf(_ object: Int64, isA base: Int) -> Bool {
    var type = Header.type(heap[Int(object)])
    while type >= 0 {
      if type == base { return true }
      type = typeBases[type]
    }
    return false
  }

  // MARK: Events and findings

  @inline(__always)
  func emit(_ kind: Event.Kind, _ a: Int64 = 0, _ b: Int64 = 0, _ c: Int64 = 0, _ d: Int64 = 0) {
    guard let log else { return }
    log.append(
      Event(kind: kind, thread: Int32(runningThread), statement: statement, a: a, b: b, c: c, d: d))
  }

  func find(_ property: Property, _ message: String, objects: [Int64] = [], threads: [Int] = []) {
    let finding = Finding(
      property: property, thread: runningThread, statement: statement >= 0 ? Int(statement) : nil,
      message: message,
      objects: objects.filter { $0 > 0 }.map { ObjectReference($0) }, threads: threads)
    if !findings.contains(finding) { findings.append(finding) }
  }

  // MARK: Checks after a step

  private var allFinished: Bool {
    for thread in 0..<threadCount {
      let t = words + layout.threadBase + thread * layout.threadWords
      if t[Layout.programCounter] != Layout.idle || Int(t[Layout.operation]) < plans[thread].entries.count {
        return false
      }
    }
    return true
  }

  /// Whether no thread is inside a system call.
  private var isQuiescent: Bool {
    for thread in 0..<threadCount
    where words[layout.threadBase + thread * layout.threadWords + Layout.programCounter] != Layout.idle {
      return false
    }
    return true
  }

  private func checkInvariants() {
    let quiescent = isQuiescent
    for invariant in world.program.invariants where !invariant.isQuiescent || quiescent {
      guard let type = invariant.type else {
        if callOnMonitor(invariant.function, argument: nil) == 0 {
          find(invariant.property, "\(invariant.name): \(invariant.title)")
        }
        continue
      }
      var index = 1
      let end = Int(words[Layout.heapEnd])
      while index < end {
        let header = heap[index]
        if Header.isAlive(header), Header.type(header) > ObjectType.globals, typeOf(Int64(index), isA: type),
          callOnMonitor(invariant.function, argument: index) == 0
        {
          find(
            invariant.property, "\(invariant.name): \(invariant.title) (\(name(of: Int64(index))))",
            objects: [Int64(index)])
        }
        index += Header.size(header)
      }
    }
  }

  // MARK: Who can move

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

  /// For every thread, whether it can step now and if not, why.
  public func readiness(in state: State) -> [Readiness] {
    withReadOnlyState(state) {
      var result: [Readiness] = []
      for thread in 0..<threadCount { result.append(readiness(thread)) }
      if !result.contains(where: { if case .ready = $0 { true } else { false } }) {
        for thread in 0..<threadCount {
          if case .sleeping = result[thread] { result[thread] = .timeout }
        }
      }
      return result
    }
  }

  private func readiness(_ thread: Int) -> Readiness {
    let t = words + layout.threadBase + thread * layout.threadWords
    let flags = t[Layout.flags]
    if flags & Layout.stuck != 0 { return .stuck }
    if flags & Layout.sleeping != 0, flags & Layout.woken == 0 {
      let queue = Int(t[Layout.queue])
      let object = objectContaining(queue)
      return .sleeping(ObjectReference(object), offset: queue - object)
    }
    let pc = Int(t[Layout.programCounter])
    if t[Layout.programCounter] == Layout.idle {
      let number = Int(t[Layout.operation])
      guard number < plans[thread].entries.count else { return .finished }
      if plans[thread].entries[number] < 0, !barrierIsOpen(thread: thread, operation: number) {
        return .barrier
      }
      return .ready(choices: 1)
    }
    guard code[pc].opcode == .step else { return .ready(choices: 1) }
    switch world.program.statements[Int(code[pc].a)].kind {
    case .plain, .wait: return .ready(choices: 1)
    case .choice(let count): return .ready(choices: count)
    case .fallible: return .ready(choices: mayFail(thread) ? 2 : 1)
    case .acquire:
      guard let wanted = peekLock(thread) else { return .ready(choices: 1) }
      if isAvailable(wanted.address, wanted.mode, thread: thread) { return .ready(choices: 1) }
      if wanted.mode == .write, heap[wanted.address + 2] & (1 << Int64(thread)) == 0 {
        return .ready(choices: 1)
      }
      let object = objectContaining(wanted.address)
      return .blocked(
        lock: LockReference(
          object: ObjectReference(object), offset: wanted.address - object, mode: wanted.mode),
        by: members(of: keepers(of: wanted.address, wanted.mode, from: thread)))
    }
  }

  /// Whether every thread but the running one is finished, blocked or asleep; only then time passes.
  private func nobodyElseCanMove() -> Bool {
    for thread in 0..<threadCount where thread != runningThread {
      if case .ready = readiness(thread) { return false }
    }
    return true
  }

  /// The lock that a thread's next statement takes, when it can be told without an action.
  func peekLock(_ thread: Int) -> (address: Int, lockClass: Int, mode: LockMode)? {
    let t = words + layout.threadBase + thread * layout.threadWords
    var pc = Int(t[Layout.programCounter])
    guard pc >= 0, code[pc].opcode == .step,
      world.program.statements[Int(code[pc].a)].kind == .acquire
    else { return nil }
    let frame = t + Layout.stack + Int(t[Layout.framePointer]) + Program.frameHeader
    func get(_ operand: Int32) -> Int64 { operand >= 0 ? frame[Int(operand)] : temporaries[Int(~operand)] }
    func readable(_ object: Int64) -> Bool { object > 0 && object < words[Layout.heapEnd] }
    pc += 1
    while true {
      let instruction = code[pc]
      switch instruction.opcode {
      case .constant: temporaries[Int(~instruction.a)] = constants[Int(instruction.b)]
      case .load:
        let object = get(instruction.b)
        guard readable(object) else { return nil }
        temporaries[Int(~instruction.a)] = heap[Int(object) + Int(instruction.c)]
      case .acquire:
        let object = get(instruction.a)
        guard readable(object) else { return nil }
        return (
          Int(object) + Int(instruction.b), Int(instruction.c),
          LockMode(rawValue: Int(instruction.d)) ?? .exclusive
        )
      default: return nil
      }
      pc += 1
    }
  }

  /// Names the cycle when the running thread's step has closed one among the waiting threads.
  private func checkWaitCycle() {
    guard let wanted = peekLock(runningThread),
      !isAvailable(wanted.address, wanted.mode, thread: runningThread)
    else { return }
    if threadWords[Layout.flags] & Layout.deadlockTold != 0 { return }
    let own: Int64 = 1 << Int64(runningThread)
    let keepers = keepers(of: wanted.address, wanted.mode, from: runningThread)
    if keepers & own != 0 {
      threadWords[Layout.flags] |= Layout.deadlockTold
      statement = Int32(nextStatement(runningThread))
      find(
        .selfDeadlock,
        "\(world.threads[runningThread].name) waits for \(lockName(wanted.address)), which it holds itself",
        objects: [Int64(objectContaining(wanted.address))], threads: [runningThread])
      return
    }
    var path: [Int] = [runningThread]
    var visited: Int64 = own
    if let cycle = cycle(from: runningThread, path: &path, visited: &visited) {
      threadWords[Layout.flags] |= Layout.deadlockTold
      statement = Int32(nextStatement(runningThread))
      var parts: [String] = []
      var objects: [Int64] = []
      for (position, thread) in cycle.enumerated() {
        guard let lock = peekLock(thread) else { continue }
        let holder = cycle[(position + 1) % cycle.count]
        parts.append(
          "\(world.threads[thread].name) waits for \(lockName(lock.address)), held by \(world.threads[holder].name)"
        )
        objects.append(Int64(objectContaining(lock.address)))
      }
      find(.deadlock, parts.joined(separator: "; "), objects: objects, threads: cycle)
    }
  }

  private func nextStatement(_ thread: Int) -> Int {
    let pc = Int(words[layout.threadBase + thread * layout.threadWords + Layout.programCounter])
    guard pc >= 0, code[pc].opcode == .step else { return -1 }
    return Int(code[pc].a)
  }

  private func cycle(from thread: Int, path: inout [Int], visited: inout Int64) -> [Int]? {
    guard let wanted = peekLock(thread), !isAvailable(wanted.address, wanted.mode, thread: thread) else {
      return nil
    }
    for next in members(of: keepers(of: wanted.address, wanted.mode, from: thread)) {
      if next == path[0] { return path }
      let bit: Int64 = 1 << Int64(next)
      guard next < threadCount, visited & bit == 0 else { continue }
      visited |= bit
      path.append(next)
      if let found = cycle(from: next, path: &path, visited: &visited) { return found }
      path.removeLast()
    }
    return nil
  }
}
