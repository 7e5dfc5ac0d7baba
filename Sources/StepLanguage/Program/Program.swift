/// A compiled model: what the machine runs, the source panel shows, the checker searches and the exporters write.
public struct Program: Sendable {
  /// The model's name, such as `linux-6.12`.
  public internal(set) var name: String
  /// The model's heading.
  public internal(set) var title: String
  /// The names of the models that this one revises, nearest first.
  public internal(set) var bases: [String] = []
  /// The texts that its statements come from.
  public internal(set) var sources: [SourceFile]
  /// The text that holds the model itself, as an index of `sources`.
  public internal(set) var sourceIndex = 0
  /// What is no mistake in the model's text but may surprise.
  public internal(set) var notes: [Diagnostic] = []
  /// Whether a user named the model's file by its path, so that its name alone does not lead to it.
  public internal(set) var isOwnFile = false
  /// What was left out of functions from C, and what was assumed about them; to be said with every verdict.
  public internal(set) var assumptions: [String] = []
  /// Checks of the model that a translation left out: where there are some, nothing is said to hold.
  public internal(set) var leftOutChecks: [String] = []
  /// Object types; the first four are the machine's own.
  public internal(set) var types: [ObjectType] = ObjectType.builtIn
  /// All functions, entries included.
  public internal(set) var functions: [Function] = []
  /// What a script or a user can start, in the order of the text.
  public internal(set) var entries: [Entry] = []
  /// The tables of shared variables of scripts.
  public internal(set) var slots: [SlotTable] = []
  /// Driver interfaces.
  public internal(set) var ops: [OpsType] = []
  /// Drivers; the value of an ops field is an index here plus one.
  public internal(set) var drivers: [Driver] = []
  /// Lock classes, in lockdep's sense: one for each lock field of a type.
  public internal(set) var lockClasses: [LockClass] = []
  /// All statements: the scheduling points, those that ride along with the step before them, and calls.
  public internal(set) var statements: [StatementInfo] = []
  /// For the address of a call the statement that it stands in; not each of them is a scheduling point.
  public internal(set) var callSites: [Int: Int] = [:]
  /// Instructions of all functions.
  public internal(set) var code: [Instruction] = [Instruction(.finishEntry)]
  /// For each address of the code the statement that the instruction belongs to; -1 for none.
  public internal(set) var places: [Int32] = [-1]
  /// Sets of locals by their numbers, in rising order; set 0 is empty.
  public internal(set) var localSets: [[Int]] = [[]]
  /// For each address of the code a set of locals: those that the machine clears when a thread comes to rest at a `step`, calls, or leaves a
  /// system call there, because nothing reads them any more.
  public internal(set) var clearedLocals: [Int] = [0]
  /// For each address of the code a set of locals: all those that nothing reads any more when a thread rests there.
  public internal(set) var deadLocals: [Int] = [0]
  /// Values of `constant` instructions.
  public internal(set) var constants: [Int64] = []
  /// Words and messages.
  public internal(set) var strings: [String] = [""]
  /// Probes.
  public internal(set) var probes: [Probe] = []
  /// The queues of calls that run later, those that something is put into.
  public internal(set) var queues: [WorkQueue] = []
  /// What can be wrong: the machine's own properties, then those that the model declares.
  public internal(set) var properties: [Property] = Property.machine
  /// The rules of the model's contract, in the order of the text.
  public internal(set) var rules: [Rule] = []
  /// Which rules a finding breaks.
  public internal(set) var blames: [Blame] = []
  /// The numbers that are worth trying for parameters of entries.
  public internal(set) var domains: [Domain] = []
  /// What a kernel's trace shows otherwise than the model.
  public internal(set) var trace = TraceForm()
  /// The model's invariants.
  public internal(set) var invariants: [Invariant] = []
  /// Conditions that were added to the compiled model, to be evaluated on demand.
  public internal(set) var watches: [Watch] = []
  /// What the program was compiled from, so that conditions can be added.
  var items: [ItemSyntax] = []
  /// Whether statements that only look are scheduling points, too; see `Library`.
  var looksAreSteps = false
  /// The function that `init` became.
  public internal(set) var initialFunction: Int?
  /// How many words the deepest chain of calls needs.
  public internal(set) var stackWords = 0
  /// How many temporaries one step needs at most.
  public internal(set) var temporaryCount = 0

  /// Words that a frame needs besides its locals: return address, caller's frame, result's local, function.
  public static let frameHeader = 4
  /// How many variables a slot table has.
  public static let slotCount = 64

  /// The property of that name; nil when neither the machine nor the model has it.
  public func property(named name: String) -> Property? {
    properties.first { $0.rawValue == name }
  }

  /// The entry of that name.
  public func entry(named name: String) -> Int? {
    entries.firstIndex { $0.name == name }
  }

  /// The function of that name.
  public func function(named name: String) -> Int? {
    functions.firstIndex { $0.name == name && !$0.isEntry }
  }

  /// The queue of callbacks of RCU; nil when nothing waits for a grace period.
  public var rcuQueue: Int? { queues.firstIndex { $0.kind == .rcu } }

  /// Where the readers of RCU are noted in the globals, and as which lock class; nil when there are none.
  public var rcuReaders: (offset: Int, lockClass: Int)? {
    for field in types[ObjectType.globals].fields {
      if case .rwSemaphore(let lockClass) = field.type, lockClasses[lockClass].kind == .rcu {
        return (field.offset, lockClass)
      }
    }
    return nil
  }

  /// The object type of that name.
  public func type(named name: String) -> Int? {
    types.firstIndex { $0.name == name }
  }

  /// Whether `type` is `base` or extends it.
  public func type(_ type: Int, isA base: Int) -> Bool {
    var candidate: Int? = type
    while let here = candidate {
      if here == base { return true }
      candidate = types[here].base
    }
    return false
  }

  /// The place of a statement as `file:line`.
  public func location(of statement: Int) -> String {
    let span = statements[statement].span
    let source = sources[span.file]
    return "\(source.name):\(source.line(at: span.start))"
  }

  /// Whether a thread can rest before a statement.
  public func isSchedulingPoint(_ statement: Int) -> Bool { statements[statement].kind != .ridesAlong }

  /// The statement that an instruction belongs to; nil when it belongs to none.
  public func statement(at address: Int) -> Int? {
    guard places.indices.contains(address), places[address] >= 0 else { return nil }
    return Int(places[address])
  }

  /// The stretch of a text in which a statement stands: its function, or the changes that a revision makes to it.
  public func home(of statement: Int) -> Span {
    let span = statements[statement].span
    let function = functions[statements[statement].function]
    func holds(_ other: Span) -> Bool {
      other.file == span.file && other.start <= span.start && span.end <= other.end
    }
    return function.patches.last(where: holds) ?? function.span
  }

  /// The line of a statement's first word, from 1.
  public func line(of statement: Int) -> Int {
    let span = statements[statement].span
    return sources[span.file].line(at: span.start)
  }

  /// The statement's own text; of one with a block only its head, of one over several lines the first.
  public func text(of statement: Int) -> String {
    let span = statements[statement].span
    let bytes = sources[span.file].bytes[span.start..<span.end]
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}

/// A type of object and where its fields lie.
public struct ObjectType: Hashable, Sendable {
  /// The type's name, the kernel's.
  public internal(set) var name: String
  /// The name of its objects in views: `device` gives `device1`, `device2`.
  public internal(set) var short: String
  /// The type that this one extends.
  public internal(set) var base: Int?
  /// Row of the object graph, 0 at the top.
  public internal(set) var layer: Int
  /// The theme's role for its objects.
  public internal(set) var role: String
  /// The fields, those of the base first.
  public internal(set) var fields: [Field]
  /// Words of an object, its header included.
  public internal(set) var size: Int

  /// Words that are free.
  public static let free = 0
  /// An entry of a container: next, key, second key, value.
  public static let cell = 1
  /// Units of a refcount: next, word, holder, how many.
  public static let unit = 2
  /// The globals.
  public static let globals = 3

  static let builtIn: [ObjectType] = [
    ObjectType(name: "(free)", short: "free", base: nil, layer: 0, role: "", fields: [], size: 1),
    ObjectType(name: "(cell)", short: "cell", base: nil, layer: 0, role: "", fields: [], size: 5),
    ObjectType(name: "(unit)", short: "unit", base: nil, layer: 0, role: "", fields: [], size: 5),
    ObjectType(name: "(globals)", short: "globals", base: nil, layer: 0, role: "", fields: [], size: 1),
  ]

  /// The field of that name.
  public func field(named name: String) -> Field? {
    fields.first { $0.name == name }
  }

  /// The field that holds this word of an object.
  public func field(at offset: Int) -> Field? {
    fields.last { $0.offset <= offset && offset < $0.offset + $0.type.words }
  }
}

/// A field of an object type.
public struct Field: Hashable, Sendable {
  /// The field's name.
  public internal(set) var name: String
  /// What it holds.
  public internal(set) var type: FieldType
  /// First word, from the object's header at 0.
  public internal(set) var offset: Int
  /// Whether it keeps the value that it got at allocation.
  public internal(set) var isConstant: Bool
  /// Whether the graph's node shows it.
  public internal(set) var isShown: Bool
  /// Whether it may be changed from zero, false or null only, and then stays.
  public internal(set) var isSetOnce = false
}

/// What a field holds.
public enum FieldType: Hashable, Sendable {
  /// A signed number.
  case int
  /// An unsigned number.
  case unsigned
  /// 0 or 1.
  case bool
  /// A reference to an object of that type, or of any type when nil.
  case reference(Int?)
  /// A driver that fills these ops.
  case ops(Int)
  /// A mutex of that lock class.
  case mutex(Int)
  /// An rw_semaphore of that lock class: writer, readers (a bit a thread), queued writers.
  case rwSemaphore(Int)
  /// A spinlock of that lock class.
  case spinlock(Int)
  /// A counter and the list of its units.
  case refcount
  /// Sleepers are found through their threads; the word itself stays zero.
  case waitQueue
  /// Objects by index, with its own spinlock of that class in the second word.
  case xarray(Int, from: Int64, lockClass: Int)
  /// Objects in order.
  case list(Int)
  /// Objects by range.
  case intervalMap(Int)
  /// A call that runs later: how many keep it from being queued. Whether it waits or runs is in its queue.
  case work(DeferredCall)
  /// How often it was completed and not waited for, and a word for its sleepers, which stays zero.
  case completion

  /// How many words it takes.
  public var words: Int {
    switch self {
    case .rwSemaphore: 3
    case .refcount, .xarray, .completion: 2
    case .int, .unsigned, .bool, .reference, .ops, .mutex, .spinlock, .waitQueue, .list, .intervalMap, .work:
      1
    }
  }

  /// The lock class of a lock field.
  public var lockClass: Int? {
    switch self {
    case .mutex(let lockClass), .rwSemaphore(let lockClass), .spinlock(let lockClass): lockClass
    default: nil
    }
  }
}

/// A function or an entry.
public struct Function: Sendable {
  /// The kernel's name.
  public internal(set) var name: String
  /// Whether it is a system call.
  public internal(set) var isEntry: Bool
  /// Documentation from the model, one line or several.
  public internal(set) var documentation: String
  /// Address of its first instruction.
  public internal(set) var address: Int
  /// Names and types of its locals, parameters first.
  public internal(set) var locals: [Local]
  /// How many of these are parameters.
  public internal(set) var parameterCount: Int
  /// What it returns; nil: nothing.
  public internal(set) var result: ValueType?
  /// Where it stands.
  public internal(set) var span: Span
  /// The line of its closing brace lies here.
  public internal(set) var end: Span
  /// Where revisions change single statements of it, the nearest last.
  public internal(set) var patches: [Span] = []
  /// Probes at its entry.
  public internal(set) var entryProbes: [Int] = []
  /// Probes at its return.
  public internal(set) var returnProbes: [Int] = []
}

/// A local variable.
public struct Local: Hashable, Sendable {
  /// The variable's name; empty for one that the compiler made.
  public internal(set) var name: String
  /// Its type.
  public internal(set) var type: ValueType
}

/// The type of a value in an expression.
public enum ValueType: Hashable, Sendable {
  /// Signed.
  case int
  /// Unsigned.
  case unsigned
  /// True or false.
  case bool
  /// An object of that type, or of any.
  case reference(Int?)
  /// A driver.
  case ops(Int)
  /// A callback of a driver: it can only be called where it stands, or compared with null.
  case callback(ops: Int, member: Int)
  /// The literal `null`.
  case null
  /// A thread's number plus one.
  case thread
}

/// A system call: how a line of a script calls it.
public struct Entry: Sendable {
  /// The operation's name.
  public internal(set) var name: String
  /// What it does, in a few words.
  public internal(set) var title: String
  /// Its function.
  public internal(set) var function: Int
  /// Its parameters in order.
  public internal(set) var parameters: [EntryParameter]
  /// Whether it may return a number above 0, such as how many bytes it read.
  public internal(set) var returnsNumber = false
}

/// A parameter of a system call.
public struct EntryParameter: Hashable, Sendable {
  /// What kind of word stands in the line.
  public enum Kind: Hashable, Sendable {
    /// A signed number.
    case int
    /// An unsigned number.
    case unsigned
    /// The parameter's own name, or nothing.
    case flag
    /// A variable of that slot table, or a plain number when it is only read.
    case slot(Int)
  }

  /// Which way the value goes.
  public enum Direction: Hashable, Sendable {
    /// Read at the start.
    case input
    /// Stored when the call returned 0.
    case output
    /// Read at the start, stored at the end.
    case both
  }

  /// The parameter's name.
  public internal(set) var name: String
  /// What kind it is.
  public internal(set) var kind: Kind
  /// Which way the value goes.
  public internal(set) var direction: Direction
  /// The parameter whose word names the slot, when this one has no word of its own.
  public internal(set) var from: Int?
  /// What it is when a line leaves it out; nil when no line may.
  public internal(set) var absent: Int64?
}

/// A table of shared variables of scripts.
public struct SlotTable: Hashable, Sendable {
  /// The table's name.
  public internal(set) var name: String
  /// What its variables begin with in a script.
  public internal(set) var letter: String
  /// What they hold at first.
  public internal(set) var initial: Int64
  /// What they name.
  public internal(set) var title: String
  /// The tables whose variables a word may name, for one that has none of its own.
  public internal(set) var members: [Int] = []
}

/// An interface that drivers fill.
public struct OpsType: Hashable, Sendable {
  /// A member of the interface.
  public struct Member: Hashable, Sendable {
    /// Its name.
    public internal(set) var name: String
    /// The callback's parameters and result; nil for a plain value.
    public internal(set) var parameters: [ValueType]?
    /// What the callback returns, or the value's type.
    public internal(set) var type: ValueType?
  }

  /// The interface's name.
  public internal(set) var name: String
  /// Its members.
  public internal(set) var members: [Member]
}

/// A driver: what it puts into the members of its ops.
public struct Driver: Hashable, Sendable {
  /// The driver's name.
  public internal(set) var name: String
  /// What it is.
  public internal(set) var title: String
  /// Which ops it fills.
  public internal(set) var ops: Int
  /// For each member a value, or a function's index plus one (0: not filled).
  public internal(set) var members: [Int64]
}

/// All locks that one field of one type stands for.
public struct LockClass: Hashable, Sendable {
  /// What sort of lock it is.
  public enum Kind: Hashable, Sendable {
    /// Sleeps, one holder.
    case mutex
    /// Sleeps, many readers or one writer.
    case rwSemaphore
    /// Does not sleep.
    case spinlock
    /// The readers of RCU, who wait for nobody; nor may they sleep.
    case rcu
    /// A call that runs later: whoever waits for it waits for the locks that it takes.
    case work
  }

  /// Type and field, such as `device.lock`.
  public internal(set) var name: String
  /// What sort of lock it is.
  public internal(set) var kind: Kind
  /// Where the lock lies in its object, in words.
  public internal(set) var offset: Int
  /// The subclass that tells apart locks which are nested on purpose (Linux, `mutex_lock_nested`); 0 for all others.
  public internal(set) var subclass = 0
  /// What the kernel's lockdep calls the class, such as `&device->lock`; nil for one that leaves no events in a trace.
  public internal(set) var lockdep: String?
  /// Whether locks of others than this model have the same name in lockdep.
  public internal(set) var isShared = false
  /// The offset of a const number of the lock's object: locks of the class may nest in rising order of it.
  public internal(set) var nestsBy: Int?

  init(name: String, kind: Kind, offset: Int) {
    self.name = name
    self.kind = kind
    self.offset = offset
  }
}

/// What a kernel's trace shows otherwise than the model.
public struct TraceForm: Hashable, Sendable {
  /// For a probe the number that its pointers show where the model has null; 0 for probes that are not here.
  public internal(set) var nulls: [String: Int64] = [:]
  /// Arguments that point into an object, not at its beginning; how far is learned from the trace.
  public internal(set) var innerArguments: Set<String> = []

  /// What a pointer of that probe shows where the model has null.
  public func null(inProbe name: String) -> UInt64 { UInt64(bitPattern: nulls[name] ?? 0) }
}

/// A statement: a scheduling point, or something that rides along.
public struct StatementInfo: Hashable, Sendable {
  /// What decides whether the statement can run now.
  public enum Kind: Hashable, Sendable {
    /// Always.
    case plain
    /// Only when the lock can be had.
    case acquire
    /// May sleep, at most that many seconds; nil when only a wake-up ends it.
    case wait(seconds: Int64?)
    /// Always, in that many ways.
    case choice(Int)
    /// Always; in two ways where allocations may fail.
    case fallible
    /// It is no scheduling point: it looks at nothing that changes, and runs with the step before it.
    case ridesAlong
  }

  /// Where it stands.
  public internal(set) var span: Span
  /// The function that it belongs to.
  public internal(set) var function: Int
  /// What decides whether it can run.
  public internal(set) var kind: Kind
}

/// A named event with values, after a kprobe of the kernel.
public struct Probe: Hashable, Sendable {
  /// The event's name.
  public internal(set) var name: String
  /// The names and types of its values.
  public internal(set) var arguments: [Local]
}

/// A condition that the model promises.
public struct Invariant: Hashable, Sendable {
  /// Its name.
  public internal(set) var name: String
  /// What it says.
  public internal(set) var title: String
  /// The property that is reported when it is false.
  public internal(set) var property: Property
  /// Whether it needs to hold only when no system call is in flight.
  public internal(set) var isQuiescent: Bool
  /// For every object of this type; nil: once.
  public internal(set) var type: Int?
  /// The function that computes it.
  public internal(set) var function: Int
}
