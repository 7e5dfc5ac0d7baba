import Scene
import Workbench

extension AppState {
  /// Puts a stop where the cursor is, or takes it away.
  mutating func toggleStop() -> AppEffect? {
    let height = ScreenLayout(self, size: size).rect(of: focus).size
    let content = PanelContent(focus, self, size: height)
    var subject: Stop.Subject?
    if focus == .graph || focus == .ranges {
      subject = object.map { .object($0) }
    } else if let cursor = content.cursor, content.lines.indices.contains(cursor) {
      subject = content.lines[cursor].subject
    }
    guard let subject else {
      return refuse(
        focus == .graph
          ? "no object is chosen; the arrows choose one"
          : "nothing here can stop a run; choose a line in Source, an object, or a row in Locks, Object or Changes"
      )
    }
    return tell(session.toggle(subject))
  }
}
