import Foundation
import Lessons
import Machine
import StepLanguage
import Testing

/// The table of `docs/lessons.md`: every question of the history has a lesson, and what the row names is there and is played.
@Suite struct HistoryTests {
  struct Row: CustomStringConvertible, Sendable {
    var number: Int
    var lesson: String
    var scenario: String
    var model: String

    var description: String { "question \(number)" }
  }

  static let rows: [Row] = {
    let page = Shelf.checkout.appendingPathComponent("docs/lessons.md")
    guard let text = try? String(contentsOf: page, encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, let number = Int(cells[0]) else { return nil }
      let words = cells.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "`")) }
      return Row(number: number, lesson: words[2], scenario: words[3], model: words[4])
    }
  }()

  @Test func thereAreAllTwentyFour() {
    #expect(Self.rows.map(\.number) == Array(1...24))
  }

  @Test(arguments: rows)
  func whatARowNamesIsThere(_ row: Row) throws {
    let lesson = try Shelf.lesson(row.lesson)
    let scenario = try Shelf.library.scenario(named: row.scenario)
    _ = try World(program: Shelf.library.program(named: row.model), scenario: scenario)
    // A beat of the lesson says that the answer is found there, and makes the learner find it.
    let beats = lesson.beats.filter { $0.history.contains(row.number) }
    #expect(beats.contains { $0.question != nil || $0.goal != nil }, "no beat of \(row.lesson) answers it")
  }
}
