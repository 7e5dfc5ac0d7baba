import Scene
import Surface

/// The objects as cards with lines between them.
struct CardBoard {
  /// The board when it is wanted and fits; nil: draw the tree.
  static func fitting(_ state: AppState, size: Size) -> CardBoard? { nil }

  /// The object at a place of the board.
  func identity(at point: Point) -> ObjectIdentity? { nil }

  /// Draws the cards and the lines.
  func draw(_ state: AppState, on surface: inout Surface, in area: Rect) {}
}
