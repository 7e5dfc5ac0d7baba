import Recording

extension AppState {
  /// The points with names, in the order of their steps.
  public var bookmarks: [(node: Int, text: String)] {
    timeline.annotations(of: .marker).map { (node: $0.point, text: $0.text) }
      .sorted { (timeline.nodes[$0.node].depth, $0.node) < (timeline.nodes[$1.node].depth, $1.node) }
  }

  /// Gives the present point a name; another name replaces the first.
  mutating func name(point text: String) {
    if !timeline.annotations(at: timeline.here).filter({ $0.kind == .marker }).isEmpty {
      timeline.annotate(.marker, "")
    }
    timeline.annotate(.marker, text)
  }

  /// Gives the present branch a name; an empty one takes it away.
  mutating func name(branch text: String) {
    if let old = timeline.pointThatNames(branch: timeline.tip), old != timeline.tip || text.isEmpty {
      timeline.annotate(.branch, "", at: old)
    }
    if !text.isEmpty { timeline.annotate(.branch, text, at: timeline.tip) }
  }

  /// The name of the branch that ends at a point; nil when it has none.
  public func branchName(of end: Int) -> String? { timeline.branchName(of: end) }

  /// The points that can be compared with the present one: the start, the end of the set-up, and those with names.
  var landmarks: [(node: Int, text: String)] {
    var result = [(node: 0, text: "the very start")]
    if setupEnd != 0 { result.append((setupEnd, "the end of the set-up")) }
    return result + bookmarks
  }
}
