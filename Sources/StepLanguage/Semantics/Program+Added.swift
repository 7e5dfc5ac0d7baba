import Basics

extension Program {
  /// The same program with expressions added behind all that it has, so that every address, statement, field and limit stays what it was.
  ///
  /// A watch may name objects as the views do, such as `access1`; an invariant can name globals only.
  ///
  /// - Throws: `DiagnosticError` with places in the expressions.
  public func adding(_ expressions: [AddedExpression]) throws -> Program {
    var compiler = Compiler(name: name, title: title, bases: bases, sources: sources, items: items)
    compiler.looksAreSteps = looksAreSteps
    compiler.program.isOwnFile = isOwnFile
    compiler.program.sourceIndex = sourceIndex
    compiler.program.notes = notes
    compiler.program.assumptions = assumptions
    var diagnostics: [Diagnostic] = []
    for expression in expressions {
      let source = SourceFile(name: expression.source, text: expression.text)
      var parser = Parser(source, file: compiler.program.sources.count)
      compiler.program.sources.append(source)
      if let syntax = parser.wholeExpression() {
        compiler.added.append(CompilerAddition(syntax: syntax, expression: expression))
      }
      diagnostics += parser.diagnostics
    }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
    compiler.run()
    guard compiler.diagnostics.isEmpty else { throw DiagnosticError(compiler.diagnostics) }
    return compiler.program
  }
}

/// An expression that is compiled behind a model's items.
struct CompilerAddition: Sendable {
  let syntax: Expression
  let expression: AddedExpression
}

extension Parser {
  /// A text that is one expression and nothing else; nil when it is none, which is told.
  mutating func wholeExpression() -> Expression? {
    skipNewlines()
    guard let result = try? expression() else { return nil }
    skipNewlines()
    guard at(.end) else {
      complain("expected the end of the expression, found \(describe(current))", at: current.span)
      return nil
    }
    return result
  }
}

extension Expression {
  /// The parts that must all be true where this is, from left to right.
  var conjuncts: [Expression] {
    if case .binary("&&", let left, let right) = kind { return left.conjuncts + right.conjuncts }
    return [self]
  }

  /// The names in it, fields left out.
  var names: [String] {
    switch kind {
    case .name(let name): [name]
    case .field(let inner, _), .member(let inner, _), .unary(_, let inner), .isType(let inner, _),
      .asType(let inner, _), .warnOn(let inner):
      inner.names
    case .binary(_, let left, let right): left.names + right.names
    case .function(_, let arguments): arguments.flatMap(\.names)
    case .number, .unsigned, .boolean, .null, .thread, .result: []
    }
  }
}
