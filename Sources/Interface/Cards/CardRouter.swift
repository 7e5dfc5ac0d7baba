import Surface

/// Finds the way of a line between two cards: down, in the rows between cards to the side, down again.
struct CardRouter {
  /// A way, from the edge of the upper card to that of the lower one.
  struct Route {
    var cells: [(point: Point, arms: LineArms)]
    /// Where words about it stand.
    var label: Point
  }

  private let cards: [CardBoard.Card]
  private let channel: Int
  private let gap: Int
  /// An upper or lower edge of a card.
  private struct Edge: Hashable {
    var card: Int
    var isTop: Bool
  }

  /// The columns at which lines leave or enter a card.
  private var ports: [Edge: [Int]] = [:]
  /// The cells that lines pass from side to side.
  private var passed: Set<Point> = []
  /// The columns between cards in which a line passes a row of cards.
  private var lanes: Set<Point> = []
  /// The first and the last row of each row of cards.
  private let levels: [(top: Int, bottom: Int)]

  init(cards: [CardBoard.Card], channel: Int, gap: Int) {
    self.cards = cards
    self.channel = channel
    self.gap = gap
    let count = (cards.map(\.level).max() ?? -1) + 1
    levels = (0..<count).map { level in
      let own = cards.filter { $0.level == level }
      return (own.map(\.rect.y).min() ?? 0, (own.map(\.rect.maxY).max() ?? 1) - 1)
    }
  }

  /// The way between two cards; nil when there is no room for one.
  mutating func route(from upper: Int, to lower: Int) -> Route? {
    let one = cards[upper].rect
    let other = cards[lower].rect
    let isNear = cards[lower].level == cards[upper].level + 1
    if isNear, let x = commonPort(upper, lower) {
      return finish([Point(x: x, y: one.maxY - 1), Point(x: x, y: other.y)], upper, lower)
    }
    guard
      let start = port(
        of: Edge(card: upper, isTop: false), from: one.x + 4, towards: other.x + other.width / 2),
      let end = port(
        of: Edge(card: lower, isTop: true), from: cards[lower].titleEnd + 1, towards: one.x + one.width / 2)
    else { return nil }
    var corners = [Point(x: start, y: one.maxY - 1)]
    if isNear {
      guard let turn = free(between: start, and: end, above: cards[lower].level) else { return nil }
      corners += [Point(x: start, y: turn), Point(x: end, y: turn)]
    } else {
      guard let lane = lane(near: end, past: (cards[upper].level + 1)..<cards[lower].level),
        let first = free(between: start, and: lane, above: cards[upper].level + 1),
        let second = free(between: lane, and: end, above: cards[lower].level)
      else { return nil }
      corners += [
        Point(x: start, y: first), Point(x: lane, y: first), Point(x: lane, y: second),
        Point(x: end, y: second),
      ]
    }
    corners.append(Point(x: end, y: other.y))
    return finish(corners, upper, lower)
  }

  private mutating func finish(_ corners: [Point], _ upper: Int, _ lower: Int) -> Route {
    ports[Edge(card: upper, isTop: false), default: []].append(corners[0].x)
    ports[Edge(card: lower, isTop: true), default: []].append(corners[corners.count - 1].x)
    var points: [Point] = []
    for (from, to) in zip(corners, corners.dropFirst()) {
      if from == to { continue }
      let dx = (to.x - from.x).signum()
      let dy = (to.y - from.y).signum()
      var here = from
      if points.isEmpty { points.append(here) }
      while here != to {
        here = Point(x: here.x + dx, y: here.y + dy)
        points.append(here)
        if dx != 0 { passed.insert(here) }
      }
      if dx != 0 { passed.insert(from) }
    }
    let cells = points.enumerated().map { number, point in
      var arms: LineArms = []
      for neighbour in [number - 1, number + 1] where points.indices.contains(neighbour) {
        let next = points[neighbour]
        if next.x < point.x { arms.insert(.left) }
        if next.x > point.x { arms.insert(.right) }
        if next.y < point.y { arms.insert(.up) }
        if next.y > point.y { arms.insert(.down) }
      }
      return (point: point, arms: arms)
    }
    let end = corners[corners.count - 1]
    return Route(cells: cells, label: Point(x: end.x + 2, y: end.y - 1))
  }

  /// A column that both cards have, away from other lines, for a line that goes straight down.
  private func commonPort(_ upper: Int, _ lower: Int) -> Int? {
    let left = max(cards[upper].rect.x + 4, cards[lower].titleEnd + 1)
    let right = min(cards[upper].rect.maxX, cards[lower].rect.maxX) - 5
    guard left <= right else { return nil }
    // Straight lines through a level must not meet a card that is taller than its neighbours: near levels have none between.
    return stride(from: left, through: right, by: 2).first {
      isFree($0, Edge(card: upper, isTop: false)) && isFree($0, Edge(card: lower, isTop: true))
    }
  }

  private func port(of edge: Edge, from first: Int, towards x: Int) -> Int? {
    let rect = cards[edge.card].rect
    let places = Array(stride(from: first, through: rect.maxX - 5, by: 2))
    // The nearest to the other card comes first; of two as near the left one.
    return places.filter { isFree($0, edge) }.min { abs($0 - x) < abs($1 - x) }
  }

  /// Words stand beside the lines that come in at the top, so these keep more of a distance.
  private func isFree(_ x: Int, _ edge: Edge) -> Bool {
    (ports[edge] ?? []).allSatisfy { abs($0 - x) >= (edge.isTop ? 12 : 6) }
  }

  /// A row above a row of cards in which a line can go from one column to another.
  private func free(between one: Int, and other: Int, above level: Int) -> Int? {
    let bottom = levels[level].top
    return ((bottom - channel)..<(bottom - 1)).first { row in
      (min(one, other)...max(one, other)).allSatisfy { !passed.contains(Point(x: $0, y: row)) }
    }
  }

  /// A column between cards by which a line can pass rows of cards.
  private mutating func lane(near x: Int, past levels: Range<Int>) -> Int? {
    let lefts = Set(cards.map(\.rect.x)).sorted()
    var columns = lefts.flatMap { left in (1..<gap).map { left - $0 } }
    columns.append((cards.map(\.rect.maxX).max() ?? 0) + 1)
    let found = columns.filter { column in
      column >= 0 && levels.allSatisfy { !lanes.contains(Point(x: column, y: $0)) }
    }
    .min { abs($0 - x) < abs($1 - x) }
    if let found { for level in levels { lanes.insert(Point(x: found, y: level)) } }
    return found
  }
}
