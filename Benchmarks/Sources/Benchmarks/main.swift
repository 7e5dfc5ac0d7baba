import Counters
import Foundation
import BenchSupport

// Steps per second, and a proof that stepping takes no memory and counts no reference.
//
//   swift run -c release --package-path Benchmarks Benchmarks            the table
//   swift run -c release --package-path Benchmarks Benchmarks rounds     the text of the scenario that Spin gets, too
//   … Benchmarks beside NAME STEPS-PER-SECOND                            the table with a peer that went through the rounds
//
// 'Benchmarks/steps.sh' runs Spin and this in turn.

func perSecond(_ body: () -> Int) -> Double {
  var count = 0
  let time = ContinuousClock().measure { count = body() }
  return Double(count) / seconds(time)
}

func main() throws {
  let words = CommandLine.arguments
  if words.dropFirst() == ["rounds"] {
    print(Rounds.text, terminator: "")
    return
  }
  var peer: (name: String, rate: Double)?
  if words.count == 4, words[1] == "beside", let rate = Double(words[3]), rate > 0 { peer = (words[2], rate) }
  guard words.count == 1 || peer != nil else {
    print("usage: Benchmarks [rounds | beside NAME STEPS-PER-SECOND]")
    exit(64)
  }
  #if DEBUG
    print("this is a debug build; the numbers mean nothing: use -c release")
  #endif
  var workloads = try Workloads()
  guard workloads.canStep else {
    print("the threads cannot step in the middle of the race")
    exit(1)
  }
  print("| | per second, median of 9 |\(peer.map { " beside \($0.name) |" } ?? "") allocations | retains and releases | of |")
  print("| --- | --: |\(peer == nil ? "" : " --: |") --: | --: | --: |")

  func measure(_ name: String, comparable: Bool = false, _ body: (inout Workloads) -> Int) {
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
    // Measuring itself takes a few blocks a run; what a step took would show as thousands.
    let allocations = after.allocations - before.allocations
    let references = after.retains - before.retains + after.releases - before.releases
    let accesses = after.accesses - before.accesses
    var row = "| \(name) | \(text(median(values), 0)) |"
    if let peer { row += comparable ? " \(text(median(values) / peer.rate)) times |" : " |" }
    print(row + " \(allocations) | \(references) | \(9 * count) |")
    if allocations + references + accesses > 500 { failed = true }
  }
  var failed = false
  measure("the rounds, taken up, stepped, hashed and kept, as a search does", comparable: true) { workloads in
    (0..<5).reduce(0) { count, _ in count + workloads.roundEdges() }
  }
  measure("the rounds, steps alone", comparable: true) { workloads in
    (0..<5).reduce(0) { count, _ in count + workloads.roundSteps() }
  }
  if let peer { print("| \(peer.name): the rounds, stepped and hashed | \(String(format: "%.0f", peer.rate)) | 1 | | | |") }
  measure("attach-pin-replace, steps") { $0.steps(rounds: 200) }
  measure("attach-pin-replace, steps with a log of what happened") { $0.loggedSteps(rounds: 200) }
  measure("attach-pin-replace, steps without the model's invariants") { $0.stepsWithoutInvariants(rounds: 200) }
  measure("replace-vs-unmap, random schedules of two threads") { $0.schedules(rounds: 200) }
  measure(
    "a state of \(workloads.wordCount) words (\(workloads.packedWords) kept): copied and hashed"
  ) { $0.copiesWithHash(rounds: 100_000) }
  measure("the same: taken up, stepped, hashed and kept") { $0.edges(rounds: 100_000) }
  if workloads.sum == 0 { print("no hash") }
  if failed {
    print("a step takes memory or counts references")
    exit(1)
  }
}

try main()
