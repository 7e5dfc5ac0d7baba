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
  public init(_ slice: FindingSlice, names: [String], property: Property, width: Int = 72, height: Int? = nil)
  {
    let threads = Set(slice.rows.map(\.thread)).sorted()
    guard !threads.isEmpty else {
      lines = []
      leftOut = 0
      return
    }
    var best: [String] = []
    var shown = 0
    let tries: [(Int, Calls)] = [
      (3, .nested), (3, .joined), (2, .nested), (2, .joined), (1, .joined), (1, .innermost), (0, .joined),
      (0, .innermost),
    ]
    for (weight, calls) in tries {
      let rows = slice.rows.filter { $0.weight <= weight }
      best = Self.draw(rows, threads, names, property, width, calls)
      shown = rows.count
      if best.count <= height ?? Int.max { break }
    }
    lines = best
    leftOut = slice.rows.count - shown
  }

  /// The lines as one text.
  public var text: String { lines.joined(separator: "\n") }

  private static func draw(
    _ rows: [FindingSlice.Row], _ threads: [Int], _ names: [String], _ property: Property, _ width: Int,
    _ style: Calls
  ) -> [String] {
    // A line holds the text of one thread, so a long one may run on under the next heads.
    let column =
      threads.count == 2
      ? (width - 8) / 2 : threads.count > 2 ? max(8, (width - 40) / (threads.count - 1)) : width
    var lines: [String] = []
    func room(_ thread: Int) -> Int { max(12, width - (threads.firstIndex(of: thread) ?? 0) * column) }
    func put(_ text: String, _ thread: Int) {
      let margin = String(repeating: " ", count: (threads.firstIndex(of: thread) ?? 0) * column)
      lines.append(margin + (text.count > room(thread) ? text.prefix(max(1, room(thread) - 2)) + ".." : text))
    }
    var head = ""
    var rule = ""
    for (place, thread) in threads.enumerated() {
      let name = names.indices.contains(thread) ? names[thread] : "?"
      let title = "CPU\(place) (\(name))"
      let pad = place == threads.count - 1 ? 0 : column
      head += title.padded(to: pad)
      rule += String(repeating: "-", count: min(column - 1, title.count)).padded(to: pad)
    }
    lines.append(head)
    lines.append(rule)
    /// The calls that were printed last in each column.
    var printed: [Int: [FindingSlice.Call]] = [:]
    for row in rows {
      let calls = row.calls
      let before = printed[row.thread] ?? []
      var common = 0
      while common < min(before.count, calls.count),
        before[common].id == calls[common].id
          || (before[common].function == calls[common].function && row.isWaiting)
      {
        common += 1
      }
      // Short enough not to reach under the next head where it can be.
      let isLast = row.thread == threads.last
      let room = isLast || threads.count > 2 ? room(row.thread) : column + 12
      printed[row.thread] = calls
      var joined = ""
      for depth in common..<max(common, calls.count) {
        let name = calls[depth].name + (depth == 0 ? "" : "()")
        switch style {
        case .nested: put(String(repeating: " ", count: depth) + name, row.thread)
        case .innermost:
          if depth == 0 || depth == calls.count - 1 { put(indent(depth, style) + name, row.thread) }
        case .joined:
          if depth == 0 {
            put(name, row.thread)
          } else if joined.isEmpty {
            joined = indent(depth, style) + name
          } else if joined.count + name.count + 3 <= room {
            joined += " > " + name
          } else {
            put(joined, row.thread)
            joined = indent(depth, style) + name
          }
        }
      }
      if !joined.isEmpty { put(joined, row.thread) }
      let margin = indent(calls.count, style)
      let note = row.note.isEmpty ? "" : "  [\(row.note)]"
      let text = margin + Self.shortened(row.text, room - margin.count)
      if text.count + note.count <= room {
        put(text + note, row.thread)
      } else if room - note.count >= margin.count + 20 {
        put(text.prefix(room - note.count - 2) + ".." + note, row.thread)
      } else {
        put(text, row.thread)
        if row.isWaiting { put(margin + " [\(row.note)]", row.thread) }
      }
      if row.isViolation, !row.isWaiting { put("\(margin)*** \(property.rawValue)", row.thread) }
    }
    if rows.contains(where: \.isWaiting) { lines.append("*** \(property.rawValue)") }
    return lines
  }

  /// A statement in a narrow column: holders, timeouts and the variable that gets the value go first.
  private static func shortened(_ text: String, _ room: Int) -> String {
    var text = text
    guard text.count > room else { return text }
    for word in [" by ", " from ", " timeout "] {
      if let range = text.firstRange(of: word), !text.hasPrefix("check ") {
        text = String(text[..<range.lowerBound])
      }
    }
    guard text.count > room, let equals = text.firstRange(of: " = ") else { return text }
    let left = text[..<equals.lowerBound]
    // An assignment to memory says what it changes.
    return left.contains(".") ? text : String(text[equals.upperBound...])
  }

  /// How the functions around a statement are shown.
  private enum Calls {
    /// Each on a line of its own, one column further in.
    case nested
    /// Those that are entered one right after the other on one line.
    case joined
    /// Of those only the innermost.
    case innermost
  }

  private static func indent(_ depth: Int, _ style: Calls) -> String {
    String(
      repeating: " ", count: style == .nested ? depth : style == .joined ? (depth + 1) / 2 : min(depth, 2))
  }
}

extension String {
  func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }
}
