import KernelTrace
import Machine
import Recording
import StepLanguage
import Testing

/// Recordings of a real kernel are runs of the model.
@Suite struct RecordingTests {
  @Test(arguments: Recordings.names)
  func everyEventIsFoundInTheModelsRun(_ name: String) throws {
    let lines = try Recordings.lines(name)
    let report = try Recordings.report(lines)
    #expect(report.divergence == nil)
    #expect(report.verdict == .conforms)
    #expect(report.matched == report.events)
    #expect(report.events == lines.count { !$0.hasPrefix("#") })
    #expect(report.unjudged == 0)
    #expect(report.notes == [])
    #expect(report.skipped == [])
    #expect(report.findings == [])
    #expect(report.hasLockEvents)
  }

  /// Where chunks end makes no difference.
  @Test(arguments: [1, 7, 4096])
  func theChunksDoNotMatter(_ size: Int) throws {
    let lines = Array(try Recordings.lines("02-two-threads-replace-vs-pin").prefix(200))
    let whole = try Recordings.report(lines)
    let pieces = try Recordings.report(lines, chunk: size)
    #expect(whole.matched == pieces.matched)
    #expect(whole.divergence == pieces.divergence)
    #expect(whole.notes == pieces.notes)
  }

  /// Calls and returns alone are enough for a verdict.
  @Test(arguments: Recordings.names)
  func itConformsWithoutLockEvents(_ name: String) throws {
    let lines = try Recordings.lines(name).filter { !$0.contains(": lock_") }
    let report = try Recordings.report(lines)
    #expect(report.divergence == nil)
    #expect(report.matched == report.events)
    #expect(!report.hasLockEvents)
    #expect(report.notes.contains { $0.text.hasPrefix("there are no lock events") })
  }

  /// A model in which pages are larger is another one.
  @Test func anotherModelDiverges() throws {
    let program = try Recordings.library.program(
      from: SourceFile(
        name: "large.step", text: "revision large of linux-6.12 \"large pages\" { const PAGE_SIZE = 65536 }"))
    let report = try Recordings.report(Recordings.lines("01-lifecycle"), program: program)
    let divergence = try #require(report.divergence)
    #expect(divergence.function != nil)
    #expect(!divergence.expected.isEmpty)
  }

  /// A kernel that leaves out the callback of a replace is not this model, and the place is told.
  @Test func whatWouldHaveBeenPossibleIsTold() throws {
    var lines = try Recordings.lines("01-lifecycle")
    let place = try #require(lines.firstIndex { $0.contains("get_object_ret:") })
    lines[place] = lines[place].replacingOccurrences(of: "obj=0xff", with: "obj=0xfe")
    let report = try Recordings.report(lines)
    let divergence = try #require(report.divergence)
    #expect(report.verdict == .diverges)
    #expect(divergence.line == place + 1)
    #expect(divergence.thread == "T0")
    #expect(divergence.function == "iommufd_get_object")
    #expect(divergence.event.hasPrefix("get_object_ret: "))
    #expect(divergence.expected.count == 1)
    #expect(divergence.expected[0].hasPrefix("get_object_ret obj=0xff"))
    #expect(divergence.expected[0].hasSuffix("(ioas1)"))
    #expect(report.matched == place - lines.prefix(place).count { $0.hasPrefix("#") })
  }

  /// The matched steps are a run that the timeline takes.
  @Test(arguments: ["02-two-threads-replace-vs-pin", "race-1016"])
  func theStepsReplay(_ name: String) throws {
    let program = try Recordings.program.get()
    let conformance = Conformance(program: program, options: .init(keepsSteps: true))
    var steps: [MatchedStep] = []
    for line in try Recordings.lines(name) {
      try conformance.read(Array(line.utf8) + [10])
      steps += conformance.takeSteps()
    }
    let report = try conformance.finish()
    steps += conformance.takeSteps()
    #expect(report.verdict == .conforms)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.line <= $1.line && $0.time <= $1.time })
    var timeline = Timeline(world: World(program: program, threads: []))
    var ended = 0
    for step in steps {
      let record = try timeline.perform(step.action)
      ended += record.events.count { $0.kind == .operationEnded }
    }
    #expect(
      ended
        == (try Recordings.lines(name).count { $0.contains(" = ") && $0.contains("T") && !$0.hasPrefix("#") })
    )
  }
}
