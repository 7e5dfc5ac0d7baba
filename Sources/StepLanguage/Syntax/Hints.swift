import Basics

/// What C programmers type, and what the language has instead: one table for the parser and the compiler.
enum Hints {
  /// Functions and macros of C, with what to write; `$1` is the first argument, `$2` the second.
  static let calls: [String: String] = [
    // Memory.
    "kfree": "write 'free $1'", "kvfree": "write 'free $1'", "vfree": "write 'free $1'",
    "kfree_sensitive": "write 'free $1'",
    "kmem_cache_free": "write 'free $2'",
    "kfree_rcu": "write 'kfree_rcu $1'",
    "kzalloc": alloc, "kmalloc": alloc, "kcalloc": alloc, "kvzalloc": alloc, "kvmalloc": alloc,
    "kmem_cache_alloc": alloc,
    "kmem_cache_zalloc": alloc, "kzalloc_obj": alloc, "kmalloc_obj": alloc,
    // Counts.
    "kref_get": "write 'ref_inc $1 by \"holder\"'", "refcount_inc": "write 'ref_inc $1 by \"holder\"'",
    "get_device": "write 'ref_inc', a field of $1, 'by' and who holds the unit",
    "put_device":
      "write 'let last = ref_dec_and_test', a field of $1, 'by' and who held the unit; then 'if last { … }'",
    "kref_put": "write 'let last = ref_dec_and_test $1 by \"holder\"', then 'if last { … }'",
    "refcount_dec_and_test": "write 'let last = ref_dec_and_test $1 by \"holder\"', then 'if last { … }'",
    "atomic_dec_and_test": "write 'let last = ref_dec_and_test $1 by \"holder\"', then 'if last { … }'",
    "kref_get_unless_zero": "write 'let ok = ref_inc_not_zero $1 by \"holder\"', then 'if ok { … }'",
    "refcount_inc_not_zero": "write 'let ok = ref_inc_not_zero $1 by \"holder\"', then 'if ok { … }'",
    "refcount_dec": "write 'ref_dec $1 by \"holder\"'",
    "refcount_dec_if_one": "write 'let ok = ref_dec_if_one $1 by \"holder\"'",
    "kref_init": "write 'ref_set $1 1 by \"holder\"'", "refcount_set": "write 'ref_set $1 $2 by \"holder\"'",
    "kref_read": "write '$1'; a refcount reads as a number",
    "refcount_read": "write '$1'; a refcount reads as a number",
    "atomic_inc": "write 'count_inc $1 by \"holder\"'", "atomic_dec": "write 'count_dec $1 by \"holder\"'",
    "atomic_set": "write '$1 = $2'", "atomic_read": "write '$1'",
    // Locks.
    "mutex_init": "leave it out; a lock of a new object is free",
    "spin_lock_init": "leave it out; a lock of a new object is free",
    "init_rwsem": "leave it out; a lock of a new object is free",
    "mutex_lock_interruptible": "write 'mutex_lock $1'; signals are not part of the language",
    "mutex_lock_killable": "write 'mutex_lock $1'; signals are not part of the language",
    "down_read_killable": "write 'down_read $1'; signals are not part of the language",
    "down_write_killable": "write 'down_write $1'; signals are not part of the language",
    "spin_lock_irqsave": "write 'spin_lock $1'; there are no interrupts",
    "spin_lock_irq": "write 'spin_lock $1'; there are no interrupts",
    "spin_lock_bh": "write 'spin_lock $1'; there are no interrupts",
    "spin_unlock_irqrestore": "write 'spin_unlock $1'; there are no interrupts",
    "spin_unlock_irq": "write 'spin_unlock $1'; there are no interrupts",
    "spin_unlock_bh": "write 'spin_unlock $1'; there are no interrupts",
    "read_lock": "write 'down_read $1'", "read_unlock": "write 'up_read $1'",
    "write_lock": "write 'down_write $1'",
    "write_unlock": "write 'up_write $1'", "xa_lock": "write 'spin_lock $1.xa_lock'",
    "xa_unlock": "write 'spin_unlock $1.xa_lock'",
    "lockdep_assert_held": "write 'assert_held $1'", "lockdep_assert_held_write": "write 'assert_held $1'",
    "lockdep_assert_held_read": "write 'assert_held $1'", "mutex_is_locked": "write 'held($1)'",
    "rcu_read_lock": "write 'rcu_read_lock'", "rcu_read_unlock": "write 'rcu_read_unlock'",
    "synchronize_rcu": "write 'synchronize_rcu'", "rcu_barrier": "write 'rcu_barrier'",
    "srcu_read_lock": rcu, "srcu_read_unlock": rcu,
    // Waiting.
    "wait_event_timeout": "write 'let ok = wait_event $1 until $2 timeout 60 uninterruptible'",
    "wait_event_interruptible":
      "write 'let ok = wait_event $1 until $2 timeout 60 interruptible', or without 'timeout 60' to wait for ever",
    "wait_event_interruptible_timeout": "write 'let ok = wait_event $1 until $2 timeout 60 interruptible'",
    "wake_up_all": "write 'wake_up $1 all'", "wake_up_interruptible": "write 'wake_up $1 interruptible'",
    "wake_up_interruptible_all": "write 'wake_up $1 interruptible'",
    "init_waitqueue_head": "leave it out; a new queue has no sleepers",
    "complete": "write 'complete $1'", "complete_all": "write 'complete_all $1'",
    "reinit_completion": "write 'reinit_completion $1'",
    "wait_for_completion": "write 'wait_for_completion $1'",
    "wait_for_completion_timeout": "write 'let ok = wait_for_completion $1 timeout 60'",
    "wait_for_completion_interruptible": "write 'wait_for_completion $1 interruptible'",
    "try_wait_for_completion": "write 'let ok = try_wait_for_completion $1'",
    "completion_done": "write '$1 > 0'", "init_completion": "leave it out; nothing was completed yet",
    // What runs later.
    "INIT_WORK": "declare the field: work: work of FUNCTION",
    "INIT_DELAYED_WORK": "declare the field: work: work of FUNCTION",
    "timer_setup": "declare the field: timer: timer of FUNCTION",
    "queue_work": "write 'queue_work $2'", "schedule_work": "write 'queue_work $1'",
    "queue_delayed_work": "write 'queue_work $2'; when it runs is open",
    "schedule_delayed_work": "write 'queue_work $1'; when it runs is open",
    "mod_delayed_work": "write 'queue_work $2'; when it runs is open",
    "flush_work": "write 'flush_work $1'", "flush_delayed_work": "write 'flush_work $1'",
    "cancel_work": "write 'cancel_work $1'", "cancel_work_sync": "write 'cancel_work_sync $1'",
    "cancel_delayed_work": "write 'cancel_work $1'",
    "cancel_delayed_work_sync": "write 'cancel_work_sync $1'",
    "mod_timer": "write 'mod_timer $1'; when it fires is open",
    "add_timer": "write 'mod_timer $1'; when it fires is open",
    "timer_delete": "write 'timer_delete $1'", "del_timer": "write 'timer_delete $1'",
    "timer_delete_sync": "write 'timer_delete_sync $1'", "del_timer_sync": "write 'timer_delete_sync $1'",
    "msleep": "leave it out; another thread may run at every step anyway",
    "cond_resched": "leave it out; another thread may run at every step anyway",
    "schedule": "leave it out; another thread may run at every step anyway",
    // Lists and tables.
    "list_add_tail": "write 'list_append(LIST, OBJECT)'; an object needs no list_head of its own",
    "list_add": "write 'list_append(LIST, OBJECT)'; an object needs no list_head of its own",
    "list_del": "write 'list_remove(LIST, OBJECT)'; an object needs no list_head of its own",
    "list_del_init": "write 'list_remove(LIST, OBJECT)'; an object needs no list_head of its own",
    "list_empty": "write 'count($1) == 0'", "list_first_entry": "write 'list_first($1)'",
    "list_next_entry": "write 'list_next(LIST, $1)'",
    "list_for_each_entry": each, "list_for_each_entry_safe": each, "xa_for_each": each,
    "hlist_for_each_entry": each,
    "INIT_LIST_HEAD": "leave it out; a new list is empty", "xa_init": "leave it out; a new xarray is empty",
    // Pointers and memory order.
    "container_of": "write '$1 as TYPE'", "READ_ONCE": "write '$1'", "WRITE_ONCE": "write '$1 = $2'",
    "rcu_dereference": "write '$1'",
    "rcu_access_pointer": "write '$1'", "rcu_assign_pointer": "write '$1 = $2'",
    "smp_load_acquire": "write '$1'",
    "smp_store_release": "write '$1 = $2'", "smp_mb": barrier, "smp_wmb": barrier, "smp_rmb": barrier,
    "barrier": barrier,
    "likely": "write '$1'", "unlikely": "write '$1'", "IS_ERR": errors, "PTR_ERR": errors, "ERR_PTR": errors,
    "IS_ERR_OR_NULL": errors,
    // Warnings and messages.
    "WARN_ON": "write 'if warn_on($1) { }', or 'let bad = warn_on($1)' where its value matters",
    "WARN_ON_ONCE": "write 'if warn_on($1) { }', or 'let bad = warn_on($1)' where its value matters",
    "BUG_ON": "write 'if warn_on($1) { }'",
    "WARN": "write 'warn \"text\"'",
    "WARN_ONCE": "write 'warn \"text\"'", "printk": message, "pr_err": message, "pr_warn": message,
    "pr_info": message, "pr_debug": message,
    "dev_err": message, "dev_warn": message, "dev_dbg": message,
  ]

  private static let alloc =
    "write 'let x = try_alloc TYPE { field: value }', which may be null where the scenario says 'faults'; 'alloc' never fails"
  private static let rcu =
    "SRCU is not part of the language; where no reader sleeps rcu_read_lock and synchronize_rcu say the same"
  private static let each =
    "write 'let x = list_first(LIST)', then 'while x != null { … x = list_next(LIST, x) }'; of an xarray use xa_find and xa_load"
  private static let barrier = "leave it out; every step is seen by all threads in one order"
  private static let errors = "return null for an error, or hand the errno back in a result of its own"
  private static let message = "leave it out, or write 'mark \"text\"' for a marker in the timeline"

  /// Words of C with a parenthesis behind them that are no calls.
  static let heads: Set<String> = ["for", "switch", "do"]

  /// Words of C that begin a statement or stand where a value does.
  static let words: [String: String] = [
    "goto": "there is no 'goto'; write the steps that undo once more, or a function that undoes them",
    "for": "there is no 'for'; write 'let i = 0', then 'while i < n { … i += 1 }'",
    "do": "there is no 'do'; write 'loop { … if condition { break } }'",
    "switch": "there is no 'switch'; write 'if … { } else if … { }'",
    "case": "there is no 'switch'; write 'if … { } else if … { }'",
    "elif": "write 'else if'", "elseif": "write 'else if'",
    "else": "'else' stands behind the '}' of its 'if'",
    "struct": "types are declared with 'object'; a variable needs 'let' only: let x = …",
    "static": "leave it out", "inline": "leave it out",
    "sizeof": "objects have no size here; write 'alloc TYPE'",
    "int": "a variable is declared with 'let': let x: int = 0",
    "long": "a variable is declared with 'let': let x: int = 0",
    "unsigned": "a variable is declared with 'let': let x: u64 = 0",
    "u64": "a variable is declared with 'let': let x: u64 = 0",
    "u32": "a variable is declared with 'let': let x: u64 = 0",
    "size_t": "a variable is declared with 'let': let x: u64 = 0",
    "bool": "a variable is declared with 'let': let x: bool = false",
    "void": "leave it out; what returns nothing has no '->'",
    "var": "write 'let'", "auto": "write 'let'", "NULL": "write 'null'", "nullptr": "write 'null'",
    "nil": "write 'null'", "None": "write 'null'",
    "TRUE": "write 'true'", "FALSE": "write 'false'", "current": "write 'thread' for the running thread",
    "INT_MAX": "write the number", "U64_MAX": "write 'ULONG_MAX'", "and": "write '&&'", "or": "write '||'",
    "not": "write '!'",
  ]

  /// Types of C.
  static let types: [String: String] = [
    "void": "leave '-> void' out; what returns nothing has no '->'", "char": "write 'int'",
    "long": "write 'int'", "short": "write 'int'",
    "unsigned": "write 'u64'", "u8": "write 'u64'", "u16": "write 'u64'", "u32": "write 'u64'",
    "s32": "write 'int'", "s64": "write 'int'",
    "size_t": "write 'u64'", "struct": "leave 'struct' out", "string": "texts are no values; write a number",
    "refcount_t": "write 'refcount'",
    "kref": "write 'refcount'", "atomic_t": "write 'refcount' for a counter with holders, else 'int'",
    "spinlock_t": "write 'spinlock'",
    "raw_spinlock_t": "write 'spinlock'", "rwlock_t": "write 'rw_semaphore'",
    "list_head": "write 'list of TYPE' in the object that has the list",
    "wait_queue_head_t": "write 'wait_queue'", "rwsem": "write 'rw_semaphore'",
    "work_struct": "write 'work of FUNCTION'", "delayed_work": "write 'work of FUNCTION'",
    "timer_list": "write 'timer of FUNCTION'",
  ]

  /// Characters of C that the language has no use for.
  static let characters: [String: String] = [
    "?": "there is no '?:'; write 'let x: int = 0', then 'if condition { x = 1 }'",
    "~": "there is no '~'; write the number that is meant",
    "^": "there is no '^'; write the number that is meant", "'": "characters are no values; write a number",
    "\\": "a line goes on after an operator, after a comma and inside parentheses; leave the '\\' out",
    "@": "leave it out",
    "`": "leave it out",
  ]

  /// What to write instead of a call of C, with the call's own arguments; nil when the table has no such function.
  static func call(_ name: String, _ arguments: [String]) -> String? {
    guard var text = calls[name] else { return nil }
    for number in [1, 2] {
      let given = number <= arguments.count ? place(arguments[number - 1]) : number == 1 ? "x" : "y"
      text = text.replacing("$\(number)", with: given)
    }
    return text
  }

  /// An argument of C as a place of the language: without its address sign, and with `.` for `->`.
  static func place(_ text: String) -> String {
    var rest = Substring(text)
    while let first = rest.first, first == "&" || first == "*" || first == " " { rest = rest.dropFirst() }
    return String(rest.replacing("->", with: "."))
  }

  /// `; ` and the sentence, or nothing.
  static func tail(_ sentence: String?) -> String { sentence.map { "; \($0)" } ?? "" }
}
