import Foundation
import Machine
import StepLanguage

/// What a stopped search needs to go on, as a file.
enum CheckpointFile {
  /// The largest file that is read.
  private static let largest = 4 << 30

  /// Names model and scenario by what they say, so that a changed one is noticed.
  static func label(_ world: World, _ scenario: Scenario) -> String {
    "\(world.program.name) \(world.program.digest) \(scenario.name) \(String(decoding: scenario.source.bytes, as: UTF8.self))"
  }

  /// The file's bytes; nil when there is none yet.
  ///
  /// - Throws: `CommandError` when it cannot be read or is too large.
  static func read(_ path: String) throws -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      let data = try handle.read(upToCount: largest + 1) ?? Data()
      guard data.count <= largest else {
        throw CommandError("\(path): larger than any checkpoint", status: ExitStatus.data)
      }
      return [UInt8](data)
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError(
        "\(path): cannot be read: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }

  /// Writes a checkpoint; when there is nothing left to do, takes the file away.
  static func write(_ bytes: [UInt8]?, to path: String) throws {
    do {
      if let bytes {
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
      } else if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.removeItem(atPath: path)
      }
    } catch {
      throw CommandError(
        "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }
}
