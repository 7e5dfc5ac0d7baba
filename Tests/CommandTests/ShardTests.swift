import Foundation
import Testing

/// `check --shard K/N`: what processes leave for one another in a directory.
@Suite struct ShardTests {
  /// A result without what differs from run to run.
  private static func plain(_ json: String) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
    var fields = try #require(object as? [String: Any])
    fields["seconds"] = nil
    fields["peakBytes"] = nil
    return String(
      decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self)
  }

  @Test func theNextProcessGoesOnWithWhatTheFirstLeft() throws {
    let scenario = CommandLine.checkout.appendingPathComponent(
      "Tests/ExplorerTests/Fixtures/three-threads.step"
    ).path
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: directory) }
    let common = ["check", scenario, "--format", "json", "--max-states", "3000", "--jobs", "1"]
    let alone = try Self.plain(try CommandLine.runAll(common).output)
    // Nobody comes, so the first does all, and says once whom it missed.
    let shared = common + ["--shared", directory.path, "--patience", "1"]
    let first = try CommandLine.runAll(shared + ["--shard", "1/2"])
    #expect(try Self.plain(first.output) == alone)
    #expect(first.errors.contains("part 2 did not come within 1 s; going on without it"))
    let parts = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(parts.count > 1)
    #expect(parts.allSatisfy { $0.hasSuffix("-1of2.part") })
    // The second finds them.
    let second = try CommandLine.runAll(shared + ["--shard", "2/2"])
    #expect(try Self.plain(second.output) == alone)
    #expect(!second.errors.contains("did not come"))
    // One that is damaged is made anew.
    for part in parts {
      try Data("no part".utf8).write(to: directory.appendingPathComponent(part))
    }
    #expect(try Self.plain(try CommandLine.runAll(shared + ["--shard", "2/2"]).output) == alone)
  }

  @Test func argumentsThatMeanNothingAreRefused() throws {
    for (arguments, message) in [
      (["--shard", "3/2", "--shared", "x"], "--shard is K/N"),
      (["--shard", "half", "--shared", "x"], "--shard is K/N"),
      (["--shard", "1/2"], "--shard needs --shared DIR"), (["--shared", "x"], "--shared needs --shard K/N"),
      (["--shard", "1/2", "--shared", "x", "--random", "3"], "give each process another --seed"),
      (["--shard", "1/2", "--shared", "x", "--checkpoint", "y"], "needs no --checkpoint"),
    ] {
      let result = try CommandLine.runAll(["check", "attach-pin-replace"] + arguments)
      #expect(result.status == 64)
      #expect(result.errors.contains(message), "\(arguments)")
    }
    let result = try CommandLine.run(
      "check", "attach-pin-replace", "--shard", "1/2", "--shared", "/proc/none/x")
    #expect(result.status == 74)
  }
}
