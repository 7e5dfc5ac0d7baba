import Scene
import Surface

extension PanelContent {
  /// The ranges of the interval maps as bars.
  static func ranges(_ state: AppState, _ size: Size) -> PanelContent {
    let glyphs = state.glyphs
    let all = RangeBar.bars(state.moment, graph: state.graph)
    // An empty map says something where ranges are a matter of the object itself; deeper ones speak when there is something in them.
    let bars = all.filter { bar in
      !bar.segments.isEmpty || state.graph[bar.object]?.owner == nil
    }
    var lines: [PanelLine] = []
    var chosen: Int?
    let names = min(14, (bars.map(\.name.count).max() ?? 0) + 1)
    for bar in bars {
      if bar.object == state.object || bar.segments.contains(where: { $0.object == state.object }) {
        chosen = lines.count
      }
      var strip = PanelLine()
      strip.target = .object(bar.object)
      strip.background = bar.object == state.object ? .selection : nil
      let role = state.graph[bar.object].map { ObjectRole.role($0.role) } ?? .text
      strip.add(bar.name, role, .bold)
      strip.pad(to: names + 1)
      let room = max(1, size.width - names - 2)
      guard !bar.segments.isEmpty else {
        strip.add(String(repeating: glyphs.horizontalDashed, count: max(1, room / 3)), .dim)
        strip.add(" empty", .dim)
        lines.append(strip)
        continue
      }
      var labels = PanelLine()
      labels.target = strip.target
      labels.pad(to: names + 1)
      let widths = segmentWidths(bar, room: room)
      for (number, segment) in bar.segments.prefix(widths.shown).enumerated() {
        if number > 0, widths.gap > 0 {
          let isAdjacent = segment.first == bar.segments[number - 1].last &+ 1
          strip.add(isAdjacent ? glyphs.vertical : glyphs.ellipsis, .dim)
          labels.pad(to: strip.width)
        }
        let start = strip.width
        let isChosen = segment.object == state.object
        let role: Role = segment.isIncomplete ? .freed : segment.isUsed ? .pin : ObjectRole.role(bar.role)
        // Heavy where something is pinned or counted, light where nothing is: a full bar would outshine everything else.
        let glyph = segment.isUsed ? glyphs.horizontalHeavy : glyphs.horizontal
        strip.add(
          String(repeating: glyph, count: widths.width), segment.isNew ? .changed : role,
          isChosen ? .bold : [])
        guard widths.width >= 4 else { continue }
        var words = "\(segment.name) \(ValueText.range(segment.first, segment.last))"
        for field in segment.fields { words += " \(NodeLine.shortName(field.name)) \(field.text)" }
        for owner in segment.owners {
          words += " \(glyphs.pin)\(owner.name)\(owner.count > 1 ? " x\(owner.count)" : "")"
        }
        if segment.isIncomplete { words += " \(glyphs.freed)incomplete" }
        if segment.isNew { words += " new" }
        labels.pad(to: start)
        let isLast = number == widths.shown - 1
        let space = isLast ? max(widths.width, size.width - start - 1) : widths.width
        labels.add(
          Surface.shorten(words, to: space, glyphs: glyphs),
          isChosen ? .text : segment.isIncomplete ? .freed : .dim)
      }
      if widths.shown < bar.count {
        strip.add(" \(glyphs.ellipsis) \(bar.count - widths.shown) more", .dim)
      }
      lines.append(strip)
      for work in bar.works {
        var line = PanelLine()
        line.target = .thread(work.thread)
        line.pad(to: names + 1)
        for (number, segment) in bar.segments.prefix(widths.shown).enumerated() {
          if number > 0, widths.gap > 0 { line.add(" ") }
          let isMeant = segment.last >= work.first && segment.first <= work.last
          line.add(
            String(repeating: isMeant ? glyphs.headUp : " ", count: widths.width), .lockWaited)
        }
        let words =
          "\(work.name) \(work.function) \(ValueText.range(work.first, work.last))"
        // The words stand in the marks where these leave room, or else behind them.
        line = Self.put(words, in: line, from: names + 1, width: size.width)
        lines.append(line)
      }
      if labels.spans.contains(where: { !$0.text.allSatisfy { $0 == " " } }) { lines.append(labels) }
    }
    if lines.isEmpty { lines.append(PanelLine("no ranges", .dim)) }
    let count = all.reduce(0) { $0 + $1.count }
    var content = PanelContent(lines: lines, caption: "\(count)")
    if let chosen { content.reveal(chosen, height: size.height, margin: 0) }
    return content
  }

  /// Puts words over the marks of a range, from its second mark on.
  private static func put(_ words: String, in line: PanelLine, from start: Int, width: Int) -> PanelLine {
    var cells = Array(line.text)
    let place = (cells.firstIndex { $0 != " " } ?? start) + 2
    let room = max(0, width - place - 1)
    for (offset, character) in " \(words) ".prefix(room).enumerated() {
      while cells.count <= place + offset { cells.append(" ") }
      cells[place + offset] = character
    }
    var result = PanelLine(String(cells), .lockWaited)
    result.target = line.target
    return result
  }

  /// Each range gets as many cells as the others: what matters is which there are, not how large the gaps between them.
  private static func segmentWidths(_ bar: RangeBar, room: Int) -> (width: Int, gap: Int, shown: Int) {
    let count = bar.segments.count
    let gap = count > 1 && room >= count * 3 ? 1 : 0
    let width = max(1, (room - gap * (count - 1)) / count)
    // The words that say how many more there are need some room, too.
    let shown = width * count + gap * (count - 1) <= room ? count : max(1, room - 12)
    return (width, gap, shown)
  }
}
