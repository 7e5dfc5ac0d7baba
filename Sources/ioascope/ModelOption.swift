import ArgumentParser
import StepLanguage

/// `--model`: a model's name, or the path of a file of one's own.
struct ModelOption: ParsableArguments {
  static let standard = "linux-6.12"

  @Option(name: .long, help: "The model: a name from 'ioascope list models', or a .step file.")
  var model = ModelOption.standard

  /// The compiled model.
  func program(_ directories: DataDirectories) throws -> Program {
    try Self.program(model, directories)
  }

  /// The compiled model of that name or file, with the user's functions from C laid over it.
  static func program(_ model: String, _ directories: DataDirectories) throws -> Program {
    guard !directories.sources.files.isEmpty else {
      if model.contains("/") || model.hasSuffix(".step") {
        return try directories.library.program(from: SourceFile(name: model, text: try InputFile.read(model)))
      }
      return try directories.library.program(named: model)
    }
    let text = try text(model, directories)
    let translation = try directories.sources.translation(for: text, directories)
    guard translation.diagnostics.isEmpty else { throw DiagnosticError(translation.diagnostics) }
    return try directories.library.program(text, translations: translation.texts)
  }

  /// The model of that name or file, read and not compiled.
  static func text(_ model: String, _ directories: DataDirectories) throws -> ModelText {
    if model.contains("/") || model.hasSuffix(".step") {
      return try directories.library.model(from: SourceFile(name: model, text: try InputFile.read(model)))
    }
    return try directories.library.model(named: model)
  }

  /// The scenario of that name or file.
  static func scenario(_ name: String, _ directories: DataDirectories) throws -> Scenario {
    if name.contains("/") || name.hasSuffix(".step") {
      let source = SourceFile(name: name, text: try InputFile.read(name))
      guard let scenario = try directories.library.scenarios(from: source).first else {
        throw CommandError(
          "\(name):1:1: error: this file holds no scenario; begin with 'scenario NAME \"title\" {'",
          status: ExitStatus.data)
      }
      return scenario
    }
    return try directories.library.scenario(named: name)
  }
}
