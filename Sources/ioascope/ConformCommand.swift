import ArgumentParser
import Foundation
import KernelTrace
import Machine
import Recording
import StepLanguage

/// `ioascope conform`: holds a kernel trace against a model.
struct ConformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conform",
    abstract: "Holds a recorded kernel trace against a model.",
    discussion: """
      TRACE is ftrace text: a copy of tracefs' 'trace' file, or what 'trace-cmd report' prints; '-' reads standard input. capture/README.md
      tells how to record one. The exit status is 0 when the trace is a run of the model and 1 when it is not.

      Example:
        ioascope conform traces/replace.trace --model linux-6.12
      """)

  @Argument(help: "The trace, or '-' for standard input.")
  var trace: String

  @OptionGroup var model: ModelOption

  @OptionGroup var source: SourceOption

  @Option(name: .long, help: "text or json.")
  var format = OutputFormat.text

  @Option(
    name: .long,
    help: ArgumentHelp("A probe that the trace was recorded without; may be repeated.", valueName: "probe"))
  var without: [String] = []

  @Option(
    name: .long,
    help: "Write what matched as a session to this file, with the kernel's times and trace lines.")
  var output: String?

  func run() throws {
    try CommandError.reporting {
      let program = try model.program(source.directories())
      for name in without where !program.probes.contains(where: { $0.name == name }) {
        throw CommandError(
          "the model '\(program.name)' has no probe '\(name)'; it has \(Set(program.probes.map(\.name)).sorted().joined(separator: ", "))",
          status: ExitStatus.usage)
      }
      let conformance = Conformance(
        program: program, options: .init(untracedProbes: Set(without), keepsSteps: output != nil))
      var writer = try output.map { path in
        try SessionFile.writer(
          path,
          header: Session.Header(
            world: World(program: program, threads: []), scenario: nil, tool: ProgramVersion.text,
            trace: trace))
      }
      func writeSteps() throws {
        for step in conformance.takeSteps() {
          try writer?.append(
            step.action, origin: Session.Origin(time: Self.seconds(step.time), line: step.line))
        }
      }
      let report: ConformanceReport
      do {
        try TraceFile.read(trace) { chunk in
          try conformance.read(chunk)
          try writeSteps()
          return !conformance.isDecided
        }
        report = try conformance.finish()
        try writeSteps()
      } catch let error as TraceError {
        throw CommandError(error.rendered(file: trace), status: ExitStatus.data)
      }
      switch format {
      case .text: try StandardStreams.print(ConformanceText(report, trace: trace, program: program).text)
      case .json:
        try StandardStreams.print(try ConformanceJSON(report, trace: trace, program: program).text())
      }
      if report.verdict == .diverges { throw ExitStatus.no }
    }
  }

  /// Nanoseconds as the kernel prints them: seconds with six digits behind the point.
  private static func seconds(_ nanoseconds: Int64) -> String {
    let micro = String(nanoseconds / 1_000 % 1_000_000)
    return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 6 - micro.count) + micro
  }
}
