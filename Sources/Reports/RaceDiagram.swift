public import StepLanguage

/// The slice of a finding as commit messages show races: a column for each thread, calls nested, time going down.
public struct RaceDiagram: Sendable {
  /// The lines, none longer than the width.
  public let lines: [String]
  /// How many statements of the slice were left out because they did not fit.
  public let leftOut: Int
  /// Which lines are statements.
  public let statements: [Statement]

  /// A line that is a statement.
  public struct Statement: Hashable, Sendable {
    /// Its index among the lines.
    public var line: Int
    /// Where the column of its thread begins, in characters from 0.
    public var column: Int
    /// Its index among the rows of the slice.
    public var row: Int
  }

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
      statements = []
      leftOut = 0
      return
    }
    var best: (lines: [String], statements: [Statement]) = ([], [])
    var shown = 0
    let tries: [(Int, Calls)] = [
      (3, .nested), (3, .joined), (2, .nested), (2, .joined), (1, .joined), (1, .innermost), (0, .joined),
      (0, .innermost),
    ]
    for (weight, calls) in tries {
      let rows = slice.rows.enumerated().filter { $0.element.weight <= weight }.map {
        (number: $0.offset, row: $0.element)
      }
      best = Self.draw(rows, threads, names, property, width, calls)
      shown = rows.count
      if best.lines.count <= height ?? Int.max { break }
    }
    lines = best.lines
    statements = best.statements
    leftOut = slice.rows.count - shown
  }

  /// The lines as one text.
  public var text: String { lines.joined(separator: "\n") }

  /// A line of a column under which others stand: an operation, or a function.
  private struct Heading {
    /// The calls of the statements that may stand right under it.
    var path: [Int]
    /// The functions of these calls.
    var functions: [Int]
    var indent: Int
  }

  /// Draws rows so that each statement stands under its own function: the nearest line above it in its column that is
  /// indented less ends with the function's name. A function whose heading is out of reach gets another one.
  private static func draw(
    _ rows: [(number: Int, row: FindingSlice.Row)], _ threads: [Int], _ names: [String], _ property: Property,
    _ width: Int, _ style: Calls
  ) -> (lines: [String], statements: [Statement]) {
    // A line holds the text of one thread, so a long one may run on under the next heads.
    let column =
      threads.count == 2
      ? (width - 8) / 2 : threads.count > 2 ? max(8, (width - 40) / (threads.count - 1)) : width
    var lines: [String] = []
    var statements: [Statement] = []
    func margin(_ thread: Int) -> Int { (threads.firstIndex(of: thread) ?? 0) * column }
    func room(_ thread: Int) -> Int { max(12, width - margin(thread)) }
    func put(_ text: String, _ indent: Int, _ thread: Int) {
      let text = String(repeating: " ", count: indent) + text
      lines.append(
        String(repeating: " ", count: margin(thread))
          + (text.count > room(thread) ? text.prefix(max(1, room(thread) - 2)) + ".." : text))
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
    var open: [Int: [Heading]] = [:]
    // Where something came after it, as with a sleeper that nobody wakes, the end shows it.
    let marked = rows.last.flatMap { $0.row.isViolation && !$0.row.isWaiting ? $0.number : nil }
    for (number, row) in rows {
      // Short enough not to reach under the next head where it can be.
      let isLast = row.thread == threads.last
      let room = isLast || threads.count > 2 ? room(row.thread) : column + 12
      var headings = open[row.thread] ?? []
      while let last = headings.last, !isInside(row, last) { headings.removeLast() }
      var path = headings.last?.path ?? []
      var functions = headings.last?.functions ?? []
      var indent = headings.last.map { $0.indent + 1 } ?? 0
      var joined = ""
      func emit() {
        put(joined, indent, row.thread)
        headings.append(Heading(path: path, functions: functions, indent: indent))
        indent += 1
        joined = ""
      }
      for depth in path.count..<max(path.count, row.calls.count) {
        let call = row.calls[depth]
        let name = call.name + (depth == 0 ? "" : "()")
        if style == .joined, !joined.isEmpty {
          if indent + joined.count + name.count + 3 <= room { joined += " > " + name } else { emit() }
        }
        path.append(call.id)
        functions.append(call.function)
        if joined.isEmpty || style == .innermost { joined = name }
        if depth == 0 || style == .nested { emit() }
      }
      if !joined.isEmpty { emit() }
      open[row.thread] = headings
      statements.append(Statement(line: lines.count, column: margin(row.thread), row: number))
      let note = row.note.isEmpty ? "" : "  [\(row.note)]"
      let text = Self.shortened(row.text, room - indent)
      if indent + text.count + note.count <= room {
        put(text + note, indent, row.thread)
      } else if room - note.count >= indent + 20 {
        put(text.prefix(room - indent - note.count - 2) + ".." + note, indent, row.thread)
      } else {
        put(text, indent, row.thread)
        if row.isWaiting { put(" [\(row.note)]", indent, row.thread) }
      }
      if number == marked { put("*** \(property.rawValue)", indent, row.thread) }
    }
    // Where threads wait for one another, or nobody can reach what is left, no statement did it alone.
    if marked == nil { lines.append("*** \(property.rawValue)") }
    return (lines, statements)
  }

  /// Whether a row's statement lies in the functions of a heading, or in what they call.
  private static func isInside(_ row: FindingSlice.Row, _ heading: Heading) -> Bool {
    guard heading.path.count <= row.calls.count else { return false }
    // Of the functions that a waiting thread has just entered nothing ran, so that their calls have no number of their own.
    return heading.path.indices.allSatisfy {
      heading.path[$0] == row.calls[$0].id
        || row.isWaiting && heading.functions[$0] == row.calls[$0].function
    }
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
}

extension String {
  func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }
}
