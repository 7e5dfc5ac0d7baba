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
  /// Take the mouse from the terminal, or give it back.
  case useMouse(Bool)
  /// Record from here on to a file of that path.
  case startRecording(String)
  /// End recording.
  case stopRecording
  /// Keep the state's settings for the next time.
  case saveSettings
  /// Search every interleaving from the present state, and tell by `searched`.
  case startCheck
  /// End the search that is under way.
  case stopCheck
  /// A command for the lesson around the state; nobody else has to do with it.
  case lesson(Command)
  /// Let the user edit the file of that path, which is made with this text when there is none, and give its text back by `edited`.
  case edit(path: String, text: String)
}
