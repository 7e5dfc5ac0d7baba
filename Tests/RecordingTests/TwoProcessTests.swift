import Foundation
import Machine
import Recording
import StepLanguage
import Testing

/// Random sessions of the kernel's model, replayed in two other processes, give the digests that they had here.
@Suite struct TwoProcessTests {
  private static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let library = Library { kind, name in
    let path = "\(kind == .model ? "models" : "scenarios")/\(name).step"
    guard let text = try? String(contentsOf: checkout.appendingPathComponent(path), encoding: .utf8) else {
      return nil
    }
    return (path, text)
  }

  private func program() throws -> URL {
    var directory = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
    for _ in 0..<4 {
      let candidate = directory.appendingPathComponent("ioascope")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      directory.deleteLastPathComponent()
    }
    let found = Self.checkout.appendingPathComponent(".build/debug/ioascope")
    return try #require(FileManager.default.isExecutableFile(atPath: found.path) ? found : nil)
  }

  private func digests(_ path: String) throws -> [String] {
    let process = Process()
    process.executableURL = try program()
    process.arguments = ["replay", path, "--print", "--format", "json"]
    let output = path + "-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: output))
    defer { try? FileManager.default.removeItem(atPath: output) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return try #require((object as? [String: Any])?["digest"] as? String)
    }
  }

  @Test(arguments: ["replace-vs-pin", "replace-vs-replace", "close-vs-unmap"])
  func randomSessionsGiveTheSameDigests(scenario name: String) throws {
    let program = try Self.library.program(named: "linux-6.12")
    let scenario = try Self.library.scenario(named: name)
    for seed in 0..<3 {
      var lot = UInt64(seed) &* 7_919 &+ UInt64(name.utf8.count)
      func draw(_ bound: Int) -> Int {
        lot = lot &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(lot >> 33) % bound
      }
      let world = try World(program: program, scenario: scenario)
      var timeline = Timeline(world: world)
      var text = ""
      var writer = try SessionWriter(header: Session.Header(world: world, scenario: scenario, tool: "test")) {
        text += $0
      }
      for _ in 0..<400 {
        if draw(40) == 0 { timeline.go(to: draw(timeline.nodes.count)) }
        let ready = timeline.readiness.indices.filter {
          if case .ready = timeline.readiness[$0] { true } else { false }
        }
        guard !ready.isEmpty else {
          timeline.go(to: draw(timeline.nodes.count))
          continue
        }
        let thread = ready[draw(ready.count)]
        guard case .ready(let choices) = timeline.readiness[thread] else { continue }
        try timeline.perform(.step(thread: thread, choice: draw(max(1, choices))))
        try writer.follow(timeline)
      }
      try writer.follow(timeline)
      let here = timeline.path.dropFirst().map { node in
        let situation = timeline.situation(at: node)
        return String(situation.state.digest(in: situation.world), radix: 16)
      }
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).ioas")
        .path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(atPath: path) }
      #expect(try digests(path) == here)
      #expect(try digests(path) == here)
    }
  }
}
