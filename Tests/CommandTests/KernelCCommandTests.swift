import Foundation
import Testing

/// `import`, `review` and `--source` with C and mails of our own.
struct KernelCCommandTests {
  private static let mail = "docs/examples/detach-flush.mail"

  /// A C file in a directory of its own.
  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appendingPathComponent("device.c").path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try body(path)
  }

  private static let detach = """
    void iommufd_access_detach(struct iommufd_access *access)
    {
    \tguard(mutex)(&access->ioas_lock);
    \tif (WARN_ON(!access->ioas))
    \t\treturn;
    \tWARN_ON(iommufd_access_change_ioas(access, NULL));
    }

    """

  private var mailPath: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent(Self.mail).path
  }

  @Test func aReviewTellsWhichVerdictChanges() throws {
    let result = try CommandLine.run(
      "review", mailPath, "--model", "replace-v2", "--scenario", "detach-with-pin")
    #expect(result.status == 0)
    #expect(
      result.output.contains("before 37 of 37 statements understood, after 37 of 37 statements understood"))
    #expect(result.output.contains("better: detach-with-pin: "))
    #expect(result.output.contains("-> holds"))
    #expect(result.output.contains("1 scenario checked: 0 worse, 1 better, 0 the same"))
  }

  @Test func theOtherWayRoundIsWorseWithTheStepsOfIt() throws {
    // The same mail with the signs exchanged takes the flush out.
    let text = try String(contentsOfFile: mailPath, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      if line.hasPrefix("--- ") || line.hasPrefix("+++ ") { return String(line) }
      if line.hasPrefix("@@") { return "@@ -1,59 +1,55 @@" }
      if line.hasPrefix("+") { return "-" + line.dropFirst() }
      if line.hasPrefix("-") { return "+" + line.dropFirst() }
      return String(line)
    }
    try withFile(lines.joined(separator: "\n")) { path in
      let result = try CommandLine.run(
        "review", path, "--model", "replace-v2", "--scenario", "detach-with-pin", "--format", "json")
      #expect(result.status == 1)
      #expect(result.output.contains("\"worse\":[\"detach-with-pin\"]"))
      let shown = try CommandLine.run(
        "review", path, "--model", "replace-v2", "--scenario", "detach-with-pin")
      #expect(shown.output.contains("refcount_dec(&old->obj.users)"))
    }
  }

  @Test func aMailWithoutADiffSaysSo() throws {
    try withFile("Hello\n") { path in
      let result = try CommandLine.run("review", path)
      #expect(result.status == 65)
      #expect(result.errors.contains("there is no diff of a C file in this text"))
    }
  }

  @Test func aFunctionFromCIsCheckedAndWhatIsAssumedIsSaid() throws {
    try withFile(Self.detach) { path in
      let result = try CommandLine.run("check", "detach-with-pin", "--source", path, "--format", "json")
      #expect(result.status == 0)
      #expect(result.output.contains("\"verdict\":\"holds\""))
      let run = try CommandLine.run("run", "detach-with-pin", "--source", path)
      #expect(run.output.contains("guard(mutex)(&access->ioas_lock)"))
    }
  }

  @Test func importPrintsTheCBesideEachStatement() throws {
    try withFile(Self.detach) { path in
      let result = try CommandLine.run("import", path, "--function", "iommufd_access_detach")
      #expect(result.status == 0)
      #expect(result.output.contains("mutex_lock access.ioas_lock"))
      #expect(result.output.contains("// 3: guard(mutex)(&access->ioas_lock);"))
      #expect(result.output.hasPrefix("revision from-c of linux-6.12 \"functions from C\" {"))
    }
  }

  @Test func whatIsNotUnderstoodIsAnErrorWithItsPlaceOrOpaque() throws {
    let text = Self.detach.replacing("\tWARN_ON(iommufd", with: "\tfrobnicate(access);\n\tWARN_ON(iommufd")
    try withFile(text) { path in
      let result = try CommandLine.run("check", "detach-with-pin", "--source", path)
      #expect(result.status == 65)
      #expect(result.errors.contains("device.c:6:2: error: 'frobnicate' is neither in the model"))
      let opaque = try CommandLine.run("check", "detach-with-pin", "--source", path, "--opaque", "frobnicate")
      #expect(opaque.status == 0)
      #expect(opaque.output.contains("opaque: frobnicate"))
    }
  }
}
