public import Machine
import StepLanguage

/// Writes a world as a model for Spin: the compiled program unrolled to C inside of Promela, one process a thread, one `d_step` a step.
///
/// The words of a state are those of the machine, without its monitor and with narrower headers, so both come to the same states: `stored` of an exhaustive
/// run of `pan` compiled with `-DNOREDUCE` is what `check --no-reduction` counts and one more, for the empty state before the first.
/// (Holzmann, "The Spin Model Checker", 2003; embedded C: chapter 17.)
public struct PromelaExport {
  /// What cannot be written.
  public struct Refusal: Error, Hashable, Sendable {
    /// What it is, and what to do.
    public var message: String
  }

  /// How the model is written.
  public struct Options: Sendable {
    /// Words of the heap; nil to measure how many some runs need, with room to spare.
    public var heap: Int?
    /// Whether numbers have 64 bits in any case; otherwise only when one of the text needs them.
    public var isWide = false

    /// The usual way.
    public init() {}
  }

  private let world: World
  private let program: Program
  private let options: Options
  private let heading: [String]
  private let ranges: [Range<Int>]
  private let functions: [Int]

  /// The model of a world.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - heading: lines for the head of the text.
  ///   - options: how it is written.
  public init(world: World, heading: [String], options: Options = Options()) {
    self.world = world
    self.heading = heading
    self.options = options
    program = world.program
    ranges = Self.ranges(program)
    functions = Self.reachable(world, ranges)
  }

  /// The text.
  ///
  /// - Throws: `Refusal` when the world has something that the model cannot hold.
  public func text() throws(Refusal) -> String {
    let heap = options.heap ?? HeapEstimate.words(world)
    try refuse(world.threads.count > 30, "more than 30 threads: leave some out")
    try refuse(heap > 4095, "a heap of \(heap) words, more than 4095: use a smaller scenario")
    try refuse(program.types.count > 255, "more than 255 object types")
    try refuse(program.lockClasses.count > 4095, "more than 4095 lock classes")
    let longest = program.types.max { $0.size < $1.size }
    try refuse((longest?.size ?? 0) > 4095, "objects of type '\(longest?.name ?? "")', which are too large")
    let isWide = options.isWide || needsWideNumbers
    var parts = [head(isWide: isWide), constants(heap: heap, isWide: isWide)]
    parts.append("c_state \"cell W[\(heapBase + heap)]\" \"Global\"")
    parts.append("c_code {\n\(tables())\n}")
    parts.append(
      "c_code {\n\(Runtime.text)\n\(DeferredRuntime.text)\nstatic int may_fail(int n) { return FAULTS && ((n && wqueue[n] < 0) || (&T(0))[OP] >= SETUP); }\n}"
    )
    for function in functions {
      let text = FunctionWriter(program: program, number: function, range: ranges[function]).text()
      // Spin takes no longer piece of C.
      try refuse(
        text.utf8.count > 60_000, "function '\(program.functions[function].name)', which is too long")
      parts.append("c_code {\n\(text)\n}")
    }
    parts.append("c_code {\n\(codeTables())\n}")
    parts.append("c_code {\n\(peek())\n\(DeferredRuntime.ending)\n\(Runtime.ending)\n}")
    parts.append(processes())
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func refuse(_ isTooMuch: Bool, _ what: String) throws(Refusal) {
    if isTooMuch { throw Refusal(message: "the scenario cannot be written for Spin: it has \(what)") }
  }

  // MARK: What is written

  private static func ranges(_ program: Program) -> [Range<Int>] {
    let starts = program.functions.map(\.address).sorted()
    return program.functions.map { function in
      function.address..<(starts.first { $0 > function.address } ?? program.code.count)
    }
  }

  /// The functions that the threads, `init` and the invariants can come to, in the order of the program.
  private static func reachable(_ world: World, _ ranges: [Range<Int>]) -> [Int] {
    let program = world.program
    var pending = program.invariants.map(\.function) + (program.initialFunction.map { [$0] } ?? [])
    for thread in world.threads {
      for operation in thread.operations {
        if case .entry(let entry, _) = operation.kind { pending.append(program.entries[entry].function) }
      }
    }
    var seen = Set(pending)
    func add(_ function: Int) { if seen.insert(function).inserted { pending.append(function) } }
    var position = 0
    while position < pending.count {
      for instruction in program.code[ranges[pending[position]]] {
        if [.call, .taskWork, .deferCall].contains(instruction.opcode) { add(Int(instruction.a)) }
        if instruction.opcode == .work { add(Int(instruction.d >> 12)) }
        if instruction.opcode == .callOps {
          for driver in program.drivers {
            for (member, value) in driver.members.enumerated()
            where value > 0 && program.ops[driver.ops].members[member].parameters != nil {
              add(Int(value) - 1)
            }
          }
        }
      }
      position += 1
    }
    return seen.sorted()
  }

  /// Whether a number of the text does not fit into 32 bits.
  private var needsWideNumbers: Bool {
    var numbers = program.slots.map(\.initial)
    for function in functions {
      for instruction in program.code[ranges[function]] where instruction.opcode == .constant {
        numbers.append(program.constants[Int(instruction.b)])
      }
    }
    for thread in world.threads {
      for operation in thread.operations {
        guard case .entry(_, let arguments) = operation.kind else { continue }
        for case .number(let number) in arguments { numbers.append(number) }
      }
    }
    return numbers.contains { Int32(exactly: $0) == nil }
  }

  // MARK: Layout

  /// heapEnd, tombstones, stage; then the slots, the threads, the heap.
  private static let header = 3
  private static let stack = 22
  private var slotTotal: Int { world.slotCounts.reduce(0, +) }
  private var threadBase: Int { Self.header + slotTotal }
  private var threadSize: Int { Self.stack + program.stackWords + RuntimeLimits.rides }
  private var heapBase: Int { threadBase + world.threads.count * threadSize }

  private func head(isWide: Bool) -> String {
    var lines = heading
    lines += [
      "", "spin -a FILE", "cc -O2 -w -DSAFETY -DVECTORSZ=\(vectorSize(isWide)) -o pan pan.c",
      "./pan -m1000000             stops at the first violation, which it names; ./pan -r shows the way, line by line",
      "./pan -c0 -m1000000         names every property that is violated",
      "With -DNOREDUCE it stores as many states as ioascope check --no-reduction counts, and one more;",
      "after a violation that makes memory or counts meaningless a further one stands for all that would follow.",
    ]
    return "/*\n"
      + lines.map { $0.isEmpty ? " *" : " * \($0.replacing("*/", with: "* /"))" }.joined(separator: "\n")
      + "\n */"
  }

  private func vectorSize(_ isWide: Bool) -> Int {
    let words = heapBase + (options.heap ?? HeapEstimate.words(world))
    return (words * (isWide ? 8 : 4) + world.threads.count * 32 + 1023) / 1024 * 1024
  }

  private func constants(heap: Int, isWide: Bool) -> String {
    let members = max(1, program.drivers.map(\.members.count).max() ?? 1)
    return """
      #define THREADS \(world.threads.count)
      #define SAY(place, words) if (readtrail) printf("        thread %d: %-24s %s\\n", me, place, words)
      #define STICK(pc) { th[PC] = pc; th[FLAGS] |= STUCK; return -1; }
      #define FUEL(pc) if (--fuel < 0) { wrong(livelock); STICK(pc); }
      #define HEND now.W[0]
      #define TOMBSTONES now.W[1]
      #define STAGE now.W[2]
      #define T(n) now.W[THREADBASE + (n) * TSIZE]
      #define H(i) now.W[HEAPBASE + (i)]
      #define TYPE(h) ((h) & 255)
      #define SIZE(h) ((h) >> 8 & 4095)
      #define SERIAL(h) ((h) >> 20 & 1023)
      #define ALIVE(h) ((h) >> 30 & 1)

      c_decl {
      typedef long long word;
      typedef \(isWide ? "long long" : "int") cell;
      enum { PC, FP, SP, OP, FLAGS, QUEUE, RESULT, TASKWORK, HELDCOUNT, RIDECOUNT, HELD, HELDLIMIT = \(RuntimeLimits.heldLocks), STACK = HELD + HELDLIMIT, RIDES = \(RuntimeLimits.rides), TSIZE = STACK + \(program.stackWords) + RIDES };
      enum { SLEEPING = 1, WOKEN = 2, INTERRUPTIBLE = 4, STUCK = 8, QUEUED = 16, TOLD = 32, NOTIMEOUT = 64, IDLE = -1 };
      enum { FREE, CELL, UNIT, GLOBALS, TYPES = \(program.types.count) };
      enum { REFERENCE, XARRAY, CHAIN, COUNT, LOCK, SEMAPHORE };
      enum { MUTEX, READ, WRITE, SPIN };
      enum { SET, INCREMENT, DECREMENT, INCREMENT_NOT_ZERO, DECREMENT_AND_TEST, DECREMENT_IF_ONE, COUNT_UP, COUNT_DOWN };
      enum { STEPPED, QUEUED_UP, SLEPT, NOT_READY };
      enum { SLOTS = \(slotTotal), SLOTBASE = \(Self.header), THREADBASE = \(threadBase), HEAPBASE = \(heapBase), HEAPSIZE = \(heap) };
      enum { TEMPORARIES = \(max(1, program.temporaryCount)), CLASSES = \(program.lockClasses.count), ARGUMENTS = \(handedOver(.argument)), OPERANDS = \(handedOver(.operand)), MEMBERS = \(members) };
      enum { QUEUES = \(program.queues.count), RCUQUEUE = \(program.rcuQueue ?? -1), RCUWORD = \(program.rcuReaders?.offset ?? 0), RCUCLASS = \(program.rcuReaders?.lockClass ?? -1), WORKS = \(works.count), MOSTCALLS = \(Self.mostCalls) };
      enum { FAULTS = \(world.allowsFaults ? 1 : 0), SETUP = \(world.setupCount), INVARIANTS = \(program.invariants.count), INIT = \(program.initialFunction ?? -1) };
      enum { \(program.properties.map(FunctionWriter.name).joined(separator: ", ")), PROPERTIES };
      }
      """
  }

  /// Room for the values that instructions of a kind hand over at once.
  private func handedOver(_ opcode: Opcode) -> Int {
    4
      + max(
        program.code.filter { $0.opcode == opcode }.map { Int($0.a) }.max() ?? 0,
        program.functions.map(\.parameterCount).max() ?? 0)
  }

  private func table(_ type: String, _ name: String, _ values: [some CustomStringConvertible]) -> String {
    "static const \(type) \(name)[] = { \((values.isEmpty ? ["0"] : values.map(\.description)).joined(separator: ", ")) };"
  }

  private func tables() -> String {
    var fieldStarts = [0]
    var offsets: [Int] = []
    var kinds: [String] = []
    var froms: [String] = []
    for type in program.types {
      for field in type.fields {
        var from: Int64 = 0
        let kind: String
        switch field.type {
        case .reference: kind = "REFERENCE"
        case .xarray(_, let first, _):
          kind = "XARRAY"
          from = first
        case .list, .intervalMap: kind = "CHAIN"
        case .refcount: kind = "COUNT"
        case .mutex, .spinlock: kind = "LOCK"
        case .rwSemaphore: kind = "SEMAPHORE"
        case .int, .unsigned, .bool, .ops, .waitQueue, .work, .completion: continue
        }
        offsets.append(field.offset)
        kinds.append(kind)
        froms.append(FunctionWriter.number(from))
      }
      fieldStarts.append(offsets.count)
    }
    var localStarts = [0]
    var references: [Int] = []
    for function in program.functions {
      references += function.locals.indices.filter {
        if case .reference = function.locals[$0].type { true } else { false }
      }
      localStarts.append(references.count)
    }
    let members = max(1, program.drivers.map(\.members.count).max() ?? 1)
    let fatal: Set<Property> = [
      .useAfterFree, .doubleFree, .nullDereference, .refcountUnderflow, .refcountResurrect, .livelock,
    ]
    return [
      table("char *const", "names", program.properties.map { "\"\($0.rawValue)\"" }),
      table("char", "ends", program.properties.map { fatal.contains($0) ? 1 : 0 }),
      table("short", "tsize", program.types.map(\.size)),
      table("short", "coffset", program.lockClasses.map(\.offset)),
      table("short", "cnests", program.lockClasses.map { $0.nestsBy ?? -1 }),
      table("short", "fstart", fieldStarts), table("short", "foffset", offsets),
      table("char", "fkind", kinds),
      table("word", "ffrom", froms),
      table(
        "char", "isa",
        program.types.indices.flatMap { type in
          program.types.indices.map { program.type(type, isA: $0) ? 1 : 0 }
        }),
      table("short", "rstart", localStarts), table("short", "rlocal", references),
      table("short", "parameters", program.functions.map(\.parameterCount)),
      table("short", "locals", program.functions.map(\.locals.count)),
      table("int", "address", program.functions.map(\.address)),
      table(
        "word", "members",
        program.drivers.flatMap { driver in
          (0..<members).map { FunctionWriter.number($0 < driver.members.count ? driver.members[$0] : 0) }
        }),
      table("char", "iquiet", program.invariants.map { $0.isQuiescent ? 1 : 0 }),
      table("short", "itype", program.invariants.map { $0.type ?? -1 }),
      table("short", "ifunction", program.invariants.map(\.function)),
      table("char", "iproperty", program.invariants.map { FunctionWriter.name($0.property) }),
      table(
        "word", "sinitial",
        program.slots.indices.flatMap { slot in
          Array(repeating: FunctionWriter.number(program.slots[slot].initial), count: world.slotCounts[slot])
        }), operations(), queues(),
    ].joined(separator: "\n")
  }

  /// Which functions of a queue of calls may begin at one time.
  private static let mostCalls = 8

  /// The fields that hold calls: type, offset, lock class.
  private var works: [(type: Int, offset: Int, lockClass: Int)] {
    program.types.indices.flatMap { type in
      program.types[type].fields.compactMap { field in
        if case .work(let call) = field.type { (type, field.offset, call.lockClass) } else { nil }
      }
    }
  }

  /// The queues of calls and who runs them; behind the threads the monitor.
  private func queues() -> String {
    let workers = world.threads.map { $0.queue ?? -1 } + [-1]
    return [
      table("short", "wqueue", workers),
      table("short", "qfirst", program.queues.indices.map { workers.firstIndex(of: $0) ?? 0 }),
      table("short", "qcount", program.queues.map(\.workers)),
      table("char", "qordered", program.queues.map { $0.isOrdered ? 1 : 0 }),
      table("char", "qatomic", program.queues.map { $0.isAtomic ? 1 : 0 }),
      table("char", "frees", program.functions.map { program.code[$0.address].opcode == .free ? 1 : 0 }),
      table("short", "wtype", works.map(\.type)), table("short", "woffset", works.map(\.offset)),
      table("short", "wclass", works.map(\.lockClass)),
    ].joined(separator: "\n")
  }

  /// What the threads run.
  private func operations() -> String {
    var slotBases: [Int] = []
    var next = Self.header
    for count in world.slotCounts {
      slotBases.append(next)
      next += count
    }
    var starts = [0]
    var entries: [Int] = []
    var texts: [String] = []
    var before: [Int] = []
    var argumentStarts = [0]
    var places: [Int] = []
    var numbers: [String] = []
    var storing: [Int] = []
    var barrierStarts: [Int] = []
    var barrierCounts: [Int] = []
    var barriers: [Int] = []
    var allowedStarts = [0]
    var allowed: [String] = []
    for thread in world.threads {
      let first = barriers.count
      barrierStarts.append(first)
      for (number, operation) in thread.operations.enumerated() {
        before.append(barriers.count - first)
        texts.append(FunctionWriter.quoted(operation.text))
        switch operation.kind {
        case .barrier:
          entries.append(-1)
          barriers.append(number)
        case .entry(let entry, let given):
          entries.append(program.entries[entry].function)
          for (argument, parameter) in zip(given, program.entries[entry].parameters) {
            switch argument {
            case .number(let number):
              places.append(-1)
              numbers.append(FunctionWriter.number(number))
              storing.append(0)
            case .slot(let table, let index):
              places.append(slotBases[table] + index)
              numbers.append("0")
              let when =
                switch parameter.direction {
                case .input: 0
                case .output: 1
                case .both: 2
                }
              storing.append(when)
            }
          }
        }
        argumentStarts.append(places.count)
        allowed += operation.allowed.map(FunctionWriter.number)
        allowedStarts.append(allowed.count)
      }
      barrierCounts.append(barriers.count - first)
      starts.append(entries.count)
    }
    return [
      table("short", "ostart", starts), table("short", "oentry", entries),
      table("char *const", "otext", texts),
      table("short", "obefore", before), table("short", "astart", argumentStarts),
      table("short", "aplace", places),
      table("word", "anumber", numbers), table("char", "astoring", storing),
      table("short", "estart", allowedStarts), table("word", "eallowed", allowed),
      table("short", "bstart", barrierStarts),
      table("short", "bcount", barrierCounts), table("short", "bposition", barriers),
    ].joined(separator: "\n")
  }

  /// For each address which function it belongs to, and what kind of statement begins there.
  private func codeTables() -> String {
    var owners = Array(repeating: 0, count: program.code.count)
    var kinds = owners
    var places = Array(repeating: 0, count: program.functions.count)
    for (position, function) in functions.enumerated() {
      places[function] = position
      for address in ranges[function] {
        owners[address] = position
        let instruction = program.code[address]
        guard instruction.opcode == .step else { continue }
        switch program.statements[Int(instruction.a)].kind {
        case .acquire: kinds[address] = 1
        case .fallible: kinds[address] = 2
        case .choice(let count): kinds[address] = 2 + count
        case .plain, .wait, .ridesAlong: break
        }
      }
    }
    return [
      "static int (*const code[])(int) = { \(functions.map { "f\($0)" }.joined(separator: ", ")) };",
      table("short", "owner", owners), table("unsigned char", "kind", kinds),
    ].joined(separator: "\n")
  }

  /// The lock that a thread's next statement takes, when it can be told without an action; 0 when it takes none.
  private func peek() -> String {
    var lines = [
      "static int peek(int n, int *mode) {", "  cell *w = &T(n), *f = w + STACK + w[FP] + 4;",
      "  switch (w[PC]) {",
    ]
    for function in functions {
      for address in ranges[function] {
        let step = program.code[address]
        guard step.opcode == .step, case .acquire = program.statements[Int(step.a)].kind,
          let body = lockOf(address + 1)
        else { continue }
        lines.append("  case \(address): \(body)")
      }
    }
    return (lines + ["  }", "  return 0;", "}"]).joined(separator: "\n")
  }

  private func lockOf(_ start: Int) -> String? {
    var parts: [String] = []
    var address = start
    while true {
      let i = program.code[address]
      if i.opcode == .constant {
        guard i.a < 0 else { return nil }
        parts.append("t[\(~i.a)] = \(FunctionWriter.number(program.constants[Int(i.b)]));")
      } else if i.opcode == .load {
        guard i.a < 0 else { return nil }
        let object = FunctionWriter.value(i.b)
        parts.append("if (\(object) <= 0 || \(object) >= HEND) return 0; t[\(~i.a)] = H(\(object) + \(i.c));")
      } else {
        guard i.opcode == .acquire else { return nil }
        let object = FunctionWriter.value(i.a)
        parts.append(
          "if (\(object) <= 0 || \(object) >= HEND) return 0; *mode = \(i.d & 3); return \(object) + \(i.b);")
        return parts.joined(separator: " ")
      }
      address += 1
    }
  }

  /// One process a thread; each of its options is a step.
  private func processes() -> String {
    var most = 1
    for function in functions {
      for address in ranges[function] where program.code[address].opcode == .step {
        switch program.statements[Int(program.code[address].a)].kind {
        case .choice(let count): most = max(most, count)
        case .fallible: if world.allowsFaults { most = max(most, 2) }
        default: break
        }
      }
    }
    if program.queues.contains(where: { !$0.isOrdered }) { most = max(most, Self.mostCalls) }
    // Looking late, at what was freed, is one more way.
    if program.code.contains(where: \.rides) { most += 1 }
    var lines = [
      "/* Process n is thread n of: \(world.threads.map(\.name).joined(separator: ", ")). */",
      "active [THREADS] proctype thread() {", "end:", "  do",
      "  :: d_step { c_expr { (begins(Pthread->_pid)) } -> c_code { begin(); } }",
    ]
    for choice in 0..<most {
      lines.append(
        "  :: d_step { c_expr { (may(Pthread->_pid, \(choice))) } -> c_code { go(Pthread->_pid, \(choice)); } }"
      )
    }
    lines += [
      "  /* Time passes only when nobody else can move. */",
      "  :: d_step { c_expr { (oversleeps(Pthread->_pid)) } -> c_code { go(Pthread->_pid, 0); } }", "  od",
      "}",
    ]
    return lines.joined(separator: "\n")
  }
}
