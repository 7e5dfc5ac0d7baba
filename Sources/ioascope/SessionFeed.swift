import Foundation
import Interface
import Recording

/// A session that somebody else is recording, read as it comes: from a file that grows, or from a stream.
final class SessionFeed {
  private let path: String?
  private let model: String?
  private let directories: DataDirectories
  private var descriptor: Int32
  private var offset = 0
  private var parser: SessionParser
  private var playback: SessionPlayback?
  private var restarts = 0
  private var hasEnded = false

  /// The most bytes that one look takes, so that the screen stays alive while much comes in.
  private static let portion = 4 << 20

  /// A feed.
  ///
  /// - Parameters:
  ///   - path: the file; nil for a stream.
  ///   - descriptor: where to read; the feed closes it.
  ///   - model: the model when it should not be the recorded one.
  ///   - directories: where models are.
  init(path: String?, descriptor: Int32, model: String?, directories: DataDirectories) {
    self.path = path
    self.descriptor = descriptor
    self.model = model
    self.directories = directories
    parser = SessionParser(name: path ?? "standard input", isStream: true)
  }

  deinit { close(descriptor) }

  /// What was read so far; nil before the header.
  var current: SessionPlayback? { playback }

  /// What went wrong since somebody last asked, in words.
  private var troubles: [String] = []
  private var lastTrouble = ""

  /// What went wrong since the last time, in words; each trouble once.
  func newTroubles() -> [String] {
    defer { troubles = [] }
    return troubles
  }

  private func tell(_ trouble: String) {
    // A source that sends nothing but nonsense must not fill the memory.
    guard trouble != lastTrouble, troubles.count < 100 else { return }
    lastTrouble = trouble
    troubles.append(trouble)
  }

  /// Whether nothing more can come.
  var isOver: Bool { hasEnded }

  /// Reads what has come.
  ///
  /// - Parameter milliseconds: how long to wait for something.
  /// - Returns: whether something came, and whether a new session began with it.
  /// - Throws: `DiagnosticError` or `CommandError` when what comes is no session that can be read.
  func read(waiting milliseconds: Int = 0) throws -> (isNew: Bool, didGrow: Bool) {
    let before = restarts
    var grew = false
    var taken = 0
    if path != nil { try reopenIfReplaced() }
    var wait = Int32(milliseconds)
    while taken < Self.portion, !hasEnded {
      if path == nil {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, wait) > 0 else { break }
      }
      wait = 0
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR || errno == EAGAIN { break }
      if count < 0 {
        tell("the session cannot be read any more: \(String(cString: strerror(errno)))")
        hasEnded = true
        return (restarts != before, true)
      }
      if count == 0 {
        // A file may grow; a stream that ends is over.
        if path == nil {
          hasEnded = true
          tell("the session has ended")
          grew = true
        } else if milliseconds > 0, taken == 0 {
          usleep(UInt32(milliseconds) * 1_000)
        }
        break
      }
      offset += count
      taken += count
      grew = true
      try buffer[..<count].withUnsafeBufferPointer { try parser.feed($0, take) }
    }
    return (restarts > max(before, 1), grew)
  }

  private func take(_ item: SessionParser.Item) throws {
    switch item {
    case .header(let header):
      playback = try SessionPlayback(
        header: header, program: try SessionFile.program(of: header, model: model, directories))
      restarts += 1
      lastTrouble = ""
    case .entry(let entry, let line):
      try playback?.take(entry, line: line)
      if let divergence = playback?.divergence { tell("line \(divergence.line): \(divergence.message)") }
    case .broken(let line, let message):
      tell(
        playback == nil
          ? "the stream begins in the middle of a session; begin it with its header, as 'tail -n +1 -f' does"
          : "line \(line) was skipped: \(message)")
    }
  }

  /// A file that became shorter or was replaced is read from its beginning.
  private func reopenIfReplaced() throws {
    guard let path else { return }
    var now = stat()
    var open = stat()
    guard stat(path, &now) == 0 else {
      tell("\(path) is gone; waiting for it to come back")
      return
    }
    guard fstat(descriptor, &open) == 0 else { return }
    let isOther = now.st_ino != open.st_ino || now.st_dev != open.st_dev
    guard isOther || Int(open.st_size) < offset else { return }
    if isOther {
      let fresh = Foundation.open(path, O_RDONLY | O_CLOEXEC)
      guard fresh >= 0 else { return }
      close(descriptor)
      descriptor = fresh
    } else {
      lseek(descriptor, 0, SEEK_SET)
    }
    offset = 0
    parser = SessionParser(name: path, isStream: true)
  }

  /// Reads what has come and shows it.
  ///
  /// - Returns: whether something came.
  func update(_ state: inout AppState) -> Bool {
    guard !hasEnded else { return false }
    do {
      let (isNew, didGrow) = try read()
      if didGrow, let playback {
        if isNew {
          var fresh = RunSource.state(playback)
          fresh.takeLooks(of: state)
          _ = reduce(&fresh, .resized(state.size))
          fresh.follow(playback.timeline)
          state = fresh
          _ = reduce(&state, .told(.note("the session was begun anew")))
        } else {
          state.mirror(playback.timeline)
        }
      }
      if let trouble = newTroubles().last {
        if hasEnded {
          state.endFollowing(trouble)
        } else {
          state.complain(trouble)
        }
        return true
      }
      return didGrow
    } catch {
      hasEnded = true
      state.endFollowing(CommandError(error).message)
      return true
    }
  }
}
