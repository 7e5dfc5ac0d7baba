import Foundation
import KernelTrace
import StepLanguage
import BenchSupport

// How fast kernel traces are matched, without the start of the program: each file over and over from memory.
//
//   TraceBenchmark FILE…
//
// Prints, separated by tabs: the median of nine runs over all files in MB/s, how many runs of the model the files are, how many they were, and the bytes.

let program = try Checkout.library.program(named: "linux-6.12")
let traces = try CommandLine.arguments.dropFirst().map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) }
guard !traces.isEmpty else {
  FileHandle.standardError.write(Data("usage: TraceBenchmark FILE…\n".utf8))
  exit(64)
}

/// Matches all traces once; gives how many are runs of the model.
func pass() throws -> Int {
  var conforming = 0
  for trace in traces {
    let conformance = Conformance(program: program)
    // As the command does, a quarter of a mebibyte at a time, and no further than it takes.
    var start = 0
    while start < trace.count, !conformance.isDecided {
      let end = min(trace.count, start + 1 << 18)
      try conformance.read(Array(trace[start..<end]))
      start = end
    }
    if try conformance.finish().verdict == .conforms { conforming += 1 }
  }
  return conforming
}

var conforming = try pass()
let bytes = traces.reduce(0) { $0 + $1.count }
var rates: [Double] = []
for _ in 0..<9 {
  // Small files are gone through several times, or the clock would be what is measured.
  let times = max(1, 2_000_000 / max(1, bytes))
  let took = try ContinuousClock().measure { for _ in 0..<times { conforming = try pass() } }
  rates.append(Double(bytes * times) / 1e6 / seconds(took))
}
print("\(text(median(rates), 2))\t\(conforming)\t\(traces.count)\t\(bytes)")
