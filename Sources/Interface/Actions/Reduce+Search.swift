import Scene
import Surface

extension AppState {
  /// Opens a line to type on.
  mutating func ask(_ purpose: Prompt.Purpose) -> AppEffect? {
    let text =
      switch purpose {
      case .filter: objectFilter
      case .branchName: branchName(of: timeline.tip) ?? ""
      default: ""
      }
    overlay = .prompt(Prompt(purpose, text: text))
    return nil
  }

  /// Goes to the next place, or the one before, where the text stands in the panel that has the keys; behind the last comes the first.
  mutating func searchOn(by distance: Int) -> AppEffect? {
    let places = searchPlaces()
    let matching = places.indices.filter { places[$0].text.lowercased().contains(sought.lowercased()) }
    guard !matching.isEmpty else { return refuse("'\(sought)' does not stand in \(focus.title)") }
    let here = places.firstIndex { isHere($0.place) }
    let next: Int
    if distance > 0 {
      next = matching.first { $0 > (here ?? -1) } ?? matching[0]
    } else {
      next = matching.last { $0 < (here ?? places.count) } ?? matching[matching.count - 1]
    }
    go(to: places[next].place)
    let number = (matching.firstIndex(of: next) ?? 0) + 1
    message = .note("'\(sought)': \(number) of \(matching.count)")
    return nil
  }

  /// A place in a panel.
  private enum Place: Hashable {
    case object(ObjectIdentity)
    case thread(Int)
    case point(Int)
    case line(Int)
  }

  private func isHere(_ place: Place) -> Bool {
    switch place {
    case .object(let identity): object == identity
    case .thread(let number): thread == number
    case .point(let node): (logCursor ?? timeline.here) == node
    case .line(let number): focus == .source ? sourceCursorLine == number : cursors[focus] == number
    }
  }

  private mutating func go(to place: Place) {
    switch place {
    case .object(let identity): object = identity
    case .thread(let number): choose(thread: number)
    case .point(let node): logCursor = node == timeline.here ? nil : node
    case .line(let number):
      cursors[focus] = focus == .source ? number - (sourceExcerpt.current ?? 0) : number
    }
  }

  /// The function that the source panel shows.
  var sourceExcerpt: SourceExcerpt {
    if let shownStatement, level == nil {
      return SourceExcerpt(moment, thread: thread, showing: shownStatement)
    }
    return SourceExcerpt(moment, thread: thread, level: level)
  }

  private var sourceCursorLine: Int { (sourceExcerpt.current ?? 0) + (cursors[.source] ?? 0) }

  /// How many steps before and behind the cursor a search in the log looks at.
  private static let logSearchReach = 1_000

  /// Everything in the panel that has the keys as text, in order.
  private func searchPlaces() -> [(place: Place, text: String)] {
    switch focus {
    case .graph, .ranges:
      return ObjectOutline(shownGraph, selected: object).rows.compactMap { row in
        guard case .node(let node) = row.content else { return nil }
        let line = TreeLine.line(row, self, isWide: true, hasMark: false)
        return (.object(node.identity), "\(node.typeName) \(line.text)")
      }
    case .threads:
      return ThreadRow.rows(moment).map { row in
        let text =
          [row.name, row.operation ?? "", row.words] + row.stack.map(\.function) + row.held.map(\.name)
        return (.thread(row.number), text.joined(separator: " "))
      }
    case .log, .timeline:
      // Each row is made by replaying, so the search goes no further than this from where the cursor stands.
      let path = timeline.path(to: timeline.tip)
      let focus = timeline.nodes[logCursor ?? timeline.here].depth
      let window = max(0, focus - Self.logSearchReach)..<min(path.count, focus + Self.logSearchReach)
      return path[window].map { node in
        (
          .point(node),
          log[node].map { row in
            ([row.threadName, row.text] + row.notes.map(\.text)).joined(separator: " ")
          } ?? ""
        )
      }
    case .source:
      return sourceExcerpt.lines.enumerated().map { number, line in
        (.line(number), line.tokens.map(\.text).joined())
      }
    case .locks, .detail, .changes, .watch, .truth:
      let area = ScreenLayout(self, size: size).rect(of: focus).size
      return PanelContent(focus, self, size: Size(width: max(area.width, 80), height: area.height)).lines
        .enumerated()
        .map { (.line($0), $1.text) }
    }
  }
}
