import Workbench
import Machine
import Scene
import Surface

extension PanelContent {
  /// Where runs stop, and the values of what is watched.
  static func watch(_ state: AppState, _ size: Size) -> PanelContent {
    var lines = state.stops.map { state.line(for: $0) }
    if lines.isEmpty {
      let keys = state.keys
      lines.append(
        PanelLine(
          "no stops; \(keys.name(of: .toggleStop)) puts one on what is chosen, \(keys.name(of: .stops)) types one",
          .dim))
    }
    var content = PanelContent(lines: lines, caption: state.stops.isEmpty ? "" : "\(state.stops.count)")
    content.place(cursor: state.cursors[.watch], height: size.height)
    return content
  }
}

extension AppState {
  /// A stop with the value of what it watches.
  func line(for stop: Stop) -> PanelLine {
    var line = PanelLine()
    line.subject = stop.subject
    line.add("\(glyphs.stop) ", .error)
    line.add(stop.text, .text)
    let record = moment.record
    switch stop.subject {
    case .line, .function: line.addTrailing("line", .dim)
    case .expression(let text):
      line.add(" = ", .dim)
      line.add(watchedValues(at: timeline.here)[text]?.text ?? "cannot be evaluated", .count, .bold)
      if session.isChanged(text) { line.addTrailing("changed", .changed) }
    case .object(let identity):
      line.target = .object(identity)
      line.add("  ")
      if let node = graph[identity] {
        line.add(node.presence == .tombstone ? "freed, still pointed to" : "is there", .dim)
        if node.isChanged { line.addTrailing("changed", .changed) }
      } else {
        line.add("is not there", .dim)
      }
    case .field(let identity, let field):
      line.target = identity.map { .object($0) }
      line.add("  ")
      let object = identity.map { moment.object($0) } ?? .globals
      guard let object, let value = moment.view.value(field, of: object) else {
        line.add("is not there", .dim)
        break
      }
      line.add(ValueText.text(value, in: moment.view), .count, .bold)
      if let record, let before = moment.before,
        Touch.touches(record, before: before, after: moment.view).contains(where: {
          $0.object == identity && $0.field == field
        })
      {
        line.addTrailing("touched", .changed)
      }
    }
    return line
  }
}
