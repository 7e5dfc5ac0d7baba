import Basics
public import Machine
import StepLanguage

/// The result of a sweep.
public struct SweepResult: Sendable {
  /// The programs of one shape.
  public struct Size: Hashable, Sendable {
    /// How many operations each thread has.
    public var shape: SweepShape
    /// How many programs there are, as far as is known.
    public var programs = 0
    /// How many of them were covered in full: every interleaving.
    public var covered = 0
    /// How many were stopped by a bound of their own.
    public var bounded = 0
    /// How many show something.
    public var violated = 0
    /// How many the other model lacks an operation for.
    public var incomparable = 0
    /// Whether all of this shape were checked that belong to the part.
    public var isWhole = false

    /// None yet.
    public init(shape: SweepShape) {
      self.shape = shape
    }
  }

  /// A program whose verdict differs between two models.
  public struct Difference: Hashable, Sendable {
    /// The program.
    public var program: SweepProgram
    /// The program's number.
    public var number: Int
    /// What the model says: properties, or its verdict.
    public var own: [String]
    /// What the other one says.
    public var other: [String]
    /// How many programs differ in the same way.
    public var programs: Int

    /// A difference.
    public init(program: SweepProgram, number: Int, own: [String], other: [String], programs: Int) {
      self.program = program
      self.number = number
      self.own = own
      self.other = other
      self.programs = programs
    }
  }

  /// What both models say of one program.
  struct Outcomes: Sendable {
    var own: SweepChecker.Outcome?
    var other: SweepChecker.Outcome?
    var compares: Bool
  }

  /// The model's name.
  public var model: String
  /// The model's digest.
  public var digest: UInt64
  /// What was swept.
  public var options: Sweep.Options
  /// The programs by shape, smallest first.
  public var sizes: [Size] = []
  /// Distinct findings, the smallest program first.
  public var findings: [SweepFinding] = []
  /// Programs that another model sees otherwise, the smallest of each kind.
  public var differences: [Difference] = []
  /// What was left out.
  public var leftOut = SweepLeftOut()
  /// How many set-ups gave a program.
  public var setups = 0
  /// The number of the first program that was not checked.
  public var position = 0
  /// Whether it was stopped before all were checked.
  public var isStopped = false
  /// Statements that no operation took when it ran alone behind any set-up.
  public var unreached: [Int] = []
  /// The limits of the machine that programs went beyond; nothing is said of those programs.
  public var limits: [ExceededLimit] = []
  /// States of all searches.
  public var states = 0

  /// Nothing yet.
  public init(model: String, digest: UInt64, options: Sweep.Options) {
    self.model = model
    self.digest = digest
    self.options = options
  }

  /// Whether every program was covered in full.
  public var isCovered: Bool {
    !isStopped && sizes.allSatisfy { $0.isWhole && $0.bounded == 0 } && limits.isEmpty
  }

  mutating func take(_ outcomes: Outcomes, _ program: SweepProgram, number: Int, size: Int) {
    position = number + 1
    guard let own = outcomes.own else {
      sizes[size].bounded += 1
      return
    }
    states += own.states
    // Of two models both must have been covered.
    let both = [own] + (outcomes.compares ? [outcomes.other].compactMap { $0 } : [])
    for limit in both.compactMap(\.limit) where limits.count < 16 { limits.append(limit) }
    if both.allSatisfy({ $0.bound == nil }) {
      sizes[size].covered += 1
    } else {
      sizes[size].bounded += 1
    }
    if !own.findings.isEmpty { sizes[size].violated += 1 }
    if outcomes.compares {
      compare(own, outcomes.other, program, number, size)
      return
    }
    for finding in own.findings { take(finding) }
  }

  private mutating func take(_ finding: SweepFinding) {
    if let known = findings.firstIndex(where: { $0.identity == finding.identity }) {
      findings[known] = findings[known].merged(with: finding)
    } else {
      findings.append(finding)
    }
    sort()
  }

  private mutating func compare(
    _ own: SweepChecker.Outcome, _ other: SweepChecker.Outcome?, _ program: SweepProgram, _ number: Int,
    _ size: Int
  ) {
    guard let other else {
      sizes[size].incomparable += 1
      return
    }
    guard own.bound == nil, other.bound == nil, own.words != other.words else { return }
    if let known = differences.firstIndex(where: { $0.own == own.words && $0.other == other.words }) {
      differences[known].programs += 1
    } else {
      differences.append(
        Difference(program: program, number: number, own: own.words, other: other.words, programs: 1))
    }
  }

  private mutating func sort() {
    findings.sort { $0.isSmaller(than: $1) }
  }

  /// Puts the parts of one sweep together.
  ///
  /// - Returns: nil when they do not belong to one sweep; else the whole with what is missing: parts that are not
  ///   there, and parts that were
  ///   stopped.
  public static func joined(_ parts: [SweepResult]) -> (result: SweepResult, missing: [Int], stopped: [Int])?
  {
    guard var result = parts.first else { return nil }
    func same(_ part: SweepResult) -> Bool {
      var options = part.options
      options.part = result.options.part
      return part.digest == result.digest && part.model == result.model && options == result.options
    }
    guard parts.allSatisfy(same), Set(parts.map(\.options.part)).count == parts.count else { return nil }
    for part in parts.dropFirst() {
      for finding in part.findings { result.take(finding) }
      for difference in part.differences {
        if let known = result.differences.firstIndex(where: {
          $0.own == difference.own && $0.other == difference.other
        }) {
          let programs = result.differences[known].programs + difference.programs
          if difference.number < result.differences[known].number { result.differences[known] = difference }
          result.differences[known].programs = programs
        } else {
          result.differences.append(difference)
        }
      }
      for (index, size) in part.sizes.enumerated() where index < result.sizes.count {
        result.sizes[index].programs = max(result.sizes[index].programs, size.programs)
        result.sizes[index].covered += size.covered
        result.sizes[index].bounded += size.bounded
        result.sizes[index].violated += size.violated
        result.sizes[index].incomparable += size.incomparable
        result.sizes[index].isWhole = result.sizes[index].isWhole && size.isWhole
      }
      result.limits += part.limits
      result.states += part.states
      result.setups = max(result.setups, part.setups)
    }
    result.differences.sort { $0.number < $1.number }
    let there = Set(parts.map(\.options.part))
    let missing = (1...max(1, result.options.parts)).filter { !there.contains($0) }
    let stopped = parts.filter(\.isStopped).map(\.options.part).sorted()
    result.isStopped = !missing.isEmpty || !stopped.isEmpty
    result.options.part = 1
    result.options.parts = 1
    return (result, missing, stopped)
  }
}
