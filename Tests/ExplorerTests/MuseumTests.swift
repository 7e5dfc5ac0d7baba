import Explorer
import Foundation
import Machine
import StepLanguage
import Testing

/// Every exhibit of the museum's two wings: the checker finds the bug before its fix and not after.
@Suite struct MuseumTests {
  struct Exhibit: CustomStringConvertible, Sendable {
    var name: String
    var scenario: String
    var before: String
    var property: String
    var after: String
    var holdsAfter: Bool

    var description: String { "\(name): \(scenario), \(before) and \(after)" }
  }

  /// The rows of the pages' tables, so that the pages and the test cannot part.
  static let exhibits: [Exhibit] = {
    let pages = ["README.md", "second-wing.md"].compactMap { name in
      try? String(
        contentsOf: SearchTests.checkout.appendingPathComponent("docs/museum/\(name)"), encoding: .utf8)
    }
    return pages.joined(separator: "\n").split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| "), !line.hasPrefix("| ---"), !line.hasPrefix("| |") else { return nil }
      let cells = line.dropFirst().split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count >= 7, cells[2].hasPrefix("`") else { return nil }
      func word(_ index: Int) -> String {
        cells[index].trimmingCharacters(in: CharacterSet(charactersIn: "`"))
      }
      return Exhibit(
        name: cells[0], scenario: word(2), before: word(3), property: word(4), after: word(5),
        holdsAfter: cells[6].hasPrefix("holds"))
    }
  }()

  @Test func thePageHasItsExhibits() {
    #expect(Self.exhibits.count >= 90)
  }

  @Test(arguments: exhibits)
  func theBugIsFoundBeforeItsFixAndNotAfter(_ exhibit: Exhibit) throws {
    let scenario = try SearchTests.library.scenario(named: exhibit.scenario)
    func properties(_ model: String) throws -> Set<String> {
      let world = try World(program: try SearchTests.library.program(named: model), scenario: scenario)
      let result = Search(world: world).run(limits: Search.Limits(states: 500_000))
      if case .bounded(let bound) = result.verdict { Issue.record("\(model): \(bound)") }
      return Set(result.counterexamples.map(\.finding.property.rawValue))
    }
    let before = try properties(exhibit.before)
    #expect(before.contains(exhibit.property), "before: \(before.sorted())")
    let after = try properties(exhibit.after)
    #expect(!after.contains(exhibit.property), "after: \(after.sorted())")
    #expect(after.isEmpty == exhibit.holdsAfter, "after: \(after.sorted())")
  }
}
