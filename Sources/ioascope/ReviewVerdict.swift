import Basics
import Explorer
import Foundation
import Machine
import Reports
import StepLanguage

/// The verdicts of one scenario before and after a patch.
struct ReviewVerdict {
  let scenario: Scenario
  let first: World
  let second: World
  /// `holds`, `bounded by …`, or the violated properties in alphabetical order.
  let before: [String]
  let after: [String]
  /// Whether one of the searches did not come to its end.
  let isBounded: Bool
  private let isAfterBounded: Bool
  /// What is found after the patch and was not before it, explained; none where nothing got worse.
  private(set) var entries: [CheckReport.Entry] = []

  init(_ scenario: Scenario, _ first: World, _ second: World, maxStates: Int) {
    self.scenario = scenario
    self.first = first
    self.second = second
    let one = Search(world: first).run(limits: Search.Limits(states: maxStates))
    let other = Search(world: second).run(limits: Search.Limits(states: maxStates))
    before = one.words
    after = other.words
    isBounded = one.bound != nil || other.bound != nil
    isAfterBounded = other.bound != nil
    // The same property may be violated in another way: a verdict that stays can hide that.
    let ways = Set(one.counterexamples.map { Self.way($0.finding, first) })
    let isOther = other.counterexamples.contains { !ways.contains(Self.way($0.finding, second)) }
    guard isWorse || isOther else { return }
    let known = Set(before)
    let report = CheckReport(
      world: second, scenario: scenario.name, result: other, seconds: 0, peakBytes: 0)
    entries = report.entries.filter {
      let finding = $0.counterexample.example.finding
      return isWorse
        ? !known.contains(finding.property.rawValue) : !ways.contains(Self.way(finding, second))
    }
  }

  /// What is violated and where, in words that a change of other lines does not touch.
  private static func way(_ finding: Finding, _ world: World) -> String {
    let program = world.program
    let place = finding.statement.map { program.functions[program.statements[$0].function].name } ?? ""
    return "\(finding.property.rawValue) \(place)"
  }

  private static func violated(_ words: [String]) -> Set<String> {
    Set(words.filter { $0 != "holds" && !$0.hasPrefix("bounded") })
  }

  /// Whether something is violated after the patch that was not before.
  var isWorse: Bool { !Self.violated(after).subtracting(Self.violated(before)).isEmpty }

  /// Whether something is no longer violated, and nothing new is.
  var isBetter: Bool {
    !isWorse && after != before && Self.violated(after).isStrictSubset(of: Self.violated(before))
      && !isAfterBounded
  }

  /// Whether the verdict stays and something is found in another function than before.
  var isOtherwise: Bool { before == after && !entries.isEmpty }

  /// Whether there is something to say about it.
  var isToBeShown: Bool { before != after || isOtherwise }

  /// Keeps a session for each finding.
  mutating func writeSessions(to directory: String) throws {
    for number in entries.indices {
      let complete = entries[number].counterexample
      let property = complete.example.finding.property.rawValue
      let path = "\(directory)/after--\(scenario.name)--\(number + 1)-\(property).ioas"
      try SessionFile.write(complete, world: second, scenario: scenario, to: path)
      entries[number].session = path
    }
  }

  /// The change, and for each new finding its place in C, the stacks, what was known when, and the race over the lines of C.
  var text: String {
    var lines = [
      isOtherwise
        ? "the same, in another place: \(scenario.name): \(after.joined(separator: ", "))"
        : "\(isWorse ? "worse" : isBetter ? "better" : "changed"): \(scenario.name): \(before.joined(separator: ", ")) -> \(after.joined(separator: ", "))"
    ]
    for entry in entries {
      let finding = entry.counterexample.example.finding
      lines.append("  \(finding.property.rawValue): \(finding.message)")
      lines += (entry.report?.lines() ?? []).map { $0.isEmpty ? "" : "    \($0)" }
      if let session = entry.session { lines.append("    \(session)") }
    }
    return lines.joined(separator: "\n")
  }

  /// The same as one JSON object; the first session stands beside the verdicts, too.
  var json: String {
    func list(_ words: [String]) -> String { "[\(words.map(JSON.quoted).joined(separator: ","))]" }
    var fields = [
      "\"scenario\":\(JSON.quoted(scenario.name))", "\"before\":\(list(before))",
      "\"after\":\(list(after))",
    ]
    if let session = entries.lazy.compactMap(\.session).first {
      fields.append("\"session\":\(JSON.quoted(session))")
    }
    if isWorse || isOtherwise {
      let findings = entries.map { entry -> String in
        let race = entry.report?.race(width: 72, height: nil).lines ?? []
        return "\(entry.json.dropLast()),\"race\":\(list(race))}"
      }
      fields.append("\"findings\":[\(findings.joined(separator: ","))]")
    }
    return "{\(fields.joined(separator: ","))}"
  }
}
