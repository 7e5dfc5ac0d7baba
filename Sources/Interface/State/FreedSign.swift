public import Scene

/// A freed object that has not been put away.
public struct FreedSign: Hashable, Sendable {
  /// The object.
  public let object: ObjectIdentity
  /// Its name.
  public let name: String
  /// The step that freed it.
  public let step: Int
  /// The point of that step.
  public let node: Int
  /// The thread that did it.
  public let thread: String
}

extension AppState {
  /// How many steps back freed objects are looked for, and how many are told.
  private static let freedReach = 400
  private static let freedMost = 8

  /// What was freed on the way here and has not been put away, the latest first.
  func freedSigns() -> [FreedSign] {
    var result: [FreedSign] = []
    var point = timeline.here
    for _ in 0..<Self.freedReach {
      let node = timeline.nodes[point]
      guard let parent = node.parent, node.depth > dismissedUpTo, result.count < Self.freedMost else { break }
      defer { point = parent }
      guard node.traits.contains(.frees), let row = log[point] else { continue }
      // An object that is still pointed to is a tombstone in the graph itself.
      for touch in row.touches.reversed() where touch.kind == .freed {
        guard let object = touch.object, graph[object] == nil || graph[object]?.presence == .gone else {
          continue
        }
        result.append(
          FreedSign(
            object: object, name: name(of: object), step: row.step, node: point, thread: row.threadName))
      }
    }
    return result
  }
}
