import Reports
import Scene
import Surface

extension PanelContent {
  /// Who stepped when: a lane a thread, a column a step; what was undone is faint.
  static func timeline(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    let threads = state.moment.threads
    let here = state.timeline.depth
    let cursor = state.logCursor.flatMap {
      state.timeline.nodes.indices.contains($0) ? state.timeline.nodes[$0].depth : nil
    }
    let names = min(8, threads.map(\.name.count).max() ?? 0) + 2
    let room = size.width - names
    guard room > 4, !threads.isEmpty else { return PanelContent(lines: [PanelLine("no threads", .dim)]) }
    let lanes = Lanes(
      state.timeline, threads: threads.count, focus: cursor ?? here, count: room)
    var lines: [PanelLine] = []
    var chosen = 0
    for (number, thread) in threads.enumerated() {
      var line = PanelLine()
      line.target = .thread(number)
      let isChosen = number == state.thread
      if isChosen { chosen = lines.count }
      line.add("\(isChosen ? glyphs.here : " ")", .borderFocused)
      line.add(thread.name, .thread, isChosen ? .bold : [])
      line.pad(to: names)
      for (column, mark) in lanes.marks.enumerated() {
        let isPast = mark.step <= here
        if mark.thread == number {
          var (glyph, role) = sign(mark.kind, glyphs)
          if mark.kind == .taken, mark.cause != nil { glyph = glyphs.lockHandedOver }
          let isMarked = mark.step == (cursor ?? here)
          line.add(glyph, isPast ? role : .dim, isMarked ? [.bold, .underline] : [])
        } else {
          let isBusy = lanes.busy[number][column]
          line.add(isBusy ? glyphs.horizontalDashed : " ", .dim)
        }
      }
      lines.append(line)
    }
    let named = Set(state.bookmarks.map(\.node))
    let lost = Set(state.bookmarks.filter { $0.text == PointOfNoReturn.marker }.map(\.node))
    lines.append(
      ruler(lanes, here: here, cursor: cursor, names: names, named: named, lost: lost, glyphs))
    var caption = "step \(cursor ?? here)"
    if let mark = lanes.marks.first(where: { $0.step == (cursor ?? here) }) {
      if let cause = mark.cause { caption += ", comes after step \(cause)" }
      if let name = state.bookmarks.first(where: { $0.node == mark.node }) { caption += ", '\(name.text)'" }
    }
    var content = PanelContent(lines: lines, caption: caption)
    content.reveal(lines.count - 1, height: size.height, margin: 0)
    content.reveal(chosen, height: size.height, margin: 0)
    return content
  }

  /// The numbers of the steps, where we are, points with names, and the one from which on no continuation ends well.
  private static func ruler(
    _ lanes: Lanes, here: Int, cursor: Int?, names: Int, named: Set<Int>, lost: Set<Int>, _ glyphs: GlyphSet
  ) -> PanelLine {
    var line = PanelLine()
    line.pad(to: names)
    var column = 0
    while column < lanes.marks.count {
      let step = lanes.marks[column].step
      if step == here || step == cursor {
        line.add(step == here ? glyphs.stepHere : glyphs.headUp, .borderFocused, .bold)
        column += 1
        continue
      }
      if named.contains(lanes.marks[column].node) {
        let isLost = lost.contains(lanes.marks[column].node)
        line.add(isLost ? glyphs.cross : glyphs.pin, isLost ? .error : .branch, .bold)
        column += 1
        continue
      }
      let number = String(step)
      let end = column + number.count
      let isFree = !(column..<min(end, lanes.marks.count)).contains { other in
        lanes.marks[other].step == here || lanes.marks[other].step == cursor
          || named.contains(lanes.marks[other].node)
      }
      if step % 10 == 0, isFree, end < lanes.marks.count {
        line.add(number, .timelineMark)
        column = end
      } else {
        line.add(" ")
        column += 1
      }
    }
    return line
  }

  private static func sign(_ kind: Lanes.Kind, _ glyphs: GlyphSet) -> (String, Role) {
    switch kind {
    case .step: (glyphs.bullet, .timelineMark)
    case .began: (glyphs.closed, .threadRunning)
    case .ended: (glyphs.check, .ok)
    case .failed: (glyphs.cross, .warning)
    case .taken: (glyphs.lockHeld, .lockTaken)
    case .released: (glyphs.done, .lockReleased)
    case .waited: (glyphs.lockWaited, .lockWaited)
    case .freed: (glyphs.freed, .freed)
    case .finding: (glyphs.warning, .finding)
    case .added: (glyphs.reference, .branch)
    }
  }
}
