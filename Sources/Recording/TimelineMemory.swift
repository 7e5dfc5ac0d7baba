/// What was made again lately by replaying: frames, records and what others derive from them. It can be lost at any time without harm.
///
/// It is shared by copies of a timeline as long as none of them gets a new point.
final class TimelineMemory {
  /// A table that forgets what was not asked for lately.
  private struct Table<Value> {
    private var young: [Int: Value] = [:]
    private var old: [Int: Value] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func find(_ point: Int) -> Value? {
      if let value = young[point] { return value }
      guard let value = old[point] else { return nil }
      keep(value, at: point)
      return value
    }

    mutating func keep(_ value: Value, at point: Int) {
      if young.count >= limit {
        old = young
        young = [:]
      }
      young[point] = value
    }
  }

  private var frames = Table<TimelineFrame>(limit: 64)
  private var records = Table<StepRecord>(limit: 1_024)
  private var derived: [ObjectIdentifier: Table<Any>] = [:]
  /// The ends of all branches when there were so many points.
  var branchEnds: (points: Int, ends: [Int])?
  /// The frame that was made last: the next one asked for is often right behind it.
  var last: (point: Int, frame: TimelineFrame)?

  func frame(at point: Int) -> TimelineFrame? { frames.find(point) }
  func keep(_ frame: TimelineFrame, at point: Int) { frames.keep(frame.trimmed, at: point) }

  func record(at point: Int) -> StepRecord? { records.find(point) }
  func keep(_ record: StepRecord, at point: Int) { records.keep(record, at: point) }

  func value<Value>(at point: Int, of type: Value.Type) -> Value? {
    guard let known = derived[ObjectIdentifier(type)]?.find(point) else { return nil }
    return known as? Value
  }

  func keep<Value>(_ value: Value, at point: Int) {
    derived[ObjectIdentifier(Value.self), default: Table(limit: 4_096)].keep(value, at: point)
  }
}
