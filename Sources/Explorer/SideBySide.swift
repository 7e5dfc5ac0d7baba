import Dispatch
import Synchronization

/// Calls the body once for each number below the count, side by side; comes back when all calls have.
func sideBySide(_ count: Int, _ body: (Int) -> Void) {
  if count == 1 {
    body(0)
  } else {
    withoutActuallyEscaping(body) { body in
      let shared = Shared(body: body)
      DispatchQueue.concurrentPerform(iterations: count) { shared.body($0) }
    }
  }
}

/// Work that is done side by side. Each call has a worker of its own, writes to chunks or to a shard that no other call has, and only reads
/// the rest, which the compiler cannot see.
private struct Shared: @unchecked Sendable {
  let body: (Int) -> Void
}

/// Gives each number once, whoever asks.
final class Counter: Sendable {
  let value = Atomic<Int>(0)
}
