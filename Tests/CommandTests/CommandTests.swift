import Foundation
import Testing

/// The contract with scripts: names, exit statuses, and where messages go.
@Suite struct CommandTests {
  private func fixture(_ name: String) -> String {
    CommandLine.checkout.appendingPathComponent("Tests/MachineTests/Fixtures/\(name)").path
  }

  @Test func scriptAgreesWithTheKernel() throws {
    for name in ["01-lifecycle.result", "04-errors.result", "05-vfio-emulated.result"] {
      let result = try CommandLine.run("script", fixture(name))
      #expect(result.status == 0)
      #expect(result.errors == "")
      let expected = try String(contentsOfFile: fixture(name), encoding: .utf8)
      #expect(result.output == expected, "the output is the result file again")
    }
  }

  @Test func aDifferenceIsReportedWithBoth() throws {
    let path = try CommandLine.file(
      "0 T0 open f0 = 0 0\n1 T0 ioas_alloc f0 s1 = -1 EBUSY\n2 T0 close f0 = 0 0\n", suffix: ".result")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let result = try CommandLine.run("script", path)
    #expect(result.status == 1)
    #expect(result.errors.contains("\(path):2:25: error: 'ioas_alloc f0 s1' returned 0 0, expected -1 EBUSY"))
  }

  /// Beyond a limit nothing is judged: an error at the statement, the exit status of wrong content, and never `holds`.
  @Test func aLimitIsAnErrorWithAPlace() throws {
    let locks = (0..<14).map { "global l\($0): mutex" }.joined(separator: "\n")
    let takes = (0..<14).map { "mutex_lock l\($0)" }.joined(separator: "\n")
    let path = try CommandLine.file(
      "model m \"M\" {\n\(locks)\nentry go() {\n\(takes)\n}\n}\nscenario s \"S\" { thread T1 { go } }\n",
      suffix: ".step")
    defer { try? FileManager.default.removeItem(atPath: path) }
    for words in [
      ["check", path], ["check", path, "--no-reduction"], ["run", path], ["check", path, "--random", "3"],
    ] {
      let result = try CommandLine.runAll(words)
      #expect(result.status == 65, "\(words)")
      #expect(
        result.errors.contains("\(path):29:1: error: more than 12 locks held by one thread"),
        "\(result.errors)")
      #expect(!result.output.contains("holds"))
    }
  }

  @Test func anExpressionThatFailsIsNoReachedState() throws {
    let failing = try CommandLine.run("check", "attach-pin-replace", "--reach", "1 / 0 == 1")
    #expect(failing.status == 65)
    #expect(failing.errors.contains("division by zero"))
    #expect(!failing.output.contains("reached"))
    let never = try CommandLine.run("check", "attach-pin-replace", "--reach", "1 == 2")
    #expect(never.status == 1)
    #expect(never.output.contains("no interleaving reaches it"))
    let wrong = try CommandLine.run("check", "attach-pin-replace", "--reach", "nosuch == 1")
    #expect(wrong.status == 65)
    #expect(wrong.errors.contains("there is no 'nosuch' here"))
  }

  @Test func listsAreJsonWithNameAndTitle() throws {
    for subject in ["models", "scenarios", "themes"] {
      let result = try CommandLine.run("list", subject, "--format", "json")
      #expect(result.status == 0)
      let rows = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: String]])
      #expect(rows.count >= 3)
      #expect(rows.allSatisfy { !($0["name"] ?? "").isEmpty && !($0["title"] ?? "").isEmpty })
    }
  }

  @Test func everyShippedFileIsValid() throws {
    for (directory, ending) in [("models", ".step"), ("scenarios", ".step"), ("themes", ".toml")] {
      let root = CommandLine.checkout.appendingPathComponent(directory).path
      for name in try FileManager.default.contentsOfDirectory(atPath: root).sorted()
      where name.hasSuffix(ending) {
        let result = try CommandLine.run("validate", "\(root)/\(name)")
        #expect(result.status == 0, "\(name): \(result.errors)")
      }
    }
  }

  @Test func wrongFilesSayWhereAndWhat() throws {
    let model = try CommandLine.file("model m \"M\" {\n  fn f() -> int {\n  }\n}\n", suffix: ".step")
    let theme = try CommandLine.file("name = \"x\"\n[styles]\nnonsense = \"red\"\n", suffix: ".toml")
    let script = try CommandLine.file("T0 opne f0\n", suffix: ".ops")
    let session = try CommandLine.file("{\"kind\":\"header\"}\n", suffix: ".ioas")
    defer {
      for path in [model, theme, script, session] { try? FileManager.default.removeItem(atPath: path) }
    }
    let wrong = try CommandLine.run("validate", model)
    #expect(wrong.status == 65)
    #expect(
      wrong.errors.contains("\(model):3:3: error: 'f' may end here without returning a value; add 'return …'")
    )
    #expect(wrong.output == "")
    let themed = try CommandLine.run("validate", theme)
    #expect(themed.status == 65)
    #expect(themed.errors.contains("\(theme):3:1: error:"))
    let scripted = try CommandLine.run("script", script)
    #expect(scripted.status == 65)
    #expect(
      scripted.errors.contains(
        "\(script):1:4: error: the model 'linux-6.12' has no operation 'opne'; did you mean 'open'?"))
    #expect(try CommandLine.run("replay", session, "--print").status == 65)
  }

  @Test func exitStatusesAreThoseOfTheContract() throws {
    #expect(try CommandLine.run("script", "/nonexistent/file").status == 66)
    #expect(try CommandLine.run("run", "no-such-scenario").status == 66)
    #expect(try CommandLine.run("check", "attach-pin-replace", "--model", "no-such-model").status == 66)
    #expect(try CommandLine.run("frame", "attach-pin-replace", "--theme", "no-such-theme").status == 66)
    #expect(try CommandLine.run("frame", "attach-pin-replace", "--size", "none").status == 64)
    #expect(try CommandLine.run("frobnicate").status == 64)
    #expect(try CommandLine.run("run").status == 64)
    #expect(try CommandLine.run("--version").status == 0)
    #expect(try CommandLine.run("--help").status == 0)
  }

  @Test func everyCommandsHelpHasAnExample() throws {
    for command in [
      "explore", "run", "script", "check", "diff", "replay", "export", "frame", "list", "validate",
    ] {
      let help = try CommandLine.run(command, "--help")
      #expect(help.status == 0)
      #expect(help.output.contains("Example:\n"), "\(command)")
    }
  }

  @Test func withoutATerminalTheOtherWayIsNamed() throws {
    let result = try CommandLine.run("explore", "attach-pin-replace")
    #expect(result.status == 64)
    #expect(result.errors.contains("is not a terminal"))
    #expect(result.errors.contains("ioascope run attach-pin-replace"))
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test func theSameInputGivesTheSameBytes() throws {
    for arguments in [
      ["run", "replace-vs-unmap", "--seed", "7", "--format", "json"],
      ["frame", "attach-pin-replace", "--at", "240", "--format", "svg"],
      ["frame", "attach-pin-replace", "--at", "240", "--format", "ansi", "--ascii"],
    ] {
      let first = try CommandLine.runAll(arguments)
      let second = try CommandLine.runAll(arguments)
      #expect(first.status == 0, "\(first.errors)")
      #expect(!first.output.isEmpty)
      #expect(first.output == second.output)
    }
  }

  @Test func aKernelsTraceBecomesASession() throws {
    let fixtures = CommandLine.checkout.appendingPathComponent("Tests/KernelTraceTests/Fixtures")
    let trace = fixtures.appendingPathComponent("02-two-threads-replace-vs-pin.trace").path
    let session = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).ioas")
      .path
    defer { try? FileManager.default.removeItem(atPath: session) }
    let conformed = try CommandLine.run("conform", trace, "--format", "json", "--output", session)
    #expect(conformed.status == 0, "\(conformed.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(conformed.output.utf8)) as? [String: Any])
    #expect(report["verdict"] as? String == "conforms")
    #expect(report["matched"] as? Int == report["events"] as? Int)
    #expect(report["threads"] as? Int == 2)
    let replayed = try CommandLine.run("replay", session, "--print")
    #expect(replayed.status == 0)
    // Every operation of the trace returns in the session, at the kernel's time.
    #expect(replayed.output.contains("replace = 0"))
    #expect(replayed.output.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("[") })
    #expect(try CommandLine.run("frame", session, "--at", "0", "--size", "60x16").status == 0)
    // A file that is there already is not overwritten.
    #expect(try CommandLine.run("conform", trace, "--output", session).status == 74)
    #expect(try CommandLine.run("conform", "/nonexistent").status == 66)
  }

  @Test func noColorMeansNoColor() throws {
    let plain = try CommandLine.run(
      "frame", "attach-pin-replace", "--format", "ansi", environment: ["NO_COLOR": "1"])
    #expect(!plain.output.contains("38;") && !plain.output.contains("48;"))
    let ascii = try CommandLine.run("frame", "attach-pin-replace", "--ascii")
    #expect(ascii.output.utf8.allSatisfy { $0 < 128 })
  }

  @Test func aCheckFindsTheMailsDefectAndItsSessionReplays() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let posted = try CommandLine.run(
      "check", "detach-with-pin", "--model", "replace-v2", "--format", "json", "--output", directory)
    #expect(posted.status == 1)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(posted.output.utf8)) as? [String: Any])
    #expect(report["verdict"] as? String == "violated")
    let findings = try #require(report["findings"] as? [[String: Any]])
    #expect(findings.first?["property"] as? String == "pin-on-old-ioas")
    #expect(findings.first?["minimal"] as? Bool == true)
    let session = try #require(findings.first?["session"] as? String)
    let replayed = try CommandLine.run("replay", session, "--print")
    #expect(replayed.status == 0)
    #expect(replayed.output.contains("pin-on-old-ioas"))
    #expect(replayed.output.split(separator: "\n").count >= (findings.first?["steps"] as? Int ?? .max))
    #expect(try CommandLine.run("validate", session).status == 0)
    let mail = try CommandLine.run("export", session, "--format", "markdown")
    #expect(mail.status == 0)
    #expect(mail.output.hasPrefix("# pin-on-old-ioas: "))
    let rule = "breaks C4 of the contract, the core's duty: a change that succeeded leaves no pin"
    #expect(mail.output.contains("\nIt \(rule)"))
    let text = try CommandLine.run("check", "detach-with-pin", "--model", "replace-v2")
    #expect(text.output.contains("\n    \(rule)"))
    let merged = try CommandLine.run("check", "detach-with-pin", "--format", "json")
    #expect(merged.status == 0)
    #expect(merged.output.contains("\"verdict\":\"holds\""))
  }
}
