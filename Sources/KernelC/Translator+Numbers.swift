import Basics

/// Numbers as wide as C has them. The step language's are 64 bits wide: a value of a narrower type is kept as that
/// value, and what arithmetic makes of it is cut to its width wherever it may not fit.
extension Translator {
  /// The type of an operand that is a number.
  func number(of operand: Operand) -> CNumber {
    if let number = operand.number { return number }
    return operand.kind == .unsigned ? .modelUnsigned : .modelInt
  }

  /// The number type that a C type is; nil when it is none, or one that this file does not tell.
  func number(of type: CType) -> CNumber? {
    guard type.pointers == 0, !type.isStruct else { return nil }
    return CNumber(name: typedefs[type.name] ?? type.name)
  }

  /// A whole number as text, by its 64 bits.
  static func literal(_ text: String) -> Int64? {
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
      return nil
    }
    return Int64(text) ?? UInt64(text).map { Int64(bitPattern: $0) }
  }

  /// Between which values an operand lies; nil when nothing tells.
  func bounds(of operand: Operand) -> ClosedRange<Int64>? {
    if let value = Self.literal(operand.text) {
      return value < 0 && !operand.text.hasPrefix("-") ? nil : value...value
    }
    if let bounds = operand.bounds { return bounds }
    let number = number(of: operand)
    return number.isKnown ? number.range : nil
  }

  private func isNotNegative(_ operand: Operand) -> Bool {
    bounds(of: operand).map { $0.lowerBound >= 0 } ?? false
  }

  /// A number as a value of another type: cut to its width, with the sign that its highest bit is then.
  mutating func converted(_ operand: Operand, to target: CNumber?, at span: Span) throws -> Operand {
    guard let target, target.isKnown, operand.kind == .int || operand.kind == .unsigned else {
      return operand
    }
    var result = operand
    result.number = target
    if let value = Self.literal(operand.text) {
      result.text = target.text(target.wrapped(value))
      result.isAtom = true
      result.bounds = nil
      return result
    }
    let own = number(of: operand)
    if own == target { return operand }
    if let bounds = bounds(of: operand), target.range.map({ $0.contains(bounds) }) ?? (bounds.lowerBound >= 0)
    {
      result.bounds = bounds
      return result
    }
    result.bounds = nil
    // 64 bits stay what they are, and the model's int is C's.
    if target.bits == 64 || (!own.isKnown && own.isSigned && target == .int) { return result }
    if !target.isSigned {
      result.text = "(\(operand.closed) & \(target.mask))"
      result.isAtom = true
      return result
    }
    let half = Int64(1) << (target.bits - 1)
    result.text = "((\(operand.closed) + \(half)) & \(target.mask)) - \(half)"
    result.isAtom = false
    return operand.kind == .unsigned ? try copied(result, as: .int, at: span) : result
  }

  /// A number in a variable that has a sign, or none, in the step language: what the language compares by.
  mutating func copied(
    _ operand: Operand, as kind: ValueKind, named name: String = "cast", at span: Span
  ) throws -> Operand {
    let variable = newVariable(name, kind, at: span)
    try emit("\(variables[variable].name) = \(operand.text)")
    return Operand(
      text: variables[variable].name, kind: kind, number: operand.number, bounds: operand.bounds,
      label: operand.label)
  }

  /// Two numbers of one type, so that the step language orders and divides them as C does.
  mutating func aligned(
    _ first: Operand, _ second: Operand, _ common: CNumber, at span: Span
  ) throws -> (Operand, Operand) {
    var (first, second) = (first, second)
    guard common.isKnown else { return (first, second) }
    if isNotNegative(first), isNotNegative(second) { return (first, second) }
    if common.isSigned {
      if first.kind == .unsigned { first = try copied(first, as: .int, at: span) }
      if second.kind == .unsigned { second = try copied(second, as: .int, at: span) }
    } else if common.bits == 64, first.kind == .int, second.kind == .int {
      if Self.literal(first.text) == nil {
        first = try copied(first, as: .unsigned, at: span)
      } else {
        second = try copied(second, as: .unsigned, at: span)
      }
    }
    return (first, second)
  }

  /// A result of arithmetic on operands of known types: cut where it may not fit.
  mutating func cut(
    _ text: String, _ kind: ValueKind, _ bounds: ClosedRange<Int64>?, to number: CNumber, accesses: Int,
    at span: Span
  ) throws -> Operand {
    if number.bits == 64 {
      return Operand(
        text: text, kind: kind, accesses: accesses, isAtom: false, number: number,
        bounds: number.isSigned || (bounds?.lowerBound ?? -1) >= 0 ? bounds : nil)
    }
    let raw = Operand(
      text: text, kind: kind, accesses: accesses, isAtom: false, number: .long,
      bounds: bounds ?? Int64.min...Int64.max)
    return try converted(raw, to: number, at: span)
  }

  // MARK: Operators

  /// The value of two numbers between which an operator stands; comparisons give true or false.
  ///
  /// - Parameters:
  ///   - position: where lines stand that the right one needs, so that what the left one reads is read before.
  ///   - leftSpan: where the left one stands.
  ///   - span: where all of it stands.
  mutating func arithmetic(
    _ symbol: String, _ left: Operand, _ right: Operand, before position: Int, leftSpan: Span, at span: Span
  ) throws -> Operand {
    let isShift = symbol == "<<" || symbol == ">>"
    let common =
      isShift ? number(of: left).promoted : CNumber.common(number(of: left), number(of: right))
    var (first, second) = (left, right)
    if common.isKnown, let value = Self.folded(symbol, first, second, common) { return value }
    noteWidth(symbol, first, second, common, at: span)
    func separate() throws {
      // What is read stands in a variable of its own as soon as it is looked at twice, or moved.
      first = try ahead(first, before: position, at: leftSpan)
      if second.accesses > 0 { second = try materialized(second) }
    }
    let isComparison = ["==", "!=", "<", ">", "<=", ">="].contains(symbol)
    if common.isKnown, !isShift, !["+", "-", "*"].contains(symbol) {
      let isMoved = ["==", "!="].contains(symbol) ? false : needsCopy(first, second, common)
      if isMoved || symbol == "^" { try separate() }
      first = try converted(first, to: common, at: span)
      second = try converted(second, to: common, at: span)
      if isMoved { (first, second) = try aligned(first, second, common, at: span) }
    }
    if isShift {
      if body.lines.count > position || first.accesses + second.accesses > 1 {
        first = try ahead(first, before: position, at: leftSpan)
      }
      return try shift(symbol, first, second, common, before: position, leftSpan: leftSpan, at: span)
    }
    if symbol == "^" {
      try separate()
      guard first.accesses == 0, second.accesses == 0 else {
        throw fail("'^' of what others change cannot stand in the condition of a wait", at: span)
      }
    }
    if first.accesses + second.accesses > 1 || (first.accesses > 0 && body.lines.count > position) {
      first = try ahead(first, before: position, at: leftSpan)
    }
    let kind: ValueKind = first.kind == .unsigned || second.kind == .unsigned ? .unsigned : .int
    let accesses = first.accesses + second.accesses
    // Bits that one of them has and not both.
    let text =
      symbol == "^"
      ? "((\(first.closed) | \(second.closed)) - (\(first.closed) & \(second.closed)))"
      : "\(first.closed) \(symbol) \(second.closed)"
    if isComparison { return Operand(text: text, kind: .bool, accesses: accesses, isAtom: false) }
    guard common.isKnown else {
      return Operand(
        text: text, kind: kind, accesses: accesses, isAtom: symbol == "^",
        number: CNumber(bits: common.bits, isSigned: kind == .int, isKnown: false),
        label: first.label ?? second.label)
    }
    var limits = Self.bounds(symbol, bounds(of: first), bounds(of: second))
    if ["&", "|", "^"].contains(symbol), let range = common.range, limits.map({ !range.contains($0) }) ?? true
    {
      // Bits of two numbers of one type are a number of that type.
      limits = range
    }
    var result = try cut(text, kind, limits, to: common, accesses: accesses, at: span)
    if result.text == text, symbol == "^" { result.isAtom = true }
    return result
  }

  /// What the left side reads, read before the lines that the right side needs.
  private mutating func ahead(_ operand: Operand, before position: Int, at span: Span) throws -> Operand {
    guard operand.accesses > 0 else { return operand }
    let outer = currentSpan
    currentSpan = span
    defer { currentSpan = outer }
    return try materialized(operand, before: position)
  }

  /// Whether comparing or dividing needs a variable for one of them.
  private func needsCopy(_ first: Operand, _ second: Operand, _ common: CNumber) -> Bool {
    func isPlain(_ operand: Operand) -> Bool {
      guard let bounds = bounds(of: operand), bounds.lowerBound >= 0 else { return false }
      return true
    }
    if isPlain(first), isPlain(second) { return false }
    let kinds = [first.kind, second.kind]
    return common.isSigned ? kinds.contains(.unsigned) : common.bits == 64 && !kinds.contains(.unsigned)
  }

  private mutating func shift(
    _ symbol: String, _ value: Operand, _ count: Operand, _ number: CNumber, before position: Int,
    leftSpan: Span, at span: Span
  ) throws -> Operand {
    var (value, count) = (value, count)
    let bits = Self.literal(count.text)
    if let bits, bits < 0 || bits >= Int64(number.isKnown ? number.bits : 64) {
      throw fail(
        "a number of \(number.bits) bits is shifted by \(count.text); C does not say what that is", at: span)
    }
    if bits == nil {
      assume("this is shifted by fewer bits than the number has", at: span)
      value = try ahead(value, before: position, at: leftSpan)
      if count.accesses > 0 { count = try materialized(count) }
    }
    let isLogical = !number.isSigned || isNotNegative(value)
    if symbol == ">>" {
      if isLogical, let bits, bits < 63 {
        let bounds = bounds(of: value).map { ($0.lowerBound >> bits)...($0.upperBound >> bits) }
        return Operand(
          text: "\(value.closed) / \(Int64(1) << bits)", kind: value.kind, accesses: value.accesses,
          isAtom: false,
          number: number, bounds: bounds)
      }
      if isLogical, value.kind == .int, !isNotNegative(value) {
        value = try copied(value, as: .unsigned, at: span)
      }
      if !isLogical, value.kind == .unsigned { value = try copied(value, as: .int, at: span) }
      if !isLogical, count.kind == .unsigned { count = try copied(count, as: .int, at: span) }
      return Operand(
        text: "\(value.closed) >> \(count.closed)",
        kind: value.kind == .unsigned || count.kind == .unsigned ? .unsigned : .int,
        accesses: value.accesses, isAtom: false, number: number)
    }
    let text = "\(value.closed) << \(count.closed)"
    let kind: ValueKind = value.kind == .unsigned || count.kind == .unsigned ? .unsigned : .int
    guard number.isKnown else {
      return Operand(
        text: text, kind: kind, accesses: value.accesses, isAtom: false,
        number: CNumber(bits: number.bits, isSigned: kind == .int, isKnown: false), label: value.label)
    }
    var limits: ClosedRange<Int64>?
    if let bits, bits < 62, let own = bounds(of: value), own.upperBound < 1 << (62 - bits),
      own.lowerBound > -(1 << (62 - bits))
    {
      limits = (own.lowerBound << bits)...(own.upperBound << bits)
    }
    return try cut(text, kind, limits, to: number, accesses: value.accesses, at: span)
  }

  /// What an operator makes of two plain numbers.
  private static func folded(_ symbol: String, _ left: Operand, _ right: Operand, _ common: CNumber)
    -> Operand?
  {
    guard let one = literal(left.text), let other = literal(right.text) else { return nil }
    let (a, b) = (common.wrapped(one), common.wrapped(other))
    func truth(_ holds: Bool) -> Operand { Operand(text: holds ? "true" : "false", kind: .bool) }
    let isLess = common.isSigned ? a < b : UInt64(bitPattern: a) < UInt64(bitPattern: b)
    let value: Int64
    switch symbol {
    case "==": return truth(a == b)
    case "!=": return truth(a != b)
    case "<": return truth(isLess)
    case ">": return truth(!isLess && a != b)
    case "<=": return truth(isLess || a == b)
    case ">=": return truth(!isLess)
    case "+": value = a &+ b
    case "-": value = a &- b
    case "*": value = a &* b
    case "&": value = a & b
    case "|": value = a | b
    case "^": value = a ^ b
    case "<<" where (0..<Int64(common.bits)).contains(other): value = a << other
    case ">>" where (0..<Int64(common.bits)).contains(other):
      value = common.isSigned ? a >> other : Int64(bitPattern: UInt64(bitPattern: a) >> UInt64(other))
    case "/" where b != 0 && (b != -1 || !common.isSigned):
      value = common.isSigned ? a / b : Int64(bitPattern: UInt64(bitPattern: a) / UInt64(bitPattern: b))
    case "%" where b != 0 && (b != -1 || !common.isSigned):
      value = common.isSigned ? a % b : Int64(bitPattern: UInt64(bitPattern: a) % UInt64(bitPattern: b))
    default: return nil
    }
    return Operand(text: common.text(common.wrapped(value)), kind: .int, number: common)
  }

  /// Between which values a result lies, given those of its operands.
  private static func bounds(
    _ symbol: String, _ left: ClosedRange<Int64>?, _ right: ClosedRange<Int64>?
  ) -> ClosedRange<Int64>? {
    guard let left, let right else { return nil }
    func range(_ corners: [(partialValue: Int64, overflow: Bool)]) -> ClosedRange<Int64>? {
      guard corners.allSatisfy({ !$0.overflow }), let low = corners.map(\.partialValue).min(),
        let high = corners.map(\.partialValue).max()
      else { return nil }
      return low...high
    }
    let (a, b, c, d) = (left.lowerBound, left.upperBound, right.lowerBound, right.upperBound)
    switch symbol {
    case "+": return range([a.addingReportingOverflow(c), b.addingReportingOverflow(d)])
    case "-": return range([a.subtractingReportingOverflow(d), b.subtractingReportingOverflow(c)])
    case "*":
      return range([
        a.multipliedReportingOverflow(by: c), a.multipliedReportingOverflow(by: d),
        b.multipliedReportingOverflow(by: c), b.multipliedReportingOverflow(by: d),
      ])
    case "&":
      if a >= 0, c >= 0 { return 0...min(b, d) }
      if a >= 0 { return 0...b }
      return c >= 0 ? 0...d : min(a, c) < -(1 << 32) ? nil : -(1 << 32)...(1 << 32)
    case "|", "^":
      guard a >= 0, c >= 0 else { return nil }
      var all: Int64 = 1
      while all < max(b, d), all < Int64.max / 2 { all = all * 2 + 1 }
      return all >= max(b, d) ? 0...all : nil
    case "/": return c >= 1 ? min(a, 0)...max(b, 0) : nil
    case "%": return c >= 1 ? (a >= 0 ? 0 : -(d - 1))...(d - 1) : nil
    default: return nil
    }
  }

  /// `-x` and `~x`.
  mutating func inverted(_ symbol: String, _ operand: Operand, at span: Span) throws -> Operand {
    let number = number(of: operand).promoted
    if let value = Self.literal(operand.text), number.isKnown {
      let result = symbol == "-" ? 0 &- value : ~value
      return Operand(text: number.text(number.wrapped(result)), kind: .int, number: number)
    }
    let text = symbol == "-" ? "-\(operand.closed)" : "(-1 - \(operand.closed))"
    guard number.isKnown else {
      return Operand(
        text: text, kind: operand.kind, accesses: operand.accesses, isAtom: symbol == "~",
        number: operand.number,
        label: operand.label)
    }
    let limits = bounds(of: operand).flatMap { own -> ClosedRange<Int64>? in
      guard own.lowerBound > Int64.min else { return nil }
      return symbol == "-"
        ? -own.upperBound...(-own.lowerBound) : (-1 - own.upperBound)...(-1 - own.lowerBound)
    }
    var result = try cut(text, operand.kind, limits, to: number, accesses: operand.accesses, at: span)
    if result.text == text, symbol == "~" { result.isAtom = true }
    return result
  }

  /// The number type of what `&x` points to, where a result is put; nil when the files do not tell.
  func outputNumber(_ argument: CExpression) -> CNumber? {
    var target = argument
    if case .unary("&", let inner) = argument.kind { target = inner }
    if case .name(let name) = target.kind {
      switch lookUp(name) {
      case .variable(let index)?, .output(let index)?: return variables[index].number
      default: return nil
      }
    }
    var scratch = self
    return (try? scratch.value(target, isDirect: true))?.number
  }

  /// How many bytes something takes; opaque where the files do not tell.
  mutating func size(of type: CType?, _ expression: CExpression?) throws -> Operand {
    func known(_ bytes: Int) -> Operand { Operand(text: String(bytes), kind: .int, number: .unsignedLong) }
    if let type {
      if type.pointers > 0 { return known(8) }
      if let number = number(of: type) { return known(number.bits / 8) }
      if type.name == "bool" || type.name == "_Bool" { return known(1) }
    } else if let expression, case .name(let name) = expression.kind,
      case .variable(let index)? = lookUp(name),
      let number = variables[index].number
    {
      return known(number.bits / 8)
    }
    return Operand(text: "0", kind: .opaque, origin: "sizeof")
  }

  // MARK: What is not told

  /// A number whose width C does not tell here is as wide as the model has it: that is said where it could differ.
  mutating func noteWidth(
    _ symbol: String, _ first: Operand, _ second: Operand, _ common: CNumber, at span: Span
  ) {
    guard !common.isKnown, ["-", "*", "<<", "+"].contains(symbol) else { return }
    // A small number added cannot come to the end of 32 bits in a search.
    if symbol == "+",
      [first, second].contains(where: { Self.literal($0.text).map { (0...4096).contains($0) } ?? false })
    {
      return
    }
    for operand in [first, second] where operand.kind == .int {
      guard !number(of: operand).isKnown, let label = operand.label else { continue }
      if unknownWidths[label] == nil { unknownWidths[label] = source.line(at: span.start) }
    }
  }

  /// Variables that only count: what is assigned to them are small numbers, and one more or less.
  ///
  /// None of them comes near the end of 32 bits before a search does.
  func findCounters() -> Set<String> {
    var steps: [String: (isUp: Bool, isDown: Bool)] = [:]
    var others: Set<String> = []
    func isSmall(_ expression: CExpression, _ sign: Int64) -> Int64? {
      switch expression.kind {
      case .number(let value, _): return value < 4096 ? Int64(value) * sign : nil
      case .unary("-", let inner): return isSmall(inner, -sign)
      default: return nil
      }
    }
    func count(_ name: String, _ value: Int64) {
      let known = steps[name] ?? (false, false)
      steps[name] = (known.isUp || value > 0, known.isDown || value < 0)
    }
    func look(_ expression: CExpression) {
      switch expression.kind {
      case .assign(let symbol, let left, let right):
        guard case .name(let name) = left.kind else { return }
        if let value = isSmall(right, 1), ["", "+", "-"].contains(symbol) {
          count(name, symbol == "-" ? -value : value)
        } else {
          others.insert(name)
        }
      case .postfix(let symbol, let operand), .unary(let symbol, let operand):
        guard case .name(let name) = operand.kind else { return }
        if symbol == "++" { count(name, 1) }
        if symbol == "--" { count(name, -1) }
        if symbol == "&" { others.insert(name) }
      case .call(let callee, let arguments):
        // What a template assigns.
        guard case .name(let function) = callee.kind, let template = table.functions[function] else { return }
        for (parameter, argument) in zip(template.parameters, arguments) where parameter.kind == .output {
          if case .name(let name) = argument.kind { others.insert(name) }
        }
      default: break
      }
    }
    for parameter in function.parameters { others.insert(parameter.name) }
    for statement in Self.statements(function.body) {
      if case .declaration(let variables) = statement.kind {
        for variable in variables {
          guard let value = variable.value else { continue }
          if let small = isSmall(value, 1) {
            count(variable.name, small)
          } else {
            others.insert(variable.name)
          }
        }
      }
      if case .macro(let value, _) = statement.kind, case .call(_, let arguments) = value.kind {
        for argument in arguments { if case .name(let name) = argument.kind { others.insert(name) } }
      }
      for value in statement.expressions { value.visit(look) }
    }
    // Down from zero is the far end of what has no sign: only those that go one way are told apart by name.
    let unsigned = unsignedNames
    return Set(steps.keys).subtracting(others)
      .filter { steps[$0].map { !$0.isDown } ?? false || !unsigned.contains($0) }
  }

  /// Names that some declaration of the function gives to a number without a sign.
  private var unsignedNames: Set<String> {
    var result: Set<String> = []
    for statement in Self.statements(function.body) {
      guard case .declaration(let variables) = statement.kind else { continue }
      for variable in variables where number(of: variable.type).map({ !$0.isSigned }) ?? true {
        result.insert(variable.name)
      }
    }
    return result
  }
}

extension ClosedRange<Int64> {
  /// Whether all of another one lies in it.
  fileprivate func contains(_ other: ClosedRange<Int64>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}
