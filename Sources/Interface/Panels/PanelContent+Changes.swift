import Workbench
import Scene
import Surface

extension PanelContent {
  /// What the last step changed, what it left though it belongs to that, and why this thread stepped.
  static func changes(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    guard state.moment.record != nil else {
      return PanelContent(lines: [PanelLine("nothing happened yet", .dim)])
    }
    let changes = StepChanges(state.moment, timeline: state.timeline, graph: state.graph)
    var lines: [PanelLine] = []
    let widest = min(
      size.width / 2, (changes.changed.map(\.place) + changes.left.map(\.place)).map(\.count).max() ?? 0)
    for row in changes.changed {
      var line = PanelLine()
      switch row.kind {
      case .made: line.add("\(glyphs.reference) \(row.name) is new", .changed)
      case .gone: line.add("\(glyphs.freed) \(row.name) is freed", .freed)
      case .changed:
        line.add("\(glyphs.bullet) \(row.place)", .text)
        line.pad(to: max(widest + 3, line.width + 1))
        line.add(row.old, .dim)
        line.add(" \(glyphs.arrowRight) ", .dim)
        line.add(row.new, .changed, .bold)
      }
      line.target = row.object.map { .object($0) }
      line.subject =
        row.field.isEmpty ? row.object.map { .object($0) } : .field(row.object, row.field)
      lines.append(line)
    }
    if changes.changed.isEmpty { lines.append(PanelLine("nothing that others can see changed", .dim)) }
    func told(_ text: String, _ glyph: String) {
      for (number, part) in TextWrap.lines(of: text, width: max(10, size.width - 3)).enumerated() {
        lines.append(PanelLine("\(number == 0 ? glyph : " ") \(part)", .note))
      }
    }
    if let reason = changes.switchReason {
      let name = state.moment.threadName(state.moment.record?.thread ?? 0)
      told("\(name) steps: \(reason)", glyphs.arrowRight)
    }
    for cause in changes.after { told(cause, glyphs.arrowLeft) }
    if !changes.left.isEmpty {
      lines.append(PanelLine("left as it was", .dim))
      for row in changes.left {
        var line = PanelLine()
        line.add("  \(row.place)", .dim)
        line.pad(to: max(widest + 3, line.width + 1))
        line.add(row.text, .text)
        line.target = .object(row.object)
        lines.append(line)
      }
    }
    let count = changes.changed.count
    var content = PanelContent(lines: lines, caption: count == 0 ? "" : "\(count)")
    content.place(cursor: state.cursors[.changes], height: size.height)
    return content
  }
}
