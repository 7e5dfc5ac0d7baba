import Machine
public import Recording
import StepLanguage

/// What the last step changed, and what it left as it was though it belongs to that.
public struct StepChanges: Hashable, Sendable {
  /// Something that was left as it was.
  public struct Left: Hashable, Sendable {
    /// The object that holds it.
    public let object: ObjectIdentity
    /// The field with its object, such as `device1.owner`.
    public let place: String
    /// Its value.
    public let text: String
  }

  /// What changed.
  public let changed: [StateDifference.Row]
  /// What was left: the other pointers of objects that changed, and what still leads to them or counts for them.
  public let left: [Left]
  /// Why the thread of the step before did not go on; nil when it is the same thread.
  public let switchReason: String?
  /// The steps of other threads that this one had to wait for, such as the release of a lock that it took.
  public let after: [String]

  /// The changes of a moment's last step.
  ///
  /// - Parameters:
  ///   - moment: the point.
  ///   - timeline: the timeline that stands there.
  ///   - graph: the moment's objects.
  public init(_ moment: Moment, timeline: Timeline, graph: ObjectGraph) {
    guard let record = moment.record, let before = moment.before else {
      changed = []
      left = []
      switchReason = nil
      after = []
      return
    }
    let touched = Set(Touch.touches(record, before: before, after: moment.view).map(\.object))
    changed = StateDifference(from: before, to: moment.view, only: touched).rows
    let fields = Set(changed.map(\.place))
    var left: [Left] = []
    for identity in touched.compactMap({ $0 }).sorted() {
      guard let node = graph[identity], node.presence == .present else { continue }
      for field in node.fields where field.isReference && !field.isChanged {
        let place = "\(node.name).\(field.name)"
        if !fields.contains(place) { left.append(Left(object: identity, place: place, text: field.text)) }
      }
      for edge in graph.edges where edge.target == identity && edge.change == .none {
        guard let source = graph[edge.source] else { continue }
        switch edge.kind {
        case .reference(let field):
          left.append(Left(object: edge.source, place: "\(source.name).\(field)", text: node.name))
        case .member(let field, let key):
          let index = key.map { "[\($0)]" } ?? ""
          left.append(Left(object: edge.source, place: "\(source.name).\(field)\(index)", text: node.name))
        case .counted: break
        }
      }
      for edge in graph.edges where edge.source == identity && edge.change == .none {
        guard let target = graph[edge.target], case .counted(let field, let word, let units) = edge.kind
        else {
          continue
        }
        left.append(
          Left(
            object: edge.target, place: "\(target.name).\(field)",
            text: "\(units) of \(node.name)\(word.isEmpty ? "" : " (\(word))")"))
      }
    }
    self.left = left.filter { entry in !touched.contains(entry.object) || !fields.contains(entry.place) }
    switchReason = Self.reason(moment, timeline, before)
    after = Self.causes(moment, timeline)
  }

  private static func reason(_ moment: Moment, _ timeline: Timeline, _ before: StateView) -> String? {
    guard let record = moment.record, timeline.depth > 1 else { return nil }
    let recent = timeline.recentRecords(2)
    guard recent.count == 2, recent[0].record.thread != record.thread else { return nil }
    guard case .step = recent[0].record.action, case .step = record.action else { return nil }
    let previous = recent[0].record.thread
    guard before.world.threads.indices.contains(previous) else { return nil }
    let readiness = timeline.readinessBefore[previous]
    let name = moment.threadName(previous)
    switch readiness {
    case .ready: return "\(name) could have gone on: a preemption"
    case .finished: return "\(name) is through"
    case .blocked(let lock, _): return "\(name) waits for \(before.name(of: lock))"
    case .sleeping, .timeout: return "\(name) sleeps"
    case .barrier: return "\(name) waits at the barrier"
    case .stuck: return "\(name) is stuck"
    }
  }

  /// How many steps back a release is looked for.
  private static let reach = 256

  private static func causes(_ moment: Moment, _ timeline: Timeline) -> [String] {
    let taken = moment.lockChanges.filter { $0.kind == .taken }
    let woken = moment.record?.statement != nil
    guard !taken.isEmpty || woken, let record = moment.record else { return [] }
    var result: [String] = []
    for change in taken {
      let address = Int64(change.lock.object.index + change.lock.offset)
      for (step, earlier) in timeline.recentRecords(reach).reversed() where step < moment.step {
        guard let event = earlier.events.last(where: { $0.kind == .released && $0.a == address }) else {
          continue
        }
        if Int(event.thread) != record.thread {
          result.append(
            "after \(moment.threadName(Int(event.thread))) released \(change.name) at step \(step)")
        }
        break
      }
    }
    return result
  }
}

extension Timeline {
  /// For every thread, whether it could step before the last step, and if not, why.
  var readinessBefore: [Machine.Readiness] {
    guard let parent = nodes[here].parent else { return [] }
    let situation = situation(at: parent)
    return Machine(world: situation.world).readiness(in: situation.state)
  }
}
