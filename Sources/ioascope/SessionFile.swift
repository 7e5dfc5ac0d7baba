import Explorer
import Foundation
import Machine
import Recording
import Reports
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
    /// All bytes.
    var byteCount: Int
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
          header: header, program: try program(of: header, model: model, directories),
          distrusts: distrusts)
      case .entry(let entry, let line): try playback?.take(entry, line: line)
      case .broken: break
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
      wholeBytes: warning == nil ? count : count - pending, byteCount: count)
  }

  /// The model of a session: the one that was asked for; else the recorded one, where its file is or was.
  static func program(of header: Session.Header, model: String?, _ directories: DataDirectories) throws
    -> Program
  {
    if let model { return try directories.library.program(model) }
    if !header.modelFile.isEmpty {
      // A session may come from anybody, so it may name a model but no other file.
      if header.modelFile.hasSuffix(".step"), FileManager.default.fileExists(atPath: header.modelFile) {
        return try directories.library.program("\(header.modelFile):\(header.model)")
      }
      throw CommandError(
        "the session's model '\(header.model)' was in \(header.modelFile), which is not there any more; name it with --model FILE:NAME",
        status: ExitStatus.noInput)
    }
    return try directories.library.program(header.model)
  }

  /// A header whose model is found from any directory.
  private static func settled(_ header: Session.Header) -> Session.Header {
    var header = header
    if !header.modelFile.isEmpty {
      header.modelFile = URL(fileURLWithPath: header.modelFile).standardizedFileURL.path
    }
    return header
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
    try lock(descriptor, path)
    return try SessionWriter(header: settled(header), write: appender(descriptor, path))
  }

  /// A writer that goes on with a session which was opened; its old lines stay as they are.
  ///
  /// - Parameters:
  ///   - path: the session.
  ///   - replayed: what it gave when it was opened.
  /// - Throws: `CommandError` when the model and the session part, or when somebody else writes to it or has done so since.
  static func continuing(_ path: String, _ replayed: Replayed) throws -> SessionWriter {
    if let divergence = replayed.playback.divergence {
      throw CommandError(
        "\(path): the session and this model part at step \(divergence.step), so it cannot be gone on with; record to another file",
        status: ExitStatus.data)
    }
    let descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandError("\(path): \(String(cString: strerror(errno)))", status: ExitStatus.inputOutput)
    }
    try lock(descriptor, path)
    var status = stat()
    guard fstat(descriptor, &status) == 0, Int(status.st_size) == replayed.byteCount else {
      close(descriptor)
      throw CommandError(
        "\(path): somebody has written to it since it was opened; open it again",
        status: ExitStatus.inputOutput)
    }
    // A last line that was cut off is no line; what comes now must not be glued to it.
    if replayed.wholeBytes < replayed.byteCount { ftruncate(descriptor, off_t(replayed.wholeBytes)) }
    let write = appender(descriptor, path)
    if replayed.wholeBytes > 0 {
      var last: UInt8 = 0
      if pread(descriptor, &last, 1, off_t(replayed.wholeBytes - 1)) == 1, last != 0x0A { try write("\n") }
    }
    return SessionWriter(continuing: replayed.playback.timeline, write: write)
  }

  /// A writer for what is done with a session that was opened: to the session itself, or to a new file that then holds all of it.
  static func recorder(_ path: String, _ session: String, _ replayed: Replayed) throws -> SessionWriter {
    let isSame =
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
      == URL(fileURLWithPath: session).resolvingSymlinksInPath().standardizedFileURL
    if isSame { return try continuing(path, replayed) }
    var header = replayed.playback.header
    let program = replayed.playback.timeline.world.program
    header.model = program.name
    header.modelFile = program.isOwnFile ? program.sources[program.sourceIndex].name : ""
    header.modelDigest = String(program.digest, radix: 16)
    header.tool = ProgramVersion.text
    return try writer(path, header: header)
  }

  /// Two that record to one file would make nonsense of it.
  private static func lock(_ descriptor: Int32, _ path: String) throws {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isBusy = errno == EWOULDBLOCK
      let reason = String(cString: strerror(errno))
      // A file system without locks is no reason not to record.
      guard isBusy else { return }
      close(descriptor)
      throw CommandError(
        "\(path): somebody else is recording to it (\(reason))", status: ExitStatus.inputOutput)
    }
  }

  private static func appender(_ descriptor: Int32, _ path: String) -> (String) throws -> Void {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return { line in
      do {
        try handle.write(contentsOf: Data(line.utf8))
      } catch {
        throw CommandError(
          "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
      }
    }
  }

  /// Writes the session of a counterexample, which names its finding; an older file of that name is replaced.
  static func write(
    _ counterexample: CompleteCounterexample, world: World, scenario: Scenario?,
    pointOfNoReturn: Int? = nil, to path: String
  ) throws {
    var timeline: Timeline
    do throws(Timeline.Refusal) {
      timeline = try counterexample.timeline(in: world)
    } catch {
      throw CommandError("a counterexample cannot be replayed: \(error)", status: ExitStatus.defect)
    }
    if let pointOfNoReturn, pointOfNoReturn < timeline.path.count {
      timeline.annotate(.marker, PointOfNoReturn.marker, at: timeline.path[pointOfNoReturn])
    }
    let finding = counterexample.example.finding
    try write(timeline, scenario, marker: "\(finding.property.rawValue): \(finding.message)", to: path)
  }

  /// Writes the session of a schedule with a marker at its end; an older file of that name is replaced.
  static func write(
    _ schedule: [Search.Move], world: World, scenario: Scenario?, marker: String, to path: String
  ) throws {
    var timeline = Timeline(world: world)
    for move in schedule {
      do throws(Timeline.Refusal) {
        try timeline.perform(.step(thread: move.thread, choice: move.choice))
      } catch {
        throw CommandError("a schedule cannot be replayed: \(error)", status: ExitStatus.defect)
      }
    }
    try write(timeline, scenario, marker: marker, to: path)
  }

  private static func write(_ timeline: Timeline, _ scenario: Scenario?, marker: String, to path: String)
    throws
  {
    var text = ""
    var writer = try SessionWriter(
      header: settled(Session.Header(world: timeline.world, scenario: scenario, tool: ProgramVersion.text))
    ) { text += $0 }
    try writer.follow(timeline)
    try writer.mark(marker)
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError(
        "\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
    }
  }
}
