import Machine
import Recording
import Scene
import StepLanguage

/// What was known when: the sentences of a finding's report.
struct FindingFacts {
  private let slicer: Slicer

  init(_ slicer: Slicer) {
    self.slicer = slicer
  }

  private var timeline: Timeline { slicer.timeline }
  private var run: TracedRun { slicer.run }
  private var program: Program { run.program }
  private var finding: Finding { slicer.finding }

  var sentences: [String] {
    switch finding.property {
    case .useAfterFree, .doubleFree: memory
    case .nullDereference: nullReference
    case .refcountUnderflow, .refcountResurrect: counts
    case .deadlock, .selfDeadlock: waits
    case .lockOrder: edges
    case .lostWakeup: sleep
    case .leak: leak
    case .lockImbalance: held
    case .livelock: loop
    default: condition
    }
  }

  // MARK: Words

  private func name(_ thread: Int) -> String {
    timeline.world.threads.indices.contains(thread) ? timeline.world.threads[thread].name : "init"
  }

  /// `T1's step 12, `free t` in drop, line 9`.
  private func at(_ number: Int) -> String {
    let instance = run.instances[number]
    return "step \(instance.step)" + (instance.statement.map { ", \(program.sentencePlace(of: $0))" } ?? "")
  }

  private func view(_ depth: Int) -> StateView {
    let situation = timeline.situation(at: timeline.path[max(0, min(depth, timeline.depth))])
    return StateView(situation.state, world: situation.world)
  }

  /// An object's name at the last step at which it has one.
  private func objectName(_ object: Int, around depth: Int) -> String {
    let reference = ObjectReference(heapIndex: object)
    for depth in [depth, depth - 1] where depth >= 0 {
      let view = view(depth)
      if view.contains(reference) { return view.name(of: reference) }
    }
    return "the object"
  }

  /// `access1.ioas` of a word that an instruction works on.
  private func fieldName(_ number: Int) -> String {
    let instance = run.instances[number]
    guard let (_, offset, _) = program.code[instance.address].access else { return "it" }
    let reference = ObjectReference(heapIndex: Int(instance.value))
    for depth in [instance.step, instance.step - 1] where depth >= 0 {
      let view = view(depth)
      guard view.contains(reference), let field = view.type(of: reference).field(at: offset) else { continue }
      return reference == .globals ? field.name : "\(view.name(of: reference)).\(field.name)"
    }
    return "it"
  }

  // MARK: Memory

  private var memory: [String] {
    guard let object = finding.objects.first?.index else { return place }
    let use = slicer.violations.min() ?? run.instances.count
    let free = slicer.dependences.frees.filter { $0.value == object && $0.key != use }.keys.max()
    let name = objectName(object, around: (free.map { run.instances[$0].step } ?? timeline.depth) - 1)
    var result: [String] = []
    if let made = slicer.dependences.changes[.header(object)]?.last(where: { $0 < use && isAllocation($0) }) {
      result.append("\(self.name(run.instances[made].thread)) made \(name) at \(at(made)).")
    }
    var order: [(Int, String)] = []
    if let read = slicer.referenceRead, !isAllocation(read) {
      order.append(
        (
          read,
          "\(self.name(run.instances[read].thread)) took its pointer to \(name) from \(fieldName(read)) at \(at(read))."
        ))
    }
    if let free {
      order.append((free, "\(self.name(run.instances[free].thread)) freed \(name) at \(at(free))."))
    }
    result += order.sorted { $0.0 < $1.0 }.map(\.1)
    let leading = pointers(to: object)
    if !leading.isEmpty {
      result.append("\(leading.joined(separator: ", ")) still lead\(leading.count == 1 ? "s" : "") to it.")
    }
    let verb = finding.property == .doubleFree ? "frees it again" : "uses it"
    if let use = slicer.violations.min() {
      // A look that rides along may come as late as the thread's next step.
      let isLate = run.instances[use].step < timeline.depth
      let place =
        (finding.statement ?? run.instances[use].statement).map { ", \(program.sentencePlace(of: $0))" } ?? ""
      result.append(
        "\(self.name(finding.thread)) \(verb) at step \(timeline.depth)\(isLate ? " at the latest" : "")\(place)."
      )
    }
    return result
  }

  private func isAllocation(_ number: Int) -> Bool {
    program.code[run.instances[number].address].opcode == .allocate
  }

  private func pointers(to object: Int) -> [String] {
    let view = timeline.view
    var result: [String] = []
    for other in view.objects where view.isAlive(other) {
      for field in view.type(of: other).fields {
        if case .reference(let target?) = view.value(field, of: other), target.index == object {
          result.append("\(view.name(of: other)).\(field.name)")
        }
      }
    }
    return result
  }

  private var nullReference: [String] {
    var result: [String] = []
    if let read = slicer.referenceRead {
      let instance = run.instances[read]
      result.append("\(name(instance.thread)) read null from \(fieldName(read)) at \(at(read)).")
      if let write = slicer.dependences.values[read].last(where: {
        program.code[run.instances[$0].address].access != nil
      }) {
        result.append("It is null since \(name(run.instances[write].thread))'s \(at(write)).")
      } else {
        result.append("Nobody has set it.")
      }
    }
    return result + place
  }

  private var place: [String] {
    if let use = slicer.violations.max(), let statement = finding.statement ?? run.instances[use].statement {
      return ["\(name(finding.thread)) is at \(program.sentencePlace(of: statement))."]
    }
    return finding.statement.map { ["\(name(finding.thread)) is at \(program.sentencePlace(of: $0))."] } ?? []
  }

  // MARK: Counts

  private var counts: [String] {
    guard let use = slicer.violations.max() else { return place }
    let instance = run.instances[use]
    guard let (_, offset, _) = program.code[instance.address].access else { return place }
    return history(Int(instance.value) + offset, name: fieldName(use)) + ledger(Int(instance.value), offset)
  }

  /// How a count came to its value, step by step.
  private func history(_ word: Int, name: String) -> [String] {
    var result: [String] = []
    for depth in 1..<max(1, run.records.count) {
      for event in run.records[depth]?.events ?? []
      where event.kind == .counted && Int(event.a + event.b) == word {
        let place = run.records[depth]?.statement.map { ", \(program.sentencePlace(of: $0))" } ?? ""
        result.append(
          "\(self.name(Int(event.thread))): \(name) \(event.c) to \(event.d) at step \(depth)\(place).")
      }
      // The words of an object that is gone belong to another one.
      for event in run.records[depth]?.events ?? [] where event.kind == .allocated {
        let size = program.types.indices.contains(Int(event.b)) ? program.types[Int(event.b)].size : 1
        if (Int(event.a)..<Int(event.a) + size).contains(word) {
          result = result.suffix(result.last?.contains(" step \(depth),") == true ? 1 : 0)
        }
      }
    }
    return result
  }

  /// Who holds the units that are left.
  private func ledger(_ object: Int, _ offset: Int) -> [String] {
    // Where somebody gives back a unit that is not there the machine takes another's: who held what is to be read before that.
    let isMissing =
      run.records.last??.events.contains {
        $0.kind == .unitMissing && Int($0.a) == object && Int($0.b) == offset
      } ?? false
    let view = view(isMissing ? max(0, timeline.depth - 1) : timeline.depth)
    let reference = ObjectReference(heapIndex: object)
    guard view.contains(reference), let field = view.type(of: reference).field(at: offset),
      case .refcount(let value, let units) = view.value(field, of: reference)
    else { return [] }
    let name = reference == .globals ? field.name : "\(view.name(of: reference)).\(field.name)"
    let holders = units.map { unit in holder(unit, view) }
    return [
      holders.isEmpty
        ? "Nobody holds a unit of \(name), which \(isMissing ? "was" : "is") \(value)."
        : "\(name) \(isMissing ? "was \(value) before" : "is \(value)"); \(holders.joined(separator: ", ")) \(units.count == 1 && units[0].count == 1 ? "holds a unit" : "hold its units")."
    ]
  }

  private func holder(_ unit: StateView.Unit, _ view: StateView, counts: Bool = true) -> String {
    var text = unit.thread.map { name($0) } ?? unit.object.map { view.name(of: $0) } ?? "'\(unit.word)'"
    if unit.thread != nil || unit.object != nil, !unit.word.isEmpty { text += " ('\(unit.word)')" }
    return counts && unit.count > 1 ? "\(text) \(unit.count) times" : text
  }

  // MARK: Waiting

  private var waits: [String] {
    // A wait that ended because its time was over was a wait a step ago.
    if run.records.last??.events.contains(where: { $0.kind == .timedOut }) ?? false {
      var before = timeline
      before.undo()
      return Waiting(before).sentences(about: Array(before.world.threads.indices)) + place
    }
    let threads = finding.threads.isEmpty ? Array(timeline.world.threads.indices) : finding.threads
    return Waiting(timeline).sentences(about: threads)
  }

  private var edges: [String] {
    LockEdges(timeline, run).circle(of: finding).map { edge in
      let classes = program.lockClasses
      return
        "\(name(edge.thread)) took \(classes[edge.inner].name) at \(at(edge.innerInstance)) while it held \(classes[edge.outer].name) since \(at(edge.outerInstance))."
    }
  }

  private var sleep: [String] {
    guard let test = slicer.violations.max(), case let instance = run.instances[test],
      let (_, offset, _) = program.code[instance.address].access
    else { return place }
    let queue = fieldName(test)
    let address = instance.value + Int64(offset)
    var fell: Int?
    var result: [String] = []
    for depth in stride(from: timeline.depth, to: 0, by: -1) {
      if run.records[depth]?.events.contains(where: { $0.kind == .slept && Int($0.thread) == finding.thread })
        ?? false
      {
        fell = depth
        break
      }
    }
    guard let fell else { return place }
    let statement = run.records[fell]?.statement.map { ", \(program.sentencePlace(of: $0))" } ?? ""
    result.append("\(name(finding.thread)) went to sleep on \(queue) at step \(fell)\(statement).")
    if let write = slicer.wakingWrite {
      let writer = run.instances[write].thread
      result.append(
        "\(name(writer)) made its condition true at \(at(write))\(changed(write)).")
    }
    var wakes = 0
    for depth in (fell + 1)..<max(fell + 1, timeline.depth + 1) {
      for event in run.records[depth]?.events ?? [] where event.a == address {
        switch event.kind {
        case .wokeNobody:
          wakes += 1
          let record = run.records[depth]
          let place = record?.statement.map { ", \(program.sentencePlace(of: $0))" } ?? ""
          let isInterruptible =
            record?.statement.map { program.text(of: $0).hasSuffix("interruptible") } ?? false
          let why =
            isInterruptible
            ? ": it wakes interruptible sleepers only, and \(name(finding.thread)) sleeps uninterruptibly"
            : ""
          result.append(
            "The wake-up of \(name(Int(event.thread))) at step \(depth)\(place) reached nobody\(why).")
        case .woken: wakes += 1
        default: break
        }
      }
    }
    if wakes == 0 { result.append("Nobody woke \(queue) after that: the wake-up is missing.") }
    let timesOut = run.records[timeline.depth]?.events.contains { $0.kind == .timedOut } ?? false
    if timesOut {
      result.append("The sleeper finds out only when its time is over, at step \(timeline.depth).")
    } else if let seconds = timeout(instance) {
      result.append(
        "Its timeout of \(seconds) seconds is a day or more, which counts as none: it sleeps for ever.")
    } else {
      result.append("It has no timeout, so it sleeps for ever.")
    }
    return result
  }

  /// The seconds of a wait's timeout as they are written; nil when there are none.
  private func timeout(_ instance: TracedRun.Instance) -> Int64? {
    guard let statement = instance.statement,
      let seconds = program.text(of: statement).components(after: " timeout ")
    else { return nil }
    return Int64(seconds)
  }

  /// `, which was 0`: what a write found where it wrote; empty when its step does not say.
  private func changed(_ number: Int) -> String {
    let instance = run.instances[number]
    guard let (_, offset, _) = program.code[instance.address].access,
      let event = run.records[instance.step]?.events.last(where: {
        [.stored, .counted].contains($0.kind) && $0.a == instance.value && $0.b == Int64(offset)
      })
    else { return "" }
    let view = view(instance.step)
    let object = ObjectReference(heapIndex: Int(instance.value))
    guard view.contains(object), let field = view.type(of: object).field(at: offset) else { return "" }
    let name = object == .globals ? field.name : "\(view.name(of: object)).\(field.name)"
    func text(_ value: Int64) -> String {
      switch field.type {
      case .bool: value == 0 ? "false" : "true"
      case .reference:
        value == 0 ? "null" : objectName(Int(value), around: instance.step)
      default: String(value)
      }
    }
    return " (\(name) \(text(event.c)) -> \(text(event.d)))"
  }

  private var held: [String] {
    let view = view(timeline.depth - 1)
    var result: [String] = []
    for lock in view.thread(finding.thread).held
    where finding.message.contains(view.name(of: lock)) || finding.objects.contains(lock.object) {
      var before = timeline
      before.undo()
      if let step = before.stepThatTook(lock, thread: finding.thread),
        let record = timeline.record(at: timeline.path[step])
      {
        let place = record.statement.map { ", \(program.sentencePlace(of: $0))" } ?? ""
        result.append("\(name(finding.thread)) holds \(view.name(of: lock)) since step \(step)\(place).")
      }
    }
    for object in finding.objects where view.contains(object) {
      for field in view.type(of: object).fields where field.type.lockClass != nil {
        guard case .lock(let lock) = view.value(field, of: object),
          let owner = lock.owner ?? lock.readers.first
        else { continue }
        var before = timeline
        before.undo()
        let reference = LockReference(object: object, offset: field.offset, mode: .exclusive)
        let since = before.stepThatTook(reference, thread: owner)
        let place =
          since.flatMap { timeline.record(at: timeline.path[$0])?.statement }.map {
            ", \(program.sentencePlace(of: $0))"
          } ?? ""
        result.append(
          "\(name(owner)) holds \(view.name(of: object)).\(field.name)\(since.map { " since step \($0)" } ?? "")\(place)."
        )
      }
    }
    return result + place
  }

  private var loop: [String] {
    guard let loop = timeline.claim(of: finding)?.loop else {
      return Waiting(timeline).sentences(about: finding.threads)
    }
    var busy: [Int] = []
    for step in loop {
      if let thread = run.records.indices.contains(step) ? run.records[step]?.thread : nil,
        !busy.contains(thread)
      {
        busy.append(thread)
      }
    }
    let names = busy.sorted().map(name)
    var result = [
      "Steps 1 to \(loop.lowerBound - 1) lead to the loop, steps \(loop.lowerBound) to \(loop.upperBound) are the loop: after them everything is as it was before them.",
      names.count == 1 ? "\(names[0]) alone goes round." : "\(names.joined(separator: ", ")) go round.",
    ]
    result += Waiting(timeline).sentences(about: timeline.world.threads.indices.filter { !busy.contains($0) })
    return result
  }

  // MARK: Leaks

  private var leak: [String] {
    var result: [String] = []
    let view = view(timeline.depth)
    let before = self.view(timeline.depth - 1)
    for object in finding.objects {
      let name =
        view.contains(object)
        ? view.name(of: object) : before.contains(object) ? before.name(of: object) : "an object"
      if let made = slicer.dependences.changes[.header(object.index)]?.last(where: isAllocation) {
        result.append("\(self.name(run.instances[made].thread)) made \(name) at \(at(made)).")
      }
      guard view.contains(object) else { continue }
      for field in view.type(of: object).fields {
        guard case .refcount(let value, let units) = view.value(field, of: object), value > 0 else {
          continue
        }
        let trails = UnitTrails(timeline, run, object: object, field: field)
        // A thread that keeps a unit when its call returns says nothing against the units of others.
        let left = keepsUnit ? units.filter { $0.thread == finding.thread } : units
        for unit in left {
          result += unitLeft(unit, of: "\(name).\(field.name)", trails.trails(of: unit), view)
        }
      }
    }
    return result
  }

  /// Whether the finding is about a thread that returns with a unit of its own, and not about an object that nobody can reach.
  private var keepsUnit: Bool { finding.message.hasPrefix("the system call returns and ") }

  /// A unit that is left: who took it where, through whose hands it went, and where a thread that holds it returned.
  private func unitLeft(
    _ unit: StateView.Unit, of count: String, _ trails: [UnitTrails.Trail], _ view: StateView
  ) -> [String] {
    guard !trails.isEmpty else { return ["A unit of \(count) is left: \(holder(unit, view))."] }
    return trails.map { trail in
      var text = "A unit of \(count) is left: \(holder(unit, view, counts: false))"
      text += ", taken by \(name(trail.taken.thread)) at \(at(trail.taken))"
      for move in trail.moves { text += ", handed on by \(name(move.thread)) at \(at(move))" }
      // A unit that an object or a word stands for outlives the call that took it.
      guard let thread = unit.thread else { return text + "." }
      let since = trail.moves.last?.step ?? trail.taken.step
      for step in since..<max(since, run.records.count) {
        if let record = run.records[step], record.thread == thread,
          record.events.contains(where: { $0.kind == .operationEnded })
        {
          text += "; \(name(thread)) returned at step \(step) and kept it"
          break
        }
      }
      return text + "."
    }
  }

  private func at(_ hand: UnitTrails.Hand) -> String {
    "step \(hand.step)" + (hand.statement.map { ", \(program.sentencePlace(of: $0))" } ?? "")
  }

  // MARK: Conditions

  /// What a condition that does not hold reads, and since when.
  private var condition: [String] {
    var result: [String] = []
    let reads = slicer.falsePart.reads
    if let text = slicer.falsePart.text {
      let values = slicer.falsePart.values
      let word = text.hasPrefix("if ") || text.hasPrefix("while ") ? "It is decided by" : "False is"
      result.append("\(word) `\(text)`\(values.isEmpty ? "" : ": \(values.joined(separator: ", "))").")
    } else if !slicer.falsePart.values.isEmpty {
      result.append("Here \(slicer.falsePart.values.joined(separator: ", ")).")
    }
    var told: Set<Int> = []
    for word in reads {
      guard let write = slicer.dependences.changes[.word(word)]?.last else { continue }
      told.insert(write)
    }
    for write in told.sorted().suffix(6) {
      result.append(
        "\(name(run.instances[write].thread)) wrote \(fieldName(write)) at \(at(write))\(changed(write)).")
    }
    if told.isEmpty { result += changes }
    return result + (isInvariant ? [] : place)
  }

  private var isInvariant: Bool {
    program.invariants.contains { finding.message.hasPrefix("\($0.name): ") }
  }

  /// The changes that the slice follows.
  private var changes: [String] {
    var result: [String] = []
    for number in slicer.weights.keys.sorted()
    where (slicer.weights[number] ?? 9) < 2 && run.instances[number].step > slicer.setup {
      guard let record = run.records[run.instances[number].step] else { continue }
      guard result.count < 8 else { break }
      let instance = run.instances[number]
      switch program.code[instance.address].access?.kind {
      case .free:
        result.append(
          "\(name(instance.thread)) freed \(objectName(Int(instance.value), around: instance.step - 1)) at \(at(number))."
        )
      case .store, .change, .count:
        if record.events.contains(where: {
          [.stored, .containerChanged, .counted].contains($0.kind) && $0.a == instance.value
        }) {
          result.append(
            "\(name(instance.thread)) changed \(fieldName(number)) at \(at(number))\(changed(number)).")
        }
      default: break
      }
    }
    return result
  }
}

extension String {
  /// The word behind a text; nil where the text does not stand.
  fileprivate func components(after text: String) -> String? {
    firstRange(of: text).flatMap { self[$0.upperBound...].split(separator: " ").first.map(String.init) }
  }
}
