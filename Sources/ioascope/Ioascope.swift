import ArgumentParser
import TOMLText

/// The program: a command for each thing that it does.
@main
struct Ioascope: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ioascope",
    abstract: "Shows, steps and checks the lifetimes of Linux iommufd objects.",
    discussion: """
      Example:
        ioascope explore attach-pin-replace
      """,
    version: ProgramVersion.text,
    subcommands: [
      StartCommand.self,
      ExploreCommand.self, RunCommand.self, ScriptCommand.self, CheckCommand.self, DiffCommand.self,
      ImportCommand.self, ReviewCommand.self, TruthCommand.self,
      MutateCommand.self, SweepCommand.self, ExplainCommand.self,
      ConformCommand.self, ReplayCommand.self, FollowCommand.self, LessonCommand.self, ServeCommand.self,
      FrameCommand.self, ExportCommand.self, ManualCommand.self, ListCommand.self, ValidateCommand.self,
    ],
    defaultSubcommand: StartCommand.self)

  /// As the parser's own, but for a word that is no command: it would be taken for an argument of the start page.
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    if let first = arguments.first, !first.hasPrefix("-") {
      let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
      if !names.contains(first) {
        let shown = names.filter { $0 != "start" }
        let guess = Spelling.nearest(to: first, among: shown).map { "did you mean '\($0)'?" }
        StandardStreams.complain(
          "there is no command '\(first)'; \(guess ?? "there are \(shown.joined(separator: ", "))")")
        exit(withError: ExitStatus.usage)
      }
    }
    await main(nil)
  }
}
