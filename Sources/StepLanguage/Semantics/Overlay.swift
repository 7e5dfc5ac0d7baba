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
  /// The models that gave each of `laid`, one after another.
  private var owners: [[Int]] = []
  private var names: [String] = []
  /// What is no mistake but may surprise.
  private(set) var notes: [Diagnostic] = []
  /// The keys of the items of a name.
  private var keys: [String: [String]] = [:]

  /// Lays models over one another, the base first.
  init(_ models: [ModelSyntax], sources: [SourceFile]) {
    self.sources = sources
    names = models.map(\.name.text)
    for (number, model) in models.enumerated() { lay(model, number) }
  }

  private mutating func lay(_ model: ModelSyntax, _ number: Int) {
    var own: Set<String> = []
    for item in model.items {
      if case .remove(let name) = item.kind {
        remove(name)
        continue
      }
      let key = item.key
      if case .patch(let patch) = item.kind {
        if !own.insert(key).inserted || own.contains(patch.target) {
          complain("'\(patch.target)' is changed twice in this model; join the changes", at: item.span)
        } else {
          change(patch, at: item.span, in: model)
        }
        continue
      }
      if key != "source", own.contains("in \(key)") {
        complain("'\(key)' is changed twice in this model; join the changes", at: item.span)
        continue
      }
      if key != "source", !own.insert(key).inserted {
        complain("'\(key)' stands twice in this model; remove one", at: item.span)
        continue
      }
      if key != "source", let position = positions[key] {
        note(item, replaces: position, by: number)
        laid[position] = item
        owners[position].append(number)
      } else {
        positions[key] = laid.count
        owners.append([number])
        if let name = item.name { keys[name, default: []].append(key) }
        laid.append(item)
      }
    }
  }

  /// A revision that was written against another base may undo what its own base did.
  private mutating func note(_ item: ItemSyntax, replaces position: Int, by number: Int) {
    guard number == names.count - 1, let last = owners[position].last, owners[position].count > 1 else {
      return
    }
    let first = owners[position][owners[position].count - 2]
    notes.append(
      Diagnostic(
        "'\(item.key)' takes the place of the one in '\(names[last])', which itself took the place of the one in '\(names[first])'",
        at: Span(file: item.span.file, start: item.span.start, end: item.span.start + 1),
        in: sources[item.span.file]))
  }

  private mutating func change(_ patch: PatchSyntax, at span: Span, in model: ModelSyntax) {
    guard let position = positions[patch.target], var item = laid[position],
      case .function(var function) = item.kind
    else {
      let known = positions.keys.filter { $0.hasPrefix(patch.kind + " ") }.map {
        String($0.dropFirst(patch.kind.count + 1))
      }
      complain(
        model.base == nil
          ? "only a revision changes a function of its base"
          : "the base has no '\(patch.target)'\(Spelling.suggestion(patch.name.text, among: known))",
        at: patch.name.span)
      return
    }
    let result = Patch(patch, of: &function, base: model.base?.text ?? "", sources: sources)
    diagnostics += result.diagnostics
    function.patches.append(span)
    item.kind = .function(function)
    laid[position] = item
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
