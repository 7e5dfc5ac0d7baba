import Basics
import Machine
import StepLanguage

/// Runs operations one at a time, each to its end, with nobody beside it.
final class SoloRunner {
  let program: Program
  let start: State
  private let machine: Machine
  private let canonical: CanonicalDigest
  private let world: World
  private let accesses = AccessLog()
  private let events = EventLog()
  private let trace = InstructionTrace()
  private var prepared: [String: (operation: Operation, world: World)] = [:]

  /// The most steps of an operation; one that takes more never returns.
  private static let stepLimit = 20_000

  /// - Parameter variables: how many variables of each slot table there are.
  init(program: Program, variables: Int) {
    self.program = program
    let world = World(
      program: program, prepared: PreparedProgram(program), threads: [World.Thread(name: "T0")],
      variables: variables)
    self.world = world
    machine = Machine(world: world)
    machine.checksLeaks = false
    canonical = CanonicalDigest(machine: Machine(world: world))
    start = machine.initialState()
  }

  /// The operation of a line; nil when the model does not take it.
  func operation(_ text: String) -> Operation? { prepare(text)?.operation }

  private func prepare(_ text: String) -> (operation: Operation, world: World)? {
    if let known = prepared[text] { return known }
    guard
      let operation = try? Operation(
        OperationLine(text), program: program, source: SourceFile(name: "", text: text))
    else { return nil }
    var world = world
    world.replaceOperations(of: 0, with: [operation])
    prepared[text] = (operation, world)
    return (operation, world)
  }

  /// A digest of a state that does not depend on where its objects lie.
  func digest(of state: State) -> UInt64 { canonical.digest(of: state, in: world) }

  /// The state without its free words.
  func trimmed(_ state: State) -> State {
    var state = state
    state.trim(in: world)
    return state
  }

  /// How many words of a state are in use.
  func usedWordCount(of state: State) -> Int { machine.usedWordCount(of: state) }

  /// What the variables of each slot table hold that hold something.
  func filled(in state: State) -> [[Int]] {
    let view = StateView(state, world: world)
    return program.slots.indices.map { table in
      (0..<world.slotCounts[table]).filter {
        view.slot(table: table, index: $0) != program.slots[table].initial
      }
    }
  }

  /// What a variable holds.
  func value(table: Int, index: Int, in state: State) -> Int64 {
    StateView(state, world: world).slot(table: table, index: index)
  }

  /// Runs a line from a state, which becomes the one after it.
  ///
  /// - Parameter size: how many words the state has whose touches count; what is made later is nobody else's.
  func run(_ text: String, in state: inout State, size: Int? = nil) -> SoloRun {
    var run = SoloRun()
    guard let (_, world) = prepare(text) else {
      run.isBroken = true
      return run
    }
    machine.use(world)
    machine.restart(0, in: &state)
    let size = size ?? machine.usedWordCount(of: state)
    machine.accessLog = accesses
    machine.trace = trace
    trace.clear()
    var touches: Set<SoloRun.Touch> = []
    var held: [(address: Int, lockClass: Int)] = []
    var steps = 0
    while steps < Self.stepLimit {
      let statement = machine.nextStatement(of: 0, in: state) ?? -1
      accesses.clear()
      guard machine.step(0, in: &state, log: events) != .notReady else { break }
      steps += 1
      accesses.withAccesses { buffer in
        for access in buffer where access.word < size {
          touches.insert(
            SoloRun.Touch(
              word: Int32(access.word), statement: Int32(statement), isWrite: access.isWrite,
              kind: access.kind))
        }
      }
      if accesses.isVisible { run.isVisible = true }
      note(events, &held, &run)
      if machine.hasFindings {
        run.hasFindings = true
        if machine.findings.contains(where: { $0.property.endsSearch }) { run.isBroken = true }
      }
      if run.result != nil || run.isBroken || machine.hasExceededLimit { break }
    }
    if machine.takeExceededLimit() != nil { run.isBroken = true }
    machine.accessLog = nil
    machine.trace = nil
    if run.result != nil { machine.restart(0, in: &state) }
    run.touches = touches.sorted {
      ($0.word, $0.statement, $0.isWrite ? 1 : 0, $0.kind.rawValue) < (
        $1.word, $1.statement, $1.isWrite ? 1 : 0, $1.kind.rawValue
      )
    }
    noteStatements(&run)
    return run
  }

  private func note(_ log: EventLog, _ held: inout [(address: Int, lockClass: Int)], _ run: inout SoloRun) {
    for number in 0..<log.count {
      let event = log[number]
      switch event.kind {
      case .acquired:
        for outer in held {
          run.nestings.insert(SoloRun.Nesting(outer: outer.address, inner: Int(event.a)))
          run.classNestings.insert(SoloRun.Nesting(outer: outer.lockClass, inner: Int(event.b)))
        }
        held.append((Int(event.a), Int(event.b)))
      case .released:
        if let index = held.lastIndex(where: { $0.address == Int(event.a) }) { held.remove(at: index) }
      case .operationEnded: run.result = event.b
      default: break
      }
    }
  }

  private func noteStatements(_ run: inout SoloRun) {
    var bits = [UInt64](repeating: 0, count: (program.statements.count + 63) / 64)
    for entry in trace.entries {
      guard let statement = program.statement(at: Int(entry.address)) else { continue }
      bits[statement / 64] |= 1 << UInt64(statement % 64)
    }
    run.statements = bits
    var hash = FNV1a()
    for word in bits { hash.add(Int64(bitPattern: word)) }
    run.path = hash.value
  }
}
