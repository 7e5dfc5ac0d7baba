import Basics
import Explorer
public import Machine
public import Recording
import Scene
public import StepLanguage

/// A finding as a kernel developer would forward it: what, where, on which stacks, after which steps, and what it depends on.
///
/// Text, Markdown, JSON, SARIF, sessions and the screen read this value; none of them looks back along the run itself.
public struct FindingReport: Sendable {
  /// A place in a model's text.
  public struct Place: Hashable, Sendable {
    /// The file's name, as the model was read.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column, from 1, in characters.
    public var column: Int
    /// The function.
    public var function: String
    /// The statement's text.
    public var text: String
  }

  /// A function on a thread's stack, with the place that it has come to.
  public struct Frame: Hashable, Sendable {
    /// The function.
    public var function: String
    /// Where in it the thread is: the statement, or the call of the next function; nil where the function has no statement there.
    public var place: Place?
  }

  /// A thread that has to do with the finding.
  public struct ThreadStack: Hashable, Sendable {
    /// The thread's number.
    public var thread: Int
    /// Its name.
    public var name: String
    /// The functions it is in, the system call first; empty between two system calls.
    public var stack: [Frame]
    /// The line of the script that it runs; empty between two.
    public var operation: String
    /// What keeps it, in words; empty when it could go on.
    public var state: String
  }

  /// The stack of a thread at an earlier step that the finding is about, as KASAN prints who made an object and who freed it.
  public struct PastStack: Hashable, Sendable {
    /// What it did.
    public enum Role: String, Sendable {
      /// It freed the object.
      case freed
      /// It made the object.
      case made
    }

    /// What it did.
    public var role: Role
    /// The thread and its stack at that statement; its state says what it did and when.
    public var thread: ThreadStack
    /// The number of the step.
    public var step: Int
  }

  /// One step of the schedule.
  public struct Step: Hashable, Sendable {
    /// The thread's name.
    public var thread: String
    /// Which way the step's choice goes.
    public var choice: Int
  }

  /// What is wrong.
  public let finding: Finding
  /// The names of the threads.
  public let threadNames: [String]
  /// The statement that did it. Of an object that is left though no statement did it, where it was made, as kmemleak prints it; nil when it
  /// belongs to none.
  public let place: Place?
  /// Whether the place is where the object was made.
  public let isPlaceOfMaking: Bool
  /// The thread that did it, as it stood when it did.
  public let culprit: ThreadStack
  /// The other threads that the finding depends on, as they stand after it.
  public let others: [ThreadStack]
  /// Who freed the object and who made it, where the finding is about one that was freed.
  public let past: [PastStack]
  /// The number of the step.
  public let step: Int
  /// How many steps the set-up has.
  public let setup: Int
  /// How many switches take the processor from a thread that could go on, and how many threads move; set-up and barriers do not count.
  public let preemptions: Int
  /// How many threads take steps that are none of the set-up.
  public let movingThreads: Int
  /// All steps from the start.
  public let schedule: [Step]
  /// What the finding depends on.
  public let slice: FindingSlice
  /// What was known when, a sentence each, in the order in which it happened where there is one.
  public let facts: [String]
  /// The rules of which the finding breaks one.
  public let rules: [Rule]
  /// Of a livelock the steps that come again and again.
  public let loop: ClosedRange<Int>?

  /// The report of a finding of a timeline's present step.
  ///
  /// - Parameters:
  ///   - finding: what to explain.
  ///   - timeline: what was run, up to the finding.
  ///   - namesRules: whether to look for the rules that were broken; in a long session that takes a while.
  public init(_ finding: Finding, in timeline: Timeline, namesRules: Bool = true) {
    let program = timeline.world.program
    setup = timeline.setupDepth
    let slicer = Slicer(finding, timeline, setup: setup)
    slice = FindingSlice(slicer)
    self.finding = finding
    threadNames = timeline.world.threads.map(\.name)
    step = timeline.depth
    loop = timeline.claim(of: finding)?.loop
    let stack = slicer.stack()
    let statement =
      finding.statement ?? slicer.violations.max().flatMap { slicer.run.instances[$0].statement }
    let now = Self.thread(finding.thread, timeline)
    let own = statement.map { program.place(of: $0) } ?? stack.last?.place
    let isLeak = finding.property == .leak && finding.statement == nil
    let made = isLeak ? slicer.placeOfMaking() : nil
    place = made ?? own
    isPlaceOfMaking = made != nil
    culprit = ThreadStack(
      thread: finding.thread, name: now.name, stack: stack.isEmpty ? now.stack : stack,
      operation: slicer.operation(of: finding.thread) ?? now.operation, state: stack.isEmpty ? now.state : "")
    let involved = Set(slice.rows.map(\.thread) + finding.threads).subtracting([finding.thread])
    others = involved.sorted().map { Self.thread($0, timeline) }
    past = slicer.pastStacks()
    schedule = timeline.path.dropFirst().compactMap { node in
      guard case .step(let thread, let choice)? = timeline.action(at: node) else { return nil }
      return Step(
        thread: timeline.world.threads.indices.contains(thread) ? timeline.world.threads[thread].name : "?",
        choice: choice)
    }
    (preemptions, movingThreads) = Self.switches(timeline, setup: setup)
    facts = FindingFacts(slicer).sentences
    rules = namesRules ? timeline.brokenRules(by: finding) : []
  }

  /// The finding that a timeline's present step is about: the one that its session names, or the first; nil when nothing is wrong here.
  public static func finding(at timeline: Timeline) -> Finding? {
    timeline.claimedFinding ?? timeline.record?.findings.first
      ?? (timeline.here == 0 ? timeline.initialFindings.first : nil)
  }

  /// The statement at which a finding of the present step shows; nil when it belongs to none.
  public static func place(of finding: Finding, in timeline: Timeline) -> Int? {
    if let statement = finding.statement { return statement }
    let last = timeline.record?.statement
    return timeline.record?.thread == finding.thread ? last : nil
  }

  /// The report of what is wrong at the present step; nil when nothing is.
  public init?(_ timeline: Timeline, namesRules: Bool = true) {
    guard let finding = Self.finding(at: timeline) else { return nil }
    self.init(finding, in: timeline, namesRules: namesRules)
  }

  /// A thread as it stands.
  private static func thread(_ number: Int, _ timeline: Timeline) -> ThreadStack {
    let world = timeline.world
    guard world.threads.indices.contains(number) else {
      return ThreadStack(thread: number, name: "init", stack: [], operation: "", state: "")
    }
    let program = world.program
    let view = timeline.view
    let thread = view.thread(number)
    let frames = thread.frames.map { frame in
      Frame(
        function: program.functions[frame.function].name, place: frame.statement.map { program.place(of: $0) }
      )
    }
    let operations = world.threads[number].operations
    let operation =
      thread.isInCall && operations.indices.contains(thread.operationsDone)
      ? operations[thread.operationsDone].text : ""
    return ThreadStack(
      thread: number, name: thread.name, stack: frames, operation: operation,
      state: Waiting(timeline).words(of: number))
  }

  /// Preemptions and threads behind the set-up.
  private static func switches(_ timeline: Timeline, setup: Int) -> (preemptions: Int, threads: Int) {
    let path = timeline.path
    var preemptions = 0
    var threads: Set<Int> = []
    var previous: Int?
    for depth in (setup + 1)..<max(setup + 1, path.count) {
      let point = timeline.nodes[path[depth]]
      // A barrier is no part of the race.
      guard case .step(let thread, _)? = point.action, !point.traits.contains(.passesBarrier) else {
        continue
      }
      threads.insert(thread)
      if let previous, previous != thread {
        let situation = timeline.situation(at: path[depth - 1])
        let machine = Machine(world: situation.world)
        let view = StateView(situation.state, world: situation.world)
        if machine.mayStep(previous, in: situation.state) > 0, view.thread(previous).isInCall {
          preemptions += 1
        }
      }
      previous = thread
    }
    return (preemptions, threads.count)
  }

  /// The race diagram of a width, and of no more lines than that where it can be.
  public func race(width: Int = 72, height: Int? = 24) -> RaceDiagram {
    RaceDiagram(slice, names: threadNames, property: finding.property, width: width, height: height)
  }
}

extension Program {
  /// A statement's place.
  func place(of statement: Int) -> FindingReport.Place {
    let info = statements[statement]
    let source = sources[info.span.file]
    return FindingReport.Place(
      file: source.name, line: source.line(at: info.span.start), column: source.column(at: info.span.start),
      function: functions[info.function].name, text: text(of: statement))
  }
}

extension Slicer {
  /// The stack of the thread that did it, at the very statement.
  func stack() -> [FindingReport.Frame] {
    guard let violation = violations.max(), run.instances[violation].thread == finding.thread else {
      return []
    }
    return stack(at: violation, statement: finding.statement)
  }

  /// The stack of a thread at an instruction.
  private func stack(at number: Int, statement wanted: Int?) -> [FindingReport.Frame] {
    let instance = run.instances[number]
    let calls = run.calls(of: instance.activation)
    return calls.enumerated().map { position, id in
      let activation = run.activations[id]
      let statement: Int?
      if position + 1 < calls.count {
        statement = run.activations[calls[position + 1]].call.flatMap { run.instances[$0].statement }
      } else {
        statement = wanted ?? instance.statement
      }
      // A statement of another function says nothing about this one.
      let own = statement.flatMap {
        run.program.statements[$0].function == activation.function ? $0 : instance.statement
      }
      return FindingReport.Frame(
        function: run.program.functions[activation.function].name,
        place: own.map { run.program.place(of: $0) })
    }
  }

  /// Where the first object of a leak was made.
  func placeOfMaking() -> FindingReport.Place? {
    finding.objects.lazy.compactMap { allocation(of: $0.index) }.first
      .flatMap { run.instances[$0].statement }.map { run.program.place(of: $0) }
  }

  /// Who freed the object of a use after free, and who made it.
  func pastStacks() -> [FindingReport.PastStack] {
    let all: [(FindingReport.PastStack.Role, Int?)] = [(.freed, freed), (.made, made)]
    return all.compactMap { role, number in
      guard let number else { return nil }
      let instance = run.instances[number]
      let threads = timeline.world.threads
      let operation = run.calls(of: instance.activation).first.flatMap { run.activations[$0].operation?.text }
      return FindingReport.PastStack(
        role: role,
        thread: FindingReport.ThreadStack(
          thread: instance.thread,
          name: threads.indices.contains(instance.thread) ? threads[instance.thread].name : "init",
          stack: stack(at: number, statement: nil), operation: operation ?? "",
          state: "\(role.rawValue) it at step \(instance.step)"), step: instance.step)
    }
  }

  /// The line of the script that a thread ran when the violation showed.
  func operation(of thread: Int) -> String? {
    guard let violation = violations.max(), run.instances[violation].thread == thread,
      let first = run.calls(of: run.instances[violation].activation).first
    else { return nil }
    return run.activations[first].operation?.text
  }
}
