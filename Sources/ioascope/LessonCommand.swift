import ArgumentParser
import Foundation
import Interface
import Lessons
import StepLanguage

/// `ioascope lesson`: the course.
struct LessonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson",
    abstract: "Takes you through a lesson; with no name, lists the course with your progress.",
    discussion: """
      A lesson is named by its name, a part of it, its number, or a .toml file. --print needs no terminal: it plays the whole lesson, with the
      steps, the questions and the answers. Progress is kept in one readable file under $XDG_STATE_HOME/ioascope.

      Example:
        ioascope lesson 1
        ioascope lesson 3 --handout handout.html
      """)

  @Argument(help: "The lesson.")
  var lesson: String?

  @Flag(name: .long, help: "Print the whole walkthrough, with answers; needs no terminal.")
  var print = false

  @Option(name: .long, help: "Write the lesson as a handout, without answers: .md or .html.")
  var handout: String?

  @Flag(name: .long, help: "With --handout: answers and solutions, too.")
  var answers = false

  @Option(name: .long, help: "The beat to begin at, from 1.")
  var beat: Int?

  @Flag(
    name: .long,
    help: "Show the lesson to a class: answers wait until you show them, and nothing is noted down.")
  var present = false

  @Flag(
    name: .long,
    help:
      "In a second terminal: the notes to the beat that is being presented, its answer, and what comes next.")
  var notes = false

  @Flag(name: .long, help: "Set the text wide, with one panel beside it.")
  var large = false

  @Flag(name: .long, help: "Sentences instead of a screen: for screen readers, pipes and scripts.")
  var plain = false

  @Flag(
    name: .long,
    help:
      "Forget the progress in this lesson, or with no name in all; models that you mended are put aside as .old."
  )
  var reset = false

  @Option(name: .long, help: "Write your progress to this file.")
  var exportProgress: String?

  @Option(name: .long, help: "Take in the progress of this file: of each thing the better.")
  var importProgress: String?

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if let beat, beat < 1 { throw ValidationError("--beat takes a beat's number from 1") }
    if let handout, !handout.hasSuffix(".md"), !handout.hasSuffix(".html") {
      throw ValidationError("--handout takes a file that ends in .md or .html")
    }
    if lesson == nil, print || handout != nil || beat != nil || present || notes || large || plain {
      throw ValidationError("name the lesson; 'ioascope list lessons' shows what there is")
    }
  }

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      if reset || exportProgress != nil || importProgress != nil { return try keepBooks(directories) }
      guard let lesson else { return try list(directories) }
      let chosen = try LessonFiles.lesson(lesson, directories)
      if let beat, beat > chosen.beats.count {
        throw CommandError(
          "the lesson '\(chosen.name)' has \(chosen.beats.count) beats", status: ExitStatus.noInput)
      }
      if let handout { return try write(chosen, to: handout, directories) }
      if print { return try printAll(chosen, directories) }
      if notes {
        let performances = try Rehearsal(chosen, library: directories.library).play()
        return try LessonNotes(chosen, performances).follow(from: (beat ?? 1) - 1)
      }
      try play(chosen, directories)
    }
  }

  /// Opens the lesson where the learner left it.
  @MainActor
  private func play(_ lesson: Lesson, _ directories: DataDirectories) throws {
    try LessonSession.run(
      lesson, beat: beat, isPresenting: present, isLarge: large, isPlain: plain, display: display,
      directories: directories)
  }

  // MARK: Without a terminal

  private func printAll(_ lesson: Lesson, _ directories: DataDirectories) throws {
    var performances = try Rehearsal(lesson, library: directories.library).play()
    if let beat { performances.removeFirst(beat - 1) }
    try StandardStreams.print(Handout(lesson, performances, contents: [.answers, .steps]).text())
  }

  private func write(_ lesson: Lesson, to path: String, _ directories: DataDirectories) throws {
    let performances = try Rehearsal(lesson, library: directories.library).play()
    let handout = Handout(lesson, performances, contents: answers ? [.answers, .notes] : [])
    try LessonFiles.write((path.hasSuffix(".md") ? handout.markdown : handout.html) + "\n", to: path)
  }

  // MARK: Progress

  private func keepBooks(_ directories: DataDirectories) throws {
    var progress = reset && lesson == nil ? CourseProgress() : try LessonFiles.progress()
    if reset {
      let lessons =
        try lesson.map { [try LessonFiles.lesson($0, directories)] } ?? LessonFiles.all(directories) { _ in }
      for lesson in lessons {
        progress.reset(lesson.name)
        try LessonFiles.putAside(lesson)
      }
    }
    if let importProgress {
      progress.merge(try CourseProgress(try InputFile.read(importProgress), path: importProgress))
    }
    if reset || importProgress != nil { try LessonFiles.save(progress) }
    if let exportProgress { try LessonFiles.write(progress.text, to: exportProgress) }
  }

  private func list(_ directories: DataDirectories) throws {
    let progress = try LessonFiles.progress()
    let lessons = LessonFiles.all(directories) { StandardStreams.complain($0) }
    let names = lessons.map(\.name.count).max() ?? 0
    for lesson in lessons {
      let entry = progress.lessons[lesson.name]
      let state = LessonProgressText.text(entry, lesson)
      let name = lesson.name + String(repeating: " ", count: names - lesson.name.count)
      try StandardStreams.print("\(name)  \(state)  \(lesson.title)")
    }
  }
}

/// How far a learner has come in a lesson, in a few characters.
enum LessonProgressText {
  /// `new`, `beat 3/9` or `done`, and the stars of its exercises.
  static func text(_ entry: CourseProgress.Entry?, _ lesson: Lesson) -> String {
    let state: String
    if let entry {
      state = entry.isFinished ? "done" : "beat \(entry.beat)/\(lesson.beats.count)"
    } else {
      state = "new"
    }
    let most = lesson.exercises.count * 3
    let stars = lesson.exercises.reduce(0) { $0 + (entry?.stars[$1.name] ?? 0) }
    let padded = state + String(repeating: " ", count: max(0, 10 - state.count))
    let count = most == 0 ? "" : "\(stars)/\(most) stars"
    return padded + "  " + count + String(repeating: " ", count: max(0, 10 - count.count))
  }
}
