public import Recording

/// A step of the model that the trace shows, with the kernel's time and the line that called for it.
public struct MatchedStep: Hashable, Sendable {
  /// What moved the run on.
  public let action: Action
  /// Nanoseconds of the trace's clock.
  public let time: Int64
  /// The line of the trace, from 1.
  public let line: Int
}
