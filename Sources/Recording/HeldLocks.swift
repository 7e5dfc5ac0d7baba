import Machine

/// Since which step each thread has each lock that it holds.
struct HeldLocks: Sendable {
  private struct Held {
    var thread: Int32
    var address: Int64
    var step: Int32
  }

  private var held: [Held] = []

  mutating func take(_ event: Event, step: Int) {
    switch event.kind {
    case .acquired:
      held.append(Held(thread: event.thread, address: event.a, step: Int32(step)))
    case .released:
      if let index = held.lastIndex(where: { $0.thread == event.thread && $0.address == event.a }) {
        held.remove(at: index)
      }
    default: break
    }
  }

  /// The number of the step at which the thread took the lock at an address.
  func step(thread: Int, address: Int64) -> Int? {
    held.last { Int($0.thread) == thread && $0.address == address }.map { Int($0.step) }
  }
}
