import Scene
import Surface

extension AppState {
  /// Moves within the panel that has the keys.
  mutating func move(rows: Int, columns: Int) -> AppEffect? {
    switch focus {
    case .graph, .ranges:
      moveObject(rows: rows, columns: columns)
    case .threads:
      guard rows != 0 else { return nil }
      let target = thread + rows
      if moment.threads.indices.contains(target) { choose(thread: target) }
    case .source:
      if columns != 0 {
        let depth = moment.threads.indices.contains(thread) ? moment.threads[thread].frames.count : 0
        guard depth > 1 else { return refuse("the thread is in no other function") }
        let target = (level ?? depth - 1) + columns
        guard (0..<depth).contains(target) else {
          return refuse(columns < 0 ? "this is the system call itself" : "this is the innermost function")
        }
        level = target == depth - 1 ? nil : target
        cursors[.source] = nil
      }
      moveCursor(by: rows)
    case .log:
      moveLog(by: rows)
    case .timeline:
      moveLog(by: rows + columns)
    case .locks, .detail, .changes, .watch, .truth:
      moveCursor(by: rows)
    }
    return nil
  }

  mutating func page(by pages: Int) -> AppEffect? {
    let height = max(2, ScreenLayout(self, size: size).rect(of: focus).height - 2)
    switch focus {
    case .log, .timeline: moveLog(by: pages * height)
    case .graph, .ranges:
      for _ in 0..<height { moveObject(rows: pages, columns: 0) }
    case .threads: return move(rows: pages, columns: 0)
    default: return move(rows: pages * height, columns: 0)
    }
    return nil
  }

  /// Opens what is chosen in the panel that has the keys.
  mutating func open() -> AppEffect? {
    switch focus {
    case .graph, .ranges:
      guard object != nil else {
        return refuse("no object is chosen; the arrows choose one")
      }
      focusOn(.detail)
      return nil
    case .log, .timeline:
      guard let logCursor else { return step(choice: 0) }
      return seek(to: logCursor, whenHere: "this is that step")
    case .locks, .detail, .changes, .watch, .truth:
      guard let cursor = cursors[focus], let target = line(at: cursor, of: focus)?.target else {
        return refuse("no row is chosen that leads somewhere; the arrows choose one")
      }
      choose(target)
      return nil
    default:
      return step(choice: 0)
    }
  }

  /// Chooses what a place on the screen stands for.
  mutating func choose(_ target: ScreenTarget) {
    switch target {
    case .thread(let number): choose(thread: number)
    case .object(let identity): object = identity
    case .point(let node): logCursor = node == timeline.here ? nil : node
    }
  }

  private func line(at cursor: Int, of panel: Panel) -> PanelLine? {
    let lines = PanelContent(panel, self, size: ScreenLayout(self, size: size).rect(of: panel).size).lines
    return lines.indices.contains(cursor) ? lines[cursor] : nil
  }

  /// Moves the cursor of the panel that has the keys.
  private mutating func moveCursor(by rows: Int) {
    guard rows != 0 else { return }
    let content = PanelContent(focus, self, size: ScreenLayout(self, size: size).rect(of: focus).size)
    guard !content.lines.isEmpty else { return }
    let origin = focus == .source ? sourceExcerpt.current ?? 0 : 0
    let present = content.cursor ?? (rows > 0 ? -1 : content.lines.count)
    let target = max(0, min(content.lines.count - 1, present + rows))
    cursors[focus] = target - origin
  }

  private mutating func moveObject(rows: Int, columns: Int) {
    let order = ObjectOutline(shownGraph, selected: object).rows.compactMap(\.identity)
    guard !order.isEmpty else { return }
    guard let object, let position = order.firstIndex(of: object) else {
      self.object = rows < 0 || columns < 0 ? order.last : order.first
      return
    }
    if rows != 0 {
      self.object = order[max(0, min(order.count - 1, position + rows))]
      return
    }
    // Sideways it goes from card to card.
    let cards = graph.cards.map(\.identity)
    guard let card = cards.firstIndex(of: graph.card(of: object)) else { return }
    self.object = cards[max(0, min(cards.count - 1, card + columns))]
  }

  private mutating func moveLog(by rows: Int) {
    guard rows != 0 else { return }
    let path = timeline.path(to: timeline.tip)
    let position = timeline.nodes[logCursor ?? timeline.here].depth
    let target = path[max(0, min(path.count - 1, position + rows))]
    logCursor = target == timeline.here ? nil : target
  }

  // MARK: The mouse

  /// Moves a line between panels.
  private mutating func drag(_ handle: Dividers.Handle, to point: Point) {
    let layout = ScreenLayout(self, size: size)
    let shares = layout.shares(dragging: handle, to: point)
    if handle.part == nil {
      dividers.columns[handle.plan] = shares
    } else {
      dividers.parts[handle.plan, default: [:]][handle.column] = shares
    }
  }

  /// A click chooses what is under it, the wheel moves what is under it.
  mutating func take(_ event: MouseEvent) -> AppEffect? {
    guard overlay == nil else {
      switch event.kind {
      case .wheelUp: return performInOverlay(.listUp)
      case .wheelDown: return performInOverlay(.listDown)
      default: return nil
      }
    }
    let screen = ScreenLayout(self, size: size)
    switch event.kind {
    case .press(.left):
      if let handle = screen.divider(at: event.position) {
        dragged = handle
        return nil
      }
    case .drag(.left):
      if let dragged { drag(dragged, to: event.position) }
      return nil
    case .release:
      dragged = nil
      return nil
    default: break
    }
    guard let panel = screen.panel(at: event.position) else { return nil }
    switch event.kind {
    case .wheelUp, .wheelDown:
      focusOn(panel)
      return move(rows: event.kind == .wheelUp ? -1 : 1, columns: 0)
    case .press(.left):
      focusOn(panel)
      if let target = screen.target(at: event.position, in: self) { choose(target) }
      if let line = screen.line(at: event.position, in: self) {
        cursors[panel] = panel == .source ? line - (sourceExcerpt.current ?? 0) : line
      }
      return nil
    default: return nil
    }
  }
}
