import Scene
import Surface

/// The first row: what is looked at, and where in time.
enum Header {
  static func draw(_ state: AppState, on surface: inout Surface, in area: Rect) {
    surface.fill(area, role: .statusBar, background: .statusBar)
    let glyphs = state.glyphs
    var line = PanelLine()
    line.background = .statusBar
    line.add(" ioascope ", .headline)
    line.add(" \(state.modelName)", .text)
    line.add(" \(glyphs.separator) ", .dim)
    line.add(state.scenarioName, .text)
    if area.width >= 120, !state.scenarioTitle.isEmpty {
      line.add("  \(state.scenarioTitle)", .note)
    }
    let timeline = state.timeline
    let total = timeline.nodes[timeline.tip].depth
    if state.isRecording { line.addTrailing("\(glyphs.running) recording  ", .error) }
    if let player = state.player {
      let sign = player.isPlaying ? glyphs.running : glyphs.stepHere
      let loop = player.loops ? ", looping" : ""
      line.addTrailing("\(sign) replay \(player.speedText)\(loop)  ", .threadRunning)
    }
    if let following = state.following {
      let ahead = following.live.depth - timeline.depth
      let words =
        following.trouble != nil
        ? "session ended" : following.isAtPresent ? "live" : "session at step \(following.live.depth)"
      line.addTrailing(
        "\(glyphs.running) \(words)  ", following.isAtPresent || ahead == 0 ? .threadRunning : .warning)
    }
    if state.isPlaying { line.addTrailing("\(glyphs.running) playing  ", .threadRunning) }
    let branches = state.branches
    if branches.count > 1 {
      let number = (branches.firstIndex(of: timeline.tip) ?? 0) + 1
      let name = state.branchName(of: timeline.tip).map { " '\($0)'" } ?? ""
      line.addTrailing("branch \(number) of \(branches.count)\(name)  ", .branch)
    }
    if timeline.depth == 0 {
      line.addTrailing("start ", .dim)
    } else if isInSetUp(state) {
      line.addTrailing("set-up ", .dim)
    }
    if area.width >= 100 {
      for piece in progress(timeline.depth, total, cells: min(24, area.width / 8), glyphs) {
        line.trailing.append(piece)
      }
      line.addTrailing(" ")
    }
    let sign = area.width >= 100 ? "" : "\(glyphs.stepHere) "
    line.addTrailing("\(sign)step \(timeline.depth)", .text, .bold)
    line.addTrailing(total == timeline.depth ? " " : " of \(total) ", .dim)
    line.draw(on: &surface, x: area.x, y: area.y, width: area.width)
  }

  private static func isInSetUp(_ state: AppState) -> Bool {
    state.setupEnd > 0 && state.timeline.depth < state.timeline.nodes[state.setupEnd].depth
  }

  /// Where the step lies between the start and the end of the branch.
  private static func progress(_ step: Int, _ total: Int, cells: Int, _ glyphs: GlyphSet) -> [PanelLine.Span]
  {
    guard total > 0, cells > 2 else { return [] }
    let place = step * (cells - 1) / total
    return [
      PanelLine.Span(text: String(repeating: glyphs.horizontal, count: place), role: .timelineMark),
      PanelLine.Span(text: glyphs.stepHere, role: .borderFocused),
      PanelLine.Span(
        text: String(repeating: glyphs.horizontalDashed, count: cells - 1 - place), role: .timelineMark),
    ].filter { !$0.text.isEmpty }
  }
}
