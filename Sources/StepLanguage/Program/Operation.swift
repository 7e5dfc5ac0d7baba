/// A system call with its arguments, ready to run: an operation line resolved against a program's entries.
public struct Operation: Hashable, Sendable {
  /// An argument of a system call.
  public enum Argument: Hashable, Sendable {
    /// A plain number.
    case number(Int64)
    /// The variable of that slot table.
    case slot(table: Int, index: Int)
  }

  /// What the operation is.
  public enum Kind: Hashable, Sendable {
    /// A system call.
    case entry(Int, [Argument])
    /// Waits for all threads that have as many barriers.
    case barrier
  }

  /// What the operation is.
  public var kind: Kind
  /// The line as text, without what it is expected to return.
  public var text: String
  /// What it may return, numbers from 0 or negative errnos; anything when empty. Another result is a finding.
  public var allowed: [Int64] = []

  /// The line as text with what it is expected to return.
  public var wholeText: String {
    guard !allowed.isEmpty else { return text }
    return "\(text) = \(allowedText)"
  }

  /// The results that are allowed, as they are written.
  public var allowedText: String { allowed.map(Self.text(ofResult:)).joined(separator: " or ") }

  /// A result as a result line has it, such as `-1 EBUSY`.
  public static func text(ofResult result: Int64) -> String {
    result < 0 ? "-1 \(Errno.name(of: -result))" : "\(result) 0"
  }

  /// A barrier.
  public static let barrier = Operation(kind: .barrier, text: "barrier")

  private init(kind: Kind, text: String) {
    self.kind = kind
    self.text = text
  }

  /// Resolves a line.
  ///
  /// - Throws: `DiagnosticError` with the place of the word that is wrong.
  public init(_ line: OperationLine, program: Program, source: SourceFile) throws(DiagnosticError) {
    func fail(_ message: String, _ span: Span) -> DiagnosticError {
      DiagnosticError([Diagnostic(message, at: span, in: source)])
    }
    guard let name = line.words.first else { throw fail("expected an operation", line.span) }
    text = line.text
    allowed = line.expectations.map(\.result)
    if name.text == "barrier" {
      guard line.words.count == 1 else { throw fail("'barrier' takes no arguments", line.words[1].span) }
      if let first = line.expectations.first { throw fail("'barrier' returns nothing", first.span) }
      kind = .barrier
      return
    }
    guard let index = program.entry(named: name.text) else {
      let known = program.entries.map(\.name) + ["barrier"]
      throw fail(
        "the model '\(program.name)' has no operation '\(name.text)'\(Spelling.suggestion(name.text, among: known))",
        name.span)
    }
    let entry = program.entries[index]
    var arguments: [Argument] = []
    var words = line.words.dropFirst()
    let usage = entry.usage(in: program)
    for parameter in entry.parameters {
      if let from = parameter.from {
        guard case .slot(let table) = parameter.kind, case .slot(_, let slot) = arguments[from] else {
          throw fail("'\(parameter.name)' needs a slot; write: \(usage)", line.span)
        }
        arguments.append(.slot(table: table, index: slot))
        continue
      }
      if parameter.kind == .flag {
        if let word = words.first, word.text == parameter.name {
          words = words.dropFirst()
          arguments.append(.number(1))
        } else {
          arguments.append(.number(0))
        }
        continue
      }
      guard let word = words.first else {
        if let absent = parameter.absent {
          arguments.append(.number(absent))
          continue
        }
        throw fail(
          "'\(entry.name)' needs more; write: \(usage)",
          Span(file: line.span.file, start: line.span.end, end: line.span.end))
      }
      words = words.dropFirst()
      switch parameter.kind {
      case .slot(let table):
        if let variable = program.variable(word.text, of: table) {
          arguments.append(.slot(table: variable.table, index: variable.index))
        } else if parameter.direction == .input, let number = Self.number(word.text) {
          arguments.append(.number(number))
        } else {
          throw fail(
            "expected \(program.tables(of: table).map { "\(program.slots[$0].letter)0 to \(program.slots[$0].letter)\(Program.slotCount - 1)" }.joined(separator: ", "))\(parameter.direction == .input ? " or a number" : "") for '\(parameter.name)', found '\(word.text)'; write: \(usage)",
            word.span)
        }
      default:
        guard let number = Self.number(word.text) else {
          throw fail(
            "expected a number for '\(parameter.name)', found '\(word.text)'; write: \(usage)", word.span)
        }
        arguments.append(.number(number))
      }
    }
    if let extra = words.first {
      throw fail("'\(extra.text)' is too much; write: \(usage)", extra.span)
    }
    kind = .entry(index, arguments)
  }

  fileprivate static func slot(_ text: String, letter: String) -> Int? {
    guard text.hasPrefix(letter), text.utf8.count > letter.utf8.count else { return nil }
    let digits = text.dropFirst(letter.count)
    guard digits.utf8.count <= 6, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits)
    else {
      return nil
    }
    return number % Program.slotCount
  }

  private static func number(_ text: String) -> Int64? {
    if text.hasPrefix("-") { return Parser.parseNumber(String(text.dropFirst())).map { 0 &- $0 } }
    return Parser.parseNumber(text)
  }
}

extension Program {
  /// The tables whose variables a word for a parameter of that table may name.
  public func tables(of table: Int) -> [Int] {
    slots[table].members.isEmpty ? [table] : slots[table].members
  }

  /// The variable that a word names; nil when it names none of that table.
  public func variable(_ word: String, of table: Int) -> (table: Int, index: Int)? {
    for table in tables(of: table) {
      if let index = Operation.slot(word, letter: slots[table].letter) { return (table, index) }
    }
    return nil
  }
}

extension Entry {
  /// How a line of this operation is written, such as `pin f a IOVA LENGTH p [w]`.
  public func usage(in program: Program) -> String {
    var words = [name]
    for parameter in parameters where parameter.from == nil {
      switch parameter.kind {
      case .slot(let table):
        let word = program.tables(of: table).map { "\(program.slots[$0].letter)N" }.joined(separator: "|")
        words.append(parameter.absent == nil ? word : "[\(word)]")
      case .flag: words.append("[\(parameter.name)]")
      case .int, .unsigned:
        let word = parameter.name.uppercased()
        words.append(parameter.absent == nil ? word : "[\(word)]")
      }
    }
    return words.joined(separator: " ")
  }
}
