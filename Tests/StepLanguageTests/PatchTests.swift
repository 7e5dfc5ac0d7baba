import StepLanguage
import Testing

/// Revisions that change single statements.
@Suite struct PatchTests {
  static let base = """
    model base "The base" {
      global n: int
      global m: int
      global l: mutex
      fn work(x: int) -> int {
        n = 1
        if x == 1 {
          n = 2   // a comment
          m = 2
        } else if x == 2 {
          n = 3
        } else {
          while n != 0 {
            n -= 1
          }
        }
        n = 1
        loop { break }
        return 0
      }
      entry go(x: int) { let rc = work(x); m = rc }
    }
    """

  private func program(_ changes: String, named: String = "rev") throws -> Program {
    let texts = ["base": Self.base, "rev": "revision rev of base \"Rev\" {\n\(changes)\n}\n"]
    return try Library { kind, name in texts[name].map { ("\(name).step", $0) } }.program(named: named)
  }

  private func errors(_ changes: String) -> [String] {
    do {
      _ = try program(changes)
      return []
    } catch let error as DiagnosticError {
      return error.diagnostics.map { "\($0.file):\($0.line):\($0.column): \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  /// The steps of `work`, as they stand in the texts, in the order of the code.
  private func steps(_ changes: String, function: String = "work") throws -> [String] {
    let program = try program(changes)
    let index = try #require(program.functions.firstIndex { $0.name == function })
    return program.code.filter { $0.opcode == .step && program.statements[Int($0.a)].function == index }.map {
      program.text(of: Int($0.a))
    }
  }

  private static let own = [
    "n = 1", "n = 2", "m = 2", "n = 3", "while n != 0", "n -= 1", "n = 1",
  ]

  @Test func nothingChanges() throws {
    #expect(try steps("") == Self.own)
    #expect(try steps("in fn work { }") == Self.own)
  }

  @Test func aStatementIsReplacedDeletedOrGetsNeighbours() throws {
    #expect(
      try steps("in fn work { replace \"m = 2\" { m = 5; m = 6 } }")
        == ["n = 1", "n = 2", "m = 5", "m = 6", "n = 3", "while n != 0", "n -= 1", "n = 1"])
    #expect(
      try steps("in fn work { delete \"n -= 1\" }") == [
        "n = 1", "n = 2", "m = 2", "n = 3", "while n != 0", "n = 1",
      ])
    #expect(
      try steps("in fn work { before \"n = 2\" { mutex_lock l }\n after \"m = 2\" { mutex_unlock l } }")
        == [
          "n = 1", "mutex_lock l", "n = 2", "m = 2", "mutex_unlock l", "n = 3", "while n != 0", "n -= 1",
          "n = 1",
        ])
    // Blanks and comments do not count.
    #expect(
      try steps("in fn work { delete \"n   =2\" }") == [
        "n = 1", "m = 2", "n = 3", "while n != 0", "n -= 1", "n = 1",
      ])
  }

  @Test func equalStatementsAreCounted() throws {
    #expect(try steps("in fn work { replace \"n = 1\" 2 { m = 9 } }").last == "m = 9")
    #expect(try steps("in fn work { replace \"n = 1\" 1 { m = 9 } }").first == "m = 9")
    #expect(
      errors("in fn work { delete \"n = 1\" }")
        == [
          "rev.step:2:21: 'fn work' of 'base' has this statement 2 times, in lines 6, 17; write a number behind the text: \"n = 1\" 1"
        ])
    #expect(
      errors("in fn work { delete \"n = 1\" 3 }") == [
        "rev.step:2:21: 'fn work' of 'base' has this statement 2 times only"
      ])
    #expect(
      errors("in fn work { delete \"m = 2\" 2 }") == [
        "rev.step:2:21: 'fn work' of 'base' has this statement once only"
      ])
  }

  @Test func statementsWithBlocksAreNamedByTheirHeads() throws {
    #expect(try steps("in fn work { delete \"if x == 1\" }") == ["n = 1", "n = 1"])
    #expect(
      try steps("in fn work { replace \"while n != 0\" { n = 0 } }") == [
        "n = 1", "n = 2", "m = 2", "n = 3", "n = 0", "n = 1",
      ])
    #expect(try steps("in fn work { delete \"if x == 2\" }") == ["n = 1", "n = 2", "m = 2", "n = 1"])
    #expect(
      try steps("in fn work { head \"while n != 0\" { while n > m } }")
        == ["n = 1", "n = 2", "m = 2", "n = 3", "n > m", "n -= 1", "n = 1"])
    #expect(
      try steps("in fn work { head \"if x == 1\" { if m == 4 || x == 1 } }")
        == ["n = 1", "m == 4 || x == 1", "n = 2", "m = 2", "n = 3", "while n != 0", "n -= 1", "n = 1"])
    #expect(try steps("in fn work { before \"loop\" { m = 8 } }").suffix(2) == ["n = 1", "m = 8"])
    #expect(
      errors("in fn work { head \"if x == 1\" { while x == 1 } }").first?.contains(
        "'head' changes an 'if' to an 'if'") == true)
  }

  @Test func theBeginningTheEndAndEntries() throws {
    #expect(
      try steps("in fn work { first { mutex_lock l; mutex_unlock l } }").prefix(2) == [
        "mutex_lock l", "mutex_unlock l",
      ])
    #expect(
      try steps("in entry go { last { m = 7 } }", function: "go").last == "m = 7")
    #expect(
      try steps("in entry go { replace \"m = rc\" { m = rc + 1 } }", function: "go").last == "m = rc + 1")
  }

  @Test func aBaseThatHasChangedIsAnError() {
    #expect(
      errors("in fn work { delete \"n = 22\" }").first
        == "rev.step:2:21: 'fn work' of 'base' has no such statement; line 8 says: n = 2")
    #expect(
      errors("in fn wrok { delete \"n = 2\" }").first
        == "rev.step:2:7: the base has no 'fn wrok'; did you mean 'work'?")
    #expect(
      errors("in fn work { delete \"m = 2\"\n replace \"m = 2\" { m = 3 } }").first?.contains(
        "is replaced, deleted or given another head already") == true)
    #expect(
      errors("in fn work { delete \"if x == 1\"\n delete \"m = 2\" }").first
        == "rev.step:3:9: this statement stands inside another one that is replaced or deleted here")
    #expect(
      errors("in fn work { delete \"m = 2\" }\nin fn work { delete \"n = 2\" }").first?.contains(
        "is changed twice in this model") == true)
    #expect(
      errors("fn work(x: int) -> int { return 0 }\nin fn work { delete \"n = 2\" }").first?.contains(
        "is changed twice") == true)
    #expect(
      errors("in fn work { insert \"m = 2\" { } }").first?.contains(
        "'insert' is no change; write replace, before") == true)
  }

  /// A mistake in what is put in is told where it stands.
  @Test func placesAreThoseOfTheRevision() throws {
    #expect(
      errors("in fn work {\n  after \"m = 2\" {\n    nonsense = 1\n  }\n}").first?.hasPrefix(
        "rev.step:4:5: there is no 'nonsense' here") == true)
    let program = try program("in fn work { after \"m = 2\" { n = 77 } }")
    let statement = try #require(program.statements.indices.first { program.text(of: $0) == "n = 77" })
    #expect(program.location(of: statement) == "rev.step:2")
    #expect(program.sources[program.home(of: statement).file].name == "rev.step")
    let other = try #require(program.statements.indices.first { program.text(of: $0) == "m = 2" })
    #expect(program.sources[program.home(of: other).file].name == "base.step")
  }

  @Test func revisionsOnTopOfOneAnother() throws {
    let texts = [
      "base": Self.base, "rev": "revision rev of base { in fn work { after \"m = 2\" { n = 77 } } }",
      "more": "revision more of rev { in fn work { replace \"n = 77\" { n = 78 }\n delete \"n = 3\" } }",
    ]
    let program = try Library { kind, name in texts[name].map { ("\(name).step", $0) } }.program(
      named: "more")
    let all = program.statements.indices.map { program.text(of: $0) }
    #expect(all.contains("n = 78") && !all.contains("n = 77") && !all.contains("n = 3"))
  }

  @Test func aRevisionThatUndoesWhatItsBaseDidIsNoted() throws {
    let texts = [
      "base": Self.base, "fix": "revision fix of base { fn work(x: int) -> int { return 1 } }",
      "late": "revision late of fix {\n  fn work(x: int) -> int { return 2 }\n}",
      "new": "revision new of fix { fn other() { } }",
    ]
    let library = Library { kind, name in texts[name].map { ("\(name).step", $0) } }
    #expect(
      try library.program(named: "late").notes.map { "\($0.line):\($0.column): \($0.message)" }
        == [
          "2:3: 'fn work' takes the place of the one in 'fix', which itself took the place of the one in 'base'"
        ])
    #expect(try library.program(named: "fix").notes.isEmpty)
    #expect(try library.program(named: "new").notes.isEmpty)
  }
}
