import Machine
import Recording
import Scene
import StepLanguage

/// What a finding is about, property by property: where going backwards begins.
extension Slicer {
  mutating func memory() {
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
      ?? lastAtFinding
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
  mutating func sleep() {
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
  func awaitedWords(_ wait: TracedRun.Instance) -> [Int] {
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
      case nil,
        (_, _, .store)?, (_, _, .count)?, (_, _, .move)?, (_, _, .change)?, (_, _, .allocate)?,
        (_, _, .free)?,
        (_, _, .acquire)?, (_, _, .tryAcquire)?, (_, _, .release)?, (_, _, .lockTest)?, (_, _, .wait)?,
        (_, _, .wake)?,
        (_, _, .header)?:
        break
      }
    }
    return words
  }

  mutating func nullReference() {
    guard let use = lastAtFinding else { return }
    violate(use)
    if let reference = dependences.references[use] { includeReference(reference) }
  }

  mutating func count() {
    let object = finding.objects.first.map { Int64($0.index) }
    guard
      let use = last(where: {
        program.code[$0.address].opcode == .refcount && (object == nil || $0.value == object)
          && (finding.statement == nil || $0.statement == finding.statement)
      }) ?? lastAtFinding
    else { return }
    violate(use)
  }

  /// What an operation returned, and why.
  mutating func result() {
    let back = last {
      self.program.code[$0.address].opcode.control == .goBack && $0.statement == finding.statement
    }
    guard let back = back ?? lastAtFinding else { return }
    violate(back)
    for branch in deciding(back) { include(branch, weight: 0) }
  }

  /// The last instruction of the finding's own statement that does anything with memory, or of the statement at all, or of the step.
  private var lastAtFinding: Int? {
    func isOwn(_ number: Int) -> Bool {
      finding.statement != nil && run.instances[number].statement == finding.statement
    }
    return lastRange.last { isOwn($0) && program.code[run.instances[$0].address].access != nil }
      ?? lastRange.last { isOwn($0) } ?? lastRange.last
  }

  /// A check, a warning, or an invariant of the model.
  mutating func condition() {
    let use = lastRange.last { number in
      let instruction = program.code[run.instances[number].address]
      if instruction.opcode == .check { return program.strings[Int(instruction.c)] == finding.message }
      if instruction.opcode == .warnOn { return program.strings[Int(instruction.b)] == finding.message }
      return instruction.opcode == .assertHeld && finding.property == .assertHeld
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
  mutating func readCheck(_ use: Int) {
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
    for value in numbers(readBy: statement, in: run.instances[use].step)
    where !falsePart.values.contains(value) {
      falsePart.values.append(value)
    }
  }

  /// What a statement of the finding's thread read from variables that are numbers, such as `tries = 101`.
  private func numbers(readBy statement: Int?, in step: Int) -> [String] {
    var result: [String] = []
    for number in run.ranges[step] {
      let instance = run.instances[number]
      guard instance.thread == finding.thread, instance.statement == statement else { continue }
      let locals = program.functions[run.activations[instance.activation].function].locals
      for operand in program.code[instance.address].valueOperands where locals.indices.contains(Int(operand))
      {
        let local = locals[Int(operand)]
        guard !local.name.isEmpty, local.type == .int else { continue }
        let write = run.instances[..<number].last {
          $0.activation == instance.activation && program.code[$0.address].resultOperand == operand
        }
        if let value = write?.result { result.append("\(local.name) = \(value)") }
      }
    }
    return result
  }

  mutating func heldLocks() {
    if let last = lastAction { violate(last) }
    for instance in openLocks(of: finding.thread) { include(instance, weight: 0) }
    for object in finding.objects {
      for word in changed(object.index) {
        if let take = dependences.changes[word]?.last(where: { isAcquire($0) }) { include(take, weight: 0) }
      }
    }
  }

  func changed(_ object: Int) -> [Location] {
    let view = timeline.situation(at: timeline.path[max(0, timeline.depth - 1)])
    let state = StateView(view.state, world: view.world)
    let reference = ObjectReference(heapIndex: object)
    guard state.contains(reference) else { return [] }
    return state.type(of: reference).fields.filter { $0.type.lockClass != nil }.map {
      .word(object + $0.offset)
    }
  }

  func isAcquire(_ number: Int) -> Bool {
    [.acquire, .tryAcquire].contains(program.code[run.instances[number].address].opcode)
  }

  /// Where a thread took the locks that it holds at the end.
  func openLocks(of thread: Int) -> [Int] {
    var open: [(word: Int, instance: Int)] = []
    for (number, instance) in run.instances.enumerated() where instance.thread == thread {
      guard let (_, offset, kind) = program.code[instance.address].access else { continue }
      let word = Int(instance.value) + offset
      switch kind {
      case .acquire: open.append((word, number))
      case .tryAcquire: if instance.result != 0 { open.append((word, number)) }
      case .release: if let index = open.lastIndex(where: { $0.word == word }) { open.remove(at: index) }
      case .load, .store, .count, .move, .look, .change, .allocate, .free, .lockTest, .wait, .wake, .header:
        break
      }
    }
    // A lock that was wanted last and not had is none.
    let held = Set(timeline.view.thread(thread).held.map { $0.object.index + $0.offset })
    return open.filter { held.contains($0.word) || thread == finding.thread }.map(\.instance)
  }

  mutating func waits() {
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

  func names(_ threads: [Int]) -> String {
    threads.map { timeline.world.threads.indices.contains($0) ? timeline.world.threads[$0].name : "?" }
      .joined(separator: ", ")
  }

  /// A thread that stands before what it cannot have.
  mutating func wait(_ thread: Int, _ base: Timeline, _ note: String, isViolation: Bool = true) {
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
  mutating func loop() {
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

  mutating func lockOrder() {
    for edge in LockEdges(timeline, run).circle(of: finding) {
      include(edge.outerInstance, weight: 0)
      include(edge.innerInstance, weight: 0)
      if lastRange.contains(edge.innerInstance) { violations.insert(edge.innerInstance) }
    }
  }

  mutating func leak() {
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
    // The last pointer to it that was overwritten, often long before: with it went the knowledge of a unit.
    for step in stride(from: timeline.depth, to: setup, by: -1) {
      let isOverwritten = run.records[step]?.events.contains {
        $0.kind == .stored && objects.contains(Int($0.c)) && $0.d != $0.c
      }
      guard isOverwritten == true else { continue }
      if let store = run.ranges[step].last(where: { program.code[run.instances[$0].address].opcode == .store }
      ) {
        include(store, weight: 0)
      }
      break
    }
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
  func lossOfReach(_ objects: [ObjectReference]) -> Int? {
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
      case .store?, .change?, .free?: true
      case nil, .load?, .count?, .move?, .look?, .allocate?, .acquire?, .tryAcquire?, .release?, .lockTest?,
        .wait?, .wake?,
        .header?:
        false
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
}
