import ArgumentParser

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
      ConformCommand.self, ReplayCommand.self, FollowCommand.self, LessonCommand.self,
      FrameCommand.self, ExportCommand.self, ManualCommand.self, ListCommand.self, ValidateCommand.self,
    ],
    defaultSubcommand: StartCommand.self)
}
