public import Machine
public import Recording
import Scene
import StepLanguage

/// The part of a run that a finding depends on: a dynamic slice, backwards from the violation.
///
/// In it is what made the value, the reference, the lock, the count or the freed object that the finding is about, and of the branches that led
/// there those that another thread could have decided otherwise. docs/findings.md defines it.
public struct FindingSlice: Sendable {
  /// One statement of a run that belongs to the slice, or a thread that waits at its end.
  public struct Row: Hashable, Sendable {
    /// The number of the step; of a thread that waits the one since which it does.
    public var step: Int
    /// The thread.
    public var thread: Int
    /// The functions that the statement lies in, the outermost first; of a system call the line of the script.
    public var calls: [Call]
    /// The statement; nil for a thread that waits at a barrier.
    public var statement: Int?
    /// The statement's text.
    public var text: String
    /// What came of it, in a few words; empty when the text says it all.
    public var note: String
    /// How little it matters: 0 what is always shown, 1 changes and reads that another thread decides, 2 where references come from, 3 locks.
    public var weight: Int
    /// Whether the violation shows here.
    public var isViolation: Bool
    /// Whether the thread has not done it yet: it waits there.
    public var isWaiting: Bool
  }

  /// One call of a function.
  public struct Call: Hashable, Sendable {
    /// Tells apart calls of one function.
    public var id: Int
    /// The function's name, or of a system call the line of the script.
    public var name: String
    /// Index of the function.
    public var function: Int
  }

  /// The rows in the order in which they happened.
  public let rows: [Row]
  /// The numbers of the steps that the finding depends on, in rising order, set-up included.
  public let steps: [Int]
  /// How many steps are the set-up, which the rows leave out.
  public let setup: Int

  /// The slice of a finding of a timeline's present step.
  ///
  /// - Parameters:
  ///   - finding: what was found there.
  ///   - timeline: the run up to it.
  ///   - setup: how many of its steps are the scenario's set-up.
  public init(_ finding: Finding, in timeline: Timeline, setup: Int) {
    self.init(Slicer(finding, timeline, setup: setup))
  }

  init(_ slicer: Slicer) {
    rows = slicer.rows()
    steps = slicer.steps
    setup = slicer.setup
  }
}

/// Finds what a finding depends on.
struct Slicer {
  let finding: Finding
  let timeline: Timeline
  let run: TracedRun
  let dependences: Dependences
  let setup: Int
  /// What belongs to the slice, and how little it matters.
  private(set) var weights: [Int: Int] = [:]
  /// Where the violation shows.
  var violations: Set<Int> = []
  /// The read of shared memory that gave the reference which must not be followed.
  var referenceRead: Int?
  /// Of a use after free, or a second free, where the object was made.
  var made: Int?
  /// Of a use after free, or a second free, where the object was freed before.
  var freed: Int?
  /// Of a lost wake-up the write that made the sleeper's condition true.
  var wakingWrite: Int?
  /// Of an invariant or a check what of it is false, and the words that it read.
  var falsePart = FalsePart()
  private var decided: Set<Int> = []
  var waiting: [FindingSlice.Row] = []

  init(_ finding: Finding, _ timeline: Timeline, setup: Int) {
    self.finding = finding
    self.timeline = timeline
    self.setup = setup
    run = TracedRun(timeline)
    dependences = Dependences(run, setup: setup)
    collect()
  }

  var program: Program { run.program }
  var lastRange: Range<Int> { run.ranges.last ?? 0..<0 }

  var steps: [Int] {
    var result = Set(weights.keys.filter { (weights[$0] ?? 9) < 3 }.map { run.instances[$0].step })
    if timeline.depth > 0 { result.insert(timeline.depth) }
    return result.sorted()
  }

  // MARK: What the finding is about

  private mutating func collect() {
    switch finding.property {
    case .useAfterFree, .doubleFree: memory()
    case .nullDereference: nullReference()
    case .refcountUnderflow, .refcountResurrect: count()
    case .deadlock, .selfDeadlock: waits()
    case .lockOrder: lockOrder()
    case .lostWakeup: sleep()
    case .leak: leak()
    case .lockImbalance, .sleepInAtomic: heldLocks()
    case .livelock: loop()
    case .unexpectedResult: result()
    default: condition()
    }
    addLocks()
  }

  /// The instruction at which a finding that is about no instruction in particular shows: of its statement, or the step's last action.
  var lastAction: Int? {
    lastRange.last { finding.statement != nil && run.instances[$0].statement == finding.statement }
      ?? lastRange.last { program.code[run.instances[$0].address].access != nil }
  }

  func last(where matches: (TracedRun.Instance) -> Bool) -> Int? {
    lastRange.last { matches(run.instances[$0]) }
  }

  func isWait(_ instance: TracedRun.Instance) -> Bool {
    program.code[instance.address].opcode == .wait
  }

  /// Takes in the instruction at which the violation shows.
  mutating func violate(_ instance: Int) {
    violations.insert(instance)
    include(instance, weight: 0)
  }

  // MARK: Backwards

  /// Takes in an instruction and all that its value and its running depend on.
  mutating func include(_ first: Int, weight: Int) {
    var pending = [(first, weight)]
    while let (number, weight) = pending.popLast() {
      if let known = weights[number], known <= weight { continue }
      let isNew = weights[number] == nil
      weights[number] = weight
      guard isNew else { continue }
      for source in dependences.values[number] { pending.append((source, 1)) }
      for branch in deciding(number) { pending.append((branch, 1)) }
    }
  }

  /// The branches above an instruction that others could have decided.
  mutating func deciding(_ number: Int) -> [Int] {
    var result: [Int] = []
    var above = dependences.deciders[number]
    while let next = above.popLast() {
      guard decided.insert(next).inserted else { continue }
      let opcode = program.code[run.instances[next].address].opcode
      if opcode == .jumpIfZero || opcode == .jumpIfNotZero, run.instances[next].step > setup,
        dependences.isDecidedByOthers(next)
      {
        result.append(next)
      }
      above += dependences.deciders[next]
    }
    return result
  }

  /// Takes in where a reference comes from: the last read of shared memory counts as much as the violation.
  mutating func includeReference(_ first: Int) {
    var next: Int? = first
    var seen: Set<Int> = []
    while let number = next, seen.insert(number).inserted {
      if program.code[run.instances[number].address].access != nil
        || program.code[run.instances[number].address].opcode == .allocate
      {
        referenceRead = number
        include(number, weight: run.instances[number].thread == finding.thread ? 0 : 1)
        return
      }
      weights[number] = min(weights[number] ?? 2, 2)
      for branch in deciding(number) { include(branch, weight: 1) }
      next = dependences.values[number].last
    }
  }

  /// Critical sections that keep apart what belongs to the slice.
  private mutating func addLocks() {
    var takers: [Int: Set<Int>] = [:]
    for instance in run.instances where instance.step > setup {
      if case .acquire? = program.code[instance.address].access?.kind,
        let offset = program.code[instance.address].access?.offset
      {
        takers[Int(instance.value) + offset, default: []].insert(instance.thread)
      }
    }
    let own = Set(weights.keys.filter { isShown($0) }.map { run.instances[$0].thread })
    var open: [Int: [(word: Int, instance: Int)]] = [:]
    for (number, instance) in run.instances.enumerated() where instance.step > setup {
      guard let (_, offset, kind) = program.code[instance.address].access else { continue }
      let word = Int(instance.value) + offset
      switch kind {
      case .acquire: open[instance.thread, default: []].append((word, number))
      case .release:
        guard let index = open[instance.thread]?.lastIndex(where: { $0.word == word }),
          let begin = open[instance.thread]?.remove(at: index).instance,
          (takers[word] ?? []).intersection(own).count > 1
        else { continue }
        let inside = (begin...number).contains {
          run.instances[$0].thread == instance.thread && isShown($0) && (weights[$0] ?? 9) < 2
        }
        guard inside else { continue }
        if weights[begin] == nil { weights[begin] = 3 }
        if weights[number] == nil { weights[number] = 3 }
      case .tryAcquire, .load, .store, .count, .move, .look, .change, .allocate, .free, .lockTest, .wait,
        .wake, .header:
        break
      }
    }
  }

  // MARK: Rows

  func isShown(_ number: Int) -> Bool {
    guard let weight = weights[number], run.instances[number].step > setup else { return false }
    if violations.contains(number) || weight == 0 { return true }
    let instruction = program.code[run.instances[number].address]
    if instruction.opcode == .allocate || instruction.opcode == .choose { return true }
    guard let (_, _, kind) = instruction.access else { return false }
    switch kind {
    case .load, .look, .header:
      return dependences.isContended(number) || weight <= 1 && isReferenceEnd(number)
    case .lockTest: return dependences.isContended(number)
    case .store, .count, .move, .change, .allocate, .free, .acquire, .tryAcquire, .release, .wait, .wake:
      return true
    }
  }

  private func isReferenceEnd(_ number: Int) -> Bool { weights[number] == 0 }

  func calls(of activation: Int) -> [FindingSlice.Call] {
    run.calls(of: activation).map { id in
      let activation = run.activations[id]
      return FindingSlice.Call(
        id: id, name: activation.operation?.text ?? program.functions[activation.function].name,
        function: activation.function)
    }
  }

  func rows() -> [FindingSlice.Row] {
    var result: [FindingSlice.Row] = []
    var positions: [String: Int] = [:]
    var numbers: [[Int]] = []
    for number in weights.keys.sorted() where isShown(number) {
      let instance = run.instances[number]
      let key = "\(instance.step) \(instance.activation) \(instance.statement ?? -1)"
      let weight = weights[number] ?? 3
      if let known = positions[key] {
        numbers[known].append(number)
        result[known].weight = min(result[known].weight, weight)
        if violations.contains(number) { result[known].isViolation = true }
        continue
      }
      positions[key] = result.count
      numbers.append([number])
      result.append(
        FindingSlice.Row(
          step: instance.step, thread: instance.thread, calls: calls(of: instance.activation),
          statement: instance.statement, text: instance.statement.map { program.text(of: $0) } ?? "",
          note: "", weight: weight, isViolation: violations.contains(number), isWaiting: false))
    }
    for index in result.indices { result[index].note = note(result[index], numbers[index], among: result) }
    // A thread that waits stands where it began to.
    for row in waiting.sorted(by: { ($0.step, $0.thread) < ($1.step, $1.thread) }) {
      result.insert(row, at: (result.lastIndex { $0.step <= row.step } ?? -1) + 1)
    }
    return result
  }

  /// What came of a row: what a test gave, or what the log says of its step.
  private func note(_ row: FindingSlice.Row, _ numbers: [Int], among rows: [FindingSlice.Row]) -> String {
    for number in numbers { if let outcome = outcome(number) { return outcome } }
    guard let record = run.records[row.step],
      record.statement == nil || row.statement == record.statement
    else { return "" }
    let path = timeline.path
    let before = timeline.situation(at: path[row.step - 1])
    let after = timeline.situation(at: path[row.step])
    if let note = change(numbers, record, StateView(after.state, world: after.world)) { return note }
    let log = LogRow(
      record, step: row.step, before: StateView(before.state, world: before.world),
      after: StateView(after.state, world: after.world))
    let wanted: Set<LogRow.Note.Kind> = [.countUp, .countDown, .changed, .freed, .sleep]
    return log.notes.first { wanted.contains($0.kind) }?.text ?? ""
  }

  /// How a count changed, with the object alone: the statement names the field.
  private func change(_ numbers: [Int], _ record: StepRecord, _ view: StateView) -> String? {
    for number in numbers {
      let instance = run.instances[number]
      guard case .count? = program.code[instance.address].access?.kind,
        let offset = program.code[instance.address].access?.offset,
        let event = record.events.first(where: {
          $0.kind == .counted && $0.a == instance.value && $0.b == Int64(offset)
        })
      else { continue }
      let object = ObjectReference(heapIndex: Int(event.a))
      let name = view.contains(object) && object != .globals ? "\(view.name(of: object)): " : ""
      return "\(name)\(event.c) -> \(event.d)"
    }
    return nil
  }

  /// What a test of a count, or a search in a container, did not give, and since when; nil where it gave something.
  private func outcome(_ number: Int) -> String? {
    let instance = run.instances[number]
    guard instance.result == 0, let (_, offset, kind) = program.code[instance.address].access else {
      return nil
    }
    switch kind {
    case .count(.incrementNotZero):
      let last = dependences.changes[.word(Int(instance.value) + offset)]?.last { $0 < number }
      guard let last else { return "fails" }
      return "fails: 0 since \(name(of: last)) step \(run.instances[last].step)"
    case .count(.decrementIfOne): return "fails: it is not 1"
    case .tryAcquire: return "does not get it"
    case .look(let builtin)
    where [.xa_load, .list_first, .list_next, .imap_find, .imap_next].contains(builtin):
      guard let last = dependences.values[number].last(where: { isChange($0) }) else {
        return "finds nothing"
      }
      return "nothing: gone since \(name(of: last)) step \(run.instances[last].step)"
    case .count, .look, .load, .store, .move, .change, .allocate, .free, .acquire, .release, .lockTest, .wait,
      .wake,
      .header:
      return nil
    }
  }

  private func isChange(_ number: Int) -> Bool {
    if case .change? = program.code[run.instances[number].address].access?.kind { return true }
    return false
  }

  /// The name of the thread that ran an instruction, in the possessive.
  func name(of number: Int) -> String { "\(names([run.instances[number].thread]))'s" }
}

extension Timeline {
  /// The lock that a thread's next statement takes and cannot have, and who keeps it.
  func wanted(_ thread: Int) -> (lock: LockReference, holders: [Int])? {
    let machine = Machine(world: world)
    return machine.wantedLock(of: thread, in: state).map { ($0.lock, $0.keepers) }
  }
}
