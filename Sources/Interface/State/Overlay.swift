/// What lies over the screen and takes all keys.
public enum Overlay: Hashable, Sendable {
  /// The keys, those that match what was typed.
  case help(HelpPage)
  /// What the scenario and the model are about.
  case about
  /// The operations to choose from.
  case operations(ListMenu)
  /// The commands to choose from.
  case palette(ListMenu)
  /// The stops, and a line to add one.
  case stops(ListMenu)
  /// The parameters of an operation.
  case form(OperationForm)
  /// A line that is being typed.
  case prompt(Prompt)
  /// The branches to choose from: the chosen one's number.
  case branches(Int)
  /// The ways that the next step can go: the chosen one.
  case choices(Int)
  /// The themes to choose from: the chosen one, and the one to go back to.
  case themes(Int, before: String)
  /// The points with names: the chosen one, and what for.
  case bookmarks(Int, BookmarkUse)
  /// What the check found: the chosen one.
  case findings(Int)
  /// A page of text about the present point.
  case page(TextPage)
}

/// The page of keys.
public struct HelpPage: Hashable, Sendable {
  /// What was typed to narrow it down.
  public internal(set) var filter = TextField()
  /// The first line that shows.
  public internal(set) var scroll = 0
}

/// A page of text, made from the state when it is drawn.
public struct TextPage: Hashable, Sendable {
  /// What it tells.
  public enum Topic: Hashable, Sendable {
    /// Why the chosen thread cannot go on, or what comes next; and what the last finding means.
    case why
    /// All that happened to the chosen object.
    case history
    /// Who waits for whom, and the order of locks so far.
    case lockOrder
    /// What differs between another point and this one.
    case comparison(Int)
  }

  /// What it tells.
  public let topic: Topic
  /// The first line that shows.
  public internal(set) var scroll = 0

  init(_ topic: Topic) {
    self.topic = topic
  }
}

/// What a point with a name is chosen for.
public enum BookmarkUse: Hashable, Sendable {
  /// To go there.
  case go
  /// To see what differs between it and the present point.
  case compare
}
