import Basics

/// Puts what a file's own `#define` lines say in place of their names, in the order of the text: a name stands for what
/// was defined last before it, until an `#undef`.
///
/// Words of a macro's body get the place where the macro is used, words of its arguments keep their own. A macro with
/// parameters whose meaning the table tells is left as it is. What cannot be put in place becomes a word of kind
/// `trouble`, which is an error where a function holds it and nothing elsewhere.
struct CMacroExpander {
  /// Where something came from that no line of C says as it is.
  struct Origin: Hashable, Sendable {
    /// The macro.
    var name: String
    /// The line of its `#define`, from 1.
    var line: Int
  }

  private let source: SourceFile
  private let keeping: Set<String>
  private var macros: [String: CMacro] = [:]
  private var input: [CToken]
  private var position = 0
  /// Words that are looked at before the input, the next one last.
  private var pending: [Item] = []
  /// Words that expansions may still make, in this one and in the file.
  private var budget = 0
  private var remaining = Self.fileLimit
  private var depth = 0
  /// The outermost macro that is being put in place.
  private var outermost: Span?

  /// What stands where a macro is used, by the offset of the use.
  private(set) var origins: [Int: Origin] = [:]
  /// Macros that were left to the table, with the line of their `#define`.
  private(set) var kept: [String: Int] = [:]

  /// A word, and the macros that it came out of, which it does not name again.
  private struct Item {
    var token: CToken
    var hidden: Set<String>
  }

  /// Thrown when a macro cannot be put in place.
  private struct Trouble: Error {
    var message: String
  }

  /// How many words one use may become, and all of a file; and how deep uses may nest. Bounds for hostile files.
  static let useLimit = 20_000
  static let fileLimit = 1_000_000
  static let depthLimit = 64

  /// An expander of a file.
  ///
  /// - Parameters:
  ///   - tokens: the words of the file, with its directives.
  ///   - source: the file.
  ///   - keeping: macros with parameters that are left as they are.
  init(_ tokens: [CToken], in source: SourceFile, keeping: Set<String>) {
    self.source = source
    self.keeping = keeping
    input = tokens
  }

  /// The words of the file with all macros in place, without `#define` and `#undef`.
  mutating func run() -> [CToken] {
    var result: [CToken] = []
    result.reserveCapacity(input.count)
    while position < input.count || !pending.isEmpty {
      if pending.isEmpty {
        outermost = nil
        let token = input[position]
        if token.kind == .directive, token.text == "define" || token.text == "undef" {
          position += 1
          define(token)
          continue
        }
        if token.kind != .word || macros[token.text] == nil {
          position += 1
          result.append(token)
          continue
        }
        budget = Self.useLimit
      }
      let start = (position, pending.last?.token ?? input[position])
      guard let item = next() else { break }
      do {
        if let token = try step(item) { result.append(token) }
      } catch {
        let message = (error as? Trouble)?.message ?? "this macro cannot be put in place"
        let span = outermost ?? start.1.span
        pending = []
        position = max(position, start.0)
        result.append(CToken(kind: .trouble, text: message, span: span))
      }
    }
    return result
  }

  private mutating func define(_ directive: CToken) {
    if directive.text == "define" {
      guard let macro = CMacro(line: directive.span, in: source) else { return }
      macros[macro.name] = macro
      return
    }
    let words = String(decoding: source.bytes[directive.span.start..<directive.span.end], as: UTF8.self)
      .split { !($0.isLetter || $0.isNumber || $0 == "_") }
    if words.count > 1 { macros[String(words[1])] = nil }
  }

  private mutating func next() -> Item? {
    if let item = pending.popLast() { return item }
    guard position < input.count else { return nil }
    position += 1
    return Item(token: input[position - 1], hidden: [])
  }

  /// The word that stands there when nothing is to be done, or nil when something was put in its place.
  private mutating func step(_ item: Item) throws -> CToken? {
    let token = item.token
    guard token.kind == .word, let macro = macros[token.text], !item.hidden.contains(token.text) else {
      return token
    }
    if macro.parameters == nil {
      try check(macro, at: token.span)
      noteUse(macro, token.span)
      let items = try substitute(macro, [], hidden: item.hidden.union([macro.name]), at: token.span)
      pending += items.reversed()
      return nil
    }
    if keeping.contains(macro.name) {
      kept[macro.name] = source.line(at: macro.nameSpan.start)
      return token
    }
    // Without a parenthesis behind it the name is only a name.
    guard let open = next() else { return token }
    guard open.token.text == "(", open.token.kind == .punctuation else {
      pending.append(open)
      return token
    }
    noteUse(macro, token.span)
    if macro.problem != nil {
      // Its arguments go with it, or they would stand there alone.
      _ = try? self.arguments(of: macro)
      try check(macro, at: token.span)
    }
    let (arguments, close) = try self.arguments(of: macro)
    let span = token.span.joined(close.token.span)
    if outermost == token.span { outermost = span }
    let hidden = item.hidden.intersection(close.hidden).union([macro.name])
    let items = try substitute(macro, arguments, hidden: hidden, at: outermost ?? span)
    pending += items.reversed()
    return nil
  }

  private mutating func noteUse(_ macro: CMacro, _ span: Span) {
    guard outermost == nil else { return }
    outermost = span
    origins[span.start] = Origin(name: macro.name, line: source.line(at: macro.nameSpan.start))
  }

  private func check(_ macro: CMacro, at span: Span) throws {
    guard let problem = macro.problem else { return }
    throw Trouble(
      message:
        "the #define of '\(macro.name)' in line \(source.line(at: macro.nameSpan.start)) is not read: \(problem); write out what it stands for"
    )
  }

  /// The arguments up to the closing parenthesis.
  private mutating func arguments(of macro: CMacro) throws -> ([[Item]], close: Item) {
    let names = macro.parameters ?? []
    var result: [[Item]] = [[]]
    var open = 0
    while let item = next() {
      switch item.token.kind {
      case .end:
        position -= 1
        throw Trouble(message: "the arguments of '\(macro.name)' have no end; close them with ')'")
      case .directive:
        throw Trouble(
          message: "a #\(item.token.text) stands among the arguments of '\(macro.name)'; move it out")
      case .punctuation:
        let text = item.token.text
        if text == ")", open == 0 {
          if names.isEmpty, result.count == 1, result[0].isEmpty { result = [] }
          if macro.isVariadic, result.count == names.count - 1 { result.append([]) }
          guard result.count == names.count else {
            throw Trouble(
              message:
                "'\(macro.name)' takes \(names.count) argument\(names.count == 1 ? "" : "s") by its #define in line \(source.line(at: macro.nameSpan.start)), not \(result.count)"
            )
          }
          return (result, item)
        }
        if text == "(" { open += 1 }
        if text == ")" { open -= 1 }
        if text == ",", open == 0, !(macro.isVariadic && result.count == names.count) {
          result.append([])
          continue
        }
      default: break
      }
      result[result.count - 1].append(item)
      try spend(1)
    }
    throw Trouble(message: "the arguments of '\(macro.name)' have no end; close them with ')'")
  }

  private mutating func spend(_ count: Int) throws {
    budget -= count
    remaining -= count
    guard budget > 0, remaining > 0 else {
      throw Trouble(
        message:
          "this becomes more than \(Self.useLimit) words when its macros are put in place; write it out")
    }
  }

  // MARK: Bodies

  /// The body with the arguments in place.
  private mutating func substitute(
    _ macro: CMacro, _ arguments: [[Item]], hidden: Set<String>, at span: Span
  ) throws -> [Item] {
    let names = macro.parameters ?? []
    var result: [Item] = []
    var expanded: [Int: [Item]] = [:]
    let body = macro.body
    var index = 0
    var isPasted = false
    func own(_ token: CToken) -> Item {
      var token = token
      token.span = span
      return Item(token: token, hidden: hidden)
    }
    while index < body.count {
      let token = body[index]
      let isBeforePaste = index + 1 < body.count && body[index + 1].text == "##"
      var piece: [Item]
      if token.text == "#", token.kind == .punctuation, !names.isEmpty, index + 1 < body.count,
        let number = names.firstIndex(of: body[index + 1].text)
      {
        index += 1
        let text = arguments[number].map(\.token.text).joined(separator: " ")
        piece = [own(CToken(kind: .string, text: text, span: span))]
      } else if token.text == "##", token.kind == .punctuation {
        isPasted = true
        index += 1
        continue
      } else if token.kind == .word, let number = names.firstIndex(of: token.text) {
        // Beside `##` an argument stands as it is written, elsewhere with its own macros in place.
        if isPasted || isBeforePaste {
          piece = arguments[number]
        } else {
          if expanded[number] == nil { expanded[number] = try complete(arguments[number]) }
          piece = expanded[number] ?? []
        }
        if isPasted, macro.isVariadic, number == names.count - 1, result.last?.token.text == "," {
          // `, ##__VA_ARGS__`: the comma goes when there are no further arguments.
          if piece.isEmpty { result.removeLast() }
          isPasted = false
        }
      } else {
        piece = [own(token)]
      }
      index += 1
      try spend(max(1, piece.count))
      if isPasted, let left = result.last, let right = piece.first {
        result[result.count - 1] = try pasted(left, right, macro, at: span)
        piece.removeFirst()
      }
      isPasted = false
      for var item in piece {
        item.hidden.formUnion(hidden)
        result.append(item)
      }
    }
    return result
  }

  /// Two words as one.
  private func pasted(_ left: Item, _ right: Item, _ macro: CMacro, at span: Span) throws -> Item {
    let text = left.token.text + right.token.text
    let piece = SourceFile(name: source.name, text: text)
    var lexer = CLexer(
      piece, file: span.file, configuration: [],
      definition: Span(file: span.file, start: 0, end: piece.bytes.count))
    let tokens = lexer.run().dropLast()
    guard tokens.count == 1, lexer.diagnostics.isEmpty, var token = tokens.first, token.kind != .string else {
      throw Trouble(message: "'##' in the #define of '\(macro.name)' makes '\(text)', which is no word of C")
    }
    token.span = span
    return Item(token: token, hidden: left.hidden.intersection(right.hidden))
  }

  /// A list of words with all macros in place.
  private mutating func complete(_ items: [Item]) throws -> [Item] {
    guard items.contains(where: { macros[$0.token.text] != nil }) else { return items }
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else {
      throw Trouble(
        message: "macros are used inside one another more than \(Self.depthLimit) times; write them out")
    }
    let outer = (pending, input, position)
    pending = items.reversed()
    input = []
    position = 0
    defer { (pending, input, position) = outer }
    var result: [Item] = []
    while let item = pending.popLast() {
      // A name that was met inside of its own macro stays a name: what it came out of goes with it.
      if let token = try step(item) { result.append(Item(token: token, hidden: item.hidden)) }
    }
    return result
  }
}
