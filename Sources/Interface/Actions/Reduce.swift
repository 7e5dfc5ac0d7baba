import Machine
import Scene
import StepLanguage
import Surface
import Workbench

/// What a state becomes when something happened: the only way to change one.
///
/// - Parameters:
///   - state: changed in place.
///   - action: what happened.
/// - Returns: what the program has to do outside of the state; nil when nothing.
public func reduce(_ state: inout AppState, _ action: AppAction) -> AppEffect? {
  switch action {
  case .resized(let size):
    state.size = size
    return nil
  case .tick where state.player?.isPlaying == true:
    guard state.overlay == nil else { return nil }
    return state.playRecorded()
  case .tick:
    guard state.isPlaying, state.overlay == nil else { return nil }
    return state.playOn()
  case .waited(let milliseconds):
    state.timeline.pause(milliseconds: milliseconds)
    return nil
  case .commandChosen(let command):
    return state.perform(command, key: nil)
  case .lineEntered(let line):
    state.message = nil
    let (effect, error) = state.performLine(line)
    return error.map { state.refuse($0) } ?? effect
  case .searched(let news):
    if let said = state.session.take(news) { state.message = said }
    return nil
  case .recordingStarted(let path):
    state.recordingTo = path
    state.message = .note("recording to \(path)")
    return nil
  case .recordingStopped(let reason):
    let path = state.recordingTo ?? "the file"
    state.recordingTo = nil
    state.message = reason.map { .refusal("recording stopped: \($0)") } ?? .note("\(path) is complete")
    return nil
  case .told(let message):
    state.message = message
    return nil
  case .edited:
    // Only a lesson lets files be edited.
    return nil
  case .key(.resize(let size)):
    state.size = size
    return nil
  case .key(.mouse(let event)):
    return state.take(event)
  case .key(let key):
    let (here, count) = (state.timeline.here, state.timeline.nodes.count)
    defer {
      if state.timeline.nodes.count != count { state.noteBranchOff(from: here) }
      state.noteLookingAround()
    }
    if state.overlay != nil { return state.overlayTakes(key) }
    if case .paste = key { return state.refusePaste() }
    if state.player != nil, let command = state.keys.command(for: key, in: .player) {
      return state.performInPlayer(command, key: key)
    }
    guard let command = state.keys.command(for: key, in: .screen) else {
      let help = state.keys.name(of: .help)
      state.message = .refusal("\(key.name) does nothing here; \(help) lists the keys")
      return .bell
    }
    return state.perform(command, key: key)
  }
}

extension AppState {
  /// Does a command. `key` is the keystroke that asked for it.
  mutating func perform(_ command: Command, key: Keystroke?) -> AppEffect? {
    let wasPlaying = isPlaying
    if command != .play { isPlaying = false }
    message = nil
    if let reason = refusal(of: command) { return refuse(reason) }
    switch command {
    case .replay: return toggleReplay()
    case .present: return returnToPresent()
    case .playPause, .playerOn, .playerBack, .playerForward, .playerRewind, .playerFarForward,
      .playerFarRewind, .playerTenth, .nextMarker, .previousMarker, .nextLock, .previousLock,
      .nextObjectChange, .previousObjectChange, .faster, .slower, .loop, .pauseAtMarkers:
      return performInPlayer(command, key: key)
    case .step, .stepOver, .finish, .runToLock, .run, .turn, .proceed, .random, .undo, .stepBack, .redo,
      .toStart,
      .toEnd,
      .check, .addThread:
      guard let own = SessionCommand.named(command.rawValue) else { return nil }
      return run(own)
    case .stepOtherWay: return stepOtherWay()
    case .play:
      isPlaying = !wasPlaying
      message = .note(isPlaying ? "playing; p stops it" : "stopped")
      return nil

    case .branches:
      overlay = .branches(branches.firstIndex(of: timeline.tip) ?? 0)
      return nil

    case .operation:
      overlay = .operations(ListMenu())
      return nil
    case .palette:
      overlay = .palette(ListMenu())
      return nil
    case .commandLine:
      lineHistory.begin()
      return ask(.line)
    case .bookmark: return ask(.bookmark)
    case .nameBranch: return ask(.branchName)
    case .bookmarks:
      overlay = .bookmarks(0, .go)
      return nil
    case .compare:
      overlay = .bookmarks(0, .compare)
      return nil
    case .search: return ask(.search)
    case .searchNext: return searchOn(by: 1)
    case .searchPrevious: return searchOn(by: -1)
    case .filter: return ask(.filter)
    case .dismiss:
      session.dismissFreed()
      return nil

    case .why: return show(.why)
    case .history: return show(.history)
    case .lockOrder: return show(.lockOrder)
    case .findings:
      overlay = .findings(0)
      return nil
    case .toggleStop: return toggleStop()
    case .stops:
      overlay = .stops(ListMenu())
      return nil

    case .chooseThread:
      guard case .character(let character)? = key, let number = character.wholeNumberValue else { return nil }
      guard let place = moment.threads.firstIndex(where: { $0.name == "T\(number)" }) else {
        return refuse("there is no T\(number); \(keys.name(of: .addThread)) adds one")
      }
      choose(thread: place)
      return nil
    case .nextThread: return nextThread(by: 1)
    case .previousThread: return nextThread(by: -1)
    case .nextPanel: return nextPanel(by: 1)
    case .previousPanel: return nextPanel(by: -1)
    case .up: return move(rows: -1, columns: 0)
    case .down: return move(rows: 1, columns: 0)
    case .left: return move(rows: 0, columns: -1)
    case .right: return move(rows: 0, columns: 1)
    case .pageUp: return page(by: -1)
    case .pageDown: return page(by: 1)
    case .open: return open()

    case .zoom:
      zoomed = zoomed == nil ? focus : nil
      return nil
    case .graphStyle:
      graphStyle =
        switch graphStyle {
        case .automatic: .tree
        case .tree: .cards
        case .cards: .automatic
        }
      message = .note("objects: \(graphStyle.rawValue)")
      return nil
    case .theme:
      overlay = .themes(themeNames.firstIndex(of: themeName) ?? 0, before: themeName)
      return nil
    case .ascii:
      glyphs = glyphs == .unicode ? .ascii : .unicode
      message = .note(glyphs == .ascii ? "drawn with ASCII" : "drawn with Unicode")
      return nil
    case .mouse:
      usesMouse.toggle()
      message = .note(
        usesMouse ? "the mouse is ours" : "the mouse is the terminal's: select and copy as usual")
      return .useMouse(usesMouse)
    case .record:
      if isRecording { return .stopRecording }
      return ask(.record)
    case .saveSettings: return .saveSettings
    case .about:
      overlay = .about
      return nil
    case .help:
      overlay = .help(HelpPage())
      return nil
    case .back:
      if zoomed != nil {
        zoomed = nil
      } else if logCursor != nil {
        logCursor = nil
      } else if level != nil {
        level = nil
      } else if !cursors.isEmpty {
        cursors = [:]
      } else if !objectFilter.isEmpty {
        objectFilter = ""
      } else {
        object = nil
      }
      return nil
    case .suspend: return .suspend
    case .quit: return .quit

    case .lessonNext, .lessonBack, .lessonAnswer, .lessonHint, .lessonSolution, .lessonRetry, .lessonEdit,
      .lessonPanel:
      return .lesson(command)

    case .listUp, .listDown, .listPageUp, .listPageDown, .nextField, .previousField, .accept, .close:
      return overlay == nil ? nil : performInOverlay(command)
    }
  }

  /// Says why a command cannot be done.
  mutating func refuse(_ reason: String) -> AppEffect? {
    message = .refusal(reason)
    return .bell
  }

  // MARK: Choosing

  /// Chooses a thread.
  mutating func choose(thread number: Int) {
    thread = number
    level = nil
    cursors[.source] = nil
  }

  private mutating func nextThread(by distance: Int) -> AppEffect? {
    let count = moment.threads.count
    choose(thread: (thread + distance + count) % count)
    return nil
  }

  private mutating func nextPanel(by distance: Int) -> AppEffect? {
    let panels = Panel.allCases
    let position = panels.firstIndex(of: focus) ?? 0
    focusOn(panels[(position + distance + panels.count) % panels.count])
    return nil
  }

  /// Gives a panel the keys and brings it to the front.
  mutating func focusOn(_ panel: Panel) {
    focus = panel
    recent.removeAll { $0 == panel }
    recent.insert(panel, at: 0)
    if zoomed != nil { zoomed = panel }
  }
}
