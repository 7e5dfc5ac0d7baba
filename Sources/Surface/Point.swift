/// A place on a grid, in columns and rows from the top left, which is (0, 0).
public struct Point: Hashable, Sendable, Codable {
  /// The column.
  public var x: Int
  /// The row.
  public var y: Int

  /// A place at column `x` and row `y`.
  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }

  /// The top left.
  public static let zero = Point(x: 0, y: 0)
}
