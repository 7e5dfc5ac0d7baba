import Scene
import Surface

extension PanelContent {
  /// The threads: what each is up to, its functions, and the locks that it holds.
  static func threads(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    let rows = ThreadRow.rows(state.moment)
    var lines: [PanelLine] = []
    var chosen = 0
    var chosenEnd = 0
    for row in rows {
      let isChosen = row.number == state.thread
      if isChosen { chosen = lines.count }
      var line = PanelLine()
      line.target = .thread(row.number)
      line.background = isChosen ? .selection : nil
      line.add(isChosen ? glyphs.here : " ", .borderFocused)
      let (glyph, role) = sign(row, glyphs)
      line.add("\(row.name) ", row.isActive ? .threadRunning : .thread, .bold)
      line.add("\(glyph) ", role)
      if row.condition == .barrier {
        line.add(row.words, role)
      } else if let operation = row.operation {
        if row.isInOperation {
          line.add(operation, .text)
        } else {
          line.add("next: \(operation)", .dim)
        }
      } else {
        line.add(row.words, role)
      }
      if row.count > 0, row.operation != nil {
        line.addTrailing("\(row.position)/\(row.count)", .dim)
      }
      lines.append(line)
      if row.condition != .ready, row.condition != .barrier, row.operation != nil {
        for text in TextWrap.lines(of: row.words, width: max(20, size.width - 4)) {
          var why = PanelLine("   \(text)", role)
          why.target = .thread(row.number)
          lines.append(why)
        }
      }
      for held in row.held {
        var lock = PanelLine()
        lock.target = .thread(row.number)
        let glyph = held.isShared ? glyphs.lockShared : glyphs.lockHeld
        let role: Role = held.isTakenNow ? .lockTaken : held.isShared ? .lockShared : .lockHeld
        lock.add("   \(glyph) \(held.name)", role, held.isTakenNow ? .bold : [])
        if held.isShared { lock.add(" read", .dim) }
        if held.isTakenNow {
          lock.addTrailing("taken now", .lockTaken, .bold)
        } else if let since = held.since {
          lock.addTrailing("since \(since)", .dim)
        }
        lines.append(lock)
      }
      if isChosen {
        // The innermost functions matter most; where room is short the callers give way.
        let room = max(3, size.height - 1 - row.held.count - (rows.count - 1))
        let hidden = row.stack.count > room ? row.stack.count - room + 1 : 0
        if hidden > 0 { lines.append(PanelLine("   \(glyphs.ellipsis) \(hidden) callers", .dim)) }
        for (level, frame) in row.stack.enumerated().dropFirst(hidden) {
          var line = PanelLine()
          line.target = .thread(row.number)
          let isShown = level == (state.level ?? row.stack.count - 1)
          line.add("   \(isShown ? glyphs.here : glyphs.bullet) ", isShown ? .borderFocused : .dim)
          line.add(frame.function, isShown ? .text : .dim)
          if let number = frame.line { line.addTrailing(":\(number)", .dim) }
          lines.append(line)
        }
        chosenEnd = lines.count - 1
      }
    }
    if rows.isEmpty {
      lines.append(PanelLine("no threads; \(state.keys.name(of: .addThread)) adds one", .dim))
    }
    let ready = rows.filter { $0.condition == .ready || $0.condition == .timeout }.count
    var content = PanelContent(lines: lines, caption: "\(ready) of \(rows.count) can go")
    content.reveal(chosenEnd, height: size.height, margin: 0)
    content.reveal(chosen, height: size.height, margin: 0)
    return content
  }

  private static func sign(_ row: ThreadRow, _ glyphs: GlyphSet) -> (String, Role) {
    switch row.condition {
    case .ready, .timeout: (glyphs.running, row.isActive ? .threadRunning : .thread)
    case .blocked, .asleep: (glyphs.blocked, .threadBlocked)
    case .barrier: (glyphs.blocked, .threadDone)
    case .finished: (glyphs.done, .threadDone)
    case .stuck: (glyphs.cross, .error)
    }
  }
}
