import ArgumentParser
import Foundation
import Interface
import Machine
import Recording
import Reports
import Scene
import StepLanguage
import Surface

/// `ioascope export`: a session or a scenario in a form for others.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a session or a scenario as text, a picture, a graph or a report.",
    discussion: """
      text: a line a step. markdown: a report for a mail; of a session that ends in a finding with what led to it. race: the finding's threads side by side,
      only what it depends on. svg: the screen at a step.
      html: one page to step through in a browser, without a network. cast: an asciicast for asciinema's players.
      dot: the object graph at a step, for Graphviz. mermaid: who did what to which lock, as a sequence diagram, or what each thread went through.
      promela: scenario and model for the checker Spin; the head of the text says how to run it.

      Example:
        ioascope export findings/linux-6.12--close-vs-unmap--2-use-after-free.ioas --format markdown
      """)

  /// The forms.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, markdown, race, svg, html, cast, dot, mermaid, promela
  }

  @Argument(help: "A session, or a scenario, whose threads then run one after another as long as they can.")
  var source: String

  /// The diagrams of mermaid.
  enum Diagram: String, ExpressibleByArgument, CaseIterable {
    case sequence, state
  }

  @Option(name: .long, help: "text, markdown, race, svg, html, cast, dot, mermaid or promela.")
  var format: Format

  @Option(name: .long, help: "The model: a name, FILE.step or FILE.step:NAME.")
  var model: String?

  @OptionGroup var functions: SourceOption

  @Option(
    name: .long,
    help:
      "The step to show, for svg and dot; the last one without it. The others end with it, html begins with it."
  )
  var at: Int?

  @Option(name: .long, help: "The step to begin with, for text, html, cast and mermaid.")
  var from: Int?

  @Option(name: .long, help: "For mermaid: sequence or state.")
  var diagram = Diagram.sequence

  @Option(name: .long, help: "The version of the asciicast format: 3 or 2.")
  var castVersion = 3

  @Option(name: .long, help: "The longest wait between two screens of html and cast, in seconds.")
  var idleLimit = 2.0

  @Option(name: .long, help: "Columns and rows, for svg, html and cast.")
  var size = "120x40"

  @Flag(
    name: .long,
    help: "For markdown: also the table of all steps, not only those that the finding depends on.")
  var allSteps = false

  @Option(name: .long, help: "Columns of race; 72 fit in a mail.")
  var raceWidth = 72

  @Option(name: .long, help: "Words of the heap, for promela; measured without it.")
  var heap: Int?

  @Flag(name: .long, help: "Numbers of 64 bits in any case, for promela.")
  var wide = false

  @Option(name: .long, help: "The file to write; standard output without it.")
  var output: String?

  @OptionGroup var display: DisplayOptions

  func validate() throws {
    if FrameCommand.parse(size) == nil {
      throw ValidationError("--size takes columns and rows, such as 120x40; at most 1000x1000")
    }
    if let heap, !(16...4095).contains(heap) {
      throw ValidationError("--heap takes a number from 16 to 4095")
    }
    guard (40...1000).contains(raceWidth) else {
      throw ValidationError("--race-width takes a number from 40 to 1000")
    }
    if let at, at < 0 { throw ValidationError("--at takes a step's number from 0") }
    if let from, from < 0 { throw ValidationError("--from takes a step's number from 0") }
    if let from, let at, from > at { throw ValidationError("--from lies behind --at") }
    guard (2...3).contains(castVersion) else { throw ValidationError("--cast-version takes 3 or 2") }
    guard (0.02...86_400).contains(idleLimit) else {
      throw ValidationError("--idle-limit takes seconds, from 0.02 to 86400")
    }
  }

  func run() throws {
    try CommandError.reporting {
      let directories = functions.directories()
      var state = try RunSource.state(source, model: model, directories)
      if !RunSource.isSession(source) { state = state.at(step: .max) }
      // A page holds all steps and begins with the one that was asked for.
      if let at, format != .html {
        state = state.at(step: at)
        guard state.timeline.depth == at else {
          throw CommandError(
            "there is no step \(at): the last one is \(state.timeline.depth)", status: ExitStatus.noInput)
        }
      }
      var text = try text(state, directories)
      for note in state.timeline.world.program.assumptions { StandardStreams.complain(note) }
      // What ends with a line feed gets no second one.
      if text.hasSuffix("\n") { text.removeLast() }
      guard let output else {
        try StandardStreams.print(text)
        return
      }
      do {
        try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
      } catch {
        throw CommandError(
          "\(output): cannot be written: \(error.localizedDescription)", status: ExitStatus.inputOutput)
      }
    }
  }

  private func text(_ state: AppState, _ directories: DataDirectories) throws -> String {
    switch format {
    case .text:
      let width = state.timeline.world.threads.map(\.name.count).max() ?? 2
      return state.timeline.path.dropFirst(from ?? 0).compactMap { state.log[$0] }
        .map { RunCommand.text($0, nameWidth: width) }.joined(separator: "\n")
    case .markdown:
      return RunReport(state.timeline, from: state.timeline.setupDepth)
        .markdown(model: state.modelName, scenario: state.scenarioName, allSteps: allSteps)
    case .race:
      guard let report = FindingReport(state.timeline, namesRules: false) else {
        throw CommandError(
          "\(source): nothing is found at step \(state.timeline.depth), so there is no race to draw; choose another step with --at",
          status: ExitStatus.no)
      }
      return report.race(width: raceWidth, height: nil).text
    case .svg:
      let theme = try display.theme.load(directories)
      var shown = state
      if display.ascii { shown.glyphs = .ascii }
      let size = FrameCommand.parse(size) ?? Size(width: 120, height: 40)
      _ = reduce(&shown, .resized(size))
      return view(shown, size: size).svg(theme: theme, title: "ioascope \(source)")
    case .dot: return GraphDot.text(Moment(state.timeline))
    case .promela: return try PromelaText.text(state, source: source, heap: heap, isWide: wide)
    case .mermaid:
      let start = from ?? state.timeline.setupDepth
      switch diagram {
      case .sequence: return SequenceDiagram.text(state.timeline, from: start)
      case .state: return StateDiagram.text(state.timeline, from: start)
      }
    case .html: return try html(state, directories)
    case .cast: return try cast(state, directories)
    }
  }
}
