import CustomDump
import Interface
import StepLanguage
import Surface
import Testing

@Suite struct SettingsTests {
  @Test func settingsAreReadBackAsTheyWereWritten() throws {
    var settings = Settings()
    settings.theme = "light"
    settings.isASCII = true
    settings.usesMouse = false
    settings.graphStyle = .tree
    settings.keys = [.step: [.character("x"), .function(5)], .findings: []]
    expectNoDifference(try SettingsText.read(SettingsText.text(settings), path: "s.toml"), settings)
    expectNoDifference(try SettingsText.read("", path: "s.toml"), Settings())
  }

  @Test func aKeyThatIsTakenMovesToItsNewCommand() throws {
    let settings = try SettingsText.read("[keys]\nstep = \"r\"\n", path: "s.toml")
    let table = settings.keyTable
    expectNoDifference(table.command(for: .character("r"), in: .screen), .step)
    expectNoDifference(table.command(for: .character(" "), in: .screen), nil)
    expectNoDifference(table.binding(of: .run)?.keys, [])
    expectNoDifference(table.name(of: .run), ":run")
  }

  @Test func theScreenNamesTheKeysAsTheyAreNow() throws {
    var pilot = try Pilot.counter()
    try SettingsText.read("[keys]\nadd-thread = \"f9\"\nhelp = \"f8\"\n", path: "s.toml").apply(
      to: &pilot.state)
    try pilot.press("7")
    expectNoDifference(pilot.state.message, .refusal("there is no T7; f9 adds one"))
    #expect(pilot.screen(160, 40).contains("f8 help"))
    try pilot.press("f9")
    #expect(pilot.state.moment.threads.count == 3)
  }

  @Test(arguments: [
    ("colour = 1", "s.toml:1:1: error: there is no setting 'colour'"),
    ("theme = 3", "s.toml:1:9: error: a theme is a name"),
    ("mouse = \"no\"", "s.toml:1:9: error: 'mouse' is true or false"),
    ("objects = \"pie\"", "s.toml:1:11: error: objects are drawn as"),
    ("[keys]\nfly = \"x\"", "s.toml:2:1: error: there is no command 'fly'"),
    ("[keys]\nstep = \"hyper-x\"", "s.toml:2:8: error: there is no key 'hyper-x'"),
    ("[keys]\nstep = \"x\"\nundo = [\"y\", \"x\"]", "s.toml:3:14: error: 'x' is 'step' already"),
    ("[keys]\nquit = []", "s.toml:2:8: error: quit needs a key"),
    ("[keys]\naccept = \"x\"", "s.toml:2:1: error: the keys of lists cannot be changed"),
    ("[panels]\ncolumns-2 = [0, 3]", "s.toml:2:13: error: 'columns-2' is a list of numbers from 1"),
    ("theme = ", "s.toml:1:"),
  ])
  func whatIsWrongIsSaidWithItsPlace(_ text: String, _ message: String) {
    do {
      _ = try SettingsText.read(text, path: "s.toml")
      Issue.record("nothing was wrong with \(text)")
    } catch {
      let first = error.rendered.split(separator: "\n").first.map(String.init) ?? ""
      #expect(first.hasPrefix(message), "\(first)")
    }
  }

  @Test func theLinesBetweenPanelsAreDraggedAndKept() throws {
    var pilot = try Pilot.counter()
    _ = reduce(&pilot.state, .resized(Size(width: 80, height: 24)))
    let before = pilot.screen().split(separator: "\n").map(String.init)
    let column = try #require(Array(before[1]).firstIndex(of: "┬"))
    try pilot.press("left-press@\(column),5 left-drag@\(column - 12),5 left-release@\(column - 12),5")
    let after = pilot.screen().split(separator: "\n").map(String.init)
    expectNoDifference(Array(after[1]).firstIndex(of: "┬"), column - 12)
    // Not beyond what a panel needs.
    try pilot.press("left-press@\(column - 12),5 left-drag@0,5 left-release@0,5")
    let least = try #require(Array(pilot.screen().split(separator: "\n")[1]).firstIndex(of: "┬"))
    #expect(least >= 16)
    let kept = SettingsText.text(Settings(pilot.state))
    var other = try Pilot.counter()
    try SettingsText.read(kept, path: "s.toml").apply(to: &other.state)
    expectNoDifference(Array(other.screen().split(separator: "\n")[1]).firstIndex(of: "┬"), least)
  }
}
