import Basics
import Workbench
import Machine
import Scene
import StepLanguage
import Surface

extension AppState {
  /// A key while something lies over the screen: first the keys of lists and forms, then text.
  mutating func overlayTakes(_ key: Keystroke) -> AppEffect? {
    if case .paste(let text) = key { return overlayTakes(pasted: text) }
    message = nil
    if let command = keys.command(for: key, in: .overlay) { return performInOverlay(command) }
    switch overlay {
    case .help(var page):
      if key == .character("?"), page.filter.text.isEmpty {
        overlay = nil
      } else {
        if page.filter.take(key) { page.scroll = 0 }
        overlay = .help(page)
      }
    case .operations(var menu):
      menu.take(key)
      overlay = .operations(menu)
    case .palette(var menu):
      menu.take(key)
      overlay = .palette(menu)
    case .stops(var menu):
      if key == .delete || (key == .backspace && menu.filter.text.isEmpty) {
        if stops.indices.contains(menu.cursor) { stops.remove(at: menu.cursor) }
        menu.cursor = max(0, min(menu.cursor, stops.count - 1))
      } else {
        _ = menu.filter.take(key)
      }
      overlay = .stops(menu)
    case .form(var form):
      guard form.fields.indices.contains(form.cursor) else { return nil }
      if case .flag = form.fields[form.cursor].kind {
        if case .character = key { form.fields[form.cursor].isOn.toggle() }
        if key == .left || key == .right { form.fields[form.cursor].isOn.toggle() }
      } else {
        _ = form.fields[form.cursor].input.take(key)
      }
      form.error = nil
      overlay = .form(form)
    case .prompt(var prompt):
      if key == .backspace, prompt.field.text.isEmpty {
        overlay = nil
      } else {
        _ = prompt.field.take(key)
        overlay = .prompt(prompt)
      }
    case .about: overlay = nil
    case .page(var page):
      // Keys that move elsewhere move here, too; any other closes, as a reader expects who only looked something up.
      switch keys.command(for: key, in: .screen) {
      case .up: page.scroll = max(0, page.scroll - 1)
      case .down: page.scroll += 1
      case .toStart: page.scroll = 0
      case .step: page.scroll += 10
      default:
        overlay = nil
        return nil
      }
      overlay = .page(page)
    case .branches:
      if let number = digit(key), branches.indices.contains(number) { overlay = .branches(number) }
    case .bookmarks(_, let use):
      let count = use == .go ? bookmarks.count : landmarks.count
      if let number = digit(key), number < count { overlay = .bookmarks(number, use) }
    case .findings:
      if let number = digit(key), check?.findings.indices.contains(number) ?? false {
        overlay = .findings(number)
      }
    case .choices, .themes, nil: break
    }
    return nil
  }

  /// Pasted text goes into a field as if it were typed, line ends as blanks; elsewhere its characters would be keys.
  private mutating func overlayTakes(pasted text: String) -> AppEffect? {
    switch overlay {
    case .help, .operations, .palette, .stops, .form, .prompt: break
    case .about, .page, .branches, .bookmarks, .findings, .choices, .themes, nil: return refusePaste()
    }
    var effect: AppEffect?
    for character in text {
      let typed: Character = character.isNewline || character == "\t" ? " " : character
      guard !typed.unicodeScalars.contains(where: \.isHidden) else { continue }
      effect = overlayTakes(.character(typed)) ?? effect
    }
    return effect
  }

  /// Pasted text is no row of keys.
  mutating func refusePaste() -> AppEffect? {
    refuse("pasted text does nothing here; \(keys.name(of: .commandLine)) opens a line that takes it")
  }

  /// The line that a digit chooses.
  private func digit(_ key: Keystroke) -> Int? {
    guard case .character(let character) = key, let number = character.wholeNumberValue else { return nil }
    return number - 1
  }

  /// Does a command of lists and forms.
  mutating func performInOverlay(_ command: Command) -> AppEffect? {
    switch command {
    case .close:
      if case .themes(_, let before)? = overlay {
        overlay = nil
        guard themeName != before else { return nil }
        themeName = before
        return .loadTheme(before)
      }
      overlay = nil
    case .quit: return .quit
    case .accept: return accept()
    case .listUp, .listDown, .nextField, .previousField:
      guard case .prompt(var prompt)? = overlay else {
        return moveInOverlay(by: command == .listUp || command == .previousField ? -1 : 1)
      }
      guard prompt.purpose == .line else { return nil }
      if command == .nextField {
        complete(prompt)
      } else if command != .previousField,
        let line = lineHistory.move(command == .listUp ? 1 : -1, from: prompt.field.text)
      {
        prompt.field = TextField(line)
        overlay = .prompt(prompt)
      }
    case .listPageUp: return moveInOverlay(by: -10)
    case .listPageDown: return moveInOverlay(by: 10)
    default: break
    }
    return nil
  }

  private mutating func moveInOverlay(by distance: Int) -> AppEffect? {
    func moved(_ cursor: Int, _ count: Int) -> Int { max(0, min(count - 1, cursor + distance)) }
    switch overlay {
    case .help(var page):
      page.scroll = moved(page.scroll, HelpText.lines(keys, matching: page.filter.text).count)
      overlay = .help(page)
    case .operations(var menu):
      menu.move(by: distance, count: operations(matching: menu.filter.text).count)
      overlay = .operations(menu)
    case .palette(var menu):
      menu.move(by: distance, count: paletteEntries(matching: menu.filter.text).count)
      overlay = .palette(menu)
    case .stops(var menu):
      menu.move(by: distance, count: stops.count)
      overlay = .stops(menu)
    case .form(var form):
      guard !form.fields.isEmpty else { return nil }
      form.cursor = (form.cursor + distance + form.fields.count) % form.fields.count
      overlay = .form(form)
    case .branches(let cursor): overlay = .branches(moved(cursor, branches.count))
    case .bookmarks(let cursor, let use):
      overlay = .bookmarks(moved(cursor, use == .go ? bookmarks.count : landmarks.count), use)
    case .findings(let cursor): overlay = .findings(moved(cursor, check?.findings.count ?? 0))
    case .choices(let cursor):
      guard moment.readiness.indices.contains(thread), case .ready(let count) = moment.readiness[thread]
      else { return nil }
      overlay = .choices(moved(cursor, count))
    case .themes(let cursor, let before):
      let next = moved(cursor, themeNames.count)
      overlay = .themes(next, before: before)
      guard themeNames.indices.contains(next) else { return nil }
      themeName = themeNames[next]
      return .loadTheme(themeName)
    case .page(var page):
      page.scroll = max(0, page.scroll + distance)
      overlay = .page(page)
    case .about, .prompt, nil: break
    }
    return nil
  }

  private mutating func accept() -> AppEffect? {
    switch overlay {
    case .help, .about, .page: overlay = nil
    case .operations(let menu):
      let found = operations(matching: menu.filter.text)
      guard found.indices.contains(menu.cursor) else {
        return refuse("no operation matches '\(menu.filter.text)'")
      }
      return begin(operation: found[menu.cursor])
    case .palette(let menu):
      let found = paletteEntries(matching: menu.filter.text)
      guard found.indices.contains(menu.cursor) else {
        return refuse("no command matches '\(menu.filter.text)'")
      }
      overlay = nil
      switch found[menu.cursor] {
      case .command(let binding): return perform(binding.command, key: nil)
      case .operation(let entry): return begin(operation: entry)
      }
    case .stops(var menu):
      guard !menu.filter.text.isEmpty else {
        overlay = nil
        return nil
      }
      let (stop, error) = session.stop(from: menu.filter.text)
      guard let stop else { return refuse(error ?? "") }
      if !stops.contains(where: { $0.subject == stop.subject }) { stops.append(stop) }
      menu.filter = TextField()
      menu.cursor = stops.count - 1
      overlay = .stops(menu)
    case .form(var form):
      if let error = start(form.line, thread: thread) {
        form.error = error
        overlay = .form(form)
        return .bell
      }
      overlay = nil
    case .prompt(let prompt): return accept(prompt)
    case .branches(let cursor):
      overlay = nil
      guard branches.indices.contains(cursor) else { return nil }
      return seek(to: branches[cursor], whenHere: "this is the end of that branch")
    case .bookmarks(let cursor, let use):
      overlay = nil
      let marks = use == .go ? bookmarks : landmarks
      guard marks.indices.contains(cursor) else { return nil }
      guard use == .go else { return show(.comparison(marks[cursor].node)) }
      return seek(to: marks[cursor].node, whenHere: "this is that point")
    case .findings(let cursor):
      overlay = nil
      return follow(finding: cursor)
    case .choices(let cursor):
      overlay = nil
      return step(choice: cursor)
    case .themes:
      overlay = nil
      message = .note("theme: \(themeName); \(keys.name(of: .saveSettings)) keeps it for the next time")
    case nil: break
    }
    return nil
  }

  /// Opens the form of an operation, or starts it when there is nothing to fill in.
  private mutating func begin(operation entry: Int) -> AppEffect? {
    let defaults = OperationDefaults(moment, graph: graph, selected: object)
    let form = OperationForm(entry: entry, program: timeline.world.program, defaults: defaults)
    guard form.fields.isEmpty else {
      overlay = .form(form)
      return nil
    }
    overlay = nil
    return start(form.line, thread: thread).map { refuse($0) } ?? nil
  }

  private mutating func accept(_ prompt: Prompt) -> AppEffect? {
    let text = prompt.field.text
    switch prompt.purpose {
    case .line:
      lineHistory.keep(text)
      let (effect, error) = performLine(text)
      if let error { return refuse(error) }
      // A command may have opened something of its own.
      if case .prompt(prompt)? = overlay { overlay = nil }
      return effect
    case .search:
      overlay = nil
      guard !text.isEmpty else { return nil }
      sought = text
      return searchOn(by: 1)
    case .filter:
      overlay = nil
      objectFilter = text
      if !text.isEmpty {
        message = .note(
          "\(shownGraph.nodes.count) of \(graph.nodes.count) objects; \(keys.name(of: .back)) shows all again"
        )
      }
    case .bookmark, .branchName:
      guard let command = SessionCommand.named(prompt.purpose == .bookmark ? "bookmark" : "name-branch")
      else {
        return nil
      }
      let effect = run(command, argument: text)
      if effect == nil { overlay = nil }
      return effect
    case .record:
      guard !text.isEmpty else { return refuse("a recording needs a file") }
      overlay = nil
      return .startRecording(text)
    }
    return nil
  }
}
