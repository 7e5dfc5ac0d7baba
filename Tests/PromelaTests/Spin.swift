import Explorer
import Foundation
import Machine
import Promela
import StepLanguage

/// Runs Spin on an exported model.
struct Spin {
  /// What an exhaustive run came to.
  struct Verdict {
    var properties: Set<Property> = []
    var stored = 0
    var output = ""
  }

  /// Whether Spin and a C compiler are there. Says so when they are not.
  static let isThere: Bool = {
    let missing = ["spin", "cc"].filter { tool in
      !(ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
      }
    }
    if missing.isEmpty { return true }
    FileHandle.standardError.write(
      Data(
        "SKIPPED: the tests against Spin, since there is no \(missing.joined(separator: " and no "))\n".utf8))
    return false
  }()

  /// Lets Spin search a world without stopping at violations.
  static func verify(_ world: World, reduce: Bool, optimize: String = "-O1") throws -> Verdict {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ioascope-spin-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let text = try PromelaExport(world: world, heading: ["a test"]).text()
    try text.write(to: directory.appendingPathComponent("m.pml"), atomically: true, encoding: .utf8)
    var verdict = Verdict()
    verdict.output = try shell("spin -a m.pml", in: directory)
    verdict.output += try shell(
      "cc \(optimize) -w -DSAFETY -DVECTORSZ=32768 \(reduce ? "" : "-DNOREDUCE") -o pan pan.c && ./pan -c0 -m200000 -w20",
      in: directory)
    for line in verdict.output.split(separator: "\n") {
      if line.hasPrefix("pan:"), let end = line.range(of: " (at depth") {
        let name = line[..<end.lowerBound].split(separator: " ").dropFirst().joined(separator: " ")
        guard let property = world.program.property(named: name) else { throw Failure(text: String(line)) }
        verdict.properties.insert(property)
      }
      if line.hasSuffix("states, stored") { verdict.stored = Int(line.split(separator: " ")[0]) ?? 0 }
      if line.contains("max search depth too small") || line.hasPrefix("error") {
        throw Failure(text: verdict.output)
      }
    }
    guard verdict.stored > 0 else { throw Failure(text: verdict.output) }
    return verdict
  }

  struct Failure: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
  }

  private static func shell(_ command: String, in directory: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = directory
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
