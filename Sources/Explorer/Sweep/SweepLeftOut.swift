/// How many candidates for programs were left out, and why.
public struct SweepLeftOut: Hashable, Sendable {
  /// Operations that fail from a set-up, whatever ran before: no program has them.
  public internal(set) var failing = 0
  /// An operation gets into nobody's way: the program is a smaller one with something idle beside it.
  public internal(set) var idle = 0
  /// The operations take the same paths and meet at the same statements as in a program that is not larger.
  public internal(set) var alike = 0

  /// Numbers.
  public init(failing: Int = 0, idle: Int = 0, alike: Int = 0) {
    self.failing = failing
    self.idle = idle
    self.alike = alike
  }
}
