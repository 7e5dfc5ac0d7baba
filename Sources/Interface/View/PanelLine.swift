import Workbench
import Surface

/// A line of a panel: pieces of text, each with what it is.
struct PanelLine: Hashable {
  /// A piece.
  struct Span: Hashable {
    var text: String
    var role: Role
    var emphasis: Emphasis = []
  }

  /// The pieces from the left.
  var spans: [Span] = []
  /// The pieces that stand at the right edge.
  var trailing: [Span] = []
  /// What lies behind the whole line.
  var background: Role?
  /// What a click on it means.
  var target: ScreenTarget?
  /// The number of the first answer that stands in it, in a lesson.
  var firstOption: Int?
  /// Whether a question or a task begins here.
  var isTask = false
  /// What a stop on it watches.
  var subject: Stop.Subject?

  init() {}

  init(_ text: String, _ role: Role = .text, _ emphasis: Emphasis = []) {
    add(text, role, emphasis)
  }

  /// Goes on with a piece.
  mutating func add(_ text: String, _ role: Role = .text, _ emphasis: Emphasis = []) {
    if !text.isEmpty { spans.append(Span(text: text, role: role, emphasis: emphasis)) }
  }

  /// Puts a piece at the right edge, behind those that are there.
  mutating func addTrailing(_ text: String, _ role: Role = .text, _ emphasis: Emphasis = []) {
    if !text.isEmpty { trailing.append(Span(text: text, role: role, emphasis: emphasis)) }
  }

  /// Goes on with blanks up to a column.
  mutating func pad(to column: Int) {
    let used = width
    if used < column { add(String(repeating: " ", count: column - used)) }
  }

  /// All pieces, as a reader finds them.
  var text: String { (spans + trailing).map(\.text).joined() }
  /// Columns of what stands at the left.
  var width: Int { spans.reduce(0) { $0 + CharacterWidth.columns(of: $1.text) } }
  private var trailingWidth: Int { trailing.reduce(0) { $0 + CharacterWidth.columns(of: $1.text) } }

  /// Draws the line; what does not fit ends in an ellipsis.
  func draw(on surface: inout Surface, x: Int, y: Int, width room: Int, background behind: Role? = nil) {
    let back = background ?? behind
    if let back { surface.fill(Rect(x: x, y: y, width: room, height: 1), background: back) }
    // The right edge gives way before the text does, unless the text is long anyway.
    let tail = trailingWidth
    let keepsTail = tail > 0 && (width + tail < room || tail * 3 <= room)
    let end = x + room - (keepsTail ? tail + 1 : 0)
    var column = x
    for (number, span) in spans.enumerated() {
      let left = end - column
      guard left > 0 else { break }
      let own = CharacterWidth.columns(of: span.text)
      if own > left
        || own == left && spans[(number + 1)...].contains(where: { CharacterWidth.columns(of: $0.text) > 0 })
      {
        column += surface.write(
          Surface.shorten(span.text + (own == left ? " " : ""), to: left, glyphs: surface.glyphs), x: column,
          y: y, role: span.role, emphasis: span.emphasis, background: back, maxWidth: left)
        break
      }
      column += surface.write(
        span.text, x: column, y: y, role: span.role, emphasis: span.emphasis, background: back, maxWidth: left
      )
    }
    guard keepsTail else { return }
    column = x + room - tail
    for span in trailing {
      column += surface.write(
        span.text, x: column, y: y, role: span.role, emphasis: span.emphasis, background: back)
    }
  }
}
