import CustomDump
import Explorer
import Foundation
import Machine
import Recording
import Reports
import StepLanguage
import Testing

/// Every exhibit of the museum fits on a screen, replays from its session, and reads like a report.
@Suite struct MuseumReportTests {
  struct Exhibit: CustomStringConvertible, Sendable {
    var scenario: String
    var model: String
    var property: String
    var description: String { "\(scenario) under \(model): \(property)" }
  }

  /// The rows of the museum's tables.
  static let exhibits: [Exhibit] = {
    let pages = ["README.md", "second-wing.md"].compactMap { name in
      try? String(
        contentsOf: ReportWorkshop.checkout.appendingPathComponent("docs/museum/\(name)"), encoding: .utf8)
    }
    return pages.joined(separator: "\n").split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| "), !line.hasPrefix("| ---"), !line.hasPrefix("| |") else { return nil }
      let cells = line.dropFirst().split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count >= 7, cells[2].hasPrefix("`") else { return nil }
      func word(_ index: Int) -> String {
        cells[index].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
      }
      return Exhibit(scenario: word(2), model: word(3), property: word(4))
    }
  }()

  @Test func thePageHasItsExhibits() {
    #expect(Self.exhibits.count >= 90)
  }

  @Test(arguments: exhibits)
  func itFitsAndReplays(_ exhibit: Exhibit) throws {
    let world = try ReportWorkshop.world(exhibit.scenario, model: exhibit.model)
    let (timeline, complete) = try ReportWorkshop.timeline(exhibit.property, in: world)
    #expect(complete.isContained)
    let (_, again) = try ReportWorkshop.session(of: timeline)
    let report = try #require(FindingReport(again))
    #expect(report.finding.property.rawValue == exhibit.property)
    let screen = report.race(width: 100, height: 24)
    #expect(!screen.lines.isEmpty)
    #expect(screen.lines.count <= 24, "\(screen.text)")
    #expect(screen.lines.allSatisfy { $0.count <= 100 })
    #expect(report.race(width: 72, height: nil).lines.allSatisfy { $0.count <= 72 })
    for race in [screen, report.race(), report.race(width: 72, height: nil), report.race(height: 12)] {
      Self.expectOwnHeadings(race, report)
      let marks = race.lines.filter { $0.contains("*** \(exhibit.property)") }
      #expect(marks.count == 1, "the violation is marked once: \(race.text)")
    }
    #expect(!report.facts.isEmpty)
    #expect(!report.culprit.stack.isEmpty || exhibit.property == "leak")
    #expect(report.place != nil || exhibit.property == "livelock")
  }

  /// Each statement stands under the function that it is in: the nearest line above in its column that is indented less ends with its name.
  static func expectOwnHeadings(_ race: RaceDiagram, _ report: FindingReport) {
    let columns = Set(race.statements.map(\.column) + [0]).sorted()
    func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }
    func column(_ line: String) -> Int { columns.last { $0 <= indent(line) } ?? 0 }
    #expect(!race.statements.isEmpty)
    for statement in race.statements {
      let row = report.slice.rows[statement.row]
      let own = race.lines[statement.line]
      let heading = race.lines[2..<statement.line].last {
        column($0) == statement.column && indent($0) < indent(own)
      }
      guard let heading, let call = row.calls.last else {
        Issue.record("'\(own)' stands under nothing:\n\(race.text)")
        continue
      }
      let name = row.calls.count == 1 ? call.name : call.name + "()"
      let last = heading.drop { $0 == " " }.components(separatedBy: " > ").last ?? ""
      let isCut = last.hasSuffix("..") && name.hasPrefix(last.dropLast(2))
      #expect(last == name || isCut, "'\(own)' is in \(name) and stands under '\(last)':\n\(race.text)")
    }
  }

  /// Ten findings of ten properties, as a maintainer would send them.
  static let golden: [(exhibit: Exhibit, message: String?)] = [
    (Exhibit(scenario: "close-vs-unmap", model: "linux-6.12", property: "use-after-free"), nil),
    (Exhibit(scenario: "destroy-vs-put", model: "linux-6.12", property: "lost-wakeup"), nil),
    (Exhibit(scenario: "replace-vs-replace", model: "replace-v4", property: "leak"), nil),
    (Exhibit(scenario: "detach-with-pin", model: "replace-v2", property: "pin-on-old-ioas"), nil),
    (Exhibit(scenario: "pin-before-attach", model: "linux-6.5", property: "null-dereference"), nil),
    (
      Exhibit(scenario: "fault-alloc-fails", model: "fault-file-put-twice", property: "refcount-underflow"),
      nil
    ),
    (Exhibit(scenario: "kvm-vs-group-open", model: "group-kvm-lock-inverted", property: "lock-order"), nil),
    (Exhibit(scenario: "kvm-vs-group-open", model: "group-kvm-lock-inverted", property: "deadlock"), nil),
    (Exhibit(scenario: "two-accesses-replace", model: "replace-v6", property: "warn"), nil),
    (Exhibit(scenario: "refused-replace-with-pin", model: "replace-v8", property: "invariant"), nil),
  ]

  @Test(arguments: golden.indices)
  func itReadsLikeAReport(_ number: Int) throws {
    let (exhibit, message) = Self.golden[number]
    let world = try ReportWorkshop.world(exhibit.scenario, model: exhibit.model)
    let report = try ReportWorkshop.report(exhibit.property, in: world, message: message)
    let text = report.markdown(model: exhibit.model, scenario: exhibit.scenario) + "\n"
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/\(exhibit.model)--\(exhibit.scenario)--\(exhibit.property).md")
    if ProcessInfo.processInfo.environment["IOASCOPE_RECORD_GOLDEN"] != nil {
      try Data(text.utf8).write(to: file)
      return
    }
    expectNoDifference(text, try String(contentsOf: file, encoding: .utf8))
  }
}
