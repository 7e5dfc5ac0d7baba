import CustomDump
import Interface
import Surface
import Testing

@Suite struct KeyTableTests {
  @Test func everyRowIsComplete() {
    for binding in KeyTable.standard.bindings {
      #expect(!binding.keys.isEmpty, "\(binding.command) has no key")
      #expect(!binding.title.isEmpty && !binding.help.isEmpty, "\(binding.command) is not documented")
      for key in binding.keys {
        expectNoDifference(Keystroke(name: key.name), key)
      }
    }
  }

  @Test func noKeyHasTwoMeanings() {
    for context in [KeyBinding.Context.screen, .overlay] {
      let keys = KeyTable.standard.bindings.filter { $0.context == context }.flatMap(\.keys)
      #expect(Set(keys).count == keys.count)
    }
  }

  @Test func everyCommandHasAKey() {
    let commands = Set(KeyTable.standard.bindings.map(\.command))
    expectNoDifference(Command.allCases.filter { !commands.contains($0) }, [])
  }

  /// What a user could notice of a state.
  private func appearance(_ pilot: Pilot) -> [String] {
    [
      view(pilot.state, size: Size(width: 80, height: 24)).golden(),
      view(pilot.state, size: Size(width: 160, height: 48)).golden(), pilot.state.themeName,
    ]
  }

  @Test(arguments: KeyTable.standard.bindings.filter { $0.context == .screen })
  func everyKeyOfTheScreenDoesSomething(_ binding: KeyBinding) throws {
    for key in binding.keys {
      // A situation in which each key has something to do: in the middle of a run, with something undone, two branches, a zoomed log.
      var noticed = false
      for preparation in [
        "", "space space u", "down", "L L f u u", "] ] ] ] space space space", "z", "down enter",
      ] {
        var pilot = try Pilot.counter(faults: true)
        try pilot.press(preparation)
        let before = appearance(pilot)
        pilot.effects = []
        if let effect = reduce(&pilot.state, .key(key)) { pilot.effects.append(effect) }
        if appearance(pilot) != before || pilot.effects.contains(where: { $0 != .bell }) { noticed = true }
      }
      #expect(noticed, "\(key.name) does nothing")
    }
  }

  @Test(arguments: KeyTable.standard.bindings.filter { $0.context == .overlay })
  func everyKeyOfAListDoesSomething(_ binding: KeyBinding) throws {
    for key in binding.keys {
      var noticed = false
      for preparation in ["o", "o down", "? down", "? page-down", "o enter"] {
        var pilot = try Pilot.counter()
        try pilot.press(preparation)
        let before = pilot.screen()
        let effect = reduce(&pilot.state, .key(key))
        if pilot.screen() != before || effect == .quit { noticed = true }
      }
      #expect(noticed, "\(key.name) does nothing in lists")
    }
  }

  @Test func aKeyThatMeansNothingSaysSo() throws {
    var pilot = try Pilot.counter()
    try pilot.press("Z")
    expectNoDifference(pilot.state.message, .refusal("Z does nothing here; ? lists the keys"))
  }

  @Test func theHelpPageHasEveryKey() throws {
    var pilot = try Pilot.counter()
    try pilot.press("?")
    let page = pilot.screen(120, 130)
    for binding in KeyTable.standard.bindings {
      #expect(page.contains(binding.help), "\(binding.help)")
      #expect(page.contains(binding.keysText), "\(binding.keysText)")
    }
    pilot.type("undo")
    #expect(pilot.screen(120, 130).contains("back to before the last command"))
    #expect(!pilot.screen(120, 130).contains("chooses a theme"))
    try pilot.press("esc")
    #expect(pilot.state.overlay == nil)
  }
}
