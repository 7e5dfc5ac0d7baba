import StepLanguage

/// What runs later, where a line of a table cannot say it.
extension Translator {
  /// `call_rcu(&x->rcu, function)`: the function gets the object that embeds the head, whether the model has the head or not.
  mutating func callRCU(_ name: String, _ head: CExpression, _ function: CExpression, at span: Span) throws {
    guard case .unary("&", let inner) = head.kind, case .member(let owner, _, _, _) = inner.kind else {
      throw fail("expected a head inside an object, as in \(name)(&x->rcu, function)", at: head.span)
    }
    guard case .name(let callback) = function.kind else {
      throw fail("expected the function's name", at: function.span)
    }
    let object = try value(owner)
    currentSpan = span
    try emit("call_rcu \(callback)(\(object.text))")
  }
}
