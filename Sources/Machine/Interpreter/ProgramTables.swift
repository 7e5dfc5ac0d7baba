import StepLanguage

/// Memory of tables that stay as they are: taken once, given back together.
final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit {
    for block in blocks { block.deallocate() }
  }

  /// Room for values of a plain type, set to one value.
  func room<Value: BitwiseCopyable>(_ count: Int, of value: Value) -> UnsafeHandle<Value> {
    let room = UnsafeMutablePointer<Value>.allocate(capacity: max(1, count))
    room.initialize(repeating: value, count: max(1, count))
    blocks.append(UnsafeMutableRawPointer(room))
    return UnsafeHandle(room, count: count)
  }

  /// The values one after another.
  func table<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeHandle<Value> {
    let room = UnsafeMutablePointer<Value>.allocate(capacity: max(1, values.count))
    room.initialize(from: values, count: values.count)
    blocks.append(UnsafeMutableRawPointer(room))
    return UnsafeHandle(room, count: values.count)
  }
}

/// A part of a table: where it begins and where it ends.
struct TableRange: BitwiseCopyable {
  var start: Int32
  var end: Int32

  @inline(__always) var indices: Range<Int> { Int(start)..<Int(end) }
}

/// What the machine must know of a function.
struct FunctionRow: BitwiseCopyable {
  var address: Int
  var locals: Int
  var parameters: Int
  /// Its locals that refer to objects, in `ProgramTables.locals`.
  var references: TableRange
}

/// A field that refers to something or is a lock. Fields that hold plain values only are not listed.
struct FieldRow: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable {
    case reference, xarray, chain, refcount, lock, rwSemaphore
  }

  var offset: Int32
  var kind: Kind
  /// Number of the field in its type, for its name.
  var index: Int32
  /// Of an xarray the lowest index that it gives out.
  var from: Int64
}

/// An invariant; `type` is negative when it holds of no object in particular.
struct InvariantRow: BitwiseCopyable {
  var function: Int
  var type: Int
  var isQuiescent: Bool
}

/// What kind of statement a scheduling point begins, as a number in a `step` instruction.
enum StepKind {
  static let plain: Int32 = 0
  static let acquire: Int32 = 1
  static let choice: Int32 = 2
  static let fallible: Int32 = 3
  static let flush: Int32 = 4
}

/// A program as the inner loop reads it: plain words in memory of its own, so that no step counts a reference.
///
/// The instructions are the program's own with the operands that the program leaves unused filled in: of a `step` b is the kind of its
/// statement, c in how many ways it goes, and d the locals to clear when a thread comes to rest there; of a call, and of the return of a
/// system call, d is the locals to clear before.
struct ProgramTables: BitwiseCopyable {
  let code: UnsafeHandle<Instruction>
  let constants: UnsafeHandle<Int64>
  let functions: UnsafeHandle<FunctionRow>
  /// Numbers of locals, cut into ranges by `FunctionRow.references` and `localSets`.
  let locals: UnsafeHandle<Int32>
  let localSets: UnsafeHandle<TableRange>
  let typeCount: Int
  let typeSizes: UnsafeHandle<Int>
  /// Per type a row of `typeCount` flags: whether it is that other type or extends it.
  let isType: UnsafeHandle<Bool>
  let typeFields: UnsafeHandle<TableRange>
  let fields: UnsafeHandle<FieldRow>
  /// Per driver its members in a row of `memberStride`.
  let driverMembers: UnsafeHandle<Int64>
  let memberStride: Int
  let builtins: UnsafeHandle<Builtin>
  let invariants: UnsafeHandle<InvariantRow>
  let invariantCount: Int
  /// Numbers of invariants, cut into ranges by the three tables below.
  let invariantNumbers: UnsafeHandle<Int32>
  /// Those that hold of no object in particular.
  let generalInvariants: TableRange
  /// Per type those that hold of its objects, and of these the ones that hold always.
  let typeInvariants: UnsafeHandle<TableRange>
  let typeAlways: UnsafeHandle<TableRange>
  /// A bit per type, its number modulo 64, that has any of these.
  let invariantTypes: UInt64
  let alwaysTypes: UInt64
  /// Per type and word, 64 to a type, the invariants that must hold always and may read it.
  let watchers: UnsafeHandle<UInt64>
  /// The same of those that read it only of the object that they are about.
  let ownWatchers: UnsafeHandle<UInt64>
  /// Per type and word of counts what such invariants compare it with at most; see `WatchedWords`.
  let floors: UnsafeHandle<UInt8>
  /// Per type those of them that hold of its objects.
  let newcomers: UnsafeHandle<UInt64>
  let temporaryCount: Int
  /// For each `operand` instruction that hands over what a `load` has just read, the temporary that the load filled; 0 otherwise.
  let loadedOperands: UnsafeHandle<Int32>
  /// For each address of the code the statement that the instruction belongs to; -1 for none.
  let places: UnsafeHandle<Int32>
  /// Where the readers of RCU are noted in the globals, and as which lock class; 0 and -1 when the model has none.
  let rcuReaders: Int
  let rcuClass: Int
  /// The words that the largest block takes.
  let largestBlock: Int
  /// The words that one step can take from the heap at most.
  let largestStep: Int
  /// How many operands, and how many arguments, are handed over at once at most.
  let operandCount: Int
  let argumentCount: Int

  /// Between two scheduling points lie the instructions of one statement, and none of them runs twice, so what they make can be added up.
  private static func largestStep(_ program: Program) -> Int {
    var largest = 0
    var sum = 0
    for instruction in program.code {
      if instruction.opcode == .step { sum = 0 }
      if instruction.opcode == .allocate {
        sum += program.types[Int(instruction.b)].size
      } else if instruction.changesState {
        sum += program.types[BlockType.cell].size
      }
      largest = max(largest, sum)
    }
    return largest
  }

  /// Finds the `operand` instructions whose value comes straight from a load in the same run of instructions.
  private static func loadedOperands(_ code: [Instruction]) -> [Int32] {
    var result = Array(repeating: Int32(0), count: code.count)
    for (address, instruction) in code.enumerated()
    where instruction.opcode == .operand && instruction.b < 0 {
      var position = address - 1
      search: while position > 0 {
        let earlier = code[position]
        if earlier.opcode == .load, earlier.a == instruction.b {
          result[address] = instruction.b
          break search
        }
        if earlier.opcode.facts.effect == .controls || earlier.writes == instruction.b { break search }
        position -= 1
      }
    }
    return result
  }

  init(_ program: Program, in arena: Arena) {
    var locals: [Int32] = []
    func range(_ numbers: [Int]) -> TableRange {
      let start = Int32(locals.count)
      locals += numbers.map { Int32($0) }
      return TableRange(start: start, end: Int32(locals.count))
    }
    functions = arena.table(
      program.functions.map { function in
        FunctionRow(
          address: function.address, locals: function.locals.count, parameters: function.parameterCount,
          references: range(
            function.locals.indices.filter {
              if case .reference = function.locals[$0].type { true } else { false }
            }))
      })
    localSets = arena.table(program.localSets.map(range))
    self.locals = arena.table(locals)
    code = arena.table(Self.completed(program))
    loadedOperands = arena.table(Self.loadedOperands(program.code))
    constants = arena.table(program.constants)
    typeCount = program.types.count
    typeSizes = arena.table(program.types.map(\.size))
    places = arena.table(program.places)
    rcuReaders = program.rcuReaders?.offset ?? 0
    rcuClass = program.rcuReaders?.lockClass ?? -1
    largestBlock = (program.types.map(\.size).max() ?? 0) + 1
    largestStep = Self.largestStep(program)
    operandCount = 4 + (program.code.filter { $0.opcode == .operand }.map { Int($0.a) }.max() ?? 0)
    argumentCount =
      4
      + max(
        program.code.filter { $0.opcode == .argument }.map { Int($0.a) }.max() ?? 0,
        program.functions.map(\.parameterCount).max() ?? 0)
    isType = arena.table(
      program.types.indices.flatMap { type in program.types.indices.map { program.type(type, isA: $0) } })
    var rows: [FieldRow] = []
    typeFields = arena.table(
      program.types.map { type in
        let start = Int32(rows.count)
        for (index, field) in type.fields.enumerated() {
          if let row = Self.row(field, index: index) { rows.append(row) }
        }
        return TableRange(start: start, end: Int32(rows.count))
      })
    fields = arena.table(rows)
    let stride = max(1, program.drivers.map(\.members.count).max() ?? 1)
    memberStride = stride
    driverMembers = arena.table(
      program.drivers.flatMap { $0.members + Array(repeating: 0, count: stride - $0.members.count) })
    builtins = arena.table(Builtin.allCases)
    invariants = arena.table(
      program.invariants.map {
        InvariantRow(function: $0.function, type: $0.type ?? -1, isQuiescent: $0.isQuiescent)
      })
    invariantCount = program.invariants.count
    var numbers: [Int32] = []
    func those(_ isMeant: (Invariant) -> Bool) -> TableRange {
      let start = Int32(numbers.count)
      for (number, invariant) in program.invariants.enumerated() where isMeant(invariant) {
        numbers.append(Int32(number))
      }
      return TableRange(start: start, end: Int32(numbers.count))
    }
    func holds(_ invariant: Invariant, of type: Int) -> Bool {
      guard type > ObjectType.globals, let meant = invariant.type else { return false }
      return program.type(type, isA: meant)
    }
    generalInvariants = those { $0.type == nil }
    func mask(_ ranges: [TableRange]) -> UInt64 {
      ranges.enumerated().reduce(0) { $0 | ($1.element.indices.isEmpty ? 0 : 1 << UInt64($1.offset & 63)) }
    }
    let all = program.types.indices.map { type in those { holds($0, of: type) } }
    let always = program.types.indices.map { type in those { holds($0, of: type) && !$0.isQuiescent } }
    typeInvariants = arena.table(all)
    typeAlways = arena.table(always)
    invariantTypes = mask(all)
    alwaysTypes = mask(always)
    invariantNumbers = arena.table(numbers)
    let watched = WatchedWords(program)
    watchers = arena.table(watched.watchers)
    ownWatchers = arena.table(watched.ownWatchers)
    floors = arena.table(watched.floors)
    newcomers = arena.table(watched.newcomers)
    temporaryCount = max(1, program.temporaryCount)
  }

  private static func completed(_ program: Program) -> [Instruction] {
    var code = program.code
    for address in code.indices {
      let cleared = Int32(program.clearedLocals[address])
      if [.call, .callOps, .returnValue].contains(code[address].opcode) { code[address].d = cleared }
      if code[address].opcode == .step {
        let kind = program.statements[Int(code[address].a)].kind
        code[address].c = 1
        switch kind {
        case .acquire: code[address].b = StepKind.acquire
        case .fallible: code[address].b = StepKind.fallible
        case .choice(let count):
          code[address].b = StepKind.choice
          code[address].c = Int32(count)
        case .wait:
          let waits = code[(address + 1)...].first { [.step, .wait, .flush, .grace].contains($0.opcode) }
          code[address].b = waits?.opcode == .flush ? StepKind.flush : StepKind.plain
        case .plain, .ridesAlong: code[address].b = StepKind.plain
        }
        code[address].d = cleared
      }
    }
    return code
  }

  private static func row(_ field: Field, index: Int) -> FieldRow? {
    var from: Int64 = 0
    let kind: FieldRow.Kind
    switch field.type {
    case .reference: kind = .reference
    case .xarray(_, let first, _):
      kind = .xarray
      from = first
    case .list, .intervalMap: kind = .chain
    case .refcount: kind = .refcount
    case .mutex, .spinlock: kind = .lock
    case .rwSemaphore: kind = .rwSemaphore
    case .int, .unsigned, .bool, .ops, .waitQueue, .work, .completion: return nil
    }
    return FieldRow(offset: Int32(field.offset), kind: kind, index: Int32(index), from: from)
  }
}

/// What a thread runs, as the inner loop reads it.
struct PlanRow: BitwiseCopyable {
  /// Its operations, in `WorldTables.operations`.
  var operations: TableRange
  var barrierCount: Int32
  /// For the k-th barrier its operation's number: from here on in `WorldTables.barriers`.
  var barriers: Int32

  @inline(__always) var count: Int { Int(operations.end - operations.start) }
}

/// An operation of a thread; `entry` is negative for a barrier.
struct OperationRow: BitwiseCopyable {
  var entry: Int32
  var function: Int32
  /// In `WorldTables.arguments`.
  var arguments: TableRange
  /// How many barriers stand before it.
  var barriersBefore: Int32
  /// Whether the scenario says what it may return.
  var isExpected = false
}

/// An argument of an operation: a number, or a variable of a slot table.
struct ArgumentRow: BitwiseCopyable {
  enum Storing: UInt8, BitwiseCopyable {
    case never, onSuccess, always
  }

  /// The state's word that the variable is, or -1 for a plain number.
  var place: Int
  var number: Int64
  var storing: Storing
}

/// A queue of calls that run later, and the workers that run them: threads one after another.
struct QueueRow: BitwiseCopyable {
  var firstWorker: Int32
  var count: Int32
  var isOrdered: Bool
  var isAtomic: Bool
  var isRCU: Bool
}

/// Where the parts of a world's states lie.
struct LayoutTable: BitwiseCopyable {
  let threadCount: Int
  let threadBase: Int
  let threadWords: Int
  let heapBase: Int
  /// The threads in whose words a queue of calls hangs, as bits.
  let queueHeads: UInt64

  init(_ world: World) {
    queueHeads = world.queueHeads.reduce(0) { $0 | 1 << UInt64($1) }
    threadCount = world.threads.count
    threadBase = world.layout.threadBase
    threadWords = world.layout.threadWords
    heapBase = world.layout.heapBase
  }

  /// A thread's words in a state's; the monitor's come behind those of the last thread.
  @inline(__always)
  func words(of thread: Int, in words: Words) -> Words {
    words.part(threadBase + thread * threadWords, count: threadWords)
  }
}

/// A world's threads and the layout of its states as plain words.
struct WorldTables: BitwiseCopyable {
  let layout: LayoutTable
  let plans: UnsafeHandle<PlanRow>
  let operations: UnsafeHandle<OperationRow>
  let arguments: UnsafeHandle<ArgumentRow>
  let barriers: UnsafeHandle<Int32>
  let allowsFaults: Bool
  let setupCount: Int
  /// For each thread, the monitor included, the queue whose calls it runs, or -1.
  let workers: UnsafeHandle<Int32>
  let queues: UnsafeHandle<QueueRow>
  let queueCount: Int
  /// The queue of callbacks of RCU, or -1.
  let rcuQueue: Int

  init(_ world: World, in arena: Arena) {
    let program = world.program
    let layout = world.layout
    var operations: [OperationRow] = []
    var arguments: [ArgumentRow] = []
    var barriers: [Int32] = []
    var plans: [PlanRow] = []
    for thread in world.threads {
      let start = Int32(operations.count)
      let firstBarrier = Int32(barriers.count)
      for (number, operation) in thread.operations.enumerated() {
        let before = Int32(barriers.count) - firstBarrier
        let firstArgument = Int32(arguments.count)
        switch operation.kind {
        case .barrier:
          operations.append(
            OperationRow(
              entry: -1, function: -1, arguments: TableRange(start: firstArgument, end: firstArgument),
              barriersBefore: before))
          barriers.append(Int32(number))
        case .entry(let entry, let given):
          for (argument, parameter) in zip(given, program.entries[entry].parameters) {
            arguments.append(Self.row(argument, parameter.direction, layout))
          }
          operations.append(
            OperationRow(
              entry: Int32(entry), function: Int32(program.entries[entry].function),
              arguments: TableRange(start: firstArgument, end: Int32(arguments.count)),
              barriersBefore: before,
              isExpected: !operation.allowed.isEmpty))
        }
      }
      plans.append(
        PlanRow(
          operations: TableRange(start: start, end: Int32(operations.count)),
          barrierCount: Int32(barriers.count) - firstBarrier, barriers: firstBarrier))
    }
    self.layout = LayoutTable(world)
    self.plans = arena.table(plans)
    self.operations = arena.table(operations)
    self.arguments = arena.table(arguments)
    self.barriers = arena.table(barriers)
    workers = arena.table(world.threads.map { Int32($0.queue ?? -1) } + [-1])
    let heads = world.queueHeads
    queues = arena.table(
      program.queues.enumerated().map { number, queue in
        QueueRow(
          firstWorker: Int32(heads[number]), count: Int32(queue.workers), isOrdered: queue.isOrdered,
          isAtomic: queue.isAtomic, isRCU: queue.kind == .rcu)
      })
    queueCount = program.queues.count
    rcuQueue = program.rcuQueue ?? -1
    allowsFaults = world.allowsFaults
    setupCount = world.setupCount
  }

  @inline(__always) var threadCount: Int { layout.threadCount }
  @inline(__always) var threadBase: Int { layout.threadBase }
  @inline(__always) var threadWords: Int { layout.threadWords }
  @inline(__always) var heapBase: Int { layout.heapBase }

  private static func row(
    _ argument: Operation.Argument, _ direction: EntryParameter.Direction, _ layout: Layout
  ) -> ArgumentRow {
    switch argument {
    case .number(let number): return ArgumentRow(place: -1, number: number, storing: .never)
    case .slot(let table, let index):
      let storing: ArgumentRow.Storing =
        switch direction {
        case .input: .never
        case .output: .onSuccess
        case .both: .always
        }
      return ArgumentRow(place: layout.slotBases[table] + index, number: 0, storing: storing)
    }
  }
}
