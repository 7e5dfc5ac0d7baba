import Workbench
import Scene
import Surface

extension Overlay {
  // MARK: Palette

  static func palette(_ menu: ListMenu, _ state: AppState, on surface: inout Surface, in room: Rect) {
    let found = state.paletteEntries(matching: menu.filter.text)
    let program = state.timeline.world.program
    let area = window("Commands", width: 92, rows: room.height, on: &surface, in: room)
    guard area.height > 2 else { return }
    filterLine(menu.filter, hint: "type a few letters of what you want", on: &surface, in: area)
    let list = area.split(top: 1).rest
    var content = PanelContent(
      lines: found.enumerated().map { number, entry in
        var line = PanelLine()
        let isChosen = number == menu.cursor
        line.background = isChosen ? .selection : nil
        line.add(isChosen ? "\(state.glyphs.here) " : "  ", .borderFocused)
        switch entry {
        case .command(let binding):
          let reason = state.refusal(of: binding.command)
          line.add(binding.title, reason == nil ? .headline : .dim)
          line.pad(to: 18)
          // Where a command cannot be done, why is what a reader wants to know.
          line.add(reason.map { "\(state.glyphs.cross) \($0)" } ?? binding.help, reason == nil ? .text : .dim)
          line.addTrailing(binding.keys.first?.name ?? "", .key)
        case .operation(let index):
          line.add(program.entries[index].name, .sourceName)
          line.pad(to: 18)
          line.add(program.entries[index].title, .text)
          line.addTrailing("operation", .dim)
        }
        return line
      })
    if content.lines.isEmpty { content.lines = [PanelLine("no command matches", .dim)] }
    content.reveal(menu.cursor, height: list.height, margin: 1)
    content.draw(on: &surface, in: list)
  }

  // MARK: Stops

  static func stops(_ menu: ListMenu, _ state: AppState, on surface: inout Surface, in room: Rect) {
    let area = window(
      "Stops", width: 78, rows: max(3, state.stops.count + 2), on: &surface, in: room)
    guard area.height > 1 else { return }
    filterLine(
      menu.filter, hint: "device1, device1.lock, a function or a line; delete takes one away",
      on: &surface,
      in: area)
    let (list, last) = area.split(top: 1).rest.split(bottom: state.message == nil ? 0 : 1)
    var content = PanelContent(
      lines: state.stops.enumerated().map { number, stop in
        var line = state.line(for: stop)
        if number == menu.cursor { line.background = .selection }
        return line
      })
    if content.lines.isEmpty { content.lines = [PanelLine("runs stop nowhere in particular", .dim)] }
    content.reveal(menu.cursor, height: list.height, margin: 0)
    content.draw(on: &surface, in: list)
    if let message = state.message, !last.isEmpty {
      surface.writeShortened(
        "\(state.glyphs.warning) \(message.text)", x: last.x, y: last.y, role: .warning, maxWidth: last.width)
    }
  }

  // MARK: Themes, bookmarks, findings

  static func themes(_ cursor: Int, _ state: AppState, on surface: inout Surface, in room: Rect) {
    // At the edge, so that the screen shows in the theme while choosing.
    let width = min(room.width, (state.themeNames.map(\.count).max() ?? 0) + 8)
    let rows = min(state.themeNames.count, max(1, room.height - 2))
    let rect = Rect(x: room.maxX - width, y: room.y, width: width, height: rows + 2)
    surface.fill(rect)
    surface.box(rect, title: "Theme", role: .borderFocused, titleRole: .title)
    list(state.themeNames, cursor, state, on: &surface, in: rect.inset(x: 2, y: 1))
  }

  private static func list(
    _ names: [String], _ cursor: Int, _ state: AppState, on surface: inout Surface, in area: Rect
  ) {
    var content = PanelContent(
      lines: names.enumerated().map { number, name in
        var line = PanelLine(number == cursor ? "\(state.glyphs.here) " : "  ", .borderFocused)
        line.add(name, .text)
        line.background = number == cursor ? .selection : nil
        return line
      })
    content.reveal(cursor, height: area.height, margin: 1)
    content.draw(on: &surface, in: area)
  }

  static func bookmarks(
    _ cursor: Int, _ use: BookmarkUse, _ state: AppState, on surface: inout Surface, in room: Rect
  ) {
    let marks = use == .go ? state.bookmarks : state.landmarks
    let area = window(
      use == .go ? "Points with names" : "Compare with", width: 70, rows: marks.count, on: &surface, in: room)
    var content = PanelContent(
      lines: marks.enumerated().map { number, mark in
        var line = PanelLine(number == cursor ? "\(state.glyphs.here) " : "  ", .borderFocused)
        line.add(mark.text, .headline)
        line.background = number == cursor ? .selection : nil
        line.addTrailing("step \(state.timeline.nodes[mark.node].depth)", .dim)
        if mark.node == state.timeline.here { line.addTrailing(", here", .dim) }
        return line
      })
    content.reveal(cursor, height: area.height, margin: 1)
    content.draw(on: &surface, in: area)
  }

  static func findings(_ cursor: Int, _ state: AppState, on surface: inout Surface, in room: Rect) {
    let findings = state.check?.findings ?? []
    let width = min(110, room.width - 2)
    let area = window("Findings of the check", width: width, rows: findings.count * 3, on: &surface, in: room)
    var chosen = 0
    var lines: [PanelLine] = []
    for (number, finding) in findings.enumerated() {
      let isChosen = number == cursor
      if isChosen { chosen = lines.count }
      var head = PanelLine(isChosen ? "\(state.glyphs.here) " : "  ", .borderFocused)
      head.add(finding.finding.property.rawValue, .finding, .bold)
      head.add("  \(finding.actions.count) steps from there", .text)
      head.add(
        ", \(finding.preemptions) preemption\(finding.preemptions == 1 ? "" : "s")\(finding.isMinimal ? ", no shorter way" : "")",
        .dim)
      var what = PanelLine("    \(finding.finding.message)", .note)
      if isChosen {
        head.background = .selection
        what.background = .selection
      }
      lines += [head, what]
      if let statement = finding.finding.statement {
        let program = state.timeline.world.program
        var place = PanelLine("    \(program.text(of: statement))", .sourceName)
        place.addTrailing(program.location(of: statement).lastPathComponent, .dim)
        if isChosen { place.background = .selection }
        lines.append(place)
      }
    }
    var content = PanelContent(lines: lines)
    content.reveal(chosen, height: area.height, margin: 2)
    content.draw(on: &surface, in: area)
  }

  // MARK: Pages

  static func page(_ page: TextPage, _ state: AppState, on surface: inout Surface, in room: Rect) {
    let width = min(100, room.width - 2)
    let lines = page.lines(state, width: max(10, width - 5))
    let area = window(page.title(state), width: width, rows: lines.count, on: &surface, in: room)
    let top = max(0, min(page.scroll, lines.count - area.height))
    PanelContent(lines: lines, top: top).draw(on: &surface, in: area)
  }
}
