import Interface
import Lessons

/// Writes down what became of a lesson when it changes: a learner's progress, or for a teacher's second terminal where the class is.
struct LessonKeeper {
  private var progress: CourseProgress
  private var position: PresenterFile.Position?

  init(_ lesson: LessonScreen) {
    progress = lesson.progress
  }

  /// Writes what changed; gives why that was not possible.
  mutating func keep(_ lesson: LessonScreen) -> String? {
    do {
      if lesson.isPresenting {
        let here = PresenterFile.Position(
          lesson: lesson.walkthrough.lesson.name, beat: lesson.position.beat,
          isAnswerShown: lesson.position.isAnswerShown)
        if here != position {
          position = here
          try PresenterFile.write(here)
        }
      } else if lesson.progress != progress {
        progress = lesson.progress
        try LessonFiles.save(progress)
      }
      return nil
    } catch {
      return CommandError(error).message
    }
  }
}
