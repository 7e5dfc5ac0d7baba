/// A part of the screen that takes keys.
public enum Panel: String, CaseIterable, Hashable, Sendable {
  /// The objects and what leads from one to another.
  case graph
  /// The ranges of the interval maps.
  case ranges
  /// The threads.
  case threads
  /// The locks.
  case locks
  /// The text of the function that the chosen thread is in.
  case source
  /// What happened, step by step.
  case log
  /// Who stepped when.
  case timeline
  /// The chosen object: every field, and who holds its counts.
  case detail
  /// What the last step changed, and what it left though it belongs to that.
  case changes
  /// What is watched, with its value.
  case watch
  /// Which properties, invariants and watches are true, what is false, and since when.
  case truth

  /// Its heading.
  public var title: String {
    switch self {
    case .graph: "Objects"
    case .ranges: "Ranges"
    case .threads: "Threads"
    case .locks: "Locks"
    case .source: "Source"
    case .log: "Log"
    case .timeline: "Time"
    case .detail: "Object"
    case .changes: "Changes"
    case .watch: "Watch"
    case .truth: "Truth"
    }
  }
}
