/// What a line of ftrace text is.
public enum TraceLine: Sendable {
  /// An event.
  case event(TraceEvent)
  /// `# entries-in-buffer/entries-written: a/b`: so many were kept of so many.
  case entries(kept: Int, written: Int)
  /// A processor's buffer ran over here; how many events are gone, when that is told.
  case lost(cpu: Int, count: Int?)
  /// The first event of a processor whose buffer ran over follows.
  case bufferStarted(cpu: Int)
  /// A comment or a header.
  case comment
  /// Something else, such as a line of a stack trace.
  case other
}
