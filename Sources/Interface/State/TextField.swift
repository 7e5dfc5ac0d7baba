/// A line of text that is being typed.
public struct TextField: Hashable, Sendable {
  /// The text.
  public internal(set) var text: String
  /// How many characters stand before the cursor.
  public internal(set) var cursor: Int

  /// A field with a text, the cursor behind it.
  public init(_ text: String = "") {
    self.text = text
    cursor = text.count
  }

  /// The longest line that can be typed, in characters.
  static let limit = 400

  /// Takes a keystroke.
  ///
  /// - Returns: whether the field knew what to do with it.
  mutating func take(_ key: Keystroke) -> Bool {
    switch key {
    case .character(let character):
      guard text.count < Self.limit else { return true }
      text.insert(character, at: text.index(text.startIndex, offsetBy: cursor))
      cursor += 1
    case .backspace:
      guard cursor > 0 else { return true }
      text.remove(at: text.index(text.startIndex, offsetBy: cursor - 1))
      cursor -= 1
    case .delete:
      guard cursor < text.count else { return true }
      text.remove(at: text.index(text.startIndex, offsetBy: cursor))
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(text.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = text.count
    case .control("u"):
      text = String(text.dropFirst(cursor))
      cursor = 0
    case .control("w"):
      var head = text.prefix(cursor)
      while head.last == " " { head.removeLast() }
      while let last = head.last, last != " " { head.removeLast() }
      text = String(head) + text.dropFirst(cursor)
      cursor = head.count
    default: return false
    }
    return true
  }
}
