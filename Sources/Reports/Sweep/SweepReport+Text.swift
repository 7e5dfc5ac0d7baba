import Explorer
import StepLanguage

extension SweepReport {
  /// The whole report as text.
  ///
  /// - Parameter gaps: how many statements that nothing reached are listed.
  public func text(gaps: Int = 40) -> String {
    var lines = [headline]
    lines += sizeLines.map { "  " + $0 }
    lines += leftOutLines.map { "  " + $0 }
    if let other { lines += differenceLines(other) }
    for (number, entry) in entries.enumerated() { lines += [""] + findingLines(number + 1, entry) }
    lines += unreachedLines(gaps)
    return lines.joined(separator: "\n")
  }

  private var headline: String {
    let programs = result.sizes.reduce(0) { $0 + $1.covered + $1.bounded }
    var text = "\(result.model)"
    if let other { text += " against \(other)" }
    text += ": \(Self.count(programs, "program")), "
    if other == nil {
      text += entries.isEmpty ? "nothing found" : Self.count(entries.count, "distinct finding")
    } else {
      text +=
        result.differences.isEmpty
        ? "no verdict differs"
        : Self.count(result.differences.count, "kind of difference", "kinds of difference")
    }
    text +=
      "  (\(Self.count(result.setups, "set-up")), \(result.states) states, \(Decimals.text(seconds, 2)) s)"
    if result.options.parts > 1 { text += ", part \(result.options.part) of \(result.options.parts)" }
    return text
  }

  private var sizeLines: [String] {
    var lines: [String] = []
    for size in result.sizes {
      let checked = size.covered + size.bounded
      var line = "\(size.shape.text): "
      line += size.isWhole ? "\(size.programs)" : "at least \(size.programs)"
      line += " \(size.programs == 1 ? "program" : "programs"), \(size.covered) covered in full"
      if size.bounded > 0 { line += ", \(size.bounded) stopped by a bound" }
      if size.violated > 0 { line += ", \(size.violated) violated" }
      if size.incomparable > 0 { line += ", \(size.incomparable) that the other model cannot run" }
      if checked < size.programs, result.options.parts == 1 {
        line += ", \(size.programs - checked) not checked"
      }
      lines.append(line)
    }
    if !result.isCovered { lines.append("not everything was covered\(whyNot)") }
    if !missing.isEmpty { lines.append("missing parts: \(Self.list(missing))") }
    if !stopped.isEmpty { lines.append("parts that were stopped: \(Self.list(stopped))") }
    return lines
  }

  private var whyNot: String {
    if result.isStopped { return ": the sweep was stopped" }
    if !result.limits.isEmpty { return ": a limit of the machine was exceeded" }
    return ": a program has more than \(result.options.states) states"
  }

  private var leftOutLines: [String] {
    let left = result.leftOut
    return [
      "left out: \(left.failing) operations that only fail where they were tried; \(left.idle) programs with something idle beside a smaller one; \(left.alike) like one that is there"
    ]
  }

  private func differenceLines(_ other: String) -> [String] {
    var lines: [String] = []
    for difference in result.differences {
      lines += [
        "",
        "\(result.model): \(difference.own.joined(separator: ", ")); \(other): \(difference.other.joined(separator: ", "))  (\(Self.count(difference.programs, "program")))",
      ]
      lines += Self.lines(of: difference.program).map { "  " + $0 }
    }
    return lines
  }

  private func findingLines(_ number: Int, _ entry: Entry) -> [String] {
    let finding = entry.finding
    var lines = ["\(number). \(finding.identity.property): \(finding.message)"]
    lines.append("   \(Self.count(finding.programs, "program")); the smallest:")
    lines += Self.lines(of: finding.program).map { "     " + $0 }
    if let checked = entry.entry, let report = checked.report {
      if let sentence = Rule.sentence(report.rules, plain: true) { lines.append("   \(sentence)") }
      if let place = report.place {
        lines.append(
          "   \(report.isPlaceOfMaking ? "made" : report.culprit.name) at \(place.file):\(place.line):\(place.column) in \(place.function): \(place.text)"
        )
      }
      lines += report.stackLines.map { "     " + $0 }
      lines.append("   \(report.size(isMinimal: checked.counterexample.example.isMinimal))")
    }
    lines += entry.files.map { "   \($0)" }
    return lines
  }

  private func unreachedLines(_ most: Int) -> [String] {
    guard !result.unreached.isEmpty else { return [] }
    var lines = [
      "",
      "\(Self.count(result.unreached.count, "statement")) that no operation reaches when it runs alone behind any set-up",
    ]
    lines += result.unreached.prefix(most).map { statement in
      let place = program.place(of: statement)
      return "  \(place.file):\(place.line):\(place.column): \(place.text) (\(place.function))"
    }
    if result.unreached.count > most { lines.append("  and \(result.unreached.count - most) more") }
    return lines
  }

  /// A program, a line for the set-up and one for each thread.
  static func lines(of program: SweepProgram) -> [String] {
    (program.setup.isEmpty ? [] : ["set-up: \(program.setup.joined(separator: "; "))"])
      + program.threads.enumerated().map { "T\($0.offset + 1): \($0.element.joined(separator: "; "))" }
  }

  private static func count(_ number: Int, _ word: String, _ plural: String? = nil) -> String {
    "\(number) \(number == 1 ? word : plural ?? word + "s")"
  }

  private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
}
