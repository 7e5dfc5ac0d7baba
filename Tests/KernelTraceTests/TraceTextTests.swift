import Basics
import Foundation
import KernelTrace
import Testing

/// What traces look like beyond the plain case.
@Suite struct TraceTextTests {
  private let recording = "02-two-threads-replace-vs-pin"

  /// The same events as `trace-cmd report` prints them.
  static func asTraceCommand(_ lines: [String]) -> [String] {
    ["cpus=2"]
      + lines.filter { !$0.hasPrefix("#") }.map { line in
        let words = line.split(separator: " ", maxSplits: 5).map(String.init)
        guard words.count == 6 else { return line }
        var name = String(words[4].dropLast())
        var rest = words[5]
        if name == "tracing_mark_write" {
          name = "print"
          rest = "tracing_mark_write: \(rest)"
        } else if name.hasPrefix("lock_") {
          rest = "0x\(rest)"
        } else if let end = rest.firstIndex(of: ")") {
          rest = "(ffffffff81a2b3c0)\(rest[rest.index(after: end)...])"
        }
        let event = name + ":" + String(repeating: " ", count: max(1, 21 - name.count))
        return "           \(words[0])   \(words[1])   \(words[3]) \(event)\(rest)"
      }
  }

  @Test func traceCommandsFormat() throws {
    let lines = Self.asTraceCommand(try Recordings.lines(recording))
    #expect(lines[1].contains("print:"))
    let report = try Recordings.report(lines)
    #expect(report.divergence == nil)
    #expect(report.matched == lines.count - 1)
    #expect(report.notes == [])
  }

  @Test func theHeaderMayBeMissing() throws {
    let lines = try Recordings.lines(recording).filter { !$0.hasPrefix("#") }
    let report = try Recordings.report(lines)
    #expect(report.verdict == .conforms)
    #expect(report.matched == lines.count)
  }

  @Test func foreignEventsArePassedOverAndCounted() throws {
    var lines = try Recordings.lines(recording)
    let foreign = [
      "              T0-110     [000] d..2.     5.345000: sched_switch: prev_comm=T0 prev_pid=110 ==> next_comm=T1 next_pid=111",
      "              T1-111     [001] .....     5.345000: lock_acquire: ff11000000abcdef &mm->mmap_lock",
      "              T1-111     [001] .....     5.345000: lock_acquire: ff11000000abcdef &xa->xa_lock",
      "     kworker/0:1-9       [000] .....     5.345000: lock_acquire: ff11000000d34a20 &xa->xa_lock",
      " => do_syscall_64",
      "              T1-111     [001] .....     5.345000: kfree_something: (kfree+0x4/0x8) ptr=0x1",
    ]
    lines.insert(contentsOf: foreign, at: 150)
    let report = try Recordings.report(lines)
    #expect(report.divergence == nil)
    #expect(report.matched == report.events)
    #expect(
      report.skipped.map(\.name) == [
        "events of other tasks", "kfree_something", "lines that are no events",
        "lock events of &mm->mmap_lock",
        "lock events of others than the model's objects", "sched_switch",
      ])
    #expect(report.skipped.allSatisfy { $0.count == 1 })
  }

  /// Two threads' marks in one event.
  @Test func aMarkOnALineOfItsOwn() throws {
    let lines = try Recordings.lines("01-lifecycle").map { line in
      guard line.contains("open f0 = 0 0"), let place = line.range(of: "T0 open f0 =") else { return line }
      return String(line[..<place.lowerBound]) + "x\n" + String(line[place.lowerBound...])
    }
    let report = try Recordings.report(lines)
    #expect(report.verdict == .conforms)
    #expect(report.matched == report.events)
  }

  /// Events of one instant on two processors may stand in either order.
  @Test func oneInstantHasNoOrder() throws {
    let lines = try Recordings.lines("race-1016")
    var tried = 0
    for (place, line) in lines.enumerated().dropLast() where line.contains(": lock_release:") {
      let words = line.split(separator: " ")
      let taken = lines[(place + 1)...].prefix(6).firstIndex {
        $0.contains(": lock_acquired: \(words[5])")
          && Recordings.event($0)?.thread != Recordings.event(line)?.thread
      }
      guard tried < 3, let taken else { continue }
      // All lines between get the time of the release; then the two change places.
      var changed = lines
      for index in place...taken {
        let time = changed[index].split(separator: " ")[3]
        changed[index] = changed[index].replacingOccurrences(of: time, with: words[3])
      }
      let processors = Set(changed[place...taken].map { $0.split(separator: " ")[1] })
      guard processors.count == 2, taken == place + 1 else { continue }
      changed.swapAt(place, taken)
      tried += 1
      #expect(try Recordings.report(changed).divergence == nil, "line \(place + 1)")
    }
  }

  // MARK: What is missing

  @Test func aLossWithoutConsequencesIsOnlySaid() throws {
    var lines = try Recordings.lines(recording)
    lines.insert("CPU:1 [LOST 42 EVENTS]", at: 300)
    let report = try Recordings.report(lines)
    #expect(report.verdict == .conforms)
    #expect(report.matched == report.events)
    #expect(report.notes.map(\.line) == [301])
    #expect(report.notes[0].text.hasPrefix("42 events of CPU 1 are lost here"))
  }

  /// What is lost inside an operation is filled in from the model.
  @Test(arguments: ["CPU:1 [LOST 4 EVENTS]", "CPU:1 [LOST EVENTS]", "CPU:1 [4 EVENTS DROPPED]"])
  func lostEventsAreFilledIn(_ told: String) throws {
    let lines = try Recordings.lines(recording)
    for start in [120, 200, 260, 330] {
      var changed = Array(lines[..<start]) + [told]
      var lost = 0
      for line in lines[start...] {
        if lost < 4, line.contains("[001]"), !line.contains("tracing_mark") {
          lost += 1
        } else {
          changed.append(line)
        }
      }
      let report = try Recordings.report(changed)
      #expect(report.verdict == .conforms)
      #expect(report.matched == report.events, "from line \(start)")
    }
  }

  /// Whole operations are lost: nothing that was known is sure any more, until a file is opened anew.
  @Test func afterALargeLossNothingIsJudgedUntilAFileIsOpened() throws {
    let lines = try Recordings.lines(recording)
    let first = Array(lines[..<100]) + ["CPU:0 [LOST 200 EVENTS]"] + Array(lines[400...])
    let second = try Recordings.lines("01-lifecycle").filter { !$0.hasPrefix("#") }
    let report = try Recordings.report(first + second)
    #expect(report.verdict == .conforms)
    #expect(report.unjudged > 0)
    #expect(report.matched >= second.count)
    #expect(
      report.notes.contains {
        $0.text.contains("from here on only operations on files opened later are judged")
      })
  }

  /// A difference in what is known again is a difference.
  @Test func whatIsOpenedAfterALossIsJudged() throws {
    let lines = try Recordings.lines(recording)
    let first = Array(lines[..<100]) + ["CPU:0 [LOST 200 EVENTS]"] + Array(lines[400...])
    var second = try Recordings.lines("01-lifecycle").filter { !$0.hasPrefix("#") }
    second.remove(at: 200)
    let report = try Recordings.report(first + second)
    #expect(report.verdict == .diverges)
  }

  @Test(arguments: [5, 60, 333])
  func aCutBeginning(_ start: Int) throws {
    let lines = try Recordings.lines(recording)
    let next = try Recordings.lines("04-errors").filter { !$0.hasPrefix("#") }
    let body = lines.filter { !$0.hasPrefix("#") }.dropFirst(start)
    for header in [[], lines.filter { $0.hasPrefix("#") }] {
      let report = try Recordings.report(header + body + next)
      #expect(report.verdict == .conforms)
      // Its first lines use descriptors that were never opened, which a cut trace cannot know.
      #expect(report.matched >= next.count - 10)
      #expect(report.matched + report.unjudged == report.events)
      #expect(report.notes.contains { $0.text.hasPrefix("the trace begins in the middle") })
    }
  }

  @Test func overwrittenEntriesAreACutBeginning() throws {
    let body = try Recordings.lines(recording).filter { !$0.hasPrefix("#") }
    let report = try Recordings.report(["# entries-in-buffer/entries-written: 585/9000   #P:2"] + body)
    #expect(report.verdict == .conforms)
    #expect(report.notes.first?.text.contains("8415 older events were overwritten") == true)
    // It opens its own file, so all of it can be judged nevertheless.
    #expect(report.matched > body.count / 2)
  }

  @Test func aCutEnd() throws {
    let lines = try Recordings.lines(recording)
    for end in stride(from: 60, to: lines.count, by: 97) {
      let report = try Recordings.report(Array(lines[..<end]))
      #expect(report.verdict == .conforms)
      #expect(report.matched == report.events)
    }
    let report = try Recordings.report(Array(lines[..<200]))
    #expect(report.notes.contains { $0.text.hasPrefix("the trace ends while ") })
  }

  /// Files that the workload has left open are closed by the end of its process, which is no operation.
  @Test func theEndOfTheProcessIsNotJudged() throws {
    let lines = try Recordings.lines(recording)
    let last = try #require(lines.lastIndex { $0.contains("T0 close_access") && !$0.contains(" = ") })
    let rest = lines[last...].filter { !$0.contains("tracing_mark_write") }
    let report = try Recordings.report(Array(lines[..<last]) + rest)
    #expect(report.divergence == nil)
    #expect(report.unjudged == rest.count)
    #expect(report.notes.contains { $0.text.contains("the process ends") })
    // With a mark behind it, it was an operation whose first mark is missing.
    let unmarked = Array(lines[..<last]) + Array(lines[(last + 1)...])
    let divergence = try #require(try Recordings.report(unmarked).divergence)
    #expect(divergence.line == last + 1)
  }

  @Test func aProbeThatWasNotRecordedCanBeNamed() throws {
    let lines = try Recordings.lines(recording).filter { !$0.contains(": get_object_ret:") }
    #expect(try Recordings.report(lines).verdict == .diverges)
    let report = try Recordings.report(lines, options: .init(untracedProbes: ["get_object_ret"]))
    #expect(report.divergence == nil)
    #expect(report.matched == report.events)
  }

  // MARK: No traces

  @Test(arguments: ["", "\n\n", "hello\nworld\n", "# tracer: nop\n#\n", "\u{0}\u{1}\u{ff}\n"])
  func whatIsNoTrace(_ text: String) throws {
    #expect(throws: TraceError.self) {
      _ = try Recordings.report(
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
  }

  @Test func aLineWithoutEndIsNoTrace() throws {
    let error = #expect(throws: TraceError.self) {
      _ = try Recordings.report([String(repeating: "x", count: 100_000)], chunk: 4096)
    }
    #expect(error?.line == 1)
    #expect(error?.rendered(file: "a").hasPrefix("a:1:65536: error: this line is too long") == true)
  }

  @Test func anOperationThatIsWrittenWrongIsAnError() throws {
    var lines = try Recordings.lines(recording)
    let place = try #require(lines.firstIndex { $0.contains("T0 map f0") })
    lines[place] = lines[place].replacingOccurrences(of: "map f0 s1", with: "map f0 zz")
    let error = #expect(throws: TraceError.self) { _ = try Recordings.report(lines) }
    #expect(error?.line == place + 1)
    #expect(error?.message.contains("'zz'") == true)
  }

  /// Bytes of any kind give a report or an error, never a crash.
  @Test func randomBytes() throws {
    var generator = SplitMix64(seed: 7)
    let lines = try Recordings.lines("01-lifecycle")
    for _ in 0..<150 {
      var changed = Array(lines.prefix(60))
      for _ in 0..<3 {
        let place = Int.random(in: 0..<changed.count, using: &generator)
        var bytes = Array(changed[place].utf8)
        guard !bytes.isEmpty else { continue }
        for _ in 0..<2 {
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
            in: 9...255, using: &generator)
        }
        changed[place] = String(decoding: bytes, as: UTF8.self)
      }
      _ = try? Recordings.report(changed)
    }
  }
}
