public import StepLanguage

/// Something that moves a run on. A timeline is a tree of these.
public enum Action: Hashable, Sendable {
  /// A thread takes its next step; where the step has a choice, that way.
  case step(thread: Int, choice: Int)
  /// A thread gets another operation, to be run next after those that it has begun.
  case start(thread: Int, operation: Operation)
  /// A new thread without operations.
  case addThread(name: String)
}
