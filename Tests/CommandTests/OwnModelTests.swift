import Foundation
import Testing

/// Models and scenarios of one's own: in one file, or side by side, from anywhere.
@Suite struct OwnModelTests {
  private static let base = """
    model counter "A counter" {
      global n: int
      entry go() "adds" {
        let old = n
        n = old + 1
      }
      entry look() "looks" { check invariant n == 2 "an addition is lost" }
    }
    """
  private static let revision = """
    revision counter-at-once of counter "The same in one step" {
      entry go() "adds" { n += 1 }
    }
    """
  private static let scenario = """
    scenario two-go "Two add" {
      model counter, counter-at-once
      thread T1 { go }
      thread T2 { go }
      finally { look }
    }
    """

  private func folder(_ files: [String: String]) throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(to: directory.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    return directory
  }

  private func verdicts(_ arguments: String...) throws -> [String] {
    let result = try CommandLine.runAll(["check"] + arguments + ["--format", "json"])
    #expect(result.errors == "")
    return try result.output.split(separator: "\n").map { line in
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      return "\(object["model"] ?? "") \(object["scenario"] ?? "") \(object["verdict"] ?? "")"
    }
  }

  @Test func aSingleFileIsCheckedAlone() throws {
    let folder = try folder(["mine.step": Self.base + "\n" + Self.revision + "\n" + Self.scenario])
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("mine.step").path
    #expect(try verdicts(file) == ["counter two-go violated"])
    #expect(try verdicts("\(file):two-go") == ["counter two-go violated"])
    #expect(try verdicts(file, "--model", "counter-at-once") == ["counter-at-once two-go holds"])
    #expect(try verdicts(file, "--model", "\(file):counter-at-once") == ["counter-at-once two-go holds"])
    #expect(
      try verdicts(file, "--model", "all") == ["counter two-go violated", "counter-at-once two-go holds"])
    #expect(try CommandLine.run("validate", file).status == 0)
    #expect(try CommandLine.run("run", file).status == 0)
    #expect(try CommandLine.run("frame", file).status == 0)
    #expect(try CommandLine.run("export", file, "--format", "promela").status == 0)
    #expect(
      try CommandLine.run("diff", "\(file):counter", "\(file):counter-at-once", "--scenario", file).status
        == 0)
  }

  @Test func filesSideBySideFindOneAnother() throws {
    let folder = try folder([
      "counter.step": Self.base, "counter-at-once.step": Self.revision, "two-go.step": Self.scenario,
    ])
    defer { try? FileManager.default.removeItem(at: folder) }
    let scenario = folder.appendingPathComponent("two-go.step").path
    #expect(try verdicts(scenario) == ["counter two-go violated"])
    #expect(try verdicts(scenario, "--model", "counter-at-once") == ["counter-at-once two-go holds"])
    let revision = folder.appendingPathComponent("counter-at-once.step").path
    #expect(try verdicts(scenario, "--model", revision) == ["counter-at-once two-go holds"])
    #expect(try CommandLine.run("validate", scenario, revision).status == 0)
  }

  @Test func aFindingOfAnOwnModelReplaysFromAnywhere() throws {
    let folder = try folder(["counter.step": Self.base, "two-go.step": Self.scenario])
    defer { try? FileManager.default.removeItem(at: folder) }
    let output = folder.appendingPathComponent("found").path
    let scenario = folder.appendingPathComponent("two-go.step").path
    let checked = try CommandLine.run("check", scenario, "--output", output)
    #expect(checked.status == 1)
    let session = try #require(
      try FileManager.default.contentsOfDirectory(atPath: output).sorted().first { $0.contains("invariant") })
    let replayed = try CommandLine.run("replay", "\(output)/\(session)", "--print")
    #expect(replayed.status == 0, "\(replayed.errors)")
    #expect(replayed.output.contains("an addition is lost"))
    try FileManager.default.removeItem(at: folder.appendingPathComponent("counter.step"))
    let gone = try CommandLine.run("replay", "\(output)/\(session)", "--print")
    #expect(gone.status == 66)
    #expect(gone.errors.contains("name it with --model FILE:NAME"))
  }

  @Test func theScenariosOwnModelIsTheDefault() throws {
    #expect(try verdicts("completion-on-stack") == ["completion completion-on-stack holds"])
    #expect(try CommandLine.run("run", "completion-on-stack").status == 0)
  }

  @Test func anUnknownModelOfAScenarioHasAPlace() throws {
    let folder = try folder([
      "s.step": "scenario s \"S\" {\n  model handle-lokup\n  thread T1 { destroy h1 }\n}\n"
    ])
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("s.step").path
    for command in ["check", "run", "validate", "frame"] {
      let result = try CommandLine.run(command, file)
      #expect(result.status == 65)
      #expect(result.errors.hasPrefix("\(file):2:9: error: there is no model 'handle-lokup'"))
    }
  }

  @Test func aScenarioOfOnesOwnThatIsWrongDoesNotEndTheOthers() throws {
    let folder = try folder([:])
    defer { try? FileManager.default.removeItem(at: folder) }
    let scenarios = folder.appendingPathComponent("ioascope/scenarios")
    try FileManager.default.createDirectory(at: scenarios, withIntermediateDirectories: true)
    let wrong = scenarios.appendingPathComponent("aaa-wrong.step")
    try "scenario aaa-wrong { thred T1 { } }\n".write(to: wrong, atomically: true, encoding: .utf8)
    let result = try CommandLine.run(
      "diff", "completion", "completion-without-lock", environment: ["XDG_DATA_HOME": folder.path])
    #expect(result.status == 1, "\(result.errors)")
    #expect(result.errors.contains("\(wrong.path):1:22: error: 'thred' is no part of a scenario"))
    #expect(result.output.contains("completion-on-stack: holds ->"))
  }

  @Test func expectedResults() throws {
    let text = """
      model box "A box" {
        global full: bool
        entry put() "puts" { if full { return -EBUSY }; full = true; return 0 }
      }
      scenario once "One puts" {
        setup { put = 0 0 }
        thread T1 { put = -1 EBUSY }
        finally { put = -1 EBUSY }
      }
      scenario race "Two put" {
        thread T1 { put = 0 0 }
        thread T2 { put = 0 0 or -1 EBUSY }
      }
      """
    let folder = try folder(["box.step": text])
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("box.step").path
    #expect(try verdicts(file) == ["box once holds", "box race violated"])
    #expect(try CommandLine.run("run", "\(file):once").status == 0)
    let checked = try CommandLine.run(
      "check", "\(file):race", "--output", folder.appendingPathComponent("f").path)
    #expect(checked.output.contains("unexpected-result: 'put' returned -1 EBUSY, expected 0 0"))
    // The session has the expectation, so the finding is in it, too.
    let session = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("f").path).first)
    let replayed = try CommandLine.run(
      "replay", folder.appendingPathComponent("f/\(session)").path, "--print")
    #expect(replayed.output.contains("'put' returned -1 EBUSY, expected 0 0"), "\(replayed.errors)")
    let wrong = folder.appendingPathComponent("wrong.step").path
    try text.replacing("setup { put = 0 0 }", with: "setup { put = -1 ENOENT }").write(
      toFile: wrong, atomically: true, encoding: .utf8)
    let run = try CommandLine.run("run", "\(wrong):once")
    #expect(run.status == 1)
    #expect(run.output.contains("'put' returned 0 0, expected -1 ENOENT"))
  }

  @Test func aRevisionOfSingleStatements() throws {
    let patched = """
      revision counter-patched of counter "The same, patched" {
        in entry go {
          delete "let old = n"
          replace "n = old + 1" { n += 1 }
        }
      }
      """
    let folder = try folder(["mine.step": Self.base + "\n" + patched + "\n" + Self.scenario])
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("mine.step").path
    #expect(try verdicts(file, "--model", "counter-patched") == ["counter-patched two-go holds"])
    let difference = try CommandLine.run(
      "diff", "\(file):counter", "\(file):counter-patched", "--scenario", "\(file):two-go")
    #expect(difference.output.contains("+   replace \"n = old + 1\" { n += 1 }"), "\(difference.output)")
    #expect(difference.output.contains("two-go: invariant -> holds"), "\(difference.output)")
    let screen = try CommandLine.run(
      "frame", file, "--model", "counter-patched", "--at", "5", "--size", "120x40")
    #expect(screen.status == 0, "\(screen.errors)")
  }
}
