import Interface

/// The table of keys as Markdown.
enum KeyPage {
  /// The page, made from the table that the interface itself uses.
  static var markdown: String {
    var lines = [
      "# Keys", "",
      "Made by `ioascope manual keys` from the table that the program uses. The name of a command is what the palette, `:` and `[keys]` in the settings know it by.",
    ]
    for section in KeyBinding.Section.allCases {
      let rows = KeyTable.standard.bindings.filter { $0.section == section }
      guard !rows.isEmpty else { continue }
      lines += ["", "## \(section.rawValue)", "", "| keys | command | what it does |", "| --- | --- | --- |"]
      for row in rows {
        let keys = row.keys.count > 4 ? ["\(row.keysText)"] : row.keys.map(\.name)
        let shown = keys.map { "`\($0 == "|" ? "\\|" : $0)`" }.joined(separator: " ")
        lines.append("| \(shown) | `\(row.command.rawValue)` | \(row.help) |")
      }
    }
    return lines.joined(separator: "\n")
  }
}
