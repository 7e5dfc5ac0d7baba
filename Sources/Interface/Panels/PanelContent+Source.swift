import Workbench
import Scene
import Surface

extension PanelContent {
  /// The function that the chosen thread is in.
  static func source(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    let excerpt = state.sourceExcerpt
    if let note = excerpt.note { return PanelContent(lines: [PanelLine(note, .dim)]) }
    let digits = String(excerpt.lines.last?.number ?? 0).count
    let lines = excerpt.lines.map { source in
      var line = PanelLine()
      let number = String(source.number)
      line.subject = .line(file: excerpt.fileIndex, line: source.number)
      let isStop = state.stops.contains { $0.subject == line.subject }
      line.add(
        isStop ? glyphs.stop : source.isCurrent ? glyphs.here : source.isLast ? glyphs.bullet : " ",
        isStop ? .error : source.isCurrent ? .borderFocused : .changed)
      line.add(String(repeating: " ", count: digits - number.count) + number + " ", .dim)
      for token in source.tokens { line.add(token.text, role(token.kind)) }
      if source.isCurrent { line.background = .sourceCurrent }
      if !source.others.isEmpty {
        line.addTrailing("\(glyphs.headLeft) \(source.others.joined(separator: " "))", .threadBlocked)
      }
      return line
    }
    var content = PanelContent(lines: lines, caption: excerpt.function)
    if let current = excerpt.current {
      content.reveal(current, height: size.height, margin: size.height / 3)
    }
    if let cursor = state.cursors[.source] {
      content.place(cursor: (excerpt.current ?? 0) + cursor, height: size.height)
    } else {
      content.cursor = excerpt.current
    }
    return content
  }

  private static func role(_ kind: SourceToken.Kind) -> Role {
    switch kind {
    case .keyword: .sourceKeyword
    case .lock: .lockHeld
    case .call: .sourceName
    case .name, .plain: .text
    case .number: .sourceNumber
    case .string: .sourceString
    case .comment: .sourceComment
    }
  }
}
