import Foundation
import Recording

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

  /// Removes the sessions that an earlier check of the same model and scenario left, so that none stays of a finding that is gone.
  ///
  /// A file goes only when its header says so: this model and scenario, and no time at which somebody began to record; and when its last
  /// line is the marker that a check ends with. Whatever a user recorded, or recorded on to such a session, stays.
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - stem: what their names begin with; a number, a hyphen, a property and `.ioas` follow.
  /// - Throws: `CommandError` when one cannot be removed.
  static func removeSessions(in path: String, beginning stem: String, model: String, scenario: String) throws
  {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names.sorted() where name.hasPrefix(stem) && name.hasSuffix(".ioas") {
      let rest = name.dropFirst(stem.count).dropLast(5).split(separator: "-", maxSplits: 1)
      guard rest.count == 2, Int(rest[0]) != nil, rest[1].allSatisfy({ $0.isLowercase || $0 == "-" }) else {
        continue
      }
      guard isOfCheck("\(path)/\(name)", model: model, scenario: scenario, property: String(rest[1])) else {
        continue
      }
      do {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
      } catch {
        throw CommandError(
          "\(path)/\(name): cannot be replaced: \(error.localizedDescription)", status: ExitStatus.inputOutput
        )
      }
    }
  }

  /// Whether a file is the session of a check's counterexample, untouched since.
  private static func isOfCheck(_ path: String, model: String, scenario: String, property: String) -> Bool {
    guard let data = FileManager.default.contents(atPath: path),
      let session = try? SessionReader.read(name: path, text: String(decoding: data, as: UTF8.self)),
      session.header.model == model, session.header.scenario == scenario, session.header.started.isEmpty,
      case .annotation(.marker, let text, _)? = session.entries.last?.entry
    else { return false }
    return text.hasPrefix("\(property): ")
  }
}
