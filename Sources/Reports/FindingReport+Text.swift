import Scene
import StepLanguage

extension FindingReport {
  /// `use-after-free: thing1 is used after it was freed`.
  public var heading: String { "\(finding.property.rawValue): \(finding.message)" }

  /// How long the way is, in words: `65 steps, 1 preemption, 2 threads`. Steps of the set-up count; its thread and barriers do not.
  public func size(isMinimal: Bool = false) -> String {
    func number(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
    var text =
      "\(number(step, "step")), \(number(preemptions, "preemption")), \(number(movingThreads, "thread"))"
    if setup > 0 {
      text =
        "\(number(step, "step")) (\(setup) of set-up), \(number(preemptions, "preemption")), \(number(movingThreads, "thread"))"
    }
    if isMinimal { text += ", no shorter counterexample exists" }
    return text
  }

  /// The finding in lines of text: place, stacks, facts and the race.
  ///
  /// - Parameters:
  ///   - width: columns of the race diagram.
  ///   - height: its most lines.
  public func lines(width: Int = 72, height: Int? = 24) -> [String] {
    var lines: [String] = []
    if let place {
      let who = isPlaceOfMaking ? "made" : culprit.name
      lines.append(
        "\(who) at \(place.file):\(place.line):\(place.column) in \(place.function): \(place.text)")
    } else {
      lines.append(culprit.name)
    }
    lines += stackLines.map { "  " + $0 }
    lines += facts.map { "- " + $0 }
    let race = race(width: width, height: height)
    if !race.lines.isEmpty {
      lines.append("")
      lines += race.lines
      if race.leftOut > 0 { lines.append("(\(race.leftOut) statements of less weight are left out)") }
    }
    return lines
  }

  /// The stacks of the threads that have to do with it, the innermost function first.
  public var stackLines: [String] {
    var lines: [String] = []
    for thread in [culprit] + others {
      guard !thread.stack.isEmpty || thread.thread == culprit.thread else { continue }
      lines += Self.lines(of: thread)
    }
    for past in past { lines += Self.lines(of: past.thread) }
    return lines
  }

  private static func lines(of thread: ThreadStack) -> [String] {
    var head = "\(thread.name):"
    if !thread.operation.isEmpty { head += " \(thread.operation)" }
    if !thread.state.isEmpty {
      head += thread.operation.isEmpty ? " \(thread.state)" : " (\(thread.state))"
    }
    return [head]
      + thread.stack.reversed().map { frame in
        "  \(frame.function)" + (frame.place.map { "  \($0.fileName):\($0.line)" } ?? "")
      }
  }

  /// The finding for a mail or an issue.
  ///
  /// - Parameters:
  ///   - model: the model's name.
  ///   - scenario: the scenario's name; empty for none.
  ///   - rows: the steps to add as a table; none by default.
  public func markdown(model: String, scenario: String, rows: [String] = []) -> String {
    var lines = ["# \(heading)", ""]
    let run = scenario.isEmpty ? "Model `\(model)`" : "Model `\(model)`, scenario `\(scenario)`"
    lines += ["\(run), step \(step): \(finding.property.title).", ""]
    if let sentence = Rule.sentence(rules) { lines += ["It \(sentence).", ""] }
    if let place {
      lines += [
        "\(isPlaceOfMaking ? "Made" : culprit.name) in `\(place.function)`, \(place.fileName):\(place.line):\(place.column): `\(place.text)`",
        "",
      ]
    }
    if !facts.isEmpty { lines += facts.map { "- \($0)" } + [""] }
    let race = race()
    if !race.lines.isEmpty { lines += ["```"] + race.lines + ["```", ""] }
    if race.leftOut > 0 { lines += ["\(race.leftOut) statements of less weight are left out.", ""] }
    let stacks = stackLines
    if !stacks.isEmpty { lines += ["Stacks:", "", "```"] + stacks + ["```", ""] }
    lines.append(
      "\(size()); it depends on \(slice.steps.filter { $0 > setup }.count) of them behind the set-up.")
    if !rows.isEmpty { lines += [""] + rows }
    return lines.joined(separator: "\n")
  }
}

extension FindingReport.Place {
  /// The file's name without its folders.
  public var fileName: String { file.split(separator: "/").last.map(String.init) ?? file }
}
