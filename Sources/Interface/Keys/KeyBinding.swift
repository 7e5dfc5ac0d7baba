/// A row of the key table.
public struct KeyBinding: Hashable, Sendable {
  /// Where a key works.
  public enum Context: String, CaseIterable, Hashable, Sendable {
    /// Everywhere on the screen.
    case screen
    /// In a list, a form or a line that lies over the screen; there, characters are text.
    case overlay = "lists"
    /// While a recording is replayed; what has no meaning there has that of the screen.
    case player
  }

  /// The part of the help page in which a row stands.
  public enum Section: String, CaseIterable, Hashable, Sendable {
    /// Moving threads.
    case stepping = "Stepping"
    /// Moving in time.
    case time = "Time"
    /// Starting things.
    case operations = "Operations"
    /// Questions to the machine.
    case asking = "Asking"
    /// Choosing what to look at.
    case choosing = "Choosing"
    /// How the screen looks, help, and the way out.
    case screen = "Screen"
    /// Going through a lesson.
    case lesson = "In a lesson"
    /// While a recording is replayed.
    case replaying = "Replaying"
    /// In lists and forms.
    case lists = "Lists and forms"

    /// Where the section's keys work.
    public var context: Context {
      switch self {
      case .lists: .overlay
      case .replaying: .player
      default: .screen
      }
    }
  }

  /// The keys, the first being the one that hints show; none when a user took them away.
  public internal(set) var keys: [Keystroke]
  /// What they ask for.
  public let command: Command
  /// That in a word or two, for the footer.
  public let title: String
  /// That in a sentence, for the help page.
  public let help: String
  /// Where it stands on the help page.
  public let section: Section
  /// How early the footer shows it, 1 first; nil: never.
  public let rank: Int?

  /// Where the keys work.
  public var context: Context { section.context }

  /// The keys as text, such as `space s`.
  public var keysText: String {
    // Nine keys in a row are a range to a reader.
    if keys.count > 4, let first = keys.first, let last = keys.last { return "\(first.name)-\(last.name)" }
    return keys.map(\.name).joined(separator: " ")
  }
}
