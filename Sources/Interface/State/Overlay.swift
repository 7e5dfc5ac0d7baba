/// What lies over the screen and takes all keys.
public enum Overlay: Hashable, Sendable {
  /// The keys, those that match what was typed.
  case help(HelpPage)
  /// What the scenario and the model are about.
  case about
  /// The operations to choose from.
  case operations(OperationMenu)
  /// The parameters of an operation.
  case form(OperationForm)
  /// A line that is being typed.
  case commandLine(TextField)
  /// The branches to choose from: the chosen one's number.
  case branches(Int)
  /// The ways that the next step can go: the chosen one.
  case choices(Int)
}

/// The page of keys.
public struct HelpPage: Hashable, Sendable {
  /// What was typed to narrow it down.
  public internal(set) var filter = TextField()
  /// The first line that shows.
  public internal(set) var scroll = 0
}

/// The list of operations.
public struct OperationMenu: Hashable, Sendable {
  /// What was typed to narrow it down.
  public internal(set) var filter = TextField()
  /// The chosen one among those that match.
  public internal(set) var cursor = 0
}
