public import Machine
public import Recording
import StepLanguage

/// The log of a timeline with all its branches: a row for each point, told once, when the point was first reached.
public struct LogBook: Sendable {
  private var rows: [LogRow?] = []
  private var findings: [Int?] = []

  /// An empty log.
  public init() {}

  /// Tells the timeline's present point, if it is new.
  ///
  /// - Parameters:
  ///   - timeline: where to look.
  ///   - before: the state before the last step, when the caller has it; otherwise it is made again by replaying.
  public mutating func note(_ timeline: Timeline, before: StateView? = nil) {
    let node = timeline.here
    while rows.count <= node {
      rows.append(nil)
      findings.append(nil)
    }
    guard rows[node] == nil, let record = timeline.record, let parent = timeline.nodes[node].parent else {
      if node == 0, !timeline.initialFindings.isEmpty { findings[0] = 0 }
      return
    }
    let past: StateView
    if let before {
      past = before
    } else {
      let situation = timeline.situation(at: parent)
      past = StateView(situation.state, world: situation.world)
    }
    rows[node] = LogRow(record, step: timeline.depth, before: past, after: timeline.view)
    findings[node] = record.findings.isEmpty ? (parent < findings.count ? findings[parent] : nil) : node
  }

  /// The row of a point; nil at the start, and for a point that was never told.
  public subscript(node: Int) -> LogRow? {
    rows.indices.contains(node) ? rows[node] : nil
  }

  /// The nearest point at or before this one at which a sanitizer found something.
  public func lastFinding(upTo node: Int) -> Int? {
    findings.indices.contains(node) ? findings[node] : nil
  }
}
