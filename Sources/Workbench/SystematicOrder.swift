import Machine

/// Who steps next when threads go on by themselves: the same one as long as it can, then the next.
struct SystematicOrder {
  private var present: Int

  init(first: Int) {
    present = first
  }

  /// The thread to step; nil when nobody can.
  mutating func next(_ readiness: [Machine.Readiness]) -> Int? {
    guard !readiness.isEmpty else { return nil }
    // A sleep whose time is over comes last: it is over only because nobody else can move.
    for wanted in [false, true] {
      for distance in 0..<readiness.count {
        let candidate = (present + distance) % readiness.count
        let canStep =
          switch readiness[candidate] {
          case .ready: !wanted
          case .timeout: wanted
          default: false
          }
        guard canStep else { continue }
        present = candidate
        return candidate
      }
    }
    return nil
  }
}
