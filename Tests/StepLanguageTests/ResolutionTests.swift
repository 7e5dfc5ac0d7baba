import StepLanguage
import Testing

/// How a text that names a model or scenario leads to one.
@Suite struct ResolutionTests {
  /// A library over files by path, and a data directory under `data/`.
  private func library(_ files: [String: String]) -> Library {
    Library(
      readFile: { files[$0] },
      names: { _ in ["installed"] },
      read: { kind, name in
        let path = "data/\(kind.rawValue)s/\(name).step"
        return files[path].map { (path, $0) }
      })
  }

  private static let scenario = "scenario s \"S\" {\n  thread T1 {\n    go\n  }\n}\n"

  private func model(_ name: String, value: Int, of base: String? = nil) -> String {
    let head = base.map { "revision \(name) of \($0)" } ?? "model \(name)"
    let body = base == nil ? "global n: int\n  fn f() -> int { return \(value) }\n  entry go() { n = 1 }" : ""
    return "\(head) \"\(name)\" {\n  \(body)\n  const OWN_\(name.uppercased()) = \(value)\n}\n"
  }

  @Test func aReferenceIsANameAFileOrAMemberOfAFile() {
    #expect(Reference("linux-6.12") == Reference("linux-6.12"))
    #expect(Reference("linux-6.12").isPath == false)
    #expect(Reference("a/b").isPath && Reference("a/b").file == "a/b" && Reference("a/b").member == nil)
    #expect(Reference("x.step").isPath && Reference("x.step").folder == "")
    let member = Reference("/tmp/x.step:linux-6.12")
    #expect(member.file == "/tmp/x.step" && member.member == "linux-6.12" && member.folder == "/tmp/")
    // A colon in a file's own name.
    #expect(Reference("./a:b.step").file == "./a:b.step")
    #expect(Reference("set:one").isPath == false && Reference("set:one").member == "one")
  }

  @Test func aFileOfSeveralModelsGivesItsFirstOrTheOneThatIsNamed() throws {
    let library = library([
      "m.step": model("one", value: 1) + model("two", value: 2) + model("three", value: 3, of: "two")
    ])
    #expect(try library.program("m.step").name == "one")
    #expect(try library.program("m.step:two").name == "two")
    let three = try library.program("m.step:three")
    #expect(three.name == "three" && three.bases == ["two"])
    #expect(three.sources.count == 1, "a base in the same file is the same text")
    let error = #expect(throws: DiagnosticError.self) { _ = try library.program("m.step:twoo") }
    #expect(
      error?.rendered.contains(
        "m.step:1:1: error: this file holds no model 'twoo'; did you mean 'two'?; it holds one, two, three")
        == true)
  }

  @Test func aBaseIsFoundInTheFileThenBesideItThenByName() throws {
    let files = [
      "d/rev.step": model("rev", value: 1, of: "base"), "d/base.step": model("base", value: 2),
      "data/models/base.step": model("base", value: 3),
      "data/models/rev.step": model("rev", value: 4, of: "base"),
      "e/both.step": model("rev", value: 5, of: "base") + model("base", value: 6),
      "e/base.step": model("base", value: 7), "f/rev.step": model("rev", value: 8, of: "base"),
    ]
    let library = library(files)
    func base(_ text: String) throws -> String {
      let program = try library.program(text)
      let f = try #require(program.function(named: "f"))
      return program.sources[program.functions[f].span.file].name
    }
    #expect(try base("d/rev.step") == "d/base.step")
    #expect(try base("e/both.step:rev") == "e/both.step")
    #expect(try base("f/rev.step") == "data/models/base.step")
    #expect(try base("rev") == "data/models/base.step", "a name does not lead to the present directory")
  }

  @Test func aFileBesideThatHoldsSomethingElseIsNotTheBase() throws {
    let library = library([
      "d/rev.step": model("rev", value: 1, of: "base"), "d/base.step": Self.scenario,
      "data/models/base.step": model("base", value: 3),
    ])
    #expect(try library.program("d/rev.step").bases == ["base"])
  }

  @Test func aScenarioBringsItsModel() throws {
    let own = Self.scenario.replacing("thread", with: "model two, one\n  thread")
    let library = library([
      "all.step": model("one", value: 1) + model("two", value: 2) + own,
      "noline.step": Self.scenario + model("one", value: 1) + model("two", value: 2),
      "d/s.step": own, "d/two.step": model("two", value: 2), "plain.step": Self.scenario,
      "data/models/installed.step": model("installed", value: 9),
    ])
    func chosen(_ text: String) throws -> String {
      try library.program(for: try library.scenario(named: text), standard: "installed").name
    }
    #expect(try chosen("all.step") == "two", "the first of the line")
    #expect(try chosen("d/s.step") == "two")
    #expect(try chosen("noline.step") == "one", "the first of the file")
    #expect(try chosen("plain.step") == "installed")
    let all = try library.scenario(named: "all.step")
    #expect(try library.program("one", for: all).name == "one", "--model looks in the scenario's file, too")
    #expect(try library.program("two", for: try library.scenario(named: "d/s.step")).name == "two")
    #expect(try library.program(for: all, model: 1).name == "one")
  }

  @Test func aFileOfSeveralScenariosGivesAllOrTheOneThatIsNamed() throws {
    let library = library([
      "s.step": Self.scenario + Self.scenario.replacing("scenario s", with: "scenario t-2"),
      "m.step": model("one", value: 1),
    ])
    #expect(try library.scenarios("s.step").map(\.name) == ["s", "t-2"])
    #expect(try library.scenarios("s.step:t-2").map(\.name) == ["t-2"])
    #expect(throws: DiagnosticError.self) { _ = try library.scenarios("s.step:u") }
    let none = #expect(throws: DiagnosticError.self) { _ = try library.scenarios("m.step") }
    #expect(none?.rendered.contains("m.step:1:1: error: this file holds no scenario") == true)
    let absent = #expect(throws: Library.NotFound.self) { _ = try library.scenarios("absent.step") }
    #expect(absent?.isPath == true)
    let close = #expect(throws: Library.NotFound.self) { _ = try library.program("instaled") }
    #expect(close?.closest == "installed")
  }

  @Test func anUnknownModelOfAScenarioHasAPlace() throws {
    let library = library(["s.step": "scenario s {\n  model one,\n    tow\n}\n" + model("two", value: 1)])
    let scenario = try library.scenario(named: "s.step")
    let error = #expect(throws: DiagnosticError.self) { _ = try library.program(for: scenario, model: 1) }
    #expect(
      error?.rendered.hasPrefix("s.step:3:5: error: there is no model 'tow'; did you mean 'two'?") == true)
  }

  @Test func aNameThatStandsTwiceInAFileIsAnError() throws {
    let library = library(["m.step": model("one", value: 1) + model("one", value: 2)])
    let error = #expect(throws: DiagnosticError.self) { _ = try library.program("m.step") }
    #expect(error?.rendered.hasPrefix("m.step:7:7: error: this file has a model 'one' already") == true)
  }

  @Test func aCircleOfBasesIsAnError() throws {
    let library = library(["m.step": model("a", value: 1, of: "b") + model("b", value: 2, of: "a")])
    let error = #expect(throws: DiagnosticError.self) { _ = try library.program("m.step") }
    #expect(error?.rendered.contains("'a' revises itself; cut the circle") == true)
  }
}
