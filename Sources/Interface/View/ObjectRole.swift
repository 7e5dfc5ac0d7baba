import Surface

/// The role for a word of a model.
enum ObjectRole {
  /// The role of the theme that has the model's word; ordinary text when the theme knows no such thing.
  static func role(_ word: String) -> Role {
    known.contains(word) ? Role(rawValue: word) ?? .text : .text
  }

  private static let known: Set<String> = [
    "context", "space", "access", "area", "pages", "pin", "driver", "file",
  ]
}
