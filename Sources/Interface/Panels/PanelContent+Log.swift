import Scene
import Surface

extension PanelContent {
  /// What happened, a line a step; what was undone stands below the present step, faint.
  static func log(_ state: AppState, _ size: Size) -> PanelContent {
    let path = state.timeline.path(to: state.timeline.tip)
    let here = state.timeline.depth
    let cursor = state.logCursor.flatMap {
      state.timeline.nodes.indices.contains($0) ? state.timeline.nodes[$0].depth : nil
    }
    // Only the lines around the cursor are made: a timeline may be long.
    let focus = cursor ?? here
    let behind = min(max(2, size.height / 4), path.count - 1 - focus)
    let last = min(path.count - 1, max(focus + behind, size.height))
    let first = max(1, last - size.height + 1)
    guard first <= last, path.count > 1 else {
      return PanelContent(lines: [PanelLine("nothing happened yet", .dim)])
    }
    let digits = String(path.count - 1).count
    let names = Dictionary(state.bookmarks.map { ($0.node, $0.text) }) { first, _ in first }
    let lines = (first...last).map { step -> PanelLine in
      let node = path[step]
      var line = PanelLine()
      let isHere = step == here
      let isCursor = step == cursor
      line.target = .point(node)
      line.add(
        isCursor ? state.glyphs.here : isHere ? state.glyphs.stepHere : " ",
        isHere || isCursor ? .borderFocused : .dim)
      let number = String(step)
      line.add(String(repeating: " ", count: digits - number.count) + number, isHere ? .text : .dim)
      let isFork = state.timeline.nodes[path[step - 1]].children.count > 1
      line.add(isFork ? state.glyphs.line([.up, .down, .right]) : " ", .branch)
      if let row = state.log[node] {
        line.add("\(row.threadName) ", isHere ? .threadRunning : .thread, isHere ? .bold : [])
        LogLine.add(row, to: &line, state.glyphs, width: size.width)
      }
      if let name = names[node] { line.addTrailing("\(state.glyphs.pin) \(name)", .branch) }
      if let said = state.timeline.annotations(at: node).last(where: { $0.kind == .note }) {
        line.addTrailing("  \(said.text)", .note)
      }
      if isHere || isCursor { line.background = .selection }
      if step > here {
        line.spans = line.spans.map { PanelLine.Span(text: $0.text, role: .dim) }
      }
      return line
    }
    let total = path.count - 1
    return PanelContent(lines: lines, caption: here == total ? "\(here) steps" : "\(here) of \(total)")
  }
}

/// A step in one line.
enum LogLine {
  /// What the step did and what happened; where room is short what happened stands for both.
  static func add(_ row: LogRow, to line: inout PanelLine, _ glyphs: GlyphSet, width: Int) {
    let isWide = width >= 64
    let notes = row.notes.filter { $0.kind != .started }
    let middle = width * 45 / 100
    if isWide || notes.isEmpty {
      let room = notes.isEmpty ? width : middle - line.width - 2
      line.add(Surface.shorten(row.text, to: room, glyphs: glyphs), .text)
      if row.notes.contains(where: { $0.kind == .started }), !isWide { line.add(" begins", .note) }
    }
    if isWide, !notes.isEmpty { line.pad(to: middle) }
    for (number, note) in notes.enumerated() {
      if number > 0 { line.add(" \(glyphs.separator) ", .dim) }
      line.add(words(note, glyphs), role(note.kind), note.kind == .finding ? .bold : [])
    }
  }

  private static func words(_ note: LogRow.Note, _ glyphs: GlyphSet) -> String {
    let text =
      glyphs == .unicode
      ? note.text.replacing(" -> ", with: glyphs.arrowRight).replacing(" <- ", with: " \(glyphs.arrowLeft) ")
      : note.text
    let sign: String =
      switch note.kind {
      case .lockTaken: glyphs.lockHeld
      case .lockReleased: glyphs.done
      case .lockWaited: glyphs.lockWaited
      case .countUp: glyphs.headUp
      case .countDown: glyphs.headDown
      case .freed: glyphs.freed
      case .finding, .allocationFailed: glyphs.warning
      case .succeeded: glyphs.check
      case .failed: glyphs.cross
      case .driver: glyphs.arrowRight
      case .mark: glyphs.pin
      default: ""
      }
    return sign.isEmpty ? text : "\(sign) \(text)"
  }

  private static func role(_ kind: LogRow.Note.Kind) -> Role {
    switch kind {
    case .lockTaken: .lockTaken
    case .lockReleased: .lockReleased
    case .lockWaited: .lockWaited
    case .countUp: .countUp
    case .countDown: .countDown
    case .made: .changed
    case .freed: .freed
    case .allocationFailed, .failed: .warning
    case .changed: .note
    case .succeeded: .ok
    case .driver: .driver
    case .sleep: .threadBlocked
    case .mark: .headline
    case .finding: .finding
    case .started, .other: .dim
    }
  }
}
