import StepLanguage

/// A line of the palette.
enum PaletteEntry: Hashable {
  /// A command with its keys.
  case command(KeyBinding)
  /// An operation of the model: its index among the entries.
  case operation(Int)
}

extension AppState {
  /// Commands that mean something only with their own key, or in a list.
  private static let unlisted: Set<Command> = [
    .chooseThread, .palette, .up, .down, .left, .right, .pageUp, .pageDown, .back,
  ]

  /// The commands and operations that match what was typed, the best match first.
  ///
  /// A text matches when its letters stand in order in the title, the name or the help (as fuzzy finders do); the closer together they
  /// stand, and the nearer to the beginning of a word, the better.
  func paletteEntries(matching filter: String) -> [PaletteEntry] {
    let program = timeline.world.program
    let commands = keys.bindings.filter { $0.context != .overlay && !Self.unlisted.contains($0.command) }.map
    {
      (entry: PaletteEntry.command($0), name: "\($0.title) \($0.command.rawValue)", help: $0.help)
    }
    let operations = program.entries.indices.map { index in
      (
        entry: PaletteEntry.operation(index), name: program.entries[index].name,
        help: program.entries[index].title
      )
    }
    guard !filter.isEmpty else { return (commands + operations).map(\.entry) }
    let scored = (commands + operations).enumerated().compactMap {
      number, line -> (Int, Int, PaletteEntry)? in
      let own = FuzzyMatch.score(filter, in: line.name)
      let told = FuzzyMatch.words(filter, in: "\(line.name) \(line.help)") ? 1 : nil
      guard let score = [own, told].compactMap({ $0 }).max() else { return nil }
      return (score, number, line.entry)
    }
    return scored.sorted { ($1.0, $0.1) < ($0.0, $1.1) }.map(\.2)
  }
}

/// Whether and how well a typed text matches a line.
enum FuzzyMatch {
  /// How well the letters of a pattern stand in order in a text; nil when they do not.
  static func score(_ pattern: String, in text: String) -> Int? {
    let letters = Array(text.lowercased())
    var position = 0
    var score = 10
    var last: Int?
    for wanted in pattern.lowercased() where wanted != " " {
      guard let found = letters[position...].firstIndex(of: wanted) else { return nil }
      let beginsWord =
        found == 0 || letters[found - 1] == " " || letters[found - 1] == "-" || letters[found - 1] == "_"
      if last == found - 1 { score += 5 } else { score -= min(3, found - (last ?? 0)) }
      if beginsWord { score += 4 }
      last = found
      position = found + 1
    }
    return max(2, score)
  }

  /// Whether every word of a pattern stands in a text.
  static func words(_ pattern: String, in text: String) -> Bool {
    let text = text.lowercased()
    return pattern.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
  }
}
