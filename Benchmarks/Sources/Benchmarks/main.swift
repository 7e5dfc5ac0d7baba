import Counters
import Foundation

// Steps per second, and a proof that stepping takes no memory and counts no reference.
//
//   swift run -c release --package-path Benchmarks

func perSecond(_ body: () -> Int) -> Double {
  var count = 0
  let time = ContinuousClock().measure { count = body() }
  return Double(count) / (Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func processor() -> String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("model name") } ?? "unknown"
  return String(line.drop { $0 != ":" }.dropFirst(2))
}

func main() throws {
  #if DEBUG
    print("this is a debug build; the numbers mean nothing: use -c release")
  #endif
  var workloads = try Workloads()
  print(
    "\(processor()), \(ProcessInfo.processInfo.activeProcessorCount) processors, \(ProcessInfo.processInfo.operatingSystemVersionString)"
  )
  print(
    "linux-6.12, a state of \(workloads.wordCount) words, \(workloads.packedWords) packed; medians of 9 runs, per second"
  )
  if !workloads.canStep { print("the threads cannot step in the middle; the last line means little") }

  func measure(_ name: String, _ body: (inout Workloads) -> Int) {
    _ = body(&workloads)
    let before = counters_now()
    var count = 0
    let values = (0..<9).map { _ in
      perSecond {
        count = body(&workloads)
        return count
      }
    }
    let after = counters_now()
    let name = name.padding(toLength: 42, withPad: " ", startingAt: 0)
    print("\(name) \(String(format: "%12.0f", median(values)))")
    // Measuring itself takes a few blocks a run; what a step took would show as thousands.
    let allocations = after.allocations - before.allocations
    let retains = after.retains - before.retains
    let releases = after.releases - before.releases
    let accesses = after.accesses - before.accesses
    print(
      "  \(9 * count): malloc \(allocations), retain \(retains), release \(releases), beginAccess \(accesses)"
    )
    if allocations + retains + releases + accesses > 500 { failed = true }
  }
  var failed = false
  measure("steps, attach-pin-replace") { $0.steps(rounds: 1_000) }
  measure("steps with a log, attach-pin-replace") { $0.loggedSteps(rounds: 1_000) }
  measure("steps without invariants") { $0.stepsWithoutInvariants(rounds: 1_000) }
  measure("steps, replace-vs-unmap, random schedules") { $0.schedules(rounds: 1_000) }
  measure("copy and hash") { $0.copiesWithHash(rounds: 500_000) }
  measure("unpack, step, hash and pack") { $0.edges(rounds: 500_000) }
  if workloads.sum == 0 { print("no hash") }
  if failed {
    print("a step takes memory or counts references")
    exit(1)
  }
}

try main()
