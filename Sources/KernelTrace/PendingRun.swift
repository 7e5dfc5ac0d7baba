import Machine

/// What a thread could do next without leaving an event: nobody can tell from the trace when it does these steps.
struct PendingRun {
  /// An access, and at which of the steps.
  struct Access {
    var access: AccessLog.Access
    var step: Int
  }

  /// A lock without events.
  struct Lock: Hashable {
    var object: ObjectReference
    var offset: Int
  }

  /// How many steps.
  var count = 0
  private(set) var accesses: [Access] = []
  /// A bit for each word that is accessed, to see quickly that two runs do not meet.
  private(set) var mask: UInt64 = 0
  /// Step at which a lock without events is taken.
  var taken: [(lock: Lock, step: Int)] = []
  /// Step at which one is released.
  var released: [(lock: Lock, step: Int)] = []
  /// Objects that it frees.
  var freed: [(object: Int, step: Int)] = []
  /// It ends at a lock without events that another thread has, or in a sleep: what others do can make it longer.
  var isBlocked = false

  static func bit(_ word: Int) -> UInt64 {
    1 << ((UInt64(truncatingIfNeeded: word) &* 0x9e37_79b9_7f4a_7c15) >> 58)
  }

  mutating func add(_ access: Access) {
    accesses.append(access)
    mask |= Self.bit(access.access.word)
  }

  /// Whether it takes a lock without events.
  func takes(_ lock: Lock) -> Bool { taken.contains { $0.lock == lock } }

  /// Whether nothing can happen unseen.
  var isEmpty: Bool { count == 0 }
}
