import ArgumentParser
import Machine
import StepLanguage
import Surface

/// `ioascope validate`: checks files that a user wrote.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks a model, scenario or theme file.",
    discussion: """
      Prints 'file:line:column: error: …' with the line and a caret for all that is wrong.

      Example:
        ioascope validate models/mine.step
      """)

  @Argument(help: "The files.")
  var files: [String]

  func run() throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      var worst: ExitCode?
      for file in files {
        do {
          try validate(file, directories)
          try StandardStreams.print("\(file): ok")
        } catch {
          let error = CommandError(error)
          StandardStreams.complain(error.message)
          worst = worst ?? error.status
        }
      }
      if let worst { throw worst }
    }
  }

  private func validate(_ file: String, _ directories: DataDirectories) throws {
    let text = try InputFile.read(file)
    if file.hasSuffix(".toml") {
      try ThemeOption.validate(file: file, text: text, directories)
      return
    }
    let source = SourceFile(name: file, text: text)
    let scenarios = try directories.library.scenarios(from: source)
    for scenario in scenarios {
      let models = scenario.models.isEmpty ? [ModelOption.standard] : scenario.models
      for model in models {
        _ = try World(program: try ModelOption.program(model, directories), scenario: scenario)
      }
    }
    if try directories.library.holdsModel(source) || scenarios.isEmpty {
      _ = try directories.library.program(from: source)
    }
  }
}
