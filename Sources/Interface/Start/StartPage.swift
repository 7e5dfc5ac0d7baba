public import Surface

/// What the program shows when it is called without a command: what can be opened.
public struct StartPage: Hashable, Sendable {
  /// Something to open.
  public struct Entry: Hashable, Sendable {
    /// What sort of thing.
    public enum Kind: Hashable, Sendable {
      /// A session that was recorded or replayed lately; its path.
      case session
      /// A scenario; its name.
      case scenario
      /// A lesson; its name.
      case lesson
    }

    /// What sort of thing.
    public let kind: Kind
    /// Its name or path.
    public let name: String
    /// Its heading.
    public let title: String

    /// Something to open.
    public init(kind: Kind, name: String, title: String) {
      self.kind = kind
      self.name = name
      self.title = title
    }
  }

  /// What the user wants.
  public enum Effect: Hashable, Sendable {
    /// To open an entry.
    case open(Entry)
    /// To end.
    case quit
    /// To stop the process, as ctrl-z does.
    case suspend
  }

  /// All entries, sessions first.
  public let entries: [Entry]
  /// What was typed to narrow the list down.
  public private(set) var filter = ""
  /// The chosen one among those that match.
  public private(set) var cursor = 0
  /// The model that scenarios are opened with.
  public let model: String

  /// A page.
  public init(entries: [Entry], model: String) {
    self.entries = entries
    self.model = model
    // The mail's own scenario is what a newcomer wants.
    cursor = entries.firstIndex { $0.name == "attach-pin-replace" } ?? 0
  }

  /// The entries that hold every typed word.
  public var matching: [Entry] {
    let words = filter.lowercased().split(separator: " ")
    return entries.filter { entry in
      let text = "\(entry.name) \(entry.title)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  /// What becomes of the page when a key is pressed.
  public mutating func take(_ key: Keystroke) -> Effect? {
    let count = matching.count
    switch key {
    case .control("c"): return .quit
    case .control("z"): return .suspend
    case .character("q") where filter.isEmpty: return .quit
    case .escape:
      if filter.isEmpty { return .quit }
      filter = ""
      cursor = 0
    case .up: cursor = max(0, cursor - 1)
    case .down: cursor = min(max(0, count - 1), cursor + 1)
    case .pageUp: cursor = max(0, cursor - 10)
    case .pageDown: cursor = min(max(0, count - 1), cursor + 10)
    case .home: cursor = 0
    case .end: cursor = max(0, count - 1)
    case .enter:
      guard matching.indices.contains(cursor) else { return nil }
      return .open(matching[cursor])
    case .backspace:
      filter = String(filter.dropLast())
      cursor = 0
    case .character(let character):
      filter.append(character)
      cursor = 0
    default: break
    }
    return nil
  }

  /// The page at a size.
  public func view(size: Size, glyphs: GlyphSet) -> Surface {
    var surface = Surface(size: size, glyphs: glyphs)
    guard size.width >= 20, size.height >= 6 else { return surface }
    let width = size.width - 4
    surface.write("ioascope", x: 2, y: 0, role: .title, emphasis: .bold, maxWidth: width)
    surface.writeShortened(
      "steps, checks and shows the lifetimes of Linux iommufd objects; scenarios open with \(model)", x: 2,
      y: 1,
      role: .dim, maxWidth: width)
    let prompt = filter.isEmpty ? "type to narrow this down" : filter
    surface.write("\(glyphs.here) ", x: 2, y: 2, role: .key)
    surface.write(prompt, x: 4, y: 2, role: filter.isEmpty ? .dim : .input, maxWidth: width - 2)
    let rows = size.height - 5
    let found = matching
    let first = max(0, min(cursor - rows / 2, found.count - rows))
    let names = min(width / 2, (found.map(\.name.count).max() ?? 0) + 2)
    for (row, entry) in found.dropFirst(first).prefix(rows).enumerated() {
      let y = 4 + row
      surface.writeShortened(
        entry.name, x: 4, y: y, role: entry.kind == .session ? .file : .headline, maxWidth: names - 2)
      let title: String
      switch entry.kind {
      case .session: title = "session  \(entry.title)"
      case .lesson: title = "lesson  \(entry.title)"
      case .scenario: title = entry.title
      }
      surface.writeShortened(title, x: 4 + names, y: y, role: .text, maxWidth: max(0, width - names - 2))
      if first + row == cursor {
        surface.write(glyphs.here, x: 2, y: y, role: .key)
        surface.restyle(Rect(x: 2, y: y, width: width, height: 1), background: .selection)
      }
    }
    if found.isEmpty { surface.write("nothing matches; esc clears", x: 4, y: 4, role: .dim, maxWidth: width) }
    surface.writeShortened(
      "enter open  esc quit  up down choose", x: 2, y: size.height - 1, role: .keyHint, maxWidth: width)
    return surface
  }
}
