/// What the interface has to say about the last key.
public struct Message: Hashable, Sendable {
  /// How much it matters.
  public enum Kind: Hashable, Sendable {
    /// For the record.
    case note
    /// What was asked for could not be done, and why.
    case refusal
  }

  /// How much it matters.
  public let kind: Kind
  /// The words.
  public let text: String

  /// A remark.
  public static func note(_ text: String) -> Message { Message(kind: .note, text: text) }
  /// Why something could not be done.
  public static func refusal(_ text: String) -> Message { Message(kind: .refusal, text: text) }
}
