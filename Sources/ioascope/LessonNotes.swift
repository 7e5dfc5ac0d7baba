import Foundation
import Lessons

/// A teacher's second terminal: notes to the beat that is shown, its answer, and what comes next.
struct LessonNotes {
  private let lesson: Lesson
  private let performances: [Rehearsal.Performance]

  init(_ lesson: Lesson, _ performances: [Rehearsal.Performance]) {
    self.lesson = lesson
    self.performances = performances
  }

  /// The page for a beat, by its number from 0.
  func page(_ number: Int, width: Int) -> String {
    let beat = lesson.beats[number]
    var lines = ["\(lesson.title)  \(number + 1)/\(lesson.beats.count)", ""]
    func add(_ head: String, _ text: String) {
      guard !text.isEmpty else { return }
      lines += Handout.wrap("\(head): \(text)", width) + [""]
    }
    add("Notes", beat.notes.isEmpty ? "none for this beat" : beat.notes.replacing("\n", with: " "))
    let performance = performances.first { $0.number == number }
    if let asked = performance?.asked {
      add("Question", asked.text)
      add("Answer", "\(asked.words(asked.answer)). \(asked.why)")
    }
    if let goal = beat.goal {
      add("Task", goal.text)
      if let par = performance?.par { add("Par", "\(par)") }
      add("Solution", performance?.solution.joined(separator: "; ") ?? "")
    }
    if lesson.beats.indices.contains(number + 1) {
      add("Next", lesson.beats[number + 1].say.replacing("\n", with: " "))
    } else {
      add("Next", "this is the last beat")
    }
    return lines.joined(separator: "\n")
  }

  /// Prints the page of the present beat, again whenever the presenter goes on; ends with the process.
  func follow(from start: Int) throws {
    var shown: PresenterFile.Position?
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var isFirst = true
    while true {
      let position = PresenterFile.read()
      if position != shown || isFirst {
        isFirst = false
        shown = position
        var number = start
        if let position, position.lesson == lesson.name, lesson.beats.indices.contains(position.beat - 1) {
          number = position.beat - 1
        }
        // A page at a time: the screen is cleared, and the cursor goes to its top.
        let clear = isTerminal ? "\u{1b}[2J\u{1b}[H" : ""
        try StandardStreams.print(clear + page(number, width: 76))
      }
      usleep(200_000)
    }
  }
}
