import Foundation
import Lessons
import StepLanguage
import Testing

/// The course as it comes with the program.
@Suite struct CourseTests {
  @Test func thereAreLessonsEnough() {
    #expect(Shelf.names.count >= 12)
    #expect(Shelf.names == Shelf.names.sorted())
  }

  /// Plays a lesson from end to end; what does not work is thrown with its place.
  @Test(arguments: Shelf.names)
  func everyBeatPlays(_ name: String) throws {
    let lesson = try Shelf.lesson(name)
    let performances: [Rehearsal.Performance]
    do {
      performances = try Rehearsal(lesson, library: Shelf.library).play()
    } catch let error as DiagnosticError {
      Issue.record("\(error.rendered)")
      return
    }
    #expect(performances.count == lesson.beats.count)
    #expect(!lesson.exercises.isEmpty, "every lesson has an exercise")
    #expect(lesson.questionCount >= 3)
    for performance in performances {
      let beat = lesson.beats[performance.number]
      if let asked = performance.asked { check(asked, "\(name), beat \(performance.number + 1)") }
      if beat.goal != nil { #expect(!performance.solution.isEmpty, "\(name): \(beat.name)") }
    }
  }

  /// The right answer is right, a wrong one is wrong and is met with why.
  private func check(_ asked: AskedQuestion, _ place: String) {
    #expect(asked.judge(asked.answer).isRight, "\(place)")
    #expect(!asked.why.isEmpty, "\(place)")
    #expect(asked.hints.count == 3 && asked.hints.allSatisfy { !$0.isEmpty }, "\(place)")
    switch asked.form {
    case .number:
      let wrong = asked.judge(.number((asked.number ?? 0) + 1))
      #expect(!wrong.isRight && wrong.why.count > 20, "\(place)")
    case .one, .several:
      for (number, option) in asked.options.enumerated() where !option.isRight {
        let wrong = asked.judge(.options([number]))
        #expect(!wrong.isRight && !wrong.why.isEmpty, "\(place): \(option.text)")
      }
    }
  }

  /// Short beats: what does not fit into a corner of an 80x24 screen is not read.
  @Test(arguments: Shelf.names)
  func beatsAreShort(_ name: String) throws {
    for (number, beat) in try Shelf.lesson(name).beats.enumerated() {
      #expect(beat.say.count <= 620, "\(name), beat \(number + 1): \(beat.say.count) characters")
    }
  }

  /// A lesson whose solution does not reach its goal must not pass.
  @Test func aWrongSolutionIsNoticed() throws {
    let text = try Shelf.text("01-what-is-an-ioas").replacingOccurrences(
      of: "solution = [\"T0 until takes access1.ioas_lock\"]", with: "solution = [\"T0 step\"]")
    let lesson = try Shelf.lesson(text: text)
    #expect(throws: DiagnosticError.self) {
      try Rehearsal(lesson, library: Shelf.library).play(searches: false)
    }
  }

  @Test func anUntrueExpectationIsNoticed() throws {
    let text = try Shelf.text("01-what-is-an-ioas").replacingOccurrences(
      of: "\"ioas1 exists\"", with: "\"ioas1 gone\"")
    let lesson = try Shelf.lesson(text: text)
    let error = #expect(throws: DiagnosticError.self) {
      try Rehearsal(lesson, library: Shelf.library).play(searches: false)
    }
    #expect(error?.diagnostics.first?.message == "'ioas1 gone' is not so when this beat begins")
    let place = text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
      $0.contains("ioas1 gone")
    }
    #expect(error?.diagnostics.first?.line == place.map { $0 + 1 })
  }

  /// A repair whose solution mends nothing must not pass.
  @Test func aRepairThatMendsNothingIsNoticed() throws {
    let text = try Shelf.text("08-two-pointers").replacingOccurrences(
      of: "with = \"let ioas = access.ioas_unpin\"", with: "with = \"let ioas = access.ioas\"")
    let lesson = try Shelf.lesson(text: text)
    let error = #expect(throws: DiagnosticError.self) { try Rehearsal(lesson, library: Shelf.library).play() }
    #expect(error?.diagnostics.first?.message.hasPrefix("the solution does not mend it") == true)
  }
}
