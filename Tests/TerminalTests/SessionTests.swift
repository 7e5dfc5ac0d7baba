import CustomDump
import Glibc
import Surface
import Testing

/// Sessions as a user has them: recorded, gone on with, replayed, followed, and written to a disk that is full.
@Suite(.serialized)
struct SessionTests {
  private func scratch(_ name: String) -> String {
    let path = "/tmp/ioascope-test-\(getpid())-\(name)"
    unlink(path)
    return path
  }

  private func start(
    _ arguments: [String], size: Size = Size(width: 160, height: 48)
  ) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(size: size)
    try terminal.spawn(try PseudoTerminal.built("ioascope"), arguments)
    return terminal
  }

  /// Runs a line of the shell in which `$0` is the program.
  private func shell(_ line: String, _ size: Size = Size(width: 160, height: 48)) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(size: size)
    try terminal.spawn("/bin/sh", ["-c", line, try PseudoTerminal.built("ioascope")])
    return terminal
  }

  private func contents(_ path: String) throws -> String {
    guard let file = fopen(path, "r") else { throw PseudoTerminal.Failure(description: "no \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func quit(_ terminal: PseudoTerminal) throws {
    try terminal.send("q")
    #expect(try terminal.waitForEnd() == .exited(0))
  }

  @Test func aSessionThatIsGoneOnWithKeepsItsOldLines() throws {
    let path = scratch("continued.ioas")
    defer { unlink(path) }
    let first = try start(["explore", "attach-pin-replace", "--record", path])
    try first.waitFor("attach-pin-replace")
    try first.send("r")
    try first.waitFor("pins 1")
    try quit(first)
    // A line that was cut off, as when a process dies.
    let old = try contents(path)
    let torn = try shell("printf '%s' '{\"kind\":\"st' >> \(path)")
    #expect(try torn.waitForEnd() == .exited(0))

    let second = try start(["replay", path, "--record", path])
    try second.waitFor("replay 1x")
    // Back from the end, a branch of one's own.
    try second.send("9")
    try second.waitFor(" of ")
    try second.send("t")
    try second.waitFor("T1 is new")
    try second.send("P")
    try second.waitFor("back in the recording")
    // Nobody else may record to it meanwhile.
    let other = try start(["replay", path, "--record", path])
    #expect(try other.waitForEnd() == .exited(74))
    other.pump(milliseconds: 100)
    #expect(String(decoding: other.output, as: UTF8.self).contains("somebody else is recording"))
    try quit(second)
    // The record key does the same while it is open.
    let third = try start(["replay", path])
    try third.waitFor("replay 1x")
    try third.send("S")
    try third.waitFor("record to:")
    try third.send("\(path)\r")
    try third.waitFor("recording to \(path)")
    try third.send("t")
    try third.waitFor("is new")
    try quit(third)
    let new = try contents(path)
    #expect(new.hasPrefix(old))
    #expect(new.contains("\"kind\":\"thread\""))
    #expect(new.count > old.count)
    #expect(!new.contains("{\"kind\":\"st{"))
    let valid = try start(["validate", path])
    #expect(try valid.waitForEnd() == .exited(0))
  }

  @Test func playingAsFastAsItGoesReachesTheEnd() throws {
    let path = scratch("played.ioas")
    defer { unlink(path) }
    let first = try start(["explore", "attach-pin-replace", "--record", path])
    try first.waitFor("attach-pin-replace")
    try first.send("r")
    try first.waitFor("pins 1")
    try quit(first)
    let second = try start(["replay", path, "--speed", "max"])
    try second.waitFor("end of the recording")
    try second.send(" ")
    try second.waitFor("playing, as fast as it goes")
    try second.waitFor("end of the recording")
    try quit(second)
  }

  @Test func aFollowerSeesWhatTheTeacherDoes() throws {
    let path = scratch("followed.ioas")
    defer { unlink(path) }
    let teacher = try start(["explore", "attach-pin-replace", "--record", path])
    try teacher.waitFor("attach-pin-replace")
    try teacher.send("r")
    try teacher.waitFor("pins 1")
    // One reads the file, the other what comes down a pipe; its keys come from the terminal.
    let follower = try start(["follow", path])
    let remote = try shell("tail -n +1 -f \(path) | \"$0\" follow")
    for terminal in [follower, remote] {
      try terminal.waitFor("pins 1")
      try terminal.waitFor("live")
    }
    try teacher.send(":161\r")
    try teacher.waitFor("step 161")
    for terminal in [follower, remote] { try terminal.waitFor("step 161") }
    // Looking around, and back to the present.
    try remote.send("u")
    try remote.waitFor("session at step 161")
    try teacher.send(":170\r")
    try teacher.waitFor("step 170")
    try follower.waitFor("step 170")
    try remote.waitFor("session at step 170")
    try remote.send("G")
    try remote.waitFor("step 170")
    try remote.waitFor("live")
    // The teacher's program dies in the middle of a line and is started again.
    teacher.signal(SIGKILL)
    _ = try teacher.waitForEnd()
    let again = try shell("head -n 20 \(path) > \(path).new; mv \(path).new \(path)")
    #expect(try again.waitForEnd() == .exited(0))
    try follower.waitFor("begun anew")
    try follower.waitFor("live")
    try quit(follower)
    try quit(remote)
  }

  @Test func aStreamSurvivesACutLineAndARestart() throws {
    let path = scratch("stream.ioas")
    defer { unlink(path) }
    let first = try start(["explore", "attach-pin-replace", "--record", path])
    try first.waitFor("attach-pin-replace")
    try first.send("r")
    try first.waitFor("pins 1")
    try quit(first)
    // The writer died in the middle of a line, and its successor's header stands on the same line.
    let (mirrored, printed) = (scratch("mirrored"), scratch("printed"))
    defer {
      unlink(mirrored)
      unlink(printed)
    }
    let stream = try shell(
      "size=$(wc -c < \(path)); { head -c $((size - 20)) \(path); cat \(path); } | \"$0\" follow --print > \(mirrored)"
    )
    #expect(try stream.waitForEnd() == .exited(0))
    stream.pump(milliseconds: 100)
    #expect(String(decoding: stream.output, as: UTF8.self).contains("was skipped"))
    let replay = try shell("\"$0\" replay \(path) --print > \(printed)")
    #expect(try replay.waitForEnd() == .exited(0))
    // The whole of the second session comes behind what there was of the first.
    #expect(try contents(mirrored).hasSuffix(try contents(printed)))
    #expect(try contents(printed).split(separator: "\n").count > 100)

    let late = try shell("tail -n 3 \(path) | \"$0\" follow --print")
    #expect(try late.waitForEnd() == .exited(65))
    late.pump(milliseconds: 100)
    #expect(String(decoding: late.output, as: UTF8.self).contains("tail -n +1 -f"))
  }

  @Test func aFullDiskIsToldAndTheInterfaceGoesOn() throws {
    let path = scratch("full.ioas")
    defer { unlink(path) }
    // A limit on the size of files stands for a disk that is full.
    let terminal = try shell(
      "trap '' XFSZ; ulimit -f 24; exec \"$0\" explore attach-pin-replace --record \(path)")
    try terminal.waitFor("attach-pin-replace")
    try terminal.waitFor("recording")
    try terminal.send("c")
    try terminal.waitFor("recording stopped")
    #expect(terminal.screen.text.contains("cannot be written"))
    try terminal.send("u")
    try terminal.until("the interface to go on") { !terminal.screen.text.contains("recording stopped") }
    try quit(terminal)
    // What was recorded so far is whole, but for a last line that was cut off.
    let valid = try start(["validate", path])
    #expect(try valid.waitForEnd() == .exited(0))
  }

  @Test(.enabled(if: access("/usr/bin/asciinema", X_OK) == 0, "no asciinema: the cast is not played with it"))
  func asciinemaPlaysTheCast() throws {
    let path = scratch("run.cast")
    defer { unlink(path) }
    let export = try start([
      "export", "attach-pin-replace", "--format", "cast", "--cast-version", "2", "--from", "500", "--size",
      "80x24", "--output", path,
    ])
    #expect(try export.waitForEnd() == .exited(0))
    let frame = try start(["frame", "attach-pin-replace", "--at", "510", "--size", "80x24"])
    #expect(try frame.waitForEnd() == .exited(0))
    frame.pump(milliseconds: 100)
    let expected = Array(frame.screen.lines.prefix(24))
    let player = try PseudoTerminal(size: Size(width: 80, height: 24))
    try player.spawn("/usr/bin/asciinema", ["play", "-s", "100", path], environment: ["HOME": "/tmp"])
    #expect(try player.waitForEnd() == .exited(0))
    player.pump(milliseconds: 100)
    // The last event ends the line below the last row, so all moved up by one.
    let seen = player.screen.lines.prefix(23).map { $0.trimmingTrailingBlanks }
    expectNoDifference(Array(seen), expected.dropFirst().map { $0.trimmingTrailingBlanks })
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
