public import Machine
import StepLanguage

/// Who waits for whom, and for what.
public struct WaitForGraph: Hashable, Sendable {
  /// A thread that waits.
  public struct Wait: Hashable, Sendable {
    /// The thread's number.
    public let thread: Int
    /// What it waits for: a lock's or a queue's name.
    public let target: String
    /// The threads that stand in the way; none when nobody in particular does.
    public let holders: [Int]
    /// The step since which the first of them has the lock, when it is known.
    public let since: Int?
  }

  /// The waiting threads, by number.
  public let waits: [Wait]
  /// Threads that wait for each other, in order; empty when there are none.
  public let circle: [Int]

  /// The graph of a moment.
  public init(_ moment: Moment) {
    waits = moment.readiness.enumerated().compactMap { thread, readiness in
      switch readiness {
      case .blocked(let lock, let holders):
        return Wait(
          thread: thread, target: moment.view.name(of: lock), holders: holders,
          since: holders.first.flatMap { moment.stepThatTook(lock, thread: $0) })
      case .sleeping(let object, let offset):
        let field = moment.view.type(of: object).field(at: offset)?.name ?? ""
        let name = moment.view.name(of: object)
        return Wait(
          thread: thread, target: name.isEmpty ? field : "\(name).\(field)", holders: [], since: nil)
      default: return nil
      }
    }
    let next = Dictionary(waits.compactMap { wait in wait.holders.first.map { (wait.thread, $0) } }) {
      first, _ in first
    }
    var circle: [Int] = []
    for wait in waits where circle.isEmpty {
      var seen: [Int] = [wait.thread]
      while let last = seen.last, let following = next[last] {
        if let start = seen.firstIndex(of: following) {
          circle = Array(seen[start...])
          break
        }
        seen.append(following)
      }
    }
    self.circle = circle
  }
}

extension Moment {
  /// The order in which lock classes were taken so far, as pairs of the outer and the inner one's name.
  public func lockOrder(_ order: LockOrder) -> [(outer: String, inner: String)] {
    let classes = view.world.program.lockClasses
    return order.edges.map { (classes[$0.outer].name, classes[$0.inner].name) }
  }
}
