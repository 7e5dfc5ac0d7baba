public import StepLanguage
internal import TOMLText

/// A walkthrough: beats that tell, show, ask and set tasks, on the live state of a scenario.
public struct Lesson: Sendable {
  /// The file's name without its ending.
  public internal(set) var name: String
  /// A heading.
  public internal(set) var title = ""
  /// What the lesson is about, in a sentence or two.
  public internal(set) var about = ""
  /// The beats in order; never empty.
  public internal(set) var beats: [Beat] = []
  /// The text that the lesson was read from.
  public let source: SourceFile

  let places: TOMLPlaces

  init(name: String, source: SourceFile, places: TOMLPlaces) {
    self.name = name
    self.source = source
    self.places = places
  }

  /// How many beats ask something.
  public var questionCount: Int { beats.filter { $0.question != nil }.count }

  /// The beats that set a task.
  public var exercises: [Beat] { beats.filter { $0.goal != nil } }

  /// The stage on which a beat plays.
  public func stage(ofBeat number: Int) -> Stage {
    for beat in beats.prefix(number + 1).reversed() {
      if let stage = beat.stage { return stage }
    }
    return Stage(scenario: "", model: "")
  }

  /// The beat at which the stage of a beat was set up.
  public func stageStart(ofBeat number: Int) -> Int {
    (0...number).last { beats[$0].stage != nil } ?? 0
  }
}

/// What a lesson, or a part of it, plays on.
public struct Stage: Hashable, Sendable {
  /// The scenario's name.
  public let scenario: String
  /// The model's name.
  public let model: String
}

/// One idea of a lesson.
public struct Beat: Sendable {
  /// Its name; of an exercise the one under which stars are kept. Empty when it has none.
  public internal(set) var name = ""
  /// Set when the beat begins anew with a scenario and a model.
  public internal(set) var stage: Stage?
  /// The numbers of the questions of the history (`docs/lessons.md`) to which the learner finds the answer here.
  public internal(set) var history: [Int] = []
  /// What is told, in paragraphs.
  public internal(set) var say = ""
  /// What the teacher alone sees.
  public internal(set) var notes = ""
  /// What to look at.
  public internal(set) var look: [Pointer] = []
  /// What the lesson does when the beat begins.
  public internal(set) var directions: [Direction] = []
  /// What must hold then, so that what is told is true.
  public internal(set) var expectations: [Condition] = []
  /// What is asked.
  public internal(set) var question: Question?
  /// What the learner has to bring about.
  public internal(set) var goal: Goal?
}

/// A task.
public struct Goal: Sendable {
  /// What it takes.
  public enum Kind: Sendable {
    /// To bring the live state to where all of these hold.
    case reach([Condition])
    /// To be the scheduler and make the scenario fail in this way, with few switches.
    case fail(Property)
    /// To mend a model so that these scenarios hold.
    case repair(Repair)
  }

  /// What it takes.
  public let kind: Kind
  /// The task in words.
  public let text: String
  /// Three hints, each saying more than the one before.
  public let hints: [String]
  /// A way there, for tasks whose solution is not computed.
  public let solution: [Direction]
}

/// A broken model that the learner mends.
public struct Repair: Hashable, Sendable {
  /// A replacement in the text, which is what mending comes to.
  public struct Change: Hashable, Sendable {
    /// What stands there.
    public let before: String
    /// What should.
    public let after: String
  }

  /// The broken revision as a text; its name is that of the model that the learner edits.
  public let text: String
  /// The revision's name.
  public let model: String
  /// The scenarios that must hold.
  public let scenarios: [String]
  /// What mends it.
  public let changes: [Change]

  /// The mended text.
  public var mended: String {
    var result = text
    for change in changes { result = Repair.replace(change.before, by: change.after, in: result) ?? result }
    return result
  }

  /// The text with the only place of `old` replaced; nil when there is none, or more than one.
  static func replace(_ old: String, by new: String, in text: String) -> String? {
    let text = Array(text.utf8)
    let old = Array(old.utf8)
    guard !old.isEmpty, text.count >= old.count else { return nil }
    var found: Int?
    for start in 0...(text.count - old.count) where text[start..<(start + old.count)].elementsEqual(old) {
      if found != nil { return nil }
      found = start
    }
    guard let found else { return nil }
    return String(decoding: text[..<found] + Array(new.utf8) + text[(found + old.count)...], as: UTF8.self)
  }
}

/// Something on the screen that a beat points to.
public enum Pointer: Hashable, Sendable {
  /// A part of the screen.
  case panel(PanelName)
  /// An object by its name, such as `device1`.
  case object(String)
  /// A thread by its name.
  case thread(String)
  /// A lock by its name, such as `device1.lock`.
  case lock(String)
  /// The line with this text in the function that the thread is in which made the last step.
  case line(String)

  /// The parts of the screen that can be pointed to.
  public enum PanelName: String, CaseIterable, Hashable, Sendable {
    case objects, ranges, threads, locks, source, log, time
  }

  /// Reads `panel locks`, `object device1`, `thread T1`, `lock device1.lock` or `line mutex_lock device.lock`; nil when it is none of these.
  public init?(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    if words.count > 1, words[0] == "line" {
      self = .line(words.dropFirst().joined(separator: " "))
      return
    }
    guard words.count == 2 else { return nil }
    switch words[0] {
    case "panel":
      guard let name = PanelName(rawValue: words[1]) else { return nil }
      self = .panel(name)
    case "object": self = .object(words[1])
    case "thread": self = .thread(words[1])
    case "lock": self = .lock(words[1])
    default: return nil
    }
  }

  /// Where to look, in words.
  public var inWords: String {
    switch self {
    case .panel(let name): "the panel \(name.rawValue.prefix(1).uppercased() + name.rawValue.dropFirst())"
    case .object(let name): name
    case .thread(let name): "thread \(name)"
    case .lock(let name): name
    case .line(let text): "the line '\(text)' in Source"
    }
  }
}
