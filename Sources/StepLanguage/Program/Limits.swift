import Basics

/// A bound of a text: what a model, scenario or script may have at most.
public struct Limit: Hashable, Sendable {
  /// What is counted, such as `parameters of a function`.
  public let name: String
  /// How many there may be.
  public let number: Int
  /// What to do instead.
  public let remedy: String

  init(_ name: String, _ number: Int, _ remedy: String) {
    self.name = name
    self.number = number
    self.remedy = remedy
  }

  /// What a diagnostic says where there are more.
  public var message: String { "more than \(number) \(name); \(remedy)" }
}

/// All bounds of texts in one place: far above what a person writes, and low enough that no text, however made, exhausts the stack or the
/// memory, or takes minutes to compile.
public enum Limits {
  /// Larger texts are not read.
  public static let textBytes = Limit("bytes in a text", 4 << 20, "cut it into several files")
  /// Models and scenarios that stand in one text.
  public static let members = Limit("models and scenarios in a text", 1_000, "cut it into several files")
  /// Blocks, `else if`, parentheses and signs inside one another.
  public static let nesting = Limit(
    "levels of nesting", 64, "use a function, or give a part a name with 'let'")
  /// Operators, fields and values in one expression.
  public static let expressionParts = Limit(
    "parts in an expression", 512, "give a part of it a name with 'let'")
  /// Items of a model, those of its bases not counted.
  public static let items = Limit("items in a model", 10_000, "cut it into a model and revisions")
  /// Models that revise one another.
  public static let bases = Limit("revisions on top of one another", 64, "join some of them")
  /// The header of an object has 16 bits for its type.
  public static let types = Limit("object types", 4_096, "join types that are alike")
  /// Types that extend one another.
  public static let extending = Limit("types that extend one another", 16, "put the fields into one type")
  /// Fields of an object, inherited ones included.
  public static let fields = Limit(
    "fields in an object", 4_096, "put some of them into an object of their own")
  /// The header of an object has 16 bits for its size.
  public static let objectWords = Limit(
    "words in an object", 65_535, "put some fields into an object of their own")
  /// Locks that are kept apart in the lock order.
  public static let lockClasses = Limit("lock classes", 4_096, "join types that are alike")
  /// Functions, entries and invariants.
  public static let functions = Limit("functions", 4_096, "leave out what no scenario calls")
  /// What a script can start.
  public static let entries = Limit("entries", 1_024, "leave out what no scenario calls")
  /// The rooms for what a call hands over.
  public static let parameters = Limit(
    "parameters or arguments", 32, "hand over an object that holds them")
  /// Named variables and parameters of one function, and places for the results of calls.
  public static let locals = Limit("variables in a function", 512, "cut it into two functions")
  /// Statements of one function.
  public static let statements = Limit("statements in a function", 4_096, "cut it into two functions")
  /// Words of a thread's stack where calls are deepest.
  public static let stackWords = Limit("words in the deepest chain of calls", 16_384, "call less deeply")
  /// Slot tables.
  public static let slotTables = Limit("slot tables", 64, "let one table hold several kinds of values")
  /// Members of an ops type, and drivers.
  public static let drivers = Limit("drivers, ops types, or members of one", 1_024, "leave some out")
  /// Rows of the graph.
  public static let layers = Limit("as the number of a layer", 63, "use 0 for the top row")
  /// Seconds of a timeout.
  public static let seconds = Limit("seconds in a timeout", 1_000_000, "use fewer")
  /// Ways of a `choose`.
  public static let choices = Limit("ways to choose among", 16, "choose twice")
  /// Threads beside T0, which runs set-up and what comes finally; a lock counts its readers in the bits of one word.
  public static let threads = Limit("threads beside T0", 61, "use fewer")
  /// Operations of one thread.
  public static let operations = Limit("operations in a thread", 10_000, "use fewer, or a loop in an entry")

  /// Subclasses of a lock class (Linux, MAX_LOCKDEP_SUBCLASSES).
  public static let lockSubclasses = Limit("subclasses of a lock class", 8, "number them from 0 to 7")

  /// Contexts that run the calls of a queue.
  public static let workers = Limit("workers of a workqueue", 16, "let fewer calls run at the same time")

  // What a run may come to.

  /// What a thread looks at without an action must be kept in the state until its next action.
  public static let rides = Limit(
    "objects looked at in one step by fields that never change", RuntimeLimits.rides,
    "take 'const' off a field")
  /// Words of a state's heap.
  public static let heapWords = Limit(
    "words of memory in a state", RuntimeLimits.heapWords, "free what is not needed, or make fewer objects")
  /// An object's number among its type has 16 bits.
  public static let objectsOfType = Limit(
    "objects of one type in a state", RuntimeLimits.objectsOfType, "free what is not needed, or make fewer")
  /// The list of a thread's held locks.
  public static let heldLocks = Limit(
    "locks held by one thread", RuntimeLimits.heldLocks, "give some back first")

  /// All of them, in the order of the documentation.
  public static let all: [Limit] = [
    textBytes, members, nesting, expressionParts, items, bases, types, extending, fields, objectWords,
    lockClasses,
    functions, entries, parameters, locals, statements, stackWords, slotTables, drivers, layers,
    seconds,
    choices, threads, operations, lockSubclasses, workers, rides, heapWords, objectsOfType, heldLocks,
  ]

  /// The limits as a Markdown table.
  public static var markdown: String {
    (["| at most | of what | what to do instead |", "| ---: | --- | --- |"]
      + all.map { "| \($0.number) | \($0.name) | \($0.remedy) |" }).joined(separator: "\n")
  }
}

/// The bounds of a run as plain numbers, since the machine looks at them at each step.
public enum RuntimeLimits {
  /// See `Limits.rides`.
  @inlinable public static var rides: Int { 16 }
  /// See `Limits.heapWords`.
  @inlinable public static var heapWords: Int { 1 << 22 }
  /// See `Limits.objectsOfType`.
  @inlinable public static var objectsOfType: Int { 0xffff }
  /// See `Limits.heldLocks`.
  @inlinable public static var heldLocks: Int { 12 }
  /// A timeout of that many seconds, a day, or more counts as none: nobody waits for it.
  public static let longestTimeout: Int64 = 86_400
}
