import Machine
import StepLanguage
import BenchSupport

/// The models and scenarios of this checkout.
enum Models {
  /// The world of a scenario.
  static func world(_ model: String, _ scenario: String) throws -> World {
    try World(program: Checkout.library.program(named: model), scenario: Checkout.library.scenario(named: scenario))
  }

  /// The world of the rounds.
  static func rounds() throws -> World {
    let scenarios = try Checkout.library.scenarios(from: SourceFile(name: "rounds.step", text: Rounds.text))
    return try World(program: Checkout.library.program(named: "linux-6.12"), scenario: scenarios[0])
  }
}
