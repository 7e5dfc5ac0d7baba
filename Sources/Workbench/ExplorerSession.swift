package import Basics
public import Machine
public import Recording
public import Scene
public import StepLanguage

/// What a user does with a scenario, without a word about screens: where in which timeline, which thread is chosen, where runs stop, what is
/// searched beside. A front end shows it and gives it commands (`SessionCommand`).
public struct ExplorerSession {
  /// All that was done, with its branches.
  public package(set) var timeline: Timeline
  /// The present point, read out once for all that look at it.
  public package(set) var moment: Moment
  /// The objects of the present point.
  public package(set) var graph: ObjectGraph
  /// The model's name.
  public let modelName: String
  /// The scenario's name.
  public let scenarioName: String
  /// The scenario's heading; empty when there is no scenario.
  public let scenarioTitle: String
  /// What the scenario is about.
  public let about: String
  /// The point at which the set-up is over.
  public private(set) var setupEnd = 0

  /// The chosen thread's number.
  public package(set) var thread = 0
  /// Where runs stop.
  public package(set) var stops: [Stop] = []
  /// The last search from a point on; nil when there was none.
  public package(set) var check: CheckStatus?
  /// The ways that were taken to findings of the last check, by number, as points from where it began.
  var followed: [Int: [Int]] = [:]
  /// Where the commands began that took several steps, by the points at which they ended.
  var begins: [Int: Int] = [:]
  /// Where such a command ended that was undone, by the point at which it began.
  var ends: [Int: Int] = [:]
  /// What was freed on the way here and has not been put away, the latest first.
  public private(set) var freed: [FreedSign] = []
  /// What a front end calls a command in a sentence, such as its key; without one it is told by its name.
  package var hints: [String: String] = [:]

  /// Evaluates what is true, and what is watched.
  let conditions = Conditions()
  /// Where the lot for random steps stands; the same beginning gives the same steps.
  package var lot = SplitMix64(seed: 1)
  /// How often the present point was read anew: who shows it knows by this whether it is another one than before.
  package private(set) var revision = 0
  /// The state before the last step, between a step and the moment that is made of it.
  var lastView: StateView?
  /// The point whose objects `graph` has.
  private var graphNode: Int
  /// Freed objects up to this step have been put away.
  private var dismissedUpTo = 0

  /// A timeline that was recorded elsewhere, at its present point.
  ///
  /// - Parameters:
  ///   - timeline: what was recorded.
  ///   - title: the scenario's heading.
  ///   - about: what the scenario is about.
  ///   - modelName: the model's name.
  ///   - scenarioName: the scenario's name.
  public init(timeline: Timeline, title: String, about: String, modelName: String, scenarioName: String) {
    self.timeline = timeline
    self.modelName = modelName
    self.scenarioName = scenarioName
    scenarioTitle = title
    self.about = about
    moment = Moment(timeline)
    graph = ObjectGraph(moment)
    graphNode = timeline.here
    freed = freedSigns()
  }

  /// A world at the end of its set-up; the steps of the set-up lie behind it and can be gone back to.
  ///
  /// - Parameters:
  ///   - world: what runs.
  ///   - scenario: where the world comes from.
  ///   - modelName: the model's name.
  ///   - scenarioName: the scenario's name.
  public init(world: World, scenario: Scenario?, modelName: String, scenarioName: String) {
    self.init(
      timeline: Timeline(world: world), title: scenario?.title ?? "", about: scenario?.about ?? "",
      modelName: modelName, scenarioName: scenarioName)
    runSetUp()
    setupEnd = timeline.here
    thread = timeline.readiness.firstIndex(where: \.canStep) ?? 0
    refresh()
  }

  /// What each step did, in words.
  public var log: LogBook { LogBook(timeline) }

  /// What a sentence calls a command.
  package func hint(_ command: String) -> String { hints[command] ?? ":\(command)" }

  // MARK: Moving

  /// Does an action; throws when it is not possible.
  @discardableResult
  package mutating func perform(_ action: Action) throws(Timeline.Refusal) -> StepRecord {
    let before = timeline.view
    let record = try timeline.perform(action)
    lastView = before
    return record
  }

  /// Goes to another point.
  package mutating func go(to node: Int) {
    guard node != timeline.here else { return }
    timeline.go(to: node)
    lastView = nil
  }

  /// Another timeline in place of this one, at its present point.
  package mutating func show(_ other: Timeline) {
    timeline = other
    lastView = nil
  }

  /// Reads the present point anew after the timeline moved.
  package mutating func refresh() {
    // After exactly one step the graph that is shown is that of the state before.
    let stepped =
      lastView != nil && moment.step + 1 == timeline.depth
      && graphNode == timeline.nodes[timeline.here].parent
    moment = Moment(timeline, before: lastView)
    graphNode = timeline.here
    graph = ObjectGraph(moment, previous: stepped ? graph : nil)
    lastView = nil
    if !moment.threads.indices.contains(thread) { thread = 0 }
    freed = freedSigns()
    revision += 1
  }

  /// Runs the operations of the set-up, and lets the threads that it starts pass the barrier behind it.
  private mutating func runSetUp() {
    let count = timeline.world.setupCount
    guard count > 0, !timeline.world.threads.isEmpty else { return }
    while timeline.view.thread(0).operationsDone < count {
      guard (try? perform(.step(thread: 0, choice: 0))) != nil else { break }
    }
    for number in timeline.world.threads.indices.dropFirst() {
      let done = timeline.view.thread(number).operationsDone
      let operations = timeline.world.threads[number].operations
      if done == 0, operations.first?.kind == .barrier {
        _ = try? perform(.step(thread: number, choice: 0))
      }
    }
  }

  /// Goes to a step, counted from the very start.
  ///
  /// Up to where something is recorded it goes along that; from there on the thread with the lowest number that can go takes the step.
  package mutating func go(toStep step: Int) {
    let path = timeline.path(to: timeline.tip)
    go(to: path[min(max(0, step), path.count - 1)])
    while timeline.depth < step {
      guard let next = timeline.readiness.firstIndex(where: \.canStep),
        (try? perform(.step(thread: next, choice: 0))) != nil
      else { break }
    }
    if let last = timeline.record?.thread { thread = last }
  }

  /// Does actions one after another from the very start; ends early at one that is not possible.
  package mutating func go(along actions: some Sequence<Action>) {
    go(to: 0)
    for action in actions {
      guard (try? perform(action)) != nil else { break }
    }
    if let last = timeline.record?.thread { thread = last }
  }

  /// Chooses the first thread that can step, unless the chosen one can: behind a set-up against other threads that is not T0, which waits for them.
  package mutating func chooseThreadThatCanStep() {
    guard !moment.readiness.indices.contains(thread) || !moment.readiness[thread].canStep else { return }
    thread = timeline.readiness.firstIndex(where: \.canStep) ?? 0
  }

  // MARK: Freed objects

  /// Puts the signs of freed objects away.
  package mutating func dismissFreed() {
    dismissedUpTo = timeline.depth
    freed = freedSigns()
  }

  /// How many steps back freed objects are looked for, and how many are told.
  private static let freedReach = 400
  private static let freedMost = 8

  private func freedSigns() -> [FreedSign] {
    var result: [FreedSign] = []
    var point = timeline.here
    for _ in 0..<Self.freedReach {
      let node = timeline.nodes[point]
      guard let parent = node.parent, node.depth > dismissedUpTo, result.count < Self.freedMost else { break }
      defer { point = parent }
      guard node.traits.contains(.frees), let row = log[point] else { continue }
      // An object that is still pointed to is a tombstone in the graph itself.
      for touch in row.touches.reversed() where touch.kind == .freed {
        guard let object = touch.object, graph[object] == nil || graph[object]?.presence == .gone else {
          continue
        }
        result.append(
          FreedSign(
            object: object, name: name(of: object), step: row.step, node: point, thread: row.threadName))
      }
    }
    return result
  }

  /// The name of an object that may not be there now.
  package func name(of identity: ObjectIdentity) -> String {
    "\(timeline.world.program.types[identity.type].short)\(identity.serial)"
  }
}

/// A freed object that has not been put away.
public struct FreedSign: Hashable, Sendable {
  /// The object.
  public let object: ObjectIdentity
  /// Its name.
  public let name: String
  /// The step that freed it.
  public let step: Int
  /// The point of that step.
  public let node: Int
  /// The thread that did it.
  public let thread: String
}

extension Machine.Readiness {
  /// Whether the thread can step, if only because nobody else can.
  package var canStep: Bool {
    switch self {
    case .ready, .timeout: true
    case .finished, .blocked, .sleeping, .barrier, .stuck: false
    }
  }
}
