/// One place of a grid.
public struct Cell: Hashable, Sendable {
  /// A base character with its combining marks; empty in the right half of a wide character.
  public private(set) var glyph: String
  /// 1, 2 for the left half of a wide character, 0 for its right half.
  public private(set) var width: UInt8
  /// What the cell means.
  public var style: CellStyle

  init(glyph: String, width: UInt8, style: CellStyle) {
    self.glyph = glyph
    self.width = width
    self.style = style
  }

  /// A cell of one column that shows nothing.
  public static func blank(_ style: CellStyle = .plain) -> Cell {
    Cell(glyph: " ", width: 1, style: style)
  }

  /// The right half of a wide character.
  static func rightHalf(_ style: CellStyle) -> Cell {
    Cell(glyph: "", width: 0, style: style)
  }

  /// Whether nothing but a background shows.
  public var isBlank: Bool { glyph == " " }
}
