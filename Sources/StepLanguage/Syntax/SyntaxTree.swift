/// A name with its place.
struct Identifier: Hashable, Sendable {
  var text: String
  var span: Span
}

/// What a file of the language holds.
struct SyntaxFile: Sendable {
  var models: [ModelSyntax] = []
  var scenarios: [ScenarioSyntax] = []
}

struct ModelSyntax: Sendable {
  var name: Identifier
  var base: Identifier?
  var title: String
  var items: [ItemSyntax]
}

struct ItemSyntax: Sendable {
  var span: Span
  var documentation: String
  var kind: Kind
  /// Whether the model that is compiled has it from a base.
  var isInherited = false

  enum Kind: Sendable {
    case source(String)
    case constant(Identifier, Expression)
    case slot(SlotSyntax)
    case object(ObjectSyntax)
    case global(FieldSyntax)
    case ops(OpsSyntax)
    case driver(DriverSyntax)
    case initial(Block)
    case function(FunctionSyntax)
    case invariant(InvariantSyntax)
    case property(Identifier, String)
    case rule(RuleSyntax)
    case blame(BlameSyntax)
    case lock(LockSyntax)
    case trace(TraceSyntax)
    case workqueue(WorkQueueSyntax)
    case domain(DomainSyntax)
    case patch(PatchSyntax)
    case remove(Identifier)
  }

  /// What an item of a revision must share with one of its base to replace it.
  var key: String {
    switch kind {
    case .source: "source"
    case .constant(let name, _): "const \(name.text)"
    case .slot(let slot): "slot \(slot.name.text)"
    case .object(let object): "object \(object.name.text)"
    case .global(let field): "global \(field.name.text)"
    case .ops(let ops): "ops \(ops.name.text)"
    case .driver(let driver): "driver \(driver.name.text)"
    case .initial: "init"
    case .function(let function): "\(function.isEntry ? "entry" : "fn") \(function.name.text)"
    case .invariant(let invariant): "invariant \(invariant.name.text)"
    case .property(let name, _): "property \(name.text)"
    case .rule(let rule): "rule \(rule.name.text)"
    case .blame(let blame): "blame \(blame.properties.map(\.text).joined(separator: ",")) \(blame.start)"
    case .lock(let lock): "lock \(lock.place.parts.map(\.text).joined(separator: "."))"
    case .trace(let trace): "trace \(trace.isNull ? "null" : "inside") \(trace.name.text)"
    case .workqueue(let queue): "workqueue \(queue.name.text)"
    case .domain(let domain): "domain \(domain.names.map(\.text).joined(separator: ","))"
    case .patch(let patch): "in \(patch.target)"
    case .remove(let name): "remove \(name.text)"
    }
  }

  /// The name that `remove` would use.
  var name: String? {
    let words = key.split(separator: " ", maxSplits: 1)
    return words.count == 2 ? String(words[1]) : nil
  }
}

struct SlotSyntax: Sendable {
  var name: Identifier
  var letter: String
  /// Nil for a slot that only names others.
  var initial: Expression?
  /// The slots of which a word of this one may be any.
  var members: [Identifier] = []
  var title: String
}

/// The values of number parameters that are worth trying.
struct DomainSyntax: Sendable {
  /// The parameters whose values go together.
  var names: [Identifier]
  /// For each choice a value for each name.
  var tuples: [[Expression]]
  var title: String
}

struct FieldSyntax: Sendable {
  var name: Identifier
  var type: TypeSyntax
  var isConstant: Bool
  var isShown: Bool
  var isSetOnce = false
}

struct ObjectSyntax: Sendable {
  var name: Identifier
  var base: Identifier?
  var short: String
  var layer: Int
  var role: String
  var fields: [FieldSyntax]
}

struct TypeSyntax: Sendable {
  var span: Span
  var kind: Kind

  enum Kind: Hashable, Sendable {
    case named(String)
    case xarray(String, from: Int64)
    case list(String)
    case intervalMap(String)
    /// A call of that function that runs later; nil for the queue of its kind.
    case work(Identifier, queue: Identifier?)
    case timer(Identifier)

    /// A number that is no errno.
    var isNumber: Bool { self == .named("int") || self == .named("u64") }
  }
}

struct OpsSyntax: Sendable {
  var name: Identifier
  var functions: [OpsFunctionSyntax]
  var values: [(name: Identifier, type: TypeSyntax)]
}

struct OpsFunctionSyntax: Sendable {
  var name: Identifier
  var parameters: [ParameterSyntax]
  var result: TypeSyntax?
}

struct DriverSyntax: Sendable {
  var name: Identifier
  var ops: Identifier
  var title: String
  var members: [(name: Identifier, value: Expression)]
}

struct ParameterSyntax: Sendable {
  enum Direction: Hashable, Sendable { case input, output, both }
  var name: Identifier
  var type: TypeSyntax
  var direction: Direction = .input
  /// For an entry's parameter that has no word of its own in the line.
  var from: Identifier?
  /// For an entry's parameter that a line may leave out: what it is then.
  var absent: Expression?
}

struct FunctionSyntax: Sendable {
  var name: Identifier
  var parameters: [ParameterSyntax]
  var result: TypeSyntax?
  var isEntry: Bool
  var title: String
  var probes: [ProbeSyntax]
  var returns: [ProbeSyntax]
  var body: Block
  /// Where revisions change single statements of it.
  var patches: [Span] = []
}

struct ProbeSyntax: Sendable {
  var name: Identifier
  var arguments: [(name: String, value: Expression)]
}

struct InvariantSyntax: Sendable {
  var name: Identifier
  var title: String
  var property: Identifier?
  var isQuiescent: Bool
  var variable: (name: Identifier, type: Identifier)?
  var body: Body

  enum Body: Sendable {
    case condition(Expression)
    /// Statements that only look, and return true or false.
    case statements(Block)
  }
}

/// Changes of single statements in a function of the base.
struct PatchSyntax: Sendable {
  /// `fn` or `entry`.
  var kind: String
  var name: Identifier
  var edits: [Edit]

  var target: String { "\(kind) \(name.text)" }

  struct Edit: Sendable {
    enum Kind: Sendable {
      case replace(Block)
      case before(Block)
      case after(Block)
      case delete
      /// Another condition; true for `while`.
      case head(isWhile: Bool, Expression)
      case first(Block)
      case last(Block)
    }

    var kind: Kind
    /// The text of the base's statement; nil for `first` and `last`.
    var text: Identifier?
    /// The how-manieth of equal statements, from 1; nil: there is one only.
    var number: Int?
    var span: Span
  }
}

/// A rule of a model's contract.
struct RuleSyntax: Sendable {
  var name: Identifier
  var owner: String?
  var sentence: String
}

/// Which rules a finding breaks, in the steps that led to it.
struct BlameSyntax: Sendable {
  var properties: [Identifier]
  /// How the finding's message begins.
  var start: String
  var cases: [Case]

  struct Case: Sendable {
    var conditions: [Blame.Condition]
    /// `same`, or the names of rules.
    var rules: [Identifier]
    /// For each of them the part of its sentence that is broken; nil for the whole.
    var parts: [Identifier?]
  }
}

/// What a kernel calls a lock class, and in which order locks of the class may be nested.
struct LockSyntax: Sendable {
  var place: Place
  var lockdep: String?
  var isShared = false
  var nestsBy: Identifier?
}

/// A queue of calls that run later.
struct WorkQueueSyntax: Sendable {
  var name: Identifier
  var isOrdered: Bool
  /// Nil: one.
  var workers: Int?
}

/// What a kernel's trace shows otherwise than the model.
struct TraceSyntax: Sendable {
  /// Whether it says what stands for null in a probe; else that an argument points into its object.
  var isNull: Bool
  var name: Identifier
  var value: Expression?
}

struct Block: Sendable {
  var statements: [Statement]
  /// The closing brace.
  var end: Span
}

struct Statement: Sendable {
  var span: Span
  var kind: Kind

  indirect enum Kind: Sendable {
    case declare(Identifier, TypeSyntax?, Value)
    case assign(Place, AssignOperator, Value)
    case call(Call)
    case conditional(Expression, Block, Block?)
    case whileLoop(Expression, Block)
    case loop(Block)
    case breakLoop
    case continueLoop
    case returnValue(Value?)
    /// Takes a lock; the subclass is what lockdep tells nested locks of one class apart by.
    case acquire(LockMode, Place, subclass: Expression? = nil)
    case release(LockMode, Place)
    case assertHeld(Place)
    case refcount(RefcountOperation, Place, Expression?, Holder)
    case move(Place, from: Holder, to: Holder)
    case free(Expression)
    case wake(Place, all: Bool)
    case taskWork(Identifier, Expression)
    /// Begins or ends a read-side section of RCU.
    case rcuRead(isLock: Bool)
    /// Waits for a grace period, or for all callbacks.
    case synchronize(isBarrier: Bool)
    /// Calls a function after a grace period; without one it frees the object.
    case callRCU(Identifier?, Expression)
    case complete(Place, all: Bool)
    case reinit(Place)
    case check(Identifier, Expression, String)
    case warn(String)
    case probe(ProbeSyntax)
    case mark(String)
  }
}

enum AssignOperator: Hashable, Sendable {
  case set, add, subtract
  /// `init x.f = v`: a const field of an object that nobody else knows yet.
  case initialize
}

/// How a lock is taken.
public enum LockMode: Int, Hashable, Sendable {
  /// A mutex, or a spinlock: one thread.
  case exclusive
  /// An rw_semaphore for reading.
  case read
  /// An rw_semaphore for writing.
  case write
  /// A spinlock; the holder may not sleep.
  case spin
}

/// An operation on a refcount, after the kernel's `refcount_*` functions.
public enum RefcountOperation: Int, Hashable, Sendable {
  /// `refcount_set`
  case set
  /// `refcount_inc`
  case increment
  /// `refcount_dec`, for which reaching zero is a mistake
  case decrement
  /// `refcount_inc_not_zero`
  case incrementNotZero
  /// `refcount_dec_and_test`
  case decrementAndTest
  /// `refcount_dec_if_one`
  case decrementIfOne
  /// One more of a plain counter, which may have rested at zero
  case countUp
  /// One less of a plain counter, which may come to rest at zero
  case countDown
}

struct Holder: Sendable {
  var span: Span
  /// Nil: a word only.
  var owner: Expression?
  var word: String
}

struct Call: Sendable {
  var span: Span
  /// The ops pointer, when the call goes through a driver's table.
  var target: Expression?
  var name: Identifier
  var arguments: [Expression]
}

struct Value: Sendable {
  var span: Span
  var kind: Kind

  indirect enum Kind: Sendable {
    case expression(Expression)
    case call(Call)
    case allocate(Identifier, [(name: Identifier, value: Expression)], fallible: Bool)
    case tryAcquire(LockMode, Place)
    case refcount(RefcountOperation, Place, Holder)
    /// Without seconds the wait has no timeout.
    case waitEvent(Place, until: Expression, seconds: Int64?, interruptible: Bool)
    case choose(Int64)
    case work(WorkVerb, Place, isTimer: Bool)
    /// Without seconds the wait has no timeout.
    case waitCompletion(Place, seconds: Int64?, interruptible: Bool)
    case tryCompletion(Place)
    /// Stores a value, gives the old one.
    case exchange(Place, Expression)
    /// Stores the second value when the first is there; gives what was there.
    case compareExchange(Place, Expression, Expression)
    /// Adds a number, gives the sum.
    case addReturn(Place, Expression)
  }
}

/// What a statement does with a work or a timer.
public enum WorkVerb: Hashable, Sendable {
  /// Queues it.
  case queue
  /// Waits until it is over.
  case flush
  /// Takes it back if it has not begun.
  case cancel
  /// The same, and waits until it is over.
  case cancelSync
}

struct Place: Sendable {
  var parts: [Identifier]
  var span: Span
}

struct Expression: Sendable {
  var span: Span
  var kind: Kind

  indirect enum Kind: Sendable {
    case number(Int64)
    case unsigned(Int64)
    case boolean(Bool)
    case null
    case thread
    case result
    case name(String)
    case field(Expression, Identifier)
    case member(Expression, Identifier)
    case unary(String, Expression)
    case binary(String, Expression, Expression)
    case isType(Expression, Identifier)
    case asType(Expression, Identifier)
    case function(Identifier, [Expression])
    case warnOn(Expression)
  }
}

struct ScenarioSyntax: Sendable {
  var name: Identifier
  var title: String
  var about: String
  var models: [Identifier]
  var faults: Bool
  var setup: [OperationLine]
  var threads: [(name: Identifier, lines: [OperationLine])]
  var finally: [OperationLine]
}

/// A line of an operation script: its words and where they stand.
public struct OperationLine: Hashable, Sendable {
  /// A word of the line.
  public struct Word: Hashable, Sendable {
    /// The word as written.
    public var text: String
    /// Where it stands.
    public var span: Span
  }

  /// The operation's name, then its arguments.
  public var words: [Word]
  /// The whole line.
  public var span: Span
  /// What it may return, of what stands behind ` = `; anything when empty.
  public var expectations: [Expectation] = []
}
