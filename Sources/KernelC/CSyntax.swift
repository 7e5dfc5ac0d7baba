import Basics

/// A type as C names it, without what qualifies it.
struct CType: Hashable, Sendable {
  /// The last words of the type, such as `iommufd_access`, `unsigned long` or `u32`.
  var name: String
  /// Whether `struct` or `union` stood before the name.
  var isStruct: Bool
  /// How many `*` follow; an array counts as one.
  var pointers: Int
  var span: Span
}

/// A variable or parameter.
struct CVariable: Sendable {
  var name: String
  var span: Span
  var type: CType
  /// The name in `__free(…)`.
  var cleanup: (name: String, span: Span)?
  /// The expression in `typeof(…)`, when that is the type.
  var typeOf: CExpression?
  /// How many bits a member takes, if it says so.
  var bits: Int?
  var value: CExpression?
  var isStatic = false
}

/// A function definition.
struct CFunction: Sendable {
  var name: String
  var nameSpan: Span
  var result: CType
  var parameters: [CVariable]
  var body: CBlock
  /// From the first word of its type to the closing brace.
  var span: Span
  /// How many statements the body has.
  var statementCount: Int
}

/// Statements in braces.
struct CBlock: Sendable {
  var statements: [CStatement]
  /// The closing brace.
  var end: Span
}

/// A statement with its number in the function, from 0.
struct CStatement: Sendable {
  var number: Int
  var span: Span
  var kind: Kind

  indirect enum Kind: Sendable {
    case empty
    case declaration([CVariable])
    case expression(CExpression)
    case block(CBlock)
    case conditional(CExpression, CStatement, CStatement?)
    case whileLoop(CExpression, CStatement)
    case doLoop(CStatement, CExpression)
    case forLoop(CStatement?, CExpression?, CExpression?, CStatement)
    case switchOn(CExpression, [CCase])
    case breakLoop
    case continueLoop
    case returnValue(CExpression?)
    case jump(String, Span)
    case label(String)
    /// `xa_for_each(…) body`, `scoped_guard(…) body`: a macro and the statement that it governs.
    case macro(CExpression, CStatement)
  }
}

/// One or several `case` labels and what follows up to the next.
struct CCase: Sendable {
  /// Nil is `default`.
  var values: [CExpression?]
  var statements: [CStatement]
  var span: Span
}

/// An expression.
struct CExpression: Sendable {
  var span: Span
  var kind: Kind

  indirect enum Kind: Sendable {
    case number(UInt64, CNumber)
    case string(String)
    case name(String)
    case call(CExpression, [CExpression])
    case member(CExpression, String, Span, isArrow: Bool)
    case index(CExpression, CExpression)
    case unary(String, CExpression)
    /// `++` or `--` behind its operand.
    case postfix(String, CExpression)
    case binary(String, CExpression, CExpression)
    /// The operator without its `=`; empty for a plain assignment.
    case assign(String, CExpression, CExpression)
    case conditional(CExpression, CExpression?, CExpression)
    case comma(CExpression, CExpression)
    case cast(CType, CExpression)
    /// `sizeof`, of a type or of an expression.
    case sizeOf(CType?, CExpression?)
    /// `({ … })`: its value is that of its last statement.
    case statements(CBlock)
    /// A type where an argument is expected, as in `container_of(p, struct foo, member)`.
    case type(CType)
    /// `{ .a = 1 }`; the name is nil without a designator.
    case initializer([(name: String?, value: CExpression)])
  }
}

extension CExpression {
  /// The expressions that it is made of, in C's order.
  var operands: [CExpression] {
    switch kind {
    case .call(let callee, let arguments): [callee] + arguments
    case .unary(_, let operand), .postfix(_, let operand), .member(let operand, _, _, _),
      .cast(_, let operand):
      [operand]
    case .index(let one, let other), .binary(_, let one, let other), .comma(let one, let other),
      .assign(_, let one, let other):
      [one, other]
    case .conditional(let condition, let then, let otherwise):
      [condition] + (then.map { [$0] } ?? []) + [otherwise]
    case .initializer(let members): members.map(\.value)
    case .number, .string, .name, .sizeOf, .type, .statements: []
    }
  }

  /// The expression and all that it is made of.
  func visit(_ body: (CExpression) -> Void) {
    body(self)
    for operand in operands { operand.visit(body) }
  }
}

extension CStatement {
  /// The expressions that stand in the statement itself, not in those that it governs.
  var expressions: [CExpression] {
    switch kind {
    case .expression(let value), .conditional(let value, _, _), .whileLoop(let value, _),
      .doLoop(_, let value),
      .switchOn(let value, _), .macro(let value, _):
      [value]
    case .forLoop(_, let condition, let step, _): [condition, step].compactMap { $0 }
    case .declaration(let variables): variables.compactMap(\.value)
    case .returnValue(let value): value.map { [$0] } ?? []
    case .block, .empty, .breakLoop, .continueLoop, .jump, .label: []
    }
  }
}
