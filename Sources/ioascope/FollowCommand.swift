import ArgumentParser
import Foundation
import Interface
import Recording
import Scene

/// `ioascope follow`: mirrors a session that somebody else is recording.
struct FollowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Mirrors a session that someone else is recording, live.",
    discussion: """
      Reads a file that grows, or standard input. You can look around and come back to the present with G; acting makes a branch of your own.
      A stream must begin with the session's first line.

      Example:
        ssh teacher tail -n +1 -f lecture.ioas | ioascope follow
      """)

  @Argument(help: "The session that is being recorded; standard input without it.")
  var file: String?

  @Option(name: .long, help: "A model other than the recorded one: a name, FILE.step or FILE.step:NAME.")
  var model: String?

  @Flag(
    name: .long, help: "Print each step as it comes; needs no terminal. It ends with the input, or at ^C.")
  var print = false

  @OptionGroup var display: DisplayOptions

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      let feed = SessionFeed(
        path: file, descriptor: try source(), model: model, directories: directories)
      try awaitHeader(feed)
      guard let playback = feed.current else { return }
      if print {
        try printSteps(feed)
        return
      }
      var state = RunSource.state(playback)
      state.follow(playback.timeline)
      var interactive = InteractiveSession(
        state: state, display: display, directories: directories,
        alternative: "ioascope follow\(file.map { " \($0)" } ?? "") --print")
      interactive.feed = feed
      try interactive.run()
    }
  }

  /// Where the session comes from. When that is standard input, keys come from the terminal itself.
  private func source() throws -> Int32 {
    if let file {
      guard FileManager.default.fileExists(atPath: file) else {
        throw CommandError("\(file): there is no such file", status: ExitStatus.noInput)
      }
      let descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw CommandError("\(file): \(String(cString: strerror(errno)))", status: ExitStatus.inputOutput)
      }
      return descriptor
    }
    guard isatty(STDIN_FILENO) == 0 else {
      throw CommandError(
        "name a session, or send one to standard input: ssh teacher tail -n +1 -f lecture.ioas | ioascope follow",
        status: ExitStatus.usage)
    }
    let session = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    guard session >= 0 else {
      throw CommandError(
        "standard input cannot be read: \(String(cString: strerror(errno)))", status: ExitStatus.inputOutput)
    }
    if !print {
      let terminal = open("/dev/tty", O_RDWR)
      guard terminal >= 0 else {
        throw CommandError(
          "there is no terminal to take keys from. Without a terminal: ioascope follow --print",
          status: ExitStatus.usage)
      }
      dup2(terminal, STDIN_FILENO)
      close(terminal)
    }
    return session
  }

  private func awaitHeader(_ feed: SessionFeed) throws {
    while feed.current == nil {
      _ = try feed.read(waiting: 100)
      guard feed.current == nil else { return }
      let troubles = feed.newTroubles()
      if feed.isOver {
        throw CommandError(
          "there was no session in the input: \(troubles.first ?? "it was empty")", status: ExitStatus.data)
      }
      for trouble in troubles { StandardStreams.complain("ioascope: \(trouble)") }
    }
  }

  private func printSteps(_ feed: SessionFeed) throws {
    var shown = 0
    while true {
      if let timeline = feed.current?.timeline {
        let width = timeline.world.threads.map(\.name.count).max() ?? 2
        let log = LogBook(timeline)
        while shown + 1 < timeline.nodes.count {
          shown += 1
          if let row = log[shown] { try StandardStreams.print(RunCommand.text(row, nameWidth: width)) }
        }
      }
      for trouble in feed.newTroubles() { StandardStreams.complain("ioascope: \(trouble)") }
      guard !feed.isOver else { return }
      if try feed.read(waiting: 100).isNew { shown = 0 }
    }
  }
}
