public import StepLanguage
internal import TOMLKit
internal import TOMLText

/// Settings as a text that a person reads and edits.
public enum SettingsText {
  /// The settings in a text.
  ///
  /// - Parameters:
  ///   - text: TOML.
  ///   - path: the file's name, for messages.
  /// - Throws: `DiagnosticError` with all that is wrong.
  public static func read(_ text: String, path: String) throws(DiagnosticError) -> Settings {
    var reader = SettingsReader(text, path: path)
    let settings = reader.read()
    guard reader.diagnostics.isEmpty else {
      throw DiagnosticError(reader.diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }
    return settings
  }

  /// Whether a TOML text is meant as settings: nothing but settings has these keys at its top.
  public static func isSettings(_ text: String) -> Bool {
    text.split(separator: "\n").contains { line in
      ["[keys]", "[panels]", "theme =", "mouse =", "objects ="].contains { line.hasPrefix($0) }
    }
  }

  /// The text of settings; reading it again gives the same.
  public static func text(_ settings: Settings) -> String {
    var lines = ["# Settings of ioascope. 'ioascope validate' checks them."]
    if let theme = settings.theme { lines.append("theme = \(quoted(theme))") }
    lines.append("ascii = \(settings.isASCII)")
    lines.append("mouse = \(settings.usesMouse)")
    lines.append("objects = \"\(settings.graphStyle.rawValue)\"")
    if !settings.dividers.isUntouched {
      lines += [
        "", "# Shares of columns and of the panels in them, by the size class of the screen.", "[panels]",
      ]
      for (plan, weights) in settings.dividers.columns.sorted(by: { $0.key < $1.key }) {
        lines.append("columns-\(plan) = \(weights)")
      }
      for (plan, columns) in settings.dividers.parts.sorted(by: { $0.key < $1.key }) {
        for (column, weights) in columns.sorted(by: { $0.key < $1.key }) {
          lines.append("parts-\(plan)-\(column) = \(weights)")
        }
      }
    }
    if !settings.keys.isEmpty {
      lines += ["", "# Commands and their keys; '?' and the manual page list the names.", "[keys]"]
      for command in Command.allCases {
        guard let keys = settings.keys[command] else { continue }
        lines.append("\(command.rawValue) = [\(keys.map { quoted($0.name) }.joined(separator: ", "))]")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}

/// Reads settings and notes all that is wrong with them.
private struct SettingsReader {
  private(set) var diagnostics: [Diagnostic] = []
  private let places: TOMLPlaces

  init(_ text: String, path: String) {
    places = TOMLPlaces(SourceFile(name: path, text: text), text: text)
  }

  private mutating func report(_ message: String, _ path: [String], atKey: Bool = false) {
    diagnostics.append(places.diagnostic(message, path, atKey: atKey))
  }

  mutating func read() -> Settings {
    var settings = Settings()
    let table: TOMLTable
    do throws(DiagnosticError) {
      table = try places.table()
    } catch {
      diagnostics += error.diagnostics
      return settings
    }
    let known = ["theme", "ascii", "mouse", "objects", "panels", "keys"]
    for key in table.keys.sorted() where !known.contains(key) {
      report("there is no setting '\(key)'; there are \(known.joined(separator: ", "))", [key], atKey: true)
    }
    if table["theme"] != nil {
      settings.theme = table["theme"]?.string
      if settings.theme == nil { report("a theme is a name or a file in quotes", ["theme"]) }
    }
    settings.isASCII = flag(table, "ascii") ?? settings.isASCII
    settings.usesMouse = flag(table, "mouse") ?? settings.usesMouse
    if table["objects"] != nil {
      if let style = table["objects"]?.string.flatMap({ GraphStyle(rawValue: $0) }) {
        settings.graphStyle = style
      } else {
        report("objects are drawn as \"automatic\", \"tree\" or \"cards\"", ["objects"])
      }
    }
    readKeys(table, &settings)
    readPanels(table, &settings)
    return settings
  }

  private mutating func flag(_ table: TOMLTable, _ key: String) -> Bool? {
    guard table[key] != nil else { return nil }
    guard let value = table[key]?.bool else {
      report("'\(key)' is true or false", [key])
      return nil
    }
    return value
  }

  private mutating func readKeys(_ table: TOMLTable, _ settings: inout Settings) {
    guard table["keys"] != nil else { return }
    guard let keys = table["keys"]?.table else {
      report("keys are a table: a command's name, and its keys", ["keys"])
      return
    }
    var taken: [Keystroke: String] = [:]
    for name in keys.keys.sorted() {
      guard let command = Command(rawValue: name), let row = KeyTable.standard.binding(of: command) else {
        report("there is no command '\(name)'", ["keys", name], atKey: true)
        continue
      }
      guard row.context != .overlay else {
        report("the keys of lists cannot be changed", ["keys", name], atKey: true)
        continue
      }
      var texts: [(String, [String])] = []
      if let one = keys[name]?.string {
        texts = [(one, ["keys", name])]
      } else if let several = keys[name]?.array {
        texts = several.enumerated().map { ($1.string ?? "", ["keys", name, String($0)]) }
      } else {
        report("keys are a name in quotes or a list of names", ["keys", name])
        continue
      }
      var found: [Keystroke] = []
      for (text, path) in texts {
        guard let key = Keystroke(name: text), key.canBeBound else {
          report(
            "there is no key '\(text)'; keys are such as \"x\", \"ctrl-x\", \"alt-x\", \"f5\", \"page-up\"",
            path)
          continue
        }
        if let other = taken[key] {
          report("'\(text)' is '\(other)' already", path)
          continue
        }
        taken[key] = name
        found.append(key)
      }
      settings.keys[command] = found
    }
    // Without a way out a user would be stuck.
    if let quit = settings.keys[.quit], quit.isEmpty { report("quit needs a key", ["keys", "quit"]) }
  }

  private mutating func readPanels(_ table: TOMLTable, _ settings: inout Settings) {
    guard table["panels"] != nil else { return }
    guard let panels = table["panels"]?.table else {
      report("panels are a table", ["panels"])
      return
    }
    for name in panels.keys.sorted() {
      let weights = panels[name]?.array?.compactMap { $0.int } ?? []
      guard !weights.isEmpty, weights.count == panels[name]?.array?.count,
        weights.allSatisfy({ (1...10_000).contains($0) })
      else {
        report("'\(name)' is a list of numbers from 1", ["panels", name])
        continue
      }
      let parts = name.split(separator: "-")
      let numbers = parts.dropFirst().compactMap { Int($0) }.filter { (0...9).contains($0) }
      switch (parts.first, numbers.count, parts.count) {
      case ("columns", 1, 2): settings.dividers.columns[numbers[0]] = weights
      case ("parts", 2, 3): settings.dividers.parts[numbers[0], default: [:]][numbers[1]] = weights
      default: report("there is no setting '\(name)'", ["panels", name], atKey: true)
      }
    }
  }
}

extension Keystroke {
  /// Whether a command can have it as its key.
  var canBeBound: Bool {
    switch self {
    case .mouse, .resize, .paste: false
    default: true
    }
  }
}
