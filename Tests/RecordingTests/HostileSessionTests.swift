import Machine
import Recording
import StepLanguage
import Testing

/// Sessions from somebody who means no good, and from a seeded generator that means nothing at all.
@Suite struct HostileSessionTests {
  private static let header =
    #"{"kind":"header","format":"ioascope-session","version":2,"tool":"t","model":"m","digest":"","scenario":"","text":"","threads":[{"name":"T0","operations":["add 1","add 2"]}],"setup":0,"faults":false}"#

  /// What becomes of a text: "read", or the first line of the error.
  private func outcome(_ text: String) -> String {
    do {
      let session = try SessionReader.read(name: "s", text: text)
      let replayed = try session.replay(program: TimelineTests.program)
      return replayed.divergence?.message ?? "read"
    } catch let error as DiagnosticError {
      return error.rendered.split(separator: "\n").first.map(String.init) ?? ""
    } catch {
      return "\(error)"
    }
  }

  @Test func numbersAndLengthsAreBounded() {
    let lines = [
      #"{"kind":"step","thread":62}"#, #"{"kind":"step","thread":-1}"#, #"{"kind":"step","thread":0.5}"#,
      #"{"kind":"step","thread":99999999999999999999}"#, #"{"kind":"step","thread":"0"}"#,
      #"{"kind":"step","thread":0,"choice":64}"#, #"{"kind":"step","thread":0,"choice":1e3}"#,
      #"{"kind":"step","thread":0,"did":"xyz"}"#, #"{"kind":"step","thread":0,"did":"123456789"}"#,
      #"{"kind":"goto","point":-5}"#, #"{"kind":"goto"}"#, #"{"kind":"pause","milliseconds":86400001}"#,
      #"{"kind":"marker","text":""# + String(repeating: "x", count: Annotation.textLimit + 1) + #""}"#,
      #"{"kind":"thread","name":"a\u001b[2Jb"}"#,
      #"{"kind":"start","thread":0,"operation":"add \u001b[2J"}"#,
      #"{"kind":"thread","name":""# + String(repeating: "x", count: 65) + #""}"#,
    ]
    for line in lines {
      let told = outcome(Self.header + "\n" + line + "\n")
      #expect(told.hasPrefix("s:2:1: error: this '"), "\(line): \(told)")
    }
    #expect(
      outcome(Self.header + "\n" + #"{"kind":"goto","point":7}"# + "\n")
        == "there is no point 7 to go on from")
    #expect(outcome(Self.header + "\n" + Self.header + "\n") == "s:2:1: error: a session has one header")
    let deep =
      #"{"kind":"x","y":"# + String(repeating: "[", count: 20) + String(repeating: "]", count: 20) + "}"
    #expect(
      outcome(Self.header + "\n" + deep + "\n") == "s:2:1: error: this line is no JSON object with a kind")
    let long = #"{"kind":"x","y":""# + String(repeating: "a", count: SessionParser.lineLimit) + #""}"#
    #expect(
      outcome(Self.header + "\n" + long + "\n") == "s:2:1: error: this line is no JSON object with a kind")
  }

  @Test func controlCharactersReachNobody() throws {
    let texts = ["\\u001b]0;x\\u0007", "\\u202e", "\\u009b31m", "a\\nb", "\\u2066"]
    for text in texts {
      let session = try SessionReader.read(
        name: "s", text: Self.header + "\n" + #"{"kind":"note","text":""# + text + #"x"}"# + "\n")
      let said = try session.replay(program: TimelineTests.program).timeline.annotations
      #expect(said.count == 1)
      for annotation in said {
        #expect(!annotation.text.unicodeScalars.contains(where: Annotation.isControl), "\(text)")
      }
    }
    // An unknown kind's name comes back in no message either.
    let told = outcome(Self.header + "\n" + #"{"kind":"goto","point":"\u001b[2J"}"# + "\n")
    #expect(!told.unicodeScalars.contains(where: Annotation.isControl))
    let header = Self.header.replacing(#""scenario":"""#, with: #""scenario":"a\u001b[31mb""#)
    #expect(try SessionReader.read(name: "s", text: header + "\n").header.scenario == "a [31mb")
  }

  @Test func piecesOfAnyLengthGiveTheSame() throws {
    let text =
      Self.header + "\n" + #"{"kind":"step","thread":0}"# + "\n\n"
      + #"{"kind":"note","text":"é \ud83d\ude00"}"#
      + "\r\n" + #"{"kind":"step","thread":0}"#
    let bytes = Array(text.utf8)
    for length in 1...70 {
      var parser = SessionParser(name: "s")
      var kinds: [String] = []
      func take(_ item: SessionParser.Item) {
        switch item {
        case .header: kinds.append("header")
        case .entry(.step, let line): kinds.append("step \(line)")
        case .entry(.annotation(_, let text, _), let line): kinds.append("\(text) \(line)")
        case .entry(_, let line): kinds.append("other \(line)")
        case .broken(let line, _): kinds.append("broken \(line)")
        }
      }
      var position = 0
      while position < bytes.count {
        let piece = Array(bytes[position..<min(bytes.count, position + length)])
        try piece.withUnsafeBufferPointer { try parser.feed($0, take) }
        position += length
      }
      #expect(try parser.finish(take) == nil)
      #expect(kinds == ["header", "step 2", "é 😀 4", "step 5"])
    }
  }

  /// The same bytes for the same seed, so that what fails can be run again.
  private struct Lot {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  @Test(arguments: 0..<40) func mutatedSessionsAreReadOrRefused(seed: Int) throws {
    let lines = [
      Self.header, #"{"kind":"step","thread":0,"did":"00000000"}"#, #"{"kind":"step","thread":0}"#,
      #"{"kind":"thread","name":"T1"}"#, #"{"kind":"start","thread":1,"operation":"add 5"}"#,
      #"{"kind":"step","thread":1,"choice":0}"#, #"{"kind":"goto","point":1}"#,
      #"{"kind":"marker","text":"m","point":1}"#, #"{"kind":"branch","text":"b"}"#,
      #"{"kind":"pause","milliseconds":5}"#, #"{"kind":"digest","value":"12"}"#, #"{"kind":"weather"}"#,
    ]
    var lot = Lot(state: UInt64(seed))
    let pieces = [
      "\"", "{", "}", "[", ":", ",", "\\", "\\u", "\u{0}", "\u{1B}", "9", "-", "1e9", "null", "\n", "kind",
      "é",
    ]
    for _ in 0..<60 {
      var text = lines[0] + "\n"
      for _ in 0..<lot.next(20) { text += lines[lot.next(lines.count)] + "\n" }
      var bytes = Array(text.utf8)
      for _ in 0..<lot.next(6) {
        let place = lot.next(bytes.count)
        switch lot.next(4) {
        case 0: bytes[place] = UInt8(lot.next(256))
        case 1: bytes.insert(contentsOf: Array(pieces[lot.next(pieces.count)].utf8), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + lot.next(8)))
        default: bytes.removeLast(lot.next(min(bytes.count, 30)))
        }
        if bytes.isEmpty { break }
      }
      var parser = SessionParser(name: "s", isStream: lot.next(2) == 0)
      var playback: SessionPlayback?
      func take(_ item: SessionParser.Item) throws {
        switch item {
        case .header(let header):
          playback = try SessionPlayback(header: header, program: TimelineTests.program)
        case .entry(let entry, let line): try playback?.take(entry, line: line)
        case .broken: break
        }
      }
      do {
        try bytes.withUnsafeBufferPointer { try parser.feed($0, take) }
        _ = try parser.finish(take)
        guard let timeline = playback?.timeline else { continue }
        #expect(timeline.nodes.count <= text.utf8.count)
      } catch let error as DiagnosticError {
        #expect(error.rendered.contains(": error: "))
        #expect(!error.rendered.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0 })
      }
    }
  }

  @Test(arguments: 0..<12) func randomSessionsComeBackTheSame(seed: Int) throws {
    var lot = Lot(state: UInt64(seed) &* 977 &+ 3)
    let program = TimelineTests.program
    func operation(_ line: String) throws -> Operation {
      try Operation(OperationLine(line), program: program, source: SourceFile(name: "", text: line))
    }
    let world = World(
      program: program,
      threads: try (0..<3).map { number in
        World.Thread(name: "T\(number)", operations: try (0..<4).map { try operation("add \($0 + number)") })
      })
    var timeline = Timeline(world: world)
    var text = ""
    var writer = try SessionWriter(header: Session.Header(world: world, scenario: nil, tool: "test")) {
      text += $0
    }
    for _ in 0..<300 {
      switch lot.next(14) {
      case 0: timeline.undo()
      case 1: timeline.redo()
      case 2: timeline.go(to: lot.next(timeline.nodes.count))
      case 3:
        _ = try? timeline.perform(
          .start(thread: lot.next(timeline.world.threads.count), operation: try operation("add 9")))
      case 4 where timeline.world.threads.count < 8:
        _ = try? timeline.perform(.addThread(name: "T\(timeline.world.threads.count)"))
      case 5: timeline.annotate(.marker, "m\(lot.next(5))", at: lot.next(timeline.nodes.count))
      case 6: timeline.annotate([.note, .branch][lot.next(2)], ["", "x", "é\u{7}"][lot.next(3)])
      case 7: timeline.pause(milliseconds: lot.next(5_000))
      default: _ = try? timeline.perform(.step(thread: lot.next(timeline.world.threads.count), choice: 0))
      }
      if lot.next(3) == 0 { try writer.follow(timeline) }
    }
    try writer.follow(timeline)
    let replayed = try SessionReader.read(name: "s", text: text).replay(program: program)
    #expect(replayed.divergence == nil)
    let other = replayed.timeline
    #expect(other.here == timeline.here)
    #expect(other.annotations.count == timeline.annotations.count)
    #expect(Set(other.annotations) == Set(timeline.annotations))
    for node in timeline.nodes.indices {
      let one = timeline.situation(at: node)
      let two = other.situation(at: node)
      #expect(one.state.digest(in: one.world) == two.state.digest(in: two.world))
      #expect(timeline.nodes[node].children == other.nodes[node].children)
      #expect(timeline.nodes[node].traits == other.nodes[node].traits)
      #expect(timeline.pause(before: node) == other.pause(before: node))
    }
    // Written once more it is the same bytes but for where it stood in between.
    var again = ""
    var second = try SessionWriter(header: replayed.header) { again += $0 }
    try second.follow(other)
    var third = ""
    var fourth = try SessionWriter(header: replayed.header) { third += $0 }
    try fourth.follow(try SessionReader.read(name: "s", text: again).replay(program: program).timeline)
    #expect(again == third)
  }
}
