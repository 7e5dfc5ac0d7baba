import Machine
public import Recording
import StepLanguage

/// The log of a timeline with all its branches: a row for each point, told when it is asked for and remembered for a while.
public struct LogBook {
  private let timeline: Timeline

  /// The log of a timeline.
  public init(_ timeline: Timeline) {
    self.timeline = timeline
  }

  /// The row of a point; nil at the start.
  public subscript(node: Int) -> LogRow? {
    guard timeline.nodes.indices.contains(node), let parent = timeline.nodes[node].parent else { return nil }
    if let known = timeline.remembered(at: node, as: LogRow.self) { return known }
    // In this order one replay gives all three.
    let before = timeline.situation(at: parent)
    guard let record = timeline.record(at: node) else { return nil }
    return timeline.remembered(at: node) {
      let after = timeline.situation(at: node)
      return LogRow(
        record, step: timeline.nodes[node].depth, before: StateView(before.state, world: before.world),
        after: StateView(after.state, world: after.world))
    }
  }

  /// The nearest point at or before this one at which a sanitizer found something.
  public func lastFinding(upTo node: Int) -> Int? {
    timeline.nodes.indices.contains(node) ? timeline.lastFinding(upTo: node) : nil
  }
}
