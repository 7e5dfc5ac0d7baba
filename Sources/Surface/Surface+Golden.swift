extension Surface {
  /// The surface as text for a golden file that a person can review: its size, the rows, then what is styled.
  ///
  ///     12x2
  ///     |name    open|
  ///     |            |
  ///     styles
  ///     0: 0-3 title
  ///     0: 8-11 key+bold on selection
  ///
  /// Rows and columns count from 0, both ends included; a wide character takes two columns. Plain text is left out.
  public func golden() -> String {
    var lines = ["\(width)x\(height)"]
    for y in 0..<height {
      lines.append("|" + row(y).map(\.glyph).joined() + "|")
    }
    if let cursor { lines.append("cursor \(cursor.x),\(cursor.y)") }
    lines.append("styles")
    for y in 0..<height {
      for run in styleRuns(row: y) where run.style != .plain {
        lines.append("\(y): \(run.x)-\(run.x + run.width - 1) \(run.style)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
