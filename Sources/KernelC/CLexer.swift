import Basics

/// Cuts C text into tokens, as a developer sees it: nothing is expanded or included. Of `#if` and `#ifdef` the branch
/// is taken that the configuration selects; the bytes of the others are noted in `skipped`.
struct CLexer {
  private let source: SourceFile
  private let file: Int
  private var configuration: Set<String>
  private var offset = 0
  private var tokens: [CToken] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Lines that the configuration leaves out.
  private(set) var skipped: [Span] = []
  /// What `#define` lines outside of functions say, by name; a later one counts.
  private(set) var definitions: [String: CDefinition] = [:]
  private var conditions: [Condition] = []
  /// Where what is left out now began.
  private var skipStart: Int?

  /// An open `#if`: whether one of its branches was taken, whether the current one is.
  private struct Condition {
    var start: Span
    var wasTaken: Bool
    var isTaken: Bool
    var isOuterTaken: Bool
  }

  private static let diagnosticLimit = 50
  private static let operators: [[UInt8]] = [
    "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=",
    "/=",
    "%=", "&=", "|=", "^=", "##",
  ].map { Array($0.utf8) }

  /// A lexer of a file.
  ///
  /// - Parameters:
  ///   - file: the index that spans carry.
  ///   - configuration: names that count as defined, such as `CONFIG_LOCKDEP`.
  init(_ source: SourceFile, file: Int, configuration: Set<String>) {
    self.source = source
    self.file = file
    self.configuration = configuration
  }

  mutating func run() -> [CToken] {
    let bytes = source.bytes
    var isLineStart = true
    while offset < bytes.count {
      let start = offset
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\n"):
        offset += 1
        isLineStart = true
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0B, 0x0C:
        offset += 1
      case UInt8(ascii: "\\") where peek(1) == UInt8(ascii: "\n"):
        offset += 2
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        while let next = peek(0), next != UInt8(ascii: "\n") {
          _ = next
          offset += 1
        }
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
        comment()
      case UInt8(ascii: "#") where isLineStart:
        directive()
      case UInt8(ascii: "\""):
        isLineStart = false
        quoted(UInt8(ascii: "\""), .string)
      case UInt8(ascii: "'"):
        isLineStart = false
        quoted(UInt8(ascii: "'"), .character)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        isLineStart = false
        while let next = peek(0), Self.isWord(next) { offset += 1 }
        add(.number, from: start)
      case _ where Self.isWord(byte):
        isLineStart = false
        while let next = peek(0), Self.isWord(next) { offset += 1 }
        add(.word, from: start)
      default:
        isLineStart = false
        punctuation()
      }
    }
    for condition in conditions { report("this #if has no #endif; close it", at: condition.start) }
    tokens.append(
      CToken(kind: .end, text: "the end of the file", span: Span(file: file, start: offset, end: offset)))
    return tokens
  }

  private var isTaken: Bool { conditions.last?.isTaken ?? true }

  private func peek(_ distance: Int) -> UInt8? {
    offset + distance < source.bytes.count ? source.bytes[offset + distance] : nil
  }

  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private mutating func report(_ message: String, at span: Span) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    diagnostics.append(Diagnostic(message, at: span, in: source))
  }

  private mutating func add(_ kind: CToken.Kind, from start: Int) {
    guard isTaken else { return }
    let text = String(decoding: source.bytes[start..<offset], as: UTF8.self)
    tokens.append(CToken(kind: kind, text: text, span: Span(file: file, start: start, end: offset)))
  }

  private mutating func comment() {
    let start = offset
    offset += 2
    while offset < source.bytes.count {
      if peek(0) == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        offset += 2
        return
      }
      offset += 1
    }
    report("this comment has no end; close it with */", at: Span(file: file, start: start, end: start + 2))
  }

  private mutating func quoted(_ quote: UInt8, _ kind: CToken.Kind) {
    let start = offset
    offset += 1
    while let byte = peek(0), byte != quote, byte != UInt8(ascii: "\n") {
      offset += byte == UInt8(ascii: "\\") && peek(1) != nil ? 2 : 1
    }
    offset = min(offset, source.bytes.count)
    guard peek(0) == quote else {
      if isTaken {
        let name = kind == .string ? "string" : "character"
        report(
          "this \(name) has no end on its line; close it", at: Span(file: file, start: start, end: offset))
      }
      return
    }
    offset += 1
    guard isTaken else { return }
    let text = String(decoding: source.bytes[(start + 1)..<(offset - 1)], as: UTF8.self)
    tokens.append(CToken(kind: kind, text: text, span: Span(file: file, start: start, end: offset)))
  }

  private mutating func punctuation() {
    let start = offset
    let bytes = source.bytes
    for symbol in Self.operators
    where bytes.count - offset >= symbol.count
      && bytes[offset..<(offset + symbol.count)].elementsEqual(symbol)
    {
      offset += symbol.count
      add(.punctuation, from: start)
      return
    }
    offset += 1
    // The rest of a character outside ASCII belongs to the same mistake.
    while let byte = peek(0), byte & 0xC0 == 0x80 { offset += 1 }
    guard "(){}[];,.:?~!%^&*-+=|<>/#@".utf8.contains(bytes[start]) else {
      if isTaken {
        report("C has no such character here; remove it", at: Span(file: file, start: start, end: offset))
      }
      return
    }
    add(.punctuation, from: start)
  }

  // MARK: Directives

  private mutating func directive() {
    let start = offset
    var text: [UInt8] = []
    while let byte = peek(0), byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "\n") {
        text.append(UInt8(ascii: " "))
        offset += 2
        continue
      }
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        comment()
        continue
      }
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") { break }
      text.append(byte)
      offset += 1
    }
    while let byte = peek(0), byte != UInt8(ascii: "\n") {
      _ = byte
      offset += 1
    }
    let span = Span(file: file, start: start, end: offset)
    let line = String(decoding: text.dropFirst(), as: UTF8.self)
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
    let name = String(words.first ?? "").prefix { $0.isLetter }
    let rest = String(line.drop { $0 == " " || $0 == "\t" }.dropFirst(name.count))
    let wasTaken = isTaken
    switch name {
    case "if": open(evaluate(rest, at: span), at: span)
    case "ifdef": open(configuration.contains(String(words.dropFirst().first ?? "")), at: span)
    case "ifndef": open(!configuration.contains(String(words.dropFirst().first ?? "")), at: span)
    case "elif", "else":
      guard var condition = conditions.popLast() else {
        report("there is no #if before this #\(name); remove it", at: span)
        return
      }
      let holds =
        name == "else" || (condition.isOuterTaken && !condition.wasTaken && evaluate(rest, at: span))
      condition.isTaken = condition.isOuterTaken && !condition.wasTaken && holds
      condition.wasTaken = condition.wasTaken || condition.isTaken
      conditions.append(condition)
    case "endif":
      guard conditions.popLast() != nil else {
        report("there is no #if before this #endif; remove it", at: span)
        return
      }
    case "define" where isTaken, "undef" where isTaken:
      define(span, isDefinition: name == "define")
      tokens.append(CToken(kind: .directive, text: String(name), span: span))
    default:
      if isTaken { tokens.append(CToken(kind: .directive, text: String(name), span: span)) }
    }
    if wasTaken, !isTaken { skipStart = offset }
    if isTaken, let begin = skipStart {
      skipped.append(Span(file: file, start: begin, end: start))
      skipStart = nil
    }
  }

  /// Notes a `#define` or `#undef`: its words are searched in the line itself, so that they keep their places.
  private mutating func define(_ line: Span, isDefinition: Bool) {
    let bytes = source.bytes
    var position = line.start + 1
    func skipBlanks() {
      while position < line.end, [0x20, 0x09].contains(bytes[position]) { position += 1 }
    }
    skipBlanks()
    while position < line.end, Self.isWord(bytes[position]) { position += 1 }
    skipBlanks()
    let start = position
    while position < line.end, Self.isWord(bytes[position]) { position += 1 }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    guard !name.isEmpty else { return }
    definitions[name] = nil
    configuration.remove(name)
    guard isDefinition else { return }
    configuration.insert(name)
    let isFunction = position < line.end && bytes[position] == UInt8(ascii: "(")
    definitions[name] = CDefinition(
      name: Span(file: file, start: start, end: position),
      body: Span(file: file, start: position, end: line.end), isFunction: isFunction)
  }

  private mutating func open(_ holds: Bool, at span: Span) {
    let outer = isTaken
    conditions.append(
      Condition(start: span, wasTaken: holds, isTaken: outer && holds, isOuterTaken: outer))
  }

  /// A condition of names, `defined`, `IS_ENABLED`, numbers, `!`, `&&`, `||` and parentheses.
  private mutating func evaluate(_ text: String, at span: Span) -> Bool {
    var evaluator = DirectiveCondition(text, configuration: configuration)
    if let value = evaluator.run() { return value }
    if isTaken {
      report(
        "this #if is more than names, defined(), IS_ENABLED(), numbers, !, && and ||; write out the branch that counts",
        at: span)
    }
    return false
  }
}

/// Evaluates the condition of an `#if`.
private struct DirectiveCondition {
  private var words: [String] = []
  private var position = 0
  private let configuration: Set<String>
  private var depth = 0

  init(_ text: String, configuration: Set<String>) {
    self.configuration = configuration
    var word = ""
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if character == " " || character == "\t" || character == "\r" { continue }
      if let last = words.last, last == "&" || last == "|", last == String(character) {
        words[words.count - 1] = last + last
      } else {
        words.append(String(character))
      }
    }
    if !word.isEmpty { words.append(word) }
  }

  mutating func run() -> Bool? {
    guard let value = alternatives(), position == words.count else { return nil }
    return value
  }

  private mutating func take(_ word: String) -> Bool {
    guard position < words.count, words[position] == word else { return false }
    position += 1
    return true
  }

  private mutating func alternatives() -> Bool? {
    guard var value = conjunction() else { return nil }
    while take("||") {
      guard let other = conjunction() else { return nil }
      value = value || other
    }
    return value
  }

  private mutating func conjunction() -> Bool? {
    guard var value = operand() else { return nil }
    while take("&&") {
      guard let other = operand() else { return nil }
      value = value && other
    }
    return value
  }

  private mutating func operand() -> Bool? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64, position < words.count else { return nil }
    if take("!") { return operand().map { !$0 } }
    if take("(") {
      let value = alternatives()
      return take(")") ? value : nil
    }
    let word = words[position]
    position += 1
    if word == "defined" || word == "IS_ENABLED" || word == "IS_BUILTIN" || word == "IS_REACHABLE" {
      let isNested = take("(")
      guard position < words.count else { return nil }
      let name = words[position]
      position += 1
      if isNested, !take(")") { return nil }
      return configuration.contains(name)
    }
    if let number = Int(word) { return number != 0 }
    guard word.first?.isLetter == true || word.first == "_" else { return nil }
    return configuration.contains(word)
  }
}
