import ArgumentParser
import Interface
import StepLanguage

/// `ioascope manual`: the manual page and the key table, made from the commands and the keys themselves.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Prints the manual page, or tables for the documentation.",
    discussion: """
      Example:
        ioascope manual | man -l -
      """)

  /// What is printed.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case page, keys, contract, limits
  }

  @Argument(
    help:
      "page (for man), keys, limits of texts, or contract: what the model says can be wrong, and its rules (Markdown)."
  )
  var part = Part.page

  @OptionGroup var model: ModelOption

  func run() throws {
    try CommandError.reporting {
      switch part {
      case .page: try StandardStreams.print(try ManualPage.text())
      case .keys: try StandardStreams.print(KeyPage.markdown)
      case .limits: try StandardStreams.print(Limits.markdown)
      case .contract:
        try StandardStreams.print(
          ContractPage.markdown(try model.program(DataDirectories.standard())))
      }
    }
  }
}
