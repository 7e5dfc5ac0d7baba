/// Compiles one function: expressions to instructions on temporaries, statements to steps.
struct FunctionCompiler {
  var compiler: Compiler
  let index: Int
  private let constants: [String: (value: Int64, type: ValueType)]
  private let typeNames: [String: Int]
  private let opsNames: [String: Int]
  private let driverNames: [String: Int]
  let functionNames: [String: Int]

  var scopes: [[String: Int]] = [[:]]
  private var loops: [(start: Int, exits: [Int])] = []
  private var returnProbes: [ProbeSyntax] = []
  /// Whether this is a system call that may return a number above 0.
  private var returnsNumber = false
  /// The next free temporary.
  var temporary = 0
  /// Whether the statement so far does anything that another thread can observe.
  var touchesShared = false
  var stepKind = StatementInfo.Kind.plain
  /// The statement that what is emitted belongs to; -1 for none.
  private var statement = -1
  /// Probes only look for whoever watches the model, so what they read is no use of an object.
  private var isInProbe = false
  /// What is compiled that must not change anything; nil where changes are allowed.
  private var onlyLooks: String?
  /// The type of `result` in a probe at return.
  private var resultOperand: (operand: Int, type: ValueType)?

  /// Names that no object type may have. The words of calls and completions are told from names by what follows them.
  static let reservedTypeNames = Vocabulary.words.filter {
    $0.role == .type && !["work", "timer", "completion"].contains($0.text)
  }.map(\.text)

  struct Failed: Error {}

  init(
    compiler: Compiler, index: Int, constants: [String: (value: Int64, type: ValueType)],
    typeNames: [String: Int],
    opsNames: [String: Int], driverNames: [String: Int], functionNames: [String: Int]
  ) {
    self.compiler = compiler
    self.index = index
    self.constants = constants
    self.typeNames = typeNames
    self.opsNames = opsNames
    self.driverNames = driverNames
    self.functionNames = functionNames
    let function = compiler.program.functions[index]
    for (slot, local) in function.locals.enumerated() { scopes[0][local.name] = slot }
  }

  // MARK: Whole functions

  /// - Parameter isNumber: whether this is a system call that may return a number above 0.
  mutating func compileBody(
    _ block: Block, probes: [ProbeSyntax], returns: [ProbeSyntax], isNumber: Bool = false
  ) {
    compiler.program.functions[index].address = compiler.program.code.count
    returnProbes = returns
    returnsNumber = isNumber
    for probe in probes {
      temporary = 0
      if let number = try? emit(probe) { compiler.program.functions[index].entryProbes.append(number) }
    }
    compile(block)
    // Falling off the end returns nothing, or 0 from a system call.
    statement = noteStatement(block.end, kind: .ridesAlong)
    let function = compiler.program.functions[index]
    if function.result != nil, !function.isEntry, !endsInReturn(block) {
      compiler.complain(
        "'\(function.name)' may end here without returning a value; add 'return …'", at: block.end)
    }
    emitReturn(nil)
  }

  /// A condition that ends with the first of its conjuncts that is false; each is a statement of its own, so that a report can tell which.
  mutating func compileCondition(_ expression: Expression) {
    compiler.program.functions[index].address = compiler.program.code.count
    let conjuncts = expression.conjuncts
    for (number, conjunct) in conjuncts.enumerated() {
      temporary = 0
      statement = noteStatement(conjunct.span)
      guard let (operand, type) = try? looking("an invariant", { try $0.value(conjunct) }) else { return }
      if type != .bool { fail("a condition is true or false", at: conjunct.span) }
      if number == conjuncts.count - 1 {
        emitReturn(operand)
      } else {
        let skip = emit(.jumpIfNotZero, operand, 0)
        emitReturn(operand)
        compiler.program.code[skip].b = Int32(here)
      }
    }
  }

  /// An expression whose value is asked for, of whatever type.
  mutating func compileValue(_ expression: Expression) {
    compiler.program.functions[index].address = compiler.program.code.count
    temporary = 0
    statement = noteStatement(expression.span)
    guard let (operand, type) = try? looking("a watch", { try $0.value(expression) }) else { return }
    compiler.program.functions[index].result = type
    emitReturn(operand)
  }

  private func endsInReturn(_ block: Block) -> Bool {
    guard let last = block.statements.last else { return false }
    switch last.kind {
    case .returnValue: return true
    case .conditional(_, let then, let otherwise):
      return endsInReturn(then) && otherwise.map(endsInReturn) ?? false
    case .loop(let body): return !containsBreak(body)
    default: return false
    }
  }

  private func containsBreak(_ block: Block) -> Bool {
    block.statements.contains { statement in
      switch statement.kind {
      case .breakLoop: true
      case .conditional(_, let then, let otherwise):
        containsBreak(then) || otherwise.map(containsBreak) ?? false
      default: false
      }
    }
  }

  // MARK: Emission

  var here: Int { compiler.program.code.count }

  @discardableResult
  mutating func emit(_ opcode: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0) -> Int {
    let d = isInProbe && opcode == .load ? Int(Instruction.looksFromOutside) : d
    compiler.program.code.append(Instruction(opcode, a, b, c, d))
    compiler.program.places.append(Int32(isInProbe ? -1 : statement))
    return here - 1
  }

  mutating func newTemporary() -> Int {
    temporary += 1
    compiler.program.temporaryCount = max(compiler.program.temporaryCount, temporary)
    return ~(temporary - 1)
  }

  mutating func emitConstant(_ value: Int64) -> Int {
    let target = newTemporary()
    emit(.constant, target, compiler.constantIndex(value))
    return target
  }

  private mutating func fail(_ message: String, at span: Span) {
    compiler.complain(message, at: span)
  }

  mutating func failure(_ message: String, at span: Span) -> Failed {
    compiler.complain(message, at: span)
    return Failed()
  }

  mutating func newLocal(_ name: String, _ type: ValueType) -> Int {
    compiler.program.functions[index].locals.append(Local(name: name, type: type))
    return compiler.program.functions[index].locals.count - 1
  }

  private mutating func emitReturn(_ operand: Int?, at span: Span? = nil) {
    if let span, let operand, compiler.program.functions[index].isEntry, !returnsNumber {
      requireErrno(operand, at: span)
    }
    let operand = operand ?? emitConstant(0)
    if !returnProbes.isEmpty {
      resultOperand = (operand, compiler.program.functions[index].result ?? .int)
      for probe in returnProbes {
        guard let number = try? emit(probe) else { continue }
        if !compiler.program.functions[index].returnProbes.contains(number) {
          compiler.program.functions[index].returnProbes.append(number)
        }
      }
      resultOperand = nil
    }
    emit(.returnValue, operand)
  }

  /// A system call returns 0 or a negative errno; anything else is a mistake, told at once where it is a constant.
  private mutating func requireErrno(_ operand: Int, at span: Span) {
    let rule =
      "a system call returns 0 or a negative errno name, such as -EINVAL; hand other values out through an 'out' parameter, or write '-> int' for one that returns a number, as read(2) does"
    if let last = compiler.program.code.last, operand < 0, Int(last.a) == operand {
      if last.opcode == .constant {
        if compiler.program.constants[Int(last.b)] > 0 { fail(rule, at: span) }
        return
      }
      // -ENAME is a constant and its negation.
      if last.opcode == .negate, let before = compiler.program.code.dropLast().last,
        before.opcode == .constant,
        before.a == last.b
      {
        if compiler.program.constants[Int(before.b)] < 0 { fail(rule, at: span) }
        return
      }
    }
    let isRight = newTemporary()
    emit(.lessEqualSigned, isRight, operand, emitConstant(0))
    let text = compiler.stringIndex(
      "\(compiler.program.functions[index].name) returned a positive number; \(rule)")
    emit(.check, isRight, Property.invariantIndex, text, noteStatement(span))
  }

  /// Emits a probe and gives its number.
  @discardableResult
  private mutating func emit(_ probe: ProbeSyntax) throws -> Int {
    isInProbe = true
    defer { isInProbe = false }
    var arguments: [Local] = []
    var operands: [Int] = []
    for (name, expression) in probe.arguments {
      let (operand, type) = try looking("a probe") { try $0.value(expression) }
      if case .callback = type { throw callbackIsNoValue(expression.span) }
      arguments.append(Local(name: name, type: type))
      operands.append(operand)
    }
    for (position, operand) in operands.enumerated() { emit(.operand, position, operand) }
    let definition = Probe(name: probe.name.text, arguments: arguments)
    let number = compiler.probeIndex(definition)
    emit(.probe, number, operands.count)
    return number
  }

  // MARK: Statements

  private mutating func compile(_ block: Block) {
    scopes.append([:])
    for statement in block.statements { compile(statement) }
    scopes.removeLast()
  }

  /// Runs `body` as one statement: if what it emits touches shared state, a step begins there.
  mutating func asStep(_ span: Span, _ body: (inout FunctionCompiler) throws -> Void) {
    statement = noteStatement(span, kind: .ridesAlong)
    let own = statement
    let placeholder = emit(.nothing)
    temporary = 0
    touchesShared = false
    stepKind = .plain
    do { try body(&self) } catch {}
    let looks = (placeholder..<here).contains {
      compiler.program.places[$0] >= 0 && compiler.program.code[$0].opcode.looksAtObject
    }
    if touchesShared || (compiler.looksAreSteps && looks) {
      compiler.program.statements[own].kind = stepKind
      compiler.program.code[placeholder] = Instruction(.step, own)
    } else {
      for address in placeholder..<here where compiler.program.places[address] >= 0 {
        if compiler.program.code[address].opcode.looksAtObject {
          compiler.program.code[address].d |= Instruction.ridesAlong
        }
      }
    }
    statement = -1
  }

  private mutating func compile(_ statement: Statement) {
    switch statement.kind {
    case .conditional(let condition, let then, let otherwise):
      var exit = 0
      asStep(headSpan(statement.span, condition.span)) { this in
        let operand = try this.condition(condition)
        exit = this.emit(.jumpIfZero, operand, 0)
      }
      compile(then)
      if let otherwise {
        let end = emit(.jump)
        compiler.program.code[exit].b = Int32(here)
        compile(otherwise)
        compiler.program.code[end].a = Int32(here)
      } else {
        compiler.program.code[exit].b = Int32(here)
      }
    case .whileLoop(let condition, let body):
      let start = here
      var exit = 0
      asStep(headSpan(statement.span, condition.span)) { this in
        let operand = try this.condition(condition)
        exit = this.emit(.jumpIfZero, operand, 0)
      }
      loops.append((start, [exit]))
      compile(body)
      emit(.jump, start)
      endLoop()
    case .loop(let body):
      loops.append((here, []))
      compile(body)
      emit(.jump, loops[loops.count - 1].start)
      endLoop()
    case .breakLoop:
      guard !loops.isEmpty else {
        fail("'break' stands outside a loop", at: statement.span)
        return
      }
      loops[loops.count - 1].exits.append(emit(.jump))
    case .continueLoop:
      guard let loop = loops.last else {
        fail("'continue' stands outside a loop", at: statement.span)
        return
      }
      emit(.jump, loop.start)
    case .declare(let name, let type, let value):
      if case .work(.cancelSync, let place, isTimer: false) = value.kind {
        compileCancelSync(statement.span, place) { this in
          if let type, let declared = this.compiler.valueType(type) {
            try this.require(.bool, fits: declared, at: type.span)
          }
          return try this.declareLocal(name, .bool)
        }
      } else {
        asStep(statement.span) { try $0.simple(statement) }
      }
    case .assign(let place, .set, let value):
      if place.parts.count == 1, let slot = local(place.parts[0].text),
        case .work(.cancelSync, let work, isTimer: false) = value.kind
      {
        compileCancelSync(statement.span, work) { this in
          try this.require(
            .bool, fits: this.compiler.program.functions[this.index].locals[slot].type, at: value.span)
          return slot
        }
      } else {
        assign(statement.span, place, .set, value)
      }
    case .assign(let place, let operation, let value):
      assign(statement.span, place, operation, value)
    default:
      asStep(statement.span) { try $0.simple(statement) }
    }
  }

  /// A statement with a block is shown by its head only.
  private func headSpan(_ statement: Span, _ condition: Span) -> Span {
    Span(file: statement.file, start: statement.start, end: condition.end)
  }

  private mutating func endLoop() {
    for exit in loops.removeLast().exits {
      if compiler.program.code[exit].opcode == .jump {
        compiler.program.code[exit].a = Int32(here)
      } else {
        compiler.program.code[exit].b = Int32(here)
      }
    }
  }

  private mutating func simple(_ statement: Statement) throws {
    switch statement.kind {
    case .declare(let name, let typeSyntax, let value):
      guard scopes[scopes.count - 1][name.text] == nil else { throw alreadyDeclared(name) }
      let declared = typeSyntax.flatMap { compiler.valueType($0) }
      // The variable gets its number first, so that a call can store its result there.
      let slot = newLocal(name.text, declared ?? .int)
      do {
        var type = try self.value(value, into: slot)
        if let declared {
          try require(type, fits: declared, at: value.span)
          type = declared
        } else if case .callback = type {
          throw callbackIsNoValue(value.span)
        } else if type == .null {
          throw failure("say what '\(name.text)' refers to: let \(name.text): TYPE = null", at: name.span)
        }
        compiler.program.functions[index].locals[slot].type = type
      } catch {
        scopes[scopes.count - 1][name.text] = slot
        throw error
      }
      scopes[scopes.count - 1][name.text] = slot
    case .call(let call):
      _ = try self.call(call, into: -1)
    case .returnValue(let value):
      try compileReturn(value, at: statement.span)
    case .acquire(let mode, let place, let subclass):
      var (object, offset, lockClass) = try lock(place, mode)
      if let subclass { lockClass = try self.subclass(subclass, of: lockClass) }
      stepKind = .acquire
      emit(.acquire, object, offset, lockClass, mode.rawValue)
    case .release(let mode, let place):
      let (object, offset, lockClass) = try lock(place, mode)
      emit(.release, object, offset, lockClass, mode.rawValue)
    case .assertHeld(let place):
      // Whether this thread holds a lock is nothing that another thread can change.
      let before = touchesShared
      let (object, offset, lockClass) = try lock(place, nil)
      touchesShared = before
      emit(.assertHeld, object, offset, lockClass)
    case .refcount(let operation, let place, let amount, let holder):
      let (object, field) = try field(place)
      try requireRefcount(field, place)
      var operand = ~0
      if let amount { operand = try number(amount) } else { operand = newTemporary() }
      try emit(holder, second: false)
      emit(.refcount, operand, object, field.offset, operation.rawValue)
    case .move(let place, let from, let to):
      let (object, field) = try field(place)
      try requireRefcount(field, place)
      try emit(from, second: false)
      try emit(to, second: true)
      emit(.refcountMove, object, field.offset)
    case .free(let expression):
      let (operand, _) = try reference(expression)
      touchesShared = true
      emit(.free, operand)
    case .wake(let place, let all):
      let (object, field) = try field(place)
      guard field.type == .waitQueue else {
        throw failure("'\(field.name)' is no wait_queue", at: place.span)
      }
      emit(.wake, object, field.offset, all ? 1 : 0)
    case .taskWork(let name, let argument):
      guard let function = functionNames["fn " + name.text] else { throw unknownFunction(name) }
      guard compiler.program.functions[function].parameterCount == 1 else {
        throw failure("task_work calls a function of one parameter", at: name.span)
      }
      let (operand, type) = try value(argument)
      try require(type, fits: compiler.program.functions[function].locals[0].type, at: argument.span)
      touchesShared = true
      emit(.taskWork, function, operand)
    case .rcuRead(let isLock): try compileRead(isLock: isLock, at: statement.span)
    case .synchronize(let isBarrier): compileGrace(isBarrier: isBarrier)
    case .callRCU(let name, let argument): try compileCallback(name, argument, at: statement.span)
    case .complete(let place, let all): try compileComplete(place, all: all)
    case .reinit(let place): try compileReinit(place)
    case .check(let property, let expression, let text):
      guard let number = compiler.property(property) else { throw Failed() }
      let operand = try looking("a check") { try $0.condition(expression) }
      emit(.check, operand, number, compiler.stringIndex(text), noteStatement(statement.span))
    case .warn(let text):
      let operand = emitConstant(1)
      emit(.warnOn, operand, compiler.stringIndex(text), 0, noteStatement(statement.span))
    case .probe(let probe):
      // A probe looks without being an action of its own.
      let before = touchesShared
      try emit(probe)
      touchesShared = before
    case .mark(let text):
      emit(.mark, compiler.stringIndex(text))
    case .conditional, .whileLoop, .loop, .breakLoop, .continueLoop, .assign:
      break
    }
  }

  private mutating func alreadyDeclared(_ name: Identifier) -> Failed {
    failure("'\(name.text)' is already declared here; use '=' to change it", at: name.span)
  }

  /// A variable of the block that is being compiled.
  mutating func declareLocal(_ name: Identifier, _ type: ValueType) throws -> Int {
    guard scopes[scopes.count - 1][name.text] == nil else { throw alreadyDeclared(name) }
    let slot = newLocal(name.text, type)
    scopes[scopes.count - 1][name.text] = slot
    return slot
  }

  private mutating func compileReturn(_ value: Value?, at span: Span) throws {
    let function = compiler.program.functions[index]
    guard let value else {
      if let result = function.result, !function.isEntry {
        throw failure("'\(function.name)' returns \(describe(result)); return a value", at: span)
      }
      emitReturn(nil)
      return
    }
    guard let result = function.result else {
      throw failure("'\(function.name)' returns nothing; give it a result type with '->'", at: value.span)
    }
    if case .expression(let expression) = value.kind {
      let (operand, type) = try self.value(expression)
      try require(type, fits: result, at: expression.span)
      emitReturn(operand, at: span)
    } else {
      let slot = newLocal("", result)
      let type = try self.value(value, into: slot)
      try require(type, fits: result, at: value.span)
      emitReturn(slot, at: span)
    }
  }

  private mutating func assign(_ span: Span, _ place: Place, _ operation: AssignOperator, _ value: Value) {
    if place.parts.count == 1, let slot = local(place.parts[0].text) {
      asStep(span) { this in
        guard operation != .initialize else {
          throw this.failure("'init' gives a const field its value; write '='", at: place.span)
        }
        let type = this.compiler.program.functions[this.index].locals[slot].type
        if operation == .set {
          let given = try this.value(value, into: slot)
          try this.require(given, fits: type, at: value.span)
          return
        }
        guard case .expression(let expression) = value.kind else {
          throw this.failure("'+=' and '-=' take a number", at: value.span)
        }
        let operand = try this.number(expression)
        this.emit(operation == .add ? .add : .subtract, slot, slot, operand)
      }
      return
    }
    if case .expression = value.kind {
    } else if operation == .set || operation == .initialize {
      // The result of a call reaches the field in a step of its own, after the call.
      let slot = newLocal("", .int)
      asStep(span) { this in
        let type = try this.value(value, into: slot)
        this.compiler.program.functions[this.index].locals[slot].type = type
      }
      asStep(span) { this in
        let (object, field) = try this.field(place)
        try this.requireWritable(field, place, operation)
        this.touchesShared = true
        let type = this.compiler.program.functions[this.index].locals[slot].type
        try this.require(type, fits: try this.type(of: field, at: place.span), at: value.span)
        this.emitStore(object, field, slot, at: span)
      }
      return
    }
    asStep(span) { this in
      guard case .expression(let expression) = value.kind else {
        throw this.failure("'+=' and '-=' take a number", at: value.span)
      }
      let (object, field) = try this.field(place)
      try this.requireWritable(field, place, operation)
      this.touchesShared = true
      let type = try this.type(of: field, at: place.span)
      if operation == .set || operation == .initialize {
        let (operand, given) = try this.value(expression)
        try this.require(given, fits: type, at: expression.span)
        this.emitStore(object, field, operand, at: span)
      } else {
        let operand = try this.number(expression)
        let old = this.newTemporary()
        this.emit(.load, old, object, field.offset)
        this.emit(operation == .add ? .add : .subtract, old, old, operand)
        this.emitStore(object, field, old, at: span)
      }
    }
  }

  /// The store itself; a field that is `once` is looked at first.
  mutating func emitStore(_ object: Int, _ field: Field, _ operand: Int, at span: Span) {
    if field.isSetOnce || field.isConstant {
      let old = newTemporary()
      emit(.load, old, object, field.offset)
      let same = newTemporary()
      emit(.equal, same, old, operand)
      let unset = newTemporary()
      emit(.not, unset, old)
      emit(.add, unset, unset, same)
      let number = Property.invariantIndex
      let text = compiler.stringIndex("\(field.name) is set once and never changes again")
      emit(.check, unset, number, text, noteStatement(span))
    }
    emit(.store, object, field.offset, operand)
  }

  mutating func requireWritable(
    _ field: Field, _ place: Place, _ operation: AssignOperator = .set
  ) throws {
    guard operation != .initialize || field.isConstant else {
      throw failure("'\(field.name)' is not const; assign it without 'init'", at: place.span)
    }
    if field.isConstant, operation != .initialize {
      throw failure("'\(field.name)' is const; it gets its value in the braces of 'alloc'", at: place.span)
    }
    switch field.type {
    case .int, .unsigned, .bool, .reference, .ops: break
    case .refcount:
      throw failure(
        "'\(field.name)' is a refcount; use ref_set, ref_inc, ref_dec, or count_inc, count_dec",
        at: place.span)
    default: throw failure("'\(field.name)' cannot be assigned", at: place.span)
    }
  }

  private mutating func emit(_ holder: Holder, second: Bool) throws {
    let word = compiler.stringIndex(holder.word)
    let which = second ? 1 : 0
    guard let owner = holder.owner else {
      emit(.holder, 0, word, 0, which)
      return
    }
    let (operand, type) = try value(owner)
    switch type {
    case .thread: emit(.holder, 0, word, 2, which)
    case .reference: emit(.holder, operand, word, 1, which)
    default: throw failure("a unit's holder is a word in quotes, an object, or 'thread'", at: owner.span)
    }
  }

  // MARK: Values

  /// Computes a value into a local; gives its type.
  private mutating func value(_ value: Value, into slot: Int) throws -> ValueType {
    switch value.kind {
    case .expression(let expression):
      let (operand, type) = try self.value(expression)
      if operand != slot { emit(.move, slot, operand) }
      return type
    case .call(let call):
      guard let type = try self.call(call, into: slot) else {
        throw failure("'\(call.name.text)' returns nothing", at: call.span)
      }
      return type
    case .allocate(let name, let initializers, let fallible):
      guard let type = typeNames[name.text] else {
        throw failure(
          "there is no object type '\(name.text)'\(Spelling.suggestion(name.text, among: typeNames.keys))",
          at: name.span)
      }
      touchesShared = true
      if fallible { stepKind = .fallible }
      var stores: [(offset: Int, operand: Int)] = []
      for (fieldName, expression) in initializers {
        guard let field = compiler.program.types[type].field(named: fieldName.text) else {
          throw unknownField(fieldName, in: type)
        }
        let (operand, given) = try self.value(expression)
        try require(given, fits: try self.type(of: field, at: fieldName.span), at: expression.span)
        if case .refcount = field.type {
          throw failure("set a refcount with ref_set, which names the holder", at: fieldName.span)
        }
        stores.append((field.offset, operand))
      }
      let object = newTemporary()
      emit(.allocate, object, type, fallible ? 1 : 0)
      let skip = fallible ? emit(.jumpIfZero, object, 0) : nil
      for store in stores { emit(.store, object, store.offset, store.operand) }
      if let skip { compiler.program.code[skip].b = Int32(here) }
      emit(.move, slot, object)
      return .reference(type)
    case .tryAcquire(let mode, let place):
      let (object, offset, lockClass) = try lock(place, mode)
      emit(.tryAcquire, slot, object, offset, lockClass * 4 + mode.rawValue)
      return .bool
    case .refcount(let operation, let place, let holder):
      let (object, field) = try field(place)
      try requireRefcount(field, place)
      try emit(holder, second: false)
      emit(.refcount, slot, object, field.offset, operation.rawValue)
      return .bool
    case .waitEvent(let place, let until, let seconds, let interruptible):
      let (object, field) = try field(place)
      guard field.type == .waitQueue else {
        throw failure("'\(field.name)' is no wait_queue", at: place.span)
      }
      // Nobody waits for a day: what would go on only then is as good as hung (Linux, MAX_SCHEDULE_TIMEOUT, is no timeout either).
      let timeout = seconds.flatMap { $0 < RuntimeLimits.longestTimeout ? $0 : nil }
      stepKind = .wait(seconds: timeout)
      let operand = try looking("the condition of a wait") { try $0.condition(until) }
      emit(.operand, 0, operand)
      emit(.wait, slot, object, field.offset, (interruptible ? 1 : 0) | (timeout == nil ? 2 : 0))
      return .bool
    case .choose(let count):
      guard count >= 1 else { throw failure("choose among at least 1", at: value.span) }
      guard count <= Limits.choices.number else { throw failure(Limits.choices.message, at: value.span) }
      touchesShared = true
      stepKind = .choice(Int(count))
      emit(.choose, slot, Int(count))
      return .int
    case .work(let verb, let place, let isTimer):
      return try compileWork(verb, place, isTimer: isTimer, into: slot, at: value.span)
    case .waitCompletion(let place, let seconds, let interruptible):
      return try compileWait(place, seconds: seconds, interruptible: interruptible, into: slot)
    case .tryCompletion(let place): return try compileTry(place, into: slot)
    case .exchange(let place, let new): return try compileExchange(place, new, into: slot, at: value.span)
    case .compareExchange(let place, let old, let new):
      return try compileCompareExchange(place, old, new, into: slot, at: value.span)
    case .addReturn(let place, let amount):
      return try compileAddReturn(place, amount, into: slot, at: value.span)
    }
  }

  /// Emits a call; gives the type of its result, or nil when it has none.
  private mutating func call(_ call: Call, into slot: Int) throws -> ValueType? {
    if let target = call.target {
      let (driver, type) = try value(target)
      guard case .ops(let ops) = type else { throw noCallback(target, call.name, type) }
      guard let member = compiler.program.ops[ops].members.firstIndex(where: { $0.name == call.name.text }),
        let parameters = compiler.program.ops[ops].members[member].parameters
      else {
        throw failure(
          "'\(compiler.program.ops[ops].name)' has no callback '\(call.name.text)'", at: call.name.span)
      }
      try arguments(call, parameters)
      emit(.callOps, driver, slot, member, ops)
      noteCallSite(call.span)
      return compiler.program.ops[ops].members[member].type
    }
    if Builtin(rawValue: call.name.text) != nil {
      let expression = Expression(span: call.span, kind: .function(call.name, call.arguments))
      let (operand, type) = try value(expression)
      if slot >= 0 { emit(.move, slot, operand) }
      return type
    }
    guard let function = functionNames["fn " + call.name.text] else {
      if let hint = Hints.call(call.name.text, call.arguments.map { text($0.span) }) {
        throw failure("there is no function '\(call.name.text)'; \(hint)", at: call.name.span)
      }
      throw unknownFunction(call.name)
    }
    let callee = compiler.program.functions[function]
    try arguments(call, callee.locals.prefix(callee.parameterCount).map(\.type))
    emit(.call, function, slot)
    noteCallSite(call.span)
    return callee.result
  }

  /// Remembers where the call just emitted stands, for views of a stack.
  private mutating func noteCallSite(_ span: Span) {
    compiler.program.callSites[here - 1] = noteStatement(span)
  }

  /// A statement that need not be a scheduling point, for what is said about it.
  private mutating func noteStatement(_ span: Span, kind: StatementInfo.Kind = .ridesAlong) -> Int {
    compiler.program.statements.append(StatementInfo(span: span, function: index, kind: kind))
    return compiler.program.statements.count - 1
  }

  private mutating func arguments(_ call: Call, _ parameters: [ValueType]) throws {
    guard call.arguments.count == parameters.count else {
      throw failure(
        "'\(call.name.text)' takes \(parameters.count) argument\(parameters.count == 1 ? "" : "s"), not \(call.arguments.count)",
        at: call.span)
    }
    var operands: [Int] = []
    for (argument, parameter) in zip(call.arguments, parameters) {
      let (operand, type) = try value(argument)
      try require(type, fits: parameter, at: argument.span)
      operands.append(operand)
    }
    for (position, operand) in operands.enumerated() { emit(.argument, position, operand) }
  }

  mutating func unknownFunction(_ name: Identifier) -> Failed {
    let known = functionNames.keys.filter { $0.hasPrefix("fn ") }.map { String($0.dropFirst(3)) }
    return failure(
      "there is no function '\(name.text)'\(Spelling.suggestion(name.text, among: known))", at: name.span)
  }

  private mutating func unknownField(_ name: Identifier, in type: Int) -> Failed {
    let object = compiler.program.types[type]
    return failure(
      "'\(object.name)' has no field '\(name.text)'\(Spelling.suggestion(name.text, among: object.fields.map(\.name)))",
      at: name.span)
  }

  // MARK: Places

  func local(_ name: String) -> Int? {
    for scope in scopes.reversed() {
      if let slot = scope[name] { return slot }
    }
    return nil
  }

  /// The object and the field that a place ends in. Reading the way there is part of the step.
  mutating func field(_ place: Place) throws -> (object: Int, field: Field) {
    let first = place.parts[0]
    var object: Int
    var type: Int
    var rest = place.parts.dropFirst()
    if let slot = local(first.text) {
      let localType = compiler.program.functions[index].locals[slot].type
      guard case .reference(let target) = localType else {
        throw failure("'\(first.text)' is \(describe(localType)) and has no fields", at: first.span)
      }
      guard let target else {
        throw failure("'\(first.text)' may be any object; take it back with 'as' first", at: first.span)
      }
      object = slot
      type = target
    } else if compiler.program.types[ObjectType.globals].field(named: first.text) != nil {
      object = emitConstant(1)
      type = ObjectType.globals
      rest = place.parts[...]
    } else {
      throw unknownName(first.text, at: first.span)
    }
    guard let last = rest.last else {
      throw failure("expected a field, such as \(first.text).NAME", at: place.span)
    }
    for name in rest.dropLast() {
      guard let field = compiler.program.types[type].field(named: name.text) else {
        throw unknownField(name, in: type)
      }
      guard case .reference(let target?) = field.type else {
        if case .xarray = field.type, name == rest.dropLast().last, last.text == "xa_lock" {
          touchesShared = true
          return (object, lockField(of: field))
        }
        throw failure("'\(name.text)' has no fields", at: name.span)
      }
      if !field.isConstant { touchesShared = true }
      let next = newTemporary()
      emit(.load, next, object, field.offset)
      object = next
      type = target
    }
    guard let field = compiler.program.types[type].field(named: last.text) else {
      throw unknownField(last, in: type)
    }
    touchesShared = true
    return (object, field)
  }

  /// The lock inside an xarray, as if it were a field.
  private func lockField(of field: Field) -> Field {
    guard case .xarray(_, _, let lockClass) = field.type else { return field }
    return Field(
      name: "xa_lock", type: .spinlock(lockClass), offset: field.offset + 1, isConstant: false, isShown: false
    )
  }

  private mutating func lock(_ place: Place, _ mode: LockMode?) throws -> (
    object: Int, offset: Int, lockClass: Int
  ) {
    touchesShared = false
    let (object, field) = try lockPlace(place)
    guard let lockClass = field.type.lockClass else {
      throw failure("'\(field.name)' is no lock", at: place.span)
    }
    let kind = compiler.program.lockClasses[lockClass].kind
    let fits: Bool =
      switch mode {
      case nil: true
      case .exclusive: kind == .mutex
      case .read, .write: kind == .rwSemaphore
      case .spin: kind == .spinlock
      }
    if !fits {
      let hint: String =
        switch kind {
        case .mutex: "a mutex: use mutex_lock, mutex_unlock"
        case .rwSemaphore: "an rw_semaphore: use down_read, up_read, down_write, up_write"
        case .spinlock: "a spinlock: use spin_lock, spin_unlock"
        case .rcu: "RCU: use rcu_read_lock, rcu_read_unlock"
        case .work: "a work: use queue_work, flush_work, cancel_work, cancel_work_sync"
        }
      throw failure("'\(field.name)' is \(hint)", at: place.span)
    }
    touchesShared = true
    return (object, field.offset, lockClass)
  }

  private mutating func lockPlace(_ place: Place) throws -> (object: Int, field: Field) {
    var shared = false
    // All of the way but the lock itself must be constant: a waiter may not look up another lock while it waits.
    let way = place.parts.dropLast(place.parts.last?.text == "xa_lock" ? 2 : 1)
    if way.count > 1 || (way.count == 1 && local(way[0].text) == nil) {
      var type: Int?
      for (position, name) in way.enumerated() {
        if position == 0, let slot = local(name.text) {
          if case .reference(let target) = compiler.program.functions[index].locals[slot].type {
            type = target
          }
          continue
        }
        let owner = position == 0 ? ObjectType.globals : type
        guard let owner, let field = compiler.program.types[owner].field(named: name.text) else { break }
        if !field.isConstant { shared = true }
        if case .reference(let target) = field.type { type = target }
      }
    }
    if shared {
      throw failure("name the lock through a variable: let x = …, then the lock of x", at: place.span)
    }
    return try field(place)
  }

  /// The class of a lock that is nested on purpose.
  private mutating func subclass(_ number: Expression, of lockClass: Int) throws -> Int {
    guard let value = compiler.constantValue(number)?.value else { throw Failed() }
    guard (0..<Int64(Limits.lockSubclasses.number)).contains(value) else {
      throw failure(Limits.lockSubclasses.message, at: number.span)
    }
    if value == 0 { return lockClass }
    var own = compiler.program.lockClasses[lockClass]
    own.name += "/\(value)"
    own.subclass = Int(value)
    if let known = compiler.program.lockClasses.firstIndex(where: { $0.name == own.name }) { return known }
    guard compiler.fits(compiler.program.lockClasses.count + 1, Limits.lockClasses, at: number.span) else {
      throw Failed()
    }
    compiler.program.lockClasses.append(own)
    return compiler.program.lockClasses.count - 1
  }

  private mutating func requireRefcount(_ field: Field, _ place: Place) throws {
    guard field.type == .refcount else { throw failure("'\(field.name)' is no refcount", at: place.span) }
  }

  mutating func type(of field: Field, at span: Span) throws -> ValueType {
    switch field.type {
    case .int, .refcount, .completion: return .int
    case .unsigned: return .unsigned
    case .bool: return .bool
    case .reference(let type): return .reference(type)
    case .ops(let ops): return .ops(ops)
    default: throw failure("'\(field.name)' has no value; use the statements and functions for it", at: span)
    }
  }

  // MARK: Types

  private func describe(_ type: ValueType) -> String {
    switch type {
    case .int: "a number"
    case .unsigned: "a u64"
    case .bool: "true or false"
    case .reference(let type):
      type.map { "a reference to \(compiler.program.types[$0].name)" } ?? "any object"
    case .ops(let ops): "a driver of \(compiler.program.ops[ops].name)"
    case .callback(let ops, let member): "the callback '\(compiler.program.ops[ops].members[member].name)'"
    case .null: "null"
    case .thread: "a thread"
    }
  }

  mutating func require(_ given: ValueType, fits wanted: ValueType, at span: Span) throws {
    let fits: Bool =
      switch (given, wanted) {
      case (.int, .int), (.unsigned, .unsigned), (.bool, .bool), (.int, .unsigned), (.unsigned, .int): true
      case (.null, .reference), (.null, .ops), (.reference, .reference(nil)): true
      case (.reference(let type?), .reference(let base?)): compiler.program.type(type, isA: base)
      case (.ops(let first), .ops(let second)): first == second
      default: given == wanted
      }
    if case .callback = given { throw callbackIsNoValue(span) }
    if !fits { throw failure("expected \(describe(wanted)), this is \(describe(given))", at: span) }
  }

  private mutating func callbackIsNoValue(_ span: Span) -> Failed {
    failure(
      "a callback is called where it stands, place->fn(…), or compared with null; it is no value", at: span)
  }

  /// Compiles what must not change anything.
  private mutating func looking<T>(_ what: String, _ body: (inout FunctionCompiler) throws -> T) rethrows -> T
  {
    let before = onlyLooks
    onlyLooks = what
    defer { onlyLooks = before }
    return try body(&self)
  }

  /// - Parameter isNegated: whether a '!' stands before it.
  private mutating func condition(_ expression: Expression, isNegated: Bool = false) throws -> Int {
    let (operand, type) = try value(expression)
    guard type == .bool else {
      let other: String? =
        switch type {
        case .reference, .ops, .callback: "null"
        case .int, .unsigned: "0"
        default: nil
        }
      let remedy =
        other.map { "write \(text(expression.span)) \(isNegated ? "==" : "!=") \($0)" }
        ?? "compare it with something"
      throw failure("a condition is true or false, this is \(describe(type)); \(remedy)", at: expression.span)
    }
    return operand
  }

  /// A stretch of the text, on one line.
  private func text(_ span: Span) -> String {
    let source = compiler.program.sources[span.file]
    return String(decoding: source.bytes[span.start..<span.end], as: UTF8.self).replacing("\n", with: " ")
  }

  /// What is said where `->` does not follow an ops field.
  private mutating func noCallback(_ base: Expression, _ name: Identifier, _ type: ValueType) -> Failed {
    guard case .reference = type else {
      return failure("'->' follows an ops field, this is \(describe(type))", at: base.span)
    }
    return failure(
      "'->' calls a callback of an ops field; a field is reached with '.': \(text(base.span)).\(name.text)",
      at: base.span)
  }

  mutating func number(_ expression: Expression) throws -> Int {
    let (operand, type) = try value(expression)
    guard type == .int || type == .unsigned else {
      throw failure("expected a number, this is \(describe(type))", at: expression.span)
    }
    return operand
  }

  private mutating func reference(_ expression: Expression) throws -> (operand: Int, type: Int?) {
    let (operand, type) = try value(expression)
    guard case .reference(let target) = type else {
      throw failure("expected an object, this is \(describe(type))", at: expression.span)
    }
    return (operand, target)
  }

  private mutating func unknownName(_ name: String, at span: Span) -> Failed {
    var known = Array(constants.keys) + compiler.program.types[ObjectType.globals].fields.map(\.name)
    for scope in scopes { known += scope.keys }
    if let hint = Hints.words[name] { return failure("there is no '\(name)' here; \(hint)", at: span) }
    return failure("there is no '\(name)' here\(Spelling.suggestion(name, among: known))", at: span)
  }

  // MARK: Expressions

  mutating func value(_ expression: Expression) throws -> (operand: Int, type: ValueType) {
    switch expression.kind {
    case .number(let number): return (emitConstant(number), .int)
    case .unsigned(let number): return (emitConstant(number), .unsigned)
    case .boolean(let truth): return (emitConstant(truth ? 1 : 0), .bool)
    case .null: return (emitConstant(0), .null)
    case .thread:
      let target = newTemporary()
      emit(.thread, target)
      return (target, .thread)
    case .result:
      guard let resultOperand else {
        throw failure("'result' is known only in a probe at return", at: expression.span)
      }
      return resultOperand
    case .name(let name):
      if let slot = local(name) { return (slot, compiler.program.functions[index].locals[slot].type) }
      if let constant = constants[name] { return (emitConstant(constant.value), constant.type) }
      if let field = compiler.program.types[ObjectType.globals].field(named: name) {
        let type = try type(of: field, at: expression.span)
        touchesShared = true
        let object = emitConstant(1)
        let target = newTemporary()
        emit(.load, target, object, field.offset)
        return (target, type)
      }
      if let driver = driverNames[name] {
        return (emitConstant(Int64(driver) + 1), .ops(compiler.program.drivers[driver].ops))
      }
      if let number = Errno.number(of: name) { return (emitConstant(number), .int) }
      throw unknownName(name, at: expression.span)
    case .field(let base, let name):
      let (object, target) = try reference(base)
      guard let target else {
        throw failure("this may be any object; take it back with 'as' first", at: base.span)
      }
      guard let field = compiler.program.types[target].field(named: name.text) else {
        throw unknownField(name, in: target)
      }
      let type = try type(of: field, at: expression.span)
      if !field.isConstant { touchesShared = true }
      let result = newTemporary()
      emit(.load, result, object, field.offset)
      return (result, type)
    case .member(let base, let name):
      let (driver, type) = try value(base)
      guard case .ops(let ops) = type else { throw noCallback(base, name, type) }
      guard let member = compiler.program.ops[ops].members.firstIndex(where: { $0.name == name.text }) else {
        throw failure("'\(compiler.program.ops[ops].name)' has no member '\(name.text)'", at: name.span)
      }
      let definition = compiler.program.ops[ops].members[member]
      let result = newTemporary()
      emit(.opsMember, result, driver, member)
      // A callback can only be called where it stands, or compared with null.
      return (
        result, definition.parameters == nil ? definition.type ?? .int : .callback(ops: ops, member: member)
      )
    case .unary(let symbol, let operand):
      if symbol == "-" {
        let (value, type) = try value(operand)
        guard type == .int || type == .unsigned else { throw failure("'-' takes a number", at: operand.span) }
        let result = newTemporary()
        emit(.negate, result, value)
        return (result, type)
      }
      let value = try condition(operand, isNegated: true)
      let result = newTemporary()
      emit(.not, result, value)
      return (result, .bool)
    case .binary(let symbol, let left, let right):
      return try binary(symbol, left, right, expression.span)
    case .isType(let base, let name):
      let (object, _) = try reference(base)
      guard let type = typeNames[name.text] else {
        throw failure("there is no object type '\(name.text)'", at: name.span)
      }
      // An object's type never changes, so asking for it is no action.
      let result = newTemporary()
      emit(.isType, result, object, type)
      return (result, .bool)
    case .asType(let base, let name):
      let (object, _) = try reference(base)
      guard let type = typeNames[name.text] else {
        throw failure("there is no object type '\(name.text)'", at: name.span)
      }
      emit(.castCheck, object, type)
      return (object, .reference(type))
    case .warnOn(let inner):
      let operand = try condition(inner)
      let source = compiler.program.sources[inner.span.file]
      let text = String(decoding: source.bytes[inner.span.start..<inner.span.end], as: UTF8.self)
      let message = compiler.stringIndex("WARN_ON(\(text))")
      emit(.warnOn, operand, message, 0, noteStatement(expression.span))
      return (operand, .bool)
    case .function(let name, let arguments):
      return try builtin(name, arguments, expression.span)
    }
  }

  private mutating func binary(_ symbol: String, _ left: Expression, _ right: Expression, _ span: Span) throws
    -> (
      operand: Int, type: ValueType
    )
  {
    if symbol == "&&" || symbol == "||" {
      let result = newTemporary()
      let first = try condition(left)
      emit(.move, result, first)
      let skip = emit(symbol == "&&" ? .jumpIfZero : .jumpIfNotZero, result, 0)
      let second = try condition(right)
      emit(.move, result, second)
      compiler.program.code[skip].b = Int32(here)
      return (result, .bool)
    }
    let (first, firstType) = try value(left)
    let (second, secondType) = try value(right)
    let result = newTemporary()
    if symbol == "==" || symbol == "!=" {
      if !comparable(firstType, secondType) {
        throw failure("\(describe(firstType)) and \(describe(secondType)) cannot be compared", at: span)
      }
      emit(symbol == "==" ? .equal : .notEqual, result, first, second)
      return (result, .bool)
    }
    let numbers: [ValueType] = [.int, .unsigned]
    guard numbers.contains(firstType), numbers.contains(secondType) else {
      throw failure("'\(symbol)' takes numbers", at: span)
    }
    let isUnsigned = firstType == .unsigned || secondType == .unsigned
    let type: ValueType = isUnsigned ? .unsigned : .int
    switch symbol {
    case "+": emit(.add, result, first, second)
    case "-": emit(.subtract, result, first, second)
    case "*": emit(.multiply, result, first, second)
    case "&": emit(.bitAnd, result, first, second)
    case "|": emit(.bitOr, result, first, second)
    case "<<": emit(.shiftLeft, result, first, second)
    case ">>": emit(isUnsigned ? .shiftRightUnsigned : .shiftRightSigned, result, first, second)
    case "/": emit(isUnsigned ? .divideUnsigned : .divideSigned, result, first, second)
    case "%": emit(isUnsigned ? .remainderUnsigned : .remainderSigned, result, first, second)
    case "<": emit(isUnsigned ? .lessUnsigned : .lessSigned, result, first, second)
    case "<=": emit(isUnsigned ? .lessEqualUnsigned : .lessEqualSigned, result, first, second)
    case ">": emit(isUnsigned ? .lessUnsigned : .lessSigned, result, second, first)
    case ">=": emit(isUnsigned ? .lessEqualUnsigned : .lessEqualSigned, result, second, first)
    default: throw failure("'\(symbol)' is no operator", at: span)
    }
    return (result, ["<", "<=", ">", ">="].contains(symbol) ? .bool : type)
  }

  private func comparable(_ first: ValueType, _ second: ValueType) -> Bool {
    switch (first, second) {
    case (.int, .int), (.int, .unsigned), (.unsigned, .int), (.unsigned, .unsigned), (.bool, .bool): true
    case (.reference(let one?), .reference(let other?)):
      compiler.program.type(one, isA: other) || compiler.program.type(other, isA: one)
    case (.reference, .reference), (.reference, .null), (.null, .reference), (.ops, .null), (.null, .ops):
      true
    case (.ops(let one), .ops(let other)): one == other
    case (.callback, .null), (.null, .callback): true
    case (.null, .null), (.thread, .thread): true
    default: false
    }
  }

  private mutating func builtin(_ name: Identifier, _ arguments: [Expression], _ span: Span) throws -> (
    operand: Int, type: ValueType
  ) {
    guard let builtin = Builtin(rawValue: name.text) else { throw unknownFunction(name) }
    guard arguments.count == builtin.argumentCount else {
      throw failure(
        "'\(name.text)' takes \(builtin.argumentCount) argument\(builtin.argumentCount == 1 ? "" : "s"), not \(arguments.count)",
        at: span)
    }
    if builtin == .add_overflows {
      let first = try number(arguments[0])
      let second = try number(arguments[1])
      let result = newTemporary()
      emit(.addOverflows, result, first, second)
      return (result, .bool)
    }
    if builtin == .held || builtin == .holds {
      guard let place = place(of: arguments[0]) else {
        throw failure("'\(name.text)' takes a lock, such as device.lock", at: arguments[0].span)
      }
      let before = touchesShared
      let (object, offset, _) = try lock(place, nil)
      touchesShared = before || builtin == .held
      let result = newTemporary()
      emit(.lockTest, result, object, offset, builtin == .holds ? 1 : 0)
      return (result, .bool)
    }
    if builtin == .units {
      guard let place = place(of: arguments[0]) else {
        throw failure("'units' takes a refcount, such as device.users", at: arguments[0].span)
      }
      let before = touchesShared
      let (object, field) = try field(place)
      try requireRefcount(field, place)
      let (holder, type) = try value(arguments[1])
      let result = newTemporary()
      switch type {
      case .reference:
        touchesShared = true
        emit(.operand, 0, holder)
        emit(.unitCount, result, object, field.offset, 0)
      case .thread:
        // What this thread itself holds is nothing that another thread can change.
        touchesShared = before
        emit(.unitCount, result, object, field.offset, 1)
      default:
        throw failure("'units' takes a holder, an object or 'thread'", at: arguments[1].span)
      }
      return (result, .int)
    }
    if builtin == .alive {
      let (object, _) = try reference(arguments[0])
      touchesShared = true
      let result = newTemporary()
      emit(.aliveTest, result, object)
      return (result, .bool)
    }
    guard let place = place(of: arguments[0]) else {
      throw failure("the first argument names a container, such as table.objects", at: arguments[0].span)
    }
    let (object, field) = try field(place)
    let element: Int
    let allowed: [Builtin]
    switch field.type {
    case .xarray(let type, _, _):
      (element, allowed) = (
        type, [.xa_alloc, .xa_insert, .xa_store, .xa_cmpxchg, .xa_load, .xa_erase, .xa_find, .count]
      )
    case .list(let type):
      (element, allowed) = (type, [.list_append, .list_remove, .list_first, .list_next, .count])
    case .intervalMap(let type):
      (element, allowed) = (
        type, [.imap_insert, .imap_remove, .imap_find, .imap_next, .imap_uncovered, .count]
      )
    default: throw failure("'\(field.name)' is no container", at: arguments[0].span)
    }
    guard allowed.contains(builtin) else {
      throw failure(
        "'\(name.text)' does not work on '\(field.name)'; use \(allowed.map(\.rawValue).joined(separator: ", "))",
        at: name.span)
    }
    if builtin.changesContainer, let onlyLooks {
      throw failure(
        "\(onlyLooks) only looks, and '\(name.text)' changes '\(field.name)'; call it before, and use its result",
        at: span)
    }
    let objectArguments: [Int] =
      switch builtin {
      case .xa_insert, .xa_store: [2]
      case .xa_cmpxchg: [2, 3]
      case .list_append, .list_remove, .list_next, .imap_remove, .imap_next: [1]
      case .imap_insert: [3]
      default: []
      }
    var operands: [Int] = []
    for (position, argument) in arguments.enumerated().dropFirst() {
      if objectArguments.contains(position) {
        let (operand, type) = try value(argument)
        try require(type, fits: .reference(element), at: argument.span)
        operands.append(operand)
      } else {
        operands.append(try number(argument))
      }
    }
    for (position, operand) in operands.enumerated() { emit(.operand, position, operand) }
    let result = newTemporary()
    let number = Builtin.allCases.firstIndex(of: builtin) ?? 0
    emit(.container, result, object, field.offset, number)
    switch builtin {
    case .xa_load, .xa_erase, .xa_cmpxchg, .list_first, .list_next, .imap_find, .imap_next:
      return (result, .reference(element))
    default: return (result, .int)
    }
  }

  private func place(of expression: Expression) -> Place? {
    switch expression.kind {
    case .name(let name):
      return Place(parts: [Identifier(text: name, span: expression.span)], span: expression.span)
    case .field(let base, let name):
      guard var place = place(of: base) else { return nil }
      place.parts.append(name)
      place.span = expression.span
      return place
    default: return nil
    }
  }
}
