/// A rectangle of cells: its top left and its extent, in columns and rows.
public struct Rect: Hashable, Sendable {
  /// The first column.
  public var x: Int
  /// The first row.
  public var y: Int
  /// Columns; never negative.
  public var width: Int
  /// Rows; never negative.
  public var height: Int

  /// A rectangle; a negative extent counts as 0.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// The rectangle from the top left that covers `size`.
  public init(size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }

  /// The top left.
  public var origin: Point { Point(x: x, y: y) }
  /// The extent.
  public var size: Size { Size(width: width, height: height) }
  /// The first column to the right of the rectangle.
  public var maxX: Int { x + width }
  /// The first row below the rectangle.
  public var maxY: Int { y + height }
  /// Whether it holds no cell.
  public var isEmpty: Bool { width == 0 || height == 0 }

  /// Whether the cell at `point` is inside.
  public func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < maxX && point.y >= y && point.y < maxY
  }

  /// The cells that both have; an empty rectangle where they do not meet.
  public func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(
      x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }

  /// The rectangle without `amount` columns and rows at each side.
  public func inset(_ amount: Int) -> Rect { inset(x: amount, y: amount) }

  /// The rectangle without `x` columns at the left and right and `y` rows at the top and bottom.
  public func inset(x horizontal: Int, y vertical: Int) -> Rect {
    Rect(
      x: x + min(horizontal, width), y: y + min(vertical, height), width: width - 2 * horizontal,
      height: height - 2 * vertical)
  }

  /// Cuts off the first `columns` columns: those, and the rest.
  public func split(left columns: Int) -> (left: Rect, rest: Rect) {
    let cut = min(max(0, columns), width)
    return (
      Rect(x: x, y: y, width: cut, height: height),
      Rect(x: x + cut, y: y, width: width - cut, height: height)
    )
  }

  /// Cuts off the last `columns` columns: the rest, and those.
  public func split(right columns: Int) -> (rest: Rect, right: Rect) {
    let (rest, right) = split(left: width - min(max(0, columns), width))
    return (rest, right)
  }

  /// Cuts off the first `rows` rows: those, and the rest.
  public func split(top rows: Int) -> (top: Rect, rest: Rect) {
    let cut = min(max(0, rows), height)
    return (
      Rect(x: x, y: y, width: width, height: cut),
      Rect(x: x, y: y + cut, width: width, height: height - cut)
    )
  }

  /// Cuts off the last `rows` rows: the rest, and those.
  public func split(bottom rows: Int) -> (rest: Rect, bottom: Rect) {
    let (rest, bottom) = split(top: height - min(max(0, rows), height))
    return (rest, bottom)
  }

  /// Side by side, with widths in proportion to `weights`; every column is given away, the spare ones from the left.
  /// A weight below 0 counts as 0; no weights give no rectangles.
  public func columns(weights: [Int]) -> [Rect] {
    var left = x
    return Self.shares(of: width, weights: weights).map { share in
      defer { left += share }
      return Rect(x: left, y: y, width: share, height: height)
    }
  }

  /// One above the other, with heights in proportion to `weights`; every row is given away, the spare ones from the top.
  /// A weight below 0 counts as 0; no weights give no rectangles.
  public func rows(weights: [Int]) -> [Rect] {
    var top = y
    return Self.shares(of: height, weights: weights).map { share in
      defer { top += share }
      return Rect(x: x, y: top, width: width, height: share)
    }
  }

  /// A rectangle of `size`, or as much of it as fits, in the middle of this one.
  public func centered(_ size: Size) -> Rect {
    let width = min(size.width, width)
    let height = min(size.height, height)
    return Rect(
      x: x + (self.width - width) / 2, y: y + (self.height - height) / 2, width: width, height: height)
  }

  private static func shares(of total: Int, weights: [Int]) -> [Int] {
    let weights = weights.map { max(0, $0) }
    let sum = weights.reduce(0, +)
    guard sum > 0 else { return weights.map { _ in 0 } }
    var shares = weights.map { total * $0 / sum }
    var spare = total - shares.reduce(0, +)
    for index in shares.indices where spare > 0 && weights[index] > 0 {
      shares[index] += 1
      spare -= 1
    }
    return shares
  }
}
