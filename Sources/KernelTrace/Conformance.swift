import Machine
public import StepLanguage

/// Reads a trace in one pass and decides whether it is a run of a model.
///
/// Give it the file's bytes chunk by chunk with `read`, then call `finish`. Memory does not grow with the trace.
public final class Conformance {
  /// What a caller may say about a trace.
  public struct Options: Sendable {
    /// Probes that the trace was recorded without.
    public var untracedProbes: Set<String>
    /// Whether the matched steps are handed over.
    public var keepsSteps: Bool

    /// - Parameters:
    ///   - untracedProbes: names of probes that the trace was recorded without.
    ///   - keepsSteps: whether the matched steps are handed over by `takeSteps`.
    public init(untracedProbes: Set<String> = [], keepsSteps: Bool = false) {
      self.untracedProbes = untracedProbes
      self.keepsSteps = keepsSteps
    }
  }

  /// A thread as the trace shows it.
  private struct Thread {
    var number: Int
    /// The operation that it is in, as the trace writes it.
    var operation: String?
    /// The same, resolved.
    var resolved: Operation?
    /// How the events of this operation are taken.
    var judgement: Judgement
  }

  private enum Judgement {
    /// Held against the model.
    case judged
    /// What it works on is not known.
    case unknown
    /// It is no operation of the model, such as a pause.
    case foreign
    /// The process seems to end.
    case leaving
  }

  private struct Slot: Hashable {
    var table: Int
    var index: Int
  }

  /// An event of a thread, waiting for the others of its instant.
  private struct Pending {
    var event: TraceEvent
    var thread: String
    var mark: Mark?
  }

  private let program: Program
  private let options: Options
  private let matcher: Matcher
  private var parser = TraceParser()
  private var splitter = LineSplitter()
  private var report = ConformanceReport()
  private var threads: [String: Thread] = [:]
  /// Names of threads whose tasks are named otherwise, by process id.
  private var threadOfTask: [Int: String] = [:]
  private var skipped: [String: Int] = [:]
  private let probeNames: Set<String>
  private let lockNames: Set<String>
  /// The slots whose values are known; nil when all are, since the trace begins where the workload does.
  private var knownSlots: Set<Slot>?
  private var hasSource = false
  private var lockEvents = 0
  /// Events were lost before, so that a difference may be their fault; the line.
  private var doubt: Int?
  /// What stands outside of any operation; a divergence unless nothing but the end of the process follows.
  private var leaving: ConformanceReport.Divergence?
  /// How many events may be missing.
  private var missing = 0
  private var instant: [Pending] = []
  private var lineCount = 0
  private var eventCount = 0
  private var lastTime = Int64.min
  private var saidDisorder = false
  private var steps: [MatchedStep] = []

  /// No more events of one instant are kept back than this.
  private static let instantLimit = 64
  /// Of a loss without a number, and of any loss at most, so many events are filled in.
  private static let unknownLoss = 256

  /// - Parameters:
  ///   - program: the model.
  ///   - options: what is known about the trace.
  public init(program: Program, options: Options = Options()) {
    self.program = program
    self.options = options
    matcher = Matcher(program: program, untraced: options.untracedProbes)
    matcher.keepsTrail = options.keepsSteps
    probeNames = Set(program.probes.map(\.name)).subtracting(options.untracedProbes)
    lockNames = Set(matcher.lockNames.compactMap { $0 })
  }

  /// Whether the verdict cannot change any more: the trace has left the model.
  public var isDecided: Bool { report.divergence != nil }

  /// Reads the next bytes of the file.
  ///
  /// - Throws: `TraceError` when they are no ftrace text.
  public func read(_ chunk: [UInt8]) throws(TraceError) {
    guard !isDecided else { return }
    try splitter.split(chunk) { (bytes, line) throws(TraceError) in
      if !self.isDecided { try self.take(bytes, line) }
    }
  }

  /// Ends the trace and gives the verdict.
  ///
  /// - Throws: `TraceError` when nothing of the file was an event of a trace.
  public func finish() throws(TraceError) -> ConformanceReport {
    if !isDecided {
      try splitter.finish { (bytes, line) throws(TraceError) in
        try self.take(bytes, line)
      }
    }
    try flush()
    guard eventCount > 0 else {
      throw TraceError(
        line: 1, column: 1,
        message:
          "there is no ftrace event in this file; give the 'trace' file of tracefs or what 'trace-cmd report' prints"
      )
    }
    let rest = matcher.unsettled()
    steps += rest.steps
    report.findings += rest.findings
    report.verdict = isDecided ? .diverges : .conforms
    report.lines = lineCount
    report.widest = matcher.widest
    report.hasLockEvents = matcher.expectsLockEvents && lockEvents > 0
    report.skipped = skipped.keys.sorted().map {
      ConformanceReport.Skipped(name: $0, count: skipped[$0] ?? 0)
    }
    if !isDecided { noteEnd() }
    return report
  }

  /// The matched steps that no other order can replace any more, in order; each is handed over once.
  public func takeSteps() -> [MatchedStep] {
    defer { steps.removeAll(keepingCapacity: true) }
    return steps
  }

  private func noteEnd() {
    if !report.hasLockEvents {
      note(
        lineCount,
        "there are no lock events: calls and returns alone were matched; the order of locks was not")
    }
    if let leaving {
      note(
        leaving.line,
        "from here on \(leaving.thread) is in no operation: the process ends and closes what it left open")
    }
    for name in report.threads {
      guard let operation = threads[name]?.operation, threads[name]?.judgement == .judged else { continue }
      note(lineCount, "the trace ends while \(name) is in '\(operation)'; what it returned is not known")
    }
    if report.unjudged > 0 {
      note(lineCount, "\(report.unjudged) events could not be judged")
    }
  }

  private func note(_ line: Int, _ text: String) {
    // A trace full of gaps must not make the report grow without end.
    guard report.notes.count < 200 else { return }
    report.notes.append(ConformanceReport.Note(line: line, text: text))
  }

  private func skip(_ name: String) { skipped[name, default: 0] += 1 }

  // MARK: Lines

  private func take(_ bytes: ArraySlice<UInt8>, _ line: Int) throws(TraceError) {
    lineCount = line
    switch parser.parse(bytes, line: line) {
    case .comment: break
    case .other: skip("lines that are no events")
    case .entries(let kept, let written):
      guard eventCount == 0 else { break }
      if kept < written { beginInTheMiddle(line, "\(written - kept) older events were overwritten") }
    case .bufferStarted(let cpu):
      try flush()
      if eventCount == 0 {
        beginInTheMiddle(line, "the buffers ran over")
      } else {
        doubt(line, "events of CPU \(cpu) before this line are lost", Self.unknownLoss)
      }
    case .lost(let cpu, let count):
      try flush()
      if eventCount == 0 {
        beginInTheMiddle(line, "events of CPU \(cpu) are lost")
      } else {
        doubt(
          line, "\(count.map { "\($0) " } ?? "")events of CPU \(cpu) are lost here", count ?? Self.unknownLoss
        )
      }
    case .event(let event): try take(event)
    }
  }

  private func beginInTheMiddle(_ line: Int, _ reason: String) {
    guard knownSlots == nil else { return }
    knownSlots = []
    note(
      line,
      "the trace begins in the middle (\(reason)): operations on files that were open before it are not judged"
    )
  }

  private func doubt(_ line: Int, _ reason: String, _ count: Int) {
    if doubt == nil { doubt = line }
    missing = min(missing + count, Self.unknownLoss)
    note(line, "\(reason): a difference after this line may be their fault and is not judged")
  }

  private func take(_ event: TraceEvent) throws(TraceError) {
    eventCount += 1
    if event.time < lastTime, !saidDisorder {
      saidDisorder = true
      note(event.line, "this event is older than the one before; events are taken in the file's order")
    }
    lastTime = event.time
    switch event.kind {
    case .mark(let text):
      guard let mark = Mark(text) else { return skip("marks that name no operation") }
      if event.pid >= 0, threadOfTask[event.pid] == nil { threadOfTask[event.pid] = mark.thread }
      try push(Pending(event: event, thread: mark.thread, mark: mark))
    case .other(let name): skip(name)
    case .lock(_, _, let name):
      guard lockNames.contains(name) else { return skip("lock events of \(name)") }
      guard let thread = thread(of: event) else { return skip("events of other tasks") }
      lockEvents += 1
      try push(Pending(event: event, thread: thread, mark: nil))
    case .probe(let name, _):
      guard probeNames.contains(name) else { return skip(name) }
      guard let thread = thread(of: event) else { return skip("events of other tasks") }
      try push(Pending(event: event, thread: thread, mark: nil))
    }
  }

  private func thread(of event: TraceEvent) -> String? {
    if Mark.threadName(event.task) == event.task { return event.task }
    return threadOfTask[event.pid]
  }

  // MARK: Instants

  /// Events with one time stamp can stand in the file in another order than they happened in.
  private func push(_ pending: Pending) throws(TraceError) {
    if let first = instant.first, first.event.time != pending.event.time || instant.count >= Self.instantLimit
    {
      try flush()
    }
    if isDecided { return }
    instant.append(pending)
  }

  private func flush() throws(TraceError) {
    var events = instant
    instant.removeAll(keepingCapacity: true)
    while !events.isEmpty, !isDecided {
      if try judge(events[0], mayFail: events.count > 1) {
        events.removeFirst()
        continue
      }
      // The event does not fit here: one of its instant, of another thread, may have come before it.
      let before = matcher.snapshot
      var moved: Int?
      for index in events.indices.dropFirst()
      where events[index].mark == nil && events[index].event.cpu != events[0].event.cpu
        && !events[..<index].contains(where: { $0.thread == events[index].thread })
      {
        if try judge(events[index], mayFail: true), try judge(events[0], mayFail: true) {
          moved = index
          break
        }
        matcher.restore(before)
      }
      if let moved {
        events.remove(at: moved)
        events.removeFirst()
      } else {
        _ = try judge(events[0], mayFail: false)
        events.removeFirst()
      }
    }
  }

  // MARK: Judging

  /// Holds one event against the model. `mayFail`: give false instead of a divergence.
  private func judge(_ pending: Pending, mayFail: Bool) throws(TraceError) -> Bool {
    let event = pending.event
    if report.events == 0, pending.mark?.result != nil || pending.mark == nil {
      beginInTheMiddle(event.line, "its first event belongs to an operation that began before it")
    }
    if threads[pending.thread] == nil {
      guard let number = matcher.threadNumber(named: pending.thread) else {
        throw TraceError(
          line: event.line, column: 1,
          message: "more than \(World.maximumThreads) threads; record a workload with fewer")
      }
      report.threads.append(pending.thread)
      threads[pending.thread] = Thread(number: number, judgement: knownSlots == nil ? .judged : .unknown)
    }
    guard var thread = threads[pending.thread] else { return true }
    defer { threads[pending.thread] = thread }
    let moment = Matcher.Moment(line: event.line, time: event.time)
    if let leaving, pending.mark != nil {
      diverge(leaving)
      return true
    }

    if let mark = pending.mark, mark.result == nil {
      return try begin(mark, pending, &thread, moment, mayFail)
    }
    guard thread.judgement == .judged else {
      if thread.judgement == .unknown || thread.judgement == .leaving {
        count(isMatched: false)
      } else if pending.mark == nil {
        skip("events of pauses")
      }
      if pending.mark != nil {
        forgetOutputs(of: thread)
        thread.operation = nil
        thread.resolved = nil
        if thread.judgement == .foreign { thread.judgement = .judged }
      }
      return true
    }
    let happening: Matcher.Happening
    switch event.kind {
    case .lock(let action, let address, let name):
      if !matcher.expectsLockEvents { return refuse(pending, thread, mayFail, &thread) }
      happening = .lock(action, address: address, name: name)
    case .probe(let name, let arguments): happening = .probe(name: name, arguments: arguments)
    case .mark:
      guard let mark = pending.mark, let result = mark.result else { return true }
      if thread.operation != mark.operation {
        guard !mayFail, doubt != nil, try fillIn(beginningOf: mark, pending, &thread, moment) else {
          return refuse(pending, thread, mayFail, &thread)
        }
      }
      happening = .ended(value: result.value, errno: result.errno)
    case .other: return true
    }
    do {
      var isMatched = try matcher.match(happening, thread: thread.number, at: moment)
      if !isMatched, lockEvents == 0, matcher.expectsLockEvents {
        // No lock event so far where the model has some: this kernel has no lockdep, or its events were not recorded.
        let before = matcher.snapshot
        matcher.dropLockEvents()
        isMatched = try matcher.match(happening, thread: thread.number, at: moment)
        if !isMatched {
          matcher.restore(before)
          matcher.keepLockEvents()
        }
      }
      if isMatched {
        count(isMatched: true)
        settle()
        if pending.mark != nil {
          learnOutputs(of: thread, succeeded: happening.isSuccess)
          thread.operation = nil
          thread.resolved = nil
        }
        return true
      }
    } catch {
      note(
        event.line,
        "more than \(Matcher.hypothesisLimit) orders of unseen steps are possible here; what follows is judged from the next opened file on"
      )
      startOver(&thread)
      return true
    }
    if !mayFail, doubt != nil,
      let lost = matcher.bridge(happening, thread: thread.number, at: moment, limit: missing)
    {
      filledIn(lost, pending)
      count(isMatched: true)
      if pending.mark != nil {
        learnOutputs(of: thread, succeeded: happening.isSuccess)
        thread.operation = nil
        thread.resolved = nil
      }
      return true
    }
    return refuse(pending, thread, mayFail, &thread)
  }

  /// The model went over events that the trace has lost.
  private func filledIn(_ lost: Int, _ pending: Pending) {
    missing -= lost
    if lost > 0 {
      note(pending.event.line, "\(lost) events before this one are taken to be among the lost ones")
    }
  }

  /// Ends the operation that a thread is in, whose last mark is lost; false when the model does not get there.
  private func fillIn(endOf thread: inout Thread, _ pending: Pending, _ moment: Matcher.Moment) -> Bool {
    guard thread.operation != nil else { return true }
    guard let lost = matcher.bridgeToEnd(thread: thread.number, at: moment, limit: missing) else {
      return false
    }
    filledIn(lost, pending)
    // What it returned is lost with the mark; the model's own result stands for it.
    learnOutputs(of: thread, succeeded: false)
    thread.operation = nil
    thread.resolved = nil
    return true
  }

  /// Begins the operation whose end the mark tells and whose first mark is lost.
  private func fillIn(
    beginningOf mark: Mark, _ pending: Pending, _ thread: inout Thread, _ moment: Matcher.Moment
  ) throws(TraceError) -> Bool {
    guard missing > 0, fillIn(endOf: &thread, pending, moment),
      let start = Mark("\(mark.thread) \(mark.operation)")
    else { return false }
    guard try begin(start, pending, &thread, moment, true), thread.judgement == .judged else { return false }
    missing -= 1
    return true
  }

  private func count(isMatched: Bool) {
    report.events += 1
    if isMatched { report.matched += 1 } else { report.unjudged += 1 }
  }

  private func settle() {
    guard let settled = matcher.settled() else { return }
    if options.keepsSteps { steps += settled.steps }
    if report.findings.count < 200 { report.findings += settled.findings }
  }

  /// An operation's first mark.
  private func begin(
    _ mark: Mark, _ pending: Pending, _ thread: inout Thread, _ moment: Matcher.Moment, _ mayFail: Bool
  ) throws(TraceError) -> Bool {
    if thread.judgement == .judged, thread.operation != nil {
      guard !mayFail, doubt != nil, fillIn(endOf: &thread, pending, moment) else {
        return refuse(pending, thread, mayFail, &thread)
      }
    }
    let name = String(mark.operation.prefix { $0 != " " })
    guard program.entry(named: name) != nil else {
      skip("operations '\(name)', which the model does not have")
      thread.operation = mark.operation
      thread.resolved = nil
      thread.judgement = .foreign
      return true
    }
    let operation: Operation
    do throws(DiagnosticError) {
      operation = try Operation(
        OperationLine(mark.operation), program: program, source: SourceFile(name: "", text: mark.operation))
    } catch {
      let text = error.diagnostics.first?.message ?? "this is no operation of the model"
      throw TraceError(line: moment.line, column: 1, message: text)
    }
    thread.operation = mark.operation
    thread.resolved = operation
    guard inputsAreKnown(operation) else {
      thread.judgement = .unknown
      count(isMatched: false)
      return true
    }
    guard matcher.begin(operation, thread: thread.number, at: moment) else {
      thread.operation = nil
      return refuse(pending, thread, mayFail, &thread)
    }
    thread.judgement = .judged
    if case .entry(let entry, _) = operation.kind,
      program.entries[entry].parameters.allSatisfy({ $0.direction == .output || $0.kind == .flag })
    {
      hasSource = true
    }
    count(isMatched: true)
    settle()
    return true
  }

  /// The event is no possible one; false when the caller wants to try another order first.
  private func refuse(_ pending: Pending, _ current: Thread, _ mayFail: Bool, _ thread: inout Thread) -> Bool
  {
    // A lock of which nothing is known, and whose name others share.
    if case .lock(_, let address, let name) = pending.event.kind, matcher.sharedLockNames.contains(name),
      !matcher.frontier.contains(where: { $0.map.knowsLock(at: address) })
    {
      skip("lock events of others than the model's objects")
      return true
    }
    if mayFail { return false }
    if doubt != nil {
      note(
        pending.event.line,
        "this event does not follow from what is known; from here on only operations on files opened later are judged"
      )
      startOver(&thread)
      return true
    }
    if !hasSource, knownSlots == nil {
      beginInTheMiddle(pending.event.line, "it uses files that it does not open")
      startOver(&thread)
      return true
    }
    let outlooks = matcher.expected(current.number)
    let divergence = ConformanceReport.Divergence(
      line: pending.event.line, event: pending.event.text, thread: pending.thread,
      function: outlooks.function ?? current.operation.map { String($0.prefix { $0 != " " }) },
      place: outlooks.place, operation: current.operation, expected: outlooks.expected)
    if pending.mark == nil, threads.values.allSatisfy({ $0.operation == nil }) {
      // Nobody is in an operation: this may be the end of the process, which closes what was left open. A mark behind it tells otherwise.
      leaving = divergence
      thread.judgement = .leaving
      count(isMatched: false)
      return true
    }
    diverge(divergence)
    return true
  }

  private func diverge(_ divergence: ConformanceReport.Divergence) {
    report.events += 1
    report.divergence = divergence
  }

  /// Nothing is known any more; every thread is in the middle of something.
  private func startOver(_ current: inout Thread) {
    matcher.forgetAll()
    doubt = nil
    knownSlots = []
    current.judgement = .unknown
    for name in threads.keys { threads[name]?.judgement = .unknown }
    count(isMatched: false)
  }

  // MARK: What is known

  private func slots(of operation: Operation?, _ wanted: (EntryParameter.Direction) -> Bool) -> [Slot] {
    guard let operation, case .entry(let entry, let arguments) = operation.kind else { return [] }
    var result: [Slot] = []
    for (position, parameter) in program.entries[entry].parameters.enumerated()
    where wanted(parameter.direction) {
      if case .slot(let table, let index) = arguments[position] {
        result.append(Slot(table: table, index: index))
      }
    }
    return result
  }

  private func inputsAreKnown(_ operation: Operation) -> Bool {
    guard let known = knownSlots else { return true }
    return slots(of: operation) { $0 != .output }.allSatisfy { known.contains($0) }
  }

  private func learnOutputs(of thread: Thread, succeeded: Bool) {
    guard knownSlots != nil else { return }
    for slot in slots(of: thread.resolved, { $0 == .both || (succeeded && $0 == .output) }) {
      knownSlots?.insert(slot)
    }
  }

  private func forgetOutputs(of thread: Thread) {
    guard knownSlots != nil else { return }
    for slot in slots(of: thread.resolved, { $0 != .input }) { knownSlots?.remove(slot) }
  }
}

extension Matcher.Happening {
  fileprivate var isSuccess: Bool {
    if case .ended(value: 0, _) = self { return true }
    return false
  }
}
