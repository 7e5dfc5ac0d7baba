import Scene
import Surface

/// A line between two cards: everything that leads from the one to the other or back.
struct CardWire {
  /// The cells that it passes, with the directions in which it leaves each.
  private(set) var cells: [(point: Point, arms: LineArms)] = []
  /// Where the words stand.
  private(set) var labelPlace = Point.zero
  /// How many columns there are for the words.
  private(set) var labelRoom = 0
  /// The words.
  private(set) var label = PanelLine()
  /// What the line is.
  private(set) var role = Role.edgePointer
  /// A pointer without a reference stands back.
  private(set) var isDashed = false
  /// A pin is heavy.
  private(set) var isHeavy = false
  private var pointsUp = false
  private var pointsDown = false

  /// The lines of a board.
  static func wires(
    between cards: [CardBoard.Card], _ state: AppState, channel: Int, gap: Int
  ) -> [CardWire] {
    var positions: [ObjectIdentity: Int] = [:]
    for (number, card) in cards.enumerated() { positions[card.node.identity] = number }
    var bundles: [Pair: [GraphEdge]] = [:]
    for edge in state.shownGraph.edges {
      let source = state.shownGraph.card(of: edge.source)
      let target = state.shownGraph.card(of: edge.target)
      guard let one = positions[source], let other = positions[target], one != other,
        cards[one].level != cards[other].level
      else { continue }
      let isUpper = cards[one].level < cards[other].level
      bundles[Pair(upper: isUpper ? one : other, lower: isUpper ? other : one), default: []].append(edge)
    }
    var router = CardRouter(cards: cards, channel: channel, gap: gap)
    var wires: [CardWire] = []
    for (pair, edges) in bundles.sorted(by: { $0.key < $1.key }) {
      let upper = cards[pair.upper]
      let lower = cards[pair.lower]
      // That a far-away xarray lists an object goes without a line: it would list nearly all of them.
      let isListed = edges.allSatisfy { if case .member = $0.kind { true } else { false } }
      if isListed, lower.level - upper.level > 1 { continue }
      guard let route = router.route(from: pair.upper, to: pair.lower) else { continue }
      wires.append(CardWire(edges, upper: upper, state, route))
    }
    for index in wires.indices { wires[index].limitLabel(cards: cards, wires: wires) }
    return wires
  }

  private struct Pair: Hashable, Comparable {
    var upper: Int
    var lower: Int
    static func < (first: Pair, second: Pair) -> Bool {
      (first.upper, first.lower) < (second.upper, second.lower)
    }
  }

  private init(_ edges: [GraphEdge], upper: CardBoard.Card, _ state: AppState, _ route: CardRouter.Route) {
    cells = route.cells
    labelPlace = route.label
    var isCounted = false
    var isAdded = false
    var isOnlyRemoved = true
    var isPin = false
    for edge in edges {
      if edge.change == .added { isAdded = true }
      if edge.change != .removed {
        isOnlyRemoved = false
        if state.shownGraph.card(of: edge.source) == upper.node.identity {
          pointsDown = true
        } else {
          pointsUp = true
        }
        if case .counted = edge.kind { isCounted = true }
      }
      if edge.change != .removed, let target = state.shownGraph[edge.target], target.role == "pin",
        target.isInner
      {
        isPin = true
      }
    }
    isDashed = !isCounted
    isHeavy = isPin
    role =
      isOnlyRemoved ? .freed : isAdded ? .changed : isPin ? .edgePin : isCounted ? .edgeCounted : .edgePointer
    var pieces: [(text: String, role: Role, emphasis: Emphasis)] = []
    var pins = (all: [String](), added: 0, removed: 0)
    for edge in edges.sorted(by: { Self.rank($0) < Self.rank($1) }) {
      if let target = state.shownGraph[edge.target], target.role == "pin", target.isInner {
        // Pins are many and alike: one word for all of them.
        if edge.change == .removed { pins.removed += 1 } else { pins.all.append(target.name) }
        if edge.change == .added { pins.added += 1 }
        continue
      }
      switch edge.change {
      case .none: pieces.append((edge.label, .dim, []))
      case .added: pieces.append((edge.label, .changed, .bold))
      case .removed: pieces.append(("\(state.glyphs.cross)\(edge.label)", .countDown, []))
      }
    }
    if pins.removed > 0 {
      pieces.insert(
        ("\(state.glyphs.cross)\(pins.removed) pin\(pins.removed > 1 ? "s" : "")", .countDown, []), at: 0)
    }
    if let first = pins.all.first {
      let words = pins.all.count == 1 ? first : "\(pins.all.count) pins"
      pieces.insert(
        ("\(state.glyphs.pin) \(words)", pins.added > 0 ? .changed : .pin, pins.added > 0 ? .bold : []), at: 0
      )
    }
    for (number, piece) in pieces.enumerated() {
      label.add("\(number > 0 ? " " : "")\(piece.text)", piece.role, piece.emphasis)
    }
  }

  private static func rank(_ edge: GraphEdge) -> Int {
    let news = edge.change == .none ? 10 : 0
    switch edge.kind {
    case .reference: return news
    case .counted: return news + 1
    case .member: return news + 2
    }
  }

  /// The words end where another line or the board ends.
  private mutating func limitLabel(cards: [CardBoard.Card], wires: [CardWire]) {
    let end = cards.map(\.rect.maxX).max() ?? 0
    var limit = end
    for wire in wires {
      for cell in wire.cells where cell.point.y == labelPlace.y && cell.point.x >= labelPlace.x {
        limit = min(limit, cell.point.x - 1)
      }
    }
    labelRoom = max(0, limit - labelPlace.x)
  }

  /// Draws the line. Where two lines cross the one that goes down passes in front.
  func draw(on board: inout Surface) {
    let glyphs = board.glyphs
    for (number, cell) in cells.enumerated() {
      let met = board[cell.point.x, cell.point.y]
      let isEnd = number == 0 || number == cells.count - 1
      if isEnd {
        // In a card's edge: a tee that keeps the edge's own look.
        let arms: LineArms = number == 0 ? [.left, .right, .down] : [.left, .right, .up]
        board.write(
          glyphs.line(arms), x: cell.point.x, y: cell.point.y, role: met.style.role,
          emphasis: met.style.emphasis)
        continue
      }
      var glyph = glyphs.line(cell.arms)
      if isDashed {
        if cell.arms == [.up, .down] { glyph = glyphs.verticalDashed }
        if cell.arms == [.left, .right] { glyph = glyphs.horizontalDashed }
      }
      if isHeavy {
        if cell.arms == [.up, .down] { glyph = glyphs.verticalHeavy }
        if cell.arms == [.left, .right] { glyph = glyphs.horizontalHeavy }
      }
      if !met.isBlank, cell.arms == [.left, .right] { continue }
      if number == cells.count - 2, pointsDown, cell.arms.contains(.down) { glyph = glyphs.headDown }
      if number == 1, pointsUp, cell.arms.contains(.up) { glyph = glyphs.headUp }
      board.write(glyph, x: cell.point.x, y: cell.point.y, role: role)
    }
  }

  /// Draws the words beside the line, right above the lower card.
  func drawLabel(on board: inout Surface) {
    guard labelRoom >= 3 else { return }
    label.draw(on: &board, x: labelPlace.x, y: labelPlace.y, width: labelRoom)
  }
}
