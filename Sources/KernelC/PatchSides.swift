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
  /// What is missing or does not fit, each with the line of the patch.
  public private(set) var problems: [String] = []
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
    for path in paths {
      let files = patch.files.filter { $0.path == path }
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
    var lines = old
    var reverse = false
    for hunk in files.flatMap(\.hunks) {
      guard hunk.isWhole else {
        problems.append(Self.incomplete(hunk, name))
        continue
      }
      let sides = (hunk.side(isAfter: reverse), hunk.side(isAfter: !reverse))
      if sides.0.isEmpty {
        // Only added, without lines around: behind the line that it names.
        let place = min(lines.count, reverse ? hunk.newStart : hunk.oldStart)
        lines.insert(contentsOf: sides.1, at: place)
      } else if let position = Self.position(of: sides.0, in: lines, near: hunk.newStart - 1) {
        lines.replaceSubrange(position..<(position + sides.0.count), with: sides.1)
      } else if lines == old, Self.position(of: sides.1, in: lines, near: hunk.newStart - 1) != nil {
        // The tree has the patch already: this side is the one after.
        reverse = true
        if let place = Self.position(of: sides.1, in: lines, near: hunk.newStart - 1) {
          lines.replaceSubrange(place..<(place + sides.1.count), with: sides.0)
        }
      } else {
        problems.append(
          "\(name):\(hunk.line): this hunk does not fit \(path) of the tree; take the tree that the patch was made for"
        )
      }
    }
    let one = old.joined(separator: "\n")
    let other = lines.joined(separator: "\n")
    before.append(SourceFile(name: "a/\(path)", text: reverse ? other : one))
    after.append(SourceFile(name: "b/\(path)", text: reverse ? one : other))
  }

  /// Where these lines stand, nearest to a line; blanks do not count.
  private static func position(of wanted: [String], in lines: [String], near: Int) -> Int? {
    func plain(_ text: String) -> String { String(text.filter { $0 != " " && $0 != "\t" }) }
    let pattern = wanted.map(plain)
    let own = lines.map(plain)
    guard !pattern.isEmpty, pattern.count <= own.count else { return nil }
    var best: Int?
    for start in 0...(own.count - pattern.count) where own[start] == pattern[0] {
      guard own[start..<(start + pattern.count)].elementsEqual(pattern) else { continue }
      if best == nil || abs(start - near) < abs((best ?? 0) - near) { best = start }
    }
    return best
  }

  // MARK: Without one

  private mutating func fromHunks(_ path: String, _ files: [Patch.File], _ name: String) {
    // One text a side: a place in it names the file and the line, so no file may stand there twice.
    var old: [String] = []
    var new: [String] = []
    // Empty lines before a hunk give each line the number that the patch gives it.
    func add(_ hunk: Patch.Hunk, isAfter: Bool, to lines: inout [String]) {
      let start = min(isAfter ? hunk.newStart : hunk.oldStart, 1 << 20)
      if lines.count < start - 1 { lines += Array(repeating: "", count: start - 1 - lines.count) }
      lines += hunk.side(isAfter: isAfter)
    }
    for (number, hunk) in files.enumerated().flatMap({ file in file.element.hunks.map { (file.offset, $0) } })
    {
      guard hunk.isWhole else {
        problems.append(Self.incomplete(hunk, name))
        continue
      }
      let sides = (hunk.side(isAfter: false), hunk.side(isAfter: true))
      if number > 0, let place = Self.position(of: sides.0, in: new, near: hunk.oldStart - 1) {
        // A later patch of the series changes what an earlier one made.
        new.replaceSubrange(place..<(place + sides.0.count), with: sides.1)
        continue
      }
      add(hunk, isAfter: false, to: &old)
      add(hunk, isAfter: true, to: &new)
    }
    guard !old.isEmpty || !new.isEmpty else { return }
    before.append(SourceFile(name: "a/\(path)", text: old.joined(separator: "\n") + "\n"))
    after.append(SourceFile(name: "b/\(path)", text: new.joined(separator: "\n") + "\n"))
  }

  private static func incomplete(_ hunk: Patch.Hunk, _ name: String) -> String {
    let old = hunk.lines.count { $0.mark != "+" }
    let new = hunk.lines.count { $0.mark != "-" }
    var text =
      "\(name):\(hunk.line): this hunk says \(hunk.oldCount) lines before and \(hunk.newCount) after, and has \(old) and \(new)"
    if hunk.mangledLines > 0 {
      text += "; \(hunk.mangledLines) of them have lost their first column, as archives show mails"
    }
    return text + "; take the patch as it was sent"
  }

  // MARK: What differs

  private mutating func compare(_ configuration: Set<String>, _ name: String, isTree: Bool, _ patch: Patch) {
    func definitions(_ sources: [SourceFile]) -> [String: [String: String]] {
      var result: [String: [String: String]] = [:]
      for source in sources {
        var parser = CParser(source, file: 0, configuration: configuration)
        var failures: [CParser.Failure] = []
        for function in parser.parseFile(failures: &failures) {
          let bytes = source.bytes[function.span.start..<function.span.end]
          let path = String(source.name.dropFirst(2))
          var text = String(decoding: bytes, as: UTF8.self)
          // What the file defines counts where it is used.
          let words = parser.tokens(in: function.span)
          for (name, definition) in parser.definitions.sorted(by: { $0.key < $1.key })
          where words.contains(name) {
            let body = source.bytes[definition.name.start..<definition.body.end]
            text += "\n#define " + String(decoding: body, as: UTF8.self)
          }
          result[path, default: [:]][function.name] = text
        }
      }
      return result
    }
    let old = definitions(before)
    let new = definitions(after)
    for path in paths {
      let one = old[path] ?? [:]
      let other = new[path] ?? [:]
      for function in Set(one.keys).union(other.keys).sorted() where one[function] != other[function] {
        functions.append(
          Function(
            name: function, path: path, isBefore: one[function] != nil, isAfter: other[function] != nil))
      }
      if isTree { continue }
      // A hunk that changes lines and holds no whole function is half of one.
      for hunk in patch.files.filter({ $0.path == path }).flatMap(\.hunks) where hunk.isWhole {
        let named = Self.functionName(hunk.heading)
        let isCovered = functions.contains { entry in
          entry.path == path
            && hunk.lines.contains { $0.text.contains("\(entry.name)(") }
        }
        if !isCovered {
          let what = named.map { "a part of \($0)" } ?? "a part of a function"
          problems.append(
            "\(name):\(hunk.line): this hunk shows only \(what); say --tree DIR with the source that it was made for"
          )
        }
      }
    }
  }

  /// The function that a hunk's heading names.
  private static func functionName(_ heading: String) -> String? {
    guard let open = heading.firstIndex(of: "(") else { return nil }
    let name = heading[..<open].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    return name.isEmpty ? nil : String(name.reversed())
  }
}
