/// A grid of styled cells, as a value: what one frame shows.
///
/// Drawing clips at the edges, so no coordinate is an error. A wide character is either whole or not there: what would
/// show half of one shows a blank instead.
public struct Surface: Hashable, Sendable {
  /// Columns and rows.
  public let size: Size
  /// The marks and lines to draw with.
  public let glyphs: GlyphSet
  /// Where the terminal's cursor stands, for text that is being typed; `nil` hides it.
  public var cursor: Point?
  /// Row by row from the top left.
  private(set) var cells: [Cell]

  /// A blank surface.
  public init(size: Size, glyphs: GlyphSet = .unicode) {
    self.size = size
    self.glyphs = glyphs
    cells = Array(repeating: .blank(), count: size.width * size.height)
  }

  /// Columns.
  public var width: Int { size.width }
  /// Rows.
  public var height: Int { size.height }
  /// The whole surface.
  public var bounds: Rect { Rect(size: size) }

  /// The cell at column `x` and row `y`; a blank outside the surface.
  public subscript(x: Int, y: Int) -> Cell {
    guard x >= 0, x < width, y >= 0, y < height else { return .blank() }
    return cells[y * width + x]
  }

  /// The cells of row `y`, from the left; none outside the surface.
  public func row(_ y: Int) -> ArraySlice<Cell> {
    guard y >= 0, y < height else { return [] }
    return cells[y * width..<(y + 1) * width]
  }

  /// The text of each row, without trailing blanks.
  public func textLines() -> [String] {
    (0..<height).map { y in
      var line = ""
      var pending = 0
      for cell in row(y) where cell.width > 0 {
        if cell.isBlank {
          pending += 1
        } else {
          line += String(repeating: " ", count: pending)
          pending = 0
          line += cell.glyph
        }
      }
      return line
    }
  }

  /// Puts a character of `columns` columns at a place, if all of it is inside; wide characters that it cuts become blanks.
  mutating func put(glyph: String, columns: Int, x: Int, y: Int, style: CellStyle) {
    guard y >= 0, y < height, x >= 0, x + columns <= width else { return }
    let index = y * width + x
    if cells[index].width == 0, x > 0 {
      cells[index - 1] = .blank(cells[index - 1].style)
    }
    let after = index + columns
    if x + columns < width, cells[after].width == 0 {
      cells[after] = .blank(cells[after].style)
    }
    cells[index] = Cell(glyph: glyph, width: UInt8(columns), style: style)
    if columns == 2 {
      cells[index + 1] = .rightHalf(style)
    }
  }

  /// Changes the style of the cells in `rect`, and of the other half of a wide character that it cuts.
  mutating func mapStyles(in rect: Rect, _ change: (inout CellStyle) -> Void) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    for y in area.y..<area.maxY {
      var left = area.x
      var right = area.maxX
      if cells[y * width + left].width == 0 { left -= 1 }
      if right < width, cells[y * width + right].width == 0 { right += 1 }
      for x in left..<right { change(&cells[y * width + x].style) }
    }
  }

  /// Puts whole cells at a place of a row, as they are. The caller keeps the halves of wide characters together.
  mutating func replace(_ run: [Cell], x: Int, y: Int) {
    for (offset, cell) in run.enumerated() where x + offset >= 0 && x + offset < width && y >= 0 && y < height
    {
      cells[y * width + x + offset] = cell
    }
  }
}
