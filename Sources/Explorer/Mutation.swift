public import StepLanguage

/// A model's text with one step taken out: how well do the scenarios guard it?
///
/// After DeMillo, Lipton and Sayward, "Hints on test data selection" (Computer 11, 1978): a mistake that no test notices is one that nobody would
/// notice.
public struct Mutation: Hashable, Sendable {
  /// What is taken out.
  public enum Kind: String, Hashable, Sendable {
    /// A lock of a function: where it is taken and everywhere that it is released there.
    case lock
    /// A step of a reference count.
    case count = "count"
    /// A call of a driver's callback.
    case callback
  }

  /// What is taken out.
  public let kind: Kind
  /// The function's name.
  public let function: String
  /// The lines of the text, from 1; the first is where it begins.
  public let lines: [Int]
  /// The first line, as it stands in the text.
  public let text: String
  private let replacements: [Int: String]

  /// All mutations of a model's text, in its order.
  ///
  /// - Parameter source: the text of one model.
  public static func all(of source: SourceFile) -> [Mutation] {
    var result: [Mutation] = []
    var function = ""
    var locks: [String: [Int]] = [:]
    var order: [String] = []
    func flush() {
      for lock in order {
        let lines = locks[lock] ?? []
        guard let first = lines.first else { continue }
        let text = withoutComment(trimmed(source.text(ofLine: first)))
        // A release without its acquisition belongs to a lock that the caller took; taking it out is another mistake, told apart by its text.
        result.append(
          Mutation(
            kind: .lock, function: function, lines: lines, text: text,
            replacements: Dictionary(uniqueKeysWithValues: lines.map { ($0, "") })))
      }
      locks = [:]
      order = []
    }
    for number in 1...max(1, source.lineCount) {
      let line = withoutComment(trimmed(source.text(ofLine: number)))
      if line.hasPrefix("fn ") || line.hasPrefix("entry ") || line.hasPrefix("init ")
        || line.hasPrefix("invariant ")
      {
        flush()
        let head = line.drop { $0 != " " }.dropFirst()
        function = String(head.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        continue
      }
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      guard let verb = words.first else { continue }
      if let side = side(verb), words.count == 2 {
        let key = "\(side) \(words[1])"
        if locks[key] == nil { order.append(key) }
        locks[key, default: []].append(number)
        continue
      }
      if let replacement = countReplacement(line) {
        result.append(
          Mutation(
            kind: .count, function: function, lines: [number], text: line, replacements: [number: replacement]
          ))
      } else if isCallback(line) {
        result.append(
          Mutation(
            kind: .callback, function: function, lines: [number], text: line, replacements: [number: ""]))
      }
    }
    flush()
    return result.sorted { ($0.lines[0], $0.text) < ($1.lines[0], $1.text) }
  }

  /// The text with the mutation.
  public func text(of source: SourceFile) -> String {
    (1...max(1, source.lineCount)).map { replacements[$0] ?? source.text(ofLine: $0) }.joined(separator: "\n")
  }

  /// Verbs that take and release the same lock have the same mode.
  private static func side(_ verb: String) -> LockMode? {
    switch Vocabulary.word(verb)?.role {
    case .acquire(let mode), .release(let mode): mode
    default: nil
    }
  }

  /// What a step of a count becomes: nothing, or what it would have said had it gone well.
  private static func countReplacement(_ line: String) -> String? {
    let verb = String(line.prefix { $0 != " " })
    switch Vocabulary.word(verb)?.role {
    case .count(let operation): return operation == .set ? nil : ""
    default: if verb == "ref_move" { return "" }
    }
    guard line.hasPrefix("let "), let equals = line.firstIndex(of: "=") else { return nil }
    let value = trimmed(String(line[line.index(after: equals)...]))
    let head = line[..<equals]
    switch Vocabulary.word(String(value.prefix { $0 != " " }))?.role {
    case .testedCount(.decrementAndTest): return "\(head)= false"
    case .testedCount: return "\(head)= true"
    default: return nil
    }
  }

  private static func isCallback(_ line: String) -> Bool {
    line.contains(".ops->") && line.hasSuffix(")") && !line.hasPrefix("if ") && !line.contains("=")
  }

  private static func withoutComment(_ line: String) -> String {
    var previous: Character?
    for (place, character) in zip(line.indices, line) {
      if character == "/", previous == "/" { return trimmed(String(line[..<line.index(before: place)])) }
      previous = character
    }
    return line
  }

  private static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
