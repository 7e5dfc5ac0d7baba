import ArgumentParser
import Interface
import Lessons
import Machine
import Recording
import StepLanguage
import Surface

/// `ioascope validate`: checks files that a user wrote.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks a model, scenario, lesson, theme or session file.",
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
    if RunSource.isSession(file) {
      try validateSession(file, directories)
      return
    }
    let text = try InputFile.read(file)
    if file.hasSuffix(".toml"), LessonText.isLesson(text) {
      // What only the checker can answer takes its time and is left to 'ioascope lesson --print'.
      _ = try Rehearsal(LessonText.read(text, path: file), library: directories.library).play(searches: false)
      return
    }
    if file.hasSuffix("settings.toml") || (file.hasSuffix(".toml") && SettingsText.isSettings(text)) {
      _ = try SettingsText.read(text, path: file)
      return
    }
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

  /// A session is right when it can be read, and when its own model, if it has not changed since, does what was recorded.
  private func validateSession(_ file: String, _ directories: DataDirectories) throws {
    let recorded = try SessionFile.replay(file, model: nil, distrusts: true, directories)
    for warning in recorded.warnings { StandardStreams.complain(warning) }
    guard let divergence = recorded.playback.divergence else { return }
    throw DiagnosticError([
      Diagnostic(
        divergence.message, file: file, line: divergence.line,
        source: try InputFile.line(divergence.line, of: file))
    ])
  }
}
