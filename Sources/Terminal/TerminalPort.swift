public import Interface
public import Surface

/// A screen and its keys: surfaces go out, keystrokes come in. `TerminalDriver` is a real terminal,
/// `MemoryTerminal` its twin for tests and replays.
@MainActor
public protocol TerminalPort: AnyObject {
  /// Columns and rows now.
  var size: Size { get }

  /// The colours that it shows.
  var capability: ColorCapability { get }

  /// The marks and lines that it can show; draw surfaces for it with these.
  var glyphs: GlyphSet { get }

  /// Shows a surface. What does not fit is cut off; where the surface ends early, blanks follow.
  func present(_ surface: Surface, theme: Theme)

  /// Waits for the next keystroke without using the processor.
  ///
  /// - Parameter timeoutMilliseconds: How long to wait; `nil` waits for ever, 0 does not wait.
  /// - Returns: The keystroke, or `nil` when the time is over.
  func nextKeystroke(timeoutMilliseconds: Int?) -> Keystroke?

  /// Takes mouse reports from the terminal, or leaves the mouse to it.
  func useMouse(_ isWanted: Bool)

  /// Gives the terminal back and stops the process, as ^Z does; takes it again after `fg`.
  func suspend()

  /// Gives the terminal back while `body` runs, for instance an editor, and takes it again.
  func leave<Result>(_ body: () throws -> Result) rethrows -> Result

  /// Gives the terminal back for good. Calling it again changes nothing.
  func close()
}
