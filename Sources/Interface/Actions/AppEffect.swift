/// What the program has to do outside of the state.
public enum AppEffect: Hashable, Sendable {
  /// End.
  case quit
  /// Stop the process as ctrl-z does, and draw anew when it goes on.
  case suspend
  /// Draw the user's attention: what was asked for could not be done.
  case bell
  /// Load the theme of that name; it is the state's `themeName` already.
  case loadTheme(String)
}
