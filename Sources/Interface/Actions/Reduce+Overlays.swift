import Machine
import Scene
import StepLanguage

extension AppState {
  /// A key while something lies over the screen: first the keys of lists and forms, then text.
  mutating func overlayTakes(_ key: Keystroke) -> AppEffect? {
    message = nil
    if let command = KeyTable.command(for: key, in: .overlay) { return performInOverlay(command) }
    switch overlay {
    case .help(var page):
      if key == .character("?"), page.filter.text.isEmpty {
        overlay = nil
      } else {
        if page.filter.take(key) { page.scroll = 0 }
        overlay = .help(page)
      }
    case .operations(var menu):
      if menu.filter.take(key) { menu.cursor = 0 }
      overlay = .operations(menu)
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
    case .commandLine(var field):
      if key == .backspace, field.text.isEmpty {
        overlay = nil
      } else {
        _ = field.take(key)
        overlay = .commandLine(field)
      }
    case .about:
      overlay = nil
    case .branches(let cursor):
      if case .character(let character) = key, let number = character.wholeNumberValue,
        branches.indices.contains(number - 1)
      {
        overlay = .branches(number - 1)
      } else {
        overlay = .branches(cursor)
      }
    case .choices, nil: break
    }
    return nil
  }

  /// Does a command of lists and forms.
  mutating func performInOverlay(_ command: Command) -> AppEffect? {
    switch command {
    case .close: overlay = nil
    case .quit: return .quit
    case .accept: return accept()
    case .listUp, .previousField: moveInOverlay(by: -1)
    case .listDown, .nextField: moveInOverlay(by: 1)
    case .listPageUp: moveInOverlay(by: -10)
    case .listPageDown: moveInOverlay(by: 10)
    default: break
    }
    return nil
  }

  private mutating func moveInOverlay(by distance: Int) {
    switch overlay {
    case .help(var page):
      page.scroll = max(0, min(HelpText.lines(matching: page.filter.text).count - 1, page.scroll + distance))
      overlay = .help(page)
    case .operations(var menu):
      let count = operations(matching: menu.filter.text).count
      menu.cursor = max(0, min(count - 1, menu.cursor + distance))
      overlay = .operations(menu)
    case .form(var form):
      guard !form.fields.isEmpty else { return }
      form.cursor = (form.cursor + distance + form.fields.count) % form.fields.count
      overlay = .form(form)
    case .branches(let cursor):
      overlay = .branches(max(0, min(branches.count - 1, cursor + distance)))
    case .choices(let cursor):
      guard moment.readiness.indices.contains(thread), case .ready(let count) = moment.readiness[thread]
      else {
        return
      }
      overlay = .choices(max(0, min(count - 1, cursor + distance)))
    case .about, .commandLine, nil: break
    }
  }

  private mutating func accept() -> AppEffect? {
    switch overlay {
    case .help, .about: overlay = nil
    case .operations(let menu):
      let found = operations(matching: menu.filter.text)
      guard found.indices.contains(menu.cursor) else {
        return refuse("no operation matches '\(menu.filter.text)'")
      }
      let defaults = OperationDefaults(moment, graph: graph, selected: object)
      let form = OperationForm(
        entry: found[menu.cursor], program: timeline.world.program, defaults: defaults)
      guard form.fields.isEmpty else {
        overlay = .form(form)
        return nil
      }
      overlay = nil
      if let error = start(form.line, thread: thread) { return refuse(error) }
    case .form(var form):
      if let error = start(form.line, thread: thread) {
        form.error = error
        overlay = .form(form)
        return .bell
      }
      overlay = nil
    case .commandLine(let field):
      let (effect, error) = performLine(field.text)
      if let error {
        message = .refusal(error)
        return .bell
      }
      overlay = nil
      return effect
    case .branches(let cursor):
      overlay = nil
      guard branches.indices.contains(cursor) else { return nil }
      return seek(to: branches[cursor], whenHere: "this is the end of that branch")
    case .choices(let cursor):
      overlay = nil
      return step(choice: cursor)
    case nil: break
    }
    return nil
  }
}
