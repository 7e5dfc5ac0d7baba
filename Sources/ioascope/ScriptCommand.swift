import ArgumentParser
import Machine
import StepLanguage

/// `ioascope script`: runs an operation script and prints what each operation returned.
struct ScriptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "script",
    abstract: "Runs an operation script and prints a result line per operation.",
    discussion: """
      A result file may be given in place of a script: what stands behind ' = ' is then the expectation, and a difference is
      reported with both. Exit status 1 when one differs, or when something is found.

      Example:
        ioascope script examples/replace.ops --model linux-6.12
      """)

  @Argument(help: "The script, or a result file.")
  var file: String

  @OptionGroup var model: ModelOption

  @OptionGroup var functions: SourceOption

  @Option(name: .long, help: "Chooses the schedule of scripts with several threads.")
  var seed: UInt64 = 0

  @Option(name: .long, help: "Ends the run when no operation ends within so many steps.")
  var maxSteps = RunBound.defaultSteps

  func run() throws {
    try CommandError.reporting {
      let directories = functions.directories()
      let program = try model.program(directories)
      let script = try OperationScript(SourceFile(name: file, text: try InputFile.read(file)))
      let world = try World(program: program, script: script)
      var run = ScriptRun(world: world, script: script, seed: seed, maxSteps: maxSteps)
      try run.run { try StandardStreams.print($0) }
      for note in program.assumptions { StandardStreams.complain(note) }
      for difference in run.differences { StandardStreams.complain(difference) }
      for finding in run.findings { StandardStreams.complain(finding) }
      if !run.differences.isEmpty || !run.findings.isEmpty { throw ExitStatus.no }
    }
  }
}
