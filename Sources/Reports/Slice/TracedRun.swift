import Machine
import Recording
import StepLanguage

/// The steps of a timeline up to its present point, taken once more with every instruction noted.
///
/// The one place of the reports that runs the machine and reads its trace: a change of what the machine notes is a change here.
struct TracedRun {
  /// An instruction that ran.
  struct Instance {
    /// The number of the step, from 1.
    var step: Int
    /// Who ran it.
    var thread: Int
    /// Where it stands in the program's code.
    var address: Int
    /// Which call of its function it belongs to.
    var activation: Int
    /// The object that it works on, or the value of an `operand`.
    var value: Int64
    /// What it left in its result operand; nil where it has none.
    var result: Int64?
    /// The statement that it belongs to; nil where none is known.
    var statement: Int?
    /// Where its frame lies in the thread's stack.
    var frame: Int
  }

  /// One call of a function.
  struct Activation {
    /// The function's index.
    var function: Int
    /// The thread that called it.
    var thread: Int
    /// The call that it was made in; nil for a system call.
    var caller: Int?
    /// The instance of the call; nil for a system call.
    var call: Int?
    /// How many calls it lies deep, from 0.
    var depth: Int
    /// The step in which it was called.
    var step: Int
    /// The operation, of a system call.
    var operation: Operation?
  }

  /// What ran, in order.
  private(set) var instances: [Instance] = []
  /// All calls, in the order in which they were made.
  private(set) var activations: [Activation] = []
  /// For each step, by number, the instances of it; step 0 has none.
  private(set) var ranges: [Range<Int>] = [0..<0]
  /// For each step what it did; of step 0 nothing.
  private(set) var records: [StepRecord?] = [nil]
  /// For each step the system calls that ended in it with the activation and where its parameters were stored.
  let program: Program
  /// Instructions of the invariants that were looked at after the last step.
  private(set) var checked: [InstructionTrace.Entry] = []

  init(_ timeline: Timeline) {
    program = timeline.world.program
    let path = timeline.path
    let first = timeline.situation(at: path[0])
    var state = first.state
    var world = first.world
    let machine = Machine(world: world)
    machine.checksLeaks = false
    let trace = InstructionTrace()
    let log = EventLog()
    machine.trace = trace
    var stacks: [[Int]] = world.threads.map { _ in [] }
    for depth in 1..<max(1, path.count) {
      records.append(timeline.record(at: path[depth]))
      let begin = instances.count
      guard case .step(let thread, let choice)? = timeline.action(at: path[depth]) else {
        let next = timeline.situation(at: path[depth])
        (state, world) = (next.state, next.world)
        machine.use(world)
        while stacks.count < world.threads.count { stacks.append([]) }
        ranges.append(begin..<begin)
        continue
      }
      trace.clear()
      let isLast = depth == path.count - 1
      trace.includesInvariants = isLast
      machine.checksInvariants = isLast
      let view = StateView(state, world: world).thread(thread)
      let outcome = machine.step(thread, choice: choice, in: &state, log: log)
      var entries = trace.entries
      if isLast {
        checked = entries.filter { Int($0.thread) >= world.threads.count }
        entries.removeAll { Int($0.thread) >= world.threads.count }
      }
      let startsCall = (0..<log.count).contains { log[$0].kind == .operationStarted }
      // The step at which the thread rests has not run.
      if outcome == .stepped, entries.count > 1 || startsCall, let last = entries.last,
        program.code[Int(last.address)].opcode == .step
      {
        entries.removeLast()
      }
      if startsCall {
        let operation =
          world.threads[thread].operations.indices.contains(view.operationsDone)
          ? world.threads[thread].operations[view.operationsDone] : nil
        stacks[thread] = [activations.count]
        activations.append(
          Activation(
            function: entry(operation), thread: thread, caller: nil, call: nil, depth: 0, step: depth,
            operation: operation))
      }
      take(entries, step: depth, stack: &stacks[thread])
      ranges.append(begin..<instances.count)
    }
  }

  private func entry(_ operation: Operation?) -> Int {
    if case .entry(let entry, _)? = operation?.kind { return program.entries[entry].function }
    return 0
  }

  /// Takes in a step's instructions, and follows calls and returns.
  private mutating func take(_ entries: [InstructionTrace.Entry], step: Int, stack: inout [Int]) {
    var statement: Int?
    for entry in entries {
      let address = Int(entry.address)
      let instruction = program.code[address]
      if instruction.opcode == .step { statement = Int(instruction.a) }
      let thread = Int(entry.thread)
      if stack.isEmpty {
        // What ran before the session began is not known.
        stack = [activations.count]
        activations.append(
          Activation(
            function: program.statements.indices.contains(statement ?? -1)
              ? program.statements[statement ?? 0].function : 0,
            thread: thread, caller: nil, call: nil, depth: 0, step: step, operation: nil))
      }
      let activation = stack[stack.count - 1]
      let number = instances.count
      instances.append(
        Instance(
          step: step, thread: thread, address: address, activation: activation, value: entry.value,
          result: entry.result,
          statement: program.statement(at: address),
          frame: Int(entry.frame)))
      switch instruction.opcode.control {
      case .call: enter(Int(instruction.a), from: number, &stack)
      case .callback:
        let driver = Int(entry.value) - 1
        guard program.drivers.indices.contains(driver),
          program.drivers[driver].members.indices.contains(Int(instruction.c))
        else { continue }
        let function = Int(program.drivers[driver].members[Int(instruction.c)]) - 1
        if function >= 0 { enter(function, from: number, &stack) }
      case .goBack: if stack.count > 1 { stack.removeLast() }
      case .next, .jump, .branch, .end: break
      }
    }
  }

  private mutating func enter(_ function: Int, from call: Int, _ stack: inout [Int]) {
    let caller = stack[stack.count - 1]
    stack.append(activations.count)
    activations.append(
      Activation(
        function: function, thread: activations[caller].thread, caller: caller, call: call,
        depth: activations[caller].depth + 1, step: instances[call].step, operation: nil))
  }

  /// The calls that an instance lies in, the system call first.
  func calls(around instance: Int) -> [Int] { calls(of: instances[instance].activation) }

  /// The calls that a call lies in, and itself.
  func calls(of activation: Int) -> [Int] {
    var result: [Int] = []
    var next: Int? = activation
    while let here = next {
      result.append(here)
      next = activations[here].caller
    }
    return result.reversed()
  }
}
