import ArgumentParser
import Interface
import Surface

/// `ioascope frame`: the one screen that the interface would show.
struct FrameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frame",
    abstract: "Prints the one screen that the interface would show at a step.",
    discussion: """
      Without --at a scenario is shown after its set-up, a session at its end.

      Example:
        ioascope frame attach-pin-replace --at 200 --size 120x40 --format ansi
      """)

  /// How the screen is written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, ansi, svg
  }

  @Argument(help: "A scenario, or a session file.")
  var source: String

  @Option(name: .long, help: "The model: a name, FILE.step or FILE.step:NAME.")
  var model: String?

  @OptionGroup var functions: SourceOption

  @Option(name: .long, help: "The step to show.")
  var at: Int?

  @Option(name: .long, help: "Columns and rows.")
  var size = "80x24"

  @OptionGroup var display: DisplayOptions

  @Option(name: .long, help: "text, ansi or svg.")
  var format = Format.text

  func validate() throws {
    if Self.parse(size) == nil {
      throw ValidationError("--size takes columns and rows, such as 80x24; at most 1000x1000")
    }
    if let at, at < 0 { throw ValidationError("--at takes a step's number from 0") }
  }

  func run() throws {
    try CommandError.reporting {
      let directories = functions.directories()
      let theme = try display.theme.load(directories)
      var state = try RunSource.state(source, model: model, directories)
      state.themeName = theme.name
      if display.ascii { state.glyphs = .ascii }
      let size = Self.parse(size) ?? Size(width: 80, height: 24)
      _ = reduce(&state, .resized(size))
      if let at {
        state = state.at(step: at)
        guard state.timeline.depth == at else {
          throw CommandError(
            "there is no step \(at): the last one is \(state.timeline.depth)", status: ExitStatus.noInput)
        }
      }
      // The screen has no room for it, and nothing of it may get lost.
      for note in state.timeline.world.program.assumptions { StandardStreams.complain(note) }
      let surface = view(state, size: size)
      switch format {
      case .text: try StandardStreams.print(Self.lines(surface.text()))
      case .ansi:
        try StandardStreams.print(
          Self.lines(surface.ansi(theme: theme, capability: display.refusesColor ? .none : .trueColor)))
      case .svg: try StandardStreams.print(surface.svg(theme: theme, title: "ioascope \(source)"))
      }
    }
  }

  /// The same without the line end that printing adds: as many lines as the screen has rows.
  private static func lines(_ text: String) -> String {
    text.last == "\n" ? String(text.dropLast()) : text
  }

  /// `80x24`
  static func parse(_ text: String) -> Size? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]), (1...1000).contains(width),
      (1...1000).contains(height)
    else { return nil }
    return Size(width: width, height: height)
  }
}
