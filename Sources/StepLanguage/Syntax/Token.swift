/// A word of the language.
struct Token: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case word
    case number
    case string
    case punctuation
    case newline
    case documentation
    case end
  }

  var kind: Kind
  /// The text; of a string its contents, of a documentation comment what stands behind the slashes.
  var text: String
  var span: Span
}
