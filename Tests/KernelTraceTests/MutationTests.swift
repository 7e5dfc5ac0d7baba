import Basics
import Foundation
import KernelTrace
import Testing

/// A trace that was tampered with is no run of the model.
@Suite struct MutationTests {
  static let recordings = ["01-lifecycle", "02-two-threads-replace-vs-pin", "05-vfio-emulated"]
  private static let perKind = 24

  /// Expects each of some changed copies of a recording to diverge, not before the first line that was changed.
  private func expectDivergence(
    _ name: String, seed: UInt64, candidates: (Int, String) -> Bool, change: (inout [String], Int) -> Bool
  ) throws {
    let lines = try Recordings.lines(name)
    var generator = SplitMix64(seed: seed)
    var places = lines.indices.filter { Recordings.event(lines[$0]) != nil && candidates($0, lines[$0]) }
    places.shuffle(using: &generator)
    var tried = 0
    for place in places where tried < Self.perKind {
      var changed = lines
      guard change(&changed, place) else { continue }
      tried += 1
      let report = try Recordings.report(changed)
      #expect(report.verdict == .diverges, "\(name), line \(place + 1): \(lines[place])")
      #expect((report.divergence?.line ?? 0) >= place + 1)
    }
    #expect(tried > 0)
  }

  /// Whether the line is its thread's first or last one; without it the trace only begins later or ends earlier.
  private func isAtAnEnd(_ lines: [String], _ place: Int) -> Bool {
    guard let event = Recordings.event(lines[place]) else { return true }
    let own = lines.indices.filter { Recordings.event(lines[$0])?.thread == event.thread }
    return own.last == place || lines.indices.first { Recordings.event(lines[$0]) != nil } == place
  }

  /// Not seen: a `lock_contended` (that a thread had to wait changes nothing in what is possible), and the ends of the trace.
  @Test(arguments: recordings)
  func withoutOneEvent(_ name: String) throws {
    let lines = try Recordings.lines(name)
    try expectDivergence(name, seed: 1) { place, line in
      !line.contains("lock_contended") && !isAtAnEnd(lines, place)
    } change: { lines, place in
      lines.remove(at: place)
      return true
    }
  }

  /// Two neighbouring events of a thread. Events of two threads can often happen in either order, so those are another test.
  @Test(arguments: recordings)
  func withTwoEventsOfAThreadSwapped(_ name: String) throws {
    try expectDivergence(name, seed: 2) { _, _ in
      true
    } change: { lines, place in
      guard let thread = Recordings.event(lines[place])?.thread,
        let next = lines.indices.dropFirst(place + 1).first(where: {
          Recordings.event(lines[$0])?.thread == thread
        })
      else { return false }
      lines.swapAt(place, next)
      return true
    }
  }

  /// A lock that one thread has before the other one has given it back.
  @Test func withALockTakenTooEarly() throws {
    let lines = try Recordings.lines("race-1016")
    var tried = 0
    for (place, line) in lines.enumerated() where line.contains(": lock_release:") {
      guard tried < 20, let thread = Recordings.event(line)?.thread else { continue }
      let words = line.split(separator: " ")
      let next = lines.index(after: place)
      guard
        let taken = lines[next...].prefix(6).firstIndex(where: {
          $0.contains(": lock_acquired: \(words[5])") && Recordings.event($0)?.thread != thread
        })
      else { continue }
      var changed = lines
      changed.insert(changed.remove(at: taken), at: place)
      tried += 1
      #expect(try Recordings.report(changed).verdict == .diverges, "line \(place + 1)")
    }
    #expect(tried > 3)
  }

  @Test(arguments: recordings)
  func withALockInTheWrongMode(_ name: String) throws {
    try expectDivergence(name, seed: 3) { _, line in
      line.contains(": lock_acquire:")
    } change: { lines, place in
      lines[place] =
        lines[place].contains(" read ")
        ? lines[place].replacingOccurrences(of: " read ", with: " ")
        : lines[place].replacingOccurrences(of: " &", with: " read &")
      return true
    }
  }

  @Test(arguments: recordings)
  func withALockAtAnotherAddress(_ name: String) throws {
    try expectDivergence(name, seed: 4) { _, line in
      line.contains(": lock_")
    } change: { lines, place in
      let words = lines[place].split(separator: " ")
      lines[place] = lines[place].replacingOccurrences(of: words[5], with: words[5].dropLast(3) + "fff")
      return true
    }
  }

  /// Numbers, pointers and return codes of probes. Not seen: a pointer that stands nowhere else in the trace.
  @Test(arguments: recordings)
  func withAChangedValue(_ name: String) throws {
    let all = try Recordings.lines(name).joined(separator: "\n")
    var generator = SplitMix64(seed: 5)
    try expectDivergence(name, seed: 5) { _, line in
      line.contains("=") && line.contains("+0x")
    } change: { lines, place in
      let words = lines[place].split(separator: " ").filter { $0.contains("=") }
      guard let word = words.randomElement(using: &generator) else { return false }
      let parts = word.split(separator: "=")
      guard parts.count == 2 else { return false }
      let value = String(parts[1])
      var changed =
        value.hasPrefix("-") ? "0" : value == "0" ? "1" : value == "0x0" ? "0x1" : String(value.dropLast(2))
      if value.hasPrefix("0xff1100"), all.components(separatedBy: value).count < 3 { return false }
      if changed.isEmpty || changed == "0x" || changed == "0" {
        changed = value.hasPrefix("0x") ? "0x77" : "77"
      }
      guard changed != value else { return false }
      lines[place] = (lines[place] + " ").replacingOccurrences(
        of: " \(parts[0])=\(value) ", with: " \(parts[0])=\(changed) ")
      return true
    }
  }

  @Test(arguments: recordings)
  func withAnotherResult(_ name: String) throws {
    try expectDivergence(name, seed: 6) { _, line in
      line.contains("tracing_mark_write") && line.contains(" = ")
    } change: { lines, place in
      lines[place] =
        lines[place].hasSuffix(" = 0 0")
        ? lines[place].replacingOccurrences(of: " = 0 0", with: " = -1 EBUSY")
        : lines[place].prefix { $0 != "=" } + "= 0 0"
      return true
    }
  }
}
