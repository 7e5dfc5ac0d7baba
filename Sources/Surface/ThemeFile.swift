/// The text of a theme, and where it came from.
public struct ThemeFile: Hashable, Sendable {
  /// What a message calls the file.
  public var path: String
  /// TOML.
  public var text: String

  /// A theme's text.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}
