import Foundation

/// The user's editor.
enum Editor {
  /// Lets the user edit a file, which is made first when there is none.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - text: what stands in a new one.
  /// - Returns: the file's text afterwards.
  /// - Throws: `CommandError` when there is no editor or the file cannot be read or written.
  static func edit(_ path: String, text: String) throws -> String {
    if !FileManager.default.fileExists(atPath: path) { try LessonFiles.write(text, to: path) }
    let environment = ProcessInfo.processInfo.environment
    let editor =
      [environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // The variable may hold options, so the shell takes it apart; the path is a parameter and stays whole.
    process.arguments = ["-c", "\(editor) \"$1\"", "sh", path]
    do {
      try process.run()
    } catch {
      throw CommandError(
        "the editor cannot be started: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CommandError(
        "the editor '\(editor)' ended with status \(process.terminationStatus); set EDITOR to one that you have",
        status: ExitStatus.inputOutput)
    }
    return try InputFile.read(path)
  }
}
