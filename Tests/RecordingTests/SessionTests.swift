import CustomDump
import Machine
import Recording
import StepLanguage
import Testing

@Suite struct SessionTests {
  /// A step's line without what it did, which is as long as it is dull.
  static func withoutDid(_ line: String) -> String {
    line.replacing(/,"did":"[0-9a-f]{8}"/, with: "")
  }

  /// A timeline with a branch, an added thread and an added operation.
  private func recorded() throws -> (timeline: Timeline, text: String) {
    let program = TimelineTests.program
    let source = SourceFile(name: "", text: "")
    let world = World(
      program: program,
      threads: [
        World.Thread(
          name: "T0", operations: [try Operation(OperationLine("add 1"), program: program, source: source)])
      ])
    var timeline = Timeline(world: world)
    var text = ""
    var writer = try SessionWriter(
      header: Session.Header(world: world, scenario: nil, tool: "test", started: "2026-01-02T03:04:05Z")
    ) { text += $0 }
    try timeline.perform(.step(thread: 0, choice: 0))
    try timeline.perform(.step(thread: 0, choice: 0))
    try writer.follow(timeline)
    try writer.mark("the lock \"gate\" is held")
    timeline.undo()
    try timeline.perform(.addThread(name: "T1"))
    try timeline.perform(
      .start(thread: 1, operation: try Operation(OperationLine("add 5"), program: program, source: source)))
    try timeline.perform(.step(thread: 1, choice: 0))
    try writer.follow(timeline)
    timeline.go(to: 2)
    try writer.follow(timeline)
    return (timeline, text)
  }

  @Test func linesSayWhatWasDone() throws {
    let lines = try recorded().text.split(separator: "\n").dropFirst()
    expectNoDifference(
      Array(lines.map { Self.withoutDid(String($0)) }),
      [
        #"{"kind":"step","thread":0}"#,
        #"{"kind":"step","thread":0}"#,
        #"{"kind":"marker","text":"the lock \"gate\" is held"}"#,
        #"{"kind":"goto","point":1}"#,
        #"{"kind":"thread","name":"T1"}"#,
        #"{"kind":"start","thread":1,"operation":"add 5"}"#,
        #"{"kind":"step","thread":1}"#,
        #"{"kind":"goto","point":2}"#,
      ])
  }

  @Test func replayGivesTheSameTree() throws {
    let (timeline, text) = try recorded()
    let session = try SessionReader.read(name: "s", text: text)
    #expect(session.warnings == [])
    #expect(session.header.started == "2026-01-02T03:04:05Z")
    let replayed = try session.replay(program: TimelineTests.program)
    #expect(replayed.divergence == nil)
    #expect(replayed.timeline.here == timeline.here)
    #expect(replayed.timeline.nodes.map(\.children) == timeline.nodes.map(\.children))
    #expect(replayed.timeline.state == timeline.state)
    #expect(
      replayed.timeline.annotations == [Annotation(.marker, "the lock \"gate\" is held", at: 2)])
    for node in timeline.nodes.indices {
      let one = timeline.situation(at: node)
      let other = replayed.timeline.situation(at: node)
      #expect(one.state.digest(in: one.world) == other.state.digest(in: other.world))
    }
  }

  @Test func whatIsSaidAboutPointsComesBack() throws {
    let program = TimelineTests.program
    let source = SourceFile(name: "", text: "")
    let world = World(
      program: program,
      threads: [
        World.Thread(
          name: "T0", operations: [try Operation(OperationLine("add 1"), program: program, source: source)])
      ])
    var timeline = Timeline(world: world)
    var text = ""
    var writer = try SessionWriter(header: Session.Header(world: world, scenario: nil, tool: "test")) {
      text += $0
    }
    timeline.pause(milliseconds: 1_000)
    timeline.pause(milliseconds: 500)
    try timeline.perform(.step(thread: 0, choice: 0))
    timeline.annotate(.marker, "begun")
    try timeline.perform(.step(thread: 0, choice: 0))
    timeline.annotate(.note, "held \u{1B}[2J", at: 1)
    timeline.annotate(.branch, "main")
    timeline.undo()
    try writer.follow(timeline)
    timeline.annotate(.branch, "the usual way", at: 2)
    timeline.annotate(.marker, "")
    try timeline.perform(.addThread(name: "T1"))
    timeline.annotate(.unknown, #"{"kind":"weather","sky":"blue"}"#)
    try writer.follow(timeline)
    expectNoDifference(
      text.split(separator: "\n").dropFirst().map { Self.withoutDid(String($0)) },
      [
        #"{"kind":"pause","milliseconds":1500}"#,
        #"{"kind":"step","thread":0}"#,
        #"{"kind":"step","thread":0}"#,
        #"{"kind":"marker","text":"begun","point":1}"#,
        #"{"kind":"note","text":"held  [2J","point":1}"#,
        #"{"kind":"branch","text":"main"}"#,
        #"{"kind":"goto","point":1}"#,
        #"{"kind":"thread","name":"T1"}"#,
        #"{"kind":"branch","text":"the usual way","point":2}"#,
        #"{"kind":"marker","text":"","point":1}"#,
        #"{"kind":"weather","sky":"blue"}"#,
      ])

    let replayed = try SessionReader.read(name: "s", text: text).replay(program: program).timeline
    #expect(replayed.annotations.map(\.kind) == timeline.annotations.map(\.kind))
    #expect(replayed.annotations.map(\.point) == timeline.annotations.map(\.point))
    #expect(replayed.annotations(at: 1) == [Annotation(.note, "held  [2J", at: 1)])
    #expect(replayed.branchName(of: 2) == "the usual way")
    // The younger branch has left the one with the name.
    #expect(replayed.branchName(of: 3) == nil)
    #expect(replayed.pause(before: 1) == 1_500)
    #expect(replayed.pause(before: 2) == nil)

    // Going on with it appends and writes nothing twice.
    let old = text
    var going = replayed
    var second = SessionWriter(continuing: going) { text += $0 }
    try second.follow(going)
    #expect(text == old)
    going.go(to: 0)
    going.annotate(.marker, "the start")
    try going.perform(.addThread(name: "T2"))
    try second.follow(going)
    #expect(text.hasPrefix(old))
    expectNoDifference(
      text.dropFirst(old.count).split(separator: "\n").map(String.init),
      [
        #"{"kind":"goto","point":0}"#,
        #"{"kind":"thread","name":"T2"}"#,
        #"{"kind":"marker","text":"the start","point":0}"#,
      ])
    let again = try SessionReader.read(name: "s", text: text).replay(program: program).timeline
    #expect(again.annotations.count == going.annotations.count)
    #expect(again.here == going.here)
  }

  @Test func aFileCutOffAnywhereLosesAtMostItsLastLine() throws {
    let text = try recorded().text
    let full = try SessionReader.read(name: "s", text: text)
    let header = text.prefix { $0 != "\n" }.utf8.count + 1
    let bytes = Array(text.utf8)
    for length in header...bytes.count {
      let cut = String(decoding: bytes[..<length], as: UTF8.self)
      let session = try SessionReader.read(name: "s", text: cut)
      let complete = cut.split(separator: "\n", omittingEmptySubsequences: false).count - 2
      #expect(session.entries.count >= min(complete, full.entries.count))
      #expect(session.entries.count <= complete + 1)
      #expect(try session.replay(program: TimelineTests.program).divergence == nil)
    }
  }

  @Test func aChangedModelIsTold() throws {
    let text = try recorded().text
    let changed = try Library { _, _ in nil }.program(
      from: SourceFile(
        name: "m.step", text: "model m \"M\" { global n: int\nentry add(amount: int) { } }"))
    let replayed = try SessionReader.read(name: "s", text: text).replay(program: changed)
    #expect(replayed.divergence?.line == 2)
    #expect(
      replayed.divergence?.message
        == "step 1 does something else under m: T0 begins or ends an operation otherwise")
    #expect(replayed.timeline.depth == 0)

    // A session of format 1 does not say what steps did; the first one that is not possible is named.
    let old = Self.withoutDid(text.replacingFirst("\"version\":2", with: "\"version\":1"))
    let replayedOld = try SessionReader.read(name: "s", text: old).replay(program: changed)
    #expect(replayedOld.divergence?.line == 3)
    #expect(
      replayedOld.divergence?.message
        == "step 2 is not possible under m: the thread has nothing left to do")
    #expect(
      try SessionReader.read(name: "s", text: old).replay(program: TimelineTests.program).divergence == nil)
  }

  @Test func theFirstStepThatDiffersIsNamed() throws {
    let text = try recorded().text
    // The same but for the order of two statements, and for lines and blanks that mean nothing.
    let changed = try Library { _, _ in nil }.program(
      from: SourceFile(
        name: "m.step",
        text: """
          model m "M" {
            global other: int
            global n: int
            global gate: mutex
            entry add(amount: int) { mutex_lock gate
              mutex_unlock gate
              n += amount
            }
          }
          """))
    let divergence = try SessionReader.read(name: "s", text: text).replay(program: changed).divergence
    #expect(divergence == nil)
    let longer = try longerSession()
    let second = try SessionReader.read(name: "s", text: longer).replay(program: changed)
    #expect(second.divergence?.line == 4)
    #expect(second.divergence?.step == 3)
    #expect(
      second.divergence?.message == "step 3 does something else under m: here T0 does 'mutex_unlock gate'")
    // It stands before that step and goes on from there.
    #expect(second.timeline.depth == 2)
    var goingOn = second.timeline
    try goingOn.perform(.step(thread: 0, choice: 0))
    #expect(goingOn.depth == 3)
  }

  /// All steps of `add 1`.
  private func longerSession() throws -> String {
    let program = TimelineTests.program
    let source = SourceFile(name: "", text: "")
    let world = World(
      program: program,
      threads: [
        World.Thread(
          name: "T0", operations: [try Operation(OperationLine("add 1"), program: program, source: source)])
      ])
    var timeline = Timeline(world: world)
    while (try? timeline.perform(.step(thread: 0, choice: 0))) != nil {}
    var text = ""
    var writer = try SessionWriter(header: Session.Header(world: world, scenario: nil, tool: "test")) {
      text += $0
    }
    try writer.follow(timeline)
    return text
  }

  @Test func unknownLinesAreKept() throws {
    let text = try recorded().text + "{\"kind\":\"weather\",\"sky\":\"blue\"}\n"
    let session = try SessionReader.read(name: "s", text: text)
    #expect(session.entries.last?.entry == .unknown(#"{"kind":"weather","sky":"blue"}"#))
  }

  @Test func hostileFilesAreRefusedWithTheirLine() throws {
    let header = String(try recorded().text.prefix { $0 != "\n" })
    func message(_ text: String) -> String {
      do {
        _ = try SessionReader.read(name: "s", text: text)
        return "read"
      } catch let error as DiagnosticError {
        return error.rendered.split(separator: "\n").first.map(String.init) ?? ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message("") == "s:1:1: error: this is no session: the first line should be its header")
    #expect(message("{}\n") == "s:1:1: error: this is no session: the first line should be its header")
    #expect(
      message(header.replacingFirst("\"version\":2", with: "\"version\":9") + "\n")
        == "s:1:1: error: this session is of format 9, this program reads up to 2; use a later ioascope")
    #expect(
      message(header + "\n{\"kind\":\"step\",\"thread\":99}\n")
        == "s:2:1: error: this 'step' line lacks something or is out of bounds")
    #expect(message(header + "\n{\"kind\":\"step\",\"thread\":1e99}\n").hasPrefix("s:2:1: error:"))
    #expect(message(header + "\nnonsense\n{}\n") == "s:2:1: error: this line is no JSON object with a kind")
    let deep = String(repeating: "[", count: 100_000)
    #expect(message(header + "\n\(deep)\n") == "s:2:1: error: this line is no JSON object with a kind")
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, with new: String) -> String {
    guard let start = indices.first(where: { self[$0...].hasPrefix(old) }) else { return self }
    return self[..<start] + new + self[index(start, offsetBy: old.count)...]
  }
}
