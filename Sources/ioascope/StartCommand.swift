import ArgumentParser
import Foundation
import Interface
import Lessons
import Recording
import StepLanguage
import Surface
import Terminal

/// `ioascope` alone: the start page.
struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Opens the start page: recent sessions, lessons and scenarios.",
    discussion: """
      Example:
        ioascope
      """,
    shouldDisplay: false)

  @OptionGroup var model: ModelOption
  @OptionGroup var display: DisplayOptions

  @MainActor
  func run() async throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      guard let entry = try choose(directories) else { return }
      var state: AppState
      let alternative: String
      switch entry.kind {
      case .scenario:
        state = try RunSource.state(entry.name, model: model.model, directories)
        alternative = "ioascope run \(entry.name)"
      case .lesson:
        return try LessonSession.run(
          try LessonFiles.lesson(entry.name, directories), beat: nil, display: display,
          directories: directories)
      case .session:
        RecentSessions.note(entry.name)
        state = try RunSource.state(entry.name, model: nil, directories).at(step: 0)
        state.replay()
        alternative = "ioascope replay \(entry.name) --print"
      }
      var interactive = InteractiveSession(
        state: state, display: display, directories: directories, recorder: nil, alternative: alternative)
      try interactive.run()
    }
  }

  /// Shows the page until something is chosen; nil when the user quits.
  @MainActor
  private func choose(_ directories: DataDirectories) throws -> StartPage.Entry? {
    let theme = try display.loadTheme(try display.settings(), directories)
    let sessions = RecentSessions.paths.map { StartPage.Entry(kind: .session, name: $0, title: "") }
    let scenarios = try directories.entries(.scenarios).map { entry in
      StartPage.Entry(
        kind: .scenario, name: entry.name, title: try directories.library.scenario(named: entry.name).title)
    }
    let progress = (try? LessonFiles.progress()) ?? CourseProgress()
    let lessons = LessonFiles.all(directories) { _ in }.map { lesson in
      let entry = progress.lessons[lesson.name]
      let done = entry.map { $0.isFinished ? ", done" : ", at \($0.beat) of \(lesson.beats.count)" } ?? ""
      return StartPage.Entry(kind: .lesson, name: lesson.name, title: "\(lesson.title)\(done)")
    }
    var page = StartPage(entries: sessions + lessons + scenarios, model: model.model ?? ModelOption.standard)
    let terminal: TerminalDriver
    do {
      terminal = try TerminalDriver(
        options: TerminalOptions(mouse: false, color: !display.refusesColor, ascii: display.ascii))
    } catch {
      throw CommandError(
        "\(error). Without a terminal: ioascope list scenarios, ioascope run SCENARIO, ioascope --help",
        status: ExitStatus.usage)
    }
    defer { terminal.close() }
    while true {
      terminal.present(page.view(size: terminal.size, glyphs: terminal.glyphs), theme: theme)
      guard let key = terminal.nextKeystroke(timeoutMilliseconds: nil) else { continue }
      switch page.take(key) {
      case .open(let entry): return entry
      case .quit: return nil
      case .suspend: terminal.suspend()
      case nil: break
      }
    }
  }
}
