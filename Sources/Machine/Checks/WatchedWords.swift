import StepLanguage

/// Finds the words that invariants read which must hold always: only a step that writes one of them can break such an invariant.
struct WatchedWords {
  /// The floor of a word that is no count, or that an invariant does more with than comparing it with a small number.
  static let noFloor = 3

  private let program: Program
  /// For each type 64 words, the last for all from there on, the first, the header, for making and freeing an object: a bit for each invariant
  /// that may read it, the last for all from there on.
  private(set) var watchers: [UInt64]
  /// The same of those that read the word only of the object that they are about.
  private(set) var ownWatchers: [UInt64]
  /// For each word of a count the least value from which on no comparison of any invariant can tell what it is; 0 when only the units of
  /// objects are asked for, which a thread's own units do not change.
  private(set) var floors: [UInt8]
  /// For each type the invariants that hold of its objects.
  private(set) var newcomers: [UInt64]
  private var strangers: [UInt64]
  private var functions: [Int] = []
  private var number = 0

  private var bit: UInt64 { 1 << UInt64(min(number, 63)) }

  init(_ program: Program) {
    self.program = program
    watchers = [UInt64](repeating: 0, count: program.types.count * 64)
    strangers = watchers
    ownWatchers = watchers
    floors = [UInt8](repeating: UInt8(Self.noFloor), count: program.types.count * 64)
    newcomers = [UInt64](repeating: 0, count: program.types.count)
    for (type, row) in program.types.enumerated() {
      for field in row.fields where field.type == .refcount && field.offset < 63 {
        floors[type << 6 | field.offset] = 0
      }
    }
    for (number, invariant) in program.invariants.enumerated() where !invariant.isQuiescent {
      self.number = number
      if let type = invariant.type {
        watch(0, of: type, isOwn: true)
        for other in program.types.indices where program.type(other, isA: type) { newcomers[other] |= bit }
      }
      // What the function may come to: itself, and all that it calls.
      functions = [invariant.function]
      var position = 0
      while position < functions.count {
        read(functions[position], of: invariant)
        position += 1
      }
    }
    for word in watchers.indices { ownWatchers[word] = watchers[word] & ~strangers[word] & ~(1 << 63) }
  }

  /// A word of objects of a type and of those that extend it; of all when the type is not known.
  private mutating func watch(_ offset: Int32, of type: Int?, isOwn: Bool = false) {
    for other in program.types.indices {
      if let type, !program.type(other, isA: type) { continue }
      watchers[other << 6 | Int(min(offset, 63))] |= bit
      if !isOwn { strangers[other << 6 | Int(min(offset, 63))] |= bit }
    }
  }

  /// What an invariant must know of a count.
  private mutating func need(_ floor: Int64, of place: (type: Int?, offset: Int32)) {
    let floor = UInt8(max(0, min(floor, Int64(Self.noFloor))))
    for other in program.types.indices {
      if let type = place.type, !program.type(other, isA: type) { continue }
      let word = other << 6 | Int(min(place.offset, 63))
      floors[word] = max(floors[word], floor)
    }
  }

  /// Goes through a function's instructions in their order. A temporary lives within one expression, so the type of what it holds is that of
  /// the last value that was put there; a local variable has the type that it was declared with.
  private mutating func read(_ function: Int, of invariant: Invariant) {
    let start = program.functions[function].address
    let end = program.functions.map(\.address).filter { $0 > start }.min() ?? program.code.count
    let code = program.code[start..<end]
    let locals = program.functions[function].locals
    // The object that the invariant is about is local 0, unless something else is put there.
    let hasSubject =
      function == invariant.function && invariant.type != nil
      && !code.contains {
        $0.writes == 0
      }
    var temporaries: [Int32: Int] = [:]
    var counts: [Int32: (type: Int?, offset: Int32)] = [:]
    var constants: [Int32: Int64] = [:]
    func type(_ operand: Int32) -> Int? {
      if operand < 0 { return temporaries[operand] }
      guard Int(operand) < locals.count, case .reference(let type) = locals[Int(operand)].type else {
        return nil
      }
      return type
    }
    func field(_ object: Int32, _ offset: Int32) -> FieldType? {
      type(object).flatMap { program.types[$0].field(at: Int(offset))?.type }
    }
    for i in code {
      use(i, &counts, constants)
      var result: Int?
      var count: (type: Int?, offset: Int32)?
      switch i.opcode {
      case .load:
        watch(i.c, of: type(i.b), isOwn: hasSubject && i.b == 0)
        switch field(i.b, i.c) {
        case .reference(let target): result = target
        case .refcount where i.a < 0: count = (type(i.b), i.c)
        case .refcount, nil: need(Int64(Self.noFloor), of: (type(i.b), i.c))
        default: break
        }
      case .container:
        watch(i.c, of: type(i.b), isOwn: hasSubject && i.b == 0)
        switch field(i.b, i.c) {
        case .xarray(let element, _, _), .list(let element), .intervalMap(let element): result = element
        default: break
        }
      case .move: result = type(i.b)
      case .unitCount:
        watch(i.c, of: type(i.b), isOwn: hasSubject && i.b == 0)
        if i.d & 1 != 0 { need(Int64(Self.noFloor), of: (type(i.b), i.c)) }
      case .lockTest: watch(i.c, of: type(i.b), isOwn: hasSubject && i.b == 0)
      case .refcount, .tryAcquire, .wait, .work, .flush:
        watch(i.c, of: type(i.b))
        need(Int64(Self.noFloor), of: (type(i.b), i.c))
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
        for word in watchers.indices {
          watchers[word] |= bit
          strangers[word] |= bit
          floors[word] = UInt8(Self.noFloor)
        }
        continue
      case .finishEntry, .step, .constant, .store, .add, .subtract, .multiply, .bitAnd, .bitOr, .shiftLeft,
        .divideSigned,
        .divideUnsigned, .remainderSigned, .remainderUnsigned, .shiftRightSigned, .shiftRightUnsigned, .equal,
        .notEqual,
        .lessSigned, .lessEqualSigned, .lessUnsigned, .lessEqualUnsigned, .addOverflows, .not, .negate, .jump,
        .jumpIfZero,
        .jumpIfNotZero, .thread, .argument, .opsMember, .returnValue, .allocate, .free, .acquire, .release,
        .holder,
        .refcountMove, .operand, .wake, .choose, .taskWork, .deferCall, .grace, .check, .warnOn, .probe,
        .mark, .nothing:
        guard i.opcode.facts.writes == .a else { continue }
      }
      guard i.a < 0 else { continue }
      temporaries[i.a] = result
      counts[i.a] = count
      constants[i.a] = i.opcode == .constant ? program.constants[Int(i.b)] : nil
    }
  }

  /// What an instruction does with counts that were read before: a comparison with a number needs a floor, anything else the count itself.
  private mutating func use(
    _ i: Instruction, _ counts: inout [Int32: (type: Int?, offset: Int32)], _ constants: [Int32: Int64]
  ) {
    let isComparison = [.equal, .notEqual, .lessSigned, .lessEqualSigned, .lessUnsigned, .lessEqualUnsigned]
      .contains(i.opcode)
    for (position, operand) in [i.a, i.b, i.c].enumerated() {
      guard operand < 0, let place = counts[operand] else { continue }
      if position == 0, i.opcode.facts.writes == .a { continue }
      guard isComparison, position > 0, let number = constants[position == 1 ? i.c : i.b] else {
        need(Int64(Self.noFloor), of: place)
        continue
      }
      if i.opcode == .equal || i.opcode == .notEqual {
        need(number == 0 ? 1 : Int64(Self.noFloor), of: place)
      } else if i.opcode == .lessSigned || i.opcode == .lessUnsigned {
        need(position == 1 ? number : number &+ 1, of: place)
      } else {
        need(position == 1 ? number &+ 1 : number, of: place)
      }
    }
  }
}
