import Basics
import StepLanguage

/// What a translation of one function found.
public struct TranslatedFunction: Sendable {
  /// The function's name.
  public var name: String
  /// The C file.
  public var file: String
  /// Whether the model has a function of that name, whose signature and probes it then has.
  public var isInModel: Bool
  /// Calls and members whose effect is left out, in alphabetical order.
  public var opaque: [String]
  /// Holders and the like that nothing told of, in the order of the text.
  public var assumptions: [String]
  /// Checks of the model that found no place in the C text.
  public var leftOut: [String]
  /// How many statements the C function has.
  public var statementCount: Int
  /// How many of them were translated; the rest cannot be reached.
  public var translatedCount: Int
  /// Lines, from 1, of statements that nothing reaches.
  public var unreachedLines: [Int]
  /// Functions of the same file that it calls and the model lacks.
  var helpers: [String]
  var item: GeneratedText
}

/// Turns one C function into one of the step language.
struct Translator {
  let source: SourceFile
  let function: CFunction
  let outline: ModelOutline
  let table: KernelTable
  /// Functions that come from C, by name.
  let companions: [String: CFunction]

  /// Macros of the file whose meaning the table tells, with their lines.
  let macros: [String: Int]
  /// What came out of a macro, by the offset of its use.
  let origins: [Int: CMacroExpander.Origin]
  /// Types of structures' members that the files declare.
  let declared: [String: [String: CVariable]]
  /// Other names of number types.
  let typedefs: [String: String]
  /// Variables that only count.
  var counters: Set<String> = []
  /// Numbers of the model that arithmetic was done with, and the first line of it.
  var unknownWidths: [String: Int] = [:]

  var diagnostics: [Diagnostic] = []
  var body = GeneratedText()
  var scopes: [[String: Local]] = [[:]]
  /// All variables in the order of their declaration; each gets its type when it is known.
  var variables: [Variable] = []
  var usedNames: Set<String> = []
  var temporaryCount = 0
  var loops: [LoopContext] = []
  /// What is released when a scope ends, outermost first.
  var cleanups: [Cleanup] = []
  var visited: Set<Int> = []
  var opaque: Set<String> = []
  var assumptions: [String] = []
  var helpers: [String] = []
  /// The function of the model, whose signature this one gets.
  let signature: ModelOutline.Function?
  var resultKind: ValueKind?
  /// For each occurrence of an anchor the holders of the base, in order.
  var holderIndex: [String: [Site: String]] = [:]
  var holderCounts: [String: Int] = [:]
  /// What the base attaches to an anchor and its occurrence.
  var attachments: [Anchor: [ModelOutline.Statement]] = [:]
  /// The same for what stands right before an anchor and behind none.
  var attachmentsBefore: [Anchor: [ModelOutline.Statement]] = [:]
  var anchorCounts: [ModelOutline.Statement.Kind: [Site: Int]] = [:]
  /// How many statements of each kind the base's function has.
  var baseCounts: [ModelOutline.Statement.Kind: Int] = [:]
  /// What of the base was put into the translation.
  var attached: Set<String> = []
  /// Statements that wait for the end of the statement at hand.
  var pendingAttachments: [(ModelOutline.Statement, Span)] = []
  var currentSpan: Span
  /// The number of the statement that is being translated.
  var statementNumber = -1
  var nesting = 0
  /// Text of a condition that is evaluated by a wait: nothing may be emitted.
  var isPure = false

  /// For const fields that get their value after the object was made: the first line, and the fields by type.
  var lateConstants: [String: (line: Int, fields: [String])] = [:]
  /// Variables that hold memory which the model does not have: never null.
  var pointerVariables: Set<Int> = []
  /// Variables that stand for a path of members, by the path.
  var pathVariables: [String: Int] = [:]
  /// Variables for the errno of a pointer in a field, by the path.
  var fieldErrors: [String: Int] = [:]
  /// Variables for members of structures on the stack, by structure and member.
  var structureMembers: [String: [String: Int]] = [:]
  /// Variables of types that the model does not have.
  var opaqueVariables: Set<Int> = []
  /// The C type of each structure on the stack.
  var structureTypes: [String: String] = [:]
  /// Lines that the table puts before a call, by its place.
  var insertions: [Site: [String]] = [:]
  /// C names of pointers that may carry an errno.
  var errorNames: Set<String> = []
  /// Variables that are parameters, and so need no declaration.
  var parameterVariables: Set<Int> = []

  struct Abandoned: Error {}

  /// A place in the C text, which is translated several times where jumps lead there. Statements that a macro stands
  /// for have one place and several numbers.
  struct Site: Hashable {
    var statement: Int
    var start: Int
  }

  /// The place of a stretch in the statement at hand.
  func site(_ span: Span) -> Site { Site(statement: statementNumber, start: span.start) }

  struct Anchor: Hashable {
    var kind: ModelOutline.Statement.Kind
    var occurrence: Int
  }

  /// A variable of the step language.
  struct Variable {
    var name: String
    var kind: ValueKind?
    /// The variable beside it that holds an errno.
    var error: String?
    var span: Span
    /// Its type in C when that is a number.
    var number: CNumber?
    /// Between which values it lies.
    var bounds: ClosedRange<Int64>?
  }

  /// What a C name stands for.
  enum Local {
    /// A variable, by its index.
    case variable(Int)
    /// A fixed expression: a parameter of the model's signature, or a bound expression.
    case alias(Operand)
    /// A pointer to a result: what it points to is that variable.
    case output(Int)
    /// A structure on the stack.
    case structure(String)
    /// `XA_STATE` and its like: names for a place and an index.
    case bundle([String: Operand])
    /// Neither written nor read by the model.
    case ignored(String)
  }

  struct LoopContext {
    enum Kind: Hashable {
      case loop
      case switchBody
      case label(String)
    }
    var kind: Kind
    /// Emitted before `continue`.
    var step: [(String, Span)]
    var cStep: CExpression?
    var cCondition: CExpression?
    var cleanupDepth: Int
    /// The number of the loop's statement.
    var number = -1
    /// Jumps out of this loop to an outer one: the flag, and what the next level does.
    var pending: [(flag: String, target: Int, isBreak: Bool)] = []
  }

  struct Cleanup {
    var lines: [String]
    var span: Span
    /// The block that it ends with.
    var scopeDepth: Int
  }

  init(
    source: SourceFile, function: CFunction, outline: ModelOutline, table: KernelTable,
    companions: [String: CFunction], macros: [String: Int] = [:], origins: [Int: CMacroExpander.Origin] = [:],
    declarations: CParser.Declarations = CParser.Declarations()
  ) {
    self.source = source
    self.function = function
    self.outline = outline
    self.table = table.seen(by: function.name)
    self.companions = companions
    self.macros = macros
    self.origins = origins
    declared = declarations.members
    typedefs = declarations.typedefs
    signature = outline.functions[function.name]
    currentSpan = function.nameSpan
  }

  // MARK: Helpers

  mutating func fail(_ message: String, at span: Span) -> Abandoned {
    diagnostics.append(Diagnostic(CParser.from(origins[span.start], message), at: span, in: source))
    return Abandoned()
  }

  mutating func assume(_ text: String, at span: Span) {
    let entry = "\(source.name):\(source.line(at: span.start)): \(text)"
    if !assumptions.contains(entry) { assumptions.append(entry) }
  }

  mutating func emit(_ text: String) throws {
    guard !isPure else {
      throw fail(
        "a wait evaluates its condition again and again; only reads can stand in it, no calls",
        at: currentSpan)
    }
    guard body.lines.count < Self.lineLimit else {
      throw fail(
        "the jumps of '\(function.name)' make more than \(Self.lineLimit) lines when they are written out; cut it",
        at: currentSpan)
    }
    body.add(text, at: currentSpan)
  }

  /// Tails are written out at each jump to them, which may be often.
  static let lineLimit = 50_000

  static let reserved: Set<String> = [
    "let", "if", "else", "while", "loop", "break", "continue", "return", "free", "check", "mark", "warn",
    "probe",
    "alloc", "try_alloc", "choose", "null", "true", "false", "thread", "result", "is", "as", "by", "from",
    "to", "until",
    "timeout", "count", "held", "holds", "units", "alive", "warn_on", "int", "u64", "bool", "errno", "any",
    "mutex",
    "list", "flag", "fn", "entry", "object", "global", "const", "slot", "ops", "driver", "init", "invariant",
    "model",
    "revision", "remove", "source", "of", "goto", "for", "switch", "case", "do", "sizeof",
  ]

  mutating func uniqueName(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    func isTaken(_ name: String) -> Bool {
      usedNames.contains(name) || Self.reserved.contains(name) || outline.constants.contains(name)
        || outline.globals[name] != nil || outline.drivers[name] != nil || outline.functions[name] != nil
        || outline.objects[name] != nil || table.constants[name] != nil
    }
    while isTaken(name) {
      name = "\(wanted)_\(number)"
      number += 1
    }
    usedNames.insert(name)
    return name
  }

  mutating func temporary() -> String {
    temporaryCount += 1
    return uniqueName("t\(temporaryCount)")
  }

  /// A variable that is declared at the function's head.
  mutating func newVariable(_ name: String, _ kind: ValueKind?, at span: Span) -> Int {
    variables.append(Variable(name: uniqueName(name), kind: kind, error: nil, span: span))
    return variables.count - 1
  }

  func lookUp(_ name: String) -> Local? {
    for scope in scopes.reversed() {
      if let local = scope[name] { return local }
    }
    return nil
  }

  // MARK: Types

  /// What a C type is in the model.
  ///
  /// - Parameter owner: the function in which it stands; a `fold` line may be for one only.
  func kind(of type: CType, in owner: String? = nil) -> ValueKind? {
    if type.pointers == 0 {
      switch type.name {
      case "bool", "_Bool": return .bool
      case "unsigned long", "size_t", "u64", "__u64", "unsigned long long", "dma_addr_t", "phys_addr_t",
        "ulong",
        "unsigned long int", "uintptr_t", "pgoff_t", "uint64_t",
        "unsigned", "unsigned int", "u32", "__u32", "uint", "uint32_t":
        return .unsigned
      case "void", "typeof": return nil
      default:
        if type.isStruct { return .structure(type.name) }
        // What is narrower than an int is one in arithmetic.
        guard let number = number(of: type) else { return .int }
        return !number.isSigned && number.bits >= 32 ? .unsigned : .int
      }
    }
    if type.name == "function" { return .opaque }
    if type.pointers > 1 { return .opaque }
    if type.name == "void" || type.name == "const void" { return .reference(nil) }
    let name = table.folds["\(owner ?? function.name) \(type.name)"] ?? table.folds[type.name] ?? type.name
    if outline.objects[name] != nil { return .reference(name) }
    if outline.ops[name] != nil { return .ops(name) }
    return .opaque
  }

  func kind(named text: String) -> ValueKind {
    switch text {
    case "int", "errno": return .int
    case "u64": return .unsigned
    case "bool": return .bool
    case "any": return .reference(nil)
    default:
      if outline.objects[text] != nil { return .reference(text) }
      if outline.ops[text] != nil { return .ops(text) }
      return .part(text)
    }
  }

  // MARK: The whole function

  mutating func run() throws -> TranslatedFunction {
    usedNames.formUnion(signature?.parameters.map(\.name) ?? [])
    if let signature {
      resultKind = signature.result.map { kind(named: $0) }
    } else {
      resultKind = kind(of: function.result)
      if case .structure = resultKind {
        throw fail(
          "a function that returns a structure is not read; return a pointer", at: function.result.span)
      }
      if resultKind == .opaque {
        throw fail(
          "the model has no object for '\(function.result.name)'; add 'fold \(function.result.name) = OBJECT' to the table, or declare '\(function.name)' opaque",
          at: function.result.span)
      }
    }
    errorNames = findErrorNames()
    counters = findCounters()
    readBase()
    let parameters = try bindParameters()
    insertions = findInsertions()
    currentSpan = function.nameSpan
    for line in table.beginnings[function.name] ?? [] { try emit(try scoped(line, at: function.nameSpan)) }
    scopes.append([:])
    if try !translate(function.body.statements, from: 0) {
      currentSpan = function.body.end
      try emitCleanups(downTo: 0)
      try emitReturn(nil, at: function.body.end)
    }
    return finished(parameters)
  }

  mutating func finished(_ parameters: [(name: String, type: String)]) -> TranslatedFunction {
    for (type, late) in lateConstants.sorted(by: { $0.key < $1.key }) {
      assumptions.append(
        "\(source.name):\(late.line): nobody else knows the \(type) yet when it gets its \(late.fields.joined(separator: ", "))"
      )
    }
    if let first = unknownWidths.values.min() {
      let names = unknownWidths.keys.sorted().joined(separator: ", ")
      assumptions.append(
        "\(source.name):\(first): numbers that this file does not declare are as wide as in the model: \(names)"
      )
    }
    var leftOut: [String] = []
    var marks: [String] = []
    var item = GeneratedText()
    item.indent = 1
    let head = function.nameSpan
    let list = parameters.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
    let result = resultKind.flatMap { signature?.result ?? $0.typeName }.map { " -> \($0)" } ?? ""
    item.add([("fn \(function.name)(\(list))\(result)", function.span)])
    for probe in signature?.probes ?? [] {
      item.indent += 1
      item.add(probe, at: head)
      item.indent -= 1
    }
    item.add("{", at: head)
    let base = item.indent
    for (index, variable) in variables.enumerated()
    where !parameterVariables.contains(index) && !pointerVariables.contains(index) {
      let kind = variable.kind ?? .int
      guard let type = kind.typeName else { continue }
      item.add("let \(variable.name): \(type) = \(kind.zero)", at: variable.span)
      if let error = variable.error { item.add("let \(error): errno = 0", at: variable.span) }
    }
    for var line in body.lines.flatMap({ lateLines($0) }) {
      line.indent += base
      item.lines.append(line)
    }
    item.indent = base
    item.add("}", at: function.body.end)
    if let signature {
      for statement in signature.statements {
        let isKept =
          statement.kind == .check || statement.kind == .move || statement.kind == .mark || isGhost(statement)
        guard isKept, !attached.contains(statement.text), !isInserted(statement.text) else { continue }
        let place = "\(source.name):\(source.line(at: head.start))"
        switch statement.kind {
        case .check: leftOut.append("\(place): the model's '\(statement.text)' has no place in this C text")
        case .mark:
          marks.append(statement.text.split(separator: "\"").dropFirst().first.map(Self.short) ?? "")
        default:
          assumptions.append(
            "\(place): the model's '\(statement.text)' has no place in this C text and is left out")
        }
      }
      if !marks.isEmpty {
        assumptions.append(
          "\(source.name):\(source.line(at: head.start)): marks of the model without a place in this C text: \(marks.joined(separator: ", "))"
        )
      }
    }
    let all = Self.statements(function.body)
    return TranslatedFunction(
      name: function.name, file: source.name, isInModel: signature != nil, opaque: opaque.sorted(),
      assumptions: assumptions, leftOut: leftOut, statementCount: function.statementCount,
      translatedCount: visited.count,
      unreachedLines: all.filter { !visited.contains($0.number) }.map { source.line(at: $0.span.start) },
      helpers: helpers, item: item)
  }

  /// The word before the colon of a mark, or all of a short one.
  private static func short(_ mark: Substring) -> String {
    String(mark.firstIndex(of: ":").map { mark[..<$0] } ?? mark.prefix(40))
  }

  /// Whether the table puts a statement of the model somewhere: the same words, or a check that says the same.
  private func isInserted(_ text: String) -> Bool {
    let inserted =
      (table.insertions[function.name] ?? []).flatMap(\.lines) + (table.beginnings[function.name] ?? [])
      + (table.results[function.name] ?? [])
    guard let quote = text.firstIndex(of: "\"") else { return inserted.contains(text) }
    // Variables may be called otherwise in C.
    return inserted.contains { $0.hasPrefix("check ") && $0.hasSuffix(text[quote...]) || $0 == text }
  }

  /// All statements of a block, nested ones included.
  static func statements(_ block: CBlock) -> [CStatement] { block.statements.flatMap { statements($0) } }

  static func statements(_ statement: CStatement) -> [CStatement] {
    var result = [statement]
    switch statement.kind {
    case .block(let block): result += statements(block)
    case .conditional(_, let then, let otherwise):
      result += statements(then) + (otherwise.map { statements($0) } ?? [])
    case .whileLoop(_, let body), .doLoop(let body, _), .macro(_, let body): result += statements(body)
    case .forLoop(let start, _, _, let body):
      result += (start.map { statements($0) } ?? []) + statements(body)
    case .switchOn(_, let cases): for one in cases { result += one.statements.flatMap { statements($0) } }
    default: break
    }
    for value in statement.expressions {
      value.visit { if case .statements(let block) = $0.kind { result += statements(block) } }
    }
    return result
  }
}
