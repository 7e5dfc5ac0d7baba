import Foundation
import Machine
import StepLanguage

/// The models and scenarios of this checkout.
enum Models {
  private static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let library = Library { kind, name in
    let directory = kind == .model ? "models" : "scenarios"
    let url = checkout.appendingPathComponent("\(directory)/\(name).step")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    return ("\(directory)/\(name).step", text)
  }

  /// The world of a scenario.
  static func world(_ model: String, _ scenario: String) throws -> World {
    try World(program: library.program(named: model), scenario: library.scenario(named: scenario))
  }

  /// The world of the rounds.
  static func rounds() throws -> World {
    let scenarios = try library.scenarios(from: SourceFile(name: "rounds.step", text: Rounds.text))
    return try World(program: library.program(named: "linux-6.12"), scenario: scenarios[0])
  }
}
