/// What runs later: queues, and the functions that they call.
extension Compiler {
  /// A field that names a function before functions have numbers.
  struct PendingCall {
    var function: Identifier
    var type: String
  }

  /// Declares the queues that something can be put into, and the readers of RCU.
  mutating func declareQueues() {
    var used: [String] = []
    var readers: Span?
    for item in items {
      switch item.kind {
      case .object(let object): used += object.fields.compactMap { queueName($0.type) }
      case .global(let field): used += [queueName(field.type)].compactMap { $0 }
      case .function(let function): noteRCU(function.body, item.span, &readers, &used)
      case .initial(let block): noteRCU(block, item.span, &readers, &used)
      default: break
      }
    }
    for item in items {
      guard case .workqueue(let syntax) = item.kind else { continue }
      let standard = WorkQueue.standard.first { $0.name == syntax.name.text }
      if syntax.isOrdered, let standard, standard.kind != .works {
        complain(
          "the calls of '\(syntax.name.text)' have no order; say how many run at once with 'workers'",
          at: syntax.name.span)
      }
      guard used.contains(syntax.name.text) else { continue }
      var queue = standard ?? WorkQueue(name: syntax.name.text, kind: .works, workers: 1, isOrdered: false)
      queue.isOrdered = syntax.isOrdered
      queue.workers = syntax.workers ?? 1
      program.queues.append(queue)
    }
    for queue in WorkQueue.standard where used.contains(queue.name) {
      if !program.queues.contains(where: { $0.name == queue.name }) { program.queues.append(queue) }
    }
    readersOfRCU = readers
  }

  private func queueName(_ type: TypeSyntax) -> String? {
    switch type.kind {
    case .work(_, let queue): queue?.text ?? WorkQueue.works.name
    case .timer: WorkQueue.timers.name
    default: nil
    }
  }

  private func noteRCU(_ block: Block, _ span: Span, _ readers: inout Span?, _ used: inout [String]) {
    let waits = block.contains {
      switch $0 {
      case .synchronize, .callRCU: true
      default: false
      }
    }
    let reads = block.contains { if case .rcuRead = $0 { true } else { false } }
    if waits { used.append(WorkQueue.rcu.name) }
    if waits || reads { readers = readers ?? span }
  }

  /// The type of a field that holds a call.
  mutating func workType(_ type: TypeSyntax, of field: FieldSyntax, _ typeName: String, at offset: Int)
    -> FieldType?
  {
    let function: Identifier
    let name: Identifier
    switch type.kind {
    case .work(let called, let queue):
      function = called
      name = queue ?? Identifier(text: WorkQueue.works.name, span: type.span)
      if let standard = WorkQueue.standard.first(where: { $0.name == name.text }), standard.kind != .works {
        complain("'\(name.text)' is no queue of works", at: name.span)
        return nil
      }
    case .timer(let called):
      function = called
      name = Identifier(text: WorkQueue.timers.name, span: type.span)
    default: return nil
    }
    guard let queue = program.queues.firstIndex(where: { $0.name == name.text }) else {
      complain(
        "there is no workqueue '\(name.text)'\(Spelling.suggestion(name.text, among: program.queues.map(\.name))); declare it: workqueue \(name.text) ordered, or workers 2",
        at: name.span)
      return nil
    }
    let prefix = typeName.isEmpty ? "" : typeName + "."
    program.lockClasses.append(LockClass(name: prefix + field.name.text, kind: .work, offset: offset))
    let lockClass = program.lockClasses.count - 1
    pendingCalls[lockClass] = PendingCall(function: function, type: typeName)
    return .work(DeferredCall(function: 0, queue: queue, lockClass: lockClass))
  }

  /// Finds the functions that fields hold as calls.
  mutating func resolveCalls() {
    for type in program.types.indices {
      for field in program.types[type].fields.indices {
        guard case .work(var call) = program.types[type].fields[field].type,
          let pending = pendingCalls[call.lockClass]
        else { continue }
        guard let function = functionNames["fn " + pending.function.text] else {
          let known = functionNames.keys.filter { $0.hasPrefix("fn ") }.map { String($0.dropFirst(3)) }
          complain(
            "there is no function '\(pending.function.text)'\(Spelling.suggestion(pending.function.text, among: known))",
            at: pending.function.span)
          continue
        }
        call.function = function
        program.types[type].fields[field].type = .work(call)
        let callee = program.functions[function]
        if pending.type.isEmpty {
          if callee.parameterCount != 0 {
            complain(
              "'\(callee.name)' is called by a global, so it takes no parameter", at: pending.function.span)
          }
          continue
        }
        var fits = callee.parameterCount == 1
        if fits {
          switch callee.locals[0].type {
          case .reference(nil): break
          case .reference(let wanted?):
            fits = typeNames[pending.type].map { program.type($0, isA: wanted) } ?? false
          default: fits = false
          }
        }
        if !fits {
          complain(
            "'\(callee.name)' gets the object that holds the call: write fn \(callee.name)(x: \(pending.type))",
            at: pending.function.span)
        }
      }
    }
  }

  /// Room in the globals for the readers of RCU.
  mutating func layOutReaders(_ globals: inout ObjectType, _ names: Set<String>) {
    guard let span = readersOfRCU else { return }
    if names.contains("rcu") {
      complain("the readers of RCU are noted in a global 'rcu'; give the model's own another name", at: span)
      return
    }
    program.lockClasses.append(LockClass(name: "rcu", kind: .rcu, offset: globals.size))
    let type = FieldType.rwSemaphore(program.lockClasses.count - 1)
    globals.fields.append(
      Field(name: "rcu", type: type, offset: globals.size, isConstant: false, isShown: false))
    globals.size += type.words
  }

  /// A function that frees an object, for one `kfree_rcu`; its code comes behind that of all others.
  mutating func freeingFunction(at span: Span) -> Int? {
    let index = program.functions.count
    guard fits(index + 1, Limits.functions, at: span) else { return nil }
    program.functions.append(
      Function(
        name: "kfree_rcu", isEntry: false, documentation: "", address: 0,
        locals: [Local(name: "object", type: .reference(nil))], parameterCount: 1, result: nil, span: span,
        end: span))
    freeingFunctions.append(index)
    return index
  }

  /// The free is one step with its beginning: nobody can tell the two apart.
  mutating func emitFreeingFunctions() {
    for index in freeingFunctions {
      let span = program.functions[index].span
      program.functions[index].address = program.code.count
      program.statements.append(StatementInfo(span: span, function: index, kind: .ridesAlong))
      program.temporaryCount = max(program.temporaryCount, 1)
      for instruction in [
        Instruction(.free, 0), Instruction(.constant, ~0, constantIndex(0)), Instruction(.returnValue, ~0),
      ] {
        program.code.append(instruction)
        program.places.append(Int32(program.statements.count - 1))
      }
    }
  }
}
