public import StepLanguage

/// The slice of a finding as commit messages show races: a column for each thread, calls nested, time going down.
public struct RaceDiagram: Sendable {
  /// The lines, none longer than the width.
  public let lines: [String]
  /// How many statements of the slice were left out because they did not fit.
  public let leftOut: Int

  /// Draws a slice.
  ///
  /// - Parameters:
  ///   - slice: what to draw.
  ///   - names: the names of the threads.
  ///   - property: what was found, for the mark at the violation.
  ///   - width: columns of text; 72 for mail.
  ///   - height: the most lines. What matters least is left out first: locks, where references come from, then functions in
  ///     between. What is left may still be more; nil for no bound.
  public init(_ slice: FindingSlice, names: [String], property: Property, width: Int = 72, height: Int? = nil) {
    let threads = Set(slice.rows.map(\.thread)).sorted()
    guard !threads.isEmpty else {
      lines = []
      leftOut = 0
      return
    }
    var best: [String] = []
    var shown = 0
    search: for weight in [3, 2, 1, 0] {
      for isFlat in [false, true] {
        let rows = slice.rows.filter { $0.weight <= weight }
        best = Self.draw(rows, threads, names, property, width, isFlat: isFlat)
        shown = rows.count
        if best.count <= height ?? Int.max { break search }
      }
    }
    lines = best
    leftOut = slice.rows.count - shown
  }

  /// The lines as one text.
  public var text: String { lines.joined(separator: "\n") }

  private static func draw(
    _ rows: [FindingSlice.Row], _ threads: [Int], _ names: [String], _ property: Property, _ width: Int, isFlat: Bool
  ) -> [String] {
    let gap = 2
    let column = max(12, (width - gap * (threads.count - 1)) / threads.count)
    var lines: [String] = []
    func put(_ text: String, _ thread: Int) {
      let place = threads.firstIndex(of: thread) ?? 0
      let isLast = place == threads.count - 1
      let room = isLast ? width - place * (column + gap) : column
      var line = String(repeating: " ", count: place * (column + gap))
      line += text.count > room ? text.prefix(max(1, room - 2)) + ".." : text
      lines.append(line)
    }
    var head = ""
    var rule = ""
    for (place, thread) in threads.enumerated() {
      let name = names.indices.contains(thread) ? names[thread] : "?"
      let title = "CPU\(place) (\(name))"
      let pad = place == threads.count - 1 ? 0 : column + gap
      head += title.padded(to: pad)
      rule += String(repeating: "-", count: min(column, max(title.count, 4))).padded(to: pad)
    }
    lines.append(head)
    lines.append(rule)
    /// The calls that were printed last in each column.
    var printed: [Int: [FindingSlice.Call]] = [:]
    for row in rows {
      let calls = row.calls
      let before = printed[row.thread] ?? []
      var common = 0
      while common < min(before.count, calls.count), before[common].id == calls[common].id || before[common].function == calls[common].function && row.isWaiting {
        common += 1
      }
      for depth in common..<max(common, calls.count) {
        // Without room only the operation and the innermost function.
        if isFlat, depth > 0, depth < calls.count - 1 { continue }
        put(indent(depth, isFlat) + calls[depth].name + (depth == 0 ? "" : "()"), row.thread)
      }
      printed[row.thread] = calls
      let place = threads.firstIndex(of: row.thread) ?? 0
      let room = place == threads.count - 1 ? width - place * (column + gap) : column
      var text = indent(calls.count, isFlat) + row.text
      let note = row.note.isEmpty ? "" : "  [\(row.note)]"
      if row.isWaiting || text.count + note.count <= room { text += note }
      put(text, row.thread)
      if row.isWaiting, !row.note.isEmpty, text.count > room {
        lines.removeLast()
        put(indent(calls.count, isFlat) + row.text, row.thread)
        put(indent(calls.count + 1, isFlat) + "[\(row.note)]", row.thread)
      }
      if row.isViolation, !row.isWaiting { put(indent(calls.count, isFlat) + "*** \(property.rawValue)", row.thread) }
    }
    if rows.contains(where: \.isWaiting) { lines.append("*** \(property.rawValue)") }
    return lines
  }

  private static func indent(_ depth: Int, _ isFlat: Bool) -> String {
    String(repeating: " ", count: isFlat ? min(depth, 2) : depth)
  }
}

extension String {
  func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }
}
