/// What can be wrong: the `property` of a finding.
public enum Property: String, CaseIterable, Hashable, Sendable {
  case useAfterFree = "use-after-free"
  case doubleFree = "double-free"
  case nullDereference = "null-dereference"
  case refcountUnderflow = "refcount-underflow"
  case refcountResurrect = "refcount-resurrect"
  case deadlock
  case selfDeadlock = "self-deadlock"
  case lockOrder = "lock-order"
  case lockImbalance = "lock-imbalance"
  case sleepInAtomic = "sleep-in-atomic"
  case assertHeld = "assert-held"
  case warn
  case leak
  case pinLeak = "pin-leak"
  case pinAfterUnmap = "pin-after-unmap"
  case pinOnOldIoas = "pin-on-old-ioas"
  case callbackAfterClose = "callback-after-close"
  case livelock
  case lostWakeup = "lost-wakeup"
  case invariant

  /// What it means, in half a sentence.
  public var title: String {
    switch self {
    case .useAfterFree: "an object is used after it was freed"
    case .doubleFree: "an object is freed twice"
    case .nullDereference: "a null pointer is followed"
    case .refcountUnderflow: "a count falls below what its holders own"
    case .refcountResurrect: "a count is raised from zero"
    case .deadlock: "threads wait for one another"
    case .selfDeadlock: "a thread waits for a lock that it holds"
    case .lockOrder: "two locks are taken in both orders"
    case .lockImbalance: "a lock is released by a thread that does not hold it, or never"
    case .sleepInAtomic: "a thread may sleep while it holds a spinlock"
    case .assertHeld: "a lock that must be held is not"
    case .warn: "the kernel would warn"
    case .leak: "an object is left that nobody can reach"
    case .pinLeak: "pages stay pinned after their owner is gone"
    case .pinAfterUnmap: "pages are pinned in a range that was unmapped"
    case .pinOnOldIoas: "a pin is left in the IOAS that the access has left"
    case .callbackAfterClose: "the driver is called after its close_device returned"
    case .livelock: "threads run for ever without getting on"
    case .lostWakeup: "a sleeper's condition holds, but nobody will wake it"
    case .invariant: "an invariant of the model is false"
    }
  }
}
