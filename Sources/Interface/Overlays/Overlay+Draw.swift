import Machine
import Scene
import StepLanguage
import Surface

extension Overlay {
  /// Draws what lies over the screen.
  func draw(_ state: AppState, on surface: inout Surface, over layout: ScreenLayout) {
    let room = Rect(
      x: 0, y: layout.header.maxY, width: surface.width, height: layout.message.y - layout.header.maxY)
    switch self {
    case .help(let page): Self.help(page, state, on: &surface, in: room)
    case .about: Self.about(state, on: &surface, in: room)
    case .operations(let menu): Self.operations(menu, state, on: &surface, in: room)
    case .form(let form): Self.form(form, state, on: &surface, in: room)
    case .branches(let cursor): Self.branches(cursor, state, on: &surface, in: room)
    case .choices(let cursor): Self.choices(cursor, state, on: &surface, in: room)
    case .palette(let menu): Self.palette(menu, state, on: &surface, in: room)
    case .stops(let menu): Self.stops(menu, state, on: &surface, in: room)
    case .themes(let cursor, _): Self.themes(cursor, state, on: &surface, in: room)
    case .bookmarks(let cursor, let use): Self.bookmarks(cursor, use, state, on: &surface, in: room)
    case .findings(let cursor): Self.findings(cursor, state, on: &surface, in: room)
    case .page(let page): Self.page(page, state, on: &surface, in: room)
    case .prompt: break
    }
  }

  /// A window in the middle; gives the room inside.
  static func window(
    _ title: String, width: Int, rows: Int, on surface: inout Surface, in room: Rect
  ) -> Rect {
    let rect = room.centered(Size(width: min(width, room.width - 2), height: min(rows + 2, room.height)))
    surface.fill(rect)
    surface.box(rect, title: title, role: .borderFocused, titleRole: .title)
    return rect.inset(x: 2, y: 1)
  }

  static func filterLine(
    _ field: TextField, hint: String, on surface: inout Surface, in area: Rect
  ) {
    var x = area.x + surface.write("\(surface.glyphs.here) ", x: area.x, y: area.y, role: .key)
    if field.text.isEmpty {
      surface.writeShortened(hint, x: x, y: area.y, role: .dim, maxWidth: area.maxX - x)
    } else {
      surface.write(field.text, x: x, y: area.y, role: .input, maxWidth: area.maxX - x)
    }
    x += CharacterWidth.columns(of: String(field.text.prefix(field.cursor)))
    surface.cursor = Point(x: min(x, area.maxX - 1), y: area.y)
  }

  // MARK: Keys

  private static func help(_ page: HelpPage, _ state: AppState, on surface: inout Surface, in room: Rect) {
    let found = HelpText.lines(state.keys, matching: page.filter.text)
    let area = window(
      "Keys", width: 98, rows: HelpText.lines(state.keys, matching: "").count + 2, on: &surface, in: room)
    guard !area.isEmpty else { return }
    filterLine(page.filter, hint: "type to narrow this down", on: &surface, in: area)
    let list = area.split(top: 1).rest
    var lines: [PanelLine] = []
    let widest = state.keys.bindings.map(\.keysText.count).max() ?? 0
    for line in found {
      switch line {
      case .section(let title):
        lines.append(PanelLine(title, .headline))
      case .binding(let binding):
        var row = PanelLine()
        row.add("  \(binding.keysText)", .key)
        row.pad(to: widest + 4)
        row.add(binding.help, .text)
        lines.append(row)
      }
    }
    if lines.isEmpty { lines.append(PanelLine("no key is about '\(page.filter.text)'", .dim)) }
    let top = min(page.scroll, max(0, lines.count - list.height))
    PanelContent(lines: lines, top: top).draw(on: &surface, in: list)
  }

  // MARK: About

  private static func about(_ state: AppState, on surface: inout Surface, in room: Rect) {
    let program = state.timeline.world.program
    let width = min(76, room.width - 6)
    var lines: [PanelLine] = []
    func paragraph(_ text: String, _ role: Role) {
      for line in TextWrap.lines(of: text, width: width) { lines.append(PanelLine(line, role)) }
    }
    paragraph(state.scenarioTitle.isEmpty ? state.scenarioName : state.scenarioTitle, .headline)
    if !state.about.isEmpty {
      lines.append(PanelLine())
      paragraph(state.about, .text)
    }
    lines.append(PanelLine())
    paragraph("Model \(program.name): \(program.title)", .text)
    if !program.bases.isEmpty { paragraph("It revises \(program.bases.joined(separator: ", ")).", .dim) }
    paragraph(
      "\(program.functions.count) functions, \(program.entries.count) operations, \(program.lockClasses.count) lock classes, \(program.invariants.count) invariants.",
      .dim)
    lines.append(PanelLine())
    for (number, thread) in state.timeline.world.threads.enumerated() {
      let done =
        state.moment.threads.indices.contains(number) ? state.moment.threads[number].operationsDone : 0
      paragraph("\(thread.name): \(done) of \(thread.operations.count) operations done", .dim)
    }
    let area = window("About", width: width + 4, rows: lines.count, on: &surface, in: room)
    PanelContent(lines: lines).draw(on: &surface, in: area)
  }

  // MARK: Operations

  private static func operations(
    _ menu: ListMenu, _ state: AppState, on surface: inout Surface, in room: Rect
  ) {
    let program = state.timeline.world.program
    let found = state.operations(matching: menu.filter.text)
    let object = state.object.flatMap { state.graph[$0]?.name }
    let title =
      "Operation for \(state.moment.threadName(state.thread))"
      + (object.map { ", those on \($0) first" } ?? "")
    let area = window(title, width: 92, rows: program.entries.count + 1, on: &surface, in: room)
    guard !area.isEmpty else { return }
    filterLine(menu.filter, hint: "type to narrow this down", on: &surface, in: area)
    let list = area.split(top: 1).rest
    let usages = program.entries.map { $0.usage(in: program) }
    let widest = min(40, usages.map(\.count).max() ?? 0)
    var lines = found.enumerated().map { position, entry in
      var line = PanelLine()
      let isChosen = position == menu.cursor
      let concerns = state.concernsSelection(entry)
      line.add(isChosen ? state.glyphs.here : concerns ? state.glyphs.bullet : " ", .borderFocused)
      let name = program.entries[entry].name
      line.add(" \(name)", .sourceName, .bold)
      line.add(String(usages[entry].dropFirst(name.count)), .text)
      line.pad(to: widest + 4)
      line.add(program.entries[entry].title, .dim)
      line.background = isChosen ? .selection : nil
      return line
    }
    if lines.isEmpty { lines.append(PanelLine("no operation matches", .dim)) }
    var content = PanelContent(lines: lines)
    content.reveal(menu.cursor, height: list.height, margin: 1)
    content.draw(on: &surface, in: list)
  }

  private static func form(_ form: OperationForm, _ state: AppState, on surface: inout Surface, in room: Rect)
  {
    let program = state.timeline.world.program
    let entry = program.entries[form.entry]
    let name = state.moment.threadName(state.thread)
    let area = window(
      "\(name): \(entry.name)", width: 72, rows: form.fields.count + 5, on: &surface, in: room)
    guard area.height > 2 else { return }
    surface.writeShortened(entry.title, x: area.x, y: area.y, role: .note, maxWidth: area.width)
    let widest = form.fields.map(\.name.count).max() ?? 0
    // With many parameters in little room the one that takes the keys stays in view.
    let visible = max(1, area.height - 4)
    let first = max(0, min(form.cursor - visible / 2, form.fields.count - visible))
    for (row, number) in (first..<min(form.fields.count, first + visible)).enumerated() {
      let field = form.fields[number]
      let y = area.y + 2 + row
      let isChosen = number == form.cursor
      var line = PanelLine()
      line.background = isChosen ? .selection : nil
      line.add(isChosen ? "\(state.glyphs.here) " : "  ", .borderFocused)
      line.add(field.name, .text)
      line.pad(to: widest + 4)
      if case .flag = field.kind {
        line.add(field.isOn ? "[x]" : "[ ]", .input)
        if isChosen { line.add("  space switches it", .dim) }
      } else {
        let x =
          area.x + line.width
          + CharacterWidth.columns(of: String(field.input.text.prefix(field.input.cursor)))
        line.add(field.input.text, .input, isChosen ? .underline : [])
        if isChosen, x < area.maxX { surface.cursor = Point(x: x, y: y) }
        if let holding = state.holding(field) {
          line.pad(to: max(line.width + 2, widest + 18))
          line.add(holding, .dim)
        }
      }
      line.draw(on: &surface, x: area.x, y: y, width: area.width)
    }
    let last = area.maxY - 1
    if let error = form.error {
      surface.writeShortened(
        "\(state.glyphs.warning) \(error)", x: area.x, y: last, role: .warning, maxWidth: area.width)
    } else {
      surface.writeShortened("\(name) \(form.line)", x: area.x, y: last, role: .dim, maxWidth: area.width)
    }
  }

  // MARK: Branches

  private static func branches(_ cursor: Int, _ state: AppState, on surface: inout Surface, in room: Rect) {
    let branches = state.branches
    let area = window("Branches", width: 78, rows: branches.count, on: &surface, in: room)
    let lines = branches.enumerated().map { number, end in
      var line = PanelLine()
      let isChosen = number == cursor
      let isHere = end == state.timeline.tip
      line.background = isChosen ? .selection : nil
      line.add(isChosen ? state.glyphs.here : " ", .borderFocused)
      line.add(" branch \(number + 1) ", .branch, .bold)
      line.add("\(state.timeline.nodes[end].depth) steps", .text)
      if let name = state.branchName(of: end) { line.add(" '\(name)'", .branch) }
      if isHere {
        line.add(", this one", .dim)
      } else {
        line.add(", leaves this one after step \(state.timeline.nodes[state.fork(of: end)].depth)", .dim)
      }
      if state.log.lastFinding(upTo: end) != nil { line.add("  \(state.glyphs.warning) finding", .finding) }
      if let row = state.log[end] { line.addTrailing("\(row.threadName) \(row.text)", .dim) }
      return line
    }
    var content = PanelContent(lines: lines)
    content.reveal(cursor, height: area.height)
    content.draw(on: &surface, in: area)
  }

  private static func choices(_ cursor: Int, _ state: AppState, on surface: inout Surface, in room: Rect) {
    var count = 1
    if state.moment.readiness.indices.contains(state.thread),
      case .ready(let ways) = state.moment.readiness[state.thread]
    {
      count = ways
    }
    let area = window("Which way", width: 40, rows: count, on: &surface, in: room)
    let lines = (0..<count).map { number in
      var line = PanelLine()
      line.background = number == cursor ? .selection : nil
      line.add(number == cursor ? "\(state.glyphs.here) " : "  ", .borderFocused)
      line.add("choice \(number)")
      return line
    }
    PanelContent(lines: lines).draw(on: &surface, in: area)
  }
}
