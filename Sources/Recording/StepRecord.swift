public import Machine

/// What an action did.
public struct StepRecord: Sendable {
  /// The action.
  public let action: Action
  /// The thread that stepped, or that got an operation.
  public let thread: Int
  /// The statement that it ran, when it ran one.
  public let statement: Int?
  /// Whether the thread did its step, queued up, or went to sleep.
  public let outcome: Machine.Outcome
  /// What happened, in order.
  public let events: [Event]
  /// The values of the probes among the events.
  public let values: [Int64]
  /// What the sanitizers found.
  public let findings: [Finding]

  /// Whether a lock changed hands or a thread queued for one.
  public var touchesLock: Bool {
    events.contains { [.acquired, .released, .queued, .tryFailed].contains($0.kind) }
  }
}
