/// Something that a lesson or a learner does: `T1 step 3`, `T1 run`, `T1 until releases device1.lock`, `T2 gets open d1`.
public struct Direction: Hashable, Sendable {
  enum Act: Hashable {
    /// Takes so many steps.
    case step(String, Int)
    /// Steps until its operation ends or it cannot go on.
    case run(String)
    /// Steps until a condition holds.
    case until(String, Condition)
    /// Steps until all its operations are over or it cannot go on.
    case finish(String)
    /// Takes its next step the other way: the allocation fails.
    case fail(String)
    /// Gets an operation, to be run next.
    case gets(String, String)
    /// A new thread comes.
    case thread(String)
    /// All threads run to their end, each as long as it can.
    case everybody
    /// Gives the present point a name.
    case mark(String)
    /// Back to a point with a name.
    case back(String)
  }

  /// The words that may stand behind a thread's name.
  public static let verbs = ["step", "run", "until", "finish", "fail", "gets"]

  /// As it is written.
  public let text: String
  let act: Act

  /// Reads a direction.
  ///
  /// - Throws: `LessonFailure` that says what is wrong.
  public init(_ text: String) throws(LessonFailure) {
    self.text = text
    let words = text.split(separator: " ").map(String.init)
    guard let act = try Self.act(words) else {
      throw LessonFailure(
        "'\(text)' is no direction; write for example 'T1 step 3', 'T1 run', 'T1 until releases device1.lock', 'T2 gets open d1', 'all run', 'mark here', 'back to here'"
      )
    }
    self.act = act
  }

  private static func act(_ words: [String]) throws(LessonFailure) -> Act? {
    if words == ["all", "run"] { return .everybody }
    guard words.count >= 2 else { return nil }
    let rest = words.dropFirst(2).joined(separator: " ")
    switch (words[0], words[1], words.count) {
    case ("mark", _, 2): return .mark(words[1])
    case ("back", "to", 3): return .back(words[2])
    case ("thread", _, 2): return .thread(words[1])
    case (_, "step", 2): return .step(words[0], 1)
    case (_, "step", 3):
      guard let count = Int(words[2]), (1...10_000).contains(count) else {
        throw LessonFailure("'\(words[2])' is no number of steps; write a number from 1 to 10000")
      }
      return .step(words[0], count)
    case (_, "run", 2): return .run(words[0])
    case (_, "finish", 2): return .finish(words[0])
    case (_, "fail", 2): return .fail(words[0])
    case (_, "until", 3...): return .until(words[0], try Condition(rest, subject: words[0]))
    case (_, "gets", 3...): return .gets(words[0], rest)
    default: return nil
    }
  }

  /// The thread that it names.
  public var thread: String? {
    switch act {
    case .step(let name, _), .run(let name), .until(let name, _), .finish(let name), .fail(let name),
      .gets(let name, _):
      name
    case .thread, .everybody, .mark, .back: nil
    }
  }

  /// The same in words, as a half sentence.
  public var inWords: String {
    switch act {
    case .step(let name, 1): "\(name) takes one step"
    case .step(let name, let count): "\(name) takes \(count) steps"
    case .run(let name): "\(name) runs until its operation ends or it is blocked"
    case .until(let name, let condition):
      "\(name) runs until \(condition.text.hasPrefix(name) ? "" : condition.isAboutStep ? "it " : "")\(condition.text)"
    case .finish(let name): "\(name) runs to its end"
    case .fail(let name): "\(name) takes one step, in which an allocation fails"
    case .gets(let name, let operation): "\(name) is given \"\(operation)\""
    case .thread(let name): "a thread \(name) comes"
    case .everybody: "all threads run to their end"
    case .mark: "we remember this point"
    case .back(let name): "we go back to \(name)"
    }
  }
}
