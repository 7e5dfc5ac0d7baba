/// Where the user has put the lines between panels, as shares of the room, so that they survive a new size.
public struct Dividers: Hashable, Sendable {
  /// A line that can be dragged.
  public struct Handle: Hashable, Sendable {
    /// Which way of sharing the screen out it belongs to.
    public let plan: Int
    /// The column whose right edge it is, or in which it lies.
    public let column: Int
    /// The part above it; nil for the line between two columns.
    public let part: Int?
  }

  /// Weights of columns by plan, those that were changed.
  var columns: [Int: [Int]] = [:]
  /// Weights of a column's parts by plan and column.
  var parts: [Int: [Int: [Int]]] = [:]

  /// As it came.
  public init() {}

  /// Whether everything is as it came.
  public var isUntouched: Bool { columns.isEmpty && parts.isEmpty }
}
