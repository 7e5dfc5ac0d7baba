extension Surface {
  /// Cells of one row that share a style, next to each other.
  struct StyleRun {
    /// The first column.
    var x: Int
    /// Columns.
    var width: Int
    var style: CellStyle
  }

  /// Row `y` cut where the style changes.
  func styleRuns(row y: Int) -> [StyleRun] {
    var runs: [StyleRun] = []
    for (x, cell) in row(y).enumerated() {
      if let last = runs.last, last.style == cell.style {
        runs[runs.count - 1].width += 1
      } else {
        runs.append(StyleRun(x: x, width: 1, style: cell.style))
      }
    }
    return runs
  }
}
