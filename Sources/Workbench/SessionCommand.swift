import Machine
import Recording
import Scene

/// A command of an explorer session as one value: what help, footers, palettes, typed lines, the manual and other front ends know of it.
public struct SessionCommand: Sendable {
  /// What front ends have to do for a command outside of the session.
  public enum Effect: Hashable, Sendable {
    /// Run the search that has begun (`ExplorerSession.check`), and tell how it goes.
    case startCheck
    /// End it.
    case stopCheck
  }

  /// What came of a command.
  public struct Reply: Hashable, Sendable {
    /// What there is to say; nil when what has changed speaks for itself.
    public let message: Message?
    /// What is left to do outside.
    public let effect: Effect?

    init(_ message: Message?, effect: Effect? = nil) {
      self.message = message
      self.effect = effect
    }
  }

  /// Its name, as it is typed and bound to keys.
  public let id: String
  /// The name in a word or two.
  public let title: String
  /// What it does, in a sentence.
  public let help: String
  /// What its argument is; nil when it takes none.
  public let argument: String?
  private let whyNot: @Sendable (ExplorerSession) -> String?
  fileprivate let run: @Sendable (inout ExplorerSession, String) -> Reply

  private init(
    _ id: String, _ title: String, _ help: String, argument: String? = nil,
    whyNot: @escaping @Sendable (ExplorerSession) -> String? = { _ in nil },
    run: @escaping @Sendable (inout ExplorerSession, String) -> Reply
  ) {
    self.id = id
    self.title = title
    self.help = help
    self.argument = argument
    self.whyNot = whyNot
    self.run = run
  }

  /// One whose argument is of no use, and which leaves nothing to do outside.
  private init(
    _ id: String, _ title: String, _ help: String,
    whyNot: @escaping @Sendable (ExplorerSession) -> String? = { _ in nil },
    _ act: @escaping @Sendable (inout ExplorerSession) -> Message?
  ) {
    self.init(id, title, help, whyNot: whyNot) { session, _ in Reply(act(&session)) }
  }

  /// Why it cannot be done now; nil when it can.
  public func disabledReason(in session: ExplorerSession) -> String? { whyNot(session) }

  /// The command of that name; nil when there is none.
  public static func named(_ id: String) -> SessionCommand? { byName[id] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

  /// All of them, in the order of a help page.
  public static let all: [SessionCommand] =
    stepping + time + operations + asking

  private static let stepping: [SessionCommand] = [
    SessionCommand("step", "step", "the chosen thread takes its next step", whyNot: \.whyNotStep) {
      $0.step()
    },
    SessionCommand(
      "step-other-way", "fail", "steps the other way: the allocation on this line fails",
      argument: "which way, 1 for the second", whyNot: \.whyNoOtherWay
    ) { session, text in
      guard let choice = text.isEmpty ? 1 : Int(text), choice >= 0 else {
        return Reply(.refusal("a way is a number, 0 for the first"))
      }
      return Reply(session.step(choice: choice))
    },
    SessionCommand(
      "step-over", "over", "steps until the call on this line has returned", whyNot: \.whyNotStep
    ) { $0.stepOver() },
    SessionCommand(
      "finish", "return", "steps until this function has returned", whyNot: \.whyNotFinish
    ) { $0.finish() },
    SessionCommand(
      "run-to-lock", "to lock", "steps until a lock is taken, released or waited for", whyNot: \.whyNotStep
    ) { $0.runToLock() },
    SessionCommand(
      "run", "run", "steps until the thread is blocked or its operation ends", whyNot: \.whyNotStep
    ) { $0.run() },
    SessionCommand(
      "turn", "in turn", "the next thread that can go takes a step and is chosen", whyNot: \.whyNobodySteps
    ) { $0.turn() },
    SessionCommand(
      "continue", "continue", "threads step in turn until a stop, a finding or the end",
      whyNot: \.whyNobodySteps
    ) { $0.proceed() },
    SessionCommand(
      "random", "random", "ten steps of threads that are drawn by lot", whyNot: \.whyNobodySteps
    ) { $0.randomSteps() },
    SessionCommand(
      "until", "until", "threads step in turn until that changes or is reached",
      argument: "an object, a field, a function or a line", whyNot: \.whyNobodySteps
    ) { session, text in
      let (stop, error) = session.stop(from: text)
      guard let stop else { return Reply(.refusal(error ?? "")) }
      return Reply(session.proceed(until: stop))
    },
    SessionCommand(
      "thread", "thread", "chooses a thread", argument: "its name"
    ) { session, text in
      guard let number = session.moment.threads.firstIndex(where: { $0.name == text }) else {
        return Reply(.refusal("there is no thread '\(text)'; \(session.hint("add-thread")) adds one"))
      }
      session.thread = number
      return Reply(nil)
    },
  ]

  private static let atStart: @Sendable (ExplorerSession) -> String? = {
    $0.timeline.here == 0 ? "this is the very start" : nil
  }

  private static let time: [SessionCommand] = [
    SessionCommand(
      "undo", "undo", "back to before the last command; nothing is lost",
      whyNot: atStart
    ) { $0.undo() },
    SessionCommand("step-back", "step back", "one step back", whyNot: atStart) { $0.stepBack() },
    SessionCommand(
      "redo", "redo", "forward again, on the branch seen last",
      whyNot: {
        $0.timeline.here == $0.timeline.tip ? "nothing was undone; this is the end of the branch" : nil
      }
    ) { $0.redo() },
    SessionCommand("to-start", "start", "to the very start, before the set-up", whyNot: atStart) {
      $0.seek(to: 0, whenHere: "")
    },
    SessionCommand(
      "to-end", "end", "to the end of this branch",
      whyNot: {
        $0.timeline.here == $0.timeline.tip
          ? "this is the end of the branch; \($0.hint("step")) goes on" : nil
      }
    ) { $0.seek(to: $0.timeline.tip, whenHere: "") },
    SessionCommand(
      "seek", "seek", "to a step of this branch", argument: "its number, or a share such as 50%"
    ) { session, text in
      if text.hasSuffix("%"), let share = Int(text.dropLast()) { return Reply(session.seek(toShare: share)) }
      guard let step = Int(text) else { return Reply(.refusal("a step is a number")) }
      return Reply(session.seek(toStep: step))
    },
    SessionCommand(
      "branch", "branch", "to the end of a branch", argument: "its number, the oldest is 1",
      whyNot: { $0.branches.count > 1 ? nil : "there is one branch; acting after an undo makes another" }
    ) { session, text in
      guard let number = Int(text), session.branches.indices.contains(number - 1) else {
        return Reply(.refusal("there are the branches 1 to \(session.branches.count)"))
      }
      return Reply(session.seek(to: session.branches[number - 1], whenHere: "this is the end of that branch"))
    },
    SessionCommand(
      "bookmark", "bookmark", "gives this point a name", argument: "the name"
    ) { session, text in
      if text.isEmpty { return Reply(.refusal("a point needs a name")) }
      session.name(point: text)
      return Reply(
        .note("step \(session.timeline.depth) is '\(text)'; \(session.hint("bookmarks")) comes back to it"))
    },
    SessionCommand(
      "note", "note", "writes something down at this point", argument: "the text"
    ) { session, text in
      session.timeline.annotate(.note, text)
      return Reply(.note("noted at step \(session.timeline.depth)"))
    },
    SessionCommand(
      "name-branch", "name branch", "gives this branch a name", argument: "the name; empty takes it away"
    ) { session, text in
      session.name(branch: text)
      return Reply(.note(text.isEmpty ? "the branch has no name any more" : "this branch is '\(text)'"))
    },
  ]

  private static let operations: [SessionCommand] = [
    SessionCommand(
      "operation", "operation", "gives the chosen thread a system call",
      argument: "the system call as in a script"
    ) { session, text in Reply(session.start(text, thread: session.thread)) },
    SessionCommand(
      "add-thread", "new thread", "adds a thread without operations",
      whyNot: {
        $0.moment.threads.count < World.maximumThreads
          ? nil : "there are as many threads as there can be"
      }
    ) { $0.addThread() },
    SessionCommand(
      "seed", "seed", "from where lots are drawn", argument: "a number"
    ) { session, text in
      guard let seed = UInt64(text) else { return Reply(.refusal("a seed is a number")) }
      session.lot = .init(seed: seed)
      return Reply(nil)
    },
  ]

  private static let asking: [SessionCommand] = [
    SessionCommand(
      "check", "check", "searches every interleaving from here, in the background"
    ) { session, _ in
      if let check = session.check, check.isRunning {
        return Reply(.note("the check is stopped"), effect: .stopCheck)
      }
      return Reply(session.beginCheck(), effect: .startCheck)
    },
    SessionCommand(
      "finding", "finding", "goes along the way to a finding of the last check",
      argument: "its number, the first is 1",
      whyNot: \.whyNoFindings
    ) { session, text in
      guard let number = Int(text), let message = session.follow(finding: number - 1) else {
        return Reply(.refusal("there are the findings 1 to \(session.check?.findings.count ?? 0)"))
      }
      return Reply(message)
    },
    SessionCommand(
      "stop", "stop", "runs stop there, or no more", argument: "an object, a field, a function or a line"
    ) { session, text in
      let (stop, error) = session.stop(from: text)
      guard let stop else { return Reply(.refusal(error ?? "")) }
      return Reply(session.toggle(stop.subject))
    },
  ]
}

extension ExplorerSession {
  /// Does a command, or says why it cannot be done now. This is the one way in which a front end changes a session.
  public mutating func run(_ command: SessionCommand, argument: String = "") -> SessionCommand.Reply {
    if let reason = command.disabledReason(in: self) { return SessionCommand.Reply(.refusal(reason)) }
    return command.run(&self, argument)
  }

  /// Why there is no finding to go to; nil when there is.
  package var whyNoFindings: String? {
    guard let check else { return "nothing was searched yet; \(hint("check")) begins" }
    return check.findings.isEmpty ? "the check has found nothing\(check.isRunning ? " so far" : "")" : nil
  }
}
