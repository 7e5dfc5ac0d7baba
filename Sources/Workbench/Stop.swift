public import Scene

/// Where a run stops.
public struct Stop: Hashable, Sendable {
  /// What it watches.
  public enum Subject: Hashable, Sendable {
    /// A line of a model's text: it stops before a thread runs it.
    case line(file: Int, line: Int)
    /// The entry of a function.
    case function(Int)
    /// A field, a lock, a count or a container of an object, or of the globals: it stops when that changes, or changes hands.
    case field(ObjectIdentity?, String)
    /// An object: it stops at all that happens to it.
    case object(ObjectIdentity)
    /// An expression of the model: it stops when its value changes.
    case expression(String)
  }

  /// What it watches.
  public let subject: Subject
  /// As the user wrote it, or would have.
  public let text: String

  package init(subject: Subject, text: String) {
    self.subject = subject
    self.text = text
  }

  /// Whether it watches data, and not a place in the text.
  public var isWatch: Bool {
    switch subject {
    case .field, .object, .expression: true
    case .line, .function: false
    }
  }
}
