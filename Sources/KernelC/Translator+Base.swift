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
    // What found no statement before it waits for the one that follows in its block.
    var waiting: [ModelOutline.Statement] = []
    for statement in signature.statements {
      var isAttached = isGhost(statement)
      switch statement.kind {
      case .check, .mark, .move: isAttached = true
      case .probe: continue
      case .other:
        if head != nil { last = nil }
        if statement.opens != nil || statement.text == "loop" || statement.text == "else" { waiting = [] }
        head = statement.opens != nil ? statement : nil
        if statement.text == "loop" || statement.text == "else" || statement.text.hasPrefix("while ") {
          last = nil
        }
        continue
      default: break
      }
      if !isAttached {
        let occurrence = counts[statement.kind, default: 0]
        counts[statement.kind] = occurrence + 1
        let anchor = Anchor(kind: statement.kind, occurrence: occurrence)
        last = (anchor, statement.block)
        baseCounts = counts
        attachmentsBefore[anchor] = waiting.filter { $0.block == statement.block }
        waiting = []
        head = nil
        continue
      }
      guard let place = last else {
        waiting.append(statement)
        continue
      }
      if statement.block == place.block, head == nil {
        attachments[place.anchor, default: []].append(statement)
      } else if let condition = head, condition.opens == statement.block, condition.block == place.block {
        var wrapped = statement
        wrapped.text = "\(condition.text) {\n\(statement.text)\n}"
        wrapped.names.formUnion(condition.names)
        // A look at what others change would be a step that C does not make; a mark is not worth one.
        if statement.kind == .mark, condition.text.contains(".") {
          head = nil
          continue
        }
        attachments[place.anchor, default: []].append(wrapped)
        head = nil
      } else {
        last = nil
        if head == nil { waiting.append(statement) }
      }
    }
  }

  /// Emits what the base puts right before the anchor that is about to come.
  mutating func emitBefore(_ kind: ModelOutline.Statement.Kind, at span: Span) throws {
    let known = anchorCounts[kind, default: [:]]
    let occurrence = known[site(span)] ?? known.count
    for statement in attached(attachmentsBefore, kind, occurrence) { try emitAttached(statement, at: span) }
  }

  /// What stands at a statement of the base; its only one of a kind stands for all that C has, as far as it only looks.
  func attached(
    _ attachments: [Anchor: [ModelOutline.Statement]], _ kind: ModelOutline.Statement.Kind, _ occurrence: Int
  ) -> [ModelOutline.Statement] {
    if let own = attachments[Anchor(kind: kind, occurrence: occurrence)] { return own }
    guard baseCounts[kind] == 1 else { return [] }
    return (attachments[Anchor(kind: kind, occurrence: 0)] ?? []).filter {
      $0.kind == .check || $0.kind == .mark
    }
  }

  /// The anchors that lines of a template are.
  func anchors(of lines: [String]) -> [ModelOutline.Statement.Kind] {
    var result: [ModelOutline.Statement.Kind] = []
    for line in lines {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "(" }).map(String.init)
      guard let first = words.first else { continue }
      func field(_ word: String) -> String { word.split(separator: ".").last.map(String.init) ?? "" }
      switch first {
      case "mutex_lock", "down_read", "down_write", "spin_lock":
        result.append(.lock(words.count > 1 ? field(words[1]) : "", isAcquire: true))
      case "mutex_unlock", "up_read", "up_write", "spin_unlock":
        result.append(.lock(words.count > 1 ? field(words[1]) : "", isAcquire: false))
      default:
        if let position = words.firstIndex(where: { $0.hasPrefix("ref_") || $0.hasPrefix("count_") }),
          words.indices.contains(position + 1)
        {
          result.append(.refcount(words[position], field(words[position + 1])))
        } else if let call = words.first(where: { outline.functions[$0] != nil }) {
          result.append(.call(call))
        }
      }
    }
    return result
  }

  /// Where the table puts lines of the model before a call of the C function.
  func findInsertions() -> [Site: [String]] {
    var result: [Site: [String]] = [:]
    for insertion in table.insertions[function.name] ?? [] {
      var count = 0
      for statement in Self.statements(function.body) {
        guard case .expression(let expression) = statement.kind, case .call(let callee, _) = expression.kind,
          case .name(insertion.call) = callee.kind
        else { continue }
        count += 1
        if count == insertion.occurrence {
          result[Site(statement: statement.number, start: expression.span.start), default: []] +=
            insertion.lines
        }
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
    let occurrence = known[site(span)] ?? known.count
    anchorCounts[kind, default: [:]][site(span)] = occurrence
    for statement in attached(attachments, kind, occurrence) {
      pendingAttachments.append((statement, span))
    }
  }

  /// The same for the lines of a template.
  mutating func noteAnchors(of lines: [String], at span: Span) {
    for kind in anchors(of: lines) { note(kind, at: span) }
  }

  /// Emits what the base attaches to what has just been translated.
  mutating func flushAttachments() throws {
    let waiting = pendingAttachments
    pendingAttachments = []
    for (statement, span) in waiting { try emitAttached(statement, at: span) }
  }

  mutating func emitAttached(_ statement: ModelOutline.Statement, at span: Span) throws {
    guard let text = inScope(statement.text, statement.names) else { return }
    let outer = currentSpan
    currentSpan = span
    for line in text.split(separator: "\n") { try emit(String(line)) }
    currentSpan = outer
    for original in signature?.statements ?? [] where statement.text.contains(original.text) {
      attached.insert(original.text)
    }
  }

  /// A text of the base with its variables as they are called here; nil when one of them is not known here.
  func inScope(_ text: String, _ names: Set<String>) -> String? {
    var result = text
    for name in names.sorted() {
      if Self.plainWords.contains(name) || outline.constants.contains(name) || outline.globals[name] != nil {
        continue
      }
      if outline.drivers[name] != nil || outline.objects[name] != nil || Self.isErrno(name)
        || name == "ULONG_MAX"
      {
        continue
      }
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
  static let plainWords: Set<String> = ["thread", "null", "true", "false", "is", "as", "if"]

  /// Replaces a word where it stands for a variable.
  static func renamed(_ text: String, _ name: String, _ replacement: String) -> String {
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
    if let signature, signature.statements.contains(where: { $0.kind == .refcount(operation, field) }) {
      return true
    }
    return outline.functions.values.contains {
      $0.statements.contains { $0.kind == .refcount(operation, field) }
    }
  }

  /// Who holds the unit of a refcount operation: as in the base's function of the same name, statement by statement.
  mutating func holder(_ operation: String, _ field: String, at span: Span) -> String {
    let kind = ModelOutline.Statement.Kind.refcount(operation, field)
    let own = signature?.statements.filter { $0.kind == kind } ?? []
    let key = "\(operation) \(field)"
    let known = holderIndex[key, default: [:]]
    if let done = known[site(span)] { return done }
    let occurrence = known.count
    var result: String?
    if let statement = own.indices.contains(occurrence) ? own[occurrence] : own.last,
      let text = statement.holder
    {
      result = inScope(text, statement.names)
    }
    if result == nil {
      // What the base's function calls may do it there; then all of the model.
      var level = Set(signature.map(Self.callees) ?? [])
      var seen: Set<String> = []
      while result == nil, !level.isEmpty {
        seen.formUnion(level)
        result = onlyHolder(kind, in: level.sorted(), at: span)
        level = Set(level.flatMap { outline.functions[$0].map(Self.callees) ?? [] }).subtracting(seen)
      }
      if result == nil { result = onlyHolder(kind, in: outline.functions.keys.sorted(), at: span) }
    }
    if result == nil {
      result = "\"\(function.name)\""
      assume(
        "nothing tells who holds the unit of '\(operation) …\(field)'; it is \(function.name) itself",
        at: span)
    }
    let text = result ?? "\"\(function.name)\""
    holderIndex[key, default: [:]][site(span)] = text
    return text
  }

  static func callees(_ function: ModelOutline.Function) -> [String] {
    function.statements.compactMap { statement in
      if case .call(let name) = statement.kind { return name }
      return nil
    }
  }

  /// The holder that all statements of this kind in some functions name, if they name the same and it is known here.
  mutating func onlyHolder(
    _ kind: ModelOutline.Statement.Kind, in functions: [String], at span: Span
  ) -> String? {
    let statements = functions.flatMap { name in
      (outline.functions[name]?.statements ?? []).filter { $0.kind == kind }.map { (name, $0) }
    }
    guard let (name, first) = statements.first, statements.allSatisfy({ $0.1.holder == first.holder }),
      let text = first.holder.flatMap({ inScope($0, first.names) })
    else { return nil }
    if case .refcount(let operation, let field) = kind {
      assume("the holder of '\(operation) …\(field)' is taken from the model's \(name): \(text)", at: span)
    }
    return text
  }

  /// What the base's function passes for a parameter of a function that it calls, too.
  func baseArgument(of name: String, _ position: Int, occurrence: Int) -> String? {
    var calls = signature?.statements.filter { $0.kind == .call(name) } ?? []
    if calls.isEmpty, let signature {
      // The model may have cut the function into several: what one of those passes counts, if it is known here.
      calls = Set(Self.callees(signature)).sorted().flatMap {
        outline.functions[$0]?.statements.filter { $0.kind == .call(name) } ?? []
      }
    }
    guard let call = calls.indices.contains(occurrence) ? calls[occurrence] : calls.last,
      let start = call.text.firstRange(of: "\(name)(")
    else { return nil }
    var arguments: [String] = [""]
    var depth = 0
    for character in call.text[start.upperBound...] {
      if character == ")", depth == 0 { break }
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        arguments.append("")
      } else if !(character == " " && arguments[arguments.count - 1].isEmpty) {
        arguments[arguments.count - 1].append(character)
      }
    }
    guard arguments.indices.contains(position) else { return nil }
    let text = arguments[position]
    // Only a plain variable: anything else would read memory that C does not read.
    guard text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
    return inScope(text, [text])
  }
}
