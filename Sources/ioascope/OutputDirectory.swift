import Foundation

/// Directories that a command is told to write into.
enum OutputDirectory {
  /// Makes one, with those above it, when it is not there.
  ///
  /// - Throws: `CommandError` when it cannot be made.
  static func make(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError(
        "\(path): cannot be made: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }
}
