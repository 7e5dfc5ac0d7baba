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
  private(set) var violations: Set<Int> = []
  /// The read of shared memory that gave the reference which must not be followed.
  private(set) var referenceRead: Int?
  /// Of a use after free, or a second free, where the object was made.
  private(set) var made: Int?
  /// Of a use after free, or a second free, where the object was freed before.
  private(set) var freed: Int?
  /// Of a lost wake-up the write that made the sleeper's condition true.
  private(set) var wakingWrite: Int?
  /// Of an invariant or a check what of it is false, and the words that it read.
  private(set) var falsePart = FalsePart()
  private var decided: Set<Int> = []
  private var waiting: [FindingSlice.Row] = []

  init(_ finding: Finding, _ timeline: Timeline, setup: Int) {
    self.finding = finding
    self.timeline = timeline
    self.setup = setup
    run = TracedRun(timeline)
    dependences = Dependences(run, setup: setup)
    collect()
  }

  private var program: Program { run.program }
  private var lastRange: Range<Int> { run.ranges.last ?? 0..<0 }

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
    default: condition()
    }
    addLocks()
  }

  /// The instruction at which a finding that is about no instruction in particular shows: of its statement, or the step's last action.
  private var lastAction: Int? {
    lastRange.last { finding.statement != nil && run.instances[$0].statement == finding.statement }
      ?? lastRange.last { program.code[run.instances[$0].address].access != nil }
  }

  private func last(where matches: (TracedRun.Instance) -> Bool) -> Int? {
    lastRange.last { matches(run.instances[$0]) }
  }

  private func isWait(_ instance: TracedRun.Instance) -> Bool {
    program.code[instance.address].opcode == .wait
  }

  /// Takes in the instruction at which the violation shows.
  private mutating func violate(_ instance: Int) {
    violations.insert(instance)
    include(instance, weight: 0)
  }

  private mutating func memory() {
    guard let object = finding.objects.first?.index else { return }
    func touches(_ number: Int) -> Bool {
      let instance = run.instances[number]
      let opcode = program.code[instance.address].opcode
      return instance.value == Int64(object) && opcode != .operand && opcode != .callOps
        && opcode != .castCheck
    }
    let frees = dependences.frees.filter { $0.value == object }.keys.sorted()
    let use =
      lastRange.first { number in touches(number) && frees.contains { $0 < number } }
      ?? lastRange.last { touches($0) }
      // What rides along with a step is looked at until the thread's next one: the look came before the free.
      ?? run.instances.indices.last {
        run.instances[$0].thread == finding.thread && touches($0)
          && run.instances[$0].statement == finding.statement
      }
      ?? lastRange.last
    if let use {
      violate(use)
      if let reference = dependences.references[use] { includeReference(reference) }
    }
    if let free = frees.last(where: { $0 != use }) {
      include(free, weight: 0)
      freed = free
    }
    made = dependences.changes[.header(object)]?.last {
      $0 < (use ?? run.instances.count) && program.code[run.instances[$0].address].opcode == .allocate
    }
  }

  /// The sleeper's last test, and the one after which it fell asleep.
  private mutating func sleep() {
    // Without a timeout the sleeper sleeps on: its last test is long ago.
    guard
      let wait = last(where: { isWait($0) })
        ?? run.instances.indices.last(where: {
          run.instances[$0].thread == finding.thread && isWait(run.instances[$0])
        })
    else { return }
    violate(wait)
    let instance = run.instances[wait]
    let first = run.instances.indices.last { number in
      let other = run.instances[number]
      return number < lastRange.lowerBound && other.activation == instance.activation
        && other.address == instance.address
    }
    if let first { include(first, weight: 0) }
    guard let fell = sleepStep else { return }
    for word in awaitedWords(instance) {
      guard let write = dependences.changes[.word(word)]?.last else { continue }
      let other = run.instances[write]
      if other.step > fell, other.thread != finding.thread { wakingWrite = max(wakingWrite ?? write, write) }
    }
    if let wakingWrite { include(wakingWrite, weight: 0) }
  }

  /// The step at which the sleeper of the finding fell asleep.
  var sleepStep: Int? {
    stride(from: timeline.depth, to: 0, by: -1).first { step in
      run.records[step]?.events.contains { $0.kind == .slept && Int($0.thread) == finding.thread } ?? false
    }
  }

  /// The words that a sleeper's condition reads where it holds.
  private func awaitedWords(_ wait: TracedRun.Instance) -> [Int] {
    var base = timeline
    // A wait whose time is over has looked already.
    if run.records.last??.events.contains(where: { $0.kind == .timedOut }) ?? false { base.undo() }
    let machine = Machine(world: base.world)
    let trace = InstructionTrace()
    machine.trace = trace
    _ = machine.awaitedConditionHolds(of: finding.thread, in: base.state)
    var words: [Int] = []
    for entry in trace.entries where program.statement(at: Int(entry.address)) == wait.statement {
      switch program.code[Int(entry.address)].access {
      case (_, let offset, .load)?, (_, let offset, .look)?: words.append(Int(entry.value) + offset)
      default: break
      }
    }
    return words
  }

  private mutating func nullReference() {
    guard let use = lastRange.last else { return }
    violate(use)
    if let reference = dependences.references[use] { includeReference(reference) }
  }

  private mutating func count() {
    let object = finding.objects.first.map { Int64($0.index) }
    guard
      let use = last(where: {
        program.code[$0.address].opcode == .refcount && (object == nil || $0.value == object)
      }) ?? lastRange.last
    else { return }
    violate(use)
  }

  /// A check, a warning, or an invariant of the model.
  private mutating func condition() {
    let opcodes: Set<Opcode> = [.check, .warnOn, .assertHeld]
    let texts = [finding.message]
    let use = lastRange.last { number in
      let instruction = program.code[run.instances[number].address]
      guard opcodes.contains(instruction.opcode) else { return false }
      switch instruction.opcode {
      case .check: return texts.contains(program.strings[Int(instruction.c)])
      case .warnOn: return texts.contains(program.strings[Int(instruction.b)])
      default: return finding.property == .assertHeld
      }
    }
    if let use {
      violate(use)
      readCheck(use)
      return
    }
    guard let number = program.invariants.firstIndex(where: { finding.message.hasPrefix("\($0.name): ") }),
      let reader = try? ConditionReader(timeline.world)
    else {
      if let last = lastAction { violate(last) }
      return
    }
    let object = program.invariants[number].type == nil ? nil : finding.objects.first
    falsePart = reader.part(of: number, about: object, in: timeline.state, world: timeline.world)
    var found: [Int] = []
    for word in falsePart.reads {
      if let change = dependences.changes[.word(word)]?.last, !found.contains(change) { found.append(change) }
    }
    found.sort()
    let here = found.filter { lastRange.contains($0) }
    for change in here { violate(change) }
    if here.isEmpty, let last = lastAction { violate(last) }
    for change in found where run.instances[change].step > setup { include(change, weight: 0) }
  }

  /// What a check or a warning read; a warning stands in a branch whose condition decides.
  private mutating func readCheck(_ use: Int) {
    var statement = run.instances[use].statement
    let isWarning = program.code[run.instances[use].address].opcode == .warnOn
    func entries(_ statement: Int?) -> [InstructionTrace.Entry] {
      var result: [InstructionTrace.Entry] = []
      for number in run.ranges[run.instances[use].step] {
        let instance = run.instances[number]
        guard instance.thread == finding.thread, instance.statement == statement else { continue }
        result.append(
          InstructionTrace.Entry(
            thread: instance.thread, address: instance.address, frame: instance.frame,
            value: instance.value, result: instance.result))
      }
      return result
    }
    var read = entries(statement)
    if isWarning, let branch = dependences.deciders[use].last, run.instances[branch].statement != nil {
      statement = run.instances[branch].statement
      read = entries(statement)
    }
    falsePart = FalsePart(read, statement: statement, in: timeline.view)
    // The place says which check it is.
    falsePart.text = nil
  }

  private mutating func heldLocks() {
    if let last = lastAction { violate(last) }
    for instance in openLocks(of: finding.thread) { include(instance, weight: 0) }
    for object in finding.objects {
      for word in changed(object.index) {
        if let take = dependences.changes[word]?.last(where: { isAcquire($0) }) { include(take, weight: 0) }
      }
    }
  }

  private func changed(_ object: Int) -> [Location] {
    let view = timeline.situation(at: timeline.path[max(0, timeline.depth - 1)])
    let state = StateView(view.state, world: view.world)
    let reference = ObjectReference(heapIndex: object)
    guard state.contains(reference) else { return [] }
    return state.type(of: reference).fields.filter { $0.type.lockClass != nil }.map {
      .word(object + $0.offset)
    }
  }

  private func isAcquire(_ number: Int) -> Bool {
    [.acquire, .tryAcquire].contains(program.code[run.instances[number].address].opcode)
  }

  /// Where a thread took the locks that it holds at the end.
  private func openLocks(of thread: Int) -> [Int] {
    var open: [(word: Int, instance: Int)] = []
    for (number, instance) in run.instances.enumerated() where instance.thread == thread {
      guard let (_, offset, kind) = program.code[instance.address].access else { continue }
      let word = Int(instance.value) + offset
      switch kind {
      case .acquire: open.append((word, number))
      case .tryAcquire where instance.result != 0: open.append((word, number))
      case .release: if let index = open.lastIndex(where: { $0.word == word }) { open.remove(at: index) }
      default: break
      }
    }
    // A lock that was wanted last and not had is none.
    let held = Set(timeline.view.thread(thread).held.map { $0.object.index + $0.offset })
    return open.filter { held.contains($0.word) || thread == finding.thread }.map(\.instance)
  }

  private mutating func waits() {
    // A wait that ended because its time was over was a wait a step ago.
    var base = timeline
    if run.records.last??.events.contains(where: { $0.kind == .timedOut }) ?? false { base.undo() }
    let readiness = base.readiness
    let threads = readiness.indices.filter { readiness[$0] != .finished }
    var concerned = finding.threads.isEmpty ? threads : finding.threads
    // Who waits at the barrier waits for the others, and is no part of what keeps them.
    let others = concerned.filter { readiness[$0] != .barrier }
    if !others.isEmpty { concerned = others }
    var wanted: Set<Int> = []
    for thread in concerned {
      switch readiness[thread] {
      case .blocked(let lock, let holders):
        wanted.insert(lock.object.index + lock.offset)
        wait(thread, base, "waits for \(names(holders))")
      case .sleeping, .timeout:
        if let sleep = run.instances.lastIndex(where: {
          $0.thread == thread && isWait($0) && $0.step <= base.depth
        }) {
          include(sleep, weight: 0)
          // Its row says that it falls asleep.
          break
        }
        wait(thread, base, "sleeps")
      case .barrier: wait(thread, base, "waits at the barrier")
      default:
        if let next = base.wanted(thread) {
          wanted.insert(next.lock.object.index + next.lock.offset)
          wait(thread, base, "waits for \(names(next.holders))")
        }
      }
    }
    for thread in timeline.world.threads.indices {
      for instance in openLocks(of: thread) {
        guard let (_, offset, _) = program.code[run.instances[instance].address].access else { continue }
        if wanted.contains(Int(run.instances[instance].value) + offset) { include(instance, weight: 0) }
      }
    }
  }

  private func names(_ threads: [Int]) -> String {
    threads.map { timeline.world.threads.indices.contains($0) ? timeline.world.threads[$0].name : "?" }
      .joined(separator: ", ")
  }

  /// A thread that stands before what it cannot have.
  private mutating func wait(_ thread: Int, _ base: Timeline, _ note: String, isViolation: Bool = true) {
    let frames = base.view.thread(thread).frames
    let last = run.instances.last { $0.thread == thread }
    var calls = last.map { self.calls(of: $0.activation) } ?? []
    // Functions that were called and left again, or that the thread is in and has run nothing of.
    calls = Array(calls.prefix(frames.count))
    for (index, frame) in frames.enumerated() {
      if index < calls.count, calls[index].function == frame.function { continue }
      if index < calls.count { calls.removeSubrange(index...) }
      calls.append(
        FindingSlice.Call(
          id: -1 - index, name: program.functions[frame.function].name, function: frame.function))
    }
    let statement = frames.last?.statement
    waiting.append(
      FindingSlice.Row(
        step: Waiting(base).since(thread) ?? base.depth, thread: thread, calls: calls, statement: statement,
        text: statement.map { program.text(of: $0) } ?? "barrier", note: note, weight: 0,
        isViolation: isViolation,
        isWaiting: true))
  }

  /// What the threads of a livelock do again and again, and who waits for them meanwhile.
  private mutating func loop() {
    guard let loop = timeline.claim(of: finding)?.loop else {
      if let last = lastAction { violate(last) }
      return
    }
    var busy: Set<Int> = []
    for step in loop where run.ranges.indices.contains(step) {
      for number in run.ranges[step] where program.code[run.instances[number].address].access != nil {
        include(number, weight: 0)
        busy.insert(run.instances[number].thread)
      }
    }
    if let last = lastRange.last(where: { weights[$0] == 0 }) { violate(last) }
    let readiness = timeline.readiness
    for thread in readiness.indices where !busy.contains(thread) {
      guard case .blocked(_, let holders) = readiness[thread] else { continue }
      wait(thread, timeline, "waits for \(names(holders))", isViolation: false)
    }
  }

  private mutating func lockOrder() {
    for edge in LockEdges(timeline, run).circle(of: finding) {
      include(edge.outerInstance, weight: 0)
      include(edge.innerInstance, weight: 0)
      if lastRange.contains(edge.innerInstance) { violations.insert(edge.innerInstance) }
    }
  }

  private mutating func leak() {
    let objects = Set(finding.objects.map(\.index))
    for object in objects.sorted() {
      if let made = dependences.changes[.header(object)]?.last(where: {
        program.code[run.instances[$0].address].opcode == .allocate
      }) {
        include(made, weight: 1)
        // Units that are left, and the last thing done to whatever led to it.
        let size =
          program.types.indices.contains(Int(program.code[run.instances[made].address].b))
          ? program.types[Int(program.code[run.instances[made].address].b)].size : 1
        for offset in 1..<max(2, size) {
          for change in dependences.changes[.word(object + offset)] ?? []
          where program.code[run.instances[change].address].opcode == .refcount
            && run.instances[change].step > setup
          {
            include(change, weight: 1)
          }
        }
      }
    }
    // A thread that returns with a unit does it where it returns.
    if finding.message.hasPrefix("the system call returns and ") {
      if let last = last(where: { $0.thread == finding.thread && $0.statement == finding.statement })
        ?? lastRange.last
      {
        violate(last)
      }
      return
    }
    if let loss = lossOfReach(finding.objects) { include(loss, weight: 0) }
    guard !weights.keys.contains(where: { isShown($0) }) else { return }
    // All of it happened in the set-up: what is left is the end of the last system call.
    if let last = lastRange.last { include(last, weight: 0) }
  }

  /// Where an object was made.
  func allocation(of object: Int) -> Int? {
    dependences.changes[.header(object)]?.last {
      program.code[run.instances[$0].address].opcode == .allocate
    }
  }

  /// The instruction with which the last pointer from elsewhere to what leaks went; of an object that only a variable led to the return of
  /// the thread that made it.
  private func lossOfReach(_ objects: [ObjectReference]) -> Int? {
    let path = timeline.path
    func isReferred(_ step: Int) -> Bool {
      let situation = timeline.situation(at: path[step])
      let view = StateView(situation.state, world: situation.world)
      for other in [.globals] + view.objects where !objects.contains(other) && view.isAlive(other) {
        for field in view.type(of: other).fields {
          switch view.value(field, of: other) {
          case .reference(let target?): if objects.contains(target) { return true }
          case .container(let entries, _):
            if entries.contains(where: { $0.value.map(objects.contains) ?? false }) { return true }
          default: break
          }
        }
      }
      return false
    }
    func takesAway(_ number: Int) -> Bool {
      switch program.code[run.instances[number].address].access?.kind {
      case .store?, .change?, .free?: return true
      default: return false
      }
    }
    func last(of step: Int) -> Int? {
      let range = run.ranges[step]
      return range.last { takesAway($0) } ?? range.last
    }
    var first: Int?
    for object in objects {
      if let made = allocation(of: object.index) { first = min(first ?? made, made) }
    }
    let made = first.map { run.instances[$0] }
    guard let made else { return nil }
    for step in stride(from: timeline.depth, to: max(made.step, setup), by: -1)
    where !isReferred(step) && isReferred(step - 1) { return last(of: step) }
    for step in made.step...max(made.step, timeline.depth) {
      guard let record = run.records[step], record.thread == made.thread else { continue }
      guard record.events.contains(where: { $0.kind == .operationEnded }) else { continue }
      return step > setup ? run.ranges[step].last : nil
    }
    return nil
  }

  // MARK: Backwards

  /// Takes in an instruction and all that its value and its running depend on.
  private mutating func include(_ first: Int, weight: Int) {
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
  private mutating func deciding(_ number: Int) -> [Int] {
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
  private mutating func includeReference(_ first: Int) {
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
      default: break
      }
    }
  }

  // MARK: Rows

  private func isShown(_ number: Int) -> Bool {
    guard let weight = weights[number], run.instances[number].step > setup else { return false }
    if violations.contains(number) || weight == 0 { return true }
    let instruction = program.code[run.instances[number].address]
    if instruction.opcode == .allocate || instruction.opcode == .choose { return true }
    guard let (_, _, kind) = instruction.access else { return false }
    switch kind {
    case .load, .look, .header:
      return dependences.isContended(number) || weight <= 1 && isReferenceEnd(number)
    case .lockTest: return dependences.isContended(number)
    default: return true
    }
  }

  private func isReferenceEnd(_ number: Int) -> Bool { weights[number] == 0 }

  private func calls(of activation: Int) -> [FindingSlice.Call] {
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
    default: return nil
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
