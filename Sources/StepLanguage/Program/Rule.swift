/// A rule that a model declares: what must hold always, or what one side of it owes the other.
public struct Rule: Hashable, Sendable {
  /// Its name, such as `I1`.
  public internal(set) var name: String
  /// Who owes it to the others; nil for what must hold always.
  public internal(set) var owner: String?
  /// What it says.
  public internal(set) var sentence: String
  /// Of a rule that was broken the part of the sentence that is; nil for the whole.
  public internal(set) var brokenPart: String?

  /// The rule with the part of its sentence that is broken.
  public func broken(at part: String?) -> Rule {
    var result = self
    result.brokenPart = part
    return result
  }
}

/// Which rules of a model a finding breaks, told from the steps that led to it: the first case whose conditions all hold.
public struct Blame: Hashable, Sendable {
  /// A condition and the rules that are broken where it holds.
  public struct Case: Hashable, Sendable {
    /// All of them must hold.
    public internal(set) var conditions: [Condition]
    /// What is broken then.
    public internal(set) var outcome: Outcome
    /// For each of its rules the part of the sentence that is broken; nil for the whole. Empty where the outcome names none.
    public internal(set) var parts: [String?] = []
  }

  /// What a case says.
  public enum Outcome: Hashable, Sendable {
    /// One of these rules, as indexes of the program's, the likeliest first.
    case rules([Int])
    /// What the finding of the condition `found` broke.
    case same
  }

  /// Something that the steps before a finding tell.
  public struct Condition: Hashable, Sendable {
    /// Whether it must not hold.
    public internal(set) var isNegated: Bool
    /// What must hold.
    public internal(set) var kind: Kind

    /// What can be asked. Functions are named; `here` is the one in which the finding's statement stands.
    public enum Kind: Hashable, Sendable {
      /// The finding's statement stands in one of these functions.
      case at([String])
      /// The finding's thread is in one of these functions.
      case `in`([String])
      /// The finding's thread is in that callback of a driver.
      case calling(String)
      /// Some thread is in one of these functions.
      case anybody([String])
      /// The last return from one of these functions gave an error.
      case failed([String])
      /// A step before found this property.
      case found(String)
      /// The finding's thread has entered one of these functions.
      case entered([String])
      /// Since it last entered one of them, the finding's thread has called a driver.
      case asked([String])
      /// Another thread has entered one of these functions.
      case anotherEntered([String])
      /// Another thread has left one of these functions.
      case anotherLeft([String])
      /// The finding's first object is of one of these types.
      case object([String])
      /// Exactly one living object has a number above 0 in that field.
      case owner(String)
      /// When the finding's thread, in one of the functions, last called a driver, another one had raised that field of the variable's object
      /// (or of the `owner`) and was still in the system call in which it did.
      case pending(field: String, of: String, [String])
      /// Since the finding's thread entered one of the functions somebody has raised that field of the variable's object.
      case raised(field: String, of: String, [String])
      /// A thread in that callback waits for a lock of an object of another type than these; with `isByThis` one that the finding's thread
      /// held before the step.
      case blocked(String, outside: [String], isByThis: Bool)
      /// A thread in that callback waits for a lock that it holds itself.
      case blockedByItself(String)
      /// The finding's message is this.
      case message(String)
      /// The finding's message ends so.
      case messageEnds(String)
    }
  }

  /// The property of the finding.
  public internal(set) var property: Property
  /// How the finding's message begins.
  public internal(set) var start: String
  /// The cases in order.
  public internal(set) var cases: [Case]
}
