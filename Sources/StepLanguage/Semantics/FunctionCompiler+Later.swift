/// What runs later and what waits for it: RCU, works, timers, completions; and changes of a word in one go.
extension FunctionCompiler {
  // MARK: RCU

  mutating func compileRead(isLock: Bool, at span: Span) throws {
    guard let readers = compiler.program.rcuReaders else { return }
    touchesShared = true
    let globals = emitConstant(1)
    let mode = LockMode.read.rawValue | Int(Instruction.neverWaits)
    emit(isLock ? .acquire : .release, globals, readers.offset, readers.lockClass, mode)
  }

  mutating func compileGrace(isBarrier: Bool) {
    touchesShared = true
    stepKind = .wait(seconds: nil)
    emit(.grace, isBarrier ? 1 : 0)
  }

  mutating func compileCallback(_ name: Identifier?, _ argument: Expression, at span: Span) throws {
    let function: Int
    let (operand, type) = try value(argument)
    if let name {
      guard let known = functionNames["fn " + name.text] else { throw unknownFunction(name) }
      function = known
      guard compiler.program.functions[function].parameterCount == 1 else {
        throw failure("call_rcu calls a function of one parameter", at: name.span)
      }
      try require(type, fits: compiler.program.functions[function].locals[0].type, at: argument.span)
    } else {
      try require(type, fits: .reference(nil), at: argument.span)
      guard let freeing = compiler.freeingFunction(at: span) else { throw Failed() }
      function = freeing
    }
    touchesShared = true
    emit(.deferCall, function, operand)
  }

  // MARK: Works and timers

  /// The field that a statement is about, reached without reading memory: who sleeps there does not go the way again.
  private mutating func nearField(_ place: Place) throws -> (object: Int, field: Field) {
    if place.parts.count > 2 || (place.parts.count == 2 && local(place.parts[0].text) == nil) {
      throw failure(
        "name the object by a variable: let x = …, then x.\(place.parts[place.parts.count - 1].text)",
        at: place.span)
    }
    return try field(place)
  }

  private mutating func work(_ place: Place, isTimer: Bool) throws -> (
    object: Int, field: Field, call: DeferredCall
  ) {
    let (object, field) = try nearField(place)
    guard case .work(let call) = field.type else {
      throw failure("'\(field.name)' is no \(isTimer ? "timer" : "work")", at: place.span)
    }
    if (compiler.program.queues[call.queue].kind == .timers) != isTimer {
      throw failure(
        isTimer
          ? "'\(field.name)' is a work: use queue_work, flush_work, cancel_work, cancel_work_sync"
          : "'\(field.name)' is a timer: use mod_timer, timer_delete, timer_delete_sync", at: place.span)
    }
    return (object, field, call)
  }

  mutating func compileWork(_ verb: WorkVerb, _ place: Place, isTimer: Bool, into slot: Int, at span: Span)
    throws -> ValueType
  {
    switch verb {
    case .queue:
      try emitWork(.queue, place, isTimer, into: slot)
      // Starting a timer tells whether it ran already (Linux, `mod_timer`).
      if isTimer { emit(.not, slot, slot) }
    case .cancel: try emitWork(.cancel, place, isTimer, into: slot)
    case .flush: try emitFlush(place, isTimer, into: slot)
    case .cancelSync where isTimer: try emitFlush(place, isTimer, into: slot)
    case .cancelSync:
      throw failure("this takes several steps: let was = …, or no name at all", at: span)
    }
    return .bool
  }

  private mutating func emitWork(
    _ operation: WorkOperation, _ place: Place, _ isTimer: Bool, into slot: Int
  ) throws {
    let (object, field, call) = try work(place, isTimer: isTimer)
    emit(
      .work, slot, object, field.offset,
      WorkOperation.operand(operation, queue: call.queue, function: call.function))
  }

  private mutating func emitFlush(_ place: Place, _ isTimer: Bool, into slot: Int) throws {
    let (object, field, call) = try work(place, isTimer: isTimer)
    stepKind = .wait(seconds: nil)
    emit(
      .flush, slot, object, field.offset,
      call.queue | (isTimer ? Int(Instruction.stopsTimer) : 0) | call.lockClass << 12)
  }

  /// Taking a work back and waiting for it: it is taken and kept from being queued, waited for, and let go again, each a step (Linux,
  /// `__cancel_work_sync`).
  ///
  /// - Parameter target: gives the variable that gets the result.
  mutating func compileCancelSync(
    _ span: Span, _ place: Place, into target: (inout FunctionCompiler) throws -> Int
  ) {
    asStep(span) { this in
      let slot = try target(&this)
      try this.emitWork(.disable, place, false, into: slot)
    }
    asStep(span) { this in try this.emitFlush(place, false, into: this.newTemporary()) }
    asStep(span) { this in try this.emitWork(.enable, place, false, into: this.newTemporary()) }
  }

  // MARK: Completions

  /// What `complete_all` makes of a completion: no wait takes one from it.
  private static let completedForAll: Int64 = 0x7fff_ffff

  private mutating func completion(_ place: Place) throws -> (object: Int, offset: Int) {
    let (object, field) = try nearField(place)
    guard field.type == .completion else {
      throw failure("'\(field.name)' is no completion", at: place.span)
    }
    return (object, field.offset)
  }

  mutating func compileComplete(_ place: Place, all: Bool) throws {
    let (object, offset) = try completion(place)
    let done = newTemporary()
    if all {
      emit(.move, done, emitConstant(Self.completedForAll))
    } else {
      emit(.load, done, object, offset)
      let isFull = newTemporary()
      emit(.equal, isFull, done, emitConstant(Self.completedForAll))
      let skip = emit(.jumpIfNotZero, isFull, 0)
      emit(.add, done, done, emitConstant(1))
      compiler.program.code[skip].b = Int32(here)
    }
    emit(.store, object, offset, done)
    emit(.wake, object, offset + 1, 1)
  }

  mutating func compileReinit(_ place: Place) throws {
    let (object, offset) = try completion(place)
    emit(.store, object, offset, emitConstant(0))
  }

  /// Waits, and takes one of what was completed.
  mutating func compileWait(_ place: Place, seconds: Int64?, interruptible: Bool, into slot: Int) throws
    -> ValueType
  {
    let (object, offset) = try completion(place)
    let timeout = seconds.flatMap { $0 < RuntimeLimits.longestTimeout ? $0 : nil }
    stepKind = .wait(seconds: timeout)
    let done = newTemporary()
    emit(.load, done, object, offset)
    let isDone = newTemporary()
    emit(.notEqual, isDone, done, emitConstant(0))
    emit(.operand, 0, isDone)
    emit(.wait, slot, object, offset + 1, (interruptible ? 1 : 0) | (timeout == nil ? 2 : 0))
    emitTaking(done, object, offset, unless: slot)
    return .bool
  }

  mutating func compileTry(_ place: Place, into slot: Int) throws -> ValueType {
    let (object, offset) = try completion(place)
    let done = newTemporary()
    emit(.load, done, object, offset)
    emit(.notEqual, slot, done, emitConstant(0))
    emitTaking(done, object, offset, unless: slot)
    return .bool
  }

  private mutating func emitTaking(_ done: Int, _ object: Int, _ offset: Int, unless slot: Int) {
    let none = emit(.jumpIfZero, slot, 0)
    let isFull = newTemporary()
    emit(.equal, isFull, done, emitConstant(Self.completedForAll))
    let full = emit(.jumpIfNotZero, isFull, 0)
    emit(.subtract, done, done, emitConstant(1))
    emit(.store, object, offset, done)
    compiler.program.code[none].b = Int32(here)
    compiler.program.code[full].b = Int32(here)
  }

  // MARK: Changes of a word in one go

  mutating func compileExchange(_ place: Place, _ new: Expression, into slot: Int, at span: Span) throws
    -> ValueType
  {
    let (object, field, type) = try word(place)
    let (operand, given) = try value(new)
    try require(given, fits: type, at: new.span)
    let old = newTemporary()
    emit(.load, old, object, field.offset)
    emitStore(object, field, operand, at: span)
    emit(.move, slot, old)
    return type
  }

  mutating func compileCompareExchange(
    _ place: Place, _ expected: Expression, _ new: Expression, into slot: Int, at span: Span
  ) throws -> ValueType {
    let (object, field, type) = try word(place)
    let (wanted, wantedType) = try value(expected)
    try require(wantedType, fits: type, at: expected.span)
    let (operand, given) = try value(new)
    try require(given, fits: type, at: new.span)
    let old = newTemporary()
    emit(.load, old, object, field.offset)
    let same = newTemporary()
    emit(.equal, same, old, wanted)
    let skip = emit(.jumpIfZero, same, 0)
    emitStore(object, field, operand, at: span)
    compiler.program.code[skip].b = Int32(here)
    emit(.move, slot, old)
    return type
  }

  mutating func compileAddReturn(_ place: Place, _ amount: Expression, into slot: Int, at span: Span) throws
    -> ValueType
  {
    let (object, field, type) = try word(place)
    guard type == .int || type == .unsigned else {
      throw failure("'\(field.name)' is no number", at: place.span)
    }
    let operand = try number(amount)
    let sum = newTemporary()
    emit(.load, sum, object, field.offset)
    emit(.add, sum, sum, operand)
    emitStore(object, field, sum, at: span)
    emit(.move, slot, sum)
    return type
  }

  private mutating func word(_ place: Place) throws -> (object: Int, field: Field, type: ValueType) {
    let (object, field) = try field(place)
    try requireWritable(field, place)
    touchesShared = true
    return (object, field, try type(of: field, at: place.span))
  }
}
