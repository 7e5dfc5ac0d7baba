import Recording

/// JSON by hand, where the order of fields is part of the contract.
enum JSONText {
  /// A string in quotes.
  static func quoted(_ text: String) -> String { SessionWriter.quoted(text) }
}
