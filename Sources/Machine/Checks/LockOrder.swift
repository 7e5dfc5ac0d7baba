public import StepLanguage

/// Which lock classes were taken while which others were held, over everything seen so far: lockdep's graph.
///
/// It is history, so it is no part of a state: whoever drives the machine keeps one and feeds it the events of each step.
public struct LockOrder: Hashable, Sendable {
  /// One class was taken while another was held.
  public struct Edge: Hashable, Sendable, Comparable {
    /// The class that was held.
    public let outer: Int
    /// The class that was taken.
    public let inner: Int

    /// By outer, then inner class.
    public static func < (first: Edge, second: Edge) -> Bool {
      (first.outer, first.inner) < (second.outer, second.inner)
    }
  }

  private var successors: [UInt64]
  private let classCount: Int

  /// An empty graph for a program's lock classes.
  public init(program: Program) {
    classCount = min(64, program.lockClasses.count)
    successors = Array(repeating: 0, count: classCount)
  }

  /// The edges seen so far, sorted.
  public var edges: [Edge] {
    var result: [Edge] = []
    for outer in 0..<classCount {
      for inner in 0..<classCount where successors[outer] & (1 << UInt64(inner)) != 0 {
        result.append(Edge(outer: outer, inner: inner))
      }
    }
    return result
  }

  /// Notes that a thread took a lock of one class while it held locks of others.
  ///
  /// - Returns: the classes of a circle that this closes, the new lock's class first; nil when the order stays sound.
  public mutating func note(acquired lockClass: Int, holding held: [Int]) -> [Int]? {
    var circle: [Int]?
    guard lockClass < classCount else { return nil }
    for outer in held where outer < classCount {
      let bit: UInt64 = 1 << UInt64(lockClass)
      if successors[outer] & bit != 0 { continue }
      // Two locks of one class at once have no order between them unless something nests them on purpose.
      if outer == lockClass {
        circle = circle ?? [lockClass]
      } else if let path = path(from: lockClass, to: outer) {
        circle = circle ?? path
      }
      successors[outer] |= bit
    }
    return circle
  }

  /// Feeds the events of one step. A try-lock cannot wait, so taking one adds no edge; what is taken under it does.
  ///
  /// - Returns: a finding when a step takes two classes in an order that goes against what was seen before.
  public mutating func observe(_ log: EventLog, state: State, world: World) -> Finding? {
    var finding: Finding?
    for number in 0..<log.count where log[number].kind == .acquired && log[number].d == 0 {
      let event = log[number]
      // Most pairs were seen before; only a new one is worth a closer look.
      guard !knows(acquired: Int(event.b), at: event.a, by: Int(event.thread), state, world) else { continue }
      let view = StateView(state, world: world)
      let held = view.heldClasses(of: Int(event.thread)).filter { $0.address != Int(event.a) }
      guard let circle = note(acquired: Int(event.b), holding: held.map(\.lockClass)) else { continue }
      let names = (circle + [circle[0]]).map { world.program.lockClasses[$0].name }
      finding =
        finding
        ?? Finding(
          property: .lockOrder, thread: Int(event.thread),
          statement: event.statement >= 0 ? Int(event.statement) : nil,
          message: "possible circular locking: \(names.joined(separator: " before "))", objects: [],
          threads: [])
    }
    return finding
  }

  /// Whether the class was taken before under every class that the thread holds.
  private func knows(
    acquired lockClass: Int, at address: Int64, by thread: Int, _ state: State, _ world: World
  ) -> Bool {
    guard lockClass < classCount else { return true }
    let layout = world.layout
    let base = layout.threadBase + thread * layout.threadWords
    for index in 0..<Int(state.words[base + Layout.heldCount]) {
      let word = state.words[base + Layout.held + index]
      let outer = Int(word >> 4 & 0xffff)
      guard word >> 20 != address, outer < classCount else { continue }
      if successors[outer] & (1 << UInt64(lockClass)) == 0 { return false }
    }
    return true
  }

  /// Whether the inner class was taken under the outer one before; classes beyond the graph's count as known.
  func knows(outer: Int, inner: Int) -> Bool {
    guard outer < classCount, inner < classCount else { return true }
    return successors[outer] & (1 << UInt64(inner)) != 0
  }

  private func path(from start: Int, to goal: Int) -> [Int]? {
    var parents: [Int: Int] = [:]
    var pending = [start]
    var position = 0
    while position < pending.count {
      let here = pending[position]
      position += 1
      if here == goal {
        var result = [goal]
        var step = goal
        while step != start, let parent = parents[step] {
          result.append(parent)
          step = parent
        }
        return result.reversed()
      }
      for next in 0..<classCount
      where successors[here] & (1 << UInt64(next)) != 0 && next != start && parents[next] == nil {
        parents[next] = here
        pending.append(next)
      }
    }
    return nil
  }
}
