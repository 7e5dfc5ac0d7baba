import Machine

/// All that a step depends on, and what is known about the way to it.
struct TimelineFrame {
  var state: State
  var world: World
  var lockOrder: LockOrder
  var held = HeldLocks()

  /// How many words of memory it takes, roughly.
  var size: Int { state.usedWords(in: world).count + 64 }

  /// The same without free words behind the state, to be kept.
  var trimmed: TimelineFrame {
    var copy = self
    copy.state.trim(in: world)
    return copy
  }
}
