/// The points from the start of a timeline to another one, by depth.
public struct TimelinePath: RandomAccessCollection, Sendable {
  private let points: ChunkedArray<Int32>
  /// How many points it has; their depths are below that.
  public let count: Int

  init(_ points: ChunkedArray<Int32>, count: Int) {
    self.points = points
    self.count = count
  }

  /// Always 0, the depth of the start.
  public var startIndex: Int { 0 }
  /// The same as `count`.
  public var endIndex: Int { count }
  /// The point at a depth.
  public subscript(depth: Int) -> Int { Int(points[depth]) }
}
