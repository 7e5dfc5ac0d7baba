internal import TOMLKit
internal import TOMLText

/// One theme file, parsed and checked as far as that goes without those that it inherits from.
struct ThemeText {
  /// A colour as it is written.
  enum ColorText: Hashable {
    case color(Color)
    case name(String, TOMLPositions.Span)
    case terminalDefault

    func color(in palette: [String: Color]) -> Color? {
      switch self {
      case .color(let color): color
      case .name(let name, _): palette[name]
      case .terminalDefault: nil
      }
    }
  }

  /// A style as it is written.
  struct StyleText: Hashable {
    var foreground: ColorText?
    var background: ColorText?
    var emphasis: Emphasis = []
  }

  private(set) var title: String?
  private(set) var inherits: String?
  private(set) var palette: [String: Color] = [:]
  /// Names whose colour is wrong: reported once, not again at every use.
  private(set) var brokenPalette: Set<String> = []
  private(set) var styles: [Role: StyleText] = [:]
  private var diagnostics: [ThemeDiagnostic] = []
  private let file: ThemeFile
  private let lines: [String]
  private let positions: TOMLPositions

  init(_ file: ThemeFile, expectedName: String) {
    self.file = file
    // By scalars: to Swift, a carriage return and a line feed are one character.
    lines = file.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.last == "\r" ? line.dropLast() : line)
    }
    let table: TOMLTable
    do {
      if let line = lines.firstIndex(where: { $0.unicodeScalars.contains("\0") }) {
        positions = TOMLPositions("")
        report(
          "a text file holds no null characters; remove them",
          at: TOMLPositions.Span(line: line + 1, column: 1, length: 1))
        return
      }
      positions = TOMLPositions(file.text)
      if let fault = positions.faults.first {
        report(fault.message, at: fault.span)
        return
      }
      table = try TOMLTable(string: file.text)
    } catch let error as TOMLParseError {
      report(
        "this is not TOML: \(error.description)",
        at: TOMLPositions.Span(line: error.source.begin.line, column: error.source.begin.column, length: 1))
      return
    } catch {
      report("this is not TOML: \(error)", at: Self.top)
      return
    }
    read(table, expectedName: expectedName)
  }

  private static let top = TOMLPositions.Span(line: 1, column: 1, length: 1)

  /// Where `inherits` gives its name.
  var inheritsSpan: TOMLPositions.Span { value(["inherits"]) }

  /// The errors in the order of the file.
  var sortedDiagnostics: [ThemeDiagnostic] {
    diagnostics.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
  }

  mutating func report(_ message: String, at span: TOMLPositions.Span) {
    let source = lines.indices.contains(span.line - 1) ? lines[span.line - 1] : ""
    diagnostics.append(
      ThemeDiagnostic(
        path: file.path, line: span.line, column: span.column, length: span.length, message: message,
        source: source))
  }

  /// Reports each colour name that is not among `known`.
  mutating func checkNames(known: Set<String>) {
    let names = known.sorted()
    for role in Role.allCases {
      guard let style = styles[role] else { continue }
      for case .name(let name, let span)? in [style.foreground, style.background] where !known.contains(name)
      {
        let advice =
          Spelling.nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
          ?? "add it under [palette], or write a colour as \"#rrggbb\""
        report("the palette has no colour \"\(name)\"; \(advice)", at: span)
      }
    }
  }

  // MARK: Reading

  private func key(_ path: [String]) -> TOMLPositions.Span { positions.keys[path] ?? Self.top }
  private func value(_ path: [String]) -> TOMLPositions.Span { positions.values[path] ?? key(path) }

  private mutating func read(_ table: TOMLTable, expectedName: String) {
    for key in table.keys.sorted() {
      guard let entry = table[key] else { continue }
      switch key {
      case "name":
        if let name = string(entry, at: [key]), name != expectedName {
          report(
            "the theme calls itself \"\(name)\" but its file is found as \"\(expectedName)\"; make the two the same",
            at: value([key]))
        }
      case "title": title = string(entry, at: [key])
      case "inherits": inherits = string(entry, at: [key])
      case "palette":
        if let entries = section(entry, at: key) { readPalette(entries) }
      case "styles":
        if let entries = section(entry, at: key) { readStyles(entries) }
      default:
        report(
          "a theme has no \"\(key)\"; \(advice(key, ["name", "title", "inherits", "palette", "styles"]))",
          at: self.key([key]))
      }
    }
  }

  private mutating func readPalette(_ table: TOMLTable) {
    for name in table.keys.sorted() {
      guard let entry = table[name] else { continue }
      let path = ["palette", name]
      guard let text = string(entry, at: path) else {
        brokenPalette.insert(name)
        continue
      }
      if name == "default" {
        report("\"default\" is a colour already; choose another name", at: key(path))
      } else if let color = Color(hex: text) {
        palette[name] = color
      } else {
        brokenPalette.insert(name)
        report("\"\(text)\" is not a colour; write it as \"#rrggbb\" or \"#rgb\"", at: value(path))
      }
    }
  }

  private mutating func readStyles(_ table: TOMLTable) {
    for name in table.keys.sorted() {
      guard let entry = table[name] else { continue }
      guard let role = Role(rawValue: name) else {
        report(
          "there is no role \"\(name)\"; \(advice(name, Role.allCases.map(\.rawValue)))",
          at: key(["styles", name]))
        continue
      }
      let path = ["styles", name]
      switch entry.type {
      case .string:
        styles[role] = StyleText(foreground: entry.string.flatMap { color($0, at: path) })
      case .table:
        if let table = entry.table { styles[role] = readStyle(table, at: path) }
      default:
        report(
          "a style is { fg = …, bg = …, bold = true, … } or the name of a colour, not \(article(entry.type))",
          at: value(path))
      }
    }
  }

  private mutating func readStyle(_ table: TOMLTable, at path: [String]) -> StyleText {
    var style = StyleText()
    for name in table.keys.sorted() {
      guard let entry = table[name] else { continue }
      let path = path + [name]
      if name == "fg" || name == "bg" {
        guard let text = string(entry, at: path), let color = color(text, at: path) else { continue }
        if name == "fg" { style.foreground = color } else { style.background = color }
      } else if let emphasis = Emphasis.named.first(where: { $0.name == name }) {
        if let on = entry.bool {
          if on { style.emphasis.insert(emphasis.value) }
        } else {
          report("\"\(name)\" is true or false, not \(article(entry.type))", at: value(path))
        }
      } else {
        report(
          "a style has no \"\(name)\"; \(advice(name, ["fg", "bg"] + Emphasis.named.map(\.name)))",
          at: key(path))
      }
    }
    return style
  }

  private mutating func color(_ text: String, at path: [String]) -> ColorText? {
    if text == "default" { return .terminalDefault }
    if text.first != "#" { return .name(text, value(path)) }
    if let color = Color(hex: text) { return .color(color) }
    report("\"\(text)\" is not a colour; write it as \"#rrggbb\" or \"#rgb\"", at: value(path))
    return nil
  }

  private mutating func string(_ entry: any TOMLValueConvertible, at path: [String]) -> String? {
    if let text = entry.string { return text }
    let name = path.last ?? ""
    report("\"\(name)\" is a text in quotes, not \(article(entry.type))", at: value(path))
    return nil
  }

  private mutating func section(_ entry: any TOMLValueConvertible, at name: String) -> TOMLTable? {
    if let table = entry.table { return table }
    report("\"\(name)\" is a table, headed by [\(name)], not \(article(entry.type))", at: value([name]))
    return nil
  }

  private func advice(_ word: String, _ words: [String]) -> String {
    if let nearest = Spelling.nearest(to: word, among: words) { return "did you mean \"\(nearest)\"?" }
    return words.count <= 8
      ? "there are \(words.joined(separator: ", "))" : "remove it, or give it the name of a role"
  }

  private func article(_ type: TOMLType) -> String {
    let name = type == .bool ? "boolean" : type.description
    return "aeiou".contains(name.first ?? " ") ? "an \(name)" : "a \(name)"
  }
}
