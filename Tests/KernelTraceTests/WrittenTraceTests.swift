import KernelTrace
import Machine
import StepLanguage
import Testing

/// What the model itself does under drawn schedules is a run of the model, whatever the schedule.
@Suite struct WrittenTraceTests {
  private func writer(_ scenario: String, seed: UInt64) throws -> TraceWriter {
    let world = try World(
      program: try Recordings.program.get(), scenario: try Recordings.library.scenario(named: scenario))
    return TraceWriter(world: world, seed: seed)
  }

  @Test(arguments: [
    "replace-vs-pin", "replace-vs-unmap", "replace-vs-replace", "replace-vs-destroy-ioas", "unmap-vs-pin",
    "close-vs-unmap", "two-accesses-replace", "vfio-attach-replace-close", "close-with-pin", "destroy-vs-put",
  ])
  func whatTheModelDoesConforms(_ scenario: String) throws {
    for seed in 1...12 as ClosedRange<UInt64> {
      let writer = try writer(scenario, seed: seed)
      guard writer.isFinished else { continue }
      let report = try Recordings.report(writer.lines)
      #expect(report.divergence == nil, "\(scenario), seed \(seed)")
      #expect(report.matched == writer.lines.count)
      let calls = try Recordings.report(writer.lines.filter { !$0.contains(": lock_") })
      #expect(calls.divergence == nil, "\(scenario), seed \(seed), without lock events")
    }
  }

  /// A sleep that runs to its end is found as what it is.
  @Test func aSleepEndsWithItsTime() throws {
    var found = false
    for seed in 1...400 as ClosedRange<UInt64> where !found {
      let writer = try writer("close-vs-unmap", seed: seed)
      guard writer.isFinished, writer.findings.contains(where: { $0.property == .lostWakeup }) else {
        continue
      }
      found = true
      let report = try Recordings.report(writer.lines)
      #expect(report.divergence == nil)
      #expect(report.findings.contains { $0.finding.property == .lostWakeup })
    }
    #expect(found)
  }
}
