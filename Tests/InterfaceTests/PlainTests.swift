import CustomDump
import Interface
import Surface
import Testing

@Suite struct PlainTests {
  @Test func aStepIsASentence() throws {
    var pilot = try Pilot.counter()
    var plain = PlainText()
    expectNoDifference(
      plain.news(pilot.state),
      ["Now at step 0.", "Next, T0: begins add 1.", "space steps, ? lists the keys."])
    try pilot.press("L")
    expectNoDifference(
      plain.news(pilot.state),
      [
        "Step 1, T0: add 1.", "Step 2, T0: let counter = current.",
        "Step 3, T0: mutex_lock counter.lock. takes counter1.lock.",
        "Next, T0: counter.value += amount, in plus line 22.", "3 steps.",
      ])
    expectNoDifference(plain.news(pilot.state), [])
  }

  @Test func whatIsRefusedSaysWhy() throws {
    var pilot = try Pilot.counter()
    var plain = PlainText()
    _ = plain.news(pilot.state)
    _ = reduce(&pilot.state, .lineEntered("undo"))
    expectNoDifference(plain.news(pilot.state), ["Not done: this is the very start."])
    _ = reduce(&pilot.state, .lineEntered("fly"))
    #expect(plain.news(pilot.state).first?.hasPrefix("Not done: ") ?? false)
  }

  @Test func panelsAreSentencesWithoutMarks() throws {
    var pilot = try Pilot.scenario("replace-vs-pin")
    try pilot.press("L L L")
    for panel in Panel.allCases {
      for line in PlainText.panel(panel, pilot.state) {
        #expect(
          line.unicodeScalars.allSatisfy { $0.value < 0x2500 || $0.value > 0x25FF }, "\(panel): \(line)")
      }
    }
    #expect(PlainText.panel(.locks, pilot.state).contains { $0.contains("held by T1 since") })
    #expect(PlainText.panel(.threads, pilot.state).contains { $0.contains("; holds ") })
  }

  @Test func commandsThatOpenAPageTellIt() throws {
    var pilot = try Pilot.counter()
    var plain = PlainText()
    _ = plain.news(pilot.state)
    _ = reduce(&pilot.state, .lineEntered("why"))
    #expect(plain.news(pilot.state).contains("Its next operation is `add 1`."))
    _ = reduce(&pilot.state, .key(.escape))
    _ = reduce(&pilot.state, .lineEntered("bookmark"))
    #expect(plain.news(pilot.state).contains { $0.hasPrefix("This needs words behind it") })
  }
}
