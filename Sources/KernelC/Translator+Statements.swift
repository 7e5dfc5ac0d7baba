import Basics

extension Translator {
  // MARK: Control flow

  /// Translates the statements of the function's outermost block from one of them on. Gives whether control never
  /// reaches what follows them.
  mutating func translate(_ statements: [CStatement], from first: Int) throws -> Bool {
    for index in first..<max(first, statements.count) {
      let statement = statements[index]
      if case .label(let name) = statement.kind {
        visited.insert(statement.number)
        let isActive = loops.contains { $0.kind == .label(name) }
        if !isActive, Self.jumps(to: name, in: statements[index...]) {
          currentSpan = statement.span
          try emit("loop {")
          loops.append(
            LoopContext(
              kind: .label(name), step: [], cStep: nil, cCondition: nil, cleanupDepth: cleanups.count))
          if try !translate(statements, from: index + 1) {
            currentSpan = function.body.end
            try emitCleanups(downTo: 0)
            try emitReturn(nil, at: function.body.end)
          }
          try closeLoop(at: statement.span)
          return true
        }
        continue
      }
      if try translate(statement) { return true }
    }
    return false
  }

  static func jumps(to name: String, in statements: ArraySlice<CStatement>) -> Bool {
    statements.contains { statement in
      Self.statements(statement).contains {
        if case .jump(name, _) = $0.kind { return true }
        return false
      }
    }
  }

  /// Statements of a nested block; true when control never reaches its end.
  mutating func translate(block: CBlock) throws -> Bool {
    scopes.append([:])
    let depth = scopes.count
    defer {
      scopes.removeLast()
      cleanups.removeAll { $0.scopeDepth >= depth }
    }
    for statement in block.statements {
      if case .label(let name) = statement.kind {
        throw fail(
          "the label '\(name)' stands inside a block; labels are read in the function's outermost block only",
          at: statement.span)
      }
      if try translate(statement) { return true }
    }
    currentSpan = block.end
    try emitCleanups(fromScope: depth)
    return false
  }

  /// One statement; true when control never reaches what follows.
  mutating func translate(_ statement: CStatement) throws -> Bool {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting < 200 else {
      throw fail("these jumps lead to one another without end; write them as a loop", at: statement.span)
    }
    visited.insert(statement.number)
    currentSpan = statement.span
    let outer = statementNumber
    statementNumber = statement.number
    defer { statementNumber = outer }
    let terminates = try translateKind(statement)
    if !terminates { try flushAttachments() }
    return terminates
  }

  mutating func translateKind(_ statement: CStatement) throws -> Bool {
    switch statement.kind {
    case .empty: return false
    case .label: return false
    case .declaration(let variables):
      for variable in variables { try declare(variable) }
      return false
    case .expression(let expression):
      if case .call(let callee, let arguments) = expression.kind, case .name(let name) = callee.kind,
        table.builtins[name] == "return_free"
      {
        // `return_ptr(p);` leaves the function.
        let value = CExpression(
          span: expression.span,
          kind: .call(CExpression(span: callee.span, kind: .name("no_free_ptr")), arguments))
        try translateReturn(value, at: statement.span)
        return true
      }
      try discard(expression)
      return false
    case .block(let block): return try translate(block: block)
    case .conditional(let condition, let then, let otherwise):
      return try translateConditional(condition, then, otherwise)
    case .whileLoop(let condition, let body):
      try translateLoop(start: nil, condition, step: nil, body, at: statement.span)
      return false
    case .forLoop(let start, let condition, let step, let body):
      scopes.append([:])
      defer { scopes.removeLast() }
      try translateLoop(start: start, condition, step: step, body, at: statement.span)
      return false
    case .doLoop(let body, let condition):
      try emit("loop {")
      loops.append(
        LoopContext(
          kind: .loop, step: [], cStep: nil, cCondition: condition, cleanupDepth: cleanups.count,
          number: statementNumber))
      if try !translateBody(body) {
        currentSpan = condition.span
        try emitExit(unless: condition)
      }
      try closeLoop(at: statement.span)
      return false
    case .switchOn(let value, let cases): return try translateSwitch(value, cases, at: statement.span)
    case .breakLoop:
      guard let target = loops.lastIndex(where: { $0.kind == .loop || $0.kind == .switchBody }) else {
        throw fail("'break' stands outside a loop", at: statement.span)
      }
      try emitJump(to: target, isBreak: true)
      return true
    case .continueLoop:
      guard let target = loops.lastIndex(where: { $0.kind == .loop }) else {
        throw fail("'continue' stands outside a loop", at: statement.span)
      }
      try emitJump(to: target, isBreak: false)
      return true
    case .returnValue(let value):
      try translateReturn(value, at: statement.span)
      return true
    case .jump(let name, let span):
      try jump(to: name, at: span)
      return true
    case .macro(let call, let body): return try translateMacro(call, body, at: statement.span)
    }
  }

  /// A statement that a loop or condition governs, in a scope of its own.
  mutating func translateBody(_ statement: CStatement) throws -> Bool {
    if case .block = statement.kind { return try translate(statement) }
    scopes.append([:])
    defer { scopes.removeLast() }
    return try translate(statement)
  }

  /// Statements that the configuration leaves out count as translated: nothing of them is lost.
  mutating func markLeftOut(_ statement: CStatement) {
    for one in Self.statements(statement) { visited.insert(one.number) }
  }

  mutating func translateConditional(
    _ condition: CExpression, _ then: CStatement, _ otherwise: CStatement?
  ) throws -> Bool {
    let test = try self.condition(condition, isDirect: true)
    if test.text == "false" {
      markLeftOut(then)
      return try otherwise.map { try translateBody($0) } ?? false
    }
    if test.text == "true" {
      if let otherwise { markLeftOut(otherwise) }
      return try translateBody(then)
    }
    currentSpan = condition.span
    try emit("if \(test.text) {")
    let thenEnds = try translateBody(then)
    var otherwiseEnds = false
    if let otherwise {
      currentSpan = otherwise.span
      try emit("} else {")
      otherwiseEnds = try translateBody(otherwise)
    }
    try emit("}")
    return thenEnds && otherwiseEnds && otherwise != nil
  }

  mutating func translateLoop(
    start: CStatement?, _ condition: CExpression?, step: CExpression?, _ body: CStatement, at span: Span
  ) throws {
    if let start { _ = try translate(start) }
    currentSpan = condition?.span ?? span
    let head = self.body.lines.count
    try emit("loop {")
    let context = LoopContext(
      kind: .loop, step: [], cStep: step, cCondition: nil, cleanupDepth: cleanups.count,
      number: statementNumber)
    if let condition {
      let test = try self.condition(condition, isDirect: true)
      if test.text == "false" {
        // What the model does not have is never there.
        markLeftOut(body)
        if self.body.lines.count == head + 1 {
          self.body.lines.removeLast()
          self.body.indent -= 1
        } else {
          try emit("break")
          try emit("}")
        }
        return
      }
      if self.body.lines.count == head + 1, test.text != "true" {
        self.body.lines[head].pieces[0].text = "while \(test.text) {"
      } else if test.text != "true" {
        try emit("if \(negated(test)) {")
        try emit("break")
        try emit("}")
      }
    }
    loops.append(context)
    if try !translateBody(body), let step {
      currentSpan = step.span
      try discard(step)
      try flushAttachments()
    }
    try closeLoop(at: span)
  }

  func negated(_ test: Operand) -> String { test.isAtom ? "!\(test.text)" : "!(\(test.text))" }

  mutating func emitExit(unless condition: CExpression) throws {
    let test = try self.condition(condition, isDirect: true)
    if test.text == "true" { return }
    if test.text == "false" {
      try emit("break")
      return
    }
    try emit("if \(negated(test)) {")
    try emit("break")
    try emit("}")
  }

  /// Ends the innermost loop, and carries on the jumps that go farther out.
  mutating func closeLoop(at span: Span) throws {
    try emit("}")
    let context = loops.removeLast()
    currentSpan = span
    for (flag, target, isBreak) in context.pending {
      try emit("if \(flag) {")
      if target == loops.count - 1 {
        try emit("\(flag) = false")
        try emitInnermost(isBreak: isBreak)
      } else {
        try emit("break")
      }
      try emit("}")
    }
  }

  mutating func emitInnermost(isBreak: Bool) throws {
    if isBreak {
      try emit("break")
      return
    }
    let context = loops[loops.count - 1]
    let outer = statementNumber
    statementNumber = context.number
    defer { statementNumber = outer }
    for (line, span) in context.step { body.add(line, at: span) }
    if let step = context.cStep {
      let span = currentSpan
      currentSpan = step.span
      try discard(step)
      try flushAttachments()
      currentSpan = span
    }
    if let condition = context.cCondition { try emitExit(unless: condition) }
    try emit("continue")
  }

  mutating func emitJump(to target: Int, isBreak: Bool) throws {
    try flushAttachments()
    try emitCleanups(downTo: loops[target].cleanupDepth)
    if target == loops.count - 1 {
      try emitInnermost(isBreak: isBreak)
      return
    }
    let index = newVariable("jump", .bool, at: currentSpan)
    let flag = variables[index].name
    try emit("\(flag) = true")
    try emit("break")
    for level in (target + 1)..<loops.count {
      loops[level].pending.append((flag, target, isBreak))
    }
  }

  mutating func jump(to name: String, at span: Span) throws {
    if let target = loops.lastIndex(where: { $0.kind == .label(name) }) {
      try emitJump(to: target, isBreak: false)
      return
    }
    let statements = function.body.statements
    let position = statements.firstIndex {
      if case .label(name) = $0.kind { return true }
      return false
    }
    guard let position else {
      throw fail("there is no label '\(name)' in the function's outermost block", at: span)
    }
    try flushAttachments()
    // The tail is written out here: what follows the label up to the end of the function.
    let outer = (scopes, cleanups)
    for cleanup in cleanups.reversed() where cleanup.scopeDepth > 2 { try emit(cleanup) }
    scopes = Array(scopes.prefix(2))
    cleanups.removeAll { $0.scopeDepth > 2 }
    if try !translate(statements, from: position) {
      currentSpan = function.body.end
      try emitCleanups(downTo: 0)
      try emitReturn(nil, at: function.body.end)
    }
    (scopes, cleanups) = outer
  }

  mutating func translateSwitch(_ value: CExpression, _ cases: [CCase], at span: Span) throws -> Bool {
    let operand = try materialized(try numberFromRefcount(try self.value(value)))
    try emit("loop {")
    loops.append(
      LoopContext(kind: .switchBody, step: [], cStep: nil, cCondition: nil, cleanupDepth: cleanups.count))
    var tests: [[String]] = []
    for one in cases {
      currentSpan = one.span
      var own: [String] = []
      for case let label? in one.values {
        var number = try self.value(label)
        if operand.kind == .int || operand.kind == .unsigned {
          number = try converted(number, to: self.number(of: operand).promoted, at: label.span)
        }
        if case .bool = operand.kind {
          // `case true:`, or a number.
          own.append("\(operand.closed) == \(try truth(of: number, at: label.span).text)")
        } else {
          own.append("\(operand.closed) == \(number.closed)")
        }
      }
      tests.append(own)
    }
    // A case that may be reached from the one before it looks at a flag, so that each stands there once.
    let runsOn = cases.indices.dropLast().contains {
      !cases[$0].statements.isEmpty && !Self.leaves(cases[$0])
    }
    let flag = runsOn ? variables[newVariable("fall", .bool, at: span)].name : nil
    if let flag { try emit("\(flag) = false") }
    let isDefault = cases.map { $0.values.contains { $0 == nil } }
    // Without falling through the default comes last, whatever stands behind it.
    let order =
      runsOn
      ? Array(cases.indices)
      : cases.indices.filter { !isDefault[$0] } + cases.indices.filter { isDefault[$0] }
    for index in order {
      let one = cases[index]
      currentSpan = one.span
      var test = tests[index]
      if isDefault[index] {
        let others = tests.indices.filter { $0 != index }.flatMap { tests[$0] }
        test = runsOn && !others.isEmpty ? ["!(\(others.joined(separator: " || ")))"] : []
      }
      let isOpen = isDefault[index] && test.isEmpty
      if !isOpen { try emit("if \((([flag].compactMap { $0 }) + test).joined(separator: " || ")) {") }
      scopes.append([:])
      var ends = false
      for statement in one.statements where !ends { ends = try translate(statement) }
      let depth = scopes.count
      if !ends { try emitCleanups(fromScope: depth) }
      cleanups.removeAll { $0.scopeDepth >= depth }
      scopes.removeLast()
      if !ends {
        let last = index == cases.indices.last
        if let flag, !last { try emit("\(flag) = true") } else { try emit("break") }
      }
      if !isOpen { try emit("}") }
    }
    if runsOn || !isDefault.contains(true) { try emit("break") }
    try closeLoop(at: span)
    return false
  }

  /// Whether control never runs on from a case into the next one, as far as its last statement tells.
  private static func leaves(_ one: CCase) -> Bool {
    switch one.statements.last?.kind {
    case .breakLoop, .continueLoop, .returnValue, .jump: true
    default: false
    }
  }

  // MARK: Return

  mutating func translateReturn(_ value: CExpression?, at span: Span) throws {
    guard let value else {
      try flushAttachments()
      try emitCleanups(downTo: 0)
      try emitReturn(nil, at: span)
      return
    }
    var operand = try self.value(value, expecting: resultKind, isDirect: cleanups.isEmpty)
    currentSpan = span
    if operand.kind == .null, operand.error != nil {
      try returnErrno(operand, at: span)
    } else if operand.error != nil, case .reference = operand.kind {
      try requireErrno(at: span)
    }
    if !cleanups.isEmpty || !pendingAttachments.isEmpty { operand = try materialized(operand) }
    try flushAttachments()
    try emitCleanups(downTo: 0)
    try emitReturn(operand, at: span)
  }

  /// An errno as a pointer leaves a function of the model, for which null says the same.
  mutating func returnErrno(_ operand: Operand, at span: Span) throws {
    try requireErrno(at: span)
    if let known = table.errors[function.name], known == operand.error { return }
    assume(
      "\(function.name) returns \(operand.error ?? "an errno") as a pointer; its callers in the model see null",
      at: span)
  }

  /// A helper's pointer may carry an errno when the table says which one null stands for.
  private mutating func requireErrno(at span: Span) throws {
    guard signature == nil, table.errors[function.name] == nil else { return }
    throw fail(
      "'\(function.name)' returns an errno as a pointer, and the model has no function of that name that says how it is told; add 'error \(function.name) = -ENOMEM' or 'fn \(function.name)(…) { … }' to the table",
      at: span)
  }

  mutating func emitReturn(_ operand: Operand?, at span: Span) throws {
    currentSpan = span
    if let template = table.results[function.name] {
      let value = operand?.text ?? "0"
      for line in template {
        var text = line.replacing("$result", with: value)
        for parameter in function.parameters {
          if case .output(let index) = scopes[0][parameter.name] {
            text = text.replacing("$\(parameter.name)", with: variables[index].name)
          }
        }
        try emit(try scoped(text, at: span))
      }
      return
    }
    guard let resultKind else {
      if let operand, !operand.isAtom || operand.accesses > 0 { _ = try materialized(operand) }
      try emit("return")
      return
    }
    guard let operand else {
      try emit("return \(resultKind.zero)")
      return
    }
    var value = try adapted(try numberFromRefcount(operand), to: resultKind, at: span)
    if resultKind != .bool { value = try converted(value, to: number(of: function.result), at: span) }
    currentSpan = span
    try emit("return \(value.text)")
  }

  // MARK: Cleanups

  mutating func emit(_ cleanup: Cleanup) throws {
    for line in cleanup.lines { try emit(line) }
  }

  /// Runs what is to be released when control leaves all scopes down to a depth of the stack; the last first.
  mutating func emitCleanups(downTo depth: Int) throws {
    for cleanup in cleanups.dropFirst(depth).reversed() { try emit(cleanup) }
  }

  mutating func emitCleanups(fromScope depth: Int) throws {
    for cleanup in cleanups.reversed() where cleanup.scopeDepth >= depth { try emit(cleanup) }
  }

  // MARK: Macros that govern a statement

  mutating func translateMacro(_ call: CExpression, _ statement: CStatement, at span: Span) throws
    -> Bool
  {
    guard case .call(let callee, let arguments) = call.kind, case .name(let name) = callee.kind else {
      throw fail("expected ';' at the end of the statement", at: call.span)
    }
    if table.builtins[name] == "scoped_guard_macro" {
      guard case .name(let kind)? = arguments.first?.kind else {
        throw fail("expected the guard's name first, as in scoped_guard(mutex, &lock)", at: call.span)
      }
      scopes.append([:])
      defer { scopes.removeLast() }
      // `break` leaves a scoped_guard: the kernel's macro is a loop that runs once.
      try emit("loop {")
      loops.append(
        LoopContext(
          kind: .loop, step: [("break", call.span)], cStep: nil, cCondition: nil, cleanupDepth: cleanups.count
        ))
      try enterGuard(kind, Array(arguments.dropFirst()), at: call.span)
      let depth = scopes.count
      if try !translateBody(statement) {
        currentSpan = span
        try emitCleanups(fromScope: depth)
        try emit("break")
      }
      cleanups.removeAll { $0.scopeDepth >= depth }
      try closeLoop(at: span)
      return false
    }
    if table.opaque[name] != nil {
      opaque.insert(name)
      markLeftOut(statement)
      return false
    }
    if let line = macros[name] {
      assume("'\(name)' means what the table says, not what the #define in line \(line) says", at: call.span)
    }
    guard let walk = table.walks[name] else {
      throw fail(
        "'\(name)' governs a statement and is not known; add 'walk \(name)(PARAMETERS) { … } { … } { … }' to the table\(Spelling.suggestion(name, among: table.walks.keys))",
        at: callee.span)
    }
    guard let bound = try bind(walk, arguments, at: call.span) else {
      // The container is one that the model does not have: there is nothing to walk over.
      markLeftOut(statement)
      return false
    }
    for line in bound.blocks[0] { try emit(line) }
    try emit("loop {")
    for line in bound.blocks[1] { try emit(line) }
    let step = bound.blocks[2].map { ($0, call.span) }
    loops.append(
      LoopContext(kind: .loop, step: step, cStep: nil, cCondition: nil, cleanupDepth: cleanups.count))
    if try !translateBody(statement) {
      for (line, span) in step { body.add(line, at: span) }
    }
    try closeLoop(at: span)
    return false
  }

  mutating func enterGuard(_ name: String, _ arguments: [CExpression], at span: Span) throws {
    guard let guardTemplate = table.guards[name] else {
      throw fail(
        "the guard '\(name)' is not known; add 'guard \(name)(&lock) { … } { … }' to the table\(Spelling.suggestion(name, among: table.guards.keys))",
        at: span)
    }
    guard let bound = try bind(guardTemplate, arguments, at: span) else {
      throw fail("the lock of this guard is opaque; a guard needs one that the model has", at: span)
    }
    for line in bound.blocks[0] { try emit(line) }
    noteAnchors(of: bound.blocks[0], at: span)
    cleanups.append(
      Cleanup(lines: bound.blocks[1], span: span, scopeDepth: scopes.count))
  }
}
