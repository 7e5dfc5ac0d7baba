/// Screens as an asciicast, for the players of asciinema.
///
/// Formats as documented at docs.asciinema.org, "asciicast v3" and "asciicast v2".
public struct Cast {
  /// A version of the format.
  public enum Version: Int, Sendable {
    /// Times are counted from the start.
    case v2 = 2
    /// Times are counted from the event before.
    case v3 = 3
  }

  private let size: Size
  private let theme: Theme
  private let version: Version
  private var shown: Surface?
  private var now = 0
  private var last = 0
  private var lines: [String]

  /// A cast without screens.
  ///
  /// - Parameters:
  ///   - size: columns and rows.
  ///   - theme: what its roles look like.
  ///   - title: its heading.
  ///   - version: the format's version.
  public init(size: Size, theme: Theme, title: String, version: Version = .v3) {
    self.size = size
    self.theme = theme
    self.version = version
    var fields = ["\"version\": \(version.rawValue)"]
    switch version {
    case .v2: fields.append("\"width\": \(size.width), \"height\": \(size.height)")
    case .v3:
      fields.append(
        "\"term\": {\"cols\": \(size.width), \"rows\": \(size.height), \"type\": \"xterm-256color\"}")
    }
    if !title.isEmpty { fields.append("\"title\": \(HTMLText.quoted(title))") }
    if version == .v2 { fields.append("\"env\": {\"TERM\": \"xterm-256color\"}") }
    lines = ["{\(fields.joined(separator: ", "))}"]
  }

  /// Shows a screen.
  ///
  /// - Parameters:
  ///   - surface: the screen; of the cast's size.
  ///   - milliseconds: how long after the one before.
  ///   - marks: what is said about it; a player can go from mark to mark.
  public mutating func add(_ surface: Surface, after milliseconds: Int, marks: [String] = []) {
    now += max(0, milliseconds)
    var text = ""
    if shown == nil { text += "\u{1B}[?25l\u{1B}[H\u{1B}[2J" }
    for run in diff(from: shown, to: surface) {
      text += "\u{1B}[\(run.y + 1);\(run.x + 1)H" + paint(run)
    }
    shown = surface
    for mark in marks { event("m", mark) }
    if !text.isEmpty { event("o", text) }
  }

  /// The whole cast, after a last wait in which the last screen can be looked at.
  public func text(lingering milliseconds: Int = 2_000) -> String {
    var copy = self
    copy.now += milliseconds
    copy.event("o", "\u{1B}[\(size.height);1H\u{1B}[0m\u{1B}[?25h\r\n")
    if version == .v3 { copy.event("x", "0") }
    return copy.lines.joined(separator: "\n") + "\n"
  }

  private func paint(_ run: SurfaceRun) -> String {
    var result = ""
    var style: CellStyle?
    for cell in run.cells where cell.width > 0 {
      if cell.style != style {
        style = cell.style
        let codes = theme.style(for: cell.style, capability: .trueColor).sgr(.trueColor)
        result += "\u{1B}[" + (["0"] + codes).joined(separator: ";") + "m"
      }
      result += cell.glyph
    }
    return result + "\u{1B}[0m"
  }

  private mutating func event(_ code: String, _ data: String) {
    let time = version == .v2 ? now : now - last
    last = now
    let thousandths = String(time % 1_000)
    let fraction = String(repeating: "0", count: 3 - thousandths.count) + thousandths
    lines.append("[\(time / 1_000).\(fraction), \"\(code)\", \(HTMLText.quoted(data))]")
  }
}
