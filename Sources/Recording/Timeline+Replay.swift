public import Machine
import StepLanguage

extension Timeline {
  // MARK: Points

  /// What led to a point; nil for the start.
  public func action(at node: Int) -> Action? {
    let point = points[node]
    guard point.parent >= 0 else { return nil }
    return point.isStep
      ? .step(thread: Int(point.thread), choice: Int(point.detail)) : additions[Int(point.detail)]
  }

  /// What the action that led to a point did, in 32 bits: the same under every model in which it does the same. Nil for what is no step.
  public func fingerprint(at node: Int) -> UInt32? {
    points[node].isStep ? points[node].fingerprint : nil
  }

  /// The nearest point at or before this one at which a sanitizer found something.
  public func lastFinding(upTo node: Int) -> Int? {
    let point = points[node].lastFinding
    return point < 0 ? nil : Int(point)
  }

  /// What led to a point, made again by replaying unless it was asked for lately; nil for the start.
  public func record(at node: Int) -> StepRecord? {
    guard points[node].parent >= 0 else { return nil }
    if let known = memory.record(at: node) { return known }
    let depth = Int(points[node].depth)
    let parent = Int(points[node].parent)
    // Who goes forward asks for one after another; who asks for one out of the blue asks for those before it soon.
    let isNext = memory.last?.point == parent || memory.record(at: parent) != nil
    let first = isNext ? depth : max(0, depth - Self.block + 1)
    _ = replay(to: node, recordsFrom: first)
    return memory.record(at: node)
  }

  /// The state and the world at another point.
  public func situation(at node: Int) -> (state: State, world: World) {
    if node == here { return (current.state, current.world) }
    let frame = frame(at: node)
    return (frame.state, frame.world)
  }

  /// What was made of a point lately; nil when that is forgotten.
  public func remembered<Value>(at node: Int, as type: Value.Type) -> Value? {
    memory.value(at: node, of: type)
  }

  /// Something that is made of a point and remembered for a while, such as its row in a log.
  ///
  /// - Parameters:
  ///   - node: the point.
  ///   - make: makes it; must depend on nothing but the timeline up to the point.
  public func remembered<Value>(at node: Int, _ make: () -> Value) -> Value {
    if let known = memory.value(at: node, of: Value.self) { return known }
    let value = make()
    memory.keep(value, at: node)
    return value
  }

  /// Remembers something that was made of a point for a while; what was remembered of the same type is forgotten.
  public func remember<Value>(_ value: Value, at node: Int) { memory.keep(value, at: node) }

  /// The last records up to here, oldest first.
  public func recentRecords(_ count: Int) -> [(step: Int, record: StepRecord)] {
    var result: [(step: Int, record: StepRecord)] = []
    var point = here
    while result.count < count, let record = record(at: point) {
      result.append((Int(points[point].depth), record))
      point = Int(points[point].parent)
    }
    return result.reversed()
  }

  /// The number of the step, from 1, at which the thread got the lock that it holds here; nil when it does not.
  public func stepThatTook(_ lock: LockReference, thread: Int) -> Int? {
    current.held.step(thread: thread, address: Int64(lock.object.index + lock.offset))
  }

  // MARK: Replaying

  /// How many steps lie between two frames that are remembered for a while.
  private static var block: Int { 64 }

  /// The frame at a point.
  func frame(at node: Int) -> TimelineFrame { replay(to: node, recordsFrom: nil) }

  private func replay(to node: Int, recordsFrom firstRecord: Int?) -> TimelineFrame {
    var way: [Int32] = []
    var point = node
    var frame: TimelineFrame
    while true {
      let depth = Int(points[point].depth)
      // With records, the frame before the first of them is needed.
      if firstRecord.map({ depth < $0 }) ?? true || point == 0 {
        if let last = memory.last, last.point == point {
          frame = last.frame
          break
        }
        if depth % Self.block == 0, let known = keyframes[point] ?? memory.frame(at: point) {
          frame = known
          break
        }
      }
      way.append(Int32(point))
      point = Int(points[point].parent)
    }
    let end = Int(points[node].depth)
    // The last frame is to be stepped in place, so nobody else may hold it.
    memory.last = nil
    for next in way.reversed() {
      let number = Int(next)
      guard let action = action(at: number) else { continue }
      let depth = Int(points[number].depth)
      do throws(Refusal) {
        let done = try stepper.apply(action, to: &frame, step: depth, findings: firstRecord != nil)
        if let firstRecord, depth >= firstRecord {
          memory.keep(stepper.record(of: action, done), at: number)
        }
      } catch {
        // A recorded action was possible when it was recorded, and a step depends on nothing but the state.
        preconditionFailure("a recorded action cannot be replayed: \(error)")
      }
      if depth % Self.block == 0, depth > end - 4 * Self.block {
        memory.keep(frame, at: number)
      }
    }
    memory.last = (node, frame)
    return frame
  }
}
