import Machine
import StepLanguage

/// A thread as the list shows it.
public struct ThreadRow: Hashable, Sendable {
  /// What the thread is up to.
  public enum Condition: Hashable, Sendable {
    /// It can take its next step.
    case ready
    /// It can go on only because nobody else can: its sleep's time is over.
    case timeout
    /// It waits for a lock.
    case blocked
    /// It sleeps on a queue.
    case asleep
    /// It waits for other threads at a barrier.
    case barrier
    /// It has nothing left to do.
    case finished
    /// A kernel would have killed it.
    case stuck
  }

  /// A function that the thread is in.
  public struct Frame: Hashable, Sendable {
    /// The function's name.
    public let function: String
    /// The function's index in the program.
    public let index: Int
    /// The line of the statement that it comes to, or has called from.
    public let line: Int?
    /// The statement's text.
    public let text: String
  }

  /// Its number.
  public let number: Int
  /// Its name.
  public let name: String
  /// What it is up to.
  public let condition: Condition
  /// The same in words, with the reason.
  public let words: String
  /// Its present operation, or the one that comes next; nil when there is none left.
  public let operation: String?
  /// Whether it is inside that operation.
  public let isInOperation: Bool
  /// The operation's number among the thread's, from 1.
  public let position: Int
  /// How many operations it has.
  public let count: Int
  /// The functions that it is in, the system call first.
  public let stack: [Frame]
  /// The names of the locks that it holds, oldest first, with how.
  public let held: [Held]
  /// The step before was this thread's.
  public let isActive: Bool
  /// How many ways its next step can go.
  public let choices: Int

  /// A lock that the thread holds.
  public struct Held: Hashable, Sendable {
    /// The lock's name.
    public let name: String
    /// Whether it is held for reading.
    public let isShared: Bool
    /// The step at which the thread got it.
    public let since: Int?
    /// Whether that is this very step.
    public let isTakenNow: Bool
  }

  /// The rows of a moment, by number.
  public static func rows(_ moment: Moment) -> [ThreadRow] {
    moment.threads.indices.map { row($0, moment) }
  }

  private static func row(_ number: Int, _ moment: Moment) -> ThreadRow {
    let view = moment.view
    let program = view.world.program
    let thread = moment.threads[number]
    let operations = view.world.threads[number].operations
    let readiness = moment.readiness[number]
    let next = operations.indices.contains(thread.operationsDone) ? operations[thread.operationsDone] : nil
    let stack = thread.frames.map { frame in
      Frame(
        function: program.functions[frame.function].name, index: frame.function,
        line: frame.statement.map { program.line(of: $0) },
        text: frame.statement.map { program.text(of: $0) } ?? "")
    }
    let held = thread.held.map { lock in
      let since = moment.stepThatTook(lock, thread: number)
      return Held(
        name: view.name(of: lock), isShared: lock.mode == .read, since: since,
        isTakenNow: since == moment.step
          && moment.lockChanges.contains { $0.kind == .taken && $0.lock.isSameLock(as: lock) })
    }
    var (condition, words) = describe(readiness, thread, moment)
    if view.world.threads[number].queue != nil, !thread.isInCall {
      switch readiness {
      case .finished: words = "nothing is queued"
      case .ready: words = "can begin what is queued"
      case .sleeping: words = "waits for a grace period"
      default: break
      }
    }
    var choices = 1
    if case .ready(let count) = readiness { choices = count }
    let isStep = if case .step? = moment.record?.action { true } else { false }
    return ThreadRow(
      number: number, name: thread.name, condition: condition, words: words, operation: next?.text,
      isInOperation: thread.isInCall, position: min(thread.operationsDone + 1, operations.count),
      count: operations.count, stack: stack, held: held,
      isActive: isStep && moment.record?.thread == number, choices: choices)
  }

  /// What a thread is up to, and why.
  static func describe(_ readiness: Machine.Readiness, _ thread: StateView.Thread, _ moment: Moment) -> (
    Condition, String
  ) {
    let view = moment.view
    switch readiness {
    case .finished: return (.finished, "finished")
    case .ready: return (.ready, thread.isInCall ? "ready" : "between operations")
    case .timeout: return (.timeout, "asleep; nobody else can move, so its time is over")
    case .stuck: return (.stuck, "killed: it cannot go on after what was found")
    case .barrier: return (.barrier, "waits for the others at a barrier")
    case .sleeping(let object, let offset):
      let field = view.type(of: object).field(at: offset)?.name ?? "?"
      let name = object == .globals ? field : "\(view.name(of: object)).\(field)"
      return (.asleep, "asleep on \(name)")
    case .blocked(let lock, let threads):
      let name = view.name(of: lock)
      guard !threads.isEmpty else { return (.blocked, "blocked on \(name)") }
      let holders = threads.map { other -> String in
        guard let since = moment.stepThatTook(lock, thread: other) else {
          return "\(moment.threadName(other)), which queues before it"
        }
        return "held by \(moment.threadName(other)) since step \(since)"
      }
      return (.blocked, "blocked on \(name), \(holders.joined(separator: ", "))")
    }
  }
}
