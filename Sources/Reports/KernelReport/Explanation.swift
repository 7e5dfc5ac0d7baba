public import Explorer
public import StepLanguage

/// From a kernel's report to an interleaving: the program of a model whose finding has the report's functions in
/// their roles.
public struct Explanation: Sendable {
  /// A finding that may be what the report shows.
  public struct Match: Sendable {
    /// The finding with its scenario.
    public var entry: SweepReport.Entry
    /// How many of the report's functions that the model has are not on the stack of their role.
    public var distance: Int
    /// Those functions.
    public var lacking: [String]
  }

  /// What the report says.
  public let report: KernelReport
  /// For each role those of the report's functions that the model has, the innermost first.
  public let known: [KernelReport.Role: [String]]
  /// The nearest finding, of equally near ones the smallest program's; nil when there is none.
  public private(set) var match: Match?
  /// What was searched.
  public private(set) var result: SweepResult?
  private let program: Program

  /// Understands a report under a model; nothing is searched yet.
  public init(_ report: KernelReport, program: Program) {
    self.report = report
    self.program = program
    let names = Set(program.functions.filter { !$0.isEntry }.map(\.name))
    var known: [KernelReport.Role: [String]] = [:]
    for role in KernelReport.Role.allCases {
      let functions = report.functions(role).filter { names.contains($0) }
      if !functions.isEmpty { known[role] = functions }
    }
    self.known = known
  }

  /// The model's names of the lock classes that the report names.
  public var knownLocks: [String] {
    report.locks.flatMap { name in program.lockClasses.filter { $0.lockdep == name }.map(\.name) }
  }

  /// Whether the model has anything of the report.
  public var isSearchable: Bool {
    report.kind != nil && (known[.access] != nil || known[.other] != nil || !knownLocks.isEmpty)
  }

  /// Sweeps for it, nearest first, until a program shows all of it, or all were checked.
  ///
  /// - Parameters:
  ///   - options: which programs.
  ///   - jobs: how many are checked side by side.
  ///   - shouldContinue: asked now and then, also from other threads; false stops.
  ///   - update: called now and then with the progress.
  /// - Throws: `DiagnosticError` when a program cannot be checked as a scenario, which is a defect.
  public mutating func search(
    _ options: Sweep.Options, jobs: Int, shouldContinue: @escaping @Sendable () -> Bool,
    update: (Sweep.Progress) -> Void = { _ in }
  ) throws(DiagnosticError) {
    guard let kind = report.kind else { return }
    let this = self
    let wanted = Set(known.values.flatMap { $0 })
    var seen: Set<SweepFinding.Identity> = []
    var best: Match?
    var failure: DiagnosticError?
    let result = Sweep(program: program, options: options).search(
      jobs: jobs,
      rank: { functions in wanted.isEmpty ? 0 : -functions.intersection(wanted).count },
      shouldContinue: shouldContinue, update: update
    ) { findings in
      for finding in findings {
        guard kind.properties.contains(finding.identity.property), this.mayMatch(finding),
          seen.insert(finding.identity).inserted
        else { continue }
        do throws(DiagnosticError) {
          let entry = try SweepReport.entry(finding, number: 1, this.program, faults: options.faults)
          guard let lacking = this.lacking(entry), best.map({ lacking.count < $0.distance }) ?? true else {
            continue
          }
          best = Match(entry: entry, distance: lacking.count, lacking: lacking)
          if lacking.isEmpty { return false }
        } catch {
          failure = error
          return false
        }
      }
      return true
    }
    if let failure { throw failure }
    match = best
    self.result = result
  }

  /// Whether the function where it went wrong is on a stack of the finding; of locks, whether a class is in its
  /// circle.
  private func mayMatch(_ finding: SweepFinding) -> Bool {
    let stacks = [finding.identity.stack] + finding.identity.others
    if let innermost = known[.access]?.first, stacks.contains(where: { $0.contains(innermost) }) {
      return true
    }
    return knownLocks.contains { finding.identity.place.contains($0) }
      || (known[.other] ?? []).contains { function in stacks.contains { $0.contains(function) } }
  }

  /// The report's functions and locks that are not in their role; nil when the place itself is another.
  private func lacking(_ entry: SweepReport.Entry) -> [String]? {
    guard let report = entry.entry?.report else { return nil }
    func names(_ thread: FindingReport.ThreadStack) -> Set<String> { Set(thread.stack.map(\.function)) }
    var lacking: [String] = []
    let all = [report.culprit] + report.others
    if report.finding.property == .lockOrder {
      lacking = knownLocks.filter { !report.finding.message.contains($0) }
      return knownLocks.isEmpty ? nil : lacking
    }
    if let access = known[.access] {
      // Of threads that wait for each other each may be the one that was reported.
      let candidates = report.others.isEmpty || !report.past.isEmpty ? [report.culprit] : all
      let best = candidates.map { thread in access.filter { !names(thread).contains($0) } }
        .min { $0.count < $1.count }
      guard let best, best.first != access.first || best.isEmpty else { return nil }
      lacking += best
    }
    for past in report.past {
      let functions = known[past.role == .freed ? .free : .allocation] ?? []
      lacking += functions.filter { !names(past.thread).contains($0) }
    }
    if let others = known[.other] {
      let there = all.reduce(into: Set<String>()) { $0.formUnion(names($1)) }
      lacking += others.filter { !there.contains($0) }
    }
    return lacking
  }
}
