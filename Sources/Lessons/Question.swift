/// A question whose answer is found in the live state, or by running ahead in a copy of it.
public struct Question: Hashable, Sendable {
  /// What is asked for.
  public enum Kind: Hashable, Sendable {
    /// Which threads can take a step.
    case canRun
    /// What stands in a field.
    case value(Place)
    /// Who holds a lock.
    case holder(String)
    /// Who keeps a thread from going on.
    case keeper(String)
    /// What a thread's operation returns.
    case result(String)
    /// Who holds the units of a refcount.
    case units(Place)
    /// To which objects an object leads.
    case leadsTo(String)
    /// What leads to an object: fields, lists, and local variables of threads.
    case reachedFrom(String)
    /// Whether a condition holds.
    case isTrue(Condition)
    /// Whether it is safe: whether nothing goes wrong, whatever order the threads take from here on.
    case isSafe
    /// Whether a scenario holds under a model.
    case verdict(Stage)
  }

  /// What is asked for.
  public let kind: Kind
  /// What is done before it is asked for, in a copy: the learner predicts.
  public let after: [Direction]
  /// The question in words; empty leaves it to the kind.
  public let text: String
  /// Hints of the lesson; where there are fewer than three, they are computed.
  public let hints: [String]
}

extension Question {
  /// Whether only the checker can answer it, which may take a moment.
  public var isSearched: Bool {
    switch kind {
    case .isSafe, .verdict: true
    default: false
    }
  }

  /// What is asked, before the checker was; empty for questions that need no checker.
  public var preview: String {
    if !text.isEmpty { return text }
    switch kind {
    case .isSafe: return Self.safety
    case .verdict(let stage): return Self.verdict(stage)
    default: return ""
    }
  }

  static let safety = "Is it safe: does nothing go wrong from here on, whatever order the threads take?"

  static func verdict(_ stage: Stage) -> String {
    "What does 'ioascope check \(stage.scenario) --model \(stage.model)' say?"
  }
}

/// A question with its options and the right answer, as the live state gives it.
public struct AskedQuestion: Hashable, Sendable {
  /// How it is answered.
  public enum Form: Hashable, Sendable {
    /// One of the options.
    case one
    /// All of the options that are right, perhaps none.
    case several
    /// A number.
    case number
  }

  /// One possible answer.
  public struct Option: Hashable, Sendable {
    /// The answer.
    public let text: String
    /// Whether it is right.
    public let isRight: Bool
    /// Why, or why not, as the live state has it.
    public let why: String
  }

  /// An answer.
  public enum Answer: Hashable, Sendable {
    /// The numbers of the chosen options, from 0.
    case options(Set<Int>)
    /// A number.
    case number(Int64)
  }

  /// What comes of an answer.
  public struct Judgement: Hashable, Sendable {
    /// Whether it is right.
    public let isRight: Bool
    /// Why, as the live state has it.
    public let why: String
  }

  /// The question in words.
  public let text: String
  /// How it is answered.
  public let form: Form
  /// The options; none when a number is asked for.
  public let options: [Option]
  /// The right number, when a number is asked for.
  public let number: Int64?
  /// Why the right answer is right.
  public let why: String
  /// What a wrong number is met with: where the count comes from.
  public let whyNot: String
  /// Three hints, each saying more than the one before.
  public let hints: [String]

  /// The right answer.
  public var answer: Answer {
    number.map { .number($0) } ?? .options(Set(options.indices.filter { options[$0].isRight }))
  }

  /// An answer in words.
  public func words(_ answer: Answer) -> String {
    switch answer {
    case .number(let number): return String(number)
    case .options(let chosen):
      let names = chosen.sorted().filter { options.indices.contains($0) }.map { options[$0].text }
      return names.isEmpty ? "none of these" : names.joined(separator: ", ")
    }
  }

  /// Judges an answer. A wrong one is met with why it is wrong, not with the right one.
  public func judge(_ answer: Answer) -> Judgement {
    if answer == self.answer { return Judgement(isRight: true, why: why) }
    switch answer {
    case .number(let number): return Judgement(isRight: false, why: "It is not \(number). \(whyNot)")
    case .options(let chosen):
      let wrong = chosen.sorted().filter { options.indices.contains($0) && !options[$0].isRight }
      if !wrong.isEmpty {
        return Judgement(isRight: false, why: wrong.map { options[$0].why }.joined(separator: " "))
      }
      return Judgement(isRight: false, why: "All that you chose is right, but something is missing.")
    }
  }
}
