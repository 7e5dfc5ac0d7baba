import Interface
import Lessons

/// Opens a lesson at the terminal.
enum LessonSession {
  /// Runs a lesson until the user leaves it.
  ///
  /// - Parameters:
  ///   - lesson: the lesson.
  ///   - beat: the beat to begin at, from 1; nil goes on where the learner left it.
  ///   - isPresenting: whether it is shown to a class.
  ///   - isLarge: whether it is set large.
  ///   - isPlain: whether it goes without a screen.
  ///   - display: how to draw.
  ///   - directories: where models and scenarios are.
  @MainActor
  static func run(
    _ lesson: Lesson, beat: Int?, isPresenting: Bool = false, isLarge: Bool = false, isPlain: Bool = false,
    display: DisplayOptions,
    directories: DataDirectories
  ) throws {
    let progress = try LessonFiles.progress()
    func open(_ lesson: Lesson, _ progress: CourseProgress, beat: Int?) throws -> LessonScreen {
      let known = progress.lessons[lesson.name]
      // A lesson that was finished begins anew.
      let resumed = known.map { $0.isFinished ? 1 : min($0.beat, lesson.beats.count) } ?? 1
      do {
        return try LessonScreen(
          lesson, beat: (beat ?? (isPresenting ? 1 : resumed)) - 1, library: directories.library,
          progress: progress,
          exercisePath: LessonFiles.exercisePath, isPresenting: isPresenting, isLarge: isLarge,
          nextTitle: LessonFiles.after(lesson, directories)?.title)
      } catch let error as LessonFailure {
        throw CommandError(
          "the lesson '\(lesson.name)' cannot be played: \(error.message)", status: ExitStatus.data)
      }
    }
    let screen = try open(lesson, progress, beat: beat)
    if isPlain {
      var plain = PlainLesson(screen)
      return try plain.run()
    }
    var session = InteractiveSession(
      state: screen.state, lesson: screen, display: display, directories: directories,
      alternative: "ioascope lesson \(lesson.name) --plain, or --print")
    session.nextLesson = { present in
      guard let next = LessonFiles.after(present.walkthrough.lesson, directories) else { return nil }
      return try open(next, present.progress, beat: nil)
    }
    try session.run()
  }
}
