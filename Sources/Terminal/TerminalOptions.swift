/// What the user asked of the terminal on the command line.
public struct TerminalOptions: Hashable, Sendable {
  /// Whether to ask for mouse events. Without, the terminal's own selection of text works as usual.
  public var mouse: Bool
  /// Whether to use colours, where there are any.
  public var color: Bool
  /// Whether to keep to ASCII, even where the locale is UTF-8.
  public var ascii: Bool

  /// What the terminal can, by default.
  public init(mouse: Bool = true, color: Bool = true, ascii: Bool = false) {
    self.mouse = mouse
    self.color = color
    self.ascii = ascii
  }
}
