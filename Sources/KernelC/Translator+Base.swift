import Basics
import StepLanguage

/// What the base model tells that C does not: holders of units, checks, marks, what only the model counts.
extension Translator {
  /// Notes what the base's function attaches to which of its statements.
  mutating func readBase() {
    guard let signature else { return }
    var counts: [ModelOutline.Statement.Kind: Int] = [:]
    // The statement right before, and the `if` that stands right between; control flow in between ends both.
    var last: (anchor: Anchor, block: Int)?
    var head: ModelOutline.Statement?
    for statement in signature.statements {
      var isAttached = isGhost(statement)
      switch statement.kind {
      case .check, .mark, .move: isAttached = true
      case .probe: continue
      case .other:
        if head != nil { last = nil }
        head = statement.opens != nil ? statement : nil
        if statement.text == "loop" || statement.text == "else" || statement.text.hasPrefix("while ") { last = nil }
        continue
      default: break
      }
      if !isAttached {
        let occurrence = counts[statement.kind, default: 0]
        counts[statement.kind] = occurrence + 1
        last = (Anchor(kind: statement.kind, occurrence: occurrence), statement.block)
        head = nil
        continue
      }
      guard let place = last else { continue }
      if statement.block == place.block, head == nil {
        attachments[place.anchor, default: []].append(statement)
      } else if let condition = head, condition.opens == statement.block, condition.block == place.block {
        var wrapped = statement
        wrapped.text = "\(condition.text) {\n\(statement.text)\n}"
        wrapped.names.formUnion(condition.names)
        attachments[place.anchor, default: []].append(wrapped)
        head = nil
      } else {
        last = nil
      }
    }
  }

  /// Where the table puts lines of the model before a call of the C function.
  func findInsertions() -> [Int: [String]] {
    var result: [Int: [String]] = [:]
    for insertion in table.insertions[function.name] ?? [] {
      var count = 0
      for statement in Self.statements(function.body) {
        guard case .expression(let expression) = statement.kind, case .call(let callee, _) = expression.kind,
          case .name(insertion.call) = callee.kind
        else { continue }
        count += 1
        if count == insertion.occurrence { result[expression.span.start, default: []] += insertion.lines }
      }
    }
    return result
  }

  /// Whether a statement changes a field that the model keeps for itself.
  func isGhost(_ statement: ModelOutline.Statement) -> Bool {
    guard case .store(let field) = statement.kind else { return false }
    return table.ghosts.contains { $0 == field || $0.hasSuffix(".\(field)") }
  }

  /// A statement of C did what the base anchors something at.
  mutating func note(_ kind: ModelOutline.Statement.Kind, at span: Span) {
    let known = anchorCounts[kind, default: [:]]
    let occurrence = known[span.start] ?? known.count
    anchorCounts[kind, default: [:]][span.start] = occurrence
    for statement in attachments[Anchor(kind: kind, occurrence: occurrence)] ?? [] {
      pendingAttachments.append((statement, span))
    }
  }

  /// The same for the lines of a template.
  mutating func noteAnchors(of lines: [String], at span: Span) {
    for line in lines {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "(" }).map(String.init)
      guard let first = words.first else { continue }
      let field = words.count > 1 ? words[1].split(separator: ".").last.map(String.init) ?? "" : ""
      switch first {
      case "mutex_lock", "down_read", "down_write", "spin_lock": note(.lock(field, isAcquire: true), at: span)
      case "mutex_unlock", "up_read", "up_write", "spin_unlock": note(.lock(field, isAcquire: false), at: span)
      default:
        if let position = words.firstIndex(where: { $0.hasPrefix("ref_") || $0.hasPrefix("count_") }),
          words.indices.contains(position + 1)
        {
          note(
            .refcount(words[position], words[position + 1].split(separator: ".").last.map(String.init) ?? ""), at: span)
        } else if let call = words.first(where: { outline.functions[$0] != nil }) {
          note(.call(call), at: span)
        }
      }
    }
  }

  /// Emits what the base attaches to what has just been translated.
  mutating func flushAttachments() throws {
    let waiting = pendingAttachments
    pendingAttachments = []
    for (statement, span) in waiting {
      guard let text = inScope(statement.text, statement.names) else { continue }
      currentSpan = span
      for line in text.split(separator: "\n") { try emit(String(line)) }
      for original in signature?.statements ?? [] where text == original.text || statement.text.contains(original.text) {
        attached.insert(original.text)
      }
    }
  }

  /// A text of the base with its variables as they are called here; nil when one of them is not known here.
  func inScope(_ text: String, _ names: Set<String>) -> String? {
    var result = text
    for name in names.sorted() {
      if Self.plainWords.contains(name) || outline.constants.contains(name) || outline.globals[name] != nil { continue }
      if outline.drivers[name] != nil || outline.objects[name] != nil || Self.isErrno(name) || name == "ULONG_MAX" { continue }
      if signature?.parameters.contains(where: { $0.name == name }) == true { continue }
      guard let local = lookUp(name) else { return nil }
      let replacement: String
      switch local {
      case .variable(let index): replacement = variables[index].name
      case .alias(let operand) where operand.isAtom: replacement = operand.text
      default: return nil
      }
      if replacement != name { result = Self.renamed(result, name, replacement) }
    }
    return result
  }

  /// Words that stand where a variable could and are none.
  private static let plainWords: Set<String> = ["thread", "null", "true", "false", "is", "as", "if"]

  /// Replaces a word where it stands for a variable.
  private static func renamed(_ text: String, _ name: String, _ replacement: String) -> String {
    var result = ""
    var word = ""
    var previous: Character = " "
    var inString = false
    func flush(_ isMember: Bool) {
      result += word == name && !isMember ? replacement : word
    }
    var isMember = false
    for character in text {
      if character == "\"" { inString.toggle() }
      if !inString, character.isLetter || character.isNumber || character == "_" {
        if word.isEmpty { isMember = previous == "." || previous == ">" }
        word.append(character)
      } else {
        if !word.isEmpty { flush(isMember) }
        word = ""
        result.append(character)
      }
      previous = character
    }
    if !word.isEmpty { flush(isMember) }
    return result
  }

  // MARK: Holders

  /// Whether any function of the model does this to a field of that name.
  func knowsUnits(_ operation: String, _ field: String) -> Bool {
    if let signature, signature.statements.contains(where: { $0.kind == .refcount(operation, field) }) { return true }
    return outline.functions.values.contains { $0.statements.contains { $0.kind == .refcount(operation, field) } }
  }

  /// Who holds the unit of a refcount operation: as in the base's function of the same name, statement by statement.
  mutating func holder(_ operation: String, _ field: String, at span: Span) -> String {
    let kind = ModelOutline.Statement.Kind.refcount(operation, field)
    let own = signature?.statements.filter { $0.kind == kind } ?? []
    let key = "\(operation) \(field)"
    let known = holderIndex[key, default: [:]]
    if let done = known[span.start] { return done }
    let occurrence = known.count
    var result: String?
    if let statement = own.indices.contains(occurrence) ? own[occurrence] : own.last, let text = statement.holder {
      result = inScope(text, statement.names)
    }
    if result == nil {
      // Elsewhere in the model: when all that do this name the same holder, so does this one.
      let all = Set(
        outline.functions.values.flatMap { $0.statements.filter { $0.kind == kind }.compactMap(\.holder) })
      if all.count == 1, let only = all.first,
        let statement = outline.functions.sorted(by: { $0.key < $1.key }).lazy.flatMap(\.value.statements)
          .first(where: { $0.kind == kind })
      {
        result = inScope(only, statement.names)
        if let result {
          assume("the holder of '\(operation) …\(field)' is taken from the rest of the model: \(result)", at: span)
        }
      }
    }
    if result == nil {
      result = "\"\(function.name)\""
      assume("nothing tells who holds the unit of '\(operation) …\(field)'; it is \(function.name) itself", at: span)
    }
    let text = result ?? "\"\(function.name)\""
    holderIndex[key, default: [:]][span.start] = text
    return text
  }
}
