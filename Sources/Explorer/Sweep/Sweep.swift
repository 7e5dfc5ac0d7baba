import Basics
import Machine
public import StepLanguage
import Synchronization

/// Makes every small program of a model and checks it, smallest first.
///
/// The programs are the same ones in the same order whatever else is asked, so a sweep can be cut into parts,
/// stopped and gone on with.
public final class Sweep {
  /// What is swept.
  public struct Options: Hashable, Sendable {
    /// The most threads.
    public var threads = 2
    /// The most operations of a thread.
    public var operations = 1
    /// The names of the entries that threads run; nil for all. Set-ups may use any.
    public var entries: [String]?
    /// Whether allocations may fail while the threads run.
    public var faults = false
    /// The most operations of a set-up.
    public var setup = 8
    /// How many variables of a slot table are filled at most.
    public var variables = 2
    /// The most states of a program; one that has more is not covered.
    public var states = 200_000
    /// Which part of the programs, from 1, of how many.
    public var part = 1
    /// How many parts there are.
    public var parts = 1

    /// Two threads with an operation each.
    public init() {}
  }

  /// How far a sweep has come.
  public struct Progress: Sendable {
    /// Set-ups that were looked at.
    public var setups = 0
    /// Programs that were checked.
    public var programs = 0
    /// Programs that are known so far.
    public var known = 0
    /// The shape that is being checked.
    public var shape: SweepShape?
    /// Distinct findings.
    public var findings = 0
  }

  private let program: Program
  private let other: Program?
  private let options: Options
  private let enumerator: SweepEnumerator

  /// A sweep.
  ///
  /// - Parameters:
  ///   - program: the model whose programs are made.
  ///   - other: a model that is held against it; nil for none.
  ///   - options: what is swept.
  public init(program: Program, against other: Program? = nil, options: Options) {
    self.program = program
    self.other = other
    self.options = options
    let entries = options.entries.map { names in Set(names.compactMap { program.entry(named: $0) }) }
    enumerator = SweepEnumerator(
      program: program,
      bounds: SweepEnumerator.Bounds(
        threads: options.threads, operations: options.operations, entries: entries, setup: options.setup,
        variables: options.variables))
  }

  /// The programs, those of other parts left out, and none of them checked.
  ///
  /// - Parameter shouldContinue: asked now and then; false stops.
  /// - Returns: the programs in their order; nil when it was stopped.
  public func programs(shouldContinue: () -> Bool) -> [SweepProgram]? {
    guard enumerator.findSetups(shouldContinue: { _ in shouldContinue() }) else { return nil }
    var programs: [SweepProgram] = []
    for shape in enumerator.shapes {
      for node in enumerator.nodes.indices {
        if !shouldContinue() { return nil }
        programs += enumerator.programs(of: shape, at: node).map(\.program)
      }
    }
    return programs.indices.filter { $0 % options.parts == options.part - 1 }.map { programs[$0] }
  }

  /// How many programs are handed out at once.
  private static let batchSize = 64

  /// Runs the sweep.
  ///
  /// - Parameters:
  ///   - jobs: how many programs are checked side by side. The result does not depend on it.
  ///   - earlier: the result of an earlier run of the same sweep that was stopped.
  ///   - shouldContinue: asked now and then, also from other threads; false stops the sweep.
  ///   - update: called now and then with the progress.
  /// - Returns: the result, the earlier run included.
  public func run(
    jobs: Int, after earlier: SweepResult? = nil, shouldContinue: @escaping @Sendable () -> Bool,
    update: (Progress) -> Void = { _ in }
  ) -> SweepResult {
    var result = earlier ?? SweepResult(model: program.name, digest: program.digest, options: options)
    var progress = Progress()
    progress.findings = result.findings.count
    progress.programs = result.position
    let limits = Search.Limits(states: options.states)
    let checker = SweepChecker(program: program, faults: options.faults, limits: limits)
    let against = other.map { SweepChecker(program: $0, faults: options.faults, limits: limits) }
    result.sizes = enumerator.shapes.map { shape in
      result.sizes.first { $0.shape == shape } ?? SweepResult.Size(shape: shape)
    }
    result.isStopped = false
    let foundAll = enumerator.findSetups { count in
      progress.setups = count
      update(progress)
      return shouldContinue()
    }
    result.setups = enumerator.nodes.count
    result.isStopped =
      !foundAll || checkAll(checker, against, jobs, shouldContinue, update, &result, &progress) == false
    result.leftOut = enumerator.leftOut
    result.unreached = unreached()
    return result
  }

  /// Checks the programs, shape by shape and set-up by set-up; false when it was stopped.
  private func checkAll(
    _ checker: SweepChecker, _ against: SweepChecker?, _ jobs: Int,
    _ shouldContinue: @escaping @Sendable () -> Bool, _ update: (Progress) -> Void,
    _ result: inout SweepResult,
    _ progress: inout Progress
  ) -> Bool {
    var number = 0
    for (index, shape) in enumerator.shapes.enumerated() {
      progress.shape = shape
      var total = 0
      for node in enumerator.nodes.indices {
        if !shouldContinue() { return false }
        let programs = enumerator.programs(of: shape, at: node)
        total += programs.count
        progress.known += programs.count
        result.sizes[index].programs = max(result.sizes[index].programs, total)
        let mine = programs.enumerated().map { (number: number + $0.offset, program: $0.element.program) }
          .filter {
            $0.number % options.parts == options.part - 1 && $0.number >= result.position
          }
        number += programs.count
        for first in stride(from: 0, to: mine.count, by: Self.batchSize) {
          let batch = Array(mine[first..<min(mine.count, first + Self.batchSize)])
          for (entry, outcome) in zip(batch, check(batch, checker, against, jobs, shouldContinue)) {
            // What was stopped in between is done again later.
            guard let outcome else { return false }
            result.take(outcome, entry.program, number: entry.number, size: index)
            progress.programs += 1
          }
          progress.findings = result.findings.count + result.differences.count
          update(progress)
        }
      }
      result.sizes[index].isWhole = true
    }
    return true
  }

  /// Checks the programs of each shape in an order of the caller's, until that has what it looks for.
  ///
  /// - Parameters:
  ///   - jobs: how many programs are checked side by side. The result does not depend on it.
  ///   - rank: of the names of the functions through which the operations of a program go; lower ranks come first,
  ///     of equal ones the smaller program. Programs without a rank are left out.
  ///   - shouldContinue: asked now and then, also from other threads; false stops the sweep.
  ///   - update: called now and then with the progress.
  ///   - take: gets what each program shows, in their order; false ends the sweep.
  /// - Returns: what was covered.
  public func search(
    jobs: Int, rank: (Set<String>) -> Int?, shouldContinue: @escaping @Sendable () -> Bool,
    update: (Progress) -> Void = { _ in }, take: ([SweepFinding]) -> Bool
  ) -> SweepResult {
    var result = SweepResult(model: program.name, digest: program.digest, options: options)
    result.sizes = enumerator.shapes.map { SweepResult.Size(shape: $0) }
    result.isStopped = true
    var progress = Progress()
    let checker = SweepChecker(
      program: program, faults: options.faults, limits: Search.Limits(states: options.states))
    let foundAll = enumerator.findSetups { count in
      progress.setups = count
      update(progress)
      return shouldContinue()
    }
    guard foundAll else { return result }
    result.setups = enumerator.nodes.count
    for (index, shape) in enumerator.shapes.enumerated() {
      progress.shape = shape
      var ranked: [(rank: Int, number: Int, program: SweepProgram)] = []
      for node in enumerator.nodes.indices {
        if !shouldContinue() { return result }
        for candidate in enumerator.programs(of: shape, at: node) {
          let names = Set(candidate.functions(of: program).map { program.functions[$0].name })
          if let rank = rank(names) { ranked.append((rank, ranked.count, candidate.program)) }
        }
      }
      ranked.sort { ($0.rank, $0.number) < ($1.rank, $1.number) }
      progress.known += ranked.count
      result.sizes[index].programs = ranked.count
      for first in stride(from: 0, to: ranked.count, by: Self.batchSize) {
        let batch = ranked[first..<min(ranked.count, first + Self.batchSize)].map { ($0.number, $0.program) }
        for (entry, outcome) in zip(batch, check(batch, checker, nil, jobs, shouldContinue)) {
          guard let outcome else { return result }
          result.take(outcome, entry.1, number: entry.0, size: index)
          progress.programs += 1
          if !take(outcome.own?.findings ?? []) { return result }
        }
        progress.findings = result.findings.count
        update(progress)
      }
      result.sizes[index].isWhole = true
    }
    result.isStopped = false
    return result
  }

  /// The outcomes of programs under the model, and under the other one; nil where it was stopped.
  private func check(
    _ batch: [(number: Int, program: SweepProgram)], _ checker: SweepChecker, _ against: SweepChecker?,
    _ jobs: Int, _ shouldContinue: @escaping @Sendable () -> Bool
  ) -> [SweepResult.Outcomes?] {
    let next = Counter()
    let results = Mutex([SweepResult.Outcomes?](repeating: nil, count: batch.count))
    sideBySide(max(1, min(jobs, batch.count))) { _ in
      while shouldContinue() {
        let index = next.value.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < batch.count else { break }
        let (number, program) = batch[index]
        let own = checker.check(program, number: number, shouldContinue: shouldContinue)
        let theirs = against.flatMap { $0.check(program, number: number, shouldContinue: shouldContinue) }
        if own?.bound == "interrupted" || theirs?.bound == "interrupted" { break }
        results.withLock {
          $0[index] = SweepResult.Outcomes(own: own, other: theirs, compares: against != nil)
        }
      }
    }
    return results.withLock { $0 }
  }

  /// Statements that no operation took when it ran alone behind any set-up, in the order of the texts.
  private func unreached() -> [Int] {
    let invariants = Set(program.invariants.map(\.function))
    return program.statements.indices.filter { statement in
      let function = program.statements[statement].function
      return !enumerator.reached[statement] && !invariants.contains(function)
        && function != program.initialFunction && program.text(of: statement) != "}"
    }
  }
}
