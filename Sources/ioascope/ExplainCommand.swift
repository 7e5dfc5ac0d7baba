import ArgumentParser
import Basics
import Dispatch
import Explorer
import Foundation
import Reports
import StepLanguage

/// `ioascope explain`: from a kernel's report to an interleaving.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Looks for an interleaving that shows what a kernel's report describes.",
    discussion: """
      REPORT is what a kernel printed: KASAN, a refcount's or a list's warning, WARN_ON, lockdep, a hung task, a null dereference; from a
      console, a log, or quoted in a mail. '-' reads standard input. Small programs of the model are swept, those first that go through the
      report's functions, for a finding that has these functions in their roles. Exit status 0 when one was found, 1 when there is none up to
      the size searched.

      Example:
        ioascope explain report.txt --model linux-6.7 --output found
      """)

  @Argument(help: "The report, or '-' for standard input.")
  var report: String

  @OptionGroup var model: ModelOption

  @OptionGroup var size: SweepSizeOptions

  @Option(name: .long, help: "A directory for what is found: a scenario and a session that replays.")
  var output: String?

  @Option(name: .long, help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    try CommandError.reporting {
      let directories = DataDirectories.standard()
      let read = KernelReportReader.read(try text())
      guard read.kind != nil else {
        throw CommandError(
          "\(report): no report of a kernel was understood in it; it should say 'BUG: KASAN: …', 'refcount_t: …', 'WARNING: … at F', 'possible circular locking dependency', 'blocked for more than … seconds' or the like",
          status: ExitStatus.data)
      }
      let program = try model.program(directories)
      var explanation = Explanation(read, program: program)
      if format == .text { try StandardStreams.print(Self.understood(explanation, program)) }
      guard explanation.isSearchable else {
        throw CommandError(
          "the model '\(program.name)' has none of the functions and locks of this report; name another one with --model",
          status: ExitStatus.data)
      }
      if let output { try OutputDirectory.make(output) }
      let interrupt = Interrupt()
      let line = SweepProgressLine(model: program.name)
      try explanation.search(
        size.options, jobs: size.jobCount, shouldContinue: size.question(interrupt), update: { line.show($0) }
      )
      line.clear()
      let files = try write(&explanation, program)
      switch format {
      case .text: try StandardStreams.print(Self.text(explanation, files))
      case .json: try StandardStreams.print(Self.json(explanation, files))
      }
      if explanation.match == nil { throw ExitStatus.no }
    }
  }

  private func text() throws -> String {
    guard report == "-" else { return try InputFile.read(report) }
    return String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
  }

  private func write(_ explanation: inout Explanation, _ program: Program) throws -> [String] {
    guard let output, let match = explanation.match, let found = match.entry.entry else { return [] }
    let stem =
      "\(output)/\(program.name)--\(match.entry.scenario.name)-\(match.entry.finding.identity.property)"
    let scenario = "\(stem).step"
    try SweepOutput.write(
      String(decoding: match.entry.scenario.source.bytes, as: UTF8.self), to: scenario)
    try SessionFile.write(
      found.counterexample, world: match.entry.world, scenario: match.entry.scenario, to: "\(stem).ioas")
    return [scenario, "\(stem).ioas"]
  }

  // MARK: Text

  private static let roles: [(KernelReport.Role, String)] = [
    (.access, "where it shows"), (.free, "freed by"), (.allocation, "made by"), (.other, "others"),
  ]

  /// What was understood of the report, with what the model has of it.
  private static func understood(_ explanation: Explanation, _ program: Program) -> String {
    let report = explanation.report
    var lines = ["understood: \(report.kind?.title ?? "nothing")"]
    for (role, title) in roles {
      let functions = report.functions(role)
      guard !functions.isEmpty else { continue }
      let known = Set(explanation.known[role] ?? [])
      let words = functions.filter { known.contains($0) }
      let rest = functions.count - words.count
      var line = "  \(title): \(words.joined(separator: " < "))"
      if rest > 0 { line += words.isEmpty ? "\(rest) functions, none of" : " (and \(rest) that are not in" }
      if rest > 0 { line += " the model\(words.isEmpty ? "" : ")")" }
      lines.append(line)
    }
    if !report.locks.isEmpty {
      lines.append("  locks: \(report.locks.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ explanation: Explanation, _ files: [String]) -> String {
    var lines: [String] = []
    if let result = explanation.result {
      let checked = result.sizes.reduce(0) { $0 + $1.covered + $1.bounded }
      let sizes = result.sizes.filter { $0.covered + $0.bounded > 0 }.map(\.shape.text)
      lines.append("searched: \(checked) programs of \(sizes.joined(separator: ", ")) operations")
      if explanation.match == nil {
        lines.append(
          result.isCovered
            ? "none up to this size; --threads and --ops search larger programs"
            : "none so far, but not everything was covered")
      }
    }
    if let match = explanation.match {
      lines.append(
        match.distance == 0
          ? "found: all of the report's functions that the model has are in their roles"
          : "nearest: \(match.distance) of the report's functions are not in their roles: \(match.lacking.joined(separator: ", "))"
      )
      lines += match.entry.finding.program.text.split(separator: "|").map { "  " + $0.drop { $0 == " " } }
      if let report = match.entry.entry?.report {
        lines.append("  \(report.heading)")
        lines += report.lines().map { $0.isEmpty ? "" : "    \($0)" }
      }
      lines += files.map { "  \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: JSON

  private static func json(_ explanation: Explanation, _ files: [String]) -> String {
    let report = explanation.report
    func list(_ words: [String]) -> String { JSON.list(words.map(JSON.quoted)) }
    let roles = KernelReport.Role.allCases.map { role in
      "\(JSON.quoted(role.rawValue)):\(list(report.functions(role)))"
    }
    let known = KernelReport.Role.allCases.map { role in
      "\(JSON.quoted(role.rawValue)):\(list(explanation.known[role] ?? []))"
    }
    var fields = [
      "\"understood\":"
        + JSON.object([
          JSON.field("kind", report.kind?.rawValue ?? ""), "\"functions\":\(JSON.object(roles))",
          "\"known\":\(JSON.object(known))", "\"locks\":\(list(report.locks))",
        ]), JSON.field("found", explanation.match != nil),
    ]
    if let match = explanation.match {
      fields += [
        JSON.field("property", match.entry.finding.identity.property),
        JSON.field("message", match.entry.finding.message),
        JSON.field("program", match.entry.finding.program.text), JSON.field("distance", match.distance),
        "\"lacking\":\(list(match.lacking))",
      ]
    }
    fields += zip(["scenario", "session"], files).map { JSON.field($0, $1) }
    if let result = explanation.result {
      fields.append(JSON.field("programs", result.sizes.reduce(0) { $0 + $1.covered + $1.bounded }))
      fields.append(JSON.field("complete", result.isCovered))
    }
    return JSON.object(fields)
  }
}
