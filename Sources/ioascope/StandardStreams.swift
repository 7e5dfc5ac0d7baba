import Foundation

/// Writing to standard output and error: whole texts, with errors noticed.
enum StandardStreams {
  /// Writes a result.
  static func print(_ text: String) throws {
    try write(text + "\n", to: FileHandle.standardOutput)
  }

  /// Writes a prompt: what is typed stands behind it.
  static func prompt(_ text: String) {
    try? write(text, to: FileHandle.standardError)
  }

  /// Writes an error message.
  static func complain(_ text: String) {
    try? write(text + "\n", to: FileHandle.standardError)
  }

  private static func write(_ text: String, to handle: FileHandle) throws {
    try handle.write(contentsOf: Data(text.utf8))
  }
}
