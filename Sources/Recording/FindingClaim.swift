/// What a session says was found at a point: which of several findings of a step it is about, or one that no single step shows.
///
/// It is a claim: whoever explains it finds it again in the run.
public struct FindingClaim: Hashable, Sendable {
  /// The property's name, such as `use-after-free`; one that the model declares, too.
  public var property: String
  /// What happened, as it was reported.
  public var message: String
  /// The point at which it shows.
  public var point: Int
  /// Of a livelock the number of the step with which the loop begins; it ends at the point. Nil for anything else.
  public var loopStart: Int?

  /// A claim about a point.
  public init(property: String, message: String, point: Int, loopStart: Int? = nil) {
    self.property = property
    self.message = message
    self.point = point
    self.loopStart = loopStart
  }

  /// The most claims of a timeline; more are not taken.
  public static let countLimit = 4_096
}

extension Timeline {
  /// Says that something was found at a point.
  public mutating func claim(_ claim: FindingClaim) {
    guard nodes.indices.contains(claim.point), claims.count < FindingClaim.countLimit, !claims.contains(claim)
    else { return }
    claims.append(claim)
  }

  /// What was said to be found at the present point; the last one counts. Nil when nothing was said.
  public var claimHere: FindingClaim? { claims.last { $0.point == here } }
}
