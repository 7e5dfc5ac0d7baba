public import Basics
import StepLanguage

/// What the kernel's functions and macros mean in the step language: the readable table that a translation goes by.
///
/// A later line replaces an earlier one of the same kind and name, so that a model's own table and a user's refine the
/// general one. The format is described in docs/from-c-to-steps.md.
public struct KernelTable: Sendable {
  /// How an argument reaches a template.
  enum ParameterKind: Hashable, Sendable {
    /// The argument's value.
    case value
    /// `&x`: a field, named by a path.
    case place
    /// `*x`: a variable or field that the template assigns.
    case output
    /// `%x`: a structure on the stack; its members are variables.
    case structure
    /// `?x`: a condition that is evaluated again and again.
    case condition
    /// `_`: not looked at.
    case ignored
  }

  struct Parameter: Hashable, Sendable {
    var kind: ParameterKind
    var name: String
  }

  /// Lines of the step language with `$name` where an argument stands.
  struct Template: Sendable {
    var name: String
    var parameters: [Parameter]
    /// Whether further arguments may follow.
    var takesMore: Bool
    /// `int`, `u64`, `bool`, `any`, a type's name, `element x`, `same x`; nil without a result.
    var result: String?
    /// One block, or for a walk three (before, at each round, before the next round), for a guard two.
    var blocks: [[String]]
    var line: Int
    var source: String
  }

  /// Functions that become statements.
  var functions: [String: Template] = [:]
  /// Functions that become an expression.
  var values: [String: Template] = [:]
  /// Macros that govern a statement.
  var walks: [String: Template] = [:]
  /// `guard(NAME)`: what takes and what releases.
  var guards: [String: Template] = [:]
  /// `__free(NAME)`.
  var cleanups: [String: Template] = [:]
  /// Functions whose effect is not modelled, with the value that they give.
  var opaque: [String: String] = [:]
  /// Functions and macros that a translation knows by what they are, such as `WARN_ON`.
  var builtins: [String: String] = [:]
  /// Structures that are an object of the model, by the C name.
  var folds: [String: String] = [:]
  /// Members by `type.path`: another path, `self`, or `opaque`.
  var fields: [String: String] = [:]
  /// Constants that the model lacks.
  var constants: [String: String] = [:]
  /// What a function's C parameters are in the model, by `function expression`.
  var bindings: [String: String] = [:]
  /// What a function of the model that gives null stands for in C.
  var errors: [String: String] = [:]
  /// What a function returns in the model, given `$result` in C.
  var results: [String: [String]] = [:]
  /// Types of members of structures on the stack, by structure and member.
  var structures: [String: [String: String]] = [:]
  /// Lines at the beginning of a function.
  var beginnings: [String: [String]] = [:]
  /// Lines before the so-many-th statement that calls something in a function.
  var insertions: [String: [(call: String, occurrence: Int, lines: [String])]] = [:]
  /// Types of objects by the name of the table of functions that tells them.
  var types: [String: String] = [:]
  /// Lines that count in one function only, by its name.
  var scoped: [String: KernelTable] = [:]
  /// Names that count as defined.
  public var configuration: Set<String> = []
  /// Types of objects that something else frees in the model.
  var kept: Set<String> = []
  /// Fields that the model keeps for itself.
  var ghosts: Set<String> = []

  static let builtinKinds: Set<String> = [
    "warn", "same", "err_ptr", "is_err", "is_err_or_null", "ptr_err", "ptr_err_or_zero", "err_cast",
    "container_of",
    "alloc", "free", "is_enabled", "no_free", "add_overflow", "guard_macro", "scoped_guard_macro",
    "write_once", "bundle", "put", "return_free",
  ]

  /// The table as one function sees it: its own lines replace the general ones.
  func seen(by function: String) -> KernelTable {
    guard let own = scoped[function] else { return self }
    var result = self
    for (name, template) in own.functions { result.define(name) { $0.functions[name] = template } }
    for (name, template) in own.values { result.define(name) { $0.values[name] = template } }
    for (name, value) in own.opaque { result.define(name) { $0.opaque[name] = value } }
    for (name, kind) in own.builtins { result.define(name) { $0.builtins[name] = kind } }
    result.walks.merge(own.walks) { $1 }
    result.guards.merge(own.guards) { $1 }
    result.cleanups.merge(own.cleanups) { $1 }
    result.folds.merge(own.folds) { $1 }
    result.fields.merge(own.fields) { $1 }
    result.constants.merge(own.constants) { $1 }
    result.errors.merge(own.errors) { $1 }
    result.types.merge(own.types) { $1 }
    return result
  }

  /// Words with parameters whose meaning it tells, for some function at least.
  var words: Set<String> {
    var result = Set(functions.keys).union(values.keys).union(walks.keys).union(builtins.keys).union(
      opaque.keys)
    for own in scoped.values { result.formUnion(own.words) }
    return result
  }

  /// A word has one meaning: another one goes.
  private mutating func define(_ name: String, _ meaning: (inout KernelTable) -> Void) {
    functions[name] = nil
    values[name] = nil
    builtins[name] = nil
    opaque[name] = nil
    meaning(&self)
  }

  /// An empty table.
  public init() {}

  /// Adds the lines of a text.
  ///
  /// - Throws: `DiagnosticError` when the text is wrong.
  public mutating func add(_ source: SourceFile) throws {
    var reader = TableReader(source: source)
    reader.read(into: &self)
    guard reader.diagnostics.isEmpty else { throw DiagnosticError(reader.diagnostics) }
  }

  /// Declares a call opaque: its effect is left out and it gives 0, false or null.
  public mutating func declareOpaque(_ name: String) {
    functions[name] = nil
    values[name] = nil
    builtins[name] = nil
    opaque[name] = "0"
  }
}

/// Reads the lines of a table.
private struct TableReader {
  let source: SourceFile
  var diagnostics: [Diagnostic] = []
  private var line = 1

  init(source: SourceFile) { self.source = source }

  private mutating func report(_ message: String) {
    guard diagnostics.count < 50 else { return }
    diagnostics.append(
      Diagnostic(message, file: source.name, line: line, source: source.text(ofLine: line)))
  }

  mutating func read(into table: inout KernelTable) {
    while line <= source.lineStarts.count {
      let text = trimmed(source.text(ofLine: line))
      if !text.isEmpty, !text.hasPrefix("#") { entry(text, &table) }
      line += 1
    }
  }

  private func trimmed(_ text: String) -> String {
    var result = Substring(text)
    while let first = result.first, first == " " || first == "\t" { result.removeFirst() }
    while let last = result.last, last == " " || last == "\t" { result.removeLast() }
    return String(result)
  }

  private mutating func entry(_ text: String, _ table: inout KernelTable) {
    let kind = String(text.prefix { $0.isLetter || $0 == "_" })
    let rest = trimmed(String(text.dropFirst(kind.count)))
    switch kind {
    case "in":
      let parts = rest.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      let word = parts.last.map { String($0.prefix { $0.isLetter || $0 == "_" }) } ?? ""
      let known = [
        "fn", "value", "opaque", "walk", "guard", "cleanup", "fold", "field", "const", "error", "type",
      ]
      guard parts.count == 2, known.contains(word) || KernelTable.builtinKinds.contains(word) else {
        report("expected 'in FUNCTION' and a line of one of these kinds: \(known.joined(separator: ", "))")
        return
      }
      entry(parts[1], &table.scoped[parts[0], default: KernelTable()])
    case "config": table.configuration.formUnion(words(rest))
    case "opaque":
      if let (name, value) = equation(rest) {
        table.opaque[name] = value
      } else {
        for name in words(rest) { table.opaque[name] = "0" }
      }
    case "kept": table.kept.formUnion(words(rest))
    case "ghost": table.ghosts.formUnion(words(rest))
    case "fold", "field", "const", "bind", "error", "type":
      guard let (name, value) = equation(rest) else {
        report("expected '\(kind) NAME = …'")
        return
      }
      switch kind {
      case "fold": table.folds[name] = value
      case "field": table.fields[name] = value
      case "const": table.constants[name] = value
      case "bind": table.bindings[name] = value
      case "type": table.types[name] = value
      default: table.errors[name] = value
      }
    case "struct":
      let parts = words(rest)
      guard let name = parts.first, parts.count > 1 else {
        report("expected 'struct NAME MEMBER:TYPE …'")
        return
      }
      for part in parts.dropFirst() {
        let pair = part.split(separator: ":").map(String.init)
        if pair.count == 2 {
          table.structures[name, default: [:]][pair[0]] = pair[1]
        } else {
          report("expected MEMBER:TYPE")
        }
      }
    case "before":
      guard let open = rest.firstIndex(of: "{") else {
        report("expected 'before FUNCTION CALL N { … }'")
        return
      }
      let parts = words(String(rest[..<open]))
      guard parts.count == 3, let number = Int(parts[2]) else {
        report("expected 'before FUNCTION CALL N { … }'")
        return
      }
      if let block = blocks(String(rest[open...]), 1)?.first {
        table.insertions[parts[0], default: []].append((parts[1], number, block))
      }
    case "result", "begin":
      guard let open = rest.firstIndex(of: "{") else {
        report("expected '\(kind) FUNCTION { … }'")
        return
      }
      let name = trimmed(String(rest[..<open]))
      if let block = blocks(String(rest[open...]), 1)?.first {
        if kind == "result" { table.results[name] = block } else { table.beginnings[name] = block }
      }
    case "fn", "value", "walk", "guard", "cleanup": template(kind, rest, &table)
    case _ where KernelTable.builtinKinds.contains(kind):
      for name in words(rest) { table.builtins[name] = kind }
    default:
      report(
        "expected config, const, fold, field, struct, fn, value, walk, guard, cleanup, opaque, bind, begin, before, result, error, type, ghost, kept, in or one of \(KernelTable.builtinKinds.sorted().joined(separator: ", "))"
      )
    }
  }

  private func words(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," }).map(String.init)
  }

  private func equation(_ text: String) -> (String, String)? {
    guard let range = text.firstRange(of: " = ") else { return nil }
    let name = trimmed(String(text[..<range.lowerBound]))
    let value = trimmed(String(text[range.upperBound...]))
    return name.isEmpty || value.isEmpty ? nil : (name, value)
  }

  private mutating func template(_ kind: String, _ text: String, _ table: inout KernelTable) {
    let start = line
    guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else {
      report("expected '\(kind) NAME(PARAMETERS)'")
      return
    }
    let name = trimmed(String(text[..<open]))
    var template = KernelTable.Template(
      name: name, parameters: [], takesMore: false, result: nil, blocks: [], line: start, source: source.name)
    for word in words(String(text[text.index(after: open)..<close])) {
      if word == "..." {
        template.takesMore = true
        continue
      }
      let parameter: KernelTable.ParameterKind =
        switch word.first {
        case "&": .place
        case "*": .output
        case "%": .structure
        case "?": .condition
        case "_" where word == "_": .ignored
        default: .value
        }
      template.parameters.append(
        KernelTable.Parameter(
          kind: parameter, name: parameter == .value ? word : String(word.dropFirst())))
    }
    var rest = trimmed(String(text[text.index(after: close)...]))
    if rest.hasPrefix("->") {
      let end = rest.firstIndex { $0 == "{" || $0 == "=" } ?? rest.endIndex
      template.result = trimmed(String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]))
      rest = String(rest[end...])
    }
    if kind == "value" {
      guard rest.hasPrefix("="), template.result != nil else {
        report("expected 'value NAME(PARAMETERS) -> TYPE = EXPRESSION'")
        return
      }
      template.blocks = [[trimmed(String(rest.dropFirst()))]]
      table.values[name] = template
      table.functions[name] = nil
      table.opaque[name] = nil
      return
    }
    guard let blocks = blocks(rest, kind == "walk" ? 3 : kind == "guard" ? 2 : 1) else { return }
    template.blocks = blocks
    switch kind {
    case "fn":
      table.functions[name] = template
      table.values[name] = nil
      table.opaque[name] = nil
    case "walk": table.walks[name] = template
    case "guard": table.guards[name] = template
    default: table.cleanups[name] = template
    }
  }

  /// So many blocks in braces, on this line or the following ones.
  private mutating func blocks(_ text: String, _ count: Int) -> [[String]]? {
    var result: [[String]] = []
    var current: [String] = []
    var piece = ""
    var depth = 0
    var characters = Array(text)
    let start = line
    while true {
      for character in characters {
        if character == "{" {
          depth += 1
          if depth == 1 { continue }
          piece.append(character)
          current.append(trimmed(piece))
          piece = ""
          continue
        }
        if character == "}" {
          depth -= 1
          if !trimmed(piece).isEmpty { current.append(trimmed(piece)) }
          piece = ""
          if depth == 0 {
            result.append(current)
            current = []
          } else {
            piece = "}"
          }
          continue
        }
        if character == ";", depth > 0 {
          if !trimmed(piece).isEmpty { current.append(trimmed(piece)) }
          piece = ""
          continue
        }
        if depth == 0 {
          if character != " ", character != "\t" {
            report("expected '{', found '\(character)'")
            return nil
          }
          continue
        }
        // `} else {` stays one line; anything else behind a brace begins another.
        piece.append(character)
      }
      if depth > 0 {
        if !trimmed(piece).isEmpty { current.append(trimmed(piece)) }
        piece = ""
      } else if result.count == count {
        return result
      }
      guard line < source.lineStarts.count else {
        line = start
        report(
          result.count < count
            ? "expected \(count) block\(count == 1 ? "" : "s") in braces" : "close the block")
        line = source.lineStarts.count
        return nil
      }
      line += 1
      let next = trimmed(source.text(ofLine: line))
      characters = next.hasPrefix("#") ? [] : Array(next)
    }
  }
}
