extension Surface {
  /// The surface as text with escape sequences (ECMA-48 SGR), for `cat` and for pagers.
  ///
  /// Each row ends with a reset and a line feed, so that rows can be cut apart.
  public func ansi(theme: Theme, capability: ColorCapability) -> String {
    var result = ""
    for y in 0..<height {
      var styled = false
      for run in styleRuns(row: y) {
        let look = theme.style(for: run.style, capability: capability)
        let codes = look.sgr(capability)
        if !codes.isEmpty || styled {
          result += "\u{1B}[" + (["0"] + codes).joined(separator: ";") + "m"
          styled = !codes.isEmpty
        }
        for x in run.x..<(run.x + run.width) { result += self[x, y].glyph }
      }
      result += styled ? "\u{1B}[0m\n" : "\n"
    }
    return result
  }
}

extension QuantisedStyle {
  /// The parameters of "select graphic rendition" that give this look after a reset.
  func sgr(_ capability: ColorCapability) -> [String] {
    var codes: [String] = []
    if emphasis.contains(.bold) { codes.append("1") }
    if emphasis.contains(.italic) { codes.append("3") }
    if emphasis.contains(.underline) { codes.append("4") }
    if emphasis.contains(.reverse) { codes.append("7") }
    if let foreground { codes += Self.color(foreground, capability, named: 30, bright: 90, extended: "38") }
    if let background { codes += Self.color(background, capability, named: 40, bright: 100, extended: "48") }
    return codes
  }

  private static func color(
    _ value: Int, _ capability: ColorCapability, named: Int, bright: Int, extended: String
  ) -> [String] {
    switch capability {
    case .none: []
    case .sixteen: [String(value < 8 ? named + value : bright + value - 8)]
    case .palette256: [extended, "5", String(value)]
    case .trueColor: [extended, "2", String(value >> 16), String(value >> 8 & 255), String(value & 255)]
    }
  }
}
