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
      let settings = try SettingsText.read(text, path: file)
      if let theme = settings.theme {
        do {
          _ = try ThemeOption.load(theme, directories)
        } catch let error as CommandError {
          throw CommandError("\(file): \(error.message)", status: ExitStatus.data)
        }
      }
      return
    }
    if file.hasSuffix(".toml") {
      try ThemeOption.validate(file: file, text: text, directories)
      return
    }
    let source = SourceFile(name: file, text: text)
    let library = directories.library
    let folder = Reference.folder(of: file)
    let models = try library.models(in: source)
    for model in models {
      let program = try library.program(from: source, named: model.name, folder: folder)
      try World(program: program, threads: []).requireSoundStart()
      for note in program.notes {
        StandardStreams.complain(note.rendered.replacing(": error: ", with: ": note: ", maxReplacements: 1))
      }
    }
    var scenarios = try library.scenarios(from: source)
    for index in scenarios.indices {
      scenarios[index].folder = folder
      let scenario = scenarios[index]
      if scenario.models.isEmpty {
        let program = try library.program(for: scenario, standard: ModelOption.standard)
        _ = try World(program: program, scenario: scenario)
      }
      for model in scenario.models.indices {
        _ = try World(program: try library.program(for: scenario, model: model), scenario: scenario)
      }
    }
    if models.isEmpty, scenarios.isEmpty {
      throw DiagnosticError([
        Diagnostic(
          "this file holds neither model nor scenario; begin with 'model NAME \"title\" {' or 'scenario NAME \"title\" {'",
          file: file)
      ])
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
