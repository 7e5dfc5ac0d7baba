public import Basics

/// The functions that a patch touches, before and after, as texts.
public struct PatchSides: Sendable {
  /// A function that differs between the sides.
  public struct Function: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The file's path.
    public var path: String
    /// Whether it is there before.
    public var isBefore: Bool
    /// Whether it is there after.
    public var isAfter: Bool
  }

  /// The functions in the order of the patch.
  public private(set) var functions: [Function] = []
  /// The texts before, one for a file of a tree or for a hunk that holds whole functions.
  public private(set) var before: [SourceFile] = []
  /// The texts after.
  public private(set) var after: [SourceFile] = []
  /// Functions of which only comments or the layout differ, in the order of the patch.
  public private(set) var unchanged: [String] = []
  /// What is missing or does not fit, each with the line of the patch.
  public private(set) var problems: [String] = []
  /// What was assumed to make the patch fit the tree.
  public private(set) var notes: [String] = []
  /// C files in the order of the patch.
  private var paths: [String] = []

  /// Takes the sides of a patch apart.
  ///
  /// - Parameters:
  ///   - patch: the patch.
  ///   - name: its name for messages.
  ///   - configuration: what counts as defined.
  ///   - tree: the text of a path before the patch; nil without a tree.
  public init(_ patch: Patch, name: String, configuration: Set<String>, tree: ((String) -> String?)?) {
    for file in patch.files where file.path.hasSuffix(".c") || file.path.hasSuffix(".h") {
      if !paths.contains(file.path) { paths.append(file.path) }
    }
    let count = patch.files.reduce(0) { $0 + $1.hunks.count }
    guard count <= Self.hunkLimit else {
      problems.append("\(name): this has \(count) hunks, and \(Self.hunkLimit) are read; cut it into several")
      return
    }
    for path in paths {
      let files = patch.files.filter { $0.path == path }
      for line in files.flatMap(\.unreadLines) {
        problems.append(
          "\(name):\(line): this begins a hunk in a form that is not read; take the patch as 'git format-patch' or 'diff -u' makes it"
        )
      }
      let isNew = files.first?.isNew == true
      if let tree, let text = isNew ? "" : Self.find(path, files.first?.oldPath, tree) {
        fromTree(path, text, files, name)
      } else {
        if tree != nil { problems.append("\(name): the tree has no \(path)") }
        fromHunks(path, files, name)
      }
    }
    compare(configuration, name, isTree: tree != nil, patch)
  }

  /// How many hunks are read; a bound for hostile texts.
  static let hunkLimit = 4000

  // MARK: With a tree

  /// The text of a path, by its old name when it is renamed, or without the directories that `diff` was called with.
  private static func find(_ path: String, _ old: String?, _ tree: (String) -> String?) -> String? {
    for path in [path, old ?? path] {
      var rest = Substring(path)
      while true {
        if let text = tree(String(rest)) { return text }
        guard let slash = rest.firstIndex(of: "/") else { break }
        rest = rest[rest.index(after: slash)...]
      }
    }
    return nil
  }

  private mutating func fromTree(_ path: String, _ text: String, _ files: [Patch.File], _ name: String) {
    let old = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var lines = PatchedLines(old)
    var reverse = false
    var isFirst = true
    for hunk in files.flatMap(\.hunks) {
      guard hunk.isWhole else {
        problems.append(Self.incomplete(hunk, name))
        continue
      }
      let near = hunk.newStart - 1
      if lines.apply(hunk, reverse: reverse, near: near) {
        isFirst = false
        continue
      }
      if isFirst, !hunk.side(isAfter: true).isEmpty, lines.apply(hunk, reverse: true, near: near) {
        // The tree has the patch already: this side is the one after.
        reverse = true
        isFirst = false
        continue
      }
      guard let fuzz = lines.applyLoosely(hunk, reverse: reverse, near: near) else {
        problems.append(
          "\(name):\(hunk.line): this hunk does not fit \(path) of the tree; take the tree that the patch was made for"
        )
        continue
      }
      isFirst = false
      notes.append(
        "\(name):\(hunk.line): this hunk fits \(path) of the tree only when \(fuzz) line\(fuzz == 1 ? "" : "s") around it may differ"
      )
    }
    let one = old.joined(separator: "\n")
    let other = lines.lines.joined(separator: "\n")
    before.append(SourceFile(name: "a/\(path)", text: reverse ? other : one))
    after.append(SourceFile(name: "b/\(path)", text: reverse ? one : other))
  }

  // MARK: Without one

  private mutating func fromHunks(_ path: String, _ files: [Patch.File], _ name: String) {
    // One text a side: a place in it names the file and the line, so no file may stand there twice.
    var old: [String] = []
    var new = PatchedLines([])
    for (number, hunk) in files.enumerated().flatMap({ file in file.element.hunks.map { (file.offset, $0) } })
    {
      guard hunk.isWhole else {
        problems.append(Self.incomplete(hunk, name))
        continue
      }
      // A later patch of the series changes what an earlier one made.
      if number > 0, !hunk.side(isAfter: false).isEmpty,
        new.apply(hunk, reverse: false, near: hunk.oldStart - 1)
      {
        continue
      }
      old += hunk.side(isAfter: false, behind: old.count)
      new.append(hunk.side(isAfter: true, behind: new.lines.count))
    }
    guard !old.isEmpty || !new.lines.isEmpty else { return }
    before.append(SourceFile(name: "a/\(path)", text: old.joined(separator: "\n") + "\n"))
    after.append(SourceFile(name: "b/\(path)", text: new.lines.joined(separator: "\n") + "\n"))
  }

  private static func incomplete(_ hunk: Patch.Hunk, _ name: String) -> String {
    let old = hunk.lines.count { $0.mark != "+" }
    let new = hunk.lines.count { $0.mark != "-" }
    if hunk.isOverlong {
      return
        "\(name):\(hunk.line): this hunk says \(hunk.oldCount) lines before and \(hunk.newCount) after, and goes on behind them; take the patch as it was sent"
    }
    var text =
      "\(name):\(hunk.line): this hunk says \(hunk.oldCount) lines before and \(hunk.newCount) after, and has \(old) and \(new)"
    if hunk.mangledLines > 0 {
      text += "; \(hunk.mangledLines) of them have lost their first column, as archives show mails"
    }
    return text + "; take the patch as it was sent"
  }

  // MARK: What differs

  private mutating func compare(_ configuration: Set<String>, _ name: String, isTree: Bool, _ patch: Patch) {
    func comparisons(_ sources: [SourceFile]) -> [String: PatchComparison] {
      var result: [String: PatchComparison] = [:]
      for source in sources {
        let path = String(source.name.dropFirst(2))
        let comparison = PatchComparison(source, configuration: configuration)
        for function in comparison.repeated {
          problems.append(
            "\(name): \(function) stands in \(path) more than once, and differently; take the whole series, or say --tree DIR"
          )
        }
        result[path] = comparison
      }
      return result
    }
    let old = comparisons(before)
    let new = comparisons(after)
    for path in paths {
      let one = old[path]?.functions ?? [:]
      let other = new[path]?.functions ?? [:]
      for function in Set(one.keys).union(other.keys).sorted() {
        guard one[function]?.words != other[function]?.words else {
          if one[function]?.text != other[function]?.text { unchanged.append(function) }
          continue
        }
        functions.append(
          Function(
            name: function, path: path, isBefore: one[function] != nil, isAfter: other[function] != nil))
      }
      if isTree { continue }
      // A hunk that changes lines and holds no whole function is half of one.
      let own = patch.files.filter { $0.path == path }
      for (number, hunk) in own.enumerated().flatMap({ file in file.element.hunks.map { (file.offset, $0) } })
      where hunk.isWhole && !isCovered(hunk, isFirst: number == 0, path, one, other) {
        let what = Self.functionName(hunk.heading).map { "a part of \($0)" } ?? "a part of a function"
        problems.append(
          "\(name):\(hunk.line): this hunk shows only \(what); say --tree DIR with the source that it was made for"
        )
      }
    }
  }

  /// Whether all lines that a hunk changes lie in functions that are there as a whole, or in what is no function.
  private func isCovered(
    _ hunk: Patch.Hunk, isFirst: Bool, _ path: String, _ old: [String: PatchComparison.Function],
    _ new: [String: PatchComparison.Function]
  ) -> Bool {
    let known = functions.filter { $0.path == path }.map(\.name) + unchanged
    guard isFirst else {
      // A later patch of a series: its lines have moved; what it names tells.
      return known.contains { name in hunk.lines.contains { $0.text.contains("\(name)(") } }
        || Self.isDeclaration(hunk)
    }
    var (before, after) = (hunk.oldStart, hunk.newStart)
    func lies(_ line: Int, in functions: [String: PatchComparison.Function]) -> Bool {
      functions.values.contains { $0.lines.contains(line) }
    }
    var outside: [String] = []
    for line in hunk.lines {
      switch line.mark {
      case "-":
        if !lies(before, in: old) { outside.append(line.text) }
        before += 1
      case "+":
        if !lies(after, in: new) { outside.append(line.text) }
        after += 1
      default:
        before += 1
        after += 1
      }
    }
    return outside.allSatisfy(Self.isOutside) || Self.isDeclaration(hunk)
  }

  /// Whether a line by itself belongs to no function: blank, a comment, a directive, a declaration at the margin.
  private static func isOutside(_ line: String) -> Bool {
    let text = line.drop { $0 == " " || $0 == "\t" }
    if text.isEmpty || text.hasPrefix("//") || text.hasPrefix("/*") || text.hasPrefix("* ") || text == "*"
      || text.hasPrefix("*/") || text.hasPrefix("#")
    {
      return true
    }
    // At the margin, complete: a prototype, a global, an EXPORT_SYMBOL.
    return text.count == line.count && line.hasSuffix(";")
      && line.first.map { $0.isLetter || $0 == "_" } == true
  }

  /// Whether a hunk is one of a structure's declaration.
  private static func isDeclaration(_ hunk: Patch.Hunk) -> Bool {
    func opens(_ text: some StringProtocol) -> Bool {
      let words = text.split { $0 == " " || $0 == "\t" }
      guard let first = words.first, text.hasSuffix("{"), !text.contains("(") else { return false }
      return ["struct", "union", "enum", "static", "const", "typedef"].contains(String(first))
    }
    let isOpen = opens(hunk.heading)
    var inside = isOpen
    for line in hunk.lines {
      if line.text.first == "}" {
        inside = false
        continue
      }
      if opens(line.text), line.text.first.map({ $0.isLetter }) == true {
        inside = true
        continue
      }
      if line.mark != " ", !inside, !isOutside(line.text) { return false }
    }
    return true
  }

  /// The function that a hunk's heading names.
  private static func functionName(_ heading: String) -> String? {
    guard let open = heading.firstIndex(of: "(") else { return nil }
    let name = heading[..<open].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return name.isEmpty ? nil : String(name.reversed())
  }
}

extension Patch.Hunk {
  /// Lines further down than this are not given their own number; no C file of a kernel is as long.
  private static let lineLimit = 1 << 17

  /// The lines of one side, with empty ones before them, so that each has the number that the patch gives it.
  fileprivate func side(isAfter: Bool, behind count: Int) -> [String] {
    let start = min(isAfter ? newStart : oldStart, Self.lineLimit)
    return Array(repeating: "", count: max(0, start - 1 - count)) + side(isAfter: isAfter)
  }
}
