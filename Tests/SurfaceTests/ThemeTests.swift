import CustomDump
import Glibc
import Surface
import Testing

struct ThemeTests {
  static let shipped = ["dark", "light", "high-contrast", "colour-blind", "monochrome"]

  /// From the checkout's `themes` folder.
  static func file(_ name: String) -> ThemeFile? {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
      separator: "/")
    let descriptor = open("\(root)/themes/\(name).toml", O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return ThemeFile(path: "themes/\(name).toml", text: String(decoding: bytes, as: UTF8.self))
  }

  static func shippedTheme(_ name: String) throws -> Theme {
    try Theme.load(name, read: file)
  }

  @Test(arguments: shipped)
  func shippedThemesStyleEveryRole(name: String) throws {
    let theme = try Self.shippedTheme(name)
    #expect(theme.name == name)
    #expect(!theme.title.isEmpty)
    for role in Role.allCases {
      #expect(theme.styledRoles.contains(role), "\(name) says nothing about \(role.rawValue)")
    }
  }

  /// Contrast as in WCAG 2: from 1 to 21.
  func contrast(_ first: Color, _ second: Color) -> Double {
    func luminance(_ color: Color) -> Double {
      func linear(_ part: UInt8) -> Double {
        let value = Double(part) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
    }
    let (a, b) = (luminance(first), luminance(second))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  @Test(arguments: [("dark", 4.5), ("light", 4.5), ("high-contrast", 7), ("colour-blind", 4.5)])
  func shippedThemesCanBeRead(name: String, least: Double) throws {
    let theme = try Self.shippedTheme(name)
    // Lines may step back further than words.
    let lines: Set<Role> = [.background, .border, .edgeList]
    for role in Role.allCases where !lines.contains(role) {
      for background: Role? in [nil, .selection, .sourceCurrent] {
        let style = theme.style(for: CellStyle(role: role, backgroundRole: background))
        let text = try #require(style.foreground)
        let behind = try #require(style.background)
        // A role with a background of its own is not meant for another.
        if background != nil, theme.style(of: role).background != nil { continue }
        // On a selected line the finest shades may lose a little.
        let needed = background == nil ? least : min(least, 3)
        let found = contrast(text, behind)
        #expect(found >= needed, "\(role.rawValue) on \(background?.rawValue ?? "the page"): \(found)")
      }
    }
  }

  @Test(arguments: shipped)
  func selectionShowsWithAnyNumberOfColours(name: String) throws {
    let theme = try Self.shippedTheme(name)
    for capability in ColorCapability.allCases {
      for role: Role in [.selection, .sourceCurrent, .statusBar, .timelineHere] {
        let plain = theme.style(for: CellStyle(role: .text), capability: capability)
        let marked = theme.style(for: CellStyle(role: .text, backgroundRole: role), capability: capability)
        #expect(
          plain.background != marked.background || plain.emphasis != marked.emphasis,
          "\(role.rawValue) in \(capability.rawValue)")
        #expect(marked.foreground == nil || marked.foreground != marked.background)
      }
    }
  }

  @Test func monochromeHasNoColour() throws {
    let theme = try Self.shippedTheme("monochrome")
    for role in Role.allCases {
      #expect(theme.style(of: role).foreground == nil && theme.style(of: role).background == nil)
    }
  }

  @Test func shippedThemesDiffer() throws {
    let looks = try Self.shipped.map { name in
      let theme = try Self.shippedTheme(name)
      return Role.allCases.map { theme.style(of: $0) }
    }
    #expect(Set(looks).count == Self.shipped.count)
  }

  @Test func youngerPaletteChangesInheritedStyles() throws {
    let files = [
      "old":
        "name = 'old'\ntitle = 'Old'\n[palette]\na = '#111'\nb = '#222'\n[styles]\ntext = 'a'\ndim = { fg = 'b', bold = true }\n",
      "young":
        "inherits = \"old\"\n[palette]\na = '#333333'\n[styles]\ndim.fg = 'default'\ndim.bg = 'a'\n\"key\" = '#444'\n",
    ]
    let theme = try Theme.load("young") { name in files[name].map { ThemeFile(path: name, text: $0) } }
    #expect(theme.title == "young")
    #expect(theme.style(of: .text) == Style(foreground: Color(hex: "#333")))
    #expect(theme.style(of: .dim) == Style(background: Color(hex: "#333")))
    #expect(theme.style(of: .key) == Style(foreground: Color(hex: "#444")))
    // What nobody mentions looks like text.
    #expect(theme.style(of: .space) == theme.style(of: .text))
    #expect(theme.styledRoles == [.text, .dim, .key])
  }

  /// What a person reads when the file `mine.toml` has `text`; the other files are in `others`.
  func complaint(_ text: String, _ others: [String: String] = [:]) -> String {
    do {
      _ = try Theme.load("mine") { name in
        name == "mine"
          ? ThemeFile(path: "mine.toml", text: text)
          : others[name].map { ThemeFile(path: "\(name).toml", text: $0) }
      }
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test func reportsEveryErrorWithItsPlace() {
    expectNoDifference(
      complaint(
        """
        name = "other"
        titel = "Mine"

        [palette]
        good = "#a0b0c0"
        bad = "#12345"
        number = 7

        [styles]
        texd = "good"
        text = { fg = "god", bg = "bad", bald = true }
        error = { fg = "#zzz", bold = "yes", bg = 3 }
        "quux" = { }
        ok = 1.5
        dim = [ "good" ]
        key = "no such colour"
        """),
      """
      mine.toml:1:8: error: the theme calls itself "other" but its file is found as "mine"; make the two the same
       1 | name = "other"
         |        ^~~~~~~
      mine.toml:2:1: error: a theme has no "titel"; there are name, title, inherits, palette, styles
       2 | titel = "Mine"
         | ^~~~~
      mine.toml:6:7: error: "#12345" is not a colour; write it as "#rrggbb" or "#rgb"
       6 | bad = "#12345"
         |       ^~~~~~~~
      mine.toml:7:10: error: "number" is a text in quotes, not an integer
       7 | number = 7
         |          ^
      mine.toml:10:1: error: there is no role "texd"; did you mean "text"?
       10 | texd = "good"
          | ^~~~
      mine.toml:11:15: error: the palette has no colour "god"; did you mean "good"?
       11 | text = { fg = "god", bg = "bad", bald = true }
          |               ^~~~~
      mine.toml:11:34: error: a style has no "bald"; did you mean "bold"?
       11 | text = { fg = "god", bg = "bad", bald = true }
          |                                  ^~~~
      mine.toml:12:16: error: "#zzz" is not a colour; write it as "#rrggbb" or "#rgb"
       12 | error = { fg = "#zzz", bold = "yes", bg = 3 }
          |                ^~~~~~
      mine.toml:12:31: error: "bold" is true or false, not a string
       12 | error = { fg = "#zzz", bold = "yes", bg = 3 }
          |                               ^~~~~
      mine.toml:12:43: error: "bg" is a text in quotes, not an integer
       12 | error = { fg = "#zzz", bold = "yes", bg = 3 }
          |                                           ^
      mine.toml:13:1: error: there is no role "quux"; remove it, or give it the name of a role
       13 | "quux" = { }
          | ^~~~~~
      mine.toml:14:6: error: a style is { fg = …, bg = …, bold = true, … } or the name of a colour, not a floating-point number
       14 | ok = 1.5
          |      ^~~
      mine.toml:15:7: error: a style is { fg = …, bg = …, bold = true, … } or the name of a colour, not an array
       15 | dim = [ "good" ]
          |       ^~~~~~~~~~
      mine.toml:16:7: error: the palette has no colour "no such colour"; add it under [palette], or write a colour as "#rrggbb"
       16 | key = "no such colour"
          |       ^~~~~~~~~~~~~~~~
      """)
  }

  @Test func reportsWhatIsNotTOML() {
    let text = complaint("title = \"Mine\"\n[styles\ntext = \"ink\"\n")
    #expect(text.hasPrefix("mine.toml:2:8: error: this is not TOML: "), "\(text)")
    #expect(text.hasSuffix("\n 2 | [styles\n   |        ^"), "\(text)")
    #expect(
      complaint("title = \"\0\"").hasPrefix("mine.toml:1:1: error: a text file holds no null characters"))
  }

  @Test func reportsSectionsOfAWrongType() {
    expectNoDifference(
      complaint("palette = 3\nstyles = \"x\"\r\ninherits = true\n"),
      """
      mine.toml:1:11: error: "palette" is a table, headed by [palette], not an integer
       1 | palette = 3
         |           ^
      mine.toml:2:10: error: "styles" is a table, headed by [styles], not a string
       2 | styles = "x"
         |          ^~~
      mine.toml:3:12: error: "inherits" is a text in quotes, not a boolean
       3 | inherits = true
         |            ^~~~
      """)
  }

  @Test func reportsCirclesAndMissingAncestors() {
    expectNoDifference(
      complaint("title = 'x'\ninherits = 'a'\n", ["a": "inherits = 'b'\n", "b": "# b\n  inherits = 'a'\n"]),
      """
      b.toml:2:14: error: a inherits b inherits a, which never ends; remove one "inherits"
       2 |   inherits = 'a'
         |              ^~~
      """)
    expectNoDifference(
      complaint("inherits = 'mine'\n"),
      """
      mine.toml:1:12: error: mine inherits mine, which never ends; remove one "inherits"
       1 | inherits = 'mine'
         |            ^~~~~~
      """)
    expectNoDifference(
      complaint("inherits = 'darc'\n"),
      """
      mine.toml:1:12: error: there is no theme "darc" to inherit from; name one that exists, or remove this line
       1 | inherits = 'darc'
         |            ^~~~~~
      """)
  }

  @Test func reportsErrorsOfAncestorsInTheirFiles() {
    expectNoDifference(
      complaint("inherits = 'a'\n[styles]\nok = 'x'\n", ["a": "[styles]\nok = 'y'\n"]),
      """
      mine.toml:3:6: error: the palette has no colour "x"; add it under [palette], or write a colour as "#rrggbb"
       3 | ok = 'x'
         |      ^~~
      a.toml:2:6: error: the palette has no colour "y"; add it under [palette], or write a colour as "#rrggbb"
       2 | ok = 'y'
         |      ^~~
      """)
  }

  @Test func saysWhenThereIsNone() {
    #expect(throws: ThemeError.notFound(name: "none")) { try Theme.load("none") { _ in nil } }
    #expect("\(ThemeError.notFound(name: "none"))" == "error: there is no theme \"none\"")
  }

  @Test func caretStandsBeneathItsPlace() {
    expectNoDifference(
      complaint("[styles]\n\t'日本' = 1 # 日本\n ok = { fg = \"\"\"a\nb\"\"\" }\n"),
      "mine.toml:2:2: error: there is no role \"日本\"; remove it, or give it the name of a role\n"
        + " 2 | \t'日本' = 1 # 日本\n   | \t^~~~\n"
        + "mine.toml:3:14: error: the palette has no colour \"a\nb\"; add it under [palette], or write a colour as "
        + "\"#rrggbb\"\n 3 |  ok = { fg = \"\"\"a\n   |              ^~~~")
  }
}
