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

  /// For each class a row of bits: the classes that were taken under it.
  private var successors: [UInt64]
  private let classCount: Int
  private let rowWords: Int
  private let nesting: [Nesting?]

  /// Where the locks of a class that may be nested lie, and the field that gives their order.
  private struct Nesting: Hashable, Sendable {
    var lock: Int
    var field: Int
  }

  /// An empty graph for a program's lock classes.
  public init(program: Program) {
    classCount = program.lockClasses.count
    rowWords = (classCount + 63) / 64
    successors = Array(repeating: 0, count: classCount * rowWords)
    nesting = program.lockClasses.map { lockClass in
      lockClass.nestsBy.map { Nesting(lock: lockClass.offset, field: $0) }
    }
  }

  /// The edges seen so far, sorted.
  public var edges: [Edge] {
    var result: [Edge] = []
    for outer in 0..<classCount {
      for inner in 0..<classCount where has(outer, inner) { result.append(Edge(outer: outer, inner: inner)) }
    }
    return result
  }

  @inline(__always)
  private func has(_ outer: Int, _ inner: Int) -> Bool {
    successors[outer * rowWords + inner / 64] & (1 << UInt64(inner % 64)) != 0
  }

  /// Notes that a thread took a lock of one class while it held locks of others.
  ///
  /// - Returns: the classes of a circle that this closes, the new lock's class first; nil when the order stays sound.
  public mutating func note(acquired lockClass: Int, holding held: [Int]) -> [Int]? {
    var circle: [Int]?
    guard lockClass < classCount else { return nil }
    for outer in held where outer < classCount && !has(outer, lockClass) {
      // Two locks of one class at once have no order between them unless something nests them on purpose.
      if outer == lockClass {
        circle = circle ?? [lockClass]
      } else if let path = path(from: lockClass, to: outer) {
        circle = circle ?? path
      }
      successors[outer * rowWords + lockClass / 64] |= 1 << UInt64(lockClass % 64)
    }
    return circle
  }

  /// Whether two locks of one class are held in the order that the model declares: what their objects' field holds rises.
  ///
  /// - Parameters:
  ///   - outer: the words of the thread's list of held locks, the lock that was taken first.
  ///   - inner: the same of the lock that was taken under it.
  ///   - state: the state in which both are held.
  private func nests(_ outer: Int64, _ inner: Int64, in state: State, _ world: World) -> Bool {
    let lockClass = Int(inner >> 4 & 0xffff)
    guard Int(outer >> 4 & 0xffff) == lockClass, lockClass < classCount, let nesting = nesting[lockClass]
    else {
      return false
    }
    let base = world.layout.heapBase - nesting.lock + nesting.field
    return state.words[base + Int(outer >> 20)] < state.words[base + Int(inner >> 20)]
  }

  /// Feeds the events of one step. A try-lock cannot wait, so taking one adds no edge; what is taken under it does.
  ///
  /// - Returns: a finding when a step takes two classes in an order that goes against what was seen before.
  public mutating func observe(_ log: EventLog, state: State, world: World) -> Finding? {
    var finding: Finding?
    for number in 0..<log.count {
      let event = log[number]
      if event.kind == .slept, let acquisition = newsOfCall(of: Int(event.thread), in: state, world: world) {
        finding =
          finding
          ?? take(
            acquisition, statement: event.statement >= 0 ? Int(event.statement) : nil, program: world.program)
      }
      guard event.kind == .acquired, event.d == 0 else { continue }
      // Most pairs were seen before; only a new one is worth a closer look.
      guard !knows(acquired: Int(event.b), at: event.a, by: Int(event.thread), state, world) else { continue }
      let held = heldUnder(event.a, Int(event.b), by: Int(event.thread), state, world)
      guard let circle = note(acquired: Int(event.b), holding: held) else { continue }
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

  /// The classes of the locks that a thread holds besides one that it has just taken, but for those that are nested in the declared order.
  private func heldUnder(_ address: Int64, _ lockClass: Int, by thread: Int, _ state: State, _ world: World)
    -> [Int]
  {
    let base = world.layout.threadBase + thread * world.layout.threadWords
    var words = (0..<Int(state.words[base + Layout.heldCount])).map { state.words[base + Layout.held + $0] }
    if let call = world.runningCall(of: thread, in: state) { words.append(call) }
    let taken = address << 20 | Int64(lockClass) << 4
    return words.filter { $0 >> 20 != address && !nests($0, taken, in: state, world) }.map {
      Int($0 >> 4 & 0xffff)
    }
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
      if word >> 20 != address, !knows(outer: Int(word >> 4 & 0xffff), inner: lockClass) { return false }
    }
    if !world.program.queues.isEmpty, let call = world.runningCall(of: thread, in: state) {
      return knows(outer: Int(call >> 4 & 0xffff), inner: lockClass)
    }
    return true
  }

  /// Whether the inner class was taken under the outer one before.
  func knows(outer: Int, inner: Int) -> Bool { has(outer, inner) }

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
      for next in 0..<classCount where has(here, next) && next != start && parents[next] == nil {
        parents[next] = here
        pending.append(next)
      }
    }
    return nil
  }
}

extension LockOrder {
  /// A lock that a thread took while it held others, where not all of these pairs were seen before.
  public struct Acquisition: Sendable {
    /// The class of the lock that was taken.
    public var lockClass: Int
    /// The classes of those that were held.
    public var held: [Int]
    /// The thread.
    public var thread: Int

    /// An acquisition, such as another process saw it.
    public init(lockClass: Int, held: [Int], thread: Int) {
      self.lockClass = lockClass
      self.held = held
      self.thread = thread
    }
  }

  /// What the last step of a thread adds to the graph, if anything; for a step that took a lock (`Machine.takesLock`) and has it now.
  ///
  /// The lock that was taken last stands last in the list of held ones, so no log is needed.
  public func news(of thread: Int, in state: State, world: World) -> Acquisition? {
    let base = world.layout.threadBase + thread * world.layout.threadWords
    if let call = newsOfCall(of: thread, in: state, world: world) { return call }
    let count = Int(state.words[base + Layout.heldCount])
    guard count > (world.program.queues.isEmpty ? 1 : 0) else { return nil }
    let taken = state.words[base + Layout.held + count - 1]
    let lockClass = Int(taken >> 4 & 0xffff)
    guard !knows(acquired: lockClass, at: taken >> 20, by: thread, state, world) else { return nil }
    let held = heldUnder(taken >> 20, lockClass, by: thread, state, world)
    return held.isEmpty ? nil : Acquisition(lockClass: lockClass, held: held, thread: thread)
  }

  /// The same for a thread that has begun to wait for a call.
  private func newsOfCall(of thread: Int, in state: State, world: World) -> Acquisition? {
    guard !world.program.queues.isEmpty, let call = world.awaitedCall(of: thread, in: state) else {
      return nil
    }
    let lockClass = Int(call >> 4 & 0xffff)
    guard !knows(acquired: lockClass, at: call >> 20, by: thread, state, world) else { return nil }
    let held = heldUnder(call >> 20, lockClass, by: thread, state, world)
    return held.isEmpty ? nil : Acquisition(lockClass: lockClass, held: held, thread: thread)
  }

  /// Takes in what a step added.
  ///
  /// - Returns: a finding when it goes against the order that was seen before.
  public mutating func take(_ acquisition: Acquisition, statement: Int?, program: Program) -> Finding? {
    guard let circle = note(acquired: acquisition.lockClass, holding: acquisition.held) else { return nil }
    let names = (circle + [circle[0]]).map { program.lockClasses[$0].name }
    return Finding(
      property: .lockOrder, thread: acquisition.thread, statement: statement,
      message: "possible circular locking: \(names.joined(separator: " before "))", objects: [], threads: [])
  }
}
