/// A model of a few lines with what its threads run, for tests that compare searches.
public struct SmallModel: Sendable {
  /// The model's items.
  public var text: String
  /// For each thread its lines.
  public var threads: [[String]]
  /// Whether allocations may fail.
  public var faults: Bool

  init(_ text: String, _ threads: [[String]], _ faults: Bool) {
    self.text = text
    self.threads = threads
    self.faults = faults
  }

  /// Two locks, taken in both orders.
  public static let crossing = """
    global a: mutex
    global b: mutex
    entry ab() { mutex_lock a; mutex_lock b; mutex_unlock b; mutex_unlock a }
    entry ba() { mutex_lock b; mutex_lock a; mutex_unlock a; mutex_unlock b }
    """

  /// Each has something that a careless reduction would lose.
  public static let all: [SmallModel] = [
    // What one thread writes only the invariant sees together with what the other one writes.
    SmallModel(
      """
      global x: int
      global y: int
      entry first() { x = 5; x = 1; x = 0 }
      entry second() { y = 5; y = 1; y = 0 }
      invariant apart "not both at once" always { x != 1 || y != 1 }
      """, [["first"], ["second"]], false
    ),
    // The same between system calls.
    SmallModel(
      """
      global x: int
      global y: int
      entry first(v: int) { x = 7; x = v }
      entry second(v: int) { y = 7; y = v }
      invariant apart "not both at once" quiescent { x != 1 || y != 1 }
      """, [["first 1", "first 0"], ["second 1", "second 0"]], false
    ),
    // One thread has a pointer on its stack only, another one frees what it leads to.
    SmallModel(
      """
      object thing as thing { value: int; other: int }
      global head: thing
      init { head = alloc thing }
      entry use() { let t = head; t.value = 1; t.value = 2; t.value = 3 }
      entry drop() { let t = head; head = null; if t != null { t.other = 1; free t } }
      """, [["use"], ["drop"]], false
    ),
    // A step that goes wrong ends its own way, but not what the other thread can do before it.
    SmallModel(
      """
      object thing as thing { value: int }
      global n: int
      entry wrong() { n = 1; let t = alloc thing; free t; t.value = 1 }
      entry other() { let a = n; let b = n; check warn b == a "it changed"; warn "here" }
      """, [["wrong"], ["other"]], false
    ),
    // What a thread does behind the lock that another one holds is known only once it has the lock.
    SmallModel(
      """
      global gate: mutex
      global x: int
      global y: int
      entry first() { mutex_lock gate; y = 1; mutex_unlock gate; x = 1; x = 0; x = 2; x = 0 }
      entry second() { mutex_lock gate; let seen = x; mutex_unlock gate; if seen == 1 { warn "seen" }; y = seen }
      """, [["first"], ["second"]], false
    ),
    // Sleepers and wake-ups, and a try-lock that sees a critical section.
    SmallModel(
      """
      global queue: wait_queue
      global gate: mutex
      global sem: rw_semaphore
      global ready: int
      global seen: int
      entry sleeper() { let w = wait_event queue until ready == 1 timeout 60 interruptible; if w { seen += 1 } }
      entry waker() { mutex_lock gate; ready = 1; wake_up queue interruptible; mutex_unlock gate }
      entry prober() {
        let got = mutex_trylock gate
        if got { seen += 2; mutex_unlock gate } else { seen += 4 }
        down_read sem
        let h = held(sem)
        up_read sem
      }
      entry writer() { down_write sem; seen += 8; up_write sem; down_read sem; up_read sem }
      """, [["sleeper"], ["waker", "writer"], ["prober"]], false
    ),
    SmallModel(crossing, [["ab"], ["ba"]], false),
    SmallModel(
      """
      object thing as thing { users: refcount; other: thing }
      global all: xarray of thing from 1
      entry add() {
        let a = alloc thing
        ref_set a.users 1 by "xarray"
        spin_lock all.xa_lock
        let i = xa_alloc(all)
        xa_store(all, i, a)
        spin_unlock all.xa_lock
      }
      entry drop(i: int) {
        spin_lock all.xa_lock
        let a = xa_erase(all, i)
        spin_unlock all.xa_lock
        if a == null { return -ENOENT }
        free a
      }
      """, [["add"], ["add", "drop 1"], ["drop 2"]], false
    ),
    SmallModel(
      """
      object node as node { next: node; value: int }
      global head: node
      entry push(v: int) { let n = try_alloc node { value: v }; if n == null { return -ENOMEM }; n.next = head; head = n }
      entry pop() { let n = head; if n == null { return -ENOENT }; head = n.next; free n }
      """, [["push 1"], ["push 2"], ["pop"]], true
    ),
  ]
}
