import Foundation
import Interface

/// The user's settings as a file under the XDG configuration directory.
enum SettingsFile {
  /// Where it is; nil without a home.
  static var path: String? {
    let environment = ProcessInfo.processInfo.environment
    if let configuration = environment["XDG_CONFIG_HOME"], configuration.hasPrefix("/") {
      return configuration + "/ioascope/settings.toml"
    }
    guard let home = environment["HOME"], !home.isEmpty else { return nil }
    return home + "/.config/ioascope/settings.toml"
  }

  /// The settings; those of a new user when there is no file.
  ///
  /// - Throws: `DiagnosticError` when the file is wrong; it is not written over then.
  static func load() throws -> Settings {
    guard let path, FileManager.default.fileExists(atPath: path) else { return Settings() }
    return try SettingsText.read(try InputFile.read(path), path: path)
  }

  /// Keeps settings.
  ///
  /// - Returns: where.
  static func save(_ settings: Settings) throws -> String {
    guard let path else {
      throw CommandError(
        "there is no home directory to keep settings in; set XDG_CONFIG_HOME", status: ExitStatus.inputOutput)
    }
    // A file that is wrong may be somebody's work: it is theirs to mend.
    _ = try load()
    try LessonFiles.write(SettingsText.text(settings), to: path)
    return path
  }
}
