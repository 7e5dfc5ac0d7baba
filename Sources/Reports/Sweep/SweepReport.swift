public import Explorer
public import Machine
public import StepLanguage

/// What a sweep says: each finding with its smallest program, explained as `check` does, and what was covered.
public struct SweepReport: Sendable {
  /// A finding with the scenario that shows it.
  public struct Entry: Sendable {
    /// What was found, and the smallest program that shows it.
    public let finding: SweepFinding
    /// That program as a scenario.
    public let scenario: Scenario
    /// What runs when that scenario is checked.
    public let world: World
    /// The finding of the scenario's own check; nil when that does not show it again, which is a defect.
    public let entry: CheckReport.Entry?
    /// The files that were written: the scenario and the session.
    public var files: [String] = []
  }

  /// The result of the sweep.
  public let result: SweepResult
  /// The model.
  public let program: Program
  /// The findings, the smallest program first.
  public var entries: [Entry]
  /// How long it took, in seconds.
  public let seconds: Double
  /// The parts that a join lacks, and those of it that were stopped; empty otherwise.
  public var missing: [Int] = []
  /// The parts that were stopped before their end.
  public var stopped: [Int] = []
  /// The other model of a comparison; nil for none.
  public var other: String?

  /// The most states of the search that explains a finding.
  private static let states = 1_000_000

  /// Explains a sweep: each smallest program is checked once more as the scenario that it is.
  ///
  /// - Throws: `DiagnosticError` when the model does not take a program, as of a file from elsewhere.
  public init(_ result: SweepResult, program: Program, seconds: Double) throws(DiagnosticError) {
    self.result = result
    self.program = program
    self.seconds = seconds
    entries = []
    for (index, finding) in result.findings.enumerated() {
      entries.append(try Self.entry(finding, number: index + 1, program, faults: result.options.faults))
    }
  }

  /// Checks the program of a finding as a scenario.
  ///
  /// - Throws: `DiagnosticError` when the model does not take it.
  static func entry(
    _ finding: SweepFinding, number: Int, _ program: Program, faults: Bool
  ) throws(DiagnosticError) -> Entry {
    let scenario = try scenario(finding, number: number, program, faults: faults)
    let world = try World(program: program, scenario: scenario)
    let search = Search(world: world)
    let found = search.run(limits: Search.Limits(states: Self.states))
    let report = CheckReport(world: world, scenario: scenario.name, result: found, seconds: 0, peakBytes: 0)
    let same = report.entries.filter {
      $0.counterexample.example.finding.property.rawValue == finding.identity.property
    }
    let entry =
      same.first {
        $0.counterexample.example.finding.statement.map { program.location(of: $0) } == finding.identity.place
      } ?? same.first
    return Entry(finding: finding, scenario: scenario, world: world, entry: entry)
  }

  private static func scenario(
    _ finding: SweepFinding, number: Int, _ program: Program, faults: Bool
  ) throws(DiagnosticError) -> Scenario {
    let name = "sweep-\(number)"
    let text = finding.program.scenario(
      named: name, title: "\(Self.mark): \(finding.identity.property)", model: program.name, faults: faults)
    let library = Library { _, _ in nil }
    do {
      guard let scenario = try library.scenarios(from: SourceFile(name: "\(name).step", text: text)).first
      else { throw DiagnosticError([]) }
      return scenario
    } catch let error as DiagnosticError {
      throw error
    } catch {
      throw DiagnosticError([Diagnostic("\(error)", file: name)])
    }
  }

  /// What the headings of such scenarios begin with.
  public static let mark = "found by ioascope sweep"

  /// Whether anything was found, or two models differ.
  public var isViolated: Bool { !result.findings.isEmpty || !result.differences.isEmpty }
}
