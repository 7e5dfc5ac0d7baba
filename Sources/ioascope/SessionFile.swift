import Explorer
import Foundation
import Machine
import Recording
import StepLanguage

/// Sessions as files.
enum SessionFile {
  /// A session that was run again.
  struct Replayed {
    /// What it did.
    var playback: SessionPlayback
    /// What was skipped, such as a torn last line.
    var warnings: [String]
    /// The bytes up to the end of the last whole line.
    var wholeBytes: Int
  }

  /// Reads a session piece by piece and runs it again.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - model: the model when it should not be the recorded one.
  ///   - distrusts: whether what the session says was found is found again.
  /// - Throws: `CommandError` or `DiagnosticError`.
  static func replay(
    _ path: String, model: String?, distrusts: Bool = false, _ directories: DataDirectories
  ) throws -> Replayed {
    var parser = SessionParser(name: path)
    var playback: SessionPlayback?
    func take(_ item: SessionParser.Item) throws {
      switch item {
      case .header(let header):
        playback = try SessionPlayback(
          header: header, program: try ModelOption.program(model ?? header.model, directories),
          distrusts: distrusts)
      case .entry(let entry, let line): try playback?.take(entry, line: line)
      }
    }
    var count = 0
    try InputFile.readPieces(path) { piece in
      count += piece.count
      try parser.feed(piece, take)
    }
    let pending = parser.pendingBytes
    let warning = try parser.finish(take)
    guard let playback else {
      throw CommandError("\(path): there is no session in it", status: ExitStatus.data)
    }
    return Replayed(
      playback: playback, warnings: warning.map { [$0] } ?? [],
      wholeBytes: warning == nil ? count : count - pending)
  }

  /// The time for the header of a new session.
  static var now: String { ISO8601DateFormatter().string(from: Date()) }

  /// A writer that appends to a file and has every line on its way to the disk at once.
  ///
  /// - Throws: `CommandError` when the file exists already or cannot be made.
  static func writer(_ path: String, header: Session.Header) throws -> SessionWriter {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let reason =
        errno == EEXIST ? "there is such a file already; name another one" : String(cString: strerror(errno))
      throw CommandError("\(path): \(reason)", status: ExitStatus.inputOutput)
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      return try SessionWriter(header: header) { line in
        do {
          try handle.write(contentsOf: Data(line.utf8))
        } catch {
          throw CommandError(
            "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
        }
      }
    }
  }

  /// Writes the session of a schedule; an older file of that name is replaced.
  static func write(_ schedule: [Search.Move], world: World, scenario: Scenario?, to path: String) throws {
    var timeline = Timeline(world: world)
    var text = ""
    var writer = try SessionWriter(
      header: Session.Header(world: world, scenario: scenario, tool: ProgramVersion.text)
    ) { text += $0 }
    for move in schedule {
      do throws(Timeline.Refusal) {
        try timeline.perform(.step(thread: move.thread, choice: move.choice))
      } catch {
        throw CommandError("a counterexample cannot be replayed: \(error)", status: ExitStatus.defect)
      }
      try writer.follow(timeline)
    }
    if let finding = timeline.record?.findings.first {
      try writer.mark("\(finding.property.rawValue): \(finding.message)")
    }
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError(
        "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }
}
