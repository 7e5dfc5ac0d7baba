import Basics

/// A word of a C text.
struct CToken: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case word
    case number
    case character
    case string
    case punctuation
    /// A `#` line that is none of `#if`, `#else`, `#endif` and their like.
    case directive
    /// A macro that cannot be put in place; the text says why.
    case trouble
    case end
  }

  var kind: Kind
  /// The text as written; of a string without its quotes.
  var text: String
  var span: Span
}
