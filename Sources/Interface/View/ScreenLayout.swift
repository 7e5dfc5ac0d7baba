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
      let columns = Self.plan(size)
      let spare = panels.width - (columns.count - 1)
      var x = panels.x
      let widths = Rect(x: 0, y: 0, width: spare, height: 1).columns(weights: columns.map(\.weight)).map(
        \.width)
      for (number, column) in columns.enumerated() {
        let area = Rect(x: x, y: panels.y, width: widths[number], height: panels.height)
        for (part, rect) in zip(column.parts, area.rows(weights: column.parts.map(\.weight))) {
          let front = state.recent.first { part.panels.contains($0) } ?? part.panels[0]
          slots.append(Slot(panels: part.panels, front: front, rect: rect))
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

  /// How a screen of that size is shared out.
  private static func plan(_ size: Size) -> [Column] {
    switch (size.width >= 120, size.height >= 36) {
    case (true, true):
      [
        Column(60, Part(26, .graph), Part(5, .ranges), Part(5, .timeline), Part(9, .log)),
        Column(40, Part(15, .source), Part(10, .threads), Part(6, .locks), Part(14, .detail)),
      ]
    case (true, false):
      [
        Column(40, Part(1, .graph, .ranges)),
        Column(32, Part(12, .source), Part(9, .log, .timeline)),
        Column(28, Part(11, .threads, .detail), Part(8, .locks)),
      ]
    case (false, true):
      [
        Column(11, Part(16, .graph), Part(5, .ranges, .timeline), Part(10, .threads)),
        Column(9, Part(13, .source), Part(5, .locks), Part(8, .log), Part(9, .detail)),
      ]
    case (false, false):
      [
        Column(11, Part(12, .graph, .ranges), Part(9, .threads, .locks)),
        Column(9, Part(12, .source), Part(9, .log, .detail, .timeline)),
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

  /// What a place of a panel stands for.
  func target(at point: Point, in state: AppState) -> ScreenTarget? {
    guard let slot = slots.first(where: { $0.rect.contains(point) }) else { return nil }
    let area = slot.rect.split(top: 1).rest
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
