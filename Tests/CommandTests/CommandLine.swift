import Foundation
import Testing

/// Runs the built program without a terminal.
enum CommandLine {
  /// What a run gave.
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The program lies beside the bundle of the tests.
  static var program: URL {
    get throws {
      var directory = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
      for _ in 0..<4 {
        let candidate = directory.appendingPathComponent("ioascope")
        if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        directory.deleteLastPathComponent()
      }
      let found = checkout.appendingPathComponent(".build/debug/ioascope")
      return try #require(FileManager.default.isExecutableFile(atPath: found.path) ? found : nil)
    }
  }

  /// Runs `ioascope` with these arguments in an empty directory of its own.
  static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try runAll(arguments, environment: environment)
  }

  /// The same with a list.
  static func runAll(_ arguments: [String], environment: [String: String] = [:], input: String? = nil)
    throws -> Result
  {
    let process = Process()
    process.executableURL = try program
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    variables["XDG_DATA_HOME"] = "/nonexistent"
    variables["TERM"] = "xterm-256color"
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    // Files, not pipes: a full pipe would stop the program.
    let output = directory.appendingPathComponent("output")
    let errors = directory.appendingPathComponent("errors")
    try Data().write(to: output)
    try Data().write(to: errors)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    if let input {
      let file = directory.appendingPathComponent("input")
      try Data(input.utf8).write(to: file)
      process.standardInput = try FileHandle(forReadingFrom: file)
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// A file of a test; the caller removes it.
  static func file(_ text: String, suffix: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)\(suffix)")
      .path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }
}
