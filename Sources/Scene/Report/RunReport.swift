public import Machine
public import Recording
public import StepLanguage

/// A finding told in the words of the domain: who made and freed the object, where the stale pointer was taken, who holds what in a deadlock
/// and since when.
///
/// Of a run in which nothing was found it tells the steps alone.
public struct RunReport: Sendable {
  /// The finding of the last step, if any.
  public let finding: Finding?
  /// The step at which it showed.
  public let step: Int
  /// What led to it, a sentence each, in the order in which it happened where there is one.
  public let sentences: [String]
  /// The rules of the model's contract of which the finding breaks one.
  public let rules: [Rule]
  /// The steps up to the finding.
  public let rows: [Row]
  /// The names of the threads.
  public let threadNames: [String]

  /// A step of the report.
  public struct Row: Hashable, Sendable {
    /// The step's number.
    public let step: Int
    /// Who took it.
    public let thread: Int
    /// What it did, as in the model's text.
    public let text: String
    /// What happened in it.
    public let notes: [String]
    /// Why the thread before this one did not go on; nil when it is the same thread.
    public let switchReason: String?
  }

  /// The report of a timeline up to its present step.
  ///
  /// - Parameters:
  ///   - timeline: what was run; a finding of its present step is explained.
  ///   - start: the number of the step after which rows are told, such as the end of the set-up.
  ///   - namesRules: whether to look for the rules that were broken; in a long session that takes a while.
  public init(_ timeline: Timeline, from start: Int = 0, namesRules: Bool = true) {
    let finding =
      timeline.record?.findings.first ?? (timeline.here == 0 ? timeline.initialFindings.first : nil)
    self.finding = finding
    step = timeline.depth
    threadNames = timeline.world.threads.map(\.name)
    let teller = ReportTeller(timeline)
    sentences = finding.map { teller.sentences(about: $0) } ?? []
    rules = namesRules ? finding.map { timeline.brokenRules(by: $0) } ?? [] : []
    rows = teller.rows(from: start)
  }

  /// The report for a mail or an issue.
  ///
  /// - Parameters:
  ///   - model: the model's name.
  ///   - scenario: the scenario's name.
  public func markdown(model: String, scenario: String) -> String {
    var lines: [String]
    if let finding {
      lines = [
        "# \(finding.property.rawValue): \(finding.message)", "",
        "Model `\(model)`, scenario `\(scenario)`, step \(step): \(finding.property.title).", "",
      ]
      if let sentence = Rule.sentence(rules) { lines += ["It \(sentence).", ""] }
    } else {
      lines = ["# \(scenario) under \(model)", "", "\(step) steps; nothing was found.", ""]
    }
    if !sentences.isEmpty {
      lines += sentences.map { "- \($0)" }
      lines.append("")
    }
    return (lines + table).joined(separator: "\n")
  }

  /// The steps as a table with a column for each thread.
  private var table: [String] {
    var lines: [String] = []
    let used = threadNames.indices.filter { thread in rows.contains { $0.thread == thread } }
    lines.append("| step | \(used.map { threadNames[$0] }.joined(separator: " | ")) | what happened |")
    lines.append("| ---: |\(used.map { _ in " --- |" }.joined()) --- |")
    for row in rows {
      if let reason = row.switchReason {
        lines.append("| |\(used.map { _ in " |" }.joined()) *\(reason)* |")
      }
      let cells = used.map { $0 == row.thread ? " `\(row.text.replacingBars)` |" : " |" }.joined()
      lines.append("| \(row.step) |\(cells) \(row.notes.joined(separator: "; ").replacingBars) |")
    }
    return lines
  }
}

extension String {
  /// A bar would end a table's cell.
  fileprivate var replacingBars: String {
    String(flatMap { $0 == "|" ? Array("\\|") : [$0] })
  }
}

/// Looks back along a timeline for what led to a finding.
private struct ReportTeller {
  let timeline: Timeline
  private let path: TimelinePath

  init(_ timeline: Timeline) {
    self.timeline = timeline
    path = timeline.path
  }

  private var program: Program { timeline.world.program }

  // MARK: Sentences

  func sentences(about finding: Finding) -> [String] {
    switch finding.property {
    case .useAfterFree, .doubleFree: aboutMemory(finding)
    case .deadlock, .selfDeadlock: aboutWaiting()
    case .lostWakeup: aboutSleep(finding)
    case .leak: finding.objects.compactMap { birth(of: $0) }
    case .refcountUnderflow, .refcountResurrect: finding.objects.flatMap { counts(of: $0) }
    default: finding.statement.map { ["\(threadName(finding.thread)) is at \(place($0))."] } ?? []
    }
  }

  private func aboutMemory(_ finding: Finding) -> [String] {
    guard let object = finding.objects.first else { return [] }
    // After the step nobody may point to it any more, and it has no name left; before, somebody did.
    let before = timeline.situation(at: path[max(0, path.count - 2)])
    let name = StateView(before.state, world: before.world).name(of: object)
    var result = [birth(of: object)].compactMap { $0 }
    if let pointer = stalePointer(to: object, in: finding.thread) { result.append(pointer) }
    if let (depth, record) = last(
      where: { $0.kind == .freed && $0.a == Int64(object.index) }, upTo: path.count - 1)
    {
      let by = threadName(record.thread)
      result.append("\(by) freed \(name) at step \(depth)\(at(record)).")
    }
    let leading = pointers(to: object)
    if !leading.isEmpty {
      result.append("\(leading.joined(separator: ", ")) still lead\(leading.count == 1 ? "s" : "") to it.")
    }
    if let statement = finding.statement {
      let verb = finding.property == .doubleFree ? "frees it again" : "uses it"
      result.append("\(threadName(finding.thread)) \(verb) at step \(timeline.depth): \(place(statement)).")
    }
    return result
  }

  /// The fields of living objects that lead to the object.
  private func pointers(to object: ObjectReference) -> [String] {
    let view = timeline.view
    var result: [String] = []
    for other in view.objects where view.isAlive(other) {
      for field in view.type(of: other).fields {
        if case .reference(let target) = view.value(field, of: other), target == object {
          result.append("\(view.name(of: other)).\(field.name)")
        }
      }
    }
    return result
  }

  private func birth(of object: ObjectReference) -> String? {
    guard
      let (depth, record) = last(
        where: { $0.kind == .allocated && $0.a == Int64(object.index) }, upTo: path.count - 1)
    else { return nil }
    let situation = timeline.situation(at: path[depth])
    let name = StateView(situation.state, world: situation.world).name(of: object)
    return "\(threadName(record.thread)) made \(name) at step \(depth)\(at(record))."
  }

  /// The step since which the thread has a variable that leads to the object.
  private func stalePointer(to object: ObjectReference, in thread: Int) -> String? {
    var since: (depth: Int, function: String, variable: String)?
    for depth in stride(from: path.count - 2, through: 0, by: -1) {
      let situation = timeline.situation(at: path[depth])
      let frames = StateView(situation.state, world: situation.world).thread(thread).frames
      var found: (String, String)?
      for frame in frames where found == nil {
        let function = program.functions[frame.function]
        for (local, value) in zip(function.locals, frame.locals) where value == Int64(object.index) {
          guard case .reference = local.type, !local.name.isEmpty else { continue }
          found = (function.name, local.name)
          break
        }
      }
      guard let found else { break }
      since = (depth, found.0, found.1)
    }
    guard let since, since.depth > 0, let record = timeline.nodes[path[since.depth]].record else {
      return nil
    }
    return
      "\(threadName(thread)) has the pointer in '\(since.variable)' of \(since.function) since step \(since.depth)\(at(record))."
  }

  private func aboutWaiting() -> [String] {
    let view = timeline.view
    var result: [String] = []
    let machine = Machine(world: timeline.world)
    for thread in timeline.world.threads.indices {
      guard let (lock, holders) = machine.wantedLock(of: thread, in: timeline.state) else { continue }
      let statement = view.thread(thread).nextStatement.map { " at \(place($0))" } ?? ""
      let since = stepThatBeganToWait(thread, machine).map { " since step \($0)" } ?? ""
      for holder in holders {
        var sentence =
          "\(threadName(thread)) waits for \(view.name(of: lock))\(since)\(statement); \(threadName(holder)) holds it"
        let held = view.thread(holder).held.first { $0.isSameLock(as: lock) } ?? lock
        if let step = timeline.stepThatTook(held, thread: holder),
          let record = timeline.nodes[path[step]].record
        {
          sentence += " since step \(step)\(at(record))"
        }
        result.append(sentence + ".")
      }
    }
    return result
  }

  /// The step since which a thread stands before a lock that another one has: its own last step, or a later one that took the lock away.
  private func stepThatBeganToWait(_ thread: Int, _ machine: Machine) -> Int? {
    var arrival = path.count - 1
    while arrival > 0, let record = timeline.nodes[path[arrival]].record,
      // Queueing up for the lock is waiting, too.
      record.thread != thread || record.events.contains(where: { $0.kind == .queued })
    {
      arrival -= 1
    }
    return (arrival..<path.count).first {
      let situation = timeline.situation(at: path[$0])
      machine.use(situation.world)
      return machine.wantedLock(of: thread, in: situation.state) != nil
    }
  }

  private func aboutSleep(_ finding: Finding) -> [String] {
    var result: [String] = []
    guard
      let (slept, record) = last(
        where: { $0.kind == .slept && Int($0.thread) == finding.thread }, upTo: path.count - 1)
    else { return [] }
    result.append("\(threadName(finding.thread)) went to sleep at step \(slept)\(at(record)).")
    for depth in (slept + 1)..<path.count {
      guard let record = timeline.nodes[path[depth]].record else { continue }
      if record.events.contains(where: { $0.kind == .wokeNobody }) {
        result.append(
          "The wake-up of \(threadName(record.thread)) at step \(depth)\(at(record)) reached nobody.")
      }
    }
    result.append("The sleeper finds out only when its time is over, at step \(timeline.depth).")
    return result
  }

  private func counts(of object: ObjectReference) -> [String] {
    var result: [String] = []
    for depth in path.indices.reversed() {
      guard let record = timeline.nodes[path[depth]].record else { continue }
      if record.events.contains(where: { $0.kind == .allocated && $0.a == Int64(object.index) }) { break }
      for event in record.events where event.kind == .counted && event.a == Int64(object.index) {
        let field =
          timeline.view.contains(object)
          ? timeline.view.type(of: object).field(at: Int(event.b))?.name ?? "count" : "count"
        result.append(
          "\(threadName(record.thread)): \(field) \(event.c) to \(event.d) at step \(depth)\(at(record)).")
      }
    }
    return result.reversed()
  }

  /// The last step up to a depth with such an event.
  private func last(where matches: (Event) -> Bool, upTo depth: Int) -> (depth: Int, record: StepRecord)? {
    for depth in stride(from: depth, through: 1, by: -1) {
      guard let record = timeline.nodes[path[depth]].record else { continue }
      if record.events.contains(where: matches) { return (depth, record) }
    }
    return nil
  }

  private func threadName(_ thread: Int) -> String {
    timeline.world.threads.indices.contains(thread) ? timeline.world.threads[thread].name : "init"
  }

  private func at(_ record: StepRecord) -> String {
    record.statement.map { ", \(place($0))" } ?? ""
  }

  private func place(_ statement: Int) -> String {
    let function = program.functions[program.statements[statement].function].name
    return "`\(program.text(of: statement))` in \(function)"
  }

  // MARK: Rows

  func rows(from start: Int) -> [RunReport.Row] {
    var result: [RunReport.Row] = []
    guard path.count > 1 else { return [] }
    var before = timeline.situation(at: path[min(start, path.count - 1)])
    var previous: Int?
    for depth in (start + 1)..<max(start + 1, path.count) {
      guard let record = timeline.nodes[path[depth]].record else { continue }
      let after = timeline.situation(at: path[depth])
      let row = LogRow(
        record, step: depth, before: StateView(before.state, world: before.world),
        after: StateView(after.state, world: after.world))
      var reason: String?
      if let previous, previous != record.thread {
        reason = "\(threadName(previous)) \(whyNot(previous, before)); \(threadName(record.thread)) goes on"
      }
      result.append(
        RunReport.Row(
          step: depth, thread: record.thread, text: row.text, notes: row.notes.map(\.text),
          switchReason: reason))
      previous = record.thread
      before = after
    }
    return result
  }

  private func whyNot(_ thread: Int, _ situation: (state: State, world: World)) -> String {
    let view = StateView(situation.state, world: situation.world)
    let machine = Machine(world: situation.world)
    switch machine.readiness(in: situation.state)[thread] {
    case .blocked(let lock, let by):
      return "waits for \(view.name(of: lock)), held by \(by.map { threadName($0) }.joined(separator: ", "))"
    case .sleeping, .timeout: return "sleeps"
    case .finished: return "is through"
    case .barrier: return "waits at the barrier"
    case .stuck: return "is stuck"
    case .ready: return "could go on but is interrupted"
    }
  }
}
