public import Surface

/// What happened.
public enum AppAction: Hashable, Sendable {
  /// The user did something at the terminal.
  case key(Keystroke)
  /// A command was chosen without its key, such as from a script. Those that need a key's number do nothing.
  case commandChosen(Command)
  /// Some time went by. How long does not matter; a program that sends no ticks just does not play.
  case tick
  /// The screen has a new size.
  case resized(Size)
}
