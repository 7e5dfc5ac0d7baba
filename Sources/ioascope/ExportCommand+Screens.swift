import Interface
import Recording
import Surface

extension ExportCommand {
  /// The most steps whose screens are written: each takes some kilobytes and some milliseconds.
  private static let screenLimit = 20_000

  /// The screens as a page for a browser.
  func html(_ state: AppState, _ directories: DataDirectories) throws -> String {
    let theme = try display.theme.load(directories)
    var book = ScreenBook(size: columnsAndRows, theme: theme)
    try forEachScreen(state) { surface, step, marks, wait in
      book.add(surface, label: "step \(step)", marks: marks, milliseconds: wait)
    }
    if let at, at - (from ?? 0) >= book.count {
      throw CommandError(
        "there is no step \(at): the last one is \(book.count + (from ?? 0) - 1)", status: ExitStatus.noInput)
    }
    return book.html(title: "ioascope: \(title(state))", start: (at ?? 0) - (from ?? 0))
  }

  /// The screens as an asciicast.
  func cast(_ state: AppState, _ directories: DataDirectories) throws -> String {
    let theme = try display.theme.load(directories)
    var cast = Cast(
      size: columnsAndRows, theme: theme, title: "ioascope: \(title(state))",
      version: castVersion == 2 ? .v2 : .v3)
    try forEachScreen(state) { surface, _, marks, wait in cast.add(surface, after: wait, marks: marks) }
    return cast.text()
  }

  private func title(_ state: AppState) -> String { "\(state.scenarioName), \(state.modelName)" }

  private var columnsAndRows: Size { FrameCommand.parse(size) ?? Size(width: 120, height: 40) }

  /// Every screen of the way, with its step, what is said about it, and how long the operator waited before it, in milliseconds.
  private func forEachScreen(
    _ state: AppState, _ take: (Surface, Int, [String], Int) -> Void
  ) throws {
    var state = state
    if display.ascii { state.glyphs = .ascii }
    let size = columnsAndRows
    _ = reduce(&state, .resized(size))
    let timeline = state.timeline
    let path = timeline.path
    let first = from ?? 0
    guard first < path.count else {
      throw CommandError(
        "there is no step \(first): the last one is \(path.count - 1)", status: ExitStatus.noInput)
    }
    guard path.count - first <= Self.screenLimit else {
      throw CommandError(
        "these are \(path.count - first) steps; at most \(Self.screenLimit) are written. Choose with --from and --at",
        status: ExitStatus.usage)
    }
    let longest = Int(idleLimit * 1_000)
    for step in first..<path.count {
      let node = path[step]
      var marks = timeline.annotations(at: node).filter { $0.kind != .unknown }.map(\.text)
      if timeline.nodes[node].traits.contains(.finding),
        let finding = timeline.record(at: node)?.findings.first
      {
        marks.append("\(finding.property.rawValue): \(finding.message)")
      }
      let wait = step == first ? 0 : min(timeline.pause(before: node) ?? 250, longest)
      take(view(state.at(step: step), size: size), step, marks, wait)
    }
  }
}
