import StepLanguage

/// The functions and entries in which two models differ, line by line.
struct ModelDifference {
  /// One function's lines: those that went, those that came, and those that stayed between them.
  let text: String

  init(_ first: Program, _ second: Program) {
    var lines: [String] = []
    let old = Self.functions(first)
    let new = Self.functions(second)
    for name in Set(old.keys).union(new.keys).sorted() {
      switch (old[name], new[name]) {
      case (let before?, nil): lines.append("- \(name)  (\(before.count) lines, only in \(first.name))")
      case (nil, let after?): lines.append("+ \(name)  (\(after.count) lines, only in \(second.name))")
      case (let before?, let after?):
        guard before != after else { continue }
        lines.append("  \(name)")
        lines += Self.difference(before, after).map { "    \($0)" }
      case (nil, nil): break
      }
    }
    text =
      lines.isEmpty
      ? "\(first.name) and \(second.name) have the same functions."
      : "Functions that differ, \(first.name) (-) and \(second.name) (+):\n" + lines.joined(separator: "\n")
  }

  /// The lines of each function without their indentation, by what it is and its name.
  private static func functions(_ program: Program) -> [String: [String]] {
    var result: [String: [String]] = [:]
    let invariants = Set(program.invariants.map(\.function))
    for (index, function) in program.functions.enumerated() where index != program.initialFunction {
      let source = program.sources[function.span.file]
      let first = source.line(at: function.span.start)
      let last = source.line(at: function.span.end)
      let own = source.text(ofLine: first).prefix { $0 == " " }.count
      let kind = invariants.contains(index) ? "invariant" : function.isEntry ? "entry" : "fn"
      var lines = (first...last).map { line in
        let text = source.text(ofLine: line)
        return String(text.dropFirst(min(own, text.prefix { $0 == " " }.count)))
      }
      // What revisions change of it stands behind it.
      for patch in function.patches {
        let text = program.sources[patch.file]
        let lineNumbers = text.line(at: patch.start)...text.line(at: patch.end)
        let indent = text.text(ofLine: lineNumbers.lowerBound).prefix { $0 == " " }.count
        lines += lineNumbers.map { line in
          let words = text.text(ofLine: line)
          return String(words.dropFirst(min(indent, words.prefix { $0 == " " }.count)))
        }
      }
      result["\(kind) \(function.name)"] = lines
    }
    return result
  }

  /// Changed lines with two lines around them (longest common subsequence).
  private static func difference(_ old: [String], _ new: [String]) -> [String] {
    let change = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for step in change {
      switch step {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var rows: [(mark: String, text: String)] = []
    var left = 0
    var right = 0
    while left < old.count || right < new.count {
      if left < old.count, removed.contains(left) {
        rows.append(("-", old[left]))
        left += 1
      } else if right < new.count, inserted.contains(right) {
        rows.append(("+", new[right]))
        right += 1
      } else {
        rows.append((" ", old[left]))
        left += 1
        right += 1
      }
    }
    let changed = rows.indices.filter { rows[$0].mark != " " }
    var result: [String] = []
    var last = -1
    for index in rows.indices where changed.contains(where: { abs($0 - index) <= 2 }) {
      if last >= 0, index > last + 1 { result.append("  …") }
      result.append("\(rows[index].mark) \(rows[index].text)")
      last = index
    }
    return result
  }
}
