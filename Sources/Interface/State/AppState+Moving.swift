import Machine
public import Recording
import Scene
import Workbench

extension AppState {
  // MARK: The session's commands

  /// Does a command of the session; the screen follows.
  mutating func run(_ command: SessionCommand, argument: String = "") -> AppEffect? {
    let reply = session.run(command, argument: argument)
    let effect = tell(reply.message)
    switch reply.effect {
    case .startCheck: return .startCheck
    case .stopCheck: return .stopCheck
    case nil: return effect
    }
  }

  /// Shows what the session has said about a command; the bell when it was refused.
  mutating func tell(_ said: Message?) -> AppEffect? {
    settle()
    guard let said else { return nil }
    message = said
    return said.kind == .refusal ? .bell : nil
  }

  // MARK: Moving

  /// Does an action; throws when it is not possible.
  @discardableResult
  mutating func perform(_ action: Action) throws(Timeline.Refusal) -> StepRecord {
    try session.perform(action)
  }

  /// Goes to another point.
  mutating func go(to node: Int) { session.go(to: node) }

  /// Reads the present point anew after the timeline moved.
  mutating func refresh() {
    session.refresh()
    settle()
  }

  /// Brings what is chosen on the screen in line with the session, when its point is another than before.
  mutating func settle() {
    guard settledAt != session.revision else { return }
    settledAt = session.revision
    shownGraph = objectFilter.isEmpty ? graph : graph.filtered(objectFilter)
    level = nil
    shownStatement = nil
    logCursor = nil
    cursors = [:]
    if let object, graph[object] == nil { self.object = nil }
    touched = lastTouched()
  }

  /// The state at a step, counted from the very start.
  ///
  /// Up to where something is recorded it goes along that; from there on the thread with the lowest number that can go takes the step.
  ///
  /// - Parameter step: the step's number; more than there can be gives the last.
  public func at(step: Int) -> AppState {
    var result = self
    result.session.go(toStep: step)
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
    result.session.go(along: actions.prefix(max(0, step)))
    result.arrive()
    return result
  }

  private mutating func arrive() {
    message = nil
    refresh()
    showFinding()
  }

  /// Chooses thread, statement and object of what is wrong at the present point, if anything is.
  public mutating func showFinding() {
    guard let finding = findingHere else { return }
    if timeline.world.threads.indices.contains(finding.thread) { thread = finding.thread }
    shownStatement = session.statement(of: finding)
    if let found = finding.objects.first(where: { moment.view.contains($0) && $0 != .globals }) {
      let identity = moment.view.identity(of: found)
      if graph[identity] != nil { object = identity }
    }
    focus = .source
  }

  /// What is wrong at the present point: the finding that its session names, or the first; nil when nothing is.
  var findingHere: Finding? { session.findingHere }
}
