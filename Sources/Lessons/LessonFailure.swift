/// What is wrong with a lesson, or cannot be done in it, in words.
public struct LessonFailure: Error, Hashable, Sendable {
  /// What, and what to do.
  public let message: String

  /// A failure.
  public init(_ message: String) {
    self.message = message
  }
}
