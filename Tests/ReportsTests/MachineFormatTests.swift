import Explorer
import Foundation
import Machine
import Reports
import StepLanguage
import Testing

/// What programs read: JSON, SARIF and JUnit.
@Suite struct MachineFormatTests {
  static func report() throws -> CheckReport {
    let world = try ReportWorkshop.world("destroy-vs-put", model: "linux-6.12")
    let result = Search(world: world).run()
    return CheckReport(world: world, scenario: "destroy-vs-put", result: result, seconds: 1.25, peakBytes: 42)
      .with(sessions: ["findings/one.ioas"])
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func jsonHasTheFieldsOfBothContracts() throws {
    let json = try object(try Self.report().json)
    for key in [
      "model", "scenario", "verdict", "states", "transitions", "depth", "seconds", "peakBytes", "findings",
    ] {
      #expect(json[key] != nil, "\(key)")
    }
    let finding = try #require((json["findings"] as? [[String: Any]])?.first)
    for key in ["property", "message", "steps", "threads", "preemptions", "minimal", "session"] {
      #expect(finding[key] != nil, "\(key)")
    }
    let place = try #require(finding["place"] as? [String: Any])
    #expect(place["file"] as? String == "linux-6.12.step")
    #expect((place["line"] as? Int ?? 0) > 1)
    #expect((place["column"] as? Int ?? 0) > 1)
    #expect(place["function"] as? String == "iommufd_object_dec_wait_shortterm")
    let stack = try #require(finding["stack"] as? [[String: Any]])
    #expect(stack.first?["function"] as? String == "destroy", "outermost first")
    #expect(stack.last?["function"] as? String == "iommufd_object_dec_wait_shortterm")
    #expect(stack.allSatisfy { $0["file"] is String && $0["line"] is Int })
    let schedule = try #require(finding["schedule"] as? [[String: Any]])
    #expect(schedule.count == finding["steps"] as? Int)
    let slice = try #require(finding["slice"] as? [Int])
    #expect(slice == slice.sorted() && slice.last == schedule.count)
    #expect(slice.count < schedule.count / 2)
    #expect(finding["threads"] as? Int == 2)
    #expect(finding["preemptions"] as? Int == 1)
    #expect(finding["threadStacks"] is [[String: Any]])
  }

  /// The members that the schema of SARIF 2.1.0 requires, and the values that it allows.
  @Test func sarifHasWhatTheSchemaRequires() throws {
    let log = try object(SARIF.text([try Self.report()], tool: "1.2.3"))
    #expect(log["version"] as? String == "2.1.0")
    #expect((log["$schema"] as? String)?.contains("sarif-2.1.0") == true)
    let runs = try #require(log["runs"] as? [[String: Any]])
    #expect(runs.count == 1)
    let driver = try #require((runs[0]["tool"] as? [String: Any])?["driver"] as? [String: Any])
    #expect(driver["name"] as? String == "ioascope")
    let rules = try #require(driver["rules"] as? [[String: Any]])
    let results = try #require(runs[0]["results"] as? [[String: Any]])
    #expect(results.count == 1)
    for invocation in try #require(runs[0]["invocations"] as? [[String: Any]]) {
      #expect(invocation["executionSuccessful"] is Bool)
    }
    func message(_ value: Any?) throws { #expect(try #require(value as? [String: Any])["text"] is String) }
    func location(_ value: Any?) throws {
      let location = try #require(value as? [String: Any])
      guard let physical = location["physicalLocation"] as? [String: Any] else { return }
      let artifact = try #require(physical["artifactLocation"] as? [String: Any])
      let uri = try #require(artifact["uri"] as? String)
      #expect(URL(string: uri) != nil)
      let region = try #require(physical["region"] as? [String: Any])
      #expect((region["startLine"] as? Int ?? 0) >= 1)
      #expect((region["startColumn"] as? Int ?? 0) >= 1)
    }
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
      #expect(["none", "note", "warning", "error"].contains(result["level"] as? String ?? ""))
      try message(result["message"])
      let locations = try #require(result["locations"] as? [Any])
      #expect(locations.count == 1)
      for one in locations { try location(one) }
      for stack in try #require(result["stacks"] as? [[String: Any]]) {
        let frames = try #require(stack["frames"] as? [[String: Any]])
        for frame in frames { try location(frame["location"]) }
      }
      for flow in try #require(result["codeFlows"] as? [[String: Any]]) {
        let threads = try #require(flow["threadFlows"] as? [[String: Any]])
        #expect(threads.count == 2)
        for thread in threads {
          let steps = try #require(thread["locations"] as? [[String: Any]])
          #expect(!steps.isEmpty, "the schema wants at least one")
          for step in steps {
            #expect((step["executionOrder"] as? Int ?? -2) >= -1)
            try location(step["location"])
          }
        }
      }
      let prints = try #require(result["partialFingerprints"] as? [String: Any])
      #expect(prints.values.allSatisfy { $0 is String })
    }
    for rule in rules {
      #expect(rule["id"] is String)
      try message(rule["shortDescription"])
    }
  }

  @Test func sarifOfNothingIsWhole() throws {
    let log = try object(SARIF.text([], tool: "1"))
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    #expect((run["results"] as? [Any])?.isEmpty == true)
  }

  @Test func junitCountsAndEscapes() throws {
    let report = try Self.report()
    let text = JUnit.text([report])
    #expect(
      text.hasPrefix(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ioascope check\" tests=\"1\" failures=\"1\""
      ))
    #expect(text.contains("<testcase classname=\"linux-6.12\" name=\"destroy-vs-put\" time=\"1.250\">"))
    #expect(text.contains("<failure type=\"lost-wakeup\" message=\""))
    // Arrows of statements must not end a tag.
    #expect(text.contains("[ioas1: 2 -&gt; 1]"))
    let opened = text.components(separatedBy: "<failure").count
    #expect(opened == text.components(separatedBy: "</failure>").count)
    #expect(text.hasSuffix("</testsuites>"))
  }

  @Test func aNumberOfThreadsInTextCountsTheRaceOnly() throws {
    let text = try Self.report().text
    #expect(text.contains("1 preemption, 2 threads, no shorter counterexample exists"), "\(text)")
    #expect(text.contains("findings/one.ioas"))
  }
}
