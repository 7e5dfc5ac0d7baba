/// Something that programs of a sweep show, whichever of them: the same property at the same statements with the
/// same stacks.
public struct SweepFinding: Sendable {
  /// What distinguishes it from others: property, statement, functions on the stacks.
  public struct Identity: Hashable, Sendable {
    /// The property's name.
    public var property: String
    /// Where it shows: a statement as `file:line`, or for none what the message says without numbers.
    public var place: String
    /// The functions of the thread that did it, the innermost last; the system call itself is left out.
    public var stack: [String]
    /// The same of the other threads that are concerned.
    public var others: [[String]]

    /// An identity.
    public init(property: String, place: String, stack: [String], others: [[String]]) {
      self.property = property
      self.place = place
      self.stack = stack
      self.others = others
    }
  }

  /// What it is.
  public var identity: Identity
  /// The finding's own words, as the smallest program shows it.
  public var message: String
  /// The smallest program that shows it.
  public var program: SweepProgram
  /// The number of that program.
  public var number: Int
  /// How many steps its counterexample has behind the set-up.
  public var steps: Int
  /// How many programs show it.
  public var programs: Int

  /// A finding.
  public init(
    identity: Identity, message: String, program: SweepProgram, number: Int, steps: Int, programs: Int
  ) {
    self.identity = identity
    self.message = message
    self.program = program
    self.number = number
    self.steps = steps
    self.programs = programs
  }

  /// Fewer operations first, then fewer threads, then a shorter counterexample, then the earlier program.
  public func isSmaller(than other: SweepFinding) -> Bool {
    (program.operations, program.threads.count, steps, program.setup.count, number) < (
      other.program.operations, other.program.threads.count, other.steps, other.program.setup.count,
      other.number
    )
  }

  /// The one of two that were found apart, with the programs of both counted.
  public func merged(with other: SweepFinding) -> SweepFinding {
    var result = other.isSmaller(than: self) ? other : self
    result.programs = programs + other.programs
    return result
  }
}
