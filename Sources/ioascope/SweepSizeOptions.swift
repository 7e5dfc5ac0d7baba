import ArgumentParser
import Explorer
import Foundation

/// How large programs are made, and how long that may take: what `sweep` and `explain` have in common.
struct SweepSizeOptions: ParsableArguments {
  @Option(name: .long, help: "The most threads.")
  var threads = 2

  @Option(name: .long, help: "The most operations of a thread.")
  var ops = 1

  @Flag(name: .long, help: "Let allocations fail while the threads run.")
  var faults = false

  @Option(
    name: .long, help: ArgumentHelp("Stop after so long, such as 90s, 10m or 2h.", valueName: "time"))
  var budget: String?

  @Option(name: .long, help: "How many programs are checked side by side; all processors if not given.")
  var jobs: Int?

  func validate() throws {
    try Self.bound(threads, 1...8, "--threads")
    try Self.bound(ops, 1...8, "--ops")
    try Self.bound(jobs, 1...1024, "--jobs")
    if let budget, Self.seconds(budget) == nil {
      throw ValidationError("--budget is a time such as 90s, 10m or 2h, not '\(budget)'")
    }
  }

  /// Says which numbers an option takes.
  static func bound(_ value: Int?, _ range: ClosedRange<Int>, _ name: String) throws {
    if let value, !range.contains(value) {
      throw ValidationError("\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// The sweep's options as far as they are told here.
  var options: Sweep.Options {
    var options = Sweep.Options()
    options.threads = threads
    options.operations = ops
    options.faults = faults
    return options
  }

  /// How many programs are checked side by side.
  var jobCount: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  /// Asked before each program: whether there is time left and nobody has pressed ^C. The budget begins now.
  func question(_ interrupt: Interrupt) -> @Sendable () -> Bool {
    let isInterrupted = interrupt.question
    let end = budget.flatMap(Self.seconds).map { DispatchTime.now().uptimeNanoseconds + UInt64($0 * 1e9) }
    return {
      if isInterrupted() { return false }
      guard let end else { return true }
      return DispatchTime.now().uptimeNanoseconds < end
    }
  }

  /// A time in seconds: `90`, `90s`, `10m`, `2h`.
  private static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number > 0, number < 1e8 else {
      return nil
    }
    return number * (unit ?? 1)
  }
}
