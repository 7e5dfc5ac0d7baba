public import Machine
public import Recording
public import StepLanguage

extension Timeline {
  /// The rules of the model's contract of which a finding of the present step breaks one.
  ///
  /// One where the steps before tell which; several, the likeliest first, where they do not; none where the model says nothing about such a
  /// finding, or where it follows from what broke before.
  public func brokenRules(by finding: Finding) -> [Rule] {
    let rules = world.program.rules
    return RuleReader(timeline: self, finding: finding, depth: depth).rules.map {
      rules[$0.rule].broken(at: $0.part)
    }
  }
}

/// Reads from the steps that led to a finding which of the model's `blame` cases holds.
private struct RuleReader {
  let timeline: Timeline
  let finding: Finding
  let depth: Int
  private let path: TimelinePath

  init(timeline: Timeline, finding: Finding, depth: Int) {
    self.timeline = timeline
    self.finding = finding
    self.depth = depth
    path = timeline.path
  }

  private var program: Program { timeline.world.program }

  /// A rule as index of the program's, with the part of its sentence that is broken; nil for the whole.
  typealias Broken = (rule: Int, part: String?)

  /// The rules that were broken.
  var rules: [Broken] {
    let blames = program.blames.filter {
      $0.property == finding.property && finding.message.hasPrefix($0.start)
    }
    for blame in blames {
      for blameCase in blame.cases where blameCase.conditions.allSatisfy({ holds($0) }) {
        switch blameCase.outcome {
        case .rules(let rules):
          return rules.enumerated().map { number, rule in
            (rule, blameCase.parts.indices.contains(number) ? blameCase.parts[number] : nil)
          }
        case .same: return earlier(blameCase.conditions)
        }
      }
    }
    return finding.property == .invariant ? named.map { ($0, nil) } : []
  }

  /// The rule with which an invariant shares its name, but for one small letter at the end.
  private var named: [Int] {
    guard let colon = finding.message.firstIndex(of: ":") else { return [] }
    let whole = finding.message[..<colon]
    let name = whole.last.map { $0.isLowercase ? whole.dropLast() : whole } ?? whole
    return program.rules.firstIndex { $0.name == whole || $0.name == name }.map { [$0] } ?? []
  }

  // MARK: Conditions

  private func holds(_ condition: Blame.Condition) -> Bool { test(condition.kind) != condition.isNegated }

  private func test(_ kind: Blame.Condition.Kind) -> Bool {
    switch kind {
    case .at(let functions): function(of: finding.statement).map { functions.contains($0) } ?? false
    case .in(let functions): stack.contains { functions.contains($0) }
    case .calling(let callback): isIn(callback, finding.thread, at: depth - 1)
    case .anybody(let functions):
      timeline.world.threads.indices.contains { thread in
        frames(of: thread, at: depth - 1).contains {
          functions.contains(program.functions[$0.function].name)
        }
      }
    case .failed(let functions): lastReturnFailed(functions)
    case .found(let property): earlierFinding(property) != nil
    case .entered(let functions): lastCall(in: resolved(functions)) != nil
    case .asked(let functions): lastCall(in: resolved(functions))?.call != nil
    case .anotherEntered(let functions): another(functions, .entered)
    case .anotherLeft(let functions): another(functions, .left)
    case .object(let types): finding.objects.first.map { matches(typeBefore($0), types) } ?? false
    case .owner(let field): owners(of: field).count == 1
    case .pending(let field, let variable, let functions):
      isPending(field, of: variable, in: resolved(functions))
    case .raised(let field, let variable, let functions):
      wasRaised(field, of: variable, in: resolved(functions))
    case .blocked(let callback, let types, let isByThis):
      isByThis ? isBlockedByThis(callback, outside: types) : isBlocked(callback, outside: types)
    case .blockedByItself(let callback): isBlockedByItself(callback)
    case .message(let text): finding.message == text
    case .messageEnds(let text): finding.message.hasSuffix(text)
    }
  }

  /// What the first finding of the property that a condition names broke.
  private func earlier(_ conditions: [Blame.Condition]) -> [Broken] {
    for condition in conditions {
      if case .found(let property) = condition.kind, let (finding, step) = earlierFinding(property) {
        return RuleReader(timeline: timeline, finding: finding, depth: step).rules
      }
    }
    return []
  }

  private func earlierFinding(_ property: String) -> (Finding, step: Int)? {
    for step in 1..<max(1, depth) {
      if let found = record(step)?.findings.first(where: { $0.property.rawValue == property }) {
        return (found, step)
      }
    }
    return nil
  }

  private func resolved(_ functions: [String]) -> [String] {
    functions == ["here"] ? function(of: finding.statement).map { [$0] } ?? [] : functions
  }

  private func lastReturnFailed(_ functions: [String]) -> Bool {
    for step in backwards() {
      for event in record(step)?.events.reversed() ?? [] where event.kind == .left {
        if functions.contains(name(of: event)) { return event.b < 0 }
      }
    }
    return false
  }

  private func another(_ functions: [String], _ kind: Event.Kind) -> Bool {
    backwards().contains { step in
      record(step)?.events.contains {
        $0.kind == kind && Int($0.thread) != finding.thread && functions.contains(name(of: $0))
      } ?? false
    }
  }

  /// The step at which the thread last entered one of the functions, and the last one since at which it called a driver.
  private func lastCall(in functions: [String]) -> (begin: Int, call: Int?)? {
    var call: Int?
    for step in backwards() {
      guard let record = record(step), record.thread == finding.thread else { continue }
      if call == nil, record.events.contains(where: { $0.kind == .calledDriver }) { call = step }
      if record.events.contains(where: { $0.kind == .entered && functions.contains(name(of: $0)) }) {
        return (step, call)
      }
    }
    return nil
  }

  // MARK: Numbers of objects

  /// The living objects that have a number above 0 in a field of that name.
  private func owners(of field: String) -> [ObjectReference] {
    let situation = timeline.situation(at: path[depth])
    let view = StateView(situation.state, world: situation.world)
    return view.objects.filter { object in
      guard view.isAlive(object), case .int(let number)? = view.value(field, of: object) else { return false }
      return number > 0
    }
  }

  private func subject(_ variable: String, _ field: String, in functions: [String]) -> ObjectReference? {
    if variable == "owner" {
      let owners = owners(of: field)
      return owners.count == 1 ? owners[0] : nil
    }
    return local(variable, of: functions)
  }

  /// Whether another thread had raised the field and was still in the same system call when the driver was asked, so that nothing may be noted yet.
  private func isPending(_ field: String, of variable: String, in functions: [String]) -> Bool {
    guard let call = lastCall(in: functions)?.call, let object = subject(variable, field, in: functions)
    else { return false }
    let situation = timeline.situation(at: path[call])
    let threads = StateView(situation.state, world: situation.world).threads
    var open = threads.indices.filter { $0 != finding.thread && threads[$0].isInCall }
    for step in stride(from: call, through: 1, by: -1) where !open.isEmpty {
      guard let record = record(step), open.contains(record.thread) else { continue }
      if raises(field, of: object, at: step) { return true }
      if record.events.contains(where: { $0.kind == .operationStarted }) {
        open.removeAll { $0 == record.thread }
      }
    }
    return false
  }

  private func wasRaised(_ field: String, of variable: String, in functions: [String]) -> Bool {
    guard let begin = lastCall(in: functions)?.begin, let object = subject(variable, field, in: functions)
    else { return false }
    return (begin...depth).contains { raises(field, of: object, at: $0) }
  }

  /// Whether a step adds to a field of an object.
  private func raises(_ field: String, of object: ObjectReference, at step: Int) -> Bool {
    let raised = record(step)?.events.contains {
      $0.kind == .stored && $0.a == Int64(object.index) && $0.d > $0.c
        && program.types[typeIndex(of: object)].field(at: Int($0.b))?.name == field
    }
    return raised ?? false
  }

  private func typeIndex(of object: ObjectReference) -> Int {
    let situation = timeline.situation(at: path[depth])
    return StateView(situation.state, world: situation.world).typeIndex(of: object)
  }

  // MARK: Waiting

  private func isBlocked(_ callback: String, outside types: [String]) -> Bool {
    let machine = Machine(world: timeline.world)
    return timeline.world.threads.indices.contains { thread in
      guard isIn(callback, thread, at: depth),
        let wanted = machine.wantedLock(of: thread, in: timeline.state)
      else { return false }
      return !matches(typeBefore(wanted.lock.object), types)
    }
  }

  private func isBlockedByItself(_ callback: String) -> Bool {
    let machine = Machine(world: timeline.world)
    return timeline.world.threads.indices.contains { thread in
      guard isIn(callback, thread, at: depth),
        let wanted = machine.wantedLock(of: thread, in: timeline.state)
      else { return false }
      return wanted.keepers.contains(thread)
    }
  }

  /// Whether a callback of another thread waits for a lock of the finding's thread.
  private func isBlockedByThis(_ callback: String, outside types: [String]) -> Bool {
    let machine = Machine(world: timeline.world)
    let before = timeline.situation(at: path[max(0, depth - 1)])
    return timeline.world.threads.indices.contains { thread in
      guard thread != finding.thread, isIn(callback, thread, at: depth - 1),
        let wanted = machine.wantedLock(of: thread, in: before.state)
      else { return false }
      return wanted.keepers.contains(finding.thread) && !matches(typeBefore(wanted.lock.object), types)
    }
  }

  // MARK: Looking

  private func matches(_ name: String, _ patterns: [String]) -> Bool {
    patterns.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
  }

  private func backwards() -> StrideThrough<Int> { stride(from: depth, through: 1, by: -1) }

  private func record(_ step: Int) -> StepRecord? { timeline.record(at: path[step]) }

  private func name(of event: Event) -> String { program.functions[Int(event.a)].name }

  private func function(of statement: Int?) -> String? {
    statement.map { program.functions[program.statements[$0].function].name }
  }

  private func frames(of thread: Int, at step: Int) -> [StateView.Frame] {
    guard timeline.world.threads.indices.contains(thread) else { return [] }
    let situation = timeline.situation(at: path[max(0, step)])
    return StateView(situation.state, world: situation.world).thread(thread).frames
  }

  /// The functions that the thread of the finding is in, the outermost first.
  private var stack: [String] {
    var names = frames(of: finding.thread, at: depth - 1).map { program.functions[$0.function].name }
    if let own = function(of: finding.statement), names.last != own { names.append(own) }
    return names
  }

  private func local(_ local: String, of functions: [String]) -> ObjectReference? {
    for frame in frames(of: finding.thread, at: depth - 1).reversed() {
      let found = program.functions[frame.function]
      guard functions.contains(found.name) else { continue }
      for (variable, value) in zip(found.locals, frame.locals) where variable.name == local {
        return Machine.object(value)
      }
    }
    return nil
  }

  /// Whether a thread is in that callback of some driver.
  private func isIn(_ callback: String, _ thread: Int, at step: Int) -> Bool {
    var callbacks: Set<Int> = []
    for driver in program.drivers {
      for (member, value) in zip(program.ops[driver.ops].members, driver.members)
      where member.name == callback && value > 0 {
        callbacks.insert(Int(value) - 1)
      }
    }
    return frames(of: thread, at: step).contains { callbacks.contains($0.function) }
  }

  private func typeBefore(_ object: ObjectReference) -> String {
    let situation = timeline.situation(at: path[max(0, depth - 1)])
    return StateView(situation.state, world: situation.world).type(of: object).name
  }
}
