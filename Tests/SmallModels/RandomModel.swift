/// Small random models with all that threads can get into each other's way by: memory, counts, containers, locks of each kind, queues, drivers.
public struct RandomModel {
  private var state: UInt64

  /// The same seed gives the same model.
  public init(seed: Int) {
    state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1
  }

  mutating func random(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  private mutating func statement() -> String {
    switch random(25) {
    case 22:
      "let u = left; if u != null { ref_inc u.users by thread; u.value += 1; ref_dec u.users by thread }"
    case 23:
      "let u = left; if u != null { let y = ref_inc_not_zero u.users by thread; if y { let z = ref_dec_and_test u.users by thread; if z { number += 1 } } }"
    case 24:
      "if port != null { let u = left; if u != null { ref_set u.users 2 by port \"port\"; count_inc u.users by thread; count_dec u.users by thread } }"
    case 0: "left = alloc thing { value: \(random(2)) }"
    case 1: "right = left"
    case 2: "if left != null { left.value += 1 }"
    case 3: "if right != null { let r = right; right = null; free r }"
    case 4: "mutex_lock gate; number += 1; mutex_unlock gate"
    case 5: "if left != null { left.other = right }"
    case 6: "if left != null { ref_set left.users 1 by \"one\"; ref_inc left.users by thread }"
    case 7: "let t = left; left = right; right = t"
    case 8: "spin_lock all.xa_lock; let i = xa_alloc(all); xa_store(all, i, left); spin_unlock all.xa_lock"
    case 9: "spin_lock all.xa_lock; let o = xa_erase(all, 1); number = count(all); spin_unlock all.xa_lock"
    case 10: "let f = xa_load(all, 1); if f != null { f.value = \(random(3)) }"
    case 11: "down_read sem; let n = number; up_read sem; if n > 1 { right = null }"
    case 12: "down_write sem; number = \(random(3)); up_write sem"
    case 13: "number = \(random(2)); wake_up queue \(random(2) == 0 ? "interruptible" : "all")"
    case 14:
      "let w = wait_event queue until number != 1 timeout 60 \(random(2) == 0 ? "interruptible" : "uninterruptible")"
    case 15: "mutex_lock gate; mutex_lock inner; number += 1; mutex_unlock inner; mutex_unlock gate"
    case 16: "mutex_lock inner; mutex_lock gate; number = 0; mutex_unlock gate; mutex_unlock inner"
    case 17:
      "let own = alloc thing { value: 1 }; own.value += 1; mutex_lock own.lock; own.other = left; mutex_unlock own.lock; free own"
    case 18: "let d = try_alloc thing { value: 1 }; if d != null { d.value = 2; left = d }"
    case 19: "let c = choose 2; number = c"
    case 20: "let got = mutex_trylock gate; if got { number += 1; mutex_unlock gate }"
    default: "if port != null { let x = port.call; let r = x->poke(number); number = r }"
    }
  }

  private mutating func body() -> String {
    (0..<(2 + random(3))).map { _ in "if true { \(statement()) }" }.joined(separator: "\n")
  }

  /// The model's items, and invariants about objects: what a reduction must know of counts, locks and containers that they look at.
  public mutating func textWithInvariants() -> String {
    let candidates = [
      "invariant few \"few users\" always for t: thing { t.users < \(2 + random(3)) }",
      "invariant some \"what is there has users or none\" always { let o = xa_load(all, 1); if o == null { return true }; return !alive(o) || o.users > 0 }",
      "invariant own \"a locked one\" always for t: thing { held(t.lock) || t.other == null || t.value < \(1 + random(2)) }",
      "invariant parted \"left is not right\" always { left == null || left != right || number != \(random(2)) }",
      "invariant mine \"units of ports\" always for t: thing { port == null || units(t.users, port) < \(1 + random(2)) }",
      "invariant chain \"the other one's value\" always for t: thing { let o = t.other; if o == null { return true }; return !alive(o) || o.value != \(1 + random(2)) }",
      "invariant zero \"used\" always for t: thing { t.users != 0 || t.value < 2 }",
      "invariant gated \"under the gate\" always { held(gate) || number < \(1 + random(3)) }",
    ]
    let extra = (0..<(2 + random(3))).map { _ in candidates[random(candidates.count)] }
    var seen: Set<String> = []
    let invariants = extra.filter { seen.insert(String($0.prefix(14))).inserted }
    return text() + "\n" + invariants.joined(separator: "\n")
  }

  private mutating func looking() -> String {
    switch random(16) {
    case 0:
      "let a = left; if a != null { let n = a.name; let o = a.peer; if o != null { let m = o.name; number = m } }"
    case 1:
      "let a = left; spin_lock row.xa_lock; spin_unlock row.xa_lock; if a != null { if a.name == 1 { number = 0 } }"
    case 2: "let a = right; right = null; if a != null { free a }"
    case 3: "let a = left; left = null; if a != null { free a }"
    case 4: "left = alloc item { name: \(random(2)), peer: right }"
    case 5: "let a = left; if a != null && a.name == 1 { return a.name - 1 }"
    case 6: "let a = left; if a != null { list_append(line, a) }"
    case 7: "let a = list_first(line); while a != null { a = list_next(line, a) }"
    case 8: "let a = list_first(line); if a != null { list_remove(line, a) }"
    case 9:
      "let a = left; if a != null { let got = ref_inc_not_zero a.users by thread; if got && number == 1 { return 0 }; if got { ref_dec a.users by thread } }"
    case 10:
      "let a = left; if a != null { ref_set a.users 1 by \"one\"; ref_inc a.users by \"two\"; let z = ref_dec_and_test a.users by \(random(2) == 0 ? "\"two\"" : "\"three\"") }"
    case 11: "wait_event queue until number != \(random(2)) uninterruptible"
    case 12: "number = \(random(2)); wake_up queue all"
    case 13:
      "let a = left; let b = right; if a != null && b != null && a != b { mutex_lock a.lock; mutex_lock_nested b.lock 1; mutex_unlock b.lock; mutex_unlock a.lock }"
    case 14: "let a = left; if a != null { let t = a as item; let k = a is item; if k { number = 1 } }"
    default:
      "let a = right; if a != null { imap_insert(map, 0, 1, a); let f = imap_find(map, 0, 0); imap_remove(map, a) }"
    }
  }

  /// The items of a model for the rules about looks that ride along, units, lists, waits without timeout and nested locks.
  public mutating func textWithLooks() -> String {
    func body(_ generator: inout RandomModel) -> String {
      (0..<(2 + generator.random(2))).map { _ in "if true { \(generator.looking()) }" }.joined(
        separator: "\n")
    }
    return """
      object item as item { const name: int; const peer: item; users: refcount; lock: mutex }
      global left: item
      global right: item
      global number: int
      global queue: wait_queue
      global line: list of item
      global map: interval_map of item
      global row: xarray of item
      init {
        right = alloc item { name: 1 }
        let r = right
        left = alloc item { name: 1, peer: r }
      }
      entry first() -> int {
      \(body(&self))
      return 0
      }
      entry second() -> int {
      \(body(&self))
      return 0
      }
      entry third() -> int {
      \(body(&self))
      return 0
      }
      """
  }

  /// The model's items.
  public mutating func text() -> String {
    """
    ops knocker { fn poke(v: int) -> int }
    object thing as thing { value: int; other: thing; users: refcount; lock: mutex }
    object socket as socket { const call: knocker }
    global left: thing
    global right: thing
    global number: int
    global gate: mutex
    global inner: mutex
    global sem: rw_semaphore
    global queue: wait_queue
    global all: xarray of thing from 1
    global port: socket
    fn knock(v: int) -> int { number += 1; return v + \(random(2)) }
    driver door: knocker { poke = knock }
    init { port = alloc socket { call: door } }
    invariant bounded "the number is small" \(random(2) == 0 ? "always" : "quiescent") { number < \(2 + random(3)) }
    entry first() {
    \(body())
    }
    entry second() {
    \(body())
    }
    entry third() {
    \(body())
    }
    """
  }
}
