import ArgumentParser
import Foundation
import KernelC
import StepLanguage

/// `ioascope import`: functions of a C file as a revision in the step language.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Translates functions of a C file into a revision of a model, to read and edit.",
    discussion: """
      Beside each line stands the line of C that it comes from; what was left out or assumed stands before the function. With --source the other
      commands take the same functions without this step. Exit status 65 when something was not understood.

      Example:
        ioascope import device.c --function iommufd_access_change_ioas --output mine.step
      """)

  @Argument(help: "A C file, as it is: nothing is preprocessed.")
  var file: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A function; may be repeated. All that the model has, too, without it.", valueName: "name"))
  var function: [String] = []

  @OptionGroup var model: ModelOption

  @Option(
    name: .long,
    help: ArgumentHelp("A C function whose effect is left out. May be repeated.", valueName: "name"))
  var opaque: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("A table of what C functions mean. May be repeated.", valueName: "file"))
  var table: [String] = []

  @Option(name: .long, help: "The name of the revision.")
  var name = "from-c"

  @Option(name: .long, help: "The file to write; standard output without it.")
  var output: String?

  @Flag(name: .long, help: "Print for each function whether it was understood, and nothing else.")
  var list = false

  func run() throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      let names = function.isEmpty ? "" : ":\(function.joined(separator: ","))"
      let sources = CSources(files: [file + names], opaque: opaque, tables: table)
      let text = try directories.library.model(model.model ?? ModelOption.standard)
      let translation = try sources.translation(for: text, directories)
      if list {
        try printList(translation)
      } else if translation.diagnostics.isEmpty {
        let revision = translation.revision(named: name)
        if let output {
          do {
            try Data(revision.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
          } catch {
            throw CommandError(
              "\(output): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
          }
        } else if !translation.functions.isEmpty {
          try StandardStreams.print(String(revision.dropLast()))
        }
      }
      guard translation.diagnostics.isEmpty else { throw DiagnosticError(translation.diagnostics) }
      _ = try directories.library.program(text, translations: translation.texts)
    }
  }

  private func printList(_ translation: Translation) throws {
    for function in translation.functions {
      var notes: [String] = []
      if !function.opaque.isEmpty { notes.append("opaque \(function.opaque.joined(separator: " "))") }
      if !function.assumptions.isEmpty { notes.append("\(function.assumptions.count) assumed") }
      if !function.leftOut.isEmpty { notes.append("\(function.leftOut.count) checks left out") }
      let tail = notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
      try StandardStreams.print(
        "\(function.name): understood, \(function.translatedCount) of \(function.statementCount) statements\(tail)"
      )
    }
    for failure in translation.failures {
      let reason = failure.diagnostics.first.map { "\($0.line): \($0.message)" } ?? ""
      try StandardStreams.print("\(failure.name): not understood, line \(reason)")
    }
  }
}
