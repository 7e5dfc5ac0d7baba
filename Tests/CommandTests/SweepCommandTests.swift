import Foundation
import Testing

/// `sweep` and `explain` as they are called.
@Suite struct SweepCommandTests {
  /// The same boxes as in the tests of sweeps: `use` writes after it let go of the table's lock.
  private static let boxes = """
    model boxes "Boxes" {
      slot b = -1 "the number of a box"
      object box as box { n: int }
      global boxes: xarray of box from 1
      entry make(out id: b) {
        let x = alloc box
        spin_lock boxes.xa_lock
        let i = xa_alloc(boxes)
        xa_store(boxes, i, x)
        spin_unlock boxes.xa_lock
        id = i
      }
      fn box_use(id: int) -> errno {
        spin_lock boxes.xa_lock
        let x = xa_load(boxes, id)
        spin_unlock boxes.xa_lock
        if x == null { return -ENOENT }
        x.n = 1
        return 0
      }
      fn box_drop(id: int) -> errno {
        spin_lock boxes.xa_lock
        let x = xa_load(boxes, id)
        if x != null { xa_erase(boxes, id) }
        spin_unlock boxes.xa_lock
        if x == null { return -ENOENT }
        free x
        return 0
      }
      entry use(id: b) { return box_use(id) }
      entry drop(id: b) { return box_drop(id) }
    }
    revision locked of boxes "Boxes that are used under the lock" {
      fn box_use(id: int) -> errno {
        spin_lock boxes.xa_lock
        let x = xa_load(boxes, id)
        if x != null { x.n = 1 }
        spin_unlock boxes.xa_lock
        if x == null { return -ENOENT }
        return 0
      }
    }
    """

  private func directory() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func model() throws -> String { try CommandLine.file(Self.boxes, suffix: ".step") }

  private func objects(_ output: String) throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// Numbers that differ from run to run.
  private func settled(_ text: String) -> String {
    text.replacing(#/[0-9]+\.[0-9]+ s\)/#, with: "s)").replacing(#/"seconds":[0-9.]+/#, with: "")
  }

  @Test func whatItFindsIsAScenarioThatCheckFinds() throws {
    let file = try model()
    let folder = try directory()
    defer {
      try? FileManager.default.removeItem(at: folder)
      try? FileManager.default.removeItem(atPath: file)
    }
    let result = try CommandLine.run("sweep", "--model", file, "--output", folder.path, "--format", "json")
    #expect(result.status == 1, "\(result.errors)")
    let lines = try objects(result.output)
    try #require(lines.count == 2)
    #expect(lines[0]["property"] as? String == "use-after-free")
    #expect(lines[0]["program"] as? String == "make b0 | T1: use b0 | T2: drop b0")
    #expect(lines[0]["operations"] as? Int == 2)
    #expect(lines[0]["threads"] as? Int == 2)
    #expect((lines[0]["place"] as? [String: Any])?["function"] as? String == "box_use")
    #expect((lines[0]["stack"] as? [Any])?.isEmpty == false)
    let summary = try #require(lines[1]["summary"] as? [String: Any])
    #expect(summary["complete"] as? Bool == true)
    #expect((summary["leftOut"] as? [String: Int])?.keys.sorted() == ["alike", "failing", "idle"])
    let scenario = try #require(lines[0]["scenario"] as? String)
    let session = try #require(lines[0]["session"] as? String)
    let check = try CommandLine.run("check", scenario, "--model", file)
    #expect(check.status == 1)
    #expect(check.output.contains("use-after-free"))
    let replay = try CommandLine.run("replay", session, "--print")
    #expect(replay.status == 0, "\(replay.errors)")
    #expect(replay.output.contains("use-after-free"))
  }

  @Test func aModelWithoutTheMistakeHoldsAndTheTwoDiffer() throws {
    let file = try model()
    defer { try? FileManager.default.removeItem(atPath: file) }
    let holds = try CommandLine.run("sweep", "--model", "\(file):locked")
    #expect(holds.status == 0, "\(holds.output)")
    #expect(holds.output.contains("nothing found"))
    let differ = try CommandLine.run("sweep", "--model", "\(file):boxes", "--against", "\(file):locked")
    #expect(differ.status == 1)
    #expect(differ.output.contains("boxes: use-after-free; locked: holds"))
    #expect(differ.output.contains("T1: use b0"))
    let same = try CommandLine.run("sweep", "--model", "\(file):locked", "--against", "\(file):locked")
    #expect(same.status == 0)
  }

  @Test func theNumberOfJobsChangesNoByte() throws {
    let file = try model()
    defer { try? FileManager.default.removeItem(atPath: file) }
    for format in ["text", "json"] {
      let outputs = try ["1", "3"].map { jobs in
        try CommandLine.run("sweep", "--model", file, "--ops", "2", "--jobs", jobs, "--format", format).output
      }
      #expect(settled(outputs[0]) == settled(outputs[1]))
      #expect(outputs[0].contains("use-after-free"))
    }
  }

  @Test func partsAreJoinedAndAMissingOneIsNamed() throws {
    let file = try model()
    let folder = try directory()
    defer {
      try? FileManager.default.removeItem(at: folder)
      try? FileManager.default.removeItem(atPath: file)
    }
    var paths: [String] = []
    for part in 1...3 {
      let result = try CommandLine.run(
        "sweep", "--model", file, "--ops", "2", "--part", "\(part)/3", "--format", "json")
      let path = folder.appendingPathComponent("\(part).jsonl").path
      try result.output.write(toFile: path, atomically: true, encoding: .utf8)
      paths.append(path)
    }
    let whole = try CommandLine.run("sweep", "--model", file, "--ops", "2")
    let joined = try CommandLine.runAll(["sweep", "--model", file, "--join"] + paths)
    #expect(joined.status == 1)
    #expect(settled(joined.output) == settled(whole.output))
    let lacking = try CommandLine.run("sweep", "--model", file, "--join", paths[0], paths[2])
    #expect(lacking.errors.contains("--part 2/3"))
    #expect(lacking.output.contains("missing parts: 2"))
    let torn = folder.appendingPathComponent("torn.jsonl").path
    try String(try String(contentsOfFile: paths[1], encoding: .utf8).dropLast(40))
      .write(toFile: torn, atomically: true, encoding: .utf8)
    let refused = try CommandLine.run("sweep", "--model", file, "--join", paths[0], torn, paths[2])
    #expect(refused.status == 65)
    #expect(refused.errors.contains("torn.jsonl:"))
  }

  /// A budget that is over at once stops it; the next call goes on to the same end.
  @Test func aBudgetStopsItAndTheCheckpointGoesOn() throws {
    let file = try model()
    let folder = try directory()
    defer {
      try? FileManager.default.removeItem(at: folder)
      try? FileManager.default.removeItem(atPath: file)
    }
    let checkpoint = folder.appendingPathComponent("sweep.jsonl").path
    let stopped = try CommandLine.run(
      "sweep", "--model", file, "--budget", "0.000001s", "--checkpoint", checkpoint)
    #expect(stopped.output.contains("not everything was covered: the sweep was stopped"))
    #expect(FileManager.default.fileExists(atPath: checkpoint))
    let other = try CommandLine.run("sweep", "--model", file, "--ops", "2", "--checkpoint", checkpoint)
    #expect(other.status == 65)
    let resumed = try CommandLine.run("sweep", "--model", file, "--checkpoint", checkpoint)
    #expect(resumed.status == 1)
    #expect(!FileManager.default.fileExists(atPath: checkpoint))
    let whole = try CommandLine.run("sweep", "--model", file)
    #expect(settled(resumed.output) == settled(whole.output))
  }

  @Test func wrongUseIsSaid() throws {
    #expect(try CommandLine.run("sweep", "--part", "3/2").status == 64)
    #expect(try CommandLine.run("sweep", "--budget", "soon").status == 64)
    #expect(try CommandLine.run("sweep", "--threads", "0").status == 64)
    let file = try model()
    defer { try? FileManager.default.removeItem(atPath: file) }
    let entry = try CommandLine.run("sweep", "--model", file, "--entries", "use,dorp")
    #expect(entry.status == 64)
    #expect(entry.errors.contains("did you mean 'drop'"))
    #expect(try CommandLine.run("sweep", "--join", "/nonexistent.jsonl").status == 66)
  }

  // MARK: explain

  private static let report = """
    [   12.1] BUG: KASAN: slab-use-after-free in box_use+0x31/0x60
    [   12.1] Call Trace:
    [   12.1]  kasan_report+0xb6/0xe0
    [   12.1]  box_use+0x31/0x60
    [   12.1]  do_syscall_64+0x5c/0x90
    [   12.1] Freed by task 9:
    [   12.1]  kfree+0x11c/0x300
    [   12.1]  box_drop+0x44/0x70
    """

  @Test func aReportLeadsToItsInterleaving() throws {
    let file = try model()
    let folder = try directory()
    let report = try CommandLine.file(Self.report, suffix: ".txt")
    defer {
      for path in [folder.path, file, report] { try? FileManager.default.removeItem(atPath: path) }
    }
    let text = try CommandLine.run("explain", report, "--model", file, "--output", folder.path)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("understood: a use after free"))
    #expect(text.output.contains("all of the report's functions that the model has are in their roles"))
    let json = try CommandLine.runAll(
      ["explain", "-", "--model", file, "--output", folder.path, "--format", "json"], input: Self.report)
    let object = try #require(try objects(json.output).first)
    #expect(object["found"] as? Bool == true)
    #expect(object["distance"] as? Int == 0)
    #expect(object["program"] as? String == "make b0 | T1: use b0 | T2: drop b0")
    let session = try #require(object["session"] as? String)
    #expect(try CommandLine.run("replay", session, "--print").output.contains("use-after-free"))
  }

  @Test func noneIsAnAnswerAndNoReportIsNone() throws {
    let file = try model()
    defer { try? FileManager.default.removeItem(atPath: file) }
    let none = try CommandLine.runAll(["explain", "-", "--model", "\(file):locked"], input: Self.report)
    #expect(none.status == 1)
    #expect(none.output.contains("none up to this size"))
    let words = try CommandLine.runAll(["explain", "-", "--model", file], input: "nothing to see here\n")
    #expect(words.status == 65)
    let foreign = try CommandLine.runAll(
      ["explain", "-", "--model", file], input: "BUG: KASAN: slab-use-after-free in other_function+0x1/0x2\n")
    #expect(foreign.status == 65)
    #expect(foreign.errors.contains("none of the functions"))
  }

  // MARK: Several machines

  /// Debian's GNU parallel runs the parts, as docs/sweep.md says.
  @Test func partsRunUnderGNUParallel() throws {
    let parallel = "/usr/bin/parallel"
    guard FileManager.default.isExecutableFile(atPath: parallel) else {
      print("skipped, loudly: there is no GNU parallel here to run the parts of a sweep")
      return
    }
    let file = try model()
    let folder = try directory()
    defer {
      try? FileManager.default.removeItem(at: folder)
      try? FileManager.default.removeItem(atPath: file)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // One part fails in its first attempt, as when its machine goes away.
    process.arguments = [
      "-c",
      """
      cd '\(folder.path)' && seq 4 | parallel --will-cite -j 2 --retries 2 'if [ {} = 2 ] && [ ! -e tried ]; then touch tried; exit 9; fi;
      "\(try CommandLine.program.path)" sweep --model "\(file)" --ops 2 --part {}/4 --format json > part-{}.jsonl; [ $? -le 1 ]'
      """,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("tried").path))
    let parts = (1...4).map { folder.appendingPathComponent("part-\($0).jsonl").path }
    let joined = try CommandLine.runAll(["sweep", "--model", file, "--join"] + parts)
    let whole = try CommandLine.run("sweep", "--model", file, "--ops", "2")
    #expect(settled(joined.output) == settled(whole.output))
  }
}
