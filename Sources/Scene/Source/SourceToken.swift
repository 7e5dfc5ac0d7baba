import StepLanguage

/// A piece of a source line, with what it is.
public struct SourceToken: Hashable, Sendable {
  /// What a piece is.
  public enum Kind: Hashable, Sendable {
    /// A word of the language.
    case keyword
    /// A statement or function that deals with a lock.
    case lock
    /// The name of something that is called.
    case call
    /// Any other name.
    case name
    /// A number, an errno, or true, false, null.
    case number
    /// A quoted text.
    case string
    /// A comment.
    case comment
    /// Blanks and punctuation.
    case plain
  }

  /// The text.
  public let text: String
  /// What it is.
  public let kind: Kind

  /// Cuts a line into pieces.
  public static func tokens(of line: String) -> [SourceToken] {
    var result: [SourceToken] = []
    let characters = Array(line)
    var position = 0
    func isWord(_ character: Character) -> Bool {
      character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
    }
    func add(_ start: Int, _ kind: Kind) {
      let text = String(characters[start..<position])
      if kind == .plain, let last = result.last, last.kind == .plain {
        result[result.count - 1] = SourceToken(text: last.text + text, kind: .plain)
      } else {
        result.append(SourceToken(text: text, kind: kind))
      }
    }
    while position < characters.count {
      let start = position
      let character = characters[position]
      if character == "/", position + 1 < characters.count, characters[position + 1] == "/" {
        position = characters.count
        add(start, .comment)
      } else if character == "#" {
        position = characters.count
        add(start, .comment)
      } else if character == "\"" {
        position += 1
        while position < characters.count, characters[position] != "\"" {
          position += characters[position] == "\\" ? 2 : 1
        }
        position = min(position + 1, characters.count)
        add(start, .string)
      } else if isWord(character) {
        while position < characters.count, isWord(characters[position]) { position += 1 }
        let word = String(characters[start..<position])
        let isCall = position < characters.count && characters[position] == "("
        add(start, kind(of: word, isCall: isCall))
      } else {
        position += 1
        add(start, .plain)
      }
    }
    return result
  }

  private static func kind(of word: String, isCall: Bool) -> Kind {
    let known = Vocabulary.word(word)
    if word.first?.isNumber == true || known?.role == .constant { return .number }
    if word.count > 1, word.first == "E", word.allSatisfy({ $0.isUppercase || $0.isNumber }) {
      return .number
    }
    if let known, known.isReserved { return Vocabulary.isAboutLocks(known) ? .lock : .keyword }
    return isCall ? .call : .name
  }
}
