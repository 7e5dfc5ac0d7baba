import Scene
import Surface

/// The objects as cards, in rows by layer, with lines between them.
///
/// Cards stand on a fixed grid, in the order of their names, so that one that comes or goes moves none that stands before it.
struct CardBoard {
  /// A card: where it lies, and what stands in it.
  struct Card {
    var node: GraphNode
    var rect: Rect
    var lines: [PanelLine]
    /// The row of the grid.
    var level: Int
    /// The column behind the name in the upper edge: lines come in from there on.
    var titleEnd: Int
  }

  let cards: [Card]
  let wires: [CardWire]
  let size: Size
  private(set) var offset = 0
  /// What belongs inside another object but is in none: half built, or about to go.
  private let loose: [PanelLine]

  /// The narrowest card in which a line still says something.
  private static let narrowest = 30
  /// More cards than this are no picture any more.
  private static let mostCards = 14
  /// The columns between cards, and left and right of them: where lines pass.
  private static let gap = 3
  /// The rows between cards: where lines turn, and where they are labelled.
  private static let channel = 2

  /// The board when it is wanted and fits; nil: draw the tree.
  static func fitting(_ state: AppState, size: Size) -> CardBoard? {
    guard state.graphStyle != .tree, size.width >= 2 * narrowest + 3 * gap, !state.shownGraph.nodes.isEmpty
    else {
      return nil
    }
    // Whether there are cards depends on the room alone, and not on how tall they happen to be at one step: a picture that
    // changes its kind from step to step cannot be followed.
    guard state.graphStyle == .cards || (size.height >= 18 && state.shownGraph.cards.count <= mostCards)
    else {
      return nil
    }
    var board = CardBoard(state, width: size.width)
    if board.size.height > size.height { board.reveal(state, height: size.height) }
    return board
  }

  init(_ state: AppState, width: Int) {
    let nodes = state.shownGraph.cards.filter { !$0.isInner }
    let layers = Dictionary(grouping: nodes, by: \.layer)
    let order = layers.keys.sorted()
    let most = max(2, layers.values.map(\.count).max() ?? 0)
    let columns = max(1, min(most, (width - Self.gap) / (Self.narrowest + Self.gap)))
    let cardWidth = min(64, (width - (columns + 1) * Self.gap) / columns)
    let outline = ObjectOutline(state.shownGraph, selected: state.object, limit: 4)
    var cards: [Card] = []
    var top = 0
    var level = 0
    for layer in order {
      let members = layers[layer] ?? []
      for start in stride(from: 0, to: members.count, by: columns) {
        var height = 0
        for (column, node) in members[start..<min(start + columns, members.count)].enumerated() {
          let lines = CardText.lines(node, outline, state, width: cardWidth - 4)
          let rect = Rect(
            x: Self.gap + column * (cardWidth + Self.gap), y: top, width: cardWidth, height: lines.count + 2)
          var title = PanelLine()
          NodeLine.addName(node, to: &title, state)
          cards.append(
            Card(node: node, rect: rect, lines: lines, level: level, titleEnd: rect.x + 5 + title.width))
          height = max(height, rect.height)
        }
        top += height + Self.channel
        level += 1
      }
    }
    self.cards = cards
    wires = CardWire.wires(between: cards, state, channel: Self.channel, gap: Self.gap)
    loose = outline.rows.filter { row in
      if case .node(let node) = row.content { node.isInner && row.depth == 0 } else { false }
    }.map { row in
      var line = TreeLine.line(row, state, isWide: false, hasMark: true)
      if case .node(let node) = row.content, node.presence == .present || node.presence == .new {
        let pointers = node.pointers.joined(separator: ", ")
        line.addTrailing(pointers.isEmpty ? "in no container" : "only \(pointers)", .note)
      }
      return line
    }
    size = Size(width: width, height: max(0, top - Self.channel) + loose.count)
  }

  private mutating func reveal(_ state: AppState, height: Int) {
    let wanted = state.shownObject.map { state.shownGraph.card(of: $0) }
    guard let card = cards.first(where: { $0.node.identity == wanted }) else { return }
    // As much as is needed to see the card, and not more.
    if card.rect.maxY > height { offset = min(card.rect.y, card.rect.maxY - height) }
  }

  /// The object at a place of the board.
  func identity(at point: Point) -> ObjectIdentity? {
    let place = Point(x: point.x, y: point.y + offset)
    guard let card = cards.first(where: { $0.rect.contains(place) }) else {
      let row = place.y - (size.height - loose.count)
      guard loose.indices.contains(row), case .object(let identity)? = loose[row].target else { return nil }
      return identity
    }
    let line = place.y - card.rect.y - 1
    if card.lines.indices.contains(line), case .object(let identity)? = card.lines[line].target {
      return identity
    }
    return card.node.identity
  }

  /// Draws the cards and the lines.
  func draw(_ state: AppState, on surface: inout Surface, in area: Rect) {
    var board = Surface(
      size: Size(width: area.width, height: max(area.height + offset, size.height)), glyphs: surface.glyphs)
    for card in cards { draw(card, state, on: &board) }
    for (row, line) in loose.enumerated() {
      line.draw(on: &board, x: Self.gap, y: size.height - loose.count + row, width: area.width - 2 * Self.gap)
    }
    for wire in wires { wire.draw(on: &board) }
    for wire in wires { wire.drawLabel(on: &board) }
    for y in 0..<area.height {
      for x in 0..<area.width {
        let cell = board[x, y + offset]
        guard cell.width > 0 else { continue }
        surface.write(
          cell.glyph, x: area.x + x, y: area.y + y, role: cell.style.role, emphasis: cell.style.emphasis,
          background: cell.style.backgroundRole)
      }
    }
  }

  private func draw(_ card: Card, _ state: AppState, on board: inout Surface) {
    let node = card.node
    let isChosen = state.object.map { state.shownGraph.card(of: $0) == node.identity } ?? false
    let isDead = node.presence == .tombstone || node.presence == .gone
    let role: Role = isChosen ? .borderFocused : isDead ? .freed : node.isChanged ? .changed : .border
    board.box(card.rect, role: role)
    var title = PanelLine()
    title.add(" ")
    if isChosen { title.add("\(state.glyphs.here) ", .borderFocused) }
    NodeLine.addName(node, to: &title, state)
    title.add(" ")
    var x = card.rect.x + 1
    for span in title.spans {
      x += board.write(
        span.text, x: x, y: card.rect.y, role: span.role, emphasis: span.emphasis,
        maxWidth: card.rect.maxX - 2 - x)
    }
    let place = node.places.first ?? ""
    let words = place.isEmpty ? "" : " \(place) "
    if !words.isEmpty, x + words.count + 2 < card.rect.maxX {
      board.write(words, x: card.rect.maxX - 1 - words.count, y: card.rect.y, role: .dim)
    }
    let inside = card.rect.inset(x: 2, y: 1)
    for (row, line) in card.lines.enumerated() {
      line.draw(on: &board, x: inside.x, y: inside.y + row, width: inside.width)
    }
  }
}
