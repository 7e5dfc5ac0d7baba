/// What a kernel printed about something that went wrong, as far as it was understood.
public struct KernelReport: Hashable, Sendable {
  /// What went wrong.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// KASAN, or a refcount's own message.
    case useAfterFree = "use-after-free"
    /// KASAN.
    case doubleFree = "double-free"
    /// A null pointer was followed.
    case nullDereference = "null-dereference"
    /// refcount_t: more units were given back than taken.
    case refcountUnderflow = "refcount-underflow"
    /// refcount_t: a unit was taken of a count at zero.
    case refcountResurrect = "refcount-resurrect"
    /// A list's links do not fit.
    case listCorruption = "list-corruption"
    /// WARN_ON.
    case warning = "warning"
    /// lockdep: a circle of lock classes.
    case circularLocking = "circular-locking"
    /// lockdep: a lock of a class is taken inside of one.
    case recursiveLocking = "recursive-locking"
    /// A task that has waited too long.
    case hungTask = "hung-task"

    /// The properties of models that such a report may be.
    public var properties: [String] {
      switch self {
      case .useAfterFree: ["use-after-free"]
      case .doubleFree: ["double-free", "use-after-free"]
      case .nullDereference: ["null-dereference"]
      case .refcountUnderflow: ["refcount-underflow", "use-after-free", "double-free"]
      case .refcountResurrect: ["refcount-resurrect", "use-after-free"]
      case .listCorruption: ["use-after-free", "double-free", "warn"]
      case .warning: ["warn", "invariant", "refcount-underflow", "refcount-resurrect"]
      case .circularLocking: ["lock-order", "deadlock"]
      case .recursiveLocking: ["self-deadlock", "lock-order"]
      case .hungTask: ["deadlock", "lost-wakeup", "self-deadlock", "livelock"]
      }
    }

    /// What it is, in words.
    public var title: String {
      switch self {
      case .useAfterFree: "a use after free"
      case .doubleFree: "a double free"
      case .nullDereference: "a null pointer that is followed"
      case .refcountUnderflow: "a count that falls below zero"
      case .refcountResurrect: "a unit taken of a count at zero"
      case .listCorruption: "a list whose links do not fit"
      case .warning: "a warning"
      case .circularLocking: "locks that are taken in a circle"
      case .recursiveLocking: "a lock that is taken inside one of its class"
      case .hungTask: "a task that waits too long"
      }
    }
  }

  /// What a stack of the report shows.
  public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Where it went wrong.
    case access
    /// Who made the object.
    case allocation
    /// Who freed it.
    case free
    /// Another task, or another link of a chain of locks.
    case other
  }

  /// A stack.
  public struct Stack: Hashable, Sendable {
    /// What it shows.
    public var role: Role
    /// The functions, the innermost first; those that the unwinder was not sure of are left out.
    public var functions: [String]
  }

  /// What went wrong; nil when the text does not say so in a way that is known.
  public var kind: Kind?
  /// The function that the headline names; empty when it names none.
  public var function = ""
  /// The stacks, in the order of the text.
  public var stacks: [Stack] = []
  /// The lock classes that it names, in the order of the text.
  public var locks: [String] = []

  /// Nothing understood.
  public init() {}

  /// The functions of a role, the innermost first, each once.
  public func functions(_ role: Role) -> [String] {
    var seen: Set<String> = []
    let named = role == .access && !function.isEmpty ? [function] : []
    return (named + stacks.filter { $0.role == role }.flatMap(\.functions)).filter {
      seen.insert($0).inserted
    }
  }
}
