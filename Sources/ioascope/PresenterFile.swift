import Foundation
import StepLanguage
import TOMLText

/// Where a presenter is in a lesson: what the terminal with the notes follows.
enum PresenterFile {
  /// A place in a lesson.
  struct Position: Hashable {
    var lesson: String
    var beat: Int
    var isAnswerShown: Bool
  }

  /// The file, in the directory for what the program remembers.
  static var path: String? { LessonFiles.stateDirectory.map { $0 + "/presenter.toml" } }

  /// Writes where the presenter is.
  static func write(_ position: Position) throws {
    guard let path else { return }
    let text = """
      # Where the presenter is; 'ioascope lesson LESSON --notes' follows.
      lesson = "\(position.lesson)"
      beat = \(position.beat)
      answer_shown = \(position.isAnswerShown)

      """
    try LessonFiles.write(text, to: path)
  }

  /// Where the presenter is; nil when nobody presents, or the file is just being written.
  static func read() -> Position? {
    guard let path, let text = try? InputFile.read(path),
      let table = try? TOMLPlaces(SourceFile(name: path, text: text), text: text).table(),
      let lesson = table["lesson"]?.string, let beat = table["beat"]?.int
    else { return nil }
    return Position(lesson: lesson, beat: beat, isAnswerShown: table["answer_shown"]?.bool ?? false)
  }
}
