/// How the objects are drawn.
public enum GraphStyle: String, CaseIterable, Hashable, Sendable {
  /// As cards when there is room for them, as a tree otherwise.
  case automatic
  /// As cards with lines between them.
  case cards
  /// As a tree, a line an object.
  case tree
}
