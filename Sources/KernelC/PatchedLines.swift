/// The lines of a file while hunks are put into it. Blanks do not count when a hunk's place is looked for.
struct PatchedLines {
  /// The lines as they are now.
  private(set) var lines: [String]
  private var plain: [String]

  /// How many lines at each end of a hunk may differ, as patch(1) allows.
  static let looseness = 2

  init(_ lines: [String]) {
    self.lines = lines
    plain = lines.map(Self.plain)
  }

  private static func plain(_ text: String) -> String {
    String(decoding: text.utf8.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }, as: UTF8.self)
  }

  /// Puts a hunk in; false when its lines are not there.
  mutating func apply(_ hunk: Patch.Hunk, reverse: Bool, near: Int) -> Bool {
    let (old, new) = (hunk.side(isAfter: reverse), hunk.side(isAfter: !reverse))
    if old.isEmpty {
      // Only added, without lines around: behind the line that it names.
      let place = min(lines.count, reverse ? hunk.newStart : hunk.oldStart)
      replace(place..<place, with: new)
      return true
    }
    guard let place = position(of: old, near: near) else { return false }
    replace(place..<(place + old.count), with: new)
    return true
  }

  /// Puts a hunk in whose outermost lines differ from those that are there, and gives how many may do so at each end;
  /// nil when that is not enough. The lines that are there stay.
  mutating func applyLoosely(_ hunk: Patch.Hunk, reverse: Bool, near: Int) -> Int? {
    let head = hunk.lines.prefix { $0.mark == " " }.count
    let tail = hunk.lines.reversed().prefix { $0.mark == " " }.count
    guard head < hunk.lines.count else { return nil }
    for fuzz in 1...Self.looseness {
      let (top, bottom) = (min(fuzz, head), min(fuzz, tail))
      guard top + bottom > 0 else { return nil }
      let old = Array(hunk.side(isAfter: reverse).dropFirst(top).dropLast(bottom))
      let new = Array(hunk.side(isAfter: !reverse).dropFirst(top).dropLast(bottom))
      // Without a line around it nothing tells where it belongs.
      guard !old.isEmpty, head + tail > top + bottom, let place = position(of: old, near: near + top) else {
        continue
      }
      replace(place..<(place + old.count), with: new)
      return fuzz
    }
    return nil
  }

  /// Puts lines at the end.
  mutating func append(_ new: [String]) {
    lines += new
    plain += new.map(Self.plain)
  }

  private mutating func replace(_ range: Range<Int>, with new: [String]) {
    lines.replaceSubrange(range, with: new)
    plain.replaceSubrange(range, with: new.map(Self.plain))
  }

  /// Where these lines stand, nearest to a line.
  private func position(of wanted: [String], near: Int) -> Int? {
    let pattern = wanted.map(Self.plain)
    guard !pattern.isEmpty, pattern.count <= plain.count else { return nil }
    var best: Int?
    for start in 0...(plain.count - pattern.count) where plain[start] == pattern[0] {
      guard plain[start..<(start + pattern.count)].elementsEqual(pattern) else { continue }
      if best == nil || abs(start - near) < abs((best ?? 0) - near) { best = start }
    }
    return best
  }
}
