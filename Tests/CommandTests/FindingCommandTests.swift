import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The options of `check` that find, judge and write for machines, and `truth`.
@Suite struct FindingCommandTests {
  private static let model = """
    model small "two threads, one mistake" {
      object thing as thing { value: int }
      global box: thing
      global n: int
      invariant below "n stays below 3" always { n >= 0 && n < 3 }
      entry make() { box = alloc thing }
      entry drop() {
        let t = box
        box = null
        if t != null { free t }
      }
      entry use() {
        let t = box
        if t == null { return -ENOENT }
        t.value = 1
      }
      entry count() { n += 1; n += 1; n += 1 }
      entry calm() { n = 1 }
    }
    scenario race "use and drop" {
      setup { make }
      thread T1 { drop }
      thread T2 { use }
    }
    scenario fine "nothing is wrong" {
      thread T1 { calm }
      thread T2 { calm }
    }
    scenario counts "n grows" {
      thread T1 { count }
    }
    """

  /// Runs with the model's file in a directory of its own, which is given and removed at the end.
  private func withModel(_ body: (_ file: String, _ folder: URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("small.step")
    try Data(Self.model.utf8).write(to: file)
    try body(file.path, folder)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
  }

  @Test func reachGivesTheShortestWayOrSaysThatThereIsNone() throws {
    try withModel { file, folder in
      let reached = try CommandLine.run("check", "\(file):counts", "--reach", "n == 2", "--format", "json")
      #expect(reached.status == 0, "\(reached.errors)")
      let json = try object(reached.output)
      #expect(json["reached"] as? Bool == true && json["minimal"] as? Bool == true)
      #expect((json["schedule"] as? [Any])?.count == json["steps"] as? Int)

      let never = try CommandLine.run("check", "\(file):fine", "--reach", "n == 2")
      #expect(never.status == 1)
      #expect(never.output.contains("no interleaving reaches it"))

      let out = folder.appendingPathComponent("out").path
      let text = try CommandLine.run("check", "\(file):counts", "--reach", "n == 2", "--output", out)
      #expect(text.status == 0 && text.output.contains("no shorter way exists"))
      let session = "\(out)/small--counts--reach.ioas"
      let truth = try CommandLine.run("truth", session, "--watch", "n")
      #expect(truth.output.contains("n = 2"), "\(truth.output)\(truth.errors)")
    }
  }

  /// What ends at a bound is said in JSON, too, and is no verdict.
  @Test func aBoundedReachIsAnObjectWithItsBound() throws {
    try withModel { file, _ in
      let result = try CommandLine.run(
        "check", "\(file):counts", "--reach", "n == 9", "--max-states", "2", "--format", "json")
      #expect(result.status == 1)
      let json = try object(result.output)
      #expect(json["reached"] as? Bool == false)
      #expect((json["bound"] as? String)?.contains("2 states") == true)
    }
  }

  /// The text that the program makes of an expression is nobody's business.
  @Test func aWrongExpressionIsShownAsItWasTyped() throws {
    try withModel { file, _ in
      let result = try CommandLine.run("check", "\(file):counts", "--reach", "n == nothing")
      #expect(result.status == 65)
      #expect(
        result.errors.contains("--reach:1:6: error: there is no 'nothing' here\nn == nothing\n     ^"),
        "\(result.errors)")
      #expect(!result.errors.contains("invariant"))
    }
  }

  @Test func coverageListsWhatWasNeverReached() throws {
    try withModel { file, _ in
      let result = try CommandLine.run("check", "\(file):fine", "--coverage", "--format", "json")
      #expect(result.status == 0)
      let coverage = try #require(try object(result.output)["coverage"] as? [String: Any])
      #expect(coverage["complete"] as? Bool == true)
      #expect(coverage["called"] as? Int == 1 && coverage["functions"] as? Int == 5)
      #expect((coverage["gaps"] as? [Any])?.isEmpty == true)
      let text = try CommandLine.run("check", "\(file):counts", "--coverage").output
      #expect(text.contains("3 of 3 statements reached in the 1 functions"), "\(text)")
    }
  }

  @Test func thePointOfNoReturnIsTheFindingsOwnAndItsSessionCarriesIt() throws {
    try withModel { file, folder in
      let out = folder.appendingPathComponent("out").path
      let result = try CommandLine.run(
        "check", "\(file):race", "--point-of-no-return", "--format", "json", "--output", out)
      #expect(result.status == 1)
      let findings = try #require(try object(result.output)["findings"] as? [[String: Any]])
      let finding = try #require(findings.first { $0["property"] as? String == "use-after-free" })
      let point = try #require(finding["pointOfNoReturn"] as? [String: Any])
      let step = try #require(point["step"] as? Int)
      let steps = try #require(point["steps"] as? [[String: Any]])
      #expect(steps[step - 1]["failing"] as? Double == 1)
      #expect((steps[step - 2]["failing"] as? Double ?? 1) < 1)
      let session = try #require(finding["session"] as? String)
      #expect(try String(contentsOfFile: session, encoding: .utf8).contains("point of no return"))
      let frame = try CommandLine.run("frame", session, "--at", "\(step)", "--size", "200x60")
      #expect(frame.output.contains("point of no return"), "\(frame.output)")
    }
  }

  /// What a CI reads, held against what SARIF 2.1.0 and JUnit ask for.
  @Test func formatsForMachinesAreWhole() throws {
    try withModel { file, _ in
      let sarif = try CommandLine.run("check", file, "--format", "sarif")
      #expect(sarif.status == 1)
      let log = try object(sarif.output)
      #expect(log["version"] as? String == "2.1.0")
      let run = try #require((log["runs"] as? [[String: Any]])?.first)
      let results = try #require(run["results"] as? [[String: Any]])
      #expect(Set(results.compactMap { $0["ruleId"] as? String }) == ["use-after-free", "invariant"])
      for result in results {
        let locations = try #require(result["locations"] as? [[String: Any]])
        #expect(locations.count == 1, "a CI marks the line: \(result)")
        let physical = try #require(locations[0]["physicalLocation"] as? [String: Any])
        let artifact = try #require(physical["artifactLocation"] as? [String: Any])
        #expect((artifact["uri"] as? String)?.hasSuffix("small.step") == true)
      }

      let junit = try CommandLine.run("check", file, "--format", "junit")
      #expect(junit.status == 1)
      let counter = ElementCounter()
      let parser = XMLParser(data: Data(junit.output.utf8))
      parser.delegate = counter
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      #expect(counter.counts["testcase"] == 3)
      #expect(counter.counts["failure"] == results.count)
    }
  }

  /// Place, stacks, slice and schedule of the second contract.
  @Test func jsonHasTheFieldsOfTheContract() throws {
    try withModel { file, _ in
      let result = try CommandLine.run("check", "\(file):race", "--format", "json")
      let finding = try #require((try object(result.output)["findings"] as? [[String: Any]])?.first)
      let place = try #require(finding["place"] as? [String: Any])
      #expect(place["function"] as? String == "use" && place["line"] as? Int == 15)
      #expect((finding["stack"] as? [[String: Any]])?.map { $0["function"] as? String } == ["use"])
      let others = try #require(finding["threadStacks"] as? [[String: Any]])
      #expect(others.compactMap { $0["role"] as? String } == ["freed", "made"])
      #expect(others.allSatisfy { !(($0["stack"] as? [Any])?.isEmpty ?? true) || $0["role"] == nil })
      let schedule = try #require(finding["schedule"] as? [[String: Any]])
      #expect(schedule.count == finding["steps"] as? Int)
      #expect((finding["slice"] as? [Int])?.isEmpty == false)
    }
  }

  /// A directory keeps what a user recorded, whatever its name, and loses what an earlier check wrote.
  @Test func onlyTheSessionsOfAnEarlierCheckAreReplaced() throws {
    try withModel { file, folder in
      let out = folder.appendingPathComponent("out").path
      _ = try CommandLine.run("check", "\(file):race", "--output", out)
      let written = "\(out)/small--race--1-use-after-free.ioas"
      #expect(FileManager.default.fileExists(atPath: written))
      // One of an earlier run of this very scenario, of a finding that is gone.
      let stale = "\(out)/small--race--7-warn.ioas"
      let text = try String(contentsOfFile: written, encoding: .utf8)
        .replacingOccurrences(of: "use-after-free: ", with: "warn: ")
      try text.write(toFile: stale, atomically: true, encoding: .utf8)
      // One that a user began to record, one of another scenario, one that is no session.
      let recorded = "\(out)/small--race--2-warn.ioas"
      try text.replacingOccurrences(
        of: "{\"kind\":\"header\"", with: "{\"kind\":\"header\",\"started\":\"2026-11-26T10:00:00Z\""
      )
      .write(toFile: recorded, atomically: true, encoding: .utf8)
      let other = "\(out)/small--race--3-warn.ioas"
      try text.replacingOccurrences(of: "\"scenario\":\"race\"", with: "\"scenario\":\"mine\"")
        .write(toFile: other, atomically: true, encoding: .utf8)
      let notes = "\(out)/small--race--4-warn.ioas"
      try "my notes".write(toFile: notes, atomically: true, encoding: .utf8)
      _ = try CommandLine.run("check", "\(file):race", "--output", out)
      #expect(FileManager.default.fileExists(atPath: written))
      #expect(!FileManager.default.fileExists(atPath: stale))
      for kept in [recorded, other, notes] {
        #expect(FileManager.default.fileExists(atPath: kept), "\(kept)")
      }
    }
  }

  @Test func truthListsWhatIsFalseAndSinceWhen() throws {
    try withModel { file, folder in
      let out = folder.appendingPathComponent("out").path
      _ = try CommandLine.run("check", "\(file):counts", "--output", out)
      let session = "\(out)/small--counts--1-invariant.ioas"
      let result = try CommandLine.run("truth", session, "--format", "json", "--watch", "n * 2")
      #expect(result.status == 0, "\(result.errors)")
      let json = try object(result.output)
      let step = try #require(json["step"] as? Int)
      let below = try #require((json["invariants"] as? [[String: Any]])?.first)
      #expect(below["holds"] as? Bool == false && below["since"] as? Int == step)
      let parts = try #require(below["false"] as? [[String: Any]])
      #expect(parts.first?["part"] as? String == "n < 3")
      #expect(parts.first?["values"] as? [String] == ["n = 3"])
      #expect((json["watches"] as? [[String: Any]])?.first?["value"] as? String == "6")
      let before = try CommandLine.run("truth", session, "--step", "\(step - 1)")
      #expect(!before.output.contains("FALSE"))
      #expect(try CommandLine.run("truth", session, "--step", "9999").status == 66)
    }
  }

  @Test func aRunEndsWhereAWatchChanges() throws {
    try withModel { file, _ in
      let result = try CommandLine.run("run", "\(file):fine", "--watch", "n", "--until-change")
      #expect(result.status == 0)
      #expect(result.output.hasSuffix("n: 0 -> 1\n"), "\(result.output)")
    }
  }

  /// What stays wrong is told once, with how often it was seen.
  @Test func aScriptTellsAFindingOnce() throws {
    try withModel { file, folder in
      let script = folder.appendingPathComponent("s.ops")
      try Data("T0 count\nT0 calm\nT0 count\n".utf8).write(to: script)
      let result = try CommandLine.run("script", script.path, "--model", "\(file):small")
      #expect(result.status == 1)
      let lines = result.errors.split(separator: "\n").filter { $0.contains("below") }
      #expect(lines.count == 1, "\(result.errors)")
      #expect(lines.first?.contains(" times, first after 0 results)") == true, "\(result.errors)")
    }
  }

  @Test func aFrameHasAsManyLinesAsTheScreen() throws {
    for format in ["text", "ansi"] {
      let result = try CommandLine.run("frame", "close-vs-unmap", "--size", "100x24", "--format", format)
      #expect(result.output.split(separator: "\n", omittingEmptySubsequences: false).count == 25)
      #expect(result.output.hasSuffix("\n") && !result.output.hasSuffix("\n\n"))
    }
  }

  @Test func theBrokenHalfOfARuleIsMarked() throws {
    let result = try CommandLine.run("check", "close-with-pin")
    #expect(result.output.contains("broken here: \"after close_device\""), "\(result.output)")
  }
}

/// Counts the elements of a document.
private final class ElementCounter: NSObject, XMLParserDelegate {
  var counts: [String: Int] = [:]

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    counts[element, default: 0] += 1
  }
}
