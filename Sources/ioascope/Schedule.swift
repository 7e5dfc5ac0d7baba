import Basics
import Explorer
import Machine

/// Which ready thread goes next: the same one as long as it can go, or, with a seed, drawn by a generator that gives the same sequence
/// everywhere.
struct Schedule {
  private var generator: SplitMix64?
  private var last = 0

  init(seed: UInt64) {
    generator = seed == 0 ? nil : SplitMix64(seed: seed)
  }

  /// The next thread and which way its choice goes; nil when nobody can go.
  mutating func next(_ readiness: [Machine.Readiness]) -> (thread: Int, choice: Int)? {
    let ready = readiness.indices.filter {
      switch readiness[$0] {
      case .ready, .timeout: true
      default: false
      }
    }
    guard let first = ready.first else { return nil }
    let thread: Int
    if generator != nil {
      thread = ready[Int((generator?.next() ?? 0) % UInt64(ready.count))]
    } else {
      thread = ready.contains(last) ? last : first
    }
    last = thread
    var choice = 0
    if case .ready(let choices) = readiness[thread], choices > 1, generator != nil {
      choice = Int((generator?.next() ?? 0) % UInt64(choices))
    }
    return (thread, choice)
  }
}
