import Basics

/// The items of a base with those of each revision laid over it.
struct Overlay {
  private(set) var items: [ItemSyntax] = []
  private(set) var diagnostics: [Diagnostic] = []
  private let sources: [SourceFile]
  /// Where the item of a key lies in `items`.
  private var positions: [String: Int] = [:]

  /// Lays models over one another, the base first.
  init(_ models: [ModelSyntax], sources: [SourceFile]) {
    self.sources = sources
    for model in models { lay(model) }
  }

  private mutating func lay(_ model: ModelSyntax) {
    var own: Set<String> = []
    for item in model.items {
      if case .remove(let name) = item.kind {
        remove(name)
        continue
      }
      let key = item.key
      if key != "source", !own.insert(key).inserted {
        complain("'\(key)' stands twice in this model; remove one", at: item.span)
        continue
      }
      if key != "source", let position = positions[key] {
        items[position] = item
      } else {
        positions[key] = items.count
        items.append(item)
      }
    }
  }

  private mutating func remove(_ name: Identifier) {
    let matches = items.indices.filter { items[$0].key == name.text || items[$0].name == name.text }
    if matches.isEmpty { complain("the base has no '\(name.text)' to remove", at: name.span) }
    let gone = Set(matches)
    items = items.indices.filter { !gone.contains($0) }.map { items[$0] }
    positions = [:]
    for (position, item) in items.enumerated() { positions[item.key] = position }
  }

  private mutating func complain(_ message: String, at span: Span) {
    diagnostics.append(Diagnostic(message, at: span, in: sources[span.file]))
  }
}
