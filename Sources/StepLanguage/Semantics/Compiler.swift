/// Resolves names and types of a model's items and turns its functions into a flat program.
struct Compiler {
  var program: Program
  var diagnostics: [Diagnostic] = []

  let items: [ItemSyntax]
  /// Whether statements that only look are scheduling points, too; see `Library`.
  var looksAreSteps = false
  private var constants: [String: (value: Int64, type: ValueType)] = [:]
  var typeNames: [String: Int] = [:]
  private var opsNames: [String: Int] = [:]
  private var driverNames: [String: Int] = [:]
  var functionNames: [String: Int] = [:]
  /// For the lock class of a field that holds a call what it calls.
  var pendingCalls: [Int: PendingCall] = [:]
  /// Functions that `kfree_rcu` calls.
  var freeingFunctions: [Int] = []
  /// An item that has to do with RCU; nil when the model has none.
  var readersOfRCU: Span?
  private var slotNames: [String: Int] = [:]
  private var stringIndexes: [String: Int] = ["": 0]
  private var constantIndexes: [Int64: Int] = [:]
  private var probeIndexes: [Probe: Int] = [:]
  /// What is compiled behind the items.
  var added: [CompilerAddition] = []
  /// Limits that were told of already.
  private var exceeded: Set<Limit> = []

  init(name: String, title: String, bases: [String], sources: [SourceFile], items: [ItemSyntax]) {
    program = Program(name: name, title: title, sources: sources)
    program.bases = bases
    program.items = items
    self.items = items
  }

  /// Compiles everything; the program is usable only when `diagnostics` stays empty.
  mutating func run() {
    declareContract()
    declareNames()
    declareQueues()
    layOutTypes()
    nameLocks()
    declareOps()
    declareFunctions()
    resolveCalls()
    declareDomains()
    fillDrivers()
    var bodies: [(function: Int, body: FunctionBody)] = []
    for item in items {
      switch item.kind {
      case .function(let function):
        guard let index = functionIndex(of: function) else { continue }
        bodies.append((index, .block(function.body, function.probes, function.returns)))
      case .initial(let block):
        let index = program.functions.count
        program.functions.append(
          Function(
            name: "init", isEntry: false, documentation: item.documentation, address: 0, locals: [],
            parameterCount: 0, result: nil, span: item.span, end: block.end))
        program.initialFunction = index
        bodies.append((index, .block(block, [], [])))
      case .invariant(let invariant):
        if let index = declareInvariant(invariant, item) {
          switch invariant.body {
          case .condition(let condition): bodies.append((index, .condition(condition)))
          case .statements(let block): bodies.append((index, .block(block, [], [])))
          }
        }
      default: break
      }
    }
    program.looksAreSteps = looksAreSteps
    for addition in added { bodies.append(declare(addition)) }
    for (index, body) in bodies { compile(index, body) }
    emitFreeingFunctions()
    for number in program.watches.indices {
      program.watches[number].type = program.functions[program.watches[number].function].result ?? .bool
    }
    if diagnostics.isEmpty {
      removeNothings()
      measureStack()
      findDeadLocals()
      checkInit()
    }
    var seen: Set<Diagnostic> = []
    diagnostics = diagnostics.filter { seen.insert($0).inserted }
  }

  private enum FunctionBody {
    case block(Block, [ProbeSyntax], [ProbeSyntax])
    case condition(Expression)
    case value(Expression)
  }

  /// Makes a function, and a watch or an invariant, of an expression that was added.
  private mutating func declare(_ addition: CompilerAddition) -> (function: Int, body: FunctionBody) {
    let index = program.functions.count
    let syntax = addition.syntax
    var objects: [Watch.Object] = []
    var locals: [Local] = []
    if addition.expression.use == .watch {
      for name in syntax.names where !locals.contains(where: { $0.name == name }) {
        guard let object = object(named: name) else { continue }
        objects.append(object)
        locals.append(Local(name: name, type: .reference(object.type)))
      }
    }
    program.functions.append(
      Function(
        name: addition.expression.source, isEntry: false, documentation: "", address: 0, locals: locals,
        parameterCount: locals.count, result: .bool, span: syntax.span, end: syntax.span))
    switch addition.expression.use {
    case .watch:
      program.watches.append(
        Watch(text: addition.expression.text, type: .bool, objects: objects, function: index))
      return (index, .value(syntax))
    case .never(let name, let title):
      program.invariants.append(
        Invariant(
          name: name, title: title, property: .invariant, isQuiescent: false, type: nil, function: index))
      return (index, .condition(Expression(span: syntax.span, kind: .unary("!", syntax))))
    }
  }

  /// The object of a name such as `access1`, where the model has no such name of its own.
  private func object(named name: String) -> Watch.Object? {
    guard constants[name] == nil, driverNames[name] == nil,
      program.types[ObjectType.globals].field(named: name) == nil
    else { return nil }
    return program.object(named: name).map { Watch.Object(type: $0.type, serial: $0.serial) }
  }

  // MARK: Helpers

  mutating func complain(_ message: String, at span: Span) {
    guard diagnostics.count < Parser.diagnosticLimit else { return }
    diagnostics.append(Diagnostic(message, at: span, in: program.sources[span.file]))
  }

  /// Whether one more fits; complains once of each limit.
  mutating func fits(_ count: Int, _ limit: Limit, at span: Span) -> Bool {
    if count <= limit.number { return true }
    if exceeded.insert(limit).inserted { complain(limit.message, at: span) }
    return false
  }

  mutating func probeIndex(_ probe: Probe) -> Int {
    if let index = probeIndexes[probe] { return index }
    program.probes.append(probe)
    probeIndexes[probe] = program.probes.count - 1
    return program.probes.count - 1
  }

  mutating func stringIndex(_ text: String) -> Int {
    if let index = stringIndexes[text] { return index }
    program.strings.append(text)
    stringIndexes[text] = program.strings.count - 1
    return program.strings.count - 1
  }

  mutating func constantIndex(_ value: Int64) -> Int {
    if let index = constantIndexes[value] { return index }
    program.constants.append(value)
    constantIndexes[value] = program.constants.count - 1
    return program.constants.count - 1
  }

  private func functionIndex(of function: FunctionSyntax) -> Int? {
    functionNames[(function.isEntry ? "entry " : "fn ") + function.name.text]
  }

  // MARK: Declarations

  private mutating func declareNames() {
    for item in items {
      switch item.kind {
      case .constant(let name, let expression):
        if let constant = constantValue(expression) { constants[name.text] = constant }
      case .object(let object):
        if FunctionCompiler.reservedTypeNames.contains(object.name.text) || typeNames[object.name.text] != nil
        {
          complain("'\(object.name.text)' is already a type; choose another name", at: object.name.span)
          continue
        }
        guard fits(program.types.count + 1, Limits.types, at: object.name.span) else { continue }
        typeNames[object.name.text] = program.types.count
        program.types.append(
          ObjectType(
            name: object.name.text, short: object.short, base: nil, layer: object.layer, role: object.role,
            fields: [],
            size: 0))
      case .ops(let ops):
        guard fits(program.ops.count + 1, Limits.drivers, at: ops.name.span) else { continue }
        opsNames[ops.name.text] = program.ops.count
        program.ops.append(OpsType(name: ops.name.text, members: []))
      case .driver(let driver):
        guard fits(program.drivers.count + 1, Limits.drivers, at: driver.name.span) else { continue }
        driverNames[driver.name.text] = program.drivers.count
        program.drivers.append(Driver(name: driver.name.text, title: driver.title, ops: 0, members: []))
      default: break
      }
    }
    for item in items {
      guard case .slot(let slot) = item.kind, let value = slot.initial else { continue }
      guard let initial = constantValue(value) else { continue }
      guard fits(program.slots.count + 1, Limits.slotTables, at: slot.name.span) else { continue }
      slotNames[slot.name.text] = program.slots.count
      program.slots.append(
        SlotTable(name: slot.name.text, letter: slot.letter, initial: initial.value, title: slot.title))
    }
    for item in items {
      guard case .slot(let slot) = item.kind, slot.initial == nil else { continue }
      guard fits(program.slots.count + 1, Limits.slotTables, at: slot.name.span) else { continue }
      let members = slot.members.compactMap { member -> Int? in
        if let table = slotNames[member.text], program.slots[table].members.isEmpty { return table }
        complain(
          "there is no slot '\(member.text)'\(Spelling.suggestion(member.text, among: slotNames.keys)); a slot of others names slots that hold something",
          at: member.span)
        return nil
      }
      guard let first = members.first else { continue }
      slotNames[slot.name.text] = program.slots.count
      program.slots.append(
        SlotTable(
          name: slot.name.text, letter: program.slots[first].letter, initial: program.slots[first].initial,
          title: slot.title, members: members))
    }
  }

  /// The value of an expression of numbers, constants and errno names.
  mutating func constantValue(_ expression: Expression) -> (value: Int64, type: ValueType)? {
    switch expression.kind {
    case .number(let value): return (value, .int)
    case .unsigned(let value): return (value, .unsigned)
    case .boolean(let value): return (value ? 1 : 0, .bool)
    case .name(let name):
      if let known = constants[name] { return known }
      if let number = Errno.number(of: name) { return (number, .int) }
    case .unary("-", let operand):
      return constantValue(operand).map { (0 &- $0.value, $0.type) }
    case .binary(let symbol, let left, let right):
      guard let first = constantValue(left), let second = constantValue(right) else { return nil }
      let type = first.type == .unsigned || second.type == .unsigned ? ValueType.unsigned : .int
      switch symbol {
      case "+": return (first.value &+ second.value, type)
      case "-": return (first.value &- second.value, type)
      case "*": return (first.value &* second.value, type)
      case "<<": return (first.value << second.value, type)
      default: break
      }
    default: break
    }
    complain("this is no constant; use numbers, constants, + - * and <<", at: expression.span)
    return nil
  }

  private mutating func objectType(_ name: Identifier) -> Int? {
    if let index = typeNames[name.text] { return index }
    complain(
      "there is no object type '\(name.text)'\(Spelling.suggestion(name.text, among: typeNames.keys))",
      at: name.span)
    return nil
  }

  private mutating func layOutTypes() {
    var objects: [Int: ObjectSyntax] = [:]
    for item in items {
      if case .object(let object) = item.kind, let index = typeNames[object.name.text] {
        objects[index] = object
      }
    }
    var done: Set<Int> = []
    for index in program.types.indices {
      if let object = objects[index] { layOut(index, object, objects, &done, chain: [index]) }
    }
    var globals = program.types[ObjectType.globals]
    var names: Set<String> = []
    for item in items {
      guard case .global(let field) = item.kind else { continue }
      append(field, to: &globals, typeName: "", names: &names)
    }
    layOutReaders(&globals, names)
    program.types[ObjectType.globals] = globals
  }

  private mutating func layOut(
    _ index: Int, _ object: ObjectSyntax, _ objects: [Int: ObjectSyntax], _ done: inout Set<Int>, chain: [Int]
  ) {
    guard !done.contains(index) else { return }
    done.insert(index)
    var type = program.types[index]
    type.size = 1
    if let base = object.base, let baseIndex = objectType(base) {
      if chain.contains(baseIndex) {
        complain("'\(object.name.text)' extends itself; cut the circle", at: base.span)
      } else if !fits(chain.count, Limits.extending, at: base.span) {
        return
      } else if let baseObject = objects[baseIndex] {
        layOut(baseIndex, baseObject, objects, &done, chain: chain + [baseIndex])
        type.base = baseIndex
        type.fields = program.types[baseIndex].fields
        type.size = program.types[baseIndex].size
      }
    }
    var names = Set(type.fields.map(\.name))
    for field in object.fields { append(field, to: &type, typeName: object.name.text, names: &names) }
    program.types[index] = type
  }

  private mutating func append(
    _ field: FieldSyntax, to type: inout ObjectType, typeName: String, names: inout Set<String>
  ) {
    guard fits(type.fields.count + 1, Limits.fields, at: field.name.span) else { return }
    guard names.insert(field.name.text).inserted else {
      complain("the field '\(field.name.text)' is declared twice; remove one", at: field.name.span)
      return
    }
    guard let kind = fieldType(field, typeName: typeName, at: type.size),
      fits(type.size + kind.words, Limits.objectWords, at: field.name.span),
      fits(program.lockClasses.count, Limits.lockClasses, at: field.name.span)
    else { return }
    type.fields.append(
      Field(
        name: field.name.text, type: kind, offset: type.size, isConstant: field.isConstant,
        isShown: field.isShown, isSetOnce: field.isSetOnce))
    type.size += kind.words
  }

  private mutating func fieldType(_ field: FieldSyntax, typeName: String, at offset: Int) -> FieldType? {
    let prefix = typeName.isEmpty ? "" : typeName + "."
    func lockClass(_ kind: LockClass.Kind, _ name: String, in program: inout Program, at offset: Int) -> Int {
      program.lockClasses.append(LockClass(name: name, kind: kind, offset: offset))
      return program.lockClasses.count - 1
    }
    switch field.type.kind {
    case .xarray(let element, let from):
      guard let index = objectType(Identifier(text: element, span: field.type.span)) else { return nil }
      return .xarray(
        index, from: from,
        lockClass: lockClass(
          .spinlock, prefix + field.name.text + ".xa_lock", in: &program, at: offset + 1))
    case .list(let element):
      return objectType(Identifier(text: element, span: field.type.span)).map { .list($0) }
    case .intervalMap(let element):
      return objectType(Identifier(text: element, span: field.type.span)).map { .intervalMap($0) }
    case .work, .timer: return workType(field.type, of: field, typeName, at: offset)
    case .named(let name):
      switch name {
      case "int", "errno": return .int
      case "u64": return .unsigned
      case "bool": return .bool
      case "any": return .reference(nil)
      case "mutex": return .mutex(lockClass(.mutex, prefix + field.name.text, in: &program, at: offset))
      case "rw_semaphore":
        return .rwSemaphore(lockClass(.rwSemaphore, prefix + field.name.text, in: &program, at: offset))
      case "spinlock":
        return .spinlock(lockClass(.spinlock, prefix + field.name.text, in: &program, at: offset))
      case "refcount": return .refcount
      case "wait_queue": return .waitQueue
      default:
        if let index = typeNames[name] { return .reference(index) }
        if let index = opsNames[name] { return .ops(index) }
        if name == "completion" { return .completion }
        complain(
          "there is no type '\(name)'\(Hints.types[name].map { "; \($0)" } ?? Spelling.suggestion(name, among: Array(typeNames.keys) + Array(opsNames.keys) + FunctionCompiler.reservedTypeNames))",
          at: field.type.span)
        return nil
      }
    }
  }

  /// The type of a parameter, result or variable.
  mutating func valueType(_ type: TypeSyntax) -> ValueType? {
    guard case .named(let name) = type.kind else {
      complain("a container lives in a field; pass the object that holds it", at: type.span)
      return nil
    }
    switch name {
    case "int", "errno": return .int
    case "u64": return .unsigned
    case "bool": return .bool
    case "any": return .reference(nil)
    default:
      if let index = typeNames[name] { return .reference(index) }
      if let index = opsNames[name] { return .ops(index) }
      if ["mutex", "rw_semaphore", "spinlock", "refcount", "wait_queue"].contains(name) {
        complain("a \(name) lives in a field; pass the object that holds it", at: type.span)
      } else {
        complain(
          "there is no type '\(name)'\(Hints.types[name].map { "; \($0)" } ?? Spelling.suggestion(name, among: Array(typeNames.keys) + Array(opsNames.keys) + ["int", "u64", "bool", "errno", "any"]))",
          at: type.span)
      }
      return nil
    }
  }

  private mutating func declareOps() {
    for item in items {
      guard case .ops(let ops) = item.kind, let index = opsNames[ops.name.text] else { continue }
      var members: [OpsType.Member] = []
      for function in ops.functions {
        let parameters = function.parameters.compactMap { valueType($0.type) }
        members.append(
          OpsType.Member(
            name: function.name.text, parameters: parameters, type: function.result.flatMap { valueType($0) })
        )
      }
      guard fits(ops.functions.count + ops.values.count, Limits.drivers, at: ops.name.span) else { continue }
      for value in ops.values {
        members.append(OpsType.Member(name: value.name.text, parameters: nil, type: valueType(value.type)))
      }
      program.ops[index].members = members
    }
  }

  private mutating func declareFunctions() {
    for item in items {
      guard case .function(let function) = item.kind else { continue }
      let key = (function.isEntry ? "entry " : "fn ") + function.name.text
      let index = program.functions.count
      guard fits(index + 1, Limits.functions, at: function.name.span),
        fits(program.entries.count + 1, Limits.entries, at: function.name.span)
      else { continue }
      functionNames[key] = index
      var locals: [Local] = []
      var entryParameters: [EntryParameter] = []
      checkOrder(of: function)
      for parameter in function.parameters {
        if function.isEntry {
          let kind = entryKind(parameter)
          locals.append(
            Local(
              name: parameter.name.text, type: kind == .unsigned ? .unsigned : kind == .flag ? .bool : .int))
          let direction: EntryParameter.Direction =
            switch parameter.direction {
            case .input: .input
            case .output: .output
            case .both: .both
            }
          var from: Int?
          if let other = parameter.from {
            from = function.parameters.firstIndex { $0.name.text == other.text && $0.from == nil }
            if from == nil {
              complain("there is no parameter '\(other.text)' before this one", at: other.span)
            }
          }
          entryParameters.append(
            EntryParameter(
              name: parameter.name.text, kind: kind, direction: direction, from: from,
              absent: absence(of: parameter, kind)))
        } else {
          locals.append(Local(name: parameter.name.text, type: valueType(parameter.type) ?? .int))
        }
      }
      var result = function.result.flatMap { valueType($0) }
      if function.isEntry { result = .int }
      program.functions.append(
        Function(
          name: function.name.text, isEntry: function.isEntry, documentation: item.documentation, address: 0,
          locals: locals, parameterCount: locals.count, result: result, span: item.span,
          end: function.body.end))
      program.functions[index].patches = function.patches
      if function.isEntry {
        program.entries.append(
          Entry(
            name: function.name.text, title: function.title, function: index, parameters: entryParameters,
            returnsNumber: function.result?.kind.isNumber == true))
      }
    }
  }

  /// What a parameter is that a line may leave out; nil when it may not.
  private mutating func absence(of parameter: ParameterSyntax, _ kind: EntryParameter.Kind) -> Int64? {
    guard let absent = parameter.absent else { return nil }
    if kind == .flag || parameter.direction != .input || parameter.from != nil {
      complain(
        "only a number or a slot that is read may be left out of a line", at: parameter.name.span)
      return nil
    }
    return constantValue(absent)?.value
  }

  /// Names of parameters are distinct, and the flags of an entry come last: a line is read word by word.
  private mutating func checkOrder(of function: FunctionSyntax) {
    var names: Set<String> = []
    var flag: String?
    var absent: String?
    for parameter in function.parameters {
      if !names.insert(parameter.name.text).inserted {
        complain("there is a parameter '\(parameter.name.text)' already", at: parameter.name.span)
      }
      guard function.isEntry, parameter.from == nil else { continue }
      if parameter.absent != nil {
        absent = absent ?? parameter.name.text
      } else if let absent {
        complain(
          "'\(parameter.name.text)' stands behind '\(absent)', which a line may leave out; such parameters come last of all",
          at: parameter.name.span)
      } else if case .named("flag") = parameter.type.kind {
        flag = flag ?? parameter.name.text
      } else if let flag {
        complain(
          "'\(parameter.name.text)' stands behind the flag '\(flag)'; flags come last, since a line may leave them out",
          at: parameter.name.span)
      }
    }
  }

  private mutating func entryKind(_ parameter: ParameterSyntax) -> EntryParameter.Kind {
    guard case .named(let name) = parameter.type.kind else {
      complain("an entry takes numbers, flags and slots", at: parameter.type.span)
      return .int
    }
    switch name {
    case "int": return .int
    case "u64": return .unsigned
    case "flag": return .flag
    default:
      if let table = slotNames[name] {
        if !program.slots[table].members.isEmpty, parameter.direction != .input || parameter.from != nil {
          complain("'\(name)' names several slots, so it can only be read", at: parameter.type.span)
        }
        return .slot(table)
      }
      complain(
        "there is no slot '\(name)'\(Spelling.suggestion(name, among: Array(slotNames.keys) + ["int", "u64", "flag"])); an entry takes int, u64, flag or a slot",
        at: parameter.type.span)
      return .int
    }
  }

  private mutating func fillDrivers() {
    for item in items {
      guard case .driver(let driver) = item.kind, let index = driverNames[driver.name.text] else { continue }
      guard let ops = opsNames[driver.ops.text] else {
        complain(
          "there are no ops '\(driver.ops.text)'\(Spelling.suggestion(driver.ops.text, among: opsNames.keys))",
          at: driver.ops.span)
        continue
      }
      program.drivers[index].ops = ops
      var values = [Int64](repeating: 0, count: program.ops[ops].members.count)
      for (name, value) in driver.members {
        guard let member = program.ops[ops].members.firstIndex(where: { $0.name == name.text }) else {
          complain("'\(driver.ops.text)' has no member '\(name.text)'", at: name.span)
          continue
        }
        if let parameters = program.ops[ops].members[member].parameters {
          if case .null = value.kind { continue }
          guard case .name(let functionName) = value.kind, let function = functionNames["fn " + functionName]
          else {
            complain("expected a function's name or null", at: value.span)
            continue
          }
          let expected = parameters.count
          if program.functions[function].parameterCount != expected {
            complain(
              "'\(name.text)' takes \(expected) parameters, this function \(program.functions[function].parameterCount)",
              at: value.span)
          }
          values[member] = Int64(function) + 1
        } else if let constant = constantValue(value) {
          values[member] = constant.value
        }
      }
      program.drivers[index].members = values
    }
  }

  private mutating func declareInvariant(_ invariant: InvariantSyntax, _ item: ItemSyntax) -> Int? {
    var locals: [Local] = []
    var type: Int?
    if let variable = invariant.variable {
      guard let index = objectType(variable.type) else { return nil }
      type = index
      locals.append(Local(name: variable.name.text, type: .reference(index)))
    }
    var property = Property.invariant
    if let name = invariant.property {
      guard let known = self.property(name) else { return nil }
      property = program.properties[known]
    }
    let index = program.functions.count
    guard fits(index + 1, Limits.functions, at: item.span) else { return nil }
    program.functions.append(
      Function(
        name: invariant.name.text, isEntry: false, documentation: item.documentation, address: 0,
        locals: locals,
        parameterCount: locals.count, result: .bool, span: item.span, end: item.span))
    program.invariants.append(
      Invariant(
        name: invariant.name.text, title: invariant.title, property: property,
        isQuiescent: invariant.isQuiescent,
        type: type, function: index))
    return index
  }

  // MARK: Functions

  private mutating func compile(_ index: Int, _ body: FunctionBody) {
    var function = FunctionCompiler(
      compiler: self, index: index, constants: constants, typeNames: typeNames, opsNames: opsNames,
      driverNames: driverNames, functionNames: functionNames)
    switch body {
    case .block(let block, let probes, let returns):
      let isNumber = program.entries.contains { $0.function == index && $0.returnsNumber }
      function.compileBody(block, probes: probes, returns: returns, isNumber: isNumber)
    case .condition(let expression): function.compileCondition(expression)
    case .value(let expression): function.compileValue(expression)
    }
    self = function.compiler
    _ = fits(program.functions[index].locals.count, Limits.locals, at: program.functions[index].span)
    if program.invariants.contains(where: { $0.function == index })
      || program.watches.contains(where: { $0.function == index })
    {
      requireOnlyLooks(index)
    }
  }

  /// An invariant is evaluated between steps: it may not change anything or wait for anything.
  private mutating func requireOnlyLooks(_ index: Int) {
    guard program.code[program.functions[index].address...].contains(where: \.changesState) else { return }
    complain(
      "an invariant only looks: no call, no assignment to a field, no lock", at: program.functions[index].span
    )
  }

  /// Drops instructions that do nothing and mends the addresses.
  private mutating func removeNothings() {
    var moved = [Int](repeating: 0, count: program.code.count + 1)
    var kept: [Instruction] = []
    var places: [Int32] = []
    for (address, instruction) in program.code.enumerated() {
      moved[address] = kept.count
      guard instruction.opcode != .nothing else { continue }
      kept.append(instruction)
      places.append(program.places[address])
    }
    moved[program.code.count] = kept.count
    for address in kept.indices {
      guard let target = kept[address].jumpTarget else { continue }
      if kept[address].opcode == .jump {
        kept[address].a = Int32(moved[target])
      } else {
        kept[address].b = Int32(moved[target])
      }
    }
    for index in program.functions.indices {
      program.functions[index].address = moved[program.functions[index].address]
    }
    program.code = kept
    program.places = places
    program.callSites = Dictionary(
      uniqueKeysWithValues: program.callSites.map { (moved[$0.key], $0.value) })
  }

  /// Each function with the addresses of its instructions, by address.
  private func functionRanges() -> [(function: Int, addresses: Range<Int>)] {
    let order = program.functions.indices.sorted {
      program.functions[$0].address < program.functions[$1].address
    }
    return order.enumerated().map { position, index in
      let start = program.functions[index].address
      let end =
        position + 1 < order.count ? program.functions[order[position + 1]].address : program.code.count
      return (index, start..<max(start, end))
    }
  }

  /// Notes for each place where a thread can rest which locals nothing reads any more.
  private mutating func findDeadLocals() {
    program.clearedLocals = Array(repeating: 0, count: program.code.count)
    program.deadLocals = program.clearedLocals
    var sets: [[Int]: Int] = [[]: 0]
    func number(of set: [Int]) -> Int {
      if let known = sets[set] { return known }
      program.localSets.append(set)
      sets[set] = program.localSets.count - 1
      return program.localSets.count - 1
    }
    for (index, range) in functionRanges() {
      let function = program.functions[index]
      var stored: [Int] = []
      for entry in program.entries where entry.function == index {
        stored = entry.parameters.indices.filter { entry.parameters[$0].direction != .input }
      }
      let liveness = Liveness(
        code: program.code, range: range, function: function, storedParameters: stored)
      for address in range {
        let opcode = program.code[address].opcode
        guard [.step, .call, .callOps].contains(opcode) || (opcode == .returnValue && function.isEntry) else {
          continue
        }
        program.deadLocals[address] = number(of: liveness.dead(at: address, of: function.locals.count))
        program.clearedLocals[address] = number(of: liveness.cleared(at: address, of: function.locals.count))
      }
    }
  }

  /// Finds how many words the deepest chain of calls needs; a chain that comes back to itself is refused.
  private mutating func measureStack() {
    var callees: [Set<Int>] = Array(repeating: [], count: program.functions.count)
    for (index, range) in functionRanges() {
      for address in range {
        let instruction = program.code[address]
        if instruction.opcode == .call { callees[index].insert(Int(instruction.a)) }
        if instruction.opcode == .callOps {
          for driver in program.drivers where Int(instruction.c) < driver.members.count {
            let members = program.ops[driver.ops].members
            guard members[Int(instruction.c)].parameters != nil, driver.members[Int(instruction.c)] > 0,
              driver.ops == Int(instruction.d)
            else { continue }
            callees[index].insert(Int(driver.members[Int(instruction.c)]) - 1)
          }
        }
      }
    }
    var taskWorkers: [Int] = []
    for instruction in program.code where instruction.opcode == .taskWork {
      taskWorkers.append(Int(instruction.a))
    }
    var depth = [Int?](repeating: nil, count: program.functions.count)
    var visiting: Set<Int> = []
    func measure(_ index: Int, _ compiler: inout Compiler) -> Int {
      if let known = depth[index] { return known }
      guard visiting.insert(index).inserted else {
        compiler.complain(
          "'\(compiler.program.functions[index].name)' calls itself, directly or through others; write a loop",
          at: compiler.program.functions[index].span)
        depth[index] = 0
        return 0
      }
      let own = Program.frameHeader + compiler.program.functions[index].locals.count
      let deepest = callees[index].sorted().map { measure($0, &compiler) }.max() ?? 0
      visiting.remove(index)
      depth[index] = own + deepest
      return own + deepest
    }
    var deepest = 0
    for index in program.functions.indices { deepest = max(deepest, measure(index, &self)) }
    // What task_work calls stands on the frame of the system call that returns.
    let work = taskWorkers.map { measure($0, &self) }.max() ?? 0
    let base =
      program.entries.map { Program.frameHeader + program.functions[$0.function].locals.count }.max() ?? 0
    program.stackWords = max(deepest, work + base)
    _ = fits(
      program.stackWords, Limits.stackWords,
      at: program.functions.first?.span ?? Span(file: 0, start: 0, end: 0))
  }
}
