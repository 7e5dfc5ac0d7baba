/// The lines that were typed behind `:`, the latest last, and where among them the user is.
public struct LineHistory: Hashable, Sendable {
  /// The most that are kept.
  static let limit = 200

  private(set) var lines: [String] = []
  /// Counted from the latest, 1 for it; 0 for the line that is being typed.
  private var back = 0
  /// What was being typed before the user went back.
  private var draft = ""

  /// Keeps a line; one that was typed last already is not kept twice.
  mutating func keep(_ line: String) {
    begin()
    guard !line.isEmpty, lines.last != line else { return }
    lines.append(line)
    if lines.count > Self.limit { lines.removeFirst() }
  }

  /// A new line begins: none of those before it is shown.
  mutating func begin() {
    back = 0
    draft = ""
  }

  /// The line before (1) or behind (-1) the one that is shown.
  ///
  /// - Parameters:
  ///   - step: where to.
  ///   - text: what stands there now.
  /// - Returns: what to show; nil at either end.
  mutating func move(_ step: Int, from text: String) -> String? {
    let to = back + step
    guard (0...lines.count).contains(to) else { return nil }
    if back == 0 { draft = text }
    back = to
    return to == 0 ? draft : lines[lines.count - to]
  }
}
