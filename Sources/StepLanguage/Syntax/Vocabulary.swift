/// A word of the language: what it is, and what it does in a few words.
public struct Word: Hashable, Sendable {
  /// What a word is.
  public enum Role: Hashable, Sendable {
    /// Begins a part of a file.
    case file
    /// Begins an item of a model.
    case item
    /// Begins a part of a scenario.
    case scenario
    /// Says something about a declaration.
    case declaration
    /// Begins a change of a function of the base.
    case change
    /// A type.
    case type
    /// Begins a statement.
    case statement
    /// Takes a lock.
    case acquire(LockMode)
    /// Takes a lock, with the number of its subclass.
    case acquireNested(LockMode)
    /// Releases a lock.
    case release(LockMode)
    /// Tries to take a lock, with a result.
    case tryAcquire(LockMode)
    /// Changes a count.
    case count(RefcountOperation)
    /// Changes a count, with a result.
    case testedCount(RefcountOperation)
    /// Does something with a work or a timer, with a result.
    case work(WorkVerb, isTimer: Bool)
    /// Stands right of `=`, with a result.
    case value
    /// Stands inside a statement or an expression.
    case clause
    /// A constant.
    case constant
    /// A function on containers, numbers and locks.
    case function(Builtin)
  }

  /// The word.
  public let text: String
  /// What it is.
  public let role: Role
  /// What it does.
  public let summary: String
  /// Whether it is shown as a word of the language wherever it stands; others are names in some places.
  public let isReserved: Bool

  init(_ text: String, _ role: Role, _ summary: String, reserved: Bool = true) {
    self.text = text
    self.role = role
    self.summary = summary
    isReserved = reserved
  }
}

/// All words of the language, in one table: the parser, the highlighter, mutation and the manual read it.
public enum Vocabulary {
  /// The words, in the order of the documentation.
  public static let words: [Word] =
    [
      Word("model", .file, "a model", reserved: false),
      Word("revision", .file, "what differs from a base", reserved: false),
      Word("scenario", .file, "threads and what they run", reserved: false),
      // Items.
      Word("source", .item, "where the facts come from", reserved: false),
      Word("const", .item, "a named number; a field that never changes", reserved: false),
      Word("slot", .item, "a table of variables of scripts", reserved: false),
      Word("object", .item, "a type of object"),
      Word("global", .item, "a shared variable", reserved: false),
      Word("ops", .item, "an interface that drivers fill"),
      Word("driver", .item, "what fills it"), Word("init", .item, "what runs before everything"),
      Word("fn", .item, "a function"),
      Word("entry", .item, "a system call"), Word("invariant", .item, "a condition that the model promises"),
      Word("property", .item, "something of the model's own that can be wrong", reserved: false),
      Word("rule", .item, "a rule of the model's contract", reserved: false),
      Word("blame", .item, "which rule a finding breaks", reserved: false),
      Word("lock", .item, "what a kernel calls a lock class", reserved: false),
      Word("trace", .item, "what a kernel's trace shows otherwise", reserved: false),
      Word("workqueue", .item, "how many calls of a queue run at once", reserved: false),
      Word("domain", .item, "the numbers that a sweep tries", reserved: false),
      Word("in", .item, "changes of single statements", reserved: false),
      Word("remove", .item, "takes an item of the base away", reserved: false),
      // Scenarios.
      Word("about", .scenario, "what the scenario is about", reserved: false),
      Word("faults", .scenario, "allocations may fail", reserved: false),
      Word("setup", .scenario, "what T0 runs first", reserved: false),
      Word("finally", .scenario, "what T0 runs last", reserved: false),
      // Changes.
      Word("replace", .change, "other statements in its place", reserved: false),
      Word("before", .change, "statements in front of it", reserved: false),
      Word("after", .change, "statements behind it", reserved: false),
      Word("delete", .change, "the statement is gone", reserved: false),
      Word("head", .change, "another condition", reserved: false),
      Word("first", .change, "statements at the beginning", reserved: false),
      Word("last", .change, "statements at the end", reserved: false),
      // Declarations.
      Word("probe", .declaration, "an event, at entry or as a statement"),
      Word("returns", .declaration, "an event at return"),
      Word("out", .declaration, "a parameter that is stored at the end"),
      Word("inout", .declaration, "one that is read and stored"),
      Word("once", .declaration, "a field that changes once", reserved: false),
      Word("show", .declaration, "a field that the graph shows", reserved: false),
      Word("extends", .declaration, "the type whose fields come first", reserved: false),
      Word("layer", .declaration, "the row of the graph", reserved: false),
      Word("role", .declaration, "the theme's role", reserved: false),
      Word("always", .declaration, "an invariant of every moment", reserved: false),
      Word("quiescent", .declaration, "one of moments without system calls", reserved: false),
      // Types.
      Word("int", .type, "a signed number", reserved: false),
      Word("u64", .type, "an unsigned number", reserved: false),
      Word("bool", .type, "true or false", reserved: false),
      Word("errno", .type, "0 or a negative errno", reserved: false),
      Word("any", .type, "a reference to any object", reserved: false),
      Word("mutex", .type, "a lock that sleeps", reserved: false),
      Word("rw_semaphore", .type, "one with readers", reserved: false),
      Word("spinlock", .type, "one that does not sleep", reserved: false),
      Word("refcount", .type, "a count whose units have holders", reserved: false),
      Word("wait_queue", .type, "sleepers", reserved: false),
      Word("xarray", .type, "objects by index", reserved: false),
      Word("list", .type, "objects in order", reserved: false),
      Word("interval_map", .type, "objects by range", reserved: false),
      Word("work", .type, "a call that runs later", reserved: false),
      Word("timer", .type, "one that may not sleep", reserved: false),
      Word("completion", .type, "something to wait for", reserved: false),
      Word("flag", .type, "a parameter that is its own name", reserved: false),
      // Statements.
      Word("let", .statement, "declares a variable"),
      Word("if", .statement, "runs a block when a condition holds"),
      Word("while", .statement, "runs a block as long as it holds"),
      Word("loop", .statement, "runs a block for ever"),
      Word("break", .statement, "leaves a loop"), Word("continue", .statement, "begins its next round"),
      Word("return", .statement, "leaves the function"), Word("free", .statement, "frees an object"),
      Word("wake_up", .statement, "wakes sleepers"),
      Word("task_work", .statement, "a call when the system call returns"),
      Word("rcu_read_lock", .statement, "begins a read-side section of RCU"),
      Word("rcu_read_unlock", .statement, "ends it"),
      Word("synchronize_rcu", .statement, "waits for the readers that are there"),
      Word("rcu_barrier", .statement, "waits for the callbacks that are queued"),
      Word("call_rcu", .statement, "a call after a grace period"),
      Word("kfree_rcu", .statement, "frees an object after a grace period"),
      Word("complete", .statement, "lets one waiter go on", reserved: false),
      Word("complete_all", .statement, "lets all go on", reserved: false),
      Word("reinit_completion", .statement, "lets waiters wait again"),
      Word("check", .statement, "reports a property when false"),
      Word("warn", .statement, "reports a warning"),
      Word("mark", .statement, "a marker in the timeline"),
      Word("mutex_lock", .acquire(.exclusive), "takes a mutex"),
      Word("mutex_unlock", .release(.exclusive), "releases it"),
      Word("down_read", .acquire(.read), "takes an rw_semaphore for reading"),
      Word("up_read", .release(.read), "releases it"),
      Word("down_write", .acquire(.write), "takes one for writing"),
      Word("up_write", .release(.write), "releases it"),
      Word("spin_lock", .acquire(.spin), "takes a spinlock"),
      Word("spin_unlock", .release(.spin), "releases it"),
      Word("mutex_lock_nested", .acquireNested(.exclusive), "takes a mutex of a subclass"),
      Word("down_read_nested", .acquireNested(.read), "the same for reading"),
      Word("down_write_nested", .acquireNested(.write), "the same for writing"),
      Word("spin_lock_nested", .acquireNested(.spin), "takes a spinlock of a subclass"),
      Word("assert_held", .statement, "the running thread holds the lock"),
      Word("ref_set", .count(.set), "gives a count its first units"),
      Word("ref_inc", .count(.increment), "one unit more"),
      Word("ref_dec", .count(.decrement), "one less; zero is a mistake"),
      Word("count_inc", .count(.countUp), "one more of a plain counter"),
      Word("count_dec", .count(.countDown), "one less of it"),
      Word("ref_move", .statement, "hands a unit on"),
      // Values.
      Word("mutex_trylock", .tryAcquire(.exclusive), "takes a mutex if it is free"),
      Word("down_read_trylock", .tryAcquire(.read), "the same for reading"),
      Word("down_write_trylock", .tryAcquire(.write), "the same for writing"),
      Word("ref_inc_not_zero", .testedCount(.incrementNotZero), "one more unless it is zero"),
      Word("ref_dec_and_test", .testedCount(.decrementAndTest), "one less; true at zero"),
      Word("ref_dec_if_one", .testedCount(.decrementIfOne), "from one to zero only"),
      Word("alloc", .value, "makes an object"), Word("try_alloc", .value, "makes one, or fails"),
      Word("queue_work", .work(.queue, isTimer: false), "queues a work; true unless it was queued"),
      Word("flush_work", .work(.flush, isTimer: false), "waits until it is over; true when it had to"),
      Word("cancel_work", .work(.cancel, isTimer: false), "takes it back; true when it was queued"),
      Word("cancel_work_sync", .work(.cancelSync, isTimer: false), "takes it back and waits"),
      Word("mod_timer", .work(.queue, isTimer: true), "starts a timer; true when it ran already"),
      Word("timer_delete", .work(.cancel, isTimer: true), "stops it; true when it ran"),
      Word("timer_delete_sync", .work(.cancelSync, isTimer: true), "stops it and waits for its handler"),
      Word("wait_for_completion", .value, "sleeps until completed"),
      Word("try_wait_for_completion", .value, "takes a completion if there is one"),
      Word("xchg", .value, "stores a value, gives the old one"),
      Word("cmpxchg", .value, "stores a value in place of another one"),
      Word("add_return", .value, "adds a number, gives the sum"),
      Word("choose", .value, "goes every way"),
      Word("wait_event", .value, "sleeps until a condition holds"),
      // Clauses.
      Word("else", .clause, "what runs when it does not hold"),
      Word("is", .clause, "asks for an object's type"), Word("as", .clause, "takes it for one"),
      Word("by", .clause, "who holds the unit"), Word("from", .clause, "who held it"),
      Word("to", .clause, "who holds it then"),
      Word("until", .clause, "the condition of a wait"), Word("timeout", .clause, "its time"),
      Word("interruptible", .clause, "woken by every wake-up"),
      Word("uninterruptible", .clause, "woken by `all` only"),
      Word("all", .clause, "wakes both kinds"), Word("warn_on", .clause, "reports a warning when true"),
      Word("thread", .clause, "the running thread; a thread of a scenario"),
      Word("result", .clause, "what a function returns"),
      // Constants.
      Word("true", .constant, "1"), Word("false", .constant, "0"), Word("null", .constant, "no object"),
      Word("ULONG_MAX", .constant, "2^64 - 1"),
    ] + Builtin.allCases.map { Word($0.rawValue, .function($0), "a function", reserved: false) }

  private static let byText = Dictionary(words.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })

  /// The word of that text.
  public static func word(_ text: String) -> Word? { byText[text] }

  /// The texts of the words whose role fits.
  static func texts(_ fits: (Word.Role) -> Bool) -> Set<String> {
    Set(words.filter { fits($0.role) }.map(\.text))
  }

  /// For each word whose role gives something, what it gives.
  static func values<Value>(_ value: (Word.Role) -> Value?) -> [String: Value] {
    var result: [String: Value] = [:]
    for word in words {
      if let given = value(word.role) { result[word.text] = given }
    }
    return result
  }

  /// Whether a word deals with a lock.
  public static func isAboutLocks(_ word: Word) -> Bool {
    switch word.role {
    case .acquire, .acquireNested, .release, .tryAcquire: true
    default: word.text == "assert_held"
    }
  }

  /// The words as a Markdown table, those of a role in one row.
  public static var markdown: String {
    func row(_ name: String, _ fits: (Word.Role) -> Bool) -> String {
      let texts = words.filter { fits($0.role) }.map { "`\($0.text)`" }
      return "| \(name) | \(texts.joined(separator: " ")) |"
    }
    return [
      "| words | |", "| --- | --- |", row("parts of a file", { $0 == .file }), row("items", { $0 == .item }),
      row("parts of a scenario", { $0 == .scenario }), row("changes of a revision", { $0 == .change }),
      row("declarations", { $0 == .declaration }), row("types", { $0 == .type }),
      row("statements", { $0 == .statement }),
      row(
        "locks",
        {
          switch $0 {
          case .acquire, .acquireNested, .release, .tryAcquire: true
          default: false
          }
        }),
      row(
        "counts",
        {
          switch $0 {
          case .count, .testedCount: true
          default: false
          }
        }),
      row(
        "works and timers",
        {
          if case .work = $0 { true } else { false }
        }), row("right of `=`", { $0 == .value }),
      row("inside of statements and expressions", { $0 == .clause }),
      row("constants", { $0 == .constant }),
      row(
        "functions",
        {
          if case .function = $0 { true } else { false }
        }),
    ].joined(separator: "\n")
  }
}
