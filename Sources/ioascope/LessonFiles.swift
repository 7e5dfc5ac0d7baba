import Foundation
import Lessons
import StepLanguage

/// Lessons, a learner's progress and a learner's exercises as files.
enum LessonFiles {
  /// All lessons in the order of the course. One that is wrong is left out and told: a learner's own must not keep the others from being read.
  static func all(_ directories: DataDirectories, complaint: (String) -> Void) -> [Lesson] {
    directories.entries(.lessons).compactMap { entry in
      do {
        return try read(entry.path)
      } catch {
        complaint(CommandError(error).message)
        return nil
      }
    }
  }

  /// The lesson that comes next in the course; nil after the last one.
  static func after(_ lesson: Lesson, _ directories: DataDirectories) -> Lesson? {
    let lessons = all(directories) { _ in }
    guard let place = lessons.firstIndex(where: { $0.name == lesson.name }) else { return nil }
    return lessons.dropFirst(place + 1).first
  }

  /// The lesson of that name, of that number in the course, or in that file.
  static func lesson(_ name: String, _ directories: DataDirectories) throws -> Lesson {
    if name.contains("/") || name.hasSuffix(".toml") { return try read(name) }
    if let path = directories.path(.lessons, name) { return try read(path) }
    let entries = directories.entries(.lessons)
    if let number = Int(name), entries.indices.contains(number - 1) {
      return try read(entries[number - 1].path)
    }
    let matching = entries.filter { $0.name.contains(name) }
    if matching.count == 1 { return try read(matching[0].path) }
    throw CommandError(
      "there is no lesson '\(name)'; 'ioascope list lessons' shows what there is", status: ExitStatus.noInput)
  }

  private static func read(_ path: String) throws -> Lesson {
    try LessonText.read(try InputFile.read(path), path: path)
  }

  // MARK: State

  /// `$XDG_STATE_HOME/ioascope`, where what the program remembers is kept; nil without a home.
  static var stateDirectory: String? {
    let environment = ProcessInfo.processInfo.environment
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/ioascope" }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return home + "/.local/state/ioascope"
  }

  /// `$XDG_DATA_HOME/ioascope`, the user's own data; nil without a home.
  static var dataDirectory: String? {
    let environment = ProcessInfo.processInfo.environment
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/ioascope" }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return home + "/.local/share/ioascope"
  }

  /// The file of progress.
  static var progressPath: String? { stateDirectory.map { $0 + "/progress.toml" } }

  /// What the learner has done so far.
  ///
  /// - Throws: when there is a file that cannot be read; it is not written over then.
  static func progress() throws -> CourseProgress {
    guard let path = progressPath, FileManager.default.fileExists(atPath: path) else {
      return CourseProgress()
    }
    return try CourseProgress(try InputFile.read(path), path: path)
  }

  /// Keeps what the learner has done.
  static func save(_ progress: CourseProgress) throws {
    guard let path = progressPath else {
      throw CommandError(
        "there is no home directory to keep progress in; set XDG_STATE_HOME", status: ExitStatus.inputOutput)
    }
    try write(progress.text, to: path)
  }

  /// Writes a file and the directories above it.
  static func write(_ text: String, to path: String) throws {
    do {
      try FileManager.default.createDirectory(
        at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError(
        "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }

  // MARK: Exercises

  /// Where the learner's copy of a model to mend lies: not among the models, which must all compile.
  static func exercisePath(_ model: String) -> String {
    "\(dataDirectory ?? ".")/exercises/\(model).step"
  }

  /// Puts a learner's copies aside, so that the exercises of a lesson begin anew; the last ones are kept as `.old`.
  static func putAside(_ lesson: Lesson) throws {
    for beat in lesson.exercises {
      guard case .repair(let repair)? = beat.goal?.kind else { continue }
      let path = exercisePath(repair.model)
      guard FileManager.default.fileExists(atPath: path) else { continue }
      do {
        try? FileManager.default.removeItem(atPath: path + ".old")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
      } catch {
        throw CommandError(
          "\(path): cannot be put aside: \(error.localizedDescription)", status: ExitStatus.inputOutput)
      }
    }
  }
}
