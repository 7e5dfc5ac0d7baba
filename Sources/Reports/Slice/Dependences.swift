import Machine
import Recording
import StepLanguage

/// What each instruction of a run got its values from, and what decided that it ran.
struct Dependences {
  private let undisputed = Undisputed()
  let run: TracedRun
  /// For each instance those that made the values it computes with; the object that it works on is left out (thin slices: Sridharan, Fink
  /// and Bodik, PLDI 2007).
  private(set) var values: [[Int]]
  /// For each instance the one that made the reference to the object it works on.
  private(set) var references: [Int?]
  /// For each instance the branches of the same call that decided that it ran, and where there is none the call.
  private(set) var deciders: [[Int]]
  /// For each instance the reads and changes of shared memory that decide what it gives: its own sources only.
  private(set) var sources: [[Int]]
  /// Where the scenario's set-up ends.
  let setup: Int
  /// Which instances change a location, in order.
  private(set) var changes: [Location: [Int]] = [:]
  /// For each free the object.
  private(set) var frees: [Int: Int] = [:]

  /// Follows values through a run.
  ///
  /// - Parameters:
  ///   - run: what ran.
  ///   - setup: how many of its steps are the scenario's set-up, in which nothing runs side by side.
  init(_ run: TracedRun, setup: Int) {
    self.run = run
    self.setup = setup
    let count = run.instances.count
    values = Array(repeating: [], count: count)
    references = Array(repeating: nil, count: count)
    deciders = Array(repeating: [], count: count)
    sources = Array(repeating: [], count: count)
    follow()
  }

  private mutating func follow() {
    let control = ControlDependence(program: run.program)
    var made: [Location: Int] = [:]
    /// For each call the last time each of its branches was passed.
    var branches: [[Int: Int]] = Array(repeating: [:], count: run.activations.count)
    /// The operands of the next operation on a container: their number and values.
    var operands: [Int: [Int64]] = [:]
    /// For each container which instance put an object in, or took a key out.
    var begun = Set<Int>()
    for (number, instance) in run.instances.enumerated() {
      let instruction = run.program.code[instance.address]
      let thread = instance.thread
      func location(_ operand: Int32) -> Location {
        operand < 0 ? .temporary(thread, Int(operand)) : .local(thread, instance.frame + Int(operand))
      }
      let activation = run.activations[instance.activation]
      // The parameters of a system call come from the script's variables.
      if activation.caller == nil, begun.insert(instance.activation).inserted,
        case .entry(_, let arguments)? = activation.operation?.kind
      {
        for (position, argument) in arguments.enumerated() {
          if case .slot(let table, let index) = argument {
            made[.local(thread, instance.frame + position)] = made[.slot(table, index)]
          } else {
            made[.local(thread, instance.frame + position)] = nil
          }
        }
      }
      // What decided that it ran.
      let passed = control.branches(deciding: instance.address).compactMap {
        branches[instance.activation][$0]
      }
      if let last = passed.max() {
        deciders[number] = [last]
      } else if let call = activation.call {
        deciders[number] = [call]
      }
      values[number] = instruction.valueOperands.compactMap { made[location($0)] }

      if let subject = instruction.subject { references[number] = made[location(subject)] }
      if instruction.opcode == .argument { made[.argument(thread, Int(instruction.a))] = number }
      if instruction.opcode == .operand {
        if instruction.a == 0 { operands[thread] = [] }
        operands[thread, default: []].append(instance.value)
        made[.operand(thread, Int(instruction.a))] = number
      }
      switch instruction.opcode.control {
      case .branch: branches[instance.activation][instance.address] = number
      case .call, .callback:
        // The callee's parameters are the arguments; its frame begins at its first instruction.
        if number + 1 < run.instances.count, run.instances[number + 1].thread == thread {
          let next = run.instances[number + 1]
          let function = run.program.functions[run.activations[next.activation].function]
          for parameter in 0..<function.parameterCount {
            made[.local(thread, next.frame + parameter)] = made[.argument(thread, parameter)]
          }
        }
      case .goBack:
        if let call = activation.call {
          let site = run.instances[call]
          let local = Int(run.program.code[site.address].b)
          if local >= 0 { made[.local(thread, site.frame + local)] = number }
        } else if case .entry(let entry, let arguments)? = activation.operation?.kind {
          for (position, argument) in arguments.enumerated() {
            guard case .slot(let table, let index) = argument,
              run.program.entries[entry].parameters.indices.contains(position),
              run.program.entries[entry].parameters[position].direction != .input
            else { continue }
            made[.slot(table, index)] = made[.local(thread, instance.frame + position)]
          }
        }
      case .next, .jump, .end: break
      }
      if instruction.opcode == .allocate, let object = instance.result, object > 0 {
        let size =
          run.program.types.indices.contains(Int(instruction.b))
          ? run.program.types[Int(instruction.b)].size : 1
        for word in 1..<max(2, size) {
          made[.word(Int(object) + word)] = number
          changes[.word(Int(object) + word)] = nil
        }
        made[.header(Int(object))] = number
        changes[.header(Int(object)), default: []].append(number)
      }
      if let (_, offset, kind) = instruction.access {
        let word = Location.word(Int(instance.value) + offset)
        switch kind {
        case .load:
          if let last = changes[word]?.last, run.program.code[run.instances[last].address].opcode == .refcount
          {
            values[number] += unmatched(changes[word] ?? [], before: number)
          } else if let maker = made[word] {
            values[number].append(maker)
          }
        case .store:
          made[word] = number
          changes[word, default: []].append(number)
        case .count:
          values[number] += unmatched(changes[word] ?? [], before: number)
          if !(instance.result == 0 && isTestOnly(kind)) { changes[word, default: []].append(number) }
        case .move: values[number] += made[word].map { [$0] } ?? []
        case .look(let builtin):
          for position in 0..<4 {
            if let maker = made[.operand(thread, position)] { values[number].append(maker) }
          }
          values[number] += entry(builtin, instance, changes[word] ?? [], operands[thread] ?? [])
        case .change:
          for position in 0..<4 {
            if let maker = made[.operand(thread, position)] { values[number].append(maker) }
          }
          changes[word, default: []].append(number)
          made[word] = number
          keys[number] = operands[thread] ?? []
        case .allocate: break
        case .free:
          frees[number] = Int(instance.value)
          changes[.header(Int(instance.value)), default: []].append(number)
          made[.header(Int(instance.value))] = number
        case .acquire, .tryAcquire, .lockTest:
          if kind != .acquire, let maker = made[word] { values[number].append(maker) }
          if kind != .lockTest, instance.result != 0 {
            made[word] = number
            changes[word, default: []].append(number)
          }
        case .release:
          made[word] = number
          changes[word, default: []].append(number)
        case .wait:
          if let maker = made[.operand(thread, 0)] { values[number].append(maker) }
          if let maker = made[word] { values[number].append(maker) }
        case .wake:
          made[word] = number
          changes[word, default: []].append(number)
        case .header:
          if let maker = made[.header(Int(instance.value))] { values[number].append(maker) }
        }
        if case .look = kind { (0..<4).forEach { made[.operand(thread, $0)] = nil } }
        if case .change = kind { (0..<4).forEach { made[.operand(thread, $0)] = nil } }
      }
      if instruction.opcode == .probe { (0..<32).forEach { made[.operand(thread, $0)] = nil } }
      if let operand = instruction.resultOperand { made[location(operand)] = number }
    }
  }

  /// What each change of a container was asked to do.
  private var keys: [Int: [Int64]] = [:]

  /// The value of an operand of a change of a container.
  func key(of change: Int, _ position: Int) -> Int64? {
    keys[change].flatMap { $0.indices.contains(position) ? $0[position] : nil }
  }

  private func isTestOnly(_ kind: Access) -> Bool {
    kind == .count(.incrementNotZero) || kind == .count(.decrementIfOne)
  }

  /// Of the changes of a count those that still show in it: units that a thread took and gave back cancel out.
  private func unmatched(_ changes: [Int], before number: Int) -> [Int] {
    var given: [Int: Int] = [:]
    var result: [Int] = []
    for change in changes.reversed() {
      let instance = run.instances[change]
      let operation = RefcountOperation(rawValue: Int(run.program.code[instance.address].d)) ?? .set
      switch operation {
      case .set:
        result.append(change)
        return result
      case .increment, .incrementNotZero, .countUp:
        if let open = given[instance.thread], open > 0 {
          given[instance.thread] = open - 1
          // The unit came and went: neither is told.
          if let last = result.lastIndex(where: { isGivingBack($0, instance.thread) }) {
            result.remove(at: last)
          }
        } else {
          result.append(change)
        }
      case .decrement, .decrementAndTest, .countDown, .decrementIfOne:
        given[instance.thread, default: 0] += 1
        result.append(change)
      }
    }
    return result
  }

  private func isGivingBack(_ change: Int, _ thread: Int) -> Bool {
    let instance = run.instances[change]
    guard instance.thread == thread else { return false }
    switch RefcountOperation(rawValue: Int(run.program.code[instance.address].d)) {
    case .decrement, .decrementAndTest, .countDown, .decrementIfOne: return true
    case nil, .set, .increment, .incrementNotZero, .countUp: return false
    }
  }

  /// The changes of a container on which an answer depends: who put in what it gave, or took out what it did not find.
  private func entry(
    _ builtin: Builtin, _ instance: TracedRun.Instance, _ changes: [Int], _ asked: [Int64]
  ) -> [Int] {
    let result = instance.result ?? 0
    func last(_ matches: (Builtin, [Int64]) -> Bool) -> [Int] {
      let found = changes.last { change in
        let instruction = run.program.code[run.instances[change].address]
        guard case .change(let builtin)? = instruction.access?.kind else { return false }
        return matches(builtin, keys[change] ?? [])
      }
      return found.map { [$0] } ?? []
    }
    switch builtin {
    case .xa_load:
      let key = asked.first ?? 0
      return last { (result == 0 ? $0 == .xa_erase : $0 == .xa_store) && $1.first == key }
    case .xa_find: return last { result < 0 ? $0 == .xa_erase : $0 == .xa_store && $1.first == result }
    case .list_first, .list_next:
      return last { result == 0 ? $0 == .list_remove : $0 == .list_append && $1.first == result }
    case .imap_find, .imap_next:
      return last { result == 0 ? $0 == .imap_remove : $0 == .imap_insert && $1.last == result }
    case .count, .imap_uncovered: return last { _, _ in true }
    case .xa_alloc, .xa_store, .xa_erase, .list_append, .list_remove, .imap_insert, .imap_remove,
      .add_overflows, .held,
      .holds, .units, .alive:
      return []
    }
  }

  // MARK: Contention

  /// Whether another thread changes, at any time of the run behind the set-up, what an instance reads of shared memory.
  func isContended(_ number: Int) -> Bool {
    let instance = run.instances[number]
    guard let (_, offset, kind) = run.program.code[instance.address].access else { return false }
    let location: Location
    switch kind {
    case .header: location = .header(Int(instance.value))
    case .acquire, .release: return false
    case .load, .store, .count, .move, .look, .change, .allocate, .free, .tryAcquire, .lockTest, .wait, .wake:
      location = .word(Int(instance.value) + offset)
    }
    return (changes[location] ?? []).contains { change in
      let other = run.instances[change]
      guard other.thread != instance.thread, other.step > setup else { return false }
      guard case .look(let builtin) = kind, [.xa_load].contains(builtin) else { return true }
      // Another index of the same table is another place.
      return keys[change]?.first == asked(number)
    }
  }

  private func asked(_ number: Int) -> Int64? {
    let thread = run.instances[number].thread
    var before = number - 1
    while before >= 0, run.instances[before].thread == thread {
      let instruction = run.program.code[run.instances[before].address]
      if instruction.opcode == .operand, instruction.a == 0 { return run.instances[before].value }
      before -= 1
    }
    return nil
  }

  /// Whether what a branch tested could have come out otherwise had another thread been sooner or later.
  func isDecidedByOthers(_ branch: Int) -> Bool {
    var seen: Set<Int> = [branch]
    var pending = values[branch]
    while let next = pending.popLast() {
      guard !undisputed.contains(next), seen.insert(next).inserted else { continue }
      if isContended(next) { return true }
      let instance = run.instances[next]
      let isShared = run.program.code[instance.address].access != nil
      if !isShared {
        pending += values[next]
      } else if case .wait? = run.program.code[instance.address].access?.kind {
        pending += values[next]
      }
      // A constant was chosen by the branches around it.
      var above = deciders[next]
      while let decider = above.popLast(), !seen.contains(decider),
        decider > run.activations[instance.activation].call ?? decider
      {
        seen.insert(decider)
        pending += values[decider]
        above = deciders[decider]
      }
    }
    seen.remove(branch)
    undisputed.add(seen)
    return false
  }
}

/// Instructions of which it is known that nothing that they depend on was decided by others. Kept, as each turn of a loop depends on all before it.
final class Undisputed {
  private var numbers: Set<Int> = []

  func contains(_ number: Int) -> Bool { numbers.contains(number) }
  func add(_ others: Set<Int>) { numbers.formUnion(others) }
}
