public import Machine
public import Recording
import StepLanguage

extension Timeline {
  /// The rules of docs/contract.md of which a finding of the present step breaks one.
  ///
  /// One where the steps before tell which; several, the likeliest first, where they do not; none where the finding is about something else,
  /// or follows from what broke before.
  public func brokenRules(by finding: Finding) -> [ContractRule] {
    RuleReader(timeline: self, finding: finding, depth: depth).rules
  }
}

/// Reads from the steps that led to a finding whose duty was missed.
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

  var rules: [ContractRule] {
    switch finding.property {
    case .invariant: invariant
    case .pinAfterUnmap: pinAfterUnmap
    case .pinOnOldIoas: pinOnOldIoas
    case .pinLeak: earlierPin ?? [.c4]
    case .callbackAfterClose: [.c9]
    case .useAfterFree, .nullDereference: memory
    case .doubleFree: [.i1]
    case .refcountUnderflow: stack.contains { $0 == "iommufd_access_unpin_pages" } ? [.c7] : [.i1]
    case .deadlock, .selfDeadlock: waiting
    case .lostWakeup: waitsForOwnCallback ? [.c6] : []
    case .warn: warning
    default: []
    }
  }

  // MARK: Invariants

  /// The message begins with the number, and perhaps a letter.
  private var invariant: [ContractRule] {
    if finding.message.hasPrefix("prevent_access is set once") { return [.i9] }
    guard let colon = finding.message.firstIndex(of: ":") else { return [] }
    let number = finding.message[..<colon]
    let name = number.last.map { $0.isLowercase ? number.dropLast() : number } ?? number
    guard let rule = ContractRule(rawValue: String(name)) else { return [] }
    return [rule == .i3 && lastChangeWasRefused ? .c12 : rule]
  }

  private var lastChangeWasRefused: Bool {
    for step in backwards() {
      for event in record(step)?.events.reversed() ?? [] where event.kind == .left {
        if ["iommufd_access_change_ioas", "iommufd_access_set_ioas"].contains(name(of: event)) {
          return event.b < 0
        }
      }
    }
    return false
  }

  // MARK: Pins

  private var pinAfterUnmap: [ContractRule] {
    // Where an area goes while it is pinned, nobody is to be asked any more.
    guard function(of: finding.statement) == "iopt_unmap_iova_range" else { return [.i7] }
    // Through an access that has left nobody is asked any more.
    if let earlierPin { return earlierPin }
    guard let asked = asking("iommufd_access_notify_unmap") else { return [.c1, .c2, .c3] }
    guard let call = asked.call else { return [.c2] }
    let situation = timeline.situation(at: path[depth])
    let view = StateView(situation.state, world: situation.world)
    let owners = view.objects.filter { object in
      guard view.isAlive(object), case .int(let pins)? = view.value("pins", of: object) else { return false }
      return pins > 0
    }
    // With pins of several accesses left it is not known whose driver was not asked.
    guard owners.count == 1, let owner = owners.first else { return [.c1, .c2, .c3] }
    return wasBeingPinned(owner, at: call) ? [.c3, .c1] : [.c1]
  }

  private var pinOnOldIoas: [ContractRule] {
    if let earlierPin { return earlierPin }
    guard let function = function(of: finding.statement), let asked = asking(function),
      let access = local("access", of: function)
    else { return [.c4, .c1, .c3, .c11] }
    guard let call = asked.call else { return [.c4] }
    if (asked.begin...depth).contains(where: { raises(access, at: $0) }) { return [.c11] }
    return wasBeingPinned(access, at: call) ? [.c3, .c1] : [.c1]
  }

  /// The first pin that was left behind before: whose duty was missed then. What is left of it is met at every later change.
  private var earlierPin: [ContractRule]? {
    for step in 1..<max(1, depth) {
      if let earlier = record(step)?.findings.first(where: { $0.property == .pinOnOldIoas }) {
        return RuleReader(timeline: timeline, finding: earlier, depth: step).rules
      }
    }
    return nil
  }

  /// The step at which the thread last entered a function, and the last one since at which it called a driver.
  private func asking(_ function: String) -> (begin: Int, call: Int?)? {
    var call: Int?
    for step in backwards() {
      guard let record = record(step), record.thread == finding.thread else { continue }
      if call == nil, record.events.contains(where: { $0.kind == .calledDriver }) { call = step }
      if record.events.contains(where: { $0.kind == .entered && name(of: $0) == function }) {
        return (step, call)
      }
    }
    return nil
  }

  /// Whether another thread had pinned through the access and was still in the same system call, so that nothing may be noted yet.
  private func wasBeingPinned(_ access: ObjectReference, at call: Int) -> Bool {
    let situation = timeline.situation(at: path[call])
    let threads = StateView(situation.state, world: situation.world).threads
    var open = threads.indices.filter { $0 != finding.thread && threads[$0].isInCall }
    for step in stride(from: call, through: 1, by: -1) where !open.isEmpty {
      guard let record = record(step), open.contains(record.thread) else { continue }
      if raises(access, at: step) { return true }
      if record.events.contains(where: { $0.kind == .operationStarted }) {
        open.removeAll { $0 == record.thread }
      }
    }
    return false
  }

  /// Whether a step adds to an access's pins.
  private func raises(_ access: ObjectReference, at step: Int) -> Bool {
    let raised = record(step)?.events.contains {
      $0.kind == .stored && $0.a == Int64(access.index) && $0.d > $0.c
        && program.types[typeIndex(of: access)].field(at: Int($0.b))?.name == "pins"
    }
    return raised ?? false
  }

  private func typeIndex(of object: ObjectReference) -> Int {
    let situation = timeline.situation(at: path[depth])
    return StateView(situation.state, world: situation.world).typeIndex(of: object)
  }

  // MARK: Memory

  /// What a driver may do with its access.
  private static let calls: Set<String> = [
    "iommufd_access_attach", "iommufd_access_replace", "iommufd_access_detach", "iommufd_access_set_ioas",
    "iommufd_access_pin_pages", "iommufd_access_unpin_pages", "iommufd_access_rw",
  ]

  private var memory: [ContractRule] {
    if isInCallback(finding.thread, at: depth - 1) || stack.contains("iommufd_access_notify_unmap") {
      let concernsCore = finding.objects.first.map { isOfCore($0) } ?? false
      return concernsCore || wasDestroyed(leftOnly: true) ? [.c5] : [.c9]
    }
    let isInCall = stack.contains { Self.calls.contains($0) }
    return isInCall && wasDestroyed(leftOnly: false) ? [.c8] : []
  }

  /// Whether another thread has entered, or left, the destruction of an access.
  private func wasDestroyed(leftOnly: Bool) -> Bool {
    backwards().contains { step in
      record(step)?.events.contains {
        ($0.kind == .left || (!leftOnly && $0.kind == .entered)) && Int($0.thread) != finding.thread
          && name(of: $0) == "iommufd_access_destroy"
      } ?? false
    }
  }

  // MARK: Waiting

  /// A callback waits for its driver's lock, or for one that the core ought not to hold.
  private var waiting: [ContractRule] {
    let machine = Machine(world: timeline.world)
    for thread in timeline.world.threads.indices where isInCallback(thread, at: depth) {
      guard let wanted = machine.wantedLock(of: thread, in: timeline.state) else { continue }
      if !isOfCore(wanted.lock.object) { return [.c6] }
      if wanted.keepers.contains(thread) { return [.i13] }
    }
    return []
  }

  /// Whether a callback of another thread waits for a lock of the thread that waits for its end.
  private var waitsForOwnCallback: Bool {
    let machine = Machine(world: timeline.world)
    let before = timeline.situation(at: path[max(0, depth - 1)])
    return timeline.world.threads.indices.contains { thread in
      guard thread != finding.thread, isInCallback(thread, at: depth - 1),
        let wanted = machine.wantedLock(of: thread, in: before.state)
      else { return false }
      return wanted.keepers.contains(finding.thread) && !isOfCore(wanted.lock.object)
    }
  }

  // MARK: Warnings

  private var warning: [ContractRule] {
    switch function(of: finding.statement) {
    case "iopt_destroy_table": finding.message.hasSuffix("an access is still listed") ? [.c4] : [.i11]
    case "iopt_put_pages": [.i11]
    case "iopt_area_remove_access": [.c7]
    case "iommufd_access_unpin_pages":
      finding.message == "WARN_ON(ioas == null)" && isInWindow ? [.c11] : [.c7]
    case "iommufd_access_attach", "iommufd_access_detach":
      finding.message.hasPrefix("WARN_ON(access.ioas ") ? [.c8] : []
    case "iommufd_access_destroy": waitsForOwnCallback ? [.c6] : []
    case "iopt_unmap_iova_range": hundredRounds
    default: []
    }
  }

  /// After a hundred rounds: in the last one somebody was asked again, or there were only many areas.
  private var hundredRounds: [ContractRule] {
    for step in backwards() {
      guard let record = record(step) else { continue }
      if record.findings.contains(where: { $0.property == .pinAfterUnmap }) { return pinAfterUnmap }
      let endsRound = record.events.contains {
        $0.kind == .left && $0.thread == Int32(finding.thread)
          && name(of: $0) == "iommufd_access_notify_unmap"
      }
      if endsRound, step < depth - 1, let begin = asking("iommufd_access_notify_unmap")?.begin, step < begin {
        return [.c2]
      }
    }
    return [.c2]
  }

  /// Whether an access is in its change.
  private var isInWindow: Bool {
    timeline.world.threads.indices.contains { thread in
      frames(of: thread, at: depth - 1).contains {
        ["iommufd_access_change_ioas", "iommufd_access_set_ioas"].contains(
          program.functions[$0.function].name)
      }
    }
  }

  // MARK: Looking

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

  private func local(_ local: String, of function: String) -> ObjectReference? {
    for frame in frames(of: finding.thread, at: depth - 1).reversed() {
      let found = program.functions[frame.function]
      guard found.name == function else { continue }
      for (variable, value) in zip(found.locals, frame.locals) where variable.name == local {
        return Machine.object(value)
      }
    }
    return nil
  }

  /// Whether a thread is in an unmap callback of an access.
  private func isInCallback(_ thread: Int, at step: Int) -> Bool {
    var callbacks: Set<Int> = []
    for driver in program.drivers {
      for (member, value) in zip(program.ops[driver.ops].members, driver.members)
      where member.name == "unmap" && value > 0 {
        callbacks.insert(Int(value) - 1)
      }
    }
    return frames(of: thread, at: step).contains { callbacks.contains($0.function) }
  }

  /// Whether an object belongs to iommufd, not to a driver.
  private func isOfCore(_ object: ObjectReference) -> Bool {
    let situation = timeline.situation(at: path[max(0, depth - 1)])
    let type = StateView(situation.state, world: situation.world).type(of: object).name
    return type.hasPrefix("iommufd_") || type.hasPrefix("iopt_")
  }
}
