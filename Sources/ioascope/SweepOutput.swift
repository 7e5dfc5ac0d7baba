import Foundation
import Reports

/// The files of a sweep: for each finding a scenario and a session.
enum SweepOutput {
  /// Writes them, in place of those of an earlier sweep of the same model.
  ///
  /// - Throws: `CommandError`.
  static func write(_ report: inout SweepReport, to directory: String) throws {
    let model = report.program.name
    for index in report.entries.indices {
      let entry = report.entries[index]
      let stem = "\(directory)/\(model)--sweep-\(index + 1)-\(entry.finding.identity.property)"
      let scenario = "\(stem).step"
      try write(String(decoding: entry.scenario.source.bytes, as: UTF8.self), to: scenario)
      guard let found = entry.entry else {
        report.entries[index].files = [scenario]
        continue
      }
      try SessionFile.write(
        found.counterexample, world: entry.world, scenario: entry.scenario, to: "\(stem).ioas")
      report.entries[index].files = [scenario, "\(stem).ioas"]
    }
  }

  /// Writes a text.
  ///
  /// - Throws: `CommandError` when it cannot be written.
  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError(
        "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }
}
