public import Machine

/// Something that the model's sanitizers found while it followed the trace.
public struct TraceFinding: Hashable, Sendable {
  /// What was found.
  public let finding: Finding
  /// The line of the trace that was being matched, from 1.
  public let line: Int
  /// The thread's name.
  public let thread: String
}
