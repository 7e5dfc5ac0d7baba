import Basics

/// Cuts C text into tokens, as a developer sees it: nothing is expanded or included here. Of `#if` and `#ifdef` the
/// branch is taken that the configuration selects; the bytes of the others are noted in `skipped`.
struct CLexer {
  private let source: SourceFile
  private let file: Int
  private var configuration: Set<String>
  private var offset: Int
  /// Where the text ends.
  private let end: Int
  /// Whether this is one `#define` line, in which a `#` is a word.
  private let isDefinition: Bool
  private var tokens: [CToken] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Lines that the configuration leaves out.
  private(set) var skipped: [Span] = []
  /// What the file defines as a number or as nothing, for the conditions of `#if`.
  private var values: [String: String] = [:]
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
  ///   - definition: read only this stretch, a `#define` line.
  init(_ source: SourceFile, file: Int, configuration: Set<String>, definition: Span? = nil) {
    self.source = source
    self.file = file
    self.configuration = configuration
    offset = definition?.start ?? 0
    end = min(definition?.end ?? source.bytes.count, source.bytes.count)
    isDefinition = definition != nil
  }

  /// How many bytes a backslash and the end of its line take here; 0 when none stand here.
  private var continuation: Int {
    guard peek(0) == UInt8(ascii: "\\") else { return 0 }
    if peek(1) == UInt8(ascii: "\n") { return 2 }
    return peek(1) == UInt8(ascii: "\r") && peek(2) == UInt8(ascii: "\n") ? 3 : 0
  }

  /// Goes to the end of the line; a line that a backslash continues is not at its end.
  private mutating func skipLine() {
    while let byte = peek(0), byte != UInt8(ascii: "\n") { offset += max(1, continuation) }
  }

  mutating func run() -> [CToken] {
    let bytes = source.bytes
    var isLineStart = true
    while offset < end {
      let start = offset
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\n"):
        offset += 1
        isLineStart = true
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0B, 0x0C:
        offset += 1
      case UInt8(ascii: "\\") where continuation > 0:
        offset += continuation
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        skipLine()
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
        comment()
      case UInt8(ascii: "#") where isLineStart && !isDefinition:
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
    offset + distance < end ? source.bytes[offset + distance] : nil
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
    while offset < end {
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
    offset = min(offset, end)
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
    where end - offset >= symbol.count
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
      if continuation > 0 {
        text.append(UInt8(ascii: " "))
        offset += continuation
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
    skipLine()
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
      define(words, isDefinition: name == "define")
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

  /// Notes what a `#define` or `#undef` line means for the conditions behind it.
  private mutating func define(_ words: [Substring], isDefinition: Bool) {
    let name = String((words.dropFirst().first ?? "").prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    guard !name.isEmpty else { return }
    configuration.remove(name)
    values[name] = nil
    guard isDefinition else { return }
    configuration.insert(name)
    let isBare = words[1].count == name.count
    values[name] = isBare ? words.dropFirst(2).joined(separator: " ") : "?"
  }

  private mutating func open(_ holds: Bool, at span: Span) {
    let outer = isTaken
    conditions.append(
      Condition(start: span, wasTaken: holds, isTaken: outer && holds, isOuterTaken: outer))
  }

  /// A condition of names, `defined`, `IS_ENABLED`, numbers, comparisons, `!`, `&&`, `||` and parentheses.
  private mutating func evaluate(_ text: String, at span: Span) -> Bool {
    var evaluator = CDirectiveCondition(text, configuration: configuration, values: values)
    if let value = evaluator.run() { return value }
    if isTaken {
      report(
        "this #if is more than names, defined(), IS_ENABLED(), numbers, comparisons, !, && and ||; write out the branch that counts",
        at: span)
    }
    return false
  }
}
