import StepLanguage

/// Where a value lies while it goes from one instruction to another.
enum Location: Hashable {
  /// A local variable: thread, word of its stack.
  case local(Int, Int)
  /// A temporary of a step: thread, number.
  case temporary(Int, Int)
  /// An argument of the next call: thread, number.
  case argument(Int, Int)
  /// An operand of the next operation on a container or a queue: thread, number.
  case operand(Int, Int)
  /// A word of an object, as index of the heap; of a count, a container, a lock or a queue the first one.
  case word(Int)
  /// Whether an object is alive, and what type it has: its header.
  case header(Int)
  /// A shared variable of a script: table, number.
  case slot(Int, Int)
}

/// What an instruction does with memory that other threads see.
enum Access: Hashable {
  /// Reads a field.
  case load
  /// Writes a field.
  case store
  /// Reads a count and perhaps changes it.
  case count(RefcountOperation)
  /// Hands a unit of a count to another holder.
  case move
  /// Asks a container.
  case look(Builtin)
  /// Changes a container.
  case change(Builtin)
  /// Makes an object.
  case allocate
  /// Frees an object.
  case free
  /// Takes a lock.
  case acquire
  /// Takes a lock if it can be had.
  case tryAcquire
  /// Releases a lock.
  case release
  /// Asks whether a lock is held.
  case lockTest
  /// Tests a condition and perhaps sleeps.
  case wait
  /// Wakes sleepers.
  case wake
  /// Asks an object whether it is alive, or of a type.
  case header
}

extension Instruction {
  /// What the instruction does with shared memory: which operand names the object, which word of it, and what is done; nil for none.
  var access: (object: Int32, offset: Int, kind: Access)? {
    switch opcode {
    case .load: (b, Int(c), .load)
    case .store: (a, Int(b), .store)
    case .refcount: (b, Int(c), .count(RefcountOperation(rawValue: Int(d)) ?? .set))
    case .refcountMove: (a, Int(b), .move)
    case .container:
      Builtin.allCases.indices.contains(Int(d))
        ? (
          b, Int(c),
          Builtin.allCases[Int(d)].changesContainer
            ? .change(Builtin.allCases[Int(d)]) : .look(Builtin.allCases[Int(d)])
        ) : nil
    case .unitCount: (b, Int(c), .look(.units))
    case .free: (a, 0, .free)
    case .acquire, .assertHeld: (a, Int(b), opcode == .acquire ? .acquire : .lockTest)
    case .release: (a, Int(b), .release)
    case .tryAcquire: (b, Int(c), .tryAcquire)
    case .lockTest: (b, Int(c), .lockTest)
    case .wait: (b, Int(c), .wait)
    case .wake: (a, Int(b), .wake)
    case .isType, .aliveTest: (b, 0, .header)
    // Of what is made the instruction gives the object, and takes none.
    case .allocate: nil
    case .nothing, .finishEntry, .step, .jump, .jumpIfZero, .jumpIfNotZero, .returnValue, .call, .callOps,
      .constant,
      .move, .not, .negate, .add, .subtract, .multiply, .bitAnd, .bitOr, .shiftLeft, .divideSigned,
      .divideUnsigned,
      .remainderSigned, .remainderUnsigned, .shiftRightSigned, .shiftRightUnsigned, .equal, .notEqual,
      .lessSigned,
      .lessEqualSigned, .lessUnsigned, .lessEqualUnsigned, .addOverflows, .thread, .opsMember, .castCheck,
      .taskWork,
      .argument, .operand, .holder, .choose, .check, .warnOn, .probe, .mark:
      nil
    }
  }

  /// The operands whose values decide what the instruction gives, the object that it works on left out.
  var valueOperands: [Int32] { reads.filter { $0 != subject } }

  /// The operand that gets a value; nil for none. A call's is written where the function returns.
  var resultOperand: Int32? { opcode.control == .next ? writes : nil }
}
