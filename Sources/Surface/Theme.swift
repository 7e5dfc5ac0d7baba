/// What each role looks like.
///
/// A theme is a TOML file:
///
///     name = "dusk"
///     title = "Dusk"
///     inherits = "dark"            # optional: what is not said here is as it is there
///
///     [palette]                    # names for colours, on top of the inherited ones
///     rose = "#e06c75"
///
///     [styles]                     # the look of roles, each in place of the inherited one
///     error = { fg = "rose", bold = true }
///     dim = "#808080"              # short for { fg = "#808080" }
///
/// A colour is the name of a palette entry, `#rrggbb`, `#rgb`, or `default`. That is what a style has that does not
/// mention the colour: the one of `text` or `background`, and for these two the terminal's own. A palette that changes
/// an inherited name changes the inherited styles that use it.
public struct Theme: Hashable, Sendable {
  /// The name that selects the theme.
  public let name: String
  /// The name for people.
  public let title: String
  /// The roles that the theme, or one that it inherits from, says something about.
  public let styledRoles: Set<Role>
  private let styles: [Role: Style]

  init(name: String, title: String, styles: [Role: Style]) {
    self.name = name
    self.title = title
    self.styles = styles
    styledRoles = Set(styles.keys)
  }

  /// The terminal's own colours and a few attributes: what is left when no theme file can be read.
  public static let plain = Theme(
    name: "plain", title: "Plain",
    styles: [
      .title: Style(emphasis: .bold), .headline: Style(emphasis: .bold), .key: Style(emphasis: .bold),
      .borderFocused: Style(emphasis: .bold), .selection: Style(emphasis: .reverse),
      .sourceCurrent: Style(emphasis: .reverse), .timelineHere: Style(emphasis: .reverse),
      .statusBar: Style(emphasis: .reverse), .error: Style(emphasis: .bold), .finding: Style(emphasis: .bold),
      .changed: Style(emphasis: .bold), .freed: Style(emphasis: .underline),
    ])

  /// The look of a role by itself. A role that the theme does not mention looks like `.text`.
  public func style(of role: Role) -> Style {
    styles[role] ?? styles[.text] ?? Style()
  }

  /// The look of a cell: the role's, with the page behind it where nothing else is.
  public func style(for cell: CellStyle) -> Style {
    let own = style(of: cell.role)
    var result = Style(
      foreground: own.foreground ?? styles[.text]?.foreground,
      background: own.background ?? styles[.background]?.background,
      emphasis: own.emphasis.union(cell.emphasis))
    if let role = cell.backgroundRole {
      let behind = style(of: role)
      if let background = behind.background { result.background = background }
      // A theme without colours marks a background by reversing it.
      result.emphasis.formUnion(behind.emphasis.intersection(.reverse))
    }
    return result
  }

  /// The look of a cell in the colours of `capability`.
  ///
  /// A background that differs from the page's still does so with few colours: with sixteen it becomes grey when it would
  /// fall together with the page, without any it becomes reverse video.
  public func style(for cell: CellStyle, capability: ColorCapability) -> QuantisedStyle {
    let style = style(for: cell)
    var result = style.quantised(to: capability)
    let page = styles[.background]?.background
    guard style.background != page else { return result }
    if capability == .none {
      result.emphasis.insert(.reverse)
    } else if capability == .sixteen, let page, let behind = style.background,
      behind.nearestOf16 == page.nearestOf16
    {
      let dark = page.luma < 128
      result.background = dark ? 8 : 7
      if result.foreground == nil || result.foreground == 7 || result.foreground == 8 {
        result.foreground = dark ? 15 : 0
      }
    }
    return result
  }

  /// Reads the theme `name` and those that it inherits from.
  ///
  /// - Parameter read: Gives the file of a name, or `nil` when there is none. Called once for each theme.
  /// - Throws: `ThemeError`, with every error that could be found, and whatever `read` throws.
  public static func load(_ name: String, read: (String) throws -> ThemeFile?) throws -> Theme {
    guard let file = try read(name) else { throw ThemeError.notFound(name: name) }
    var parts = [ThemeText(file, expectedName: name)]
    var names = [name]
    while let last = parts.last, let parent = last.inherits {
      if let start = names.firstIndex(of: parent) {
        let circle = (names[start...] + [parent]).joined(separator: " inherits ")
        parts[parts.count - 1].report(
          "\(circle), which never ends; remove one \"inherits\"", at: parts[parts.count - 1].inheritsSpan)
        break
      }
      guard let file = try read(parent) else {
        parts[parts.count - 1].report(
          "there is no theme \"\(parent)\" to inherit from; name one that exists, or remove this line",
          at: parts[parts.count - 1].inheritsSpan)
        break
      }
      names.append(parent)
      parts.append(ThemeText(file, expectedName: parent))
    }

    // From the oldest ancestor on, so that the younger has the last word. A style is resolved after that, in
    // the palette of the youngest.
    var palette: [String: Color] = [:]
    var chosen: [Role: (style: ThemeText.StyleText, part: Int)] = [:]
    var known: [Set<String>] = Array(repeating: [], count: parts.count)
    for index in parts.indices.reversed() {
      palette.merge(parts[index].palette) { _, younger in younger }
      known[index] = Set(palette.keys).union(parts[index].brokenPalette)
      for (role, style) in parts[index].styles { chosen[role] = (style, index) }
    }
    for index in parts.indices { parts[index].checkNames(known: known[index]) }
    let diagnostics = parts.flatMap(\.sortedDiagnostics)
    guard diagnostics.isEmpty else { throw ThemeError.invalid(diagnostics) }
    return Theme(
      name: name, title: parts[0].title ?? name,
      styles: chosen.mapValues { choice in
        Style(
          foreground: choice.style.foreground?.color(in: palette),
          background: choice.style.background?.color(in: palette), emphasis: choice.style.emphasis)
      })
  }
}
