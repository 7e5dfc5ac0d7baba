/// What each opcode reads, writes and does: the one table that liveness, the rules for invariants, the words that invariants watch, the access log,
/// the search for the next lock and the exporter read. It has a row for every opcode, so a new one cannot be left out.
extension Opcode {
  /// Operands of an instruction, by their letters.
  public struct Operands: OptionSet, Hashable, Sendable {
    /// A bit for each operand.
    public let rawValue: UInt8
    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The first operand.
    public static let a = Operands(rawValue: 1)
    /// The second.
    public static let b = Operands(rawValue: 2)
    /// The third.
    public static let c = Operands(rawValue: 4)
  }

  /// What an instruction does besides reading and writing variables.
  public enum Effect: Hashable, Sendable {
    /// Nothing.
    case none
    /// It decides which instruction comes next.
    case controls
    /// It is told to whoever watches the run, and changes nothing.
    case reports
    /// It asks what cannot change: whether an object is of a type, who runs.
    case asks
    /// It reads a word of an object.
    case looks
    /// It changes an object, a count, a container, a lock, a queue or memory as a whole.
    case changes
    /// It hands a value to the instruction that follows.
    case hands
    /// The search takes it in several ways.
    case chooses
  }

  /// Where an instruction that looks at or changes an object finds it.
  public struct Target: Hashable, Sendable {
    /// The operand that holds the object.
    public let object: Operands
    /// The operand that is the word's offset in it; empty for the object as a whole.
    public let offset: Operands
  }

  /// A row of the table.
  public struct Facts: Hashable, Sendable {
    /// Variables that are read.
    public let reads: Operands
    /// The variable that is written; empty for none.
    public let writes: Operands
    /// What else it does.
    public let effect: Effect
    /// The object that it is about.
    public let target: Target?

    init(_ effect: Effect, reads: Operands = [], writes: Operands = [], _ target: Target? = nil) {
      self.effect = effect
      self.reads = reads
      self.writes = writes
      self.target = target
    }
  }

  /// The opcode's row. What depends on other operands is refined by `Instruction.reads` and `Instruction.writes`.
  public var facts: Facts {
    switch self {
    case .nothing: Facts(.none)
    case .finishEntry, .step, .jump: Facts(.controls)
    case .jumpIfZero, .jumpIfNotZero, .returnValue: Facts(.controls, reads: .a)
    case .call: Facts(.controls, writes: .b)
    case .callOps: Facts(.controls, reads: .a, writes: .b)
    case .constant: Facts(.none, writes: .a)
    case .move, .not, .negate: Facts(.none, reads: .b, writes: .a)
    case .add, .subtract, .multiply, .bitAnd, .bitOr, .shiftLeft, .divideSigned, .divideUnsigned,
      .remainderSigned,
      .remainderUnsigned, .shiftRightSigned, .shiftRightUnsigned, .equal, .notEqual, .lessSigned,
      .lessEqualSigned,
      .lessUnsigned, .lessEqualUnsigned, .addOverflows:
      Facts(.none, reads: [.b, .c], writes: .a)
    case .thread: Facts(.asks, writes: .a)
    case .opsMember: Facts(.asks, reads: .b, writes: .a)
    case .castCheck: Facts(.asks, reads: .a)
    case .isType, .aliveTest: Facts(.looks, reads: .b, writes: .a, Target(object: .b, offset: []))
    case .load, .lockTest, .unitCount: Facts(.looks, reads: .b, writes: .a, Target(object: .b, offset: .c))
    case .assertHeld: Facts(.looks, reads: .a, Target(object: .a, offset: .b))
    case .store: Facts(.changes, reads: [.a, .c], Target(object: .a, offset: .b))
    case .allocate: Facts(.changes, writes: .a)
    case .free: Facts(.changes, reads: .a, Target(object: .a, offset: []))
    case .acquire, .release, .refcountMove, .wake: Facts(.changes, reads: .a, Target(object: .a, offset: .b))
    case .tryAcquire, .wait: Facts(.changes, reads: .b, writes: .a, Target(object: .b, offset: .c))
    // Of a set count the first operand is read; of all others it is where the result goes.
    case .refcount: Facts(.changes, reads: [.a, .b], writes: .a, Target(object: .b, offset: .c))
    // Which builtin it is decides whether it changes the container.
    case .container: Facts(.changes, reads: .b, writes: .a, Target(object: .b, offset: .c))
    case .taskWork: Facts(.changes, reads: .b)
    case .argument, .operand: Facts(.hands, reads: .b)
    // Only a unit of an object reads the operand.
    case .holder: Facts(.hands, reads: .a)
    case .choose: Facts(.chooses, writes: .a)
    case .check, .warnOn: Facts(.reports, reads: .a)
    case .probe, .mark: Facts(.reports)
    }
  }

  /// Which instruction comes after one.
  public enum Control: Hashable, Sendable {
    /// The next one.
    case next
    /// The one that operand a names.
    case jump
    /// The next one, or the one that operand b names.
    case branch
    /// The first of function a; afterwards the next one.
    case call
    /// The first of a driver's function; afterwards the next one.
    case callback
    /// Whatever follows the call that led here.
    case goBack
    /// None: the system call is over.
    case end
  }

  /// Which instruction comes next.
  public var control: Control {
    switch self {
    case .jump: .jump
    case .jumpIfZero, .jumpIfNotZero: .branch
    case .call: .call
    case .callOps: .callback
    case .returnValue: .goBack
    case .finishEntry: .end
    case .nothing, .step, .constant, .move, .not, .negate, .add, .subtract, .multiply, .bitAnd, .bitOr,
      .shiftLeft,
      .divideSigned, .divideUnsigned, .remainderSigned, .remainderUnsigned, .shiftRightSigned,
      .shiftRightUnsigned,
      .equal, .notEqual, .lessSigned, .lessEqualSigned, .lessUnsigned, .lessEqualUnsigned, .addOverflows,
      .thread,
      .opsMember, .castCheck, .isType, .aliveTest, .load, .lockTest, .unitCount, .assertHeld, .store,
      .allocate, .free,
      .acquire, .release, .refcountMove, .wake, .tryAcquire, .wait, .refcount, .container, .taskWork,
      .argument,
      .operand, .holder, .choose, .check, .warnOn, .probe, .mark:
      .next
    }
  }

  /// Whether it looks at memory of an object, so that the object must not have been freed; asking whether it was is no look.
  public var looksAtObject: Bool { facts.effect == .looks && self != .aliveTest }
}

extension Instruction {
  /// An operand by its letter.
  public func operand(_ letter: Opcode.Operands) -> Int32 {
    letter == .a ? a : letter == .b ? b : c
  }

  /// The operands that are read as variables.
  public var reads: [Int32] {
    var set = opcode.facts.reads
    if opcode == .refcount, Int(d) != RefcountOperation.set.rawValue { set.remove(.a) }
    if opcode == .holder, c != 1 { set.remove(.a) }
    return [Opcode.Operands.a, .b, .c].filter { set.contains($0) }.map(operand)
  }

  /// The operand that is written; nil for none.
  public var writes: Int32? {
    let written = opcode.facts.writes
    if written.isEmpty || (opcode == .refcount && Int(d) == RefcountOperation.set.rawValue) { return nil }
    return operand(written)
  }

  /// Whether it changes anything that others can see, waits, or leaves the function.
  public var changesState: Bool {
    switch opcode.facts.effect {
    case .changes: opcode != .container || Builtin.allCases[Int(d)].changesContainer
    case .chooses: true
    case .controls: opcode == .call || opcode == .callOps
    case .none, .reports, .asks, .looks, .hands: false
    }
  }

  /// Whether its word is part of an object whose fields may not be looked at after a free, in a statement that rides along.
  public var rides: Bool { opcode.looksAtObject && d & Self.ridesAlong != 0 }

  /// Where a jump leads; nil for what is none.
  public var jumpTarget: Int? {
    switch opcode.control {
    case .jump: Int(a)
    case .branch: Int(b)
    case .next, .call, .callback, .goBack, .end: nil
    }
  }

  /// The operand with the object that the instruction works on, or whose driver it calls; nil for none.
  public var subject: Int32? {
    if let target = opcode.facts.target { return operand(target.object) }
    return opcode.control == .callback || opcode == .castCheck || opcode == .holder ? a : nil
  }
}
