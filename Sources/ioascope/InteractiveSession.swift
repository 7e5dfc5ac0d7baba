import Foundation
import Interface
import Recording
import Surface
import Terminal

/// The loop between terminal and interface: a keystroke in, a surface out.
@MainActor
struct InteractiveSession {
  var state: AppState
  /// The same scenario under another model, shown beside the state.
  var comparison: Comparison?
  let display: DisplayOptions
  let directories: DataDirectories
  /// Writes what is done, when it is to be recorded.
  var recorder: SessionWriter?
  /// What does the same without a terminal, for the message when there is none.
  let alternative: String

  /// How long a step lasts while the timeline plays by itself.
  private static let tickMilliseconds = 250

  /// Runs until the user quits.
  ///
  /// - Throws: `CommandError` when there is no terminal that can be used.
  mutating func run() throws {
    var theme = try display.theme.load(directories)
    state.themeName = theme.name
    state.themeNames = directories.entries(.themes).map(\.name)
    let terminal: TerminalDriver
    do {
      terminal = try TerminalDriver(
        options: TerminalOptions(mouse: !display.noMouse, color: !display.refusesColor, ascii: display.ascii))
    } catch {
      throw CommandError("\(error). Without a terminal: \(alternative)", status: ExitStatus.usage)
    }
    defer { terminal.close() }
    state.glyphs = terminal.glyphs
    _ = take(.resized(terminal.size))
    try recorder?.follow(state.timeline)
    while true {
      terminal.present(screen(terminal.size), theme: theme)
      let keystroke = terminal.nextKeystroke(
        timeoutMilliseconds: state.isPlaying ? Self.tickMilliseconds : nil)
      let effect = take(keystroke.map { .key($0) } ?? .tick)
      do {
        try recorder?.follow(state.timeline)
      } catch {
        // The interface goes on; what was recorded so far is complete.
        recorder = nil
        state.complain("recording stopped: \(CommandError(error).message)")
      }
      switch effect {
      case .quit: return
      case .suspend: terminal.suspend()
      case .loadTheme(let name):
        do {
          theme = try ThemeOption.load(name, directories)
        } catch {
          state.complain(CommandError(error).message)
        }
      case .bell, nil: break
      }
    }
  }

  private mutating func take(_ action: AppAction) -> AppEffect? {
    guard comparison != nil else { return reduce(&state, action) }
    comparison?.glyphs = state.glyphs
    let effect = comparison?.reduce(action)
    if let left = comparison?.left { state = left }
    return effect
  }

  private func screen(_ size: Size) -> Surface {
    comparison?.view(size: size) ?? view(state, size: size)
  }
}
