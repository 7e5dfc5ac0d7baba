import ArgumentParser
import Interface

/// `ioascope manual`: the manual page and the key table, made from the commands and the keys themselves.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Prints the manual page, or the table of keys.",
    discussion: """
      Example:
        ioascope manual | man -l -
      """)

  /// What is printed.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case page, keys
  }

  @Argument(help: "page (for man) or keys (Markdown).")
  var part = Part.page

  func run() throws {
    try CommandError.reporting {
      switch part {
      case .page: try StandardStreams.print(try ManualPage.text())
      case .keys: try StandardStreams.print(KeyPage.markdown)
      }
    }
  }
}
