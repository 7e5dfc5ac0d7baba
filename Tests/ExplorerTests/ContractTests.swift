import Explorer
import Foundation
import Machine
import Recording
import Scene
import StepLanguage
import Testing

/// For each invariant I1 to I13 and each duty C1 to C12 of docs/contract.md something that breaks it, in which the checker says so.
@Suite struct ContractTests {
  /// A rule, what breaks it, and what keeps it.
  struct Breach: Sendable {
    var rule: String
    var model: String
    var scenario: String
    var property: Property
    /// How the message begins.
    var message: String
    /// Which rules the report names; nil: that one alone.
    var named: [String]?
    /// The model that has nothing of the kind.
    var sound = "linux-6.12"
    /// The scenario in which it has not; nil: the same one. Where the mistake lies in what the script does, it is another one.
    var soundScenario: String?

    var run: Run { Run(model: model, scenario: scenario) }
    var soundRun: Run { Run(model: sound, scenario: soundScenario ?? scenario) }
  }

  static let breaches: [Breach] = [
    Breach(
      rule: "I1", model: "contract-i1", scenario: "destroy-vs-put", property: .invariant, message: "I1: "),
    Breach(
      rule: "I2", model: "contract-i2", scenario: "map-vs-destroy-ioas", property: .invariant,
      message: "I2: "),
    Breach(
      rule: "I3", model: "contract-i3", scenario: "attach-pin-replace", property: .invariant,
      message: "I3: "),
    Breach(
      rule: "I3", model: "contract-i3", scenario: "attach-pin-replace", property: .invariant,
      message: "I3a: "),
    Breach(
      rule: "I4", model: "contract-i4", scenario: "attach-pin-replace", property: .invariant,
      message: "I4a: "),
    Breach(
      rule: "I4", model: "broken-list-id", scenario: "two-accesses-replace", property: .invariant,
      message: "I4: "),
    Breach(
      rule: "I5", model: "broken-no-users", scenario: "broken-script-1", property: .invariant,
      message: "I5: "),
    Breach(
      rule: "I5", model: "broken-no-users", scenario: "broken-script-1", property: .invariant,
      message: "I5b: "),
    Breach(
      rule: "I5", model: "linux-6.12", scenario: "close-vs-unmap", property: .invariant, message: "I5a: ",
      sound: "w10-shortterm-first"),
    Breach(
      rule: "I6", model: "contract-i6", scenario: "attach-pin-replace", property: .invariant,
      message: "I6: "),
    Breach(
      rule: "I6", model: "contract-i6a", scenario: "attach-pin-replace", property: .invariant,
      message: "I6a: "),
    Breach(
      rule: "I7", model: "contract-i7", scenario: "attach-pin-replace", property: .invariant,
      message: "I7: "),
    Breach(
      rule: "I8", model: "broken-no-flush", scenario: "detach-with-pin", property: .invariant,
      message: "I8: "),
    Breach(
      rule: "I8", model: "broken-no-flush", scenario: "attach-pin-replace", property: .invariant,
      message: "I8a: "),
    Breach(
      rule: "I9", model: "contract-i9", scenario: "unmap-vs-pin", property: .invariant, message: "I9: "),
    Breach(
      rule: "I9", model: "contract-i9a", scenario: "attach-pin-replace", property: .invariant,
      message: "prevent_access is set once"),
    Breach(
      rule: "I10", model: "contract-i10", scenario: "pin-vs-refused-replace", property: .invariant,
      message: "I10: "),
    Breach(
      rule: "I11", model: "contract-i11", scenario: "attach-pin-replace", property: .warn,
      message: "iopt_destroy_table: an area is left"),
    Breach(
      rule: "I11", model: "contract-i12", scenario: "attach-pin-replace", property: .leak,
      message: "nobody can reach ioas2", named: []),
    Breach(
      rule: "I11", model: "contract-i6a", scenario: "attach-pin-replace", property: .warn,
      message: "iopt_put_pages: pages are still pinned"),
    Breach(
      rule: "I12", model: "contract-i12", scenario: "attach-pin-replace", property: .invariant,
      message: "I12: "),
    Breach(
      rule: "I13", model: "contract-i13", scenario: "attach-pin-replace", property: .invariant,
      message: "I13: an unmap"),
    Breach(
      rule: "I13", model: "contract-i13a", scenario: "attach-pin-replace", property: .invariant,
      message: "I13: a change"),
    Breach(
      rule: "C1", model: "linux-6.12", scenario: "forgetful-driver", property: "pin-on-old-ioas",
      message: "the access left its IOAS", sound: "mended-drivers"),
    Breach(
      rule: "C1", model: "linux-6.12", scenario: "first-byte-driver", property: "pin-after-unmap",
      message: "all drivers were asked", sound: "mended-drivers"),
    Breach(
      rule: "C2", model: "contract-c2", scenario: "attach-pin-replace", property: "pin-after-unmap",
      message: "all drivers were asked"),
    Breach(
      rule: "C2", model: "contract-c2", scenario: "attach-pin-replace", property: .warn,
      message: "WARN_ON(tries > 100)"),
    Breach(
      rule: "C3", model: "linux-6.12", scenario: "late-note-vs-replace", property: "pin-after-unmap",
      message: "all drivers were asked", named: ["C3", "C1"], sound: "mended-drivers"),
    Breach(
      rule: "C3", model: "linux-6.12", scenario: "late-note-vs-replace", property: "pin-on-old-ioas",
      message: "the access left its IOAS", named: ["C3", "C1"], sound: "mended-drivers"),
    Breach(
      rule: "C4", model: "broken-no-flush", scenario: "attach-pin-replace", property: "pin-on-old-ioas",
      message: "the access left its IOAS"),
    Breach(
      rule: "C4", model: "contract-i4", scenario: "attach-pin-replace", property: .warn,
      message: "iopt_destroy_table: an access is still listed"),
    Breach(
      rule: "C5", model: "contract-c5", scenario: "close-vs-unmap", property: .useAfterFree,
      message: "access1 is used"),
    Breach(
      rule: "C5", model: "linux-6.12", scenario: "close-vs-unmap", property: .useAfterFree,
      message: "staccess1 is used", sound: "w10-shortterm-first"),
    Breach(
      rule: "C6", model: "linux-6.12", scenario: "driver-lock-inversion", property: .selfDeadlock,
      message: "T1 waits for dev_set1.lock", sound: "mended-drivers"),
    Breach(
      rule: "C7", model: "linux-6.12", scenario: "credulous-driver", property: .warn,
      message: "iopt_area_remove_access: this range is not pinned here", sound: "mended-drivers"),
    Breach(
      rule: "C7", model: "linux-6.12", scenario: "c7-stranger", property: .invariant, message: "C7: ",
      sound: "mended-drivers"),
    Breach(
      rule: "C8", model: "linux-6.12", scenario: "replace-vs-drop", property: .useAfterFree,
      message: "access1 is used", soundScenario: "replace-vs-close"),
    Breach(
      rule: "C8", model: "linux-6.12", scenario: "detach-vs-detach", property: .warn,
      message: "WARN_ON(access.ioas == null)", soundScenario: "detach-with-pin"),
    Breach(
      rule: "C9", model: "linux-6.12", scenario: "close-with-pin", property: .useAfterFree,
      message: "mdev1 is used", sound: "mended-drivers"),
    Breach(
      rule: "C9", model: "linux-6.12", scenario: "close-with-pin", property: "callback-after-close",
      message: "dma_unmap is called", soundScenario: "vfio-attach-replace-close"),
    Breach(
      rule: "C9", model: "linux-6.12", scenario: "c9-eager", property: .nullDereference,
      message: "a null pointer", sound: "mended-drivers"),
    Breach(
      rule: "C10", model: "contract-c10", scenario: "forgetful-driver", property: .invariant,
      message: "C10: "),
    Breach(
      rule: "C11", model: "contract-c11", scenario: "replace-vs-pin", property: "pin-on-old-ioas",
      message: "the access left its IOAS"),
    Breach(
      rule: "C11", model: "broken-no-ioas-unpin", scenario: "attach-pin-replace", property: .warn,
      message: "WARN_ON(ioas == null)"),
    Breach(
      rule: "C12", model: "contract-c12", scenario: "refused-replace-with-pin", property: .invariant,
      message: "I3: "),
  ]

  /// Own models and scenarios first, then those that come with the program.
  static let library = Library { kind, name in
    let directory = kind == .model ? "models" : "scenarios"
    for place in ["Tests/ExplorerTests/Contract", directory] {
      let url = SearchTests.checkout.appendingPathComponent("\(place)/\(name).step")
      if let text = try? String(contentsOf: url, encoding: .utf8) { return ("\(place)/\(name).step", text) }
    }
    return nil
  }

  private func findings(_ model: String, _ scenario: String) throws -> (World, [Search.Counterexample]) {
    let world = try World(
      program: try Self.library.program(named: model), scenario: try Self.library.scenario(named: scenario))
    let result = Search(world: world).run()
    if case .bounded(let bound) = result.verdict { Issue.record("\(model), \(scenario): \(bound)") }
    return (world, result.counterexamples)
  }

  /// What the report of a counterexample names.
  private func rules(of example: Search.Counterexample, in world: World) throws -> [String] {
    var timeline = Timeline(world: world)
    for move in example.schedule {
      try timeline.advance(.step(thread: move.thread, choice: move.choice), hasFinding: false)
    }
    return timeline.brokenRules(by: example.finding).map(\.name)
  }

  @Test func everyRuleIsBroken() throws {
    let rules = try Self.library.program(named: "linux-6.12").rules.map(\.name)
    #expect(rules.count == 25)
    #expect(Set(Self.breaches.map(\.rule)) == Set(rules))
  }

  /// What the reports say of a rule is what stands in docs/contract.md.
  @Test func theWordingsAreThoseOfThePage() throws {
    let page = try String(
      contentsOf: SearchTests.checkout.appendingPathComponent("docs/contract.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    for rule in try Self.library.program(named: "linux-6.12").rules {
      let row = try #require(rows.first { $0.first == rule.name }, "\(rule.name)")
      #expect(
        Array(row.dropFirst().prefix(rule.owner == nil ? 1 : 2))
          == [rule.owner, rule.sentence].compactMap { $0 })
    }
  }

  /// A model and a scenario; each pair is searched once, whatever is asked of it.
  struct Run: Hashable, Sendable, CustomTestStringConvertible {
    var model: String
    var scenario: String

    var testDescription: String { "\(model), \(scenario)" }
  }

  static let runs: [Run] = {
    var known: Set<Run> = []
    return breaches.flatMap { [$0.run, $0.soundRun] }.filter { known.insert($0).inserted }
  }()

  @Test(arguments: runs)
  func theCheckerSaysWhatIsBrokenAndNothingOfTheKindWhereItIsNot(_ run: Run) throws {
    let (world, examples) = try findings(run.model, run.scenario)
    let found = examples.map(\.finding)
    let all = found.map { "\($0.property.rawValue): \($0.message)" }
    for breach in Self.breaches {
      let isFound = found.contains { $0.property == breach.property && $0.message.hasPrefix(breach.message) }
      if breach.run == run {
        #expect(isFound, "\(breach.rule), found only \(all)")
        for example in examples
        where example.finding.property == breach.property && example.finding.message.hasPrefix(breach.message)
        {
          let named = try rules(of: example, in: world)
          let expected = breach.named ?? [breach.rule]
          #expect(
            named == expected, "\(breach.rule), \(breach.property.rawValue): \(example.finding.message)")
        }
      }
      if breach.soundRun == run { #expect(!isFound, "\(breach.rule), found \(all)") }
    }
  }
}
