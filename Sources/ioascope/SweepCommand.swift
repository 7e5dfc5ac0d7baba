import ArgumentParser
import Dispatch
import Explorer
import Foundation
import Reports
import StepLanguage

/// `ioascope sweep`: makes and checks every small program of a model.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Makes every small program of a model and checks it, smallest first.",
    discussion: """
      A program is a set-up, found by the tool, and a few threads with a few operations each. What is left out, and what was covered, is said.
      With --against the programs whose verdict differs between two models. ^C ends with what there is. Exit status 1 when something was
      found, or when a verdict differs.

      Example:
        ioascope sweep --model linux-6.12 --output findings
        ioascope sweep --threads 2 --ops 2 --budget 10m --checkpoint sweep.jsonl
      """)

  @OptionGroup var model: ModelOption

  @OptionGroup var source: SourceOption

  @Option(
    name: .long,
    help: "A second model: report the programs whose verdict differs between the two, and no findings.")
  var against: String?

  @Option(
    name: .long,
    help: "The operations that threads run, with commas between them; all if not given. Set-ups use any.")
  var entries: String?

  @OptionGroup var size: SweepSizeOptions

  @Option(name: .long, help: "The most operations of a set-up.")
  var setup = 8

  @Option(name: .long, help: "Leave a program that has more states than this uncovered.")
  var maxStates = 200_000

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Check only part K of N of the programs; --join puts parts together.", valueName: "k/n"))
  var part: String?

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp(
      "Instead of sweeping put the JSON outputs of all parts together.", valueName: "file"))
  var join: [String] = []

  @Flag(
    name: .long, help: "Print the programs and check none; with --output each is a scenario there.")
  var list = false

  @Option(
    name: .long,
    help: "A directory for the findings, each a scenario and a session that replays.")
  var output: String?

  @Option(
    name: .long,
    help:
      "Where a sweep that is stopped keeps what it takes to go on; when the file is there, continue from it.")
  var checkpoint: String?

  @Option(name: .long, help: "text, or json (one object a line: findings, then a summary).")
  var format = OutputFormat.text

  func validate() throws {
    try SweepSizeOptions.bound(setup, 0...64, "--setup")
    try SweepSizeOptions.bound(maxStates, 1...1 << 40, "--max-states")
    if let part, Self.part(part) == nil {
      throw ValidationError("--part is K/N with K from 1 to N, not '\(part)'")
    }
    if !join.isEmpty, part != nil || checkpoint != nil || size.budget != nil {
      throw ValidationError(
        "--join puts parts together and sweeps nothing, so it takes no --part, --budget or --checkpoint")
    }
  }

  func run() throws {
    try CommandError.reporting {
      let directories = source.directories()
      if let output { try OutputDirectory.make(output) }
      if !join.isEmpty {
        try joinParts(directories)
        return
      }
      let program = try model.program(directories)
      let other = try against.map { try directories.library.program($0) }
      let options = try options(program)
      if list {
        try printPrograms(program, options)
        return
      }
      let start = DispatchTime.now().uptimeNanoseconds
      let interrupt = Interrupt()
      let line = SweepProgressLine(model: program.name)
      let result = try Sweep(program: program, against: other, options: options).run(
        jobs: size.jobCount, after: earlier(program, options), shouldContinue: size.question(interrupt),
        update: { line.show($0) })
      line.clear()
      try keep(result)
      var report = try SweepReport(
        result, program: program, seconds: Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
      report.other = other?.name
      try emit(&report, program)
    }
  }

  private func options(_ program: Program) throws -> Sweep.Options {
    var options = size.options
    options.setup = setup
    options.states = maxStates
    if let part, let (number, count) = Self.part(part) { (options.part, options.parts) = (number, count) }
    if let entries {
      let names = entries.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      for name in names where program.entry(named: name) == nil {
        throw CommandError(
          "the model '\(program.name)' has no operation '\(name)'\(Spelling.suggestion(name, among: program.entries.map(\.name))); its operations are \(program.entries.map(\.name).joined(separator: ", "))",
          status: ExitStatus.usage)
      }
      options.entries = Set(names).sorted()
    }
    return options
  }

  /// Prints each program in a line, and writes it as a scenario where a directory was named.
  private func printPrograms(_ program: Program, _ options: Sweep.Options) throws {
    let programs = Sweep(program: program, options: options).programs { true } ?? []
    for (number, small) in programs.enumerated() {
      try StandardStreams.print("\(SweepShape(small).text)  \(small.text)")
      guard let output else { continue }
      let name = "program-\(number + 1)"
      try SweepOutput.write(
        small.scenario(named: name, title: small.text, model: program.name, faults: size.faults),
        to: "\(output)/\(name).step")
    }
  }

  // MARK: Checkpoints

  /// What the checkpoint holds, when it is there.
  private func earlier(_ program: Program, _ options: Sweep.Options) throws -> SweepResult? {
    guard let checkpoint, FileManager.default.fileExists(atPath: checkpoint) else { return nil }
    let result = try Self.read(checkpoint)
    guard result.digest == program.digest, result.options == options else {
      throw CommandError(
        "\(checkpoint): it belongs to another model or to a sweep with other options; remove it to begin anew",
        status: ExitStatus.data)
    }
    return result
  }

  /// Writes the checkpoint of a sweep that was stopped, and removes that of one that is finished.
  private func keep(_ result: SweepResult) throws {
    guard let checkpoint else { return }
    let text = SweepFile.text(result, other: against)
    try CheckpointFile.write(result.isStopped ? [UInt8](text.utf8) : nil, to: checkpoint)
    if result.isStopped { StandardStreams.complain("stopped; the same command continues from \(checkpoint)") }
  }

  private static func read(_ path: String) throws -> SweepResult {
    let text = try InputFile.read(path)
    do throws(SweepFile.Problem) {
      return try SweepFile.read(text)
    } catch {
      throw CommandError("\(path):\(error.line):1: error: \(error.message)", status: ExitStatus.data)
    }
  }

  // MARK: Parts

  private func joinParts(_ directories: DataDirectories) throws {
    let parts = try join.map(Self.read)
    guard let (result, missing, stopped) = SweepResult.joined(parts) else {
      throw CommandError(
        "these are no parts of one sweep: each must be of the same model, with the same options and a number of its own",
        status: ExitStatus.data)
    }
    let program = try directories.library.program(model.model ?? result.model)
    guard program.digest == result.digest else {
      throw CommandError(
        "the model '\(program.name)' has changed since these parts were made; run them again",
        status: ExitStatus.data)
    }
    var report = try SweepReport(result, program: program, seconds: 0)
    report.missing = missing
    report.stopped = stopped
    report.other = against
    if !missing.isEmpty || !stopped.isEmpty {
      let again = (missing + stopped).sorted().map { "\($0)/\(parts[0].options.parts)" }
      StandardStreams.complain("not complete; run again: --part \(again.joined(separator: ", --part "))")
    }
    try emit(&report, program)
    if !missing.isEmpty || !stopped.isEmpty { throw ExitStatus.data }
  }

  // MARK: Output

  private func emit(_ report: inout SweepReport, _ program: Program) throws {
    if let output { try SweepOutput.write(&report, to: output) }
    for limit in report.result.limits { StandardStreams.complain(limit.diagnostic(in: program).rendered) }
    switch format {
    case .text: try StandardStreams.print(report.text())
    case .json: try StandardStreams.print(report.json)
    }
    if let lost = report.entries.first(where: { $0.entry == nil }) {
      throw CommandError(
        "the program '\(lost.finding.program.text)' does not show '\(lost.finding.identity.property)' when it is checked as a scenario",
        status: ExitStatus.defect)
    }
    if report.isViolated { throw ExitStatus.no }
    if !report.result.limits.isEmpty { throw ExitStatus.data }
  }

  static func part(_ text: String) -> (number: Int, count: Int)? {
    let words = text.split(separator: "/", omittingEmptySubsequences: false)
    guard words.count == 2, let number = Int(words[0]), let count = Int(words[1]),
      (1...1_000_000).contains(count), (1...count).contains(number)
    else { return nil }
    return (number, count)
  }
}
