/// The frames that a timeline keeps for good: every so many steps one, and never more than a bound. When there are too many, every other one
/// goes and the distance doubles.
struct Keyframes {
  private var frames: [Int: TimelineFrame]
  private var size = 0
  /// How many steps lie between two of them.
  private(set) var distance = 64

  /// The most frames, and the most words that they take together.
  private static let countLimit = 1_024
  private static let sizeLimit = 4 << 20

  init(start: TimelineFrame) {
    frames = [0: start.trimmed]
  }

  /// Whether a point at this depth is to have one.
  func wants(depth: Int) -> Bool { depth % distance == 0 }

  subscript(point: Int) -> TimelineFrame? { frames[point] }

  /// Keeps a frame. `depth` tells how deep a point lies.
  mutating func keep(_ frame: TimelineFrame, at point: Int, depth: (Int) -> Int) {
    let frame = frame.trimmed
    size += frame.size
    frames[point] = frame
    while frames.count > Self.countLimit || size > Self.sizeLimit, distance < 1 << 24 {
      distance *= 2
      frames = frames.filter { depth($0.key) % distance == 0 }
      size = frames.values.reduce(0) { $0 + $1.size }
    }
  }

  var count: Int { frames.count }
}
