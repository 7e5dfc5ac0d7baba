/// One line of a kernel's log.
enum KernelLine {
  /// What a line begins.
  enum Section {
    /// The stack of who did it, or of a task.
    case calls
    /// The stack of who made the object.
    case allocated
    /// The stack of who freed it.
    case freed
    /// A link of a chain of locks.
    case chain
    /// Something that is no stack.
    case ended
  }

  // MARK: Dressings

  /// The line without quotes of a mail, what a log daemon writes in front, levels, time stamps and columns for the
  /// caller.
  static func bare(_ line: Substring) -> Substring {
    var rest = line
    while true {
      rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
      if rest.first == ">" || rest.first == "|" {
        rest.removeFirst()
      } else if rest.first == "<", let end = rest.firstIndex(of: ">"),
        rest[rest.index(after: rest.startIndex)..<end].allSatisfy(\.isNumber),
        rest.distance(from: rest.startIndex, to: end) <= 4
      {
        rest = rest[rest.index(after: end)...]
      } else if rest.first == "[", let end = rest.firstIndex(of: "]"),
        isColumn(rest[rest.index(after: rest.startIndex)..<end])
      {
        rest = rest[rest.index(after: end)...]
      } else if let range = rest.firstRange(of: " kernel: "), !rest[..<range.lowerBound].contains("+0x") {
        rest = rest[range.upperBound...]
      } else {
        while let last = rest.last, last == " " || last == "\r" || last == "\t" { rest.removeLast() }
        return rest
      }
    }
  }

  /// `  12.345678`, `   T123`, `C1`, `12.345678][ T5` and the like.
  private static func isColumn(_ text: Substring) -> Bool {
    let words = text.split(separator: " ")
    guard !words.isEmpty, words.count <= 2 else { return false }
    return words.allSatisfy { word in
      var digits = word
      if let first = digits.first, "TCtc".contains(first) { digits.removeFirst() }
      return !digits.isEmpty && digits.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "@") }
    }
  }

  // MARK: Heads

  /// What a line says is wrong, and the function that it names; nil when it says no such thing.
  static func headline(_ line: Substring) -> (kind: KernelReport.Kind, function: String)? {
    if line.contains("KASAN:") {
      let function = line.ranges(of: " in ").last.map { name(line[$0.upperBound...]) } ?? ""
      if line.contains("null-ptr-deref") { return (.nullDereference, function) }
      if line.contains("use-after-free") { return (.useAfterFree, function) }
      if line.contains("double-free") || line.contains("invalid-free") { return (.doubleFree, function) }
      return nil
    }
    if line.contains("refcount_t:") {
      if line.contains("addition on 0") || line.contains("increment on 0") { return (.refcountResurrect, "") }
      if line.contains("underflow") || line.contains("decrement hit 0") { return (.refcountUnderflow, "") }
      return nil
    }
    if line.hasPrefix("list_add corruption") || line.hasPrefix("list_del corruption")
      || line.hasPrefix("slab list_del corruption")
    {
      return (.listCorruption, "")
    }
    if line.contains("possible circular locking dependency") { return (.circularLocking, "") }
    if line.contains("possible recursive locking") { return (.recursiveLocking, "") }
    if line.contains("NULL pointer dereference") { return (.nullDereference, "") }
    if line.hasPrefix("INFO: task "), line.contains("blocked for more than") { return (.hungTask, "") }
    if line.hasPrefix("WARNING:"), let range = line.firstRange(of: " at ") {
      // `WARNING: CPU: 1 PID: 7 at dir/file.c:12 function+0x1/0x2`, or `WARNING: dir/file.c:12 at function+0x1/0x2,
      // CPU#1: …`.
      let words = line[range.upperBound...].split(separator: " ")
      let function = words.first { $0.contains("+0x") } ?? (words.count > 1 ? words[1] : words.first ?? "")
      return (.warning, name(function))
    }
    return nil
  }

  // MARK: Sections

  static func section(_ line: Substring) -> Section? {
    let lower = line.lowercased()
    if lower.hasPrefix("call trace:") || lower.hasPrefix("stack backtrace:") { return .calls }
    if lower.hasPrefix("allocated by task") || lower == "allocated:" { return .allocated }
    if lower.hasPrefix("freed by task") || lower == "freed:" { return .freed }
    if lower.hasPrefix("-> #") { return .chain }
    for end in [
      "the buggy address", "last potentially related work", "second to last potentially related",
      "showing all locks held", "other info that might help", "memory state around", "---[ end trace",
      "possible unsafe locking scenario", "modules linked in", "code:", "the existing dependency chain",
      "but task is already holding", "is trying to acquire", "</task>",
    ] where lower.hasPrefix(end) {
      return .ended
    }
    return nil
  }

  static func isChain(_ line: Substring) -> Bool { line.hasPrefix("-> #") }

  /// The class of a lock: `(&access->ioas_lock){+.+.}-{4:4}`.
  static func lock(_ line: Substring) -> String? {
    guard let brace = line.firstRange(of: "){"), let open = line[..<brace.lowerBound].firstIndex(of: "(")
    else {
      return nil
    }
    // `/1` is a subclass.
    let name = line[line.index(after: open)..<brace.lowerBound].prefix { $0 != "/" }
    return name.isEmpty || name.contains("(") ? nil : String(name)
  }

  /// The function of `RIP: 0010:name+0x1/0x2` or `pc : name+0x1/0x2`.
  static func instructionPointer(_ line: Substring) -> String? {
    if line.hasPrefix("RIP: ") {
      let rest = line.dropFirst(5)
      let word = rest.firstIndex(of: ":").map { rest[rest.index(after: $0)...] } ?? rest
      let function = name(word)
      return function.isEmpty ? nil : function
    }
    if line.hasPrefix("pc : ") {
      let function = name(line.dropFirst(5))
      return function.isEmpty ? nil : function
    }
    return nil
  }

  // MARK: Frames

  /// The function of a line of a stack, and whether the unwinder is sure of it.
  static func frame(_ line: Substring) -> (function: String, isSure: Bool)? {
    var rest = line
    var isSure = true
    // An address, as older kernels have it.
    if rest.hasPrefix("[<"), let end = rest.firstRange(of: ">]") {
      rest = rest[end.upperBound...].drop { $0 == " " }
    }
    if rest.hasPrefix("? ") {
      isSure = false
      rest = rest.dropFirst(2)
    }
    let function = name(rest)
    guard !function.isEmpty else { return nil }
    let behind = rest.dropFirst(rest.prefix { isNamePart($0) || $0 == "." }.count)
    // `f+0x1/0x2`, `f (file.c:1)`, `f file.c:1`, or a name that stands alone.
    guard behind.isEmpty || behind.hasPrefix("+0x") || behind.hasPrefix(" (") || isPlace(behind.dropFirst())
    else {
      return nil
    }
    return (function, isSure)
  }

  private static func isPlace(_ text: Substring) -> Bool {
    guard let word = text.split(separator: " ").first, let colon = word.lastIndex(of: ":") else {
      return false
    }
    let file = word[..<colon]
    return (file.hasSuffix(".c") || file.hasSuffix(".h") || file.hasSuffix(".S"))
      && word[word.index(after: colon)...].first?.isNumber == true
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "_")
  }

  /// A function's name at the beginning of a text, without what compilers put behind it; empty when there is none.
  static func name(_ text: Substring) -> String {
    let rest = text.drop { $0 == " " }
    var name = rest.prefix { isNamePart($0) }
    guard let first = name.first, !first.isNumber else { return "" }
    for prefix in ["__pfx_", "__x64_", "__arm64_", "__se_", "__do_"] where name.hasPrefix(prefix) {
      name = name.dropFirst(prefix.count)
    }
    return String(name)
  }
}
