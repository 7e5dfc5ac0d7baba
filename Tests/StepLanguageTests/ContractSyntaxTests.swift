import StepLanguage
import Testing

/// Properties, rules, blame and lock names are declarations of a model.
@Suite struct ContractSyntaxTests {
  private func compile(_ items: String) throws -> Program {
    try Library { _, _ in nil }.program(
      from: SourceFile(name: "m.step", text: "model m \"M\" {\n\(items)\n}\n"))
  }

  private func error(_ items: String) -> String {
    do {
      _ = try compile(items)
      return "no error"
    } catch let error as DiagnosticError {
      return "\(error.diagnostics[0].line):\(error.diagnostics[0].column): \(error.diagnostics[0].message)"
    } catch {
      return "\(error)"
    }
  }

  @Test func aModelDeclaresItsProperties() throws {
    let program = try compile(
      """
      property lost-note "a note is lost"
      global n: int
      entry go() { check lost-note n == 0 "n is 0" }
      invariant small "n is small" property lost-note always { n < 3 }
      """)
    #expect(program.properties.dropFirst(Property.machine.count) == ["lost-note"])
    #expect(program.property(named: "lost-note")?.title == "a note is lost")
    #expect(program.property(named: "lost-note")?.origin == .model)
    #expect(program.invariants[0].property == "lost-note")
    #expect(program.property(named: "pin-leak") == nil, "what another model declares is not known here")
  }

  @Test func whatNobodyDeclaredIsAnError() {
    #expect(
      error("global n: int\nentry go() { check lost-note n == 0 \"n\" }")
        == "3:20: there is no property 'lost-note'; a model declares its own with 'property lost-note \"…\"'")
    #expect(error("property lost-note \"n\"\nblame lst-note { none }").contains("did you mean 'lost-note'?"))
    #expect(error("property leak \"n\"") == "2:10: 'leak' is a property of the machine; choose another name")
    #expect(error("rule A1 \"a\"\nblame leak { A2 }").contains("there is no rule 'A2'"))
    #expect(error("blame leak { when nonsense f: none }").contains("'nonsense' is no condition"))
    #expect(error("property a.b \"n\"").contains("letters, digits and '-' only"))
  }

  @Test func rulesAndWhoBrokeThem() throws {
    let program = try compile(
      """
      rule A1 "always so"
      rule B1 owed by driver "the driver's part"
      blame leak, warn "start" {
        when not in f|g and object t_*
          and another left h: B1 or A1
        when found leak: same
        none
      }
      """)
    #expect(program.rules.map(\.name) == ["A1", "B1"])
    #expect(program.rules.map(\.owner) == [nil, "driver"])
    #expect(program.blames.map(\.property) == [.leak, .warn])
    #expect(program.blames[0].start == "start")
    let cases = program.blames[0].cases
    #expect(cases.map(\.outcome) == [.rules([1, 0]), .same, .rules([])])
    #expect(cases[0].conditions.map(\.kind) == [.in(["f", "g"]), .object(["t_*"]), .anotherLeft(["h"])])
    #expect(cases[0].conditions.map(\.isNegated) == [true, false, false])
  }

  @Test func locksHaveNamesAndAnOrder() throws {
    let items = """
      object node { const rank: int; lock: mutex; table: xarray of node from 0; value: int }
      global big: rw_semaphore

      """
    let program = try compile(
      items
        + "lock node.lock lockdep \"&node->lock\" nests by rank\nlock node.table.xa_lock lockdep \"&xa->xa_lock\" shared\nlock big lockdep \"big\""
    )
    let names = program.lockClasses.map {
      "\($0.name) \($0.lockdep ?? "-") \($0.isShared) \($0.nestsBy ?? -1)"
    }
    #expect(
      names == [
        "node.lock &node->lock false 1", "node.table.xa_lock &xa->xa_lock true -1", "big big false -1",
      ])
    #expect(error(items + "lock node.value lockdep \"v\"") == "5:6: 'node.value' is no lock")
    #expect(error(items + "lock nod.lock lockdep \"v\"").contains("did you mean 'node'?"))
    #expect(error(items + "lock node.lock nests by value").contains("declare 'const value: int'"))
    #expect(error(items + "lock node.lock nests by rnk").contains("'node' has no field 'rnk'"))
  }

  @Test func whatATraceShowsForNull() throws {
    let program = try compile("trace null get_ret = -ENOENT\ntrace inside iopt")
    #expect(program.trace.null(inProbe: "get_ret") == UInt64(bitPattern: -2))
    #expect(program.trace.null(inProbe: "other") == 0)
    #expect(program.trace.innerArguments == ["iopt"])
  }

  @Test func aRevisionTakesAwayWhatItCannotKeep() throws {
    let texts = [
      "base": "model base { property gone-one \"g\"\nproperty kept \"k\"\nrule A1 \"a\" }",
      "rev": "revision rev of base { remove property gone-one\nrule A1 \"another\" }",
    ]
    let program = try Library { _, name in texts[name].map { (name, $0) } }.program(named: "rev")
    #expect(program.properties.filter { $0.origin == .model } == ["kept"])
    #expect(program.rules.map(\.sentence) == ["another"])
  }
}
