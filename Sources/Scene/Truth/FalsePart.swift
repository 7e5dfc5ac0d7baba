public import Machine
public import StepLanguage

/// The part of a condition that decided its value, and what it read.
public struct FalsePart: Hashable, Sendable {
  /// The part's text; nil when it is not known.
  public var text: String?
  /// What it read, such as `access1.pins = 2`.
  public var values: [String] = []
  /// The words of the heap that it read: index of the field's first word, in the order in which they were read.
  public var reads: [Int] = []

  /// Nothing is known.
  public init() {}

  /// What a condition read whose instructions were traced.
  ///
  /// - Parameters:
  ///   - entries: the instructions of one evaluation, in order.
  ///   - statement: the statement that is meant; when nil, the last one of the evaluation that reads anything.
  ///   - view: the state in which it was evaluated.
  public init(_ entries: [InstructionTrace.Entry], statement: Int? = nil, in view: StateView) {
    let program = view.world.program
    func own(_ entry: InstructionTrace.Entry) -> Int? { program.statement(at: Int(entry.address)) }
    let last =
      statement
      ?? entries.last { Look(program.code[Int($0.address)]) != nil && own($0) != nil }.flatMap(own)
      ?? entries.last.flatMap(own)
    guard let last else { return }
    text = program.fullText(of: last)
    for entry in entries where own(entry) == last {
      guard let look = Look(program.code[Int(entry.address)]) else { continue }
      let object = ObjectReference(heapIndex: Int(entry.value))
      guard view.contains(object), let field = view.type(of: object).field(at: look.offset) else { continue }
      let word = Int(entry.value) + field.offset
      if !reads.contains(word) { reads.append(word) }
      let value = look.text(view, object, field, entry.result)
      if !values.contains(value) { values.append(value) }
    }
  }
}

/// An instruction that reads a field.
private struct Look {
  var offset: Int
  var opcode: Opcode
  var builtin: Builtin?

  init?(_ instruction: Instruction) {
    opcode = instruction.opcode
    guard let target = opcode.facts.target, !target.offset.isEmpty else { return nil }
    if opcode == .container {
      builtin =
        Builtin.allCases.indices.contains(Int(instruction.d)) ? Builtin.allCases[Int(instruction.d)] : nil
    } else if opcode.facts.effect != .looks {
      return nil
    }
    offset = Int(instruction.operand(target.offset))
  }

  func text(_ view: StateView, _ object: ObjectReference, _ field: Field, _ result: Int64?) -> String {
    let name = view.name(ofField: field.offset, of: object)
    if opcode == .unitCount {
      return "units of \(name) = \(result.map { String($0) } ?? "?")"
    }
    if builtin == .count {
      return "count(\(name)) = \(result.map { String($0) } ?? "?")"
    }
    if opcode == .lockTest || opcode == .assertHeld {
      return "\(name) is \(ValueText.text(view.value(field, of: object), in: view))"
    }
    switch field.type {
    case .int, .refcount: if let result { return "\(name) = \(result)" }
    case .bool: if let result { return "\(name) = \(result != 0)" }
    default: break
    }
    return "\(name) = \(ValueText.text(view.value(field, of: object), in: view))"
  }
}

extension Program {
  /// A statement's text, of several lines as one.
  public func fullText(of statement: Int) -> String {
    let span = statements[statement].span
    let text = String(decoding: sources[span.file].bytes[span.start..<span.end], as: UTF8.self)
    guard let brace = text.firstIndex(of: "\n"), text[..<brace].last == "{" else {
      return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    // Of a statement with a block the head.
    return self.text(of: statement)
  }
}
