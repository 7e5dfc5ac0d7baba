import CustomDump
import Interface
import Machine
import Recording
import Surface
import Testing

@Suite struct ScreenTests {
  /// States with different things on the screen.
  static func states() throws -> [(name: String, pilot: Pilot)] {
    var result: [(name: String, pilot: Pilot)] = []
    for keys in [
      "", "L L", "r home", "o", "o enter", "?", "i", ":", "space space u 1 space b", "z", "down enter", "g g",
      "L 1 space L",
    ] {
      var pilot = try Pilot.counter()
      try pilot.press(keys)
      result.append((keys, pilot))
    }
    var finding = try Pilot.counter([["hang"]])
    try finding.press("r")
    result.append(("finding", finding))
    result.append(("nobody", try Pilot.counter([])))
    return result
  }

  @Test func noSizeCrashes() throws {
    for (name, pilot) in try Self.states() {
      for height in 1...40 {
        for width in stride(from: 1, through: 100, by: height < 14 ? 13 : 7) {
          let surface = view(pilot.state, size: Size(width: width, height: height))
          #expect(surface.size == Size(width: width, height: height), "\(name)")
        }
      }
      for size in [
        Size.zero, Size(width: 300, height: 100), Size(width: 60, height: 16), Size(width: 400, height: 17),
      ] {
        #expect(view(pilot.state, size: size).size == size, "\(name)")
      }
    }
  }

  @Test func aSmallScreenSaysWhatItNeeds() throws {
    let pilot = try Pilot.counter()
    #expect(pilot.screen(40, 10).contains("needs 60x16"))
    #expect(pilot.screen(40, 10).contains("this is 40x10"))
  }

  @Test func asciiScreensAreAscii() throws {
    for (name, pilot) in try Self.states() {
      var pilot = pilot
      pilot.state.glyphs = .ascii
      for (width, height) in [(80, 24), (160, 48)] {
        let text = pilot.screen(width, height)
        #expect(text.utf8.allSatisfy { $0 < 0x80 }, "\(name)")
      }
    }
  }

  @Test(arguments: ["attach-pin-replace"])
  func goldenScreens(_ scenario: String) throws {
    let start = try Pilot.scenario(scenario)
    var window = start
    // Into the change window: the access has left its IOAS and the driver is asked to unpin.
    window.state = start.state.at(step: start.state.timeline.depth)
    try window.press("r")
    for _ in 0..<400
    where window.state.moment.record?.events.contains(where: { $0.kind == .calledDriver }) != true {
      try window.press("space")
    }
    for (name, pilot) in [("start", start), ("window", window)] {
      for (width, height) in [(80, 24), (160, 48)] {
        for glyphs in GlyphSet.allCases {
          var pilot = pilot
          pilot.state.glyphs = glyphs
          let surface = view(pilot.state, size: Size(width: width, height: height))
          try Golden.expect(surface.golden(), "\(scenario)-\(name)-\(width)x\(height)-\(glyphs.rawValue)")
        }
      }
    }
  }

  @Test func goldenBlocked() throws {
    var pilot = try Pilot.counter()
    try pilot.press("L 1 space L")
    try Golden.expect(view(pilot.state, size: Size(width: 80, height: 24)).golden(), "counter-blocked-80x24")
    try pilot.press("o")
    try Golden.expect(
      view(pilot.state, size: Size(width: 80, height: 24)).golden(), "counter-operations-80x24")
    var finding = try Pilot.counter([["hang"]])
    try finding.press("r")
    try Golden.expect(
      view(finding.state, size: Size(width: 80, height: 24)).golden(), "counter-finding-80x24")
  }

  @Test func aStepIsReachedAlongTheDefaultScheduleOrAList() throws {
    let pilot = try Pilot.counter()
    let five = pilot.state.at(step: 5)
    #expect(five.timeline.depth == 5)
    #expect(five.at(step: 2).timeline.depth == 2)
    #expect(pilot.state.at(step: 10_000).timeline.isOver)
    let listed = pilot.state.at(
      step: 2, along: [.step(thread: 1, choice: 0), .step(thread: 0, choice: 0), .step(thread: 1, choice: 0)])
    #expect(listed.timeline.depth == 2)
    #expect(listed.thread == 0)
  }
}
