import Machine
public import Recording
import Reports
import Scene
import StepLanguage

extension AppState {
  /// The most steps that one command takes: a thread that never comes to an end must not freeze the screen.
  static let mostSteps = 20_000

  // MARK: One action

  /// Does an action; throws when it is not possible.
  @discardableResult
  mutating func perform(_ action: Action) throws(Timeline.Refusal) -> StepRecord {
    let before = timeline.view
    let record = try timeline.perform(action)
    lastView = before
    return record
  }

  /// Goes to another point.
  mutating func go(to node: Int) {
    guard node != timeline.here else { return }
    timeline.go(to: node)
    lastView = nil
  }

  /// Reads the present point anew after the timeline moved.
  mutating func refresh() {
    // After exactly one step the graph that is shown is that of the state before.
    let stepped =
      lastView != nil && moment.step + 1 == timeline.depth
      && graphNode == timeline.nodes[timeline.here].parent
    moment = Moment(timeline, before: lastView)
    graphNode = timeline.here
    graph = ObjectGraph(moment, previous: stepped ? graph : nil)
    shownGraph = objectFilter.isEmpty ? graph : graph.filtered(objectFilter)
    lastView = nil
    level = nil
    shownStatement = nil
    logCursor = nil
    cursors = [:]
    if !moment.threads.indices.contains(thread) { thread = 0 }
    if let object, graph[object] == nil { self.object = nil }
    touched = lastTouched()
    freed = freedSigns()
  }

  // MARK: Schedules

  /// Runs the operations of the set-up, and lets the threads that it starts pass the barrier behind it.
  mutating func runSetUp() {
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

  /// Chooses the first thread that has something to do: behind a set-up against other threads that is not T0, which waits for them.
  mutating func chooseFirstThread() {
    thread = timeline.readiness.firstIndex(where: Self.canStep) ?? 0
  }

  /// Whether a thread can step.
  static func canStep(_ readiness: Machine.Readiness) -> Bool {
    switch readiness {
    case .ready, .timeout: true
    default: false
    }
  }

  /// The state at a step, counted from the very start.
  ///
  /// Up to where something is recorded it goes along that; from there on the thread with the lowest number that can go takes the step.
  ///
  /// - Parameter step: the step's number; more than there can be gives the last.
  public func at(step: Int) -> AppState {
    var result = self
    let path = timeline.path(to: timeline.tip)
    result.go(to: path[min(max(0, step), path.count - 1)])
    while result.timeline.depth < step {
      guard let next = result.timeline.readiness.firstIndex(where: Self.canStep),
        (try? result.perform(.step(thread: next, choice: 0))) != nil
      else { break }
    }
    result.arrive()
    return result
  }

  /// The state after these actions, done one after another from the very start; it ends early at one that is not possible.
  ///
  /// - Parameters:
  ///   - step: how many of them to do; more than there are does all.
  ///   - actions: what to do.
  public func at(step: Int, along actions: [Action]) -> AppState {
    var result = self
    result.go(to: 0)
    for action in actions.prefix(max(0, step)) {
      guard (try? result.perform(action)) != nil else { break }
    }
    result.arrive()
    return result
  }

  /// Chooses the thread that made the last step, as if the user had stepped there.
  private mutating func arrive() {
    if let last = timeline.record?.thread { thread = last }
    message = nil
    refresh()
    showFinding()
  }

  /// Chooses thread, statement and object of what is wrong at the present point, if anything is.
  public mutating func showFinding() {
    guard let finding = findingHere else { return }
    if timeline.world.threads.indices.contains(finding.thread) { thread = finding.thread }
    shownStatement = FindingReport.place(of: finding, in: timeline)
    if let found = finding.objects.first(where: { moment.view.contains($0) && $0 != .globals }) {
      let identity = moment.view.identity(of: found)
      if graph[identity] != nil { object = identity }
    }
    focus = .source
  }

  /// What is wrong at the present point: the finding that its session names, or the first; nil when nothing is.
  var findingHere: Finding? {
    timeline.remembered(at: timeline.here) { FindingHere(finding: FindingReport.finding(at: timeline)) }
      .finding
  }
}

/// A finding as it is remembered for a point.
private struct FindingHere {
  let finding: Finding?
}
