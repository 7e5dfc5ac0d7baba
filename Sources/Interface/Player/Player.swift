/// How a recording is played.
public struct Player: Hashable, Sendable {
  /// The end of what is played: a point of the timeline.
  public internal(set) var end: Int
  /// Where the recording was left, when somebody acted and so made a branch of his own.
  public internal(set) var leftAt: Int?
  /// Whether ticks go on.
  public internal(set) var isPlaying = false
  /// How many times as fast as it was recorded; infinite is as fast as it goes.
  public internal(set) var speed: Double
  /// Whether the end is followed by the start.
  public internal(set) var loops = false
  /// Whether it pauses at points with a marker.
  public internal(set) var pausesAtMarkers = true
  /// The longest wait, in milliseconds of the recording.
  public internal(set) var idleLimit: Int

  /// The speeds that the keys go through.
  static let speeds: [Double] = [0.25, 0.5, 1, 2, 4, 8, 16, 64, 256, .infinity]
  /// How long a step is shown of which nobody knows how long the operator waited, in milliseconds.
  static let usualWait = 250
  /// The shortest time between two screens, in milliseconds.
  static let frameTime = 20
  /// The largest part of the recording that one tick goes through as fast as it goes.
  static let fastestShare = 50

  /// A player that stands still.
  ///
  /// - Parameters:
  ///   - end: the last point of the recording.
  ///   - speed: how many times as fast as it was recorded.
  ///   - idleLimit: the longest wait, in milliseconds of the recording.
  public init(end: Int, speed: Double = 1, idleLimit: Int = 2_000) {
    self.end = end
    self.speed = speed
    self.idleLimit = idleLimit
  }

  /// The speed in words.
  public var speedText: String {
    if speed == .infinity { return "as fast as it goes" }
    let whole = Int(speed * 100)
    let fraction = whole % 100
    return fraction == 0 ? "\(whole / 100)x" : "\(whole / 100).\(fraction < 10 ? "0" : "")\(fraction)x"
  }
}
