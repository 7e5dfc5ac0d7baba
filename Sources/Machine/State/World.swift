import Basics
public import StepLanguage

/// What runs: a program, its threads with their operations, and whether allocations may fail.
///
/// The world does not change while threads step; giving a thread another operation makes a new world, to which a state is moved
/// by `World.adopt`.
public struct World: Sendable {
  /// A thread and what it runs.
  public struct Thread: Sendable, Hashable {
    /// The thread's name, such as `T1`.
    public var name: String
    /// Its operations in order.
    public var operations: [Operation]
    /// The queue whose calls it runs, as an index of the program's; nil for a thread with operations of its own.
    public let queue: Int?

    /// A thread with operations.
    public init(name: String, operations: [Operation] = []) {
      self.name = name
      self.operations = operations
      queue = nil
    }

    /// A worker of a queue.
    fileprivate init(name: String, queue: Int) {
      self.name = name
      operations = []
      self.queue = queue
    }
  }

  /// The compiled model.
  public private(set) var program: Program
  /// The threads; at most `maximumThreads`.
  public private(set) var threads: [Thread]
  /// Whether an allocation that can fail is a choice.
  public var allowsFaults: Bool
  /// How many operations of thread 0 belong to the set-up that comes before the interesting part.
  public var setupCount: Int
  /// For each slot table how many variables a state keeps.
  public private(set) var slotCounts: [Int]

  /// The program as machines read it, when it was prepared for several worlds; each machine prepares its own otherwise.
  public private(set) var prepared: PreparedProgram?

  /// Where things lie in the words of a state of this world.
  private(set) var layout: Layout

  /// Tells apart worlds that were made from the same one by adding operations and threads.
  var additions: UInt64 { additionsDigest.value }
  private var additionsDigest = FNV1a()

  /// A reader mask has a bit a thread, and a word has 63 of them that are not the sign.
  public static let maximumThreads = 62

  /// A world of threads.
  ///
  /// - Parameters:
  ///   - prepared: the same program, prepared.
  ///   - variables: how many variables of each slot table a state keeps at least, for operations that come later.
  /// - Precondition: there are at most `maximumThreads`.
  public init(
    program: Program, prepared: PreparedProgram? = nil, threads: [Thread], allowsFaults: Bool = false,
    setupCount: Int = 0, variables: Int = 0
  ) {
    self.program = program
    let threads = threads + Self.workers(of: program)
    self.prepared = prepared
    precondition(threads.count <= Self.maximumThreads, "more than \(Self.maximumThreads) threads")
    self.threads = threads
    self.allowsFaults = allowsFaults
    self.setupCount = setupCount
    slotCounts = program.slots.map { $0.members.isEmpty ? variables : 0 }
    layout = Layout(program, slotCounts: slotCounts, threadCount: self.threads.count)
    for thread in self.threads {
      for operation in thread.operations { noteSlots(of: operation) }
    }
    layout = Layout(program, slotCounts: slotCounts, threadCount: self.threads.count)
  }

  /// The threads that run what a program's queues hold.
  private static func workers(of program: Program) -> [Thread] {
    program.queues.enumerated().flatMap { number, queue in
      (1...queue.workers).map {
        Thread(name: queue.workers == 1 ? queue.name : "\(queue.name)_\($0)", queue: number)
      }
    }
  }

  /// For each queue the first of its workers.
  var queueHeads: [Int] {
    program.queues.indices.map { queue in threads.firstIndex { $0.queue == queue } ?? 0 }
  }

  /// A worker has a name that no thread of a scenario or script has.
  private static func requireNames(
    _ names: [String], _ program: Program, in source: SourceFile
  ) throws(DiagnosticError) {
    let workers = workers(of: program).map(\.name)
    guard let name = names.first(where: { workers.contains($0) }) else { return }
    throw DiagnosticError([
      Diagnostic("a worker of the model is called '\(name)'; give the thread another name", file: source.name)
    ])
  }

  /// The world of a scenario: T0 runs set-up, all threads run, T0 runs what comes finally.
  ///
  /// - Throws: `DiagnosticError` when a line names an operation that the model does not have.
  public init(program: Program, scenario: Scenario) throws(DiagnosticError) {
    var diagnostics: [Diagnostic] = []
    func resolve(_ lines: [OperationLine]) -> [Operation] {
      lines.compactMap { line in
        // A hundred messages say no more than fifty.
        guard diagnostics.count < 50 else { return nil }
        do throws(DiagnosticError) {
          return try Operation(line, program: program, source: scenario.source)
        } catch {
          diagnostics += error.diagnostics
          return nil
        }
      }
    }
    let setup = resolve(scenario.setup)
    let finally = resolve(scenario.finally)
    var threads = scenario.threads.map { Thread(name: $0.name, operations: resolve($0.lines)) }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    let needsBarriers = !threads.allSatisfy { $0.name == "T0" }
    if needsBarriers {
      for index in threads.indices {
        threads[index].operations = [.barrier] + threads[index].operations + [.barrier]
      }
      if let zero = threads.firstIndex(where: { $0.name == "T0" }) {
        var first = threads.remove(at: zero)
        first.operations = setup + first.operations + finally
        threads.insert(first, at: 0)
      } else {
        threads.insert(Thread(name: "T0", operations: setup + [.barrier, .barrier] + finally), at: 0)
      }
    } else {
      threads = [Thread(name: "T0", operations: setup + (threads.first?.operations ?? []) + finally)]
    }
    try Self.requireNames(threads.map(\.name), program, in: scenario.source)
    try Self.requireFewThreads(threads.count + Self.workers(of: program).count, in: scenario.source)
    self.init(
      program: program, threads: threads, allowsFaults: scenario.faults,
      setupCount: setup.count + (needsBarriers ? 1 : 0))
    try requireSoundStart()
  }

  /// - Throws: `DiagnosticError` when there are more threads than a state can tell apart.
  private static func requireFewThreads(_ count: Int, in source: SourceFile) throws(DiagnosticError) {
    guard count > maximumThreads else { return }
    throw DiagnosticError([
      Diagnostic(
        "\(count) threads, T0 among them; there can be \(maximumThreads): use fewer", file: source.name)
    ])
  }

  /// What is wrong before any thread has stepped is wrong with the model: `init` runs alone, at once and to its end.
  ///
  /// - Throws: `DiagnosticError` with what `init` did.
  public func requireSoundStart() throws(DiagnosticError) {
    guard program.initialFunction != nil else { return }
    let machine = Machine(world: self)
    _ = machine.initialState()
    if let limit = machine.exceededLimit { throw DiagnosticError([limit.diagnostic(in: program)]) }
    let diagnostics = machine.findings.map { finding in
      let message = "init: \(finding.property.rawValue): \(finding.message)"
      guard let statement = finding.statement else {
        return Diagnostic(message, file: program.sources[0].name)
      }
      let span = program.statements[statement].span
      return Diagnostic(message, at: span, in: program.sources[span.file])
    }
    if !diagnostics.isEmpty { throw DiagnosticError(diagnostics) }
  }

  /// The world of an operation script.
  ///
  /// - Throws: `DiagnosticError` when a line names an operation that the model does not have.
  public init(program: Program, script: OperationScript) throws(DiagnosticError) {
    var threads = script.threads.map { Thread(name: $0) }
    var diagnostics: [Diagnostic] = []
    for line in script.lines {
      guard diagnostics.count < 50, let index = threads.firstIndex(where: { $0.name == line.thread }) else {
        continue
      }
      do throws(DiagnosticError) {
        threads[index].operations.append(
          try Operation(line.operation, program: program, source: script.source))
      } catch {
        diagnostics += error.diagnostics
      }
    }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    try Self.requireNames(threads.map(\.name), program, in: script.source)
    try Self.requireFewThreads(threads.count + Self.workers(of: program).count, in: script.source)
    self.init(program: program, threads: threads)
    try requireSoundStart()
  }

  private mutating func noteSlots(of operation: Operation) {
    guard case .entry(_, let arguments) = operation.kind else { return }
    for case .slot(let table, let index) in arguments {
      slotCounts[table] = max(slotCounts[table], index + 1)
    }
  }

  /// Gives a thread one more operation, before those that it has not begun yet.
  ///
  /// - Parameter position: where in the thread's list; `nil` puts it at the end.
  public mutating func insert(_ operation: Operation, thread: Int, at position: Int? = nil) {
    let place = position ?? threads[thread].operations.count
    threads[thread].operations.insert(operation, at: place)
    mix("\(thread) \(place) \(operation.text)")
    noteSlots(of: operation)
    layout = Layout(program, slotCounts: slotCounts, threadCount: threads.count)
  }

  private mutating func mix(_ text: String) {
    additionsDigest.add(text.utf8)
    additionsDigest.add(0xff as UInt8)
  }

  /// Gives a thread other operations. A thread that has done its operations can so be kept going without a list that grows; its state
  /// then needs `Machine.restart`.
  public mutating func replaceOperations(of thread: Int, with operations: [Operation]) {
    threads[thread].operations = operations
    mix("\(thread) anew")
    for operation in operations {
      mix(operation.text)
      noteSlots(of: operation)
    }
    layout = Layout(program, slotCounts: slotCounts, threadCount: threads.count)
  }

  /// Adds a thread without operations; gives its number, or nil when there are too many.
  public mutating func addThread(named name: String) -> Int? {
    guard threads.count < Self.maximumThreads else { return nil }
    threads.append(Thread(name: name))
    mix(name)
    layout = Layout(program, slotCounts: slotCounts, threadCount: threads.count)
    return threads.count - 1
  }

  /// The same world under a program to which expressions were added; a state is moved to it by `adopt`.
  public func with(_ program: Program) -> World {
    var result = self
    result.program = program
    result.prepared = nil
    result.layout = Layout(program, slotCounts: slotCounts, threadCount: threads.count)
    return result
  }

  /// Moves a state of another world, which this one was made from, into this world's layout.
  public func adopt(_ state: State, from old: World) -> State {
    let from = old.layout
    let to = layout
    if from == to { return state }
    var result = State(words: Array(repeating: 0, count: to.heapBase + (state.words.count - from.heapBase)))
    for index in 0..<Layout.header { result.words[index] = state.words[index] }
    for table in program.slots.indices {
      for slot in 0..<slotCounts[table] {
        result.words[to.slotBases[table] + slot] =
          slot < old.slotCounts[table]
          ? state.words[from.slotBases[table] + slot] : program.slots[table].initial
      }
    }
    for thread in threads.indices {
      let base = to.threadBase + thread * to.threadWords
      if thread < old.threads.count {
        for word in 0..<min(to.threadWords, from.threadWords) {
          result.words[base + word] = state.words[from.threadBase + thread * from.threadWords + word]
        }
      } else {
        result.words[base + Layout.programCounter] = Layout.idle
      }
    }
    result.words[to.threadBase + threads.count * to.threadWords + Layout.programCounter] = Layout.idle
    for word in 0..<(state.words.count - from.heapBase) {
      result.words[to.heapBase + word] = state.words[from.heapBase + word]
    }
    return result
  }
}

/// Where things lie in a state's words.
struct Layout: Hashable, Sendable {
  // The state's first words.
  /// 1 while it is not known that all invariants that must hold always do: before the first step, where one did not, and where nobody looked. This
  /// is knowledge about a state and no part of it: comparisons and digests leave it out.
  static let unsure = 0
  static let heapEnd = 1
  static let tombstones = 2
  static let header = 3

  // A thread's words.
  static let programCounter = 0
  static let framePointer = 1
  static let stackPointer = 2
  static let operation = 3
  static let flags = 4
  static let queue = 5
  static let result = 6
  static let taskWork = 7
  static let heldCount = 8
  static let rideCount = 9
  static let held = 10
  static let heldLimit = RuntimeLimits.heldLocks
  static let stack = held + heldLimit

  /// The program counter of a thread between two operations.
  static let idle: Int64 = -1

  // Bits of a thread's flags.
  static let sleeping: Int64 = 1
  static let woken: Int64 = 2
  static let interruptible: Int64 = 4
  static let stuck: Int64 = 8
  static let queuedWriter: Int64 = 16
  static let deadlockTold: Int64 = 32
  static let noTimeout: Int64 = 64

  /// How many words of a thread's stack are in use, with what it has looked at, which lies above; behind them is zero.
  @inline(__always)
  static func usedStack(_ t: Words) -> Int { Int(t[stackPointer] + t[rideCount]) }

  let slotBases: [Int]
  let threadBase: Int
  let threadWords: Int
  let heapBase: Int

  init(_ program: Program, slotCounts: [Int], threadCount: Int) {
    var next = Self.header
    var bases: [Int] = []
    for count in slotCounts {
      bases.append(next)
      next += count
    }
    slotBases = bases
    threadBase = next
    // What a thread has looked at lies above its stack.
    threadWords = Self.stack + program.stackWords + RuntimeLimits.rides
    // One more thread's words: the monitor, on which `init` and invariants run.
    heapBase = threadBase + (threadCount + 1) * threadWords
  }
}
