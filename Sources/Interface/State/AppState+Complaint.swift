extension AppState {
  /// Shows a message about something that failed outside of the state, such as a file that could not be written.
  public mutating func complain(_ text: String) {
    message = .refusal(text)
  }
}
