/// The values that are worth trying for number parameters of entries: what makes every small program of a model finite.
public struct Domain: Hashable, Sendable {
  /// The parameters whose values go together, such as where a range begins and how long it is.
  public internal(set) var names: [String]
  /// The choices: a value for each name.
  public internal(set) var tuples: [[Int64]]
  /// Why these.
  public internal(set) var title: String
}
