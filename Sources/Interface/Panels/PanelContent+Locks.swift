import Workbench
import Scene
import Surface

extension PanelContent {
  /// The locks that are held, waited for, or were touched in this step.
  static func locks(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    let rows = LockRow.rows(state.moment)
    var lines: [PanelLine] = []
    for row in rows {
      var line = PanelLine()
      line.target = row.object.map { .object($0) }
      if let reference = row.reference { line.subject = .field(row.object, reference) }
      let isShared = row.mode == .read
      let role: Role =
        row.isTakenNow
        ? .lockTaken : row.holders.isEmpty ? .lockReleased : isShared ? .lockShared : .lockHeld
      let glyph = row.holders.isEmpty ? glyphs.done : isShared ? glyphs.lockShared : glyphs.lockHeld
      line.add("\(glyph) \(row.name)", role, row.isTakenNow ? .bold : [])
      line.add(" \(row.mode.rawValue)", .dim)
      for holder in row.holders {
        line.add(" \(holder.name)", .thread)
        if let since = holder.since, !(row.isTakenNow && since == state.moment.step) {
          line.add(" since \(since)", .dim)
        }
      }
      if row.isTakenNow {
        line.addTrailing("taken now", .lockTaken, .bold)
      } else if row.isReleasedNow {
        line.addTrailing("released now", .lockReleased, .underline)
      } else if row.isRefusedNow {
        line.addTrailing("not had", .lockWaited)
      }
      if state.moment.lockChanges.isEmpty == false, row.isTakenNow { line.background = .selection }
      lines.append(line)
      if !row.waiters.isEmpty {
        lines.append(
          PanelLine("  \(glyphs.lockWaited) \(row.waiters.joined(separator: ", ")) waits", .lockWaited))
      }
    }
    let held = rows.filter { !$0.holders.isEmpty }.count
    if lines.isEmpty { lines.append(PanelLine("no lock is held", .dim)) }
    var content = PanelContent(lines: lines, caption: "\(held) held")
    content.place(cursor: state.cursors[.locks], height: size.height)
    return content
  }
}
