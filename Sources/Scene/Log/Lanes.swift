public import Recording

/// Who stepped when: for each thread a lane, for each step a place in the lane of its thread.
public struct Lanes: Hashable, Sendable {
  /// What a step did, the most telling thing of several.
  public enum Kind: Hashable, Sendable {
    /// Nothing that others could wait for.
    case step
    /// An operation began.
    case began
    /// An operation returned 0.
    case ended
    /// An operation returned an errno.
    case failed
    /// A lock was taken.
    case taken
    /// A lock was released.
    case released
    /// A lock was not had, or the thread fell asleep.
    case waited
    /// An object was freed.
    case freed
    /// A sanitizer found something.
    case finding
    /// An operation or a thread was added by hand.
    case added
  }

  /// A step.
  public struct Mark: Hashable, Sendable {
    /// The point of the timeline.
    public let node: Int
    /// Its number.
    public let step: Int
    /// Whose step it was.
    public let thread: Int
    /// What it did.
    public let kind: Kind
    /// The step of another thread after which it could only come: the release of the lock that it takes. Nil when there is none
    /// in the window.
    public let cause: Int?
  }

  /// The steps of the window, in order.
  public let marks: [Mark]
  /// For each thread the steps of the window at which it was inside an operation.
  public let busy: [[Bool]]

  /// A window of the way from the start to the tip of the timeline.
  ///
  /// - Parameters:
  ///   - timeline: where to look.
  ///   - log: what its steps did.
  ///   - threads: how many lanes there are.
  ///   - focus: the step that is to be seen.
  ///   - count: how many steps the window has at most.
  public init(_ timeline: Timeline, log: LogBook, threads: Int, focus: Int, count: Int) {
    let path = timeline.path(to: timeline.tip)
    let last = min(path.count - 1, max(focus + count / 5, count))
    let first = max(1, last - count + 1)
    guard count > 0, first <= last else {
      marks = []
      busy = Array(repeating: [], count: threads)
      return
    }
    var releases: [Place: (thread: Int, step: Int)] = [:]
    marks = (first...last).map { step in
      let row = log[path[step]]
      var cause: Int?
      for touch in row?.touches ?? [] where touch.kind == .locked {
        let place = Place(object: touch.object, field: touch.field)
        guard let row else { break }
        if row.notes.contains(where: { $0.kind == .lockTaken }), let earlier = releases[place],
          earlier.thread != row.thread
        {
          cause = earlier.step
        }
        if row.notes.contains(where: { $0.kind == .lockReleased }) { releases[place] = (row.thread, step) }
      }
      return Mark(
        node: path[step], step: step, thread: row?.thread ?? 0, kind: row.map(Self.kind) ?? .step,
        cause: cause)
    }
    // Whether a thread was busy when the window begins is told by the last thing before that it began or ended.
    var isBusy = Array(repeating: false, count: threads)
    var isKnown = isBusy
    for step in stride(from: first - 1, to: 0, by: -1) {
      guard isKnown.contains(false) else { break }
      guard let row = log[path[step]], row.thread < threads, !isKnown[row.thread] else { continue }
      let ends = row.notes.contains { $0.kind == .succeeded || $0.kind == .failed && $0.text.contains(" = ") }
      if ends || row.notes.contains(where: { $0.kind == .started }) {
        isKnown[row.thread] = true
        isBusy[row.thread] = !ends
      }
    }
    var busy = Array(repeating: Array(repeating: false, count: marks.count), count: threads)
    for (column, mark) in marks.enumerated() {
      if mark.kind == .began, mark.thread < threads { isBusy[mark.thread] = true }
      for thread in 0..<threads { busy[thread][column] = isBusy[thread] }
      if mark.kind == .ended || mark.kind == .failed, mark.thread < threads { isBusy[mark.thread] = false }
    }
    self.busy = busy
  }

  private struct Place: Hashable {
    var object: ObjectIdentity?
    var field: String
  }

  private static func kind(_ row: LogRow) -> Kind {
    if row.hasFinding { return .finding }
    let kinds = Set(row.notes.map(\.kind))
    if kinds.contains(.failed) { return .failed }
    if kinds.contains(.succeeded) { return .ended }
    if kinds.contains(.started) { return .began }
    if kinds.contains(.lockTaken) { return .taken }
    if kinds.contains(.lockReleased) { return .released }
    if kinds.contains(.lockWaited) || kinds.contains(.sleep) { return .waited }
    if kinds.contains(.freed) { return .freed }
    return row.isByHand ? .added : .step
  }
}
