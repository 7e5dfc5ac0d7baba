import Foundation
import Testing

/// Long sessions take memory for their points and for nothing else; `Benchmarks/sessions.sh` measures sessions of a million steps.
@Suite struct SoakTests {
  private static let model = """
    model spin "Spin" {
      global n: int
      global gate: mutex
      entry spin() {
        loop {
          mutex_lock gate
          n += 1
          mutex_unlock gate
        }
      }
    }
    """

  /// The peak of the resident memory of opening a session, in bytes.
  private func peak(steps: Int, _ folder: URL) throws -> Int {
    let model = folder.appendingPathComponent("spin.step")
    try Self.model.write(to: model, atomically: true, encoding: .utf8)
    let header =
      #"{"kind":"header","format":"ioascope-session","version":1,"tool":"soak","model":""# + model.path
      + #"","threads":[{"name":"T0","operations":["spin"]}]}"#
    let session = folder.appendingPathComponent("\(steps).ioas")
    try (header + "\n" + String(repeating: "{\"kind\":\"step\",\"thread\":0}\n", count: steps))
      .write(to: session, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = try CommandLine.program
    process.arguments = ["validate", session.path]
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var peak = 0
    while process.isRunning {
      let status =
        (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
      if let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
      {
        peak = max(peak, kibibytes * 1_024)
      }
      usleep(2_000)
    }
    #expect(process.terminationStatus == 0)
    return peak
  }

  @Test func memoryGrowsByThePointsOnly() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let short = try peak(steps: 50_000, folder)
    let long = try peak(steps: 250_000, folder)
    #expect(short > 0)
    // 40 bytes a point, some keyframes, and what an allocator keeps in reserve.
    #expect(long - short < 200_000 * 40 + (16 << 20), "\(short) bytes, then \(long)")
  }
}
