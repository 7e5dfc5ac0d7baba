import StepLanguage
import Testing

@Suite struct OverlayTests {
  static let base = """
    model base "The base" {
      const LIMIT = 3
      global n: int
      fn amount() -> int { return LIMIT }
      entry go() { let a = amount(); n = a }
    }
    """

  private func library(_ texts: [String: String]) -> Library {
    Library { kind, name in kind == .model ? texts[name].map { ("\(name).step", $0) } : nil }
  }

  @Test func aRevisionReplacesOnlyWhatItNames() throws {
    let library = library([
      "base": Self.base,
      "more": "revision more of base \"More\" { const LIMIT = 5 }",
      "most":
        "revision most of more \"Most\" { fn amount() -> int { return LIMIT * 2 }\nentry stop() { n = 0 } }",
    ])
    let base = try library.program(named: "base")
    let most = try library.program(named: "most")
    #expect(base.bases == [])
    #expect(most.bases == ["more", "base"])
    #expect(most.title == "Most")
    #expect(base.entries.map(\.name) == ["go"])
    #expect(most.entries.map(\.name) == ["go", "stop"])
    #expect(most.functions.filter { $0.name == "amount" }.count == 1)
    #expect(most.constants.contains(5) && !most.constants.contains(3))
    // The function's text comes from the revision, that of the entry from the base.
    let amount = try #require(most.function(named: "amount"))
    #expect(most.sources[most.functions[amount].span.file].name == "most.step")
    let go = try #require(most.entry(named: "go"))
    #expect(most.sources[most.functions[most.entries[go].function].span.file].name == "base.step")
  }

  @Test func whatIsRemovedIsGone() throws {
    let library = library([
      "base": Self.base, "less": "revision less of base \"Less\" { remove entry go }",
    ])
    #expect(try library.program(named: "less").entries.isEmpty)
  }

  @Test func compilingTwiceGivesTheSameProgram() throws {
    let library = library(["base": Self.base])
    let first = try library.program(named: "base")
    let second = try library.program(named: "base")
    #expect(first.code == second.code)
    #expect(first.constants == second.constants)
    #expect(first.strings == second.strings)
  }

  @Test func aModelThatIsNotThereIsNamed() {
    #expect(throws: Library.NotFound.self) { _ = try library([:]).program(named: "absent") }
  }
}
