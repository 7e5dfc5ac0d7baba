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
    case end
  }

  var kind: Kind
  /// The text as written; of a string without its quotes.
  var text: String
  var span: Span
}

/// What a `#define` line says.
struct CDefinition: Hashable, Sendable {
  /// The name.
  var name: Span
  /// All that stands behind the name.
  var body: Span
  /// Whether it has parameters.
  var isFunction: Bool
}
