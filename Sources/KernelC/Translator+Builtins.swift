import Basics
import StepLanguage

/// Words whose meaning the translation knows by itself.
extension Translator {
  // MARK: Built-in words

  mutating func builtin(
    _ kind: String, _ name: String, _ arguments: [CExpression], at span: Span, expecting: ValueKind?,
    isUsed: Bool
  ) throws -> Operand? {
    func argument(_ index: Int) throws -> CExpression {
      guard arguments.indices.contains(index) else {
        throw fail("'\(name)' needs at least \(index + 1) argument\(index == 0 ? "" : "s")", at: span)
      }
      return arguments[index]
    }
    switch kind {
    case "warn":
      let test = try condition(try argument(0), isDirect: true)
      if test.text == "false" { return test }
      let variable = temporary()
      body.add(
        [("let \(variable) = warn_on(", span), (test.text, try argument(0).span), (")", span)])
      return Operand(text: variable, kind: .bool)
    case "same": return try value(try argument(0), expecting: expecting, isDirect: true)
    case "write_once":
      // smp_store_release takes an address, WRITE_ONCE a place.
      var target = try argument(0)
      if case .unary("&", let inner) = target.kind { target = inner }
      try assign("", target, try argument(1))
      return nil
    case "put": return try put(name, try argument(0), try argument(1), at: span)
    case "err_ptr":
      let errno = try value(try argument(0))
      return Operand(text: "null", kind: .null, error: errno.closed)
    case "is_err", "is_err_or_null", "ptr_err", "ptr_err_or_zero":
      let pointer = try value(try argument(0))
      if kind == "is_err_or_null" {
        return Operand(text: "\(pointer.closed) == null", kind: .bool, isAtom: false)
      }
      guard let error = pointer.error else {
        if pointer.kind == .opaque || pointer.kind == .pointer {
          decide(pointer)
          return Operand(text: kind == "is_err" ? "false" : "0", kind: kind == "is_err" ? .bool : .int)
        }
        if let function = pointer.unknownErrorOf {
          throw fail(
            "nothing says which errno '\(function)' gives where the model has null; add 'error \(function) = -ENOMEM' to the table",
            at: span)
        }
        throw fail("this pointer never carries an errno here", at: span)
      }
      return kind == "is_err"
        ? Operand(text: "\(error) != 0", kind: .bool, isAtom: false) : Operand(text: error, kind: .int)
    case "err_cast": return try value(try argument(0))
    case "container_of":
      let pointer = try value(try argument(0), isDirect: true)
      guard case .type(let type) = try argument(1).kind else {
        throw fail(
          "expected the type that holds the member, as in container_of(p, struct foo, member)", at: span)
      }
      if pointer.kind == .opaque { return pointer }
      guard let kind = self.kind(of: CType(name: type.name, isStruct: true, pointers: 1, span: type.span)),
        kind != .opaque
      else {
        throw fail(
          "the model has no object for '\(type.name)'; add 'fold \(type.name) = OBJECT' to the table",
          at: type.span)
      }
      return try adapted(pointer, to: kind, at: span)
    case "alloc":
      guard case .reference(let type?)? = expecting else {
        if expecting == .opaque || expecting == nil || expecting == .reference(nil) {
          // Memory that the model does not have: never null.
          opaque.insert("\(name) of what the model has not")
          return Operand(text: "0", kind: .pointer)
        }
        throw fail("assign what '\(name)' gives to a pointer to its type", at: span)
      }
      return Operand(text: "try_alloc \(type)", kind: .reference(type), accesses: 1, isAtom: false)
    case "free":
      let pointer = try value(try argument(0))
      guard case .reference(let type) = pointer.kind else { return nil }
      if let type, table.kept.contains(type) {
        opaque.insert("\(name) of \(type)")
        return nil
      }
      currentSpan = span
      try emit("if \(pointer.text) != null {")
      try emit("free \(pointer.text)")
      try emit("}")
      return nil
    case "is_enabled":
      guard case .name(let option) = try argument(0).kind else {
        throw fail("expected the name of an option, such as CONFIG_LOCKDEP", at: span)
      }
      return Operand(text: table.configuration.contains(option) ? "true" : "false", kind: .bool)
    case "no_free":
      let pointer = try value(try argument(0))
      let variable = temporary()
      try emit("let \(variable) = \(pointer.text)")
      try emit("\(pointer.text) = \(pointer.kind.zero)")
      return Operand(text: variable, kind: pointer.kind, error: pointer.error)
    case "add_overflow":
      let first = try materialized(try value(try argument(0)))
      let second = try materialized(try value(try argument(1)))
      var stores: [String] = []
      var target: ValueKind?
      let name = try output(try argument(2), &stores, kind: &target)
      let number =
        outputNumber(try argument(2)) ?? (target == .unsigned || target == nil ? .unsignedLong : nil)
      guard let number, !number.isSigned || number.bits < 64 else {
        throw fail(
          "'\(name)' is told of a sum without a sign, or of one narrower than 64 bits; declare the sum's type",
          at: span)
      }
      let variable = temporary()
      if number.bits < 64 {
        // The sum is exact in 64 bits when both are narrower, and fits when cutting it changes nothing.
        for (operand, expression) in [(first, try argument(0)), (second, try argument(1))] {
          guard let own = bounds(of: operand), own.upperBound <= UInt32.max, own.lowerBound >= -(1 << 32)
          else {
            throw fail(
              "this may be wider than the sum of 'check_add_overflow' here; declare a type of 32 bits or fewer",
              at: expression.span)
          }
        }
        let sum = temporary()
        try emit("let \(sum): int = \(first.closed) + \(second.closed)")
        let fitting = try converted(
          Operand(text: sum, kind: .int, number: .long, bounds: Int64.min...Int64.max), to: number, at: span)
        try emit("\(name) = \(fitting.text)")
        try emit("let \(variable) = \(name) != \(sum)")
        for store in stores { try emit(store) }
        return Operand(text: variable, kind: .bool)
      }
      try emit("let \(variable) = add_overflows(\(first.text), \(second.text))")
      try emit("\(name) = \(first.closed) + \(second.closed)")
      for store in stores { try emit(store) }
      return Operand(text: variable, kind: .bool)
    case "bundle":
      guard case .name(let variable) = try argument(0).kind else {
        throw fail("expected the variable's name first", at: span)
      }
      let container = try place(try argument(1))
      let index = arguments.count > 2 ? try value(arguments[2]) : Operand(text: "0", kind: .int)
      scopes[scopes.count - 1][variable] = .bundle(["xa": container, "index": index])
      return nil
    case "guard_macro", "scoped_guard_macro":
      throw fail(
        "'\(name)' stands alone, as in guard(mutex)(&lock) or scoped_guard(mutex, &lock) { … }", at: span)
    default: throw fail("'\(name)' cannot stand here", at: span)
    }
  }

  /// `kref_put(&x->kref, release)`: the last unit goes, and with it the object that embeds the count.
  mutating func put(_ name: String, _ count: CExpression, _ release: CExpression, at span: Span) throws
    -> Operand?
  {
    var count = count
    if case .unary("&", let inner) = count.kind { count = inner }
    guard case .member(let owner, _, _, _) = count.kind else {
      throw fail("expected a count inside an object, as in \(name)(&x->kref, release)", at: count.span)
    }
    let place = try place(count)
    guard case .part("refcount") = place.kind, let dot = place.text.lastIndex(of: ".") else {
      throw fail("this is no count of the model; add a 'field' line to the table", at: count.span)
    }
    let field = String(place.text[place.text.index(after: dot)...])
    let kind = ModelOutline.Statement.Kind.refcount("ref_dec_and_test", field)
    let last = temporary()
    currentSpan = span
    try emitBefore(kind, at: span)
    try emit(
      "let \(last) = ref_dec_and_test \(place.text) by \(holder("ref_dec_and_test", field, at: span))")
    note(kind, at: span)
    try emit("if \(last) {")
    _ = try call(release, [owner], at: span, expecting: nil, isUsed: false)
    try emit("}")
    return Operand(text: last, kind: .bool)
  }
}
