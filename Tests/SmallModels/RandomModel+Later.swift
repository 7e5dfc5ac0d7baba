extension RandomModel {
  /// What runs later and waits for it: RCU, works, timers, completions, and changes of a word in one go.
  private mutating func later() -> String {
    switch random(24) {
    case 0: "rcu_read_lock; let a = left; if a != null { number = a.value }; rcu_read_unlock"
    case 1: "let a = left; left = null; if a != null { synchronize_rcu; free a }"
    case 2: "let a = left; left = null; if a != null { kfree_rcu a }"
    case 3: "let a = right; right = null; if a != null { call_rcu drop(a) }"
    case 4: "left = alloc item { name: 1 }"
    case 5: "let a = left; if a != null { queue_work a.ping }"
    case 6: "let a = left; if a != null { let w = flush_work a.ping; if w { number = 0 } }"
    case 7: "let a = left; left = null; if a != null { cancel_work_sync a.ping; free a }"
    case 8:
      "mutex_lock gate; let a = left; if a != null { queue_work a.ping; flush_work a.ping }; mutex_unlock gate"
    case 9: "let a = left; if a != null { let r = mod_timer a.tick; if r { number = 1 } }"
    case 10: "let a = left; if a != null { timer_delete_sync a.tick }"
    case 11: "spin_lock spin; let a = left; if a != null { timer_delete_sync a.tick }; spin_unlock spin"
    case 12: "complete done"
    case 13: "let ok = wait_for_completion done timeout 60; if ok { number += 1 }"
    case 14: "let ok = try_wait_for_completion done; if ok { number = 2 }"
    case 15: "rcu_read_lock; mutex_lock gate; number = 0; mutex_unlock gate; rcu_read_unlock"
    case 16: "rcu_barrier; number = 1"
    case 17: "let a = left; left = right; right = a"
    case 18: "let n = add_return number, 1; if n == 1 { let o = xchg left, right; right = o }"
    case 19: "let a = left; let o = cmpxchg left, a, null; if o != null { kfree_rcu o }"
    case 20: "let a = left; if a != null { let w = cancel_work a.ping; if w { number = 2 } }"
    case 21: "let a = right; if a != null { queue_work a.ping; queue_work a.ping }"
    case 22:
      "rcu_read_lock; rcu_read_lock; let a = right; rcu_read_unlock; if a != null { a.value = 1 }; rcu_read_unlock"
    default: "mutex_lock gate; number += 1; mutex_unlock gate"
    }
  }

  /// What a call does; the first may sleep.
  private mutating func call(maySleep: Bool) -> String {
    switch random(maySleep ? 7 : 4) {
    case 0: "spin_lock spin; number = a.value; spin_unlock spin"
    case 1: "a.value += 1"
    case 2: "complete done; number = a.name"
    case 3: "rcu_read_lock; let b = left; if b != null { b.value = 1 }; rcu_read_unlock"
    case 4, 5: "mutex_lock gate; a.value = 1; mutex_unlock gate"
    default: "synchronize_rcu; a.value = 2"
    }
  }

  /// The items of a model for them; its entries are those of the others.
  public mutating func textWithLater() -> String {
    func body(_ generator: inout RandomModel) -> String {
      (0..<(2 + generator.random(2))).map { _ in "if true { \(generator.later()) }" }.joined(separator: "\n")
    }
    let queue = random(2) == 0 ? "" : " on line"
    return """
      workqueue system_wq workers 3
      workqueue line ordered
      workqueue timers workers 2
      workqueue rcu workers 3
      object item as item {
        const name: int
        value: int
        ping: work of pinged\(queue)
        tick: timer of ticked
      }
      global left: item
      global right: item
      global number: int
      global gate: mutex
      global spin: spinlock
      global done: completion
      init {
        right = alloc item { name: 1 }
        left = alloc item { name: 2 }
      }
      fn pinged(a: item) { \(call(maySleep: true)) }
      fn ticked(a: item) { \(call(maySleep: false)) }
      fn drop(a: item) { a.value = 3; free a }
      entry first() {
      \(body(&self))
      }
      entry second() {
      \(body(&self))
      }
      entry third() {
      \(body(&self))
      }
      """
  }
}
