import Scene
import Surface

/// What lies where on the screen.
struct ScreenLayout {
  /// A place for one or several panels, of which one shows.
  struct Slot {
    /// The panels that share the place.
    var panels: [Panel]
    /// The one that shows.
    var front: Panel
    /// Where: the first row is the heading's.
    var rect: Rect
    /// The number of its column.
    var column = 0
    /// Its number within the column.
    var part = 0
  }

  /// The smallest screen on which there is something to see.
  static let smallest = Size(width: 60, height: 16)

  /// Whether the screen is too small.
  let isTooSmall: Bool
  /// The first row.
  let header: Rect
  /// The row that tells a finding.
  let banner: Rect?
  /// The panels.
  let slots: [Slot]
  /// The columns of the lines between panels, with the rows that they span.
  let rules: [Rect]
  /// The row for what there is to say.
  let message: Rect
  /// The row for keys.
  let footer: Rect

  init(_ state: AppState, size: Size) {
    isTooSmall = size.width < Self.smallest.width || size.height < Self.smallest.height
    let screen = Rect(size: size)
    let (header, afterHeader) = screen.split(top: 1)
    self.header = header
    var body = afterHeader
    if state.finding != nil {
      let (banner, rest) = body.split(top: 1)
      self.banner = banner
      body = rest
    } else {
      banner = nil
    }
    let (middle, footer) = body.split(bottom: 1)
    self.footer = footer
    let (panels, message) = middle.split(bottom: 1)
    self.message = message
    var slots: [Slot] = []
    var rules: [Rect] = []
    if let zoomed = state.zoomed {
      slots.append(Slot(panels: [zoomed], front: zoomed, rect: panels))
    } else {
      let columns = Self.columns(size, state.dividers)
      let spare = panels.width - (columns.count - 1)
      var x = panels.x
      let widths = Rect(x: 0, y: 0, width: spare, height: 1).columns(weights: columns.map(\.weight)).map(
        \.width)
      for (number, column) in columns.enumerated() {
        let area = Rect(x: x, y: panels.y, width: widths[number], height: panels.height)
        let rows = area.rows(weights: column.parts.map(\.weight))
        for (partNumber, (part, rect)) in zip(column.parts, rows).enumerated() {
          let front = state.recent.first { part.panels.contains($0) } ?? part.panels[0]
          slots.append(
            Slot(panels: part.panels, front: front, rect: rect, column: number, part: partNumber))
        }
        x += widths[number]
        if number + 1 < columns.count {
          rules.append(Rect(x: x, y: panels.y, width: 1, height: panels.height))
          x += 1
        }
      }
    }
    self.slots = slots
    self.rules = rules
  }

  private struct Part {
    var panels: [Panel]
    var weight: Int
    init(_ weight: Int, _ panels: Panel...) {
      self.panels = panels
      self.weight = weight
    }
  }

  private struct Column {
    var weight: Int
    var parts: [Part]
    init(_ weight: Int, _ parts: Part...) {
      self.weight = weight
      self.parts = parts
    }
  }

  /// Which way of sharing out a screen of that size has.
  static func plan(of size: Size) -> Int {
    isLarge(size) ? 4 : (size.width >= 120 ? 2 : 0) + (size.height >= 36 ? 1 : 0)
  }

  /// Whether there is room for a third column, so that what changed stands beside the object and what is watched.
  private static func isLarge(_ size: Size) -> Bool { size.width >= 180 && size.height >= 50 }

  /// How a screen of that size is shared out, with the lines where the user has put them.
  private static func columns(_ size: Size, _ dividers: Dividers) -> [Column] {
    let plan = plan(of: size)
    var columns = Self.plan(size)
    if let weights = dividers.columns[plan], weights.count == columns.count {
      for (number, weight) in weights.enumerated() { columns[number].weight = weight }
    }
    for (number, weights) in dividers.parts[plan] ?? [:]
    where columns.indices.contains(number) && weights.count == columns[number].parts.count {
      for (part, weight) in weights.enumerated() { columns[number].parts[part].weight = weight }
    }
    return columns
  }

  private static func plan(_ size: Size) -> [Column] {
    if isLarge(size) {
      return [
        Column(92, Part(30, .graph), Part(7, .ranges), Part(6, .timeline), Part(11, .log)),
        Column(58, Part(26, .source), Part(28, .threads)),
        Column(50, Part(10, .locks), Part(22, .detail), Part(15, .changes), Part(7, .watch, .truth)),
      ]
    }
    return switch (size.width >= 120, size.height >= 36) {
    case (true, true):
      [
        Column(60, Part(26, .graph), Part(5, .ranges), Part(5, .timeline), Part(9, .log)),
        Column(
          40, Part(15, .source), Part(10, .threads), Part(6, .locks),
          Part(14, .detail, .changes, .watch, .truth)),
      ]
    case (true, false):
      [
        Column(40, Part(1, .graph, .ranges)),
        Column(32, Part(12, .source), Part(9, .log, .timeline)),
        Column(28, Part(11, .threads, .detail, .changes), Part(8, .locks, .watch, .truth)),
      ]
    case (false, true):
      [
        Column(11, Part(16, .graph), Part(5, .ranges, .timeline), Part(10, .threads)),
        Column(
          9, Part(13, .source), Part(5, .locks), Part(8, .log), Part(9, .detail, .changes, .watch, .truth)),
      ]
    case (false, false):
      [
        Column(11, Part(12, .graph, .ranges), Part(9, .threads, .locks, .watch, .truth)),
        Column(9, Part(12, .source), Part(9, .log, .detail, .changes, .timeline)),
      ]
    }
  }

  /// The rows of a panel without its heading; of one that does not show what it would have.
  func rect(of panel: Panel) -> Rect {
    slots.first { $0.panels.contains(panel) }?.rect.split(top: 1).rest ?? .init(size: .zero)
  }

  /// The panel that shows at a place.
  func panel(at point: Point) -> Panel? {
    isTooSmall ? nil : slots.first { $0.rect.contains(point) }?.front
  }

  /// The line of a panel's content at a place, in panels that have a cursor.
  func line(at point: Point, in state: AppState) -> Int? {
    guard let slot = slots.first(where: { $0.rect.contains(point) }),
      [.source, .locks, .detail, .changes, .watch, .truth].contains(slot.front)
    else { return nil }
    let area = slot.rect.split(top: 1).rest
    guard area.contains(point) else { return nil }
    let content = PanelContent(slot.front, state, size: area.size)
    let line = content.top + point.y - area.y
    return content.lines.indices.contains(line) ? line : nil
  }

  /// The line between panels at a place: between two columns, or above a panel that is not the first of its column.
  func divider(at point: Point) -> Dividers.Handle? {
    guard !isTooSmall, slots.count > 1 else { return nil }
    let plan = Self.plan(of: Size(width: slots.map(\.rect.maxX).max() ?? 0, height: footer.maxY))
    for (number, rule) in rules.enumerated() where rule.contains(point) {
      return Dividers.Handle(plan: plan, column: number, part: nil)
    }
    for slot in slots where slot.part > 0 && point.y == slot.rect.y && slot.rect.contains(point) {
      return Dividers.Handle(plan: plan, column: slot.column, part: slot.part - 1)
    }
    return nil
  }

  /// The shares that panels have when a line is dragged to a place: every panel keeps enough to be found again.
  func shares(dragging handle: Dividers.Handle, to point: Point) -> [Int] {
    var result: [Int]
    let limit: Int
    let first: Int
    let wanted: Int
    if let part = handle.part {
      let own = slots.filter { $0.column == handle.column }
      result = own.map(\.rect.height)
      guard result.indices.contains(part + 1) else { return result }
      (limit, first) = (2, part)
      wanted = point.y - own[part].rect.y
    } else {
      let columns = (slots.map(\.column).max() ?? 0) + 1
      result = (0..<columns).map { column in slots.first { $0.column == column }?.rect.width ?? 1 }
      guard result.indices.contains(handle.column + 1) else { return result }
      (limit, first) = (16, handle.column)
      wanted = point.x - (slots.first { $0.column == handle.column }?.rect.x ?? 0)
    }
    let both = result[first] + result[first + 1]
    result[first] = max(min(limit, both / 2), min(both - min(limit, both / 2), wanted))
    result[first + 1] = both - result[first]
    return result
  }

  /// What a place of a panel stands for.
  func target(at point: Point, in state: AppState) -> ScreenTarget? {
    guard let slot = slots.first(where: { $0.rect.contains(point) }) else { return nil }
    var area = slot.rect.split(top: 1).rest
    guard area.contains(point) else { return nil }
    if slot.front == .graph { area = FreedLine.split(area, state).objects }
    guard area.contains(point) else { return nil }
    if slot.front == .graph, let cards = CardBoard.fitting(state, size: area.size) {
      let inside = Point(x: point.x - area.x, y: point.y - area.y)
      return cards.identity(at: inside).map { .object($0) }
    }
    let content = PanelContent(slot.front, state, size: area.size)
    let line = content.top + point.y - area.y
    return content.lines.indices.contains(line) ? content.lines[line].target : nil
  }
}

/// What a place on the screen stands for.
enum ScreenTarget: Hashable {
  /// A thread.
  case thread(Int)
  /// An object.
  case object(ObjectIdentity)
  /// A point of the timeline.
  case point(Int)
}
