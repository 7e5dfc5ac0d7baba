/// Cells of one row that changed, next to each other.
public struct SurfaceRun: Hashable, Sendable {
  /// The column of the first cell.
  public var x: Int
  /// The row.
  public var y: Int
  /// What is there now. Never begins or ends within a wide character.
  public var cells: [Cell]

  init(x: Int, y: Int, cells: [Cell]) {
    self.x = x
    self.y = y
    self.cells = cells
  }
}

/// What to send to a screen that shows `old` so that it shows `new`: the changed runs, row by row from the top left.
///
/// When the sizes differ, or there is no `old`, that is every row of `new`.
public func diff(from old: Surface?, to new: Surface) -> [SurfaceRun] {
  guard let old, old.size == new.size else {
    guard new.width > 0 else { return [] }
    return (0..<new.height).map { SurfaceRun(x: 0, y: $0, cells: Array(new.row($0))) }
  }
  var runs: [SurfaceRun] = []
  for y in 0..<new.height where old.row(y) != new.row(y) {
    var x = 0
    while x < new.width {
      // A wide character, old or new, changes as a whole.
      var end = x + 1
      while end < new.width, new[end, y].width == 0 || old[end, y].width == 0 { end += 1 }
      if (x..<end).contains(where: { old[$0, y] != new[$0, y] }) {
        let cells = (x..<end).map { new[$0, y] }
        if let last = runs.last, last.y == y, last.x + last.cells.count == x {
          runs[runs.count - 1].cells += cells
        } else {
          runs.append(SurfaceRun(x: x, y: y, cells: cells))
        }
      }
      x = end
    }
  }
  return runs
}

extension Surface {
  /// Puts changed runs into place. After `apply(diff(from: self, to: new))` the cells are those of `new`.
  public mutating func apply(_ runs: [SurfaceRun]) {
    for run in runs { replace(run.cells, x: run.x, y: run.y) }
  }
}
