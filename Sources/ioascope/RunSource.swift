import Foundation
import Interface
import Machine
import Recording
import StepLanguage

/// What a command shows: a scenario by name or file, or a recorded session.
enum RunSource {
  /// The interface's state for a source.
  ///
  /// - Parameters:
  ///   - source: a scenario's name, FILE.step, FILE.step:NAME, or a session file.
  ///   - model: the model for a scenario, and for a session when it should not be the recorded one.
  static func state(_ source: String, model: String?, _ directories: DataDirectories) throws -> AppState {
    if isSession(source) {
      return try state(source, try SessionFile.replay(source, model: model, directories))
    }
    return try scenario(source, model: model, directories)
  }

  /// The interface's state for a session that was replayed. Where the model differs, that is said, and it stands at the last step before.
  static func state(_ source: String, _ recorded: SessionFile.Replayed) throws -> AppState {
    for warning in recorded.warnings { StandardStreams.complain(warning) }
    let replayed = recorded.playback
    var state = state(replayed)
    if let divergence = replayed.divergence {
      let text = "\(divergence.message); you can go on from here, at step \(replayed.timeline.depth)"
      StandardStreams.complain("\(source):\(divergence.line): \(text)")
      state.complain(text)
    }
    return state
  }

  /// The interface's state for a session as far as it was run.
  static func state(_ replayed: SessionPlayback) -> AppState {
    let header = replayed.header
    return AppState(
      timeline: replayed.timeline, title: header.scenario, about: "",
      modelName: replayed.timeline.world.program.name,
      scenarioName: header.scenario.isEmpty ? "session" : header.scenario)
  }

  private static func scenario(
    _ source: String, model: String?, _ directories: DataDirectories
  ) throws -> AppState {
    let scenario = try directories.library.scenario(named: source)
    let program = try ModelOption.program(model, for: scenario, directories)
    let world = try World(program: program, scenario: scenario)
    return AppState(world: world, scenario: scenario, modelName: program.name, scenarioName: scenario.name)
  }

  /// Whether a source is a session: a file that begins with the session's header.
  static func isSession(_ source: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: source) else { return false }
    defer { try? handle.close() }
    let head = (try? handle.read(upToCount: 64)) ?? Data()
    return String(decoding: head, as: UTF8.self).hasPrefix("{\"kind\":\"header\"")
  }
}
