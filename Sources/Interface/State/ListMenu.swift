/// A list that is narrowed down by typing.
public struct ListMenu: Hashable, Sendable {
  /// What was typed.
  public internal(set) var filter = TextField()
  /// The chosen line among those that match.
  public internal(set) var cursor = 0

  /// A list from its first line on.
  init() {}

  /// Takes a key of text; what is typed leads back to the first line.
  mutating func take(_ key: Keystroke) {
    let before = filter.text
    _ = filter.take(key)
    if filter.text != before { cursor = 0 }
  }

  /// Moves the choice, within a list of so many lines.
  mutating func move(by distance: Int, count: Int) {
    cursor = max(0, min(count - 1, cursor + distance))
  }
}
