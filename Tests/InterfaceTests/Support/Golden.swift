import CustomDump
import Foundation
import Testing

/// Golden files: what a screen looked like when a person last approved it.
///
/// With `IOASCOPE_RECORD_GOLDEN=1` in the environment a run writes the files anew instead of comparing; it does so for a person who then
/// reads the difference, and never where `CI` is set.
enum Golden {
  private static let directory = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")

  private static var isRecording: Bool {
    let environment = ProcessInfo.processInfo.environment
    return environment["IOASCOPE_RECORD_GOLDEN"] == "1" && environment["CI"] == nil
  }

  /// Compares a text with the file of that name; a file that is missing fails.
  static func expect(
    _ text: String, _ name: String, fileID: StaticString = #fileID, filePath: StaticString = #filePath,
    line: UInt = #line, column: UInt = #column
  ) throws {
    let file = directory.appendingPathComponent("\(name).txt")
    if isRecording {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return
    }
    guard let data = try? Data(contentsOf: file) else {
      Issue.record("there is no Golden/\(name).txt; record it with IOASCOPE_RECORD_GOLDEN=1 and read it")
      return
    }
    expectNoDifference(
      text, String(decoding: data, as: UTF8.self), fileID: fileID, filePath: filePath, line: line,
      column: column)
  }
}
