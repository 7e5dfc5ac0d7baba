import StepLanguage

/// Finds the words that invariants read which must hold always: only a step that writes one of them can break such an invariant.
struct WatchedWords {
  private let program: Program
  /// For each type 64 words, the last for all from there on, the first, the header, for making and freeing an object: a bit for each invariant
  /// that may read it, the last for all from there on.
  private(set) var watchers: [UInt64]
  /// For each type those of them that hold of its objects.
  private(set) var newcomers: [UInt64]
  private var functions: [Int] = []
  private var bit: UInt64 = 0

  init(_ program: Program) {
    self.program = program
    watchers = [UInt64](repeating: 0, count: program.types.count * 64)
    newcomers = [UInt64](repeating: 0, count: program.types.count)
    for (number, invariant) in program.invariants.enumerated() where !invariant.isQuiescent {
      bit = 1 << UInt64(min(number, 63))
      if let type = invariant.type {
        watch(0, of: type)
        for other in program.types.indices where program.type(other, isA: type) { newcomers[other] |= bit }
      }
      // What the function may come to: itself, and all that it calls.
      functions = [invariant.function]
      var position = 0
      while position < functions.count {
        read(functions[position])
        position += 1
      }
    }
  }

  /// A word of objects of a type and of those that extend it; of all when the type is not known.
  private mutating func watch(_ offset: Int32, of type: Int?) {
    for other in program.types.indices {
      if let type, !program.type(other, isA: type) { continue }
      watchers[other << 6 | Int(min(offset, 63))] |= bit
    }
  }

  /// Goes through a function's instructions in their order. A temporary lives within one expression, so the type of what it holds is that of
  /// the last value that was put there; a local variable has the type that it was declared with.
  private mutating func read(_ function: Int) {
    let start = program.functions[function].address
    let end = program.functions.map(\.address).filter { $0 > start }.min() ?? program.code.count
    let locals = program.functions[function].locals
    var temporaries: [Int32: Int] = [:]
    func type(_ operand: Int32) -> Int? {
      if operand < 0 { return temporaries[operand] }
      guard Int(operand) < locals.count, case .reference(let type) = locals[Int(operand)].type else {
        return nil
      }
      return type
    }
    for i in program.code[start..<end] {
      var result: Int?
      switch i.opcode {
      case .load:
        watch(i.c, of: type(i.b))
        if let type = type(i.b), let field = program.types[type].field(at: Int(i.c)),
          case .reference(let target) = field.type
        {
          result = target
        }
      case .container:
        watch(i.c, of: type(i.b))
        if let type = type(i.b), let field = program.types[type].field(at: Int(i.c)) {
          switch field.type {
          case .xarray(let element, _, _), .list(let element), .intervalMap(let element): result = element
          default: break
          }
        }
      case .move: result = type(i.b)
      case .refcount, .tryAcquire, .lockTest, .unitCount, .wait: watch(i.c, of: type(i.b))
      case .assertHeld: watch(i.b, of: type(i.a))
      case .isType, .aliveTest: watch(0, of: nil)
      case .castCheck:
        watch(0, of: nil)
        if i.a < 0 { temporaries[i.a] = Int(i.b) }
        continue
      case .call:
        if !functions.contains(Int(i.a)) { functions.append(Int(i.a)) }
        continue
      case .callOps:
        // Which function it will be is not known here: everything counts.
        for word in watchers.indices { watchers[word] |= bit }
        continue
      default:
        guard Self.writesFirst(i.opcode) else { continue }
      }
      if i.a < 0 { temporaries[i.a] = result }
    }
  }

  /// Whether the first operand is where the result goes.
  private static func writesFirst(_ opcode: Opcode) -> Bool {
    switch opcode {
    case .constant, .add, .subtract, .multiply, .bitAnd, .bitOr, .shiftLeft, .divideSigned, .divideUnsigned,
      .remainderSigned, .remainderUnsigned, .shiftRightSigned, .shiftRightUnsigned, .equal, .notEqual,
      .lessSigned, .lessEqualSigned, .lessUnsigned, .lessEqualUnsigned, .addOverflows, .not, .negate, .thread,
      .opsMember, .allocate, .choose:
      true
    default: false
    }
  }
}
