/// What holding a trace against a model gave.
public struct ConformanceReport: Sendable {
  /// Whether the trace is a run of the model.
  public enum Verdict: String, Sendable {
    /// It is, as far as it can be known; the notes say what cannot.
    case conforms
    /// It is not.
    case diverges
  }

  /// Where a trace leaves the model.
  public struct Divergence: Hashable, Sendable {
    /// The line of the trace, from 1.
    public let line: Int
    /// The event, as it stands there.
    public let event: String
    /// The thread's name.
    public let thread: String
    /// The function of the model that the thread is in, or its operation's name; nil between two operations.
    public let function: String?
    /// `file:line` of the model's statement that comes next.
    public let place: String?
    /// The operation that the thread is in, as the trace writes it.
    public let operation: String?
    /// What would have been possible there.
    public let expected: [String]
  }

  /// Something that cannot be known, or that a reader should know.
  public struct Note: Hashable, Sendable {
    /// The line of the trace, from 1.
    public let line: Int
    /// What it is.
    public let text: String
  }

  /// Events that were passed over.
  public struct Skipped: Hashable, Sendable {
    /// The event's name, or what they have in common.
    public let name: String
    /// How many.
    public let count: Int
  }

  /// Whether the trace is a run of the model.
  public internal(set) var verdict = Verdict.conforms
  /// Lines that were read.
  public internal(set) var lines = 0
  /// Events that the model knows, of threads that can be told.
  public internal(set) var events = 0
  /// Events that were found in the model's run.
  public internal(set) var matched = 0
  /// Events that could not be judged, because what led to them is not in the trace.
  public internal(set) var unjudged = 0
  /// The threads' names in the order in which they appear.
  public internal(set) var threads: [String] = []
  /// Events that were passed over, by name.
  public internal(set) var skipped: [Skipped] = []
  /// What cannot be known, in the order of the trace.
  public internal(set) var notes: [Note] = []
  /// Where the trace leaves the model.
  public internal(set) var divergence: Divergence?
  /// What the sanitizers found in the model's run.
  public internal(set) var findings: [TraceFinding] = []
  /// Whether the trace has lock events.
  public internal(set) var hasLockEvents = true
  /// The largest number of runs that were possible at one time.
  public internal(set) var widest = 1
}
