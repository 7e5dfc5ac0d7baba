/// A model with its bases: read and laid over one another, not compiled.
public struct ModelText: Sendable {
  /// The model's name.
  public let name: String
  /// The model's heading.
  public let title: String
  /// The names of the models that it revises, nearest first.
  public let bases: [String]
  /// The texts that its items come from.
  public let sources: [SourceFile]
  /// The base, then each revision.
  let models: [ModelSyntax]
  /// All items with those of revisions in place.
  let items: [ItemSyntax]
  /// What the revisions of single statements have to say.
  let notes: [Diagnostic]
  /// Whether it stands in a file that the user named.
  let isOwnFile: Bool
  /// Which of the sources holds it.
  let sourceIndex: Int
}

/// A text of the step language that was made from a text of another language, such as C.
///
/// What is compiled from it has places in the original: the source panel, reports and diagnostics show that.
public struct TranslatedText: Sendable {
  /// A revision in the step language.
  public var text: String
  /// The text that it was made from.
  public var origin: SourceFile
  /// Where in `text` (byte offsets, rising) the words of another stretch of the original begin.
  public var runs: [(start: Int, origin: Span)]
  /// What was left out or assumed, to be said with every verdict.
  public var assumptions: [String]
  /// Checks of the model that have no place in it: without them nothing can be said to hold.
  public var leftOut: [String]

  /// A translated text.
  public init(
    text: String, origin: SourceFile, runs: [(start: Int, origin: Span)], assumptions: [String] = [],
    leftOut: [String] = []
  ) {
    self.leftOut = leftOut
    self.text = text
    self.origin = origin
    self.runs = runs
    self.assumptions = assumptions
  }

  /// The stretch of the original that a word stands for; a word before the first run stands for itself.
  func origin(of word: Span, file: Int) -> Span {
    let offset = word.start
    guard let first = runs.first, first.start <= offset else { return word }
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].start <= offset { low = middle } else { high = middle }
    }
    return Span(file: file, start: runs[low].origin.start, end: runs[low].origin.end)
  }
}
