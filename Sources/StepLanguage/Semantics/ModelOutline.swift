/// What a model declares, in words: for a reader of another language that must fit its functions into the model.
public struct ModelOutline: Sendable {
  /// A type of object.
  public struct Object: Sendable {
    /// The type that it extends.
    public var base: String?
    /// The types of its own fields by name, as written: `xarray of iommufd_object`.
    public var fields: [String: String] = [:]
    /// Fields that get their value when the object is made and never change.
    public var constantFields: Set<String> = []
  }

  /// A table of callbacks and values that drivers fill.
  public struct Ops: Sendable {
    /// The types of a callback's parameters.
    public var functions: [String: (parameters: [String], result: String?)] = [:]
    /// The types of values.
    public var values: [String: String] = [:]
  }

  /// A function, with what a translation of its C text keeps of it.
  public struct Function: Sendable {
    /// Names and types of the parameters in order.
    public var parameters: [(name: String, type: String)]
    /// The type of the result.
    public var result: String?
    /// `probe` and `returns` lines of the head.
    public var probes: [String]
    /// All statements in the order of the text, those of nested blocks included.
    public var statements: [Statement]
  }

  /// A statement of a function.
  public struct Statement: Sendable {
    /// What a statement does, as far as a translation looks at it.
    public enum Kind: Hashable, Sendable {
      /// A call of a function of the model or through an ops field.
      case call(String)
      /// The lock's field, and whether it is taken or released.
      case lock(String, isAcquire: Bool)
      /// The operation's word, such as `ref_inc`, and the refcount's field.
      case refcount(String, String)
      /// An assignment to a field.
      case store(String)
      /// What has no counterpart in C and belongs to the model: it looks, or passes a unit on to another holder.
      case check, mark, probe, move
      /// Anything else.
      case other
    }

    /// What it does.
    public var kind: Kind
    /// The statement as written; of one with blocks only the head.
    public var text: String
    /// Who holds the unit of a refcount operation, as written behind `by`.
    public var holder: String?
    /// Names of variables that the statement, or its holder, reads.
    public var names: Set<String>
    /// The block that it stands in; blocks are numbered in the order of the text.
    public var block: Int
    /// For an `if` the block that it opens.
    public var opens: Int?
  }

  /// Named constants.
  public var constants: Set<String> = []
  /// Types of objects by name.
  public var objects: [String: Object] = [:]
  /// The types of global variables.
  public var globals: [String: String] = [:]
  /// Tables of callbacks.
  public var ops: [String: Ops] = [:]
  /// The ops that each driver fills.
  public var drivers: [String: String] = [:]
  /// Functions that are no entries.
  public var functions: [String: Function] = [:]

  /// The outline of a model.
  public init(_ model: ModelText) {
    for item in model.items {
      let reader = Reader(source: model.sources[item.span.file])
      switch item.kind {
      case .constant(let name, _): constants.insert(name.text)
      case .object(let object):
        var outline = Object(base: object.base?.text)
        for field in object.fields {
          outline.fields[field.name.text] = Self.text(field.type)
          if field.isConstant { outline.constantFields.insert(field.name.text) }
        }
        objects[object.name.text] = outline
      case .global(let field): globals[field.name.text] = Self.text(field.type)
      case .ops(let syntax):
        var outline = Ops()
        for function in syntax.functions {
          outline.functions[function.name.text] = (
            function.parameters.map { Self.text($0.type) }, function.result.map(Self.text)
          )
        }
        for value in syntax.values { outline.values[value.name.text] = Self.text(value.type) }
        ops[syntax.name.text] = outline
      case .driver(let driver): drivers[driver.name.text] = driver.ops.text
      case .function(let function) where !function.isEntry:
        var statements: [Statement] = []
        var blocks = 0
        reader.flatten(function.body, 0, &blocks, into: &statements)
        functions[function.name.text] = Function(
          parameters: function.parameters.map { ($0.name.text, Self.text($0.type)) },
          result: function.result.map(Self.text),
          probes: function.probes.map { "probe " + reader.text($0) }
            + function.returns.map { "returns " + reader.text($0) },
          statements: statements)
      default: break
      }
    }
  }

  /// A field of an object type or of one that it extends.
  public func field(_ name: String, of type: String) -> (type: String, isConstant: Bool)? {
    var candidate: String? = type
    while let here = candidate, let object = objects[here] {
      if let type = object.fields[name] { return (type, object.constantFields.contains(name)) }
      candidate = object.base
    }
    return nil
  }

  /// Whether an object type is another one or extends it.
  public func type(_ type: String, isA base: String) -> Bool {
    var candidate: String? = type
    var steps = 0
    while let here = candidate, steps < 100 {
      if here == base { return true }
      candidate = objects[here]?.base
      steps += 1
    }
    return false
  }

  private static func text(_ type: TypeSyntax) -> String {
    switch type.kind {
    case .named(let name): name
    case .xarray(let element, let from): "xarray of \(element) from \(from)"
    case .list(let element): "list of \(element)"
    case .intervalMap(let element): "interval_map of \(element)"
    case .work: "work"
    case .timer: "timer"
    }
  }
}

/// Takes stretches of a model's text for its outline.
private struct Reader {
  let source: SourceFile

  func text(_ span: Span) -> String {
    guard span.start >= 0, span.start <= span.end, span.end <= source.bytes.count else { return "" }
    return String(decoding: source.bytes[span.start..<span.end], as: UTF8.self)
  }

  func text(_ holder: Holder) -> String {
    guard let owner = holder.owner else { return "\"\(holder.word)\"" }
    return holder.word.isEmpty ? text(owner.span) : "\(text(owner.span)) \"\(holder.word)\""
  }

  func text(_ probe: ProbeSyntax) -> String {
    "\(probe.name.text)(\(probe.arguments.map { "\($0.name) = \(text($0.value.span))" }.joined(separator: ", ")))"
  }

  /// Names that stand for variables: no fields, no functions.
  func names(_ text: String) -> Set<String> {
    var lexer = Lexer(SourceFile(name: "", text: text), file: 0)
    let tokens = lexer.run()
    var result: Set<String> = []
    for (position, token) in tokens.enumerated() where token.kind == .word {
      if position > 0, tokens[position - 1].kind == .punctuation,
        [".", "->"].contains(tokens[position - 1].text)
      {
        continue
      }
      if position + 1 < tokens.count, tokens[position + 1].kind == .punctuation,
        tokens[position + 1].text == "("
      {
        continue
      }
      result.insert(token.text)
    }
    return result
  }

  func flatten(_ block: Block, _ number: Int, _ next: inout Int, into result: inout [ModelOutline.Statement])
  {
    func open(_ head: String, _ inner: Block, opens: Bool = false) {
      next += 1
      result.append(
        ModelOutline.Statement(
          kind: .other, text: head, holder: nil, names: names(head), block: number, opens: opens ? next : nil)
      )
      flatten(inner, next, &next, into: &result)
    }
    for statement in block.statements {
      switch statement.kind {
      case .conditional(let condition, let then, let otherwise):
        open("if " + text(condition.span), then, opens: true)
        if let otherwise { open("else", otherwise) }
      case .whileLoop(let condition, let body): open("while " + text(condition.span), body)
      case .loop(let body): open("loop", body)
      default:
        let (kind, holder) = describe(statement)
        let words = text(statement.span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var entry = ModelOutline.Statement(
          kind: kind, text: words, holder: holder, names: [], block: number, opens: nil)
        switch statement.kind {
        case .check(_, let expression, _): entry.names = names(text(expression.span))
        case .mark: break
        case .move(let place, let from, let to):
          entry.names = names(
            [text(place.span), from.owner.map { text($0.span) } ?? "", to.owner.map { text($0.span) } ?? ""]
              .joined(separator: " "))
        default: entry.names = names(holder ?? entry.text)
        }
        result.append(entry)
      }
    }
  }

  private func describe(_ statement: Statement) -> (ModelOutline.Statement.Kind, String?) {
    func field(_ place: Place) -> String { place.parts.last?.text ?? "" }
    switch statement.kind {
    case .call(let call): return (.call(call.name.text), nil)
    case .declare(_, _, let value): return describe(value)
    case .assign(let place, _, let value):
      let (kind, holder) = describe(value)
      if place.parts.count > 1, kind == .other { return (.store(field(place)), nil) }
      return (kind, holder)
    case .returnValue(let value): return value.map(describe) ?? (.other, nil)
    case .acquire(_, let place, _): return (.lock(field(place), isAcquire: true), nil)
    case .release(_, let place): return (.lock(field(place), isAcquire: false), nil)
    case .refcount(_, let place, _, let holder):
      let word = String(text(statement.span).prefix { $0.isLetter || $0 == "_" })
      return (.refcount(word, field(place)), text(holder))
    case .move: return (.move, nil)
    case .check: return (.check, nil)
    case .mark: return (.mark, nil)
    case .probe: return (.probe, nil)
    default: return (.other, nil)
    }
  }

  private func describe(_ value: Value) -> (ModelOutline.Statement.Kind, String?) {
    switch value.kind {
    case .call(let call): return (.call(call.name.text), nil)
    case .refcount(_, let place, let holder):
      let word = String(text(value.span).prefix { $0.isLetter || $0 == "_" })
      return (.refcount(word, place.parts.last?.text ?? ""), text(holder))
    default: return (.other, nil)
    }
  }
}
