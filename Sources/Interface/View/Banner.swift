import Machine
import Scene
import Surface

extension AppState {
  /// What a sanitizer found at or before the present step, and at which.
  var finding: (finding: Finding, step: Int, more: Int)? {
    if let here = findingHere {
      return (here, timeline.depth, max(0, (timeline.record?.findings.count ?? 0) - 1))
    }
    guard let node = log.lastFinding(upTo: timeline.here) else { return nil }
    let findings = timeline.nodes[node].record?.findings ?? timeline.initialFindings
    return findings.first.map { ($0, timeline.nodes[node].depth, findings.count - 1) }
  }
}

/// The row that tells what a sanitizer found: loud at its step, quieter behind it.
enum Banner {
  static func draw(_ state: AppState, on surface: inout Surface, in area: Rect) {
    guard let (finding, step, more) = state.finding else { return }
    let isNow = step == state.timeline.depth
    let emphasis: Emphasis = isNow ? [.reverse, .bold] : []
    if isNow { surface.fill(area, role: .finding, emphasis: emphasis) }
    var line = PanelLine()
    line.add(" \(state.glyphs.warning) \(finding.property.rawValue) ", .finding, emphasis)
    line.add(" \(finding.message)", .finding, emphasis)
    let thread = state.moment.threadName(finding.thread)
    if more > 0 { line.addTrailing("and \(more) more, ", .finding, emphasis) }
    line.addTrailing(
      isNow ? "\(thread), this step " : "\(thread) at step \(step) ", .finding, emphasis)
    line.draw(on: &surface, x: area.x, y: area.y, width: area.width)
  }
}
