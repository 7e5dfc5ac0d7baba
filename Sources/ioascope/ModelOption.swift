import ArgumentParser
import StepLanguage

/// `--model`: a model's name, or a file of one's own.
struct ModelOption: ParsableArguments {
  /// The model of scenarios that name none.
  static let standard = "linux-6.12"

  @Option(
    name: .long,
    help:
      "The model: a name from 'ioascope list models', FILE.step or FILE.step:NAME. Without it the scenario's own, or linux-6.12."
  )
  var model: String?

  /// The compiled model; the standard one when none was named.
  func program(_ directories: DataDirectories) throws -> Program {
    try directories.library.program(model ?? Self.standard)
  }

  /// The compiled model for a scenario: the one that was named, else the scenario's own.
  func program(for scenario: Scenario, _ directories: DataDirectories) throws -> Program {
    try Self.program(model, for: scenario, directories)
  }

  /// The same for a model that is no option.
  static func program(_ model: String?, for scenario: Scenario, _ directories: DataDirectories) throws
    -> Program
  {
    guard let model else { return try directories.library.program(for: scenario, standard: standard) }
    return try directories.library.program(model, for: scenario)
  }
}
