import CustomDump
import Interface
import Surface
import Testing

@Suite struct PaletteTests {
  @Test func aCommandIsFoundByAFewLettersAndDone() throws {
    var pilot = try Pilot.counter()
    try pilot.press("ctrl-p")
    pilot.type("newthr")
    #expect(pilot.screen().contains("new thread"))
    try pilot.press("enter")
    #expect(pilot.state.overlay == nil)
    #expect(pilot.state.moment.threads.count == 3)
  }

  @Test func anOperationIsInThePaletteToo() throws {
    var pilot = try Pilot.counter()
    try pilot.press("ctrl-p")
    pilot.type("hang")
    try pilot.press("enter")
    #expect(pilot.state.timeline.world.threads[0].operations.count == 3)
  }

  @Test func whatCannotBeDoneSaysWhy() throws {
    var pilot = try Pilot.counter()
    try pilot.press("ctrl-p")
    pilot.type("redo")
    #expect(pilot.screen().contains("nothing was undone"))
    try pilot.press("enter")
    expectNoDifference(
      pilot.state.message, .refusal("nothing was undone; this is the end of the branch"))
  }

  @Test func everyReasonOfThePaletteIsTheReasonOfTheKey() throws {
    for preparation in ["", "space space u", "r r 1 r r r", "L 1 space L"] {
      var pilot = try Pilot.counter()
      try pilot.press(preparation)
      for binding in KeyTable.standard.bindings where binding.context == .screen {
        var copy = pilot
        copy.effects = []
        guard let key = binding.keys.first else { continue }
        let before = copy.state.timeline.depth
        try copy.press(key.name)
        // A command that was refused has not moved the timeline, and has said so.
        if copy.effects.contains(.bell) {
          #expect(copy.state.timeline.depth == before, "\(key.name)")
          #expect(!(copy.state.message?.text.isEmpty ?? true), "\(key.name)")
        }
      }
    }
  }

  @Test func aTypedCommandIsDone() throws {
    var pilot = try Pilot.counter()
    try pilot.press(":")
    pilot.type("step")
    try pilot.press("enter")
    #expect(pilot.state.timeline.depth == 1)
    try pilot.press(":")
    pilot.type("redo")
    try pilot.press("enter")
    expectNoDifference(
      pilot.state.message, .refusal("nothing was undone; this is the end of the branch"))
    try pilot.press("esc :")
    pilot.type("help")
    try pilot.press("enter")
    #expect(pilot.screen().contains("Keys"))
  }

  @Test func everyCommandHasANameOfItsOwn() {
    let names = Command.allCases.map(\.rawValue)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } })
  }
}
