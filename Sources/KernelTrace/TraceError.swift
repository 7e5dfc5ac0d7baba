/// Why a text cannot be read as a trace at all.
public struct TraceError: Error, Hashable, Sendable {
  /// The line, from 1.
  public let line: Int
  /// The column, from 1.
  public let column: Int
  /// What is wrong and what to do.
  public let message: String

  /// `file:line:column: error: …`.
  public func rendered(file: String) -> String { "\(file):\(line):\(column): error: \(message)" }
}
