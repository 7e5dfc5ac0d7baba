/// Evaluates the condition of an `#if`.
struct CDirectiveCondition {
  private var words: [String] = []
  private var position = 0
  private let configuration: Set<String>
  /// What the file defines, by name.
  private let values: [String: String]
  private var depth = 0

  init(_ text: String, configuration: Set<String>, values: [String: String]) {
    self.configuration = configuration
    self.values = values
    var word = ""
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if character == " " || character == "\t" || character == "\r" { continue }
      if let last = words.last, ["&&", "||", "==", "!=", "<=", ">="].contains(last + String(character)) {
        words[words.count - 1] = last + String(character)
      } else {
        words.append(String(character))
      }
    }
    if !word.isEmpty { words.append(word) }
  }

  /// Whether it holds; nil when it is more than this reads.
  mutating func run() -> Bool? {
    guard let value = alternatives(), position == words.count else { return nil }
    return value != 0
  }

  private mutating func take(_ word: String) -> Bool {
    guard position < words.count, words[position] == word else { return false }
    position += 1
    return true
  }

  private mutating func alternatives() -> Int? {
    guard var value = conjunction() else { return nil }
    while take("||") {
      guard let other = conjunction() else { return nil }
      value = value != 0 || other != 0 ? 1 : 0
    }
    return value
  }

  private mutating func conjunction() -> Int? {
    guard var value = comparison() else { return nil }
    while take("&&") {
      guard let other = comparison() else { return nil }
      value = value != 0 && other != 0 ? 1 : 0
    }
    return value
  }

  private mutating func comparison() -> Int? {
    guard let first = operand() else { return nil }
    guard position < words.count else { return first }
    let symbol = words[position]
    guard ["==", "!=", "<", ">", "<=", ">="].contains(symbol) else { return first }
    position += 1
    guard let second = operand() else { return nil }
    let holds =
      switch symbol {
      case "==": first == second
      case "!=": first != second
      case "<": first < second
      case ">": first > second
      case "<=": first <= second
      default: first >= second
      }
    return holds ? 1 : 0
  }

  private mutating func operand() -> Int? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 64, position < words.count else { return nil }
    if take("!") { return operand().map { $0 == 0 ? 1 : 0 } }
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
      return configuration.contains(name) ? 1 : 0
    }
    if let number = Self.number(word) { return number }
    guard word.first?.isLetter == true || word.first == "_" else { return nil }
    // What the file defines has its value; a name of the configuration is 1, any other 0.
    if let value = values[word] { return Self.number(value) }
    return configuration.contains(word) ? 1 : 0
  }

  private static func number(_ text: String) -> Int? {
    CParser.number(text).flatMap { Int(exactly: $0.0) }
  }
}
