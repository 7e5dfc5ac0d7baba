import Basics

/// The items of a base with those of each revision laid over it.
struct Overlay {
  /// All items in order; nil where one was removed.
  private var laid: [ItemSyntax?] = []
  /// What is left of them.
  var items: [ItemSyntax] { laid.compactMap { $0 } }
  private(set) var diagnostics: [Diagnostic] = []
  private let sources: [SourceFile]
  /// Where the item of a key lies in `laid`.
  private var positions: [String: Int] = [:]
  /// The keys of the items of a name.
  private var keys: [String: [String]] = [:]

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
        laid[position] = item
      } else {
        positions[key] = laid.count
        if let name = item.name { keys[name, default: []].append(key) }
        laid.append(item)
      }
    }
  }

  private mutating func remove(_ name: Identifier) {
    let matches = positions[name.text] != nil ? [name.text] : keys[name.text] ?? []
    if matches.isEmpty { complain("the base has no '\(name.text)' to remove", at: name.span) }
    for key in matches {
      guard let position = positions.removeValue(forKey: key) else { continue }
      if let own = laid[position]?.name { keys[own]?.removeAll { $0 == key } }
      laid[position] = nil
    }
  }

  private mutating func complain(_ message: String, at span: Span) {
    diagnostics.append(Diagnostic(message, at: span, in: sources[span.file]))
  }
}
