public import Workbench
public import Surface

/// What happened.
public enum AppAction: Sendable {
  /// The user did something at the terminal.
  case key(Keystroke)
  /// A command was chosen without its key, such as from a script. Those that need a key's number do nothing.
  case commandChosen(Command)
  /// A line was given as if typed behind `:`.
  case lineEntered(String)
  /// Some time went by. How long does not matter; a program that sends no ticks just does not play.
  case tick
  /// So many milliseconds went by before the user did the next thing; a recording keeps it.
  case waited(milliseconds: Int)
  /// The screen has a new size.
  case resized(Size)
  /// The search from here has something to tell.
  case searched(BackgroundCheck.News)
  /// Recording has begun, to that file.
  case recordingStarted(String)
  /// Recording has ended; why, when it was not the user who ended it.
  case recordingStopped(reason: String?)
  /// Something outside of the state went well, or did not.
  case told(Message)
  /// The user has edited a file, which now has that text.
  case edited(String)
}
