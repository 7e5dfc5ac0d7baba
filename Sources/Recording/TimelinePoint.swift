/// What a timeline keeps of every point: 36 bytes.
struct TimelinePoint: BitwiseCopyable, Sendable {
  var parent: Int32
  var depth: Int32
  var firstChild: Int32 = -1
  var lastChild: Int32 = -1
  var nextSibling: Int32 = -1
  /// The child that was visited last; -1 for none.
  var preferred: Int32 = -1
  /// The nearest point at or before this one at which something was found; -1 for none.
  var lastFinding: Int32 = -1
  /// What the step did, in 32 bits, to compare with another model's.
  var fingerprint: UInt32 = 0
  /// The choice of a step, or the index of another action among the timeline's additions.
  var detail: UInt32 = 0
  var thread: UInt8 = 0
  var isStep = false
  var traits: UInt16 = 0

  init(parent: Int32, depth: Int32) {
    self.parent = parent
    self.depth = depth
  }
}

extension Timeline {
  /// A point of the tree, read on demand.
  public struct Node {
    private let timeline: Timeline
    private let point: TimelinePoint
    private let number: Int

    init(_ timeline: Timeline, _ number: Int) {
      self.timeline = timeline
      self.number = number
      point = timeline.points[number]
    }

    /// The point before; nil for the start.
    public var parent: Int? { point.parent < 0 ? nil : Int(point.parent) }
    /// How many actions lie before it.
    public var depth: Int { Int(point.depth) }
    /// The child that `redo` goes to: the one that was visited last.
    public var preferred: Int? { point.preferred < 0 ? nil : Int(point.preferred) }
    /// The points after, oldest first.
    public var children: [Int] {
      var result: [Int] = []
      var child = point.firstChild
      while child >= 0 {
        result.append(Int(child))
        child = timeline.points[Int(child)].nextSibling
      }
      return result
    }
    /// What led here; nil for the start. It is made again by replaying unless it was asked for lately.
    public var record: StepRecord? { timeline.record(at: number) }
    /// What led here; nil for the start.
    public var action: Action? { timeline.action(at: number) }
    /// What the action did, in a few bits; none at the start.
    public var traits: StepTraits { StepTraits(rawValue: point.traits) }
    /// The thread that stepped, or that got an operation.
    public var thread: Int { Int(point.thread) }
  }

  /// The points of a timeline by number; 0 is the start, and a point has a higher number than the one before it.
  public struct Nodes: RandomAccessCollection {
    private let timeline: Timeline

    init(_ timeline: Timeline) { self.timeline = timeline }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// How many there are.
    public var endIndex: Int { timeline.points.count }
    /// The point of that number.
    public subscript(number: Int) -> Node { Node(timeline, number) }
  }
}
