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

/// SplitMix64 (Steele, Lea, Flood, 2014): small, and the same everywhere.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
