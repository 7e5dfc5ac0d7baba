extension Surface {
  /// The surface as plain text: a line for each row, without trailing blanks, each ended by a line feed.
  public func text() -> String {
    textLines().map { $0 + "\n" }.joined()
  }
}
