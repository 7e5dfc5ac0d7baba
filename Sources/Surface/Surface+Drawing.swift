extension Surface {
  /// Writes a line of text and gives the columns that it used, so that a caller can go on after it.
  ///
  /// - Parameters:
  ///   - text: Control characters show as `?`, tabs and line breaks as blanks.
  ///   - x: The column of the first character; what lies left of the surface is cut off, but counts as used.
  ///   - y: The row.
  ///   - role: What the text is.
  ///   - emphasis: Emphasis on top of the theme's.
  ///   - background: The role whose background lies behind; `nil` keeps the one that each cell has.
  ///   - maxWidth: The most columns to use; `nil` goes to the right edge.
  @discardableResult
  public mutating func write(
    _ text: String, x: Int, y: Int, role: Role, emphasis: Emphasis = [], background: Role? = nil,
    maxWidth: Int? = nil
  ) -> Int {
    guard y >= 0, y < height else { return 0 }
    let end = min(width, maxWidth.map { x + max(0, $0) } ?? width)
    var column = x
    for piece in CellText(text) {
      guard column < end else { break }
      func style(at place: Int) -> CellStyle {
        CellStyle(
          role: role, emphasis: emphasis, backgroundRole: background ?? self[place, y].style.backgroundRole)
      }
      if column >= 0, column + piece.columns <= end {
        put(glyph: piece.glyph, columns: piece.columns, x: column, y: y, style: style(at: column))
        column += piece.columns
      } else {
        // Half of a wide character at an edge, or wholly to the left of the surface.
        for place in column..<min(column + piece.columns, end) where place >= 0 {
          put(glyph: " ", columns: 1, x: place, y: y, style: style(at: place))
        }
        column = min(column + piece.columns, end)
      }
    }
    return max(0, column - x)
  }

  /// Writes a line of text that ends in an ellipsis when it does not fit in `maxWidth` columns; gives the columns used.
  @discardableResult
  public mutating func writeShortened(
    _ text: String, x: Int, y: Int, role: Role, emphasis: Emphasis = [], background: Role? = nil,
    maxWidth: Int
  ) -> Int {
    write(
      Self.shorten(text, to: maxWidth, glyphs: glyphs), x: x, y: y, role: role, emphasis: emphasis,
      background: background, maxWidth: maxWidth)
  }

  /// The text, or as much of its beginning as fits in `columns` columns with an ellipsis.
  public static func shorten(_ text: String, to columns: Int, glyphs: GlyphSet) -> String {
    guard CharacterWidth.columns(of: text) > columns else { return text }
    guard columns > 0 else { return "" }
    var result = ""
    var used = 0
    for piece in CellText(text) {
      guard used + piece.columns <= columns - 1 else { break }
      result += piece.glyph
      used += piece.columns
    }
    return result + glyphs.ellipsis
  }

  /// Fills a rectangle with one glyph of one column, a blank by default.
  public mutating func fill(
    _ rect: Rect, glyph: String = " ", role: Role = .text, emphasis: Emphasis = [], background: Role? = nil
  ) {
    let area = rect.intersection(bounds)
    guard !area.isEmpty else { return }
    let piece = CellText(glyph).first { $0.columns == 1 }?.glyph ?? " "
    let style = CellStyle(role: role, emphasis: emphasis, backgroundRole: background)
    for y in area.y..<area.maxY {
      for x in area.x..<area.maxX { put(glyph: piece, columns: 1, x: x, y: y, style: style) }
    }
  }

  /// Draws a frame along the edge of `rect`, its title in the top edge. A rectangle under two cells wide or high gets none.
  public mutating func box(
    _ rect: Rect, title: String = "", role: Role = .border, titleRole: Role = .title, background: Role? = nil
  ) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let right = rect.maxX - 1
    let bottom = rect.maxY - 1
    for x in (rect.x + 1)..<right {
      putLine([.left, .right], x: x, y: rect.y, role: role, background: background)
      putLine([.left, .right], x: x, y: bottom, role: role, background: background)
    }
    for y in (rect.y + 1)..<bottom {
      putLine([.up, .down], x: rect.x, y: y, role: role, background: background)
      putLine([.up, .down], x: right, y: y, role: role, background: background)
    }
    putLine([.right, .down], x: rect.x, y: rect.y, role: role, background: background)
    putLine([.left, .down], x: right, y: rect.y, role: role, background: background)
    putLine([.right, .up], x: rect.x, y: bottom, role: role, background: background)
    putLine([.left, .up], x: right, y: bottom, role: role, background: background)
    // A corner, a stroke and a blank stay at each side of the title.
    let room = rect.width - 6
    if !title.isEmpty, room > 0 {
      let text = " \(Self.shorten(title, to: room, glyphs: glyphs)) "
      write(text, x: rect.x + 2, y: rect.y, role: titleRole, background: background, maxWidth: room + 2)
    }
  }

  /// Draws a horizontal line of `length` cells from (`x`, `y`) to the right, joining lines that it meets.
  public mutating func horizontalLine(
    x: Int, y: Int, length: Int, role: Role = .border, background: Role? = nil
  ) {
    line(length: length, role: role, background: background, before: .left, after: .right) {
      Point(x: x + $0, y: y)
    }
  }

  /// Draws a vertical line of `length` cells from (`x`, `y`) downwards, joining lines that it meets.
  public mutating func verticalLine(
    x: Int, y: Int, length: Int, role: Role = .border, background: Role? = nil
  ) {
    line(length: length, role: role, background: background, before: .up, after: .down) {
      Point(x: x, y: y + $0)
    }
  }

  /// Changes the style of what is already drawn in `rect`. What is `nil` stays.
  public mutating func restyle(
    _ rect: Rect, role: Role? = nil, emphasis: Emphasis? = nil, background: Role? = nil
  ) {
    mapStyles(in: rect) { style in
      if let role { style.role = role }
      if let emphasis { style.emphasis = emphasis }
      if let background { style.backgroundRole = background }
    }
  }

  /// Draws another surface over this one, its top left at (`x`, `y`).
  public mutating func draw(_ other: Surface, x: Int, y: Int) {
    for row in 0..<other.height {
      var column = 0
      while column < other.width {
        let cell = other[column, row]
        let columns = max(1, Int(cell.width))
        if x + column >= 0, x + column + columns <= width {
          put(glyph: cell.glyph, columns: columns, x: x + column, y: y + row, style: cell.style)
        } else {
          for half in 0..<columns {
            put(glyph: " ", columns: 1, x: x + column + half, y: y + row, style: cell.style)
          }
        }
        column += columns
      }
    }
    if let place = other.cursor { cursor = Point(x: x + place.x, y: y + place.y) }
  }

  /// The same picture with every character that is not ASCII shown as `?`, for a terminal that can do no more.
  public func asciiOnly() -> Surface {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        let cell = self[x, y]
        if cell.width == 0 || !cell.glyph.utf8.allSatisfy({ $0 < 0x80 }) {
          result.replace([Cell(glyph: "?", width: 1, style: cell.style)], x: x, y: y)
        }
      }
    }
    return result
  }

  private mutating func line(
    length: Int, role: Role, background: Role?, before: LineArms, after: LineArms, place: (Int) -> Point
  ) {
    for offset in 0..<max(0, length) {
      let point = place(offset)
      var arms: LineArms = [before, after]
      if let met = LineArms(glyph: self[point.x, point.y].glyph, glyphs: glyphs) {
        // At an end the line only reaches into the one that it meets, so that a corner or a tee comes out.
        if length > 1, offset == 0 { arms = after }
        if length > 1, offset == length - 1 { arms = before }
        arms.formUnion(met)
      }
      putLine(arms, x: point.x, y: point.y, role: role, background: background)
    }
  }

  private mutating func putLine(_ arms: LineArms, x: Int, y: Int, role: Role, background: Role?) {
    let style = CellStyle(role: role, backgroundRole: background ?? self[x, y].style.backgroundRole)
    put(glyph: glyphs.line(arms), columns: 1, x: x, y: y, style: style)
  }
}
