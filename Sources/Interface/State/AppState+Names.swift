import Recording

extension AppState {
  /// Gives the present point a name; another name replaces the first.
  mutating func name(point text: String) {
    bookmarks.removeAll { $0.node == timeline.here }
    bookmarks.append((timeline.here, text))
    bookmarks.sort { (timeline.nodes[$0.node].depth, $0.node) < (timeline.nodes[$1.node].depth, $1.node) }
  }

  /// Gives the present branch a name; an empty one takes it away.
  mutating func name(branch text: String) {
    let old = namedPoint(ofBranch: timeline.tip)
    if let old { branchNames[old] = nil }
    if !text.isEmpty { branchNames[timeline.tip] = text }
  }

  /// The name of the branch that ends at a point; nil when it has none.
  public func branchName(of end: Int) -> String? {
    namedPoint(ofBranch: end).flatMap { branchNames[$0] }
  }

  /// The point at which the branch was when it got its name. It may have grown since; behind a fork begins what it shares with others.
  private func namedPoint(ofBranch end: Int) -> Int? {
    guard !branchNames.isEmpty else { return nil }
    var point = end
    while branchNames[point] == nil {
      guard let parent = timeline.nodes[point].parent, timeline.nodes[parent].children.count < 2 else {
        return nil
      }
      point = parent
    }
    return point
  }

  /// The points that can be compared with the present one: the start, the end of the set-up, and those with names.
  var landmarks: [(node: Int, text: String)] {
    var result = [(node: 0, text: "the very start")]
    if setupEnd != 0 { result.append((setupEnd, "the end of the set-up")) }
    return result + bookmarks
  }
}
