/// The hunks of a patch: a diff, a mail, a series, or a mail that quotes one.
public struct Patch: Sendable {
  /// A stretch of one file, before and after.
  public struct Hunk: Sendable {
    /// The first line before, from 1.
    public var oldStart: Int
    /// How many lines it says to have before.
    public var oldCount: Int
    /// The first line after, from 1.
    public var newStart: Int
    /// How many lines it says to have after.
    public var newCount: Int
    /// What stands behind the second `@@`: usually the function that it lies in.
    public var heading: String
    /// Its lines with `+`, `-` or a space before each.
    public var lines: [(mark: Character, text: String)]
    /// The line of the patch where it begins, from 1.
    public var line: Int
    /// Whether a reply quotes it.
    public var isQuoted: Bool
    /// Lines that had lost the space at their beginning, as archives show mails.
    public var mangledLines: Int

    /// Whether lines with a sign go on behind as many as it says to have.
    public var isOverlong = false

    /// Whether it has as many lines as it says.
    public var isWhole: Bool {
      !isOverlong && lines.count { $0.mark != "+" } == oldCount && lines.count { $0.mark != "-" } == newCount
    }

    /// Whether another one says to be of the same lines.
    func isOfSameLines(as other: Hunk) -> Bool {
      (oldStart, oldCount, newStart, newCount) == (
        other.oldStart, other.oldCount, other.newStart, other.newCount
      )
    }

    /// The lines of one side.
    public func side(isAfter: Bool) -> [String] {
      lines.filter { $0.mark != (isAfter ? "-" : "+") }.map(\.text)
    }
  }

  /// The hunks of one file of one patch.
  public struct File: Sendable {
    /// The file's path, without `a/` or `b/`.
    public var path: String
    /// Its path before; another one when it is renamed.
    public var oldPath: String
    /// Whether it comes into being.
    public var isNew: Bool
    /// Whether it goes.
    public var isGone: Bool
    /// Its hunks in order.
    public var hunks: [Hunk]
    /// Lines of the patch, from 1, that begin a hunk in a form that is not read.
    public var unreadLines: [Int] = []
  }

  /// The files in the order of the text; a series may have one several times.
  public private(set) var files: [File] = []

  /// What the text holds, in words: for one of which nothing can be used.
  public var summary: String {
    let hunks = files.flatMap { file in file.hunks.map { (file.path, $0) } }
    guard !hunks.isEmpty else { return "there is no hunk of a diff in this text" }
    let parts = hunks.map { path, hunk -> String in
      var words = "line \(hunk.line): \(path)"
      if !hunk.isWhole {
        words += ", cut short"
      } else if hunk.mangledLines > 0 {
        words += ", without its first column"
      }
      return words + (hunk.isQuoted ? ", quoted by a reply" : "")
    }
    let quoted = hunks.count { $0.1.isQuoted }
    var kind = "a patch of \(hunks.count) hunk\(hunks.count == 1 ? "" : "s")"
    if quoted == hunks.count {
      kind = "a reply that quotes \(hunks.count) hunk\(hunks.count == 1 ? "" : "s") of a patch"
    } else if quoted > 0 {
      kind =
        "a reply that quotes \(quoted) hunk\(quoted == 1 ? "" : "s") of a patch and has \(hunks.count - quoted) of its own"
    }
    return "this is \(kind) (\(parts.joined(separator: "; ")))"
  }

  /// Reads a text. What belongs to no diff is passed over; a text without one gives no files.
  public init(_ text: String) {
    var reader = PatchReader(MailText.plain(text))
    files = reader.run()
    dropQuotesOfWhatIsThere()
  }

  /// What a reply quotes of a patch that stands in the text itself, as in the mails of a thread, is there already.
  private mutating func dropQuotesOfWhatIsThere() {
    var known: [String: [Hunk]] = [:]
    for index in files.indices {
      let path = files[index].path
      files[index].hunks.removeAll { hunk in
        if hunk.isQuoted,
          known[path, default: []].contains(where: { $0.isWhole && hunk.isOfSameLines(as: $0) })
        {
          return true
        }
        known[path, default: []].append(hunk)
        return false
      }
    }
  }
}

/// Finds diffs in a text line by line.
private struct PatchReader {
  private var lines: [(depth: Int, text: String)] = []

  init(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var rest = Substring(line)
      if rest.last == "\r" { rest.removeLast() }
      var depth = 0
      while rest.first == ">" {
        depth += 1
        rest.removeFirst()
        if rest.first == " " { rest.removeFirst() }
      }
      lines.append((depth, String(rest)))
    }
  }

  mutating func run() -> [Patch.File] {
    var files: [Patch.File] = []
    var index = 0
    while index < lines.count {
      let (depth, text) = lines[index]
      guard text.hasPrefix("--- "), let next = following(index, depth), lines[next].text.hasPrefix("+++ ")
      else {
        index += 1
        continue
      }
      let before = Self.path(text)
      let after = Self.path(lines[next].text)
      var file = Patch.File(
        path: after == "/dev/null" ? before : after, oldPath: before == "/dev/null" ? after : before,
        isNew: before == "/dev/null", isGone: after == "/dev/null", hunks: [])
      index = next + 1
      while index < lines.count {
        if lines[index].depth == depth, lines[index].text.hasPrefix("@@ -"), let hunk = hunk(&index, depth) {
          file.hunks.append(hunk)
          continue
        }
        // Each line that could begin a hunk was one, or is told.
        if lines[index].depth == depth, isHunkHead(lines[index].text) { file.unreadLines.append(index + 1) }
        if lines[index].text.hasPrefix("diff --git ") || lines[index].text.hasPrefix("From ") { break }
        if lines[index].text.hasPrefix("--- "), let next = following(index, lines[index].depth),
          lines[next].text.hasPrefix("+++ ")
        {
          break
        }
        index += 1
      }
      files.append(file)
    }
    return files
  }

  /// The next line of the same depth of quoting.
  private func following(_ index: Int, _ depth: Int) -> Int? {
    let next = index + 1
    return next < lines.count && lines[next].depth == depth ? next : nil
  }

  private static func path(_ line: String) -> String {
    let word = line.dropFirst(4).prefix { $0 != "\t" }
    let path = word.split(separator: " ").first.map(String.init) ?? ""
    return path.hasPrefix("a/") || path.hasPrefix("b/") ? String(path.dropFirst(2)) : path
  }

  /// The hunk that begins at a line; goes past it. Nil when it is none.
  private mutating func hunk(_ index: inout Int, _ depth: Int) -> Patch.Hunk? {
    let head = lines[index].text
    let parts = head.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: true).map(String.init)
    guard parts.count >= 4, parts[3] == "@@", let old = Self.range(parts[1], "-"),
      let new = Self.range(parts[2], "+")
    else { return nil }
    var hunk = Patch.Hunk(
      oldStart: old.0, oldCount: old.1, newStart: new.0, newCount: new.1,
      heading: parts.count > 4 ? parts[4] : "", lines: [], line: index + 1, isQuoted: depth > 0,
      mangledLines: 0)
    index += 1
    var olds = 0
    var news = 0
    while index < lines.count, olds < hunk.oldCount || news < hunk.newCount {
      let (own, text) = lines[index]
      // A reviewer's words between quoted lines belong to no hunk.
      if own < depth {
        let isDiff =
          text.hasPrefix("--- ") && following(index, own).map { lines[$0].text.hasPrefix("+++ ") } ?? false
        if isDiff || text.hasPrefix("diff --git ") { break }
        index += 1
        continue
      }
      if own > depth || text.hasPrefix("@@ -") || text.hasPrefix("diff --git ") || text.hasPrefix("From ") {
        break
      }
      if text == "--" || text == "-- " { break }
      if text.hasPrefix("--- "), let next = following(index, depth), lines[next].text.hasPrefix("+++ ") {
        break
      }
      index += 1
      switch text.first {
      case "+":
        hunk.lines.append(("+", String(text.dropFirst())))
        news += 1
      case "-":
        hunk.lines.append(("-", String(text.dropFirst())))
        olds += 1
      case " ", "\t", nil:
        hunk.lines.append((" ", text.first == " " ? String(text.dropFirst()) : text))
        olds += 1
        news += 1
      case "\\": break
      default:
        hunk.mangledLines += 1
        hunk.lines.append((" ", text))
        olds += 1
        news += 1
      }
    }
    // A count that is too small, as when somebody edits a patch by hand, would hide what follows.
    if index < lines.count, lines[index].depth == depth, let sign = lines[index].text.first {
      let text = lines[index].text
      let isNext = text.hasPrefix("--- ") || text.hasPrefix("+++ ") || text == "--" || text == "-- "
      hunk.isOverlong = !isNext && (sign == "+" || sign == "-")
    }
    return hunk
  }

  /// Whether a line looks like the head of a hunk, of a merge's too.
  private func isHunkHead(_ text: String) -> Bool { text.hasPrefix("@@ -") || text.hasPrefix("@@@") }

  private static func range(_ word: String, _ sign: Character) -> (Int, Int)? {
    guard word.first == sign else { return nil }
    let numbers = word.dropFirst().split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard let start = numbers.first ?? nil, start >= 0, start < 1 << 30 else { return nil }
    guard numbers.count > 1 else { return (start, 1) }
    guard numbers.count == 2, let count = numbers[1], count >= 0, count < 1 << 20 else { return nil }
    return (start, count)
  }
}
