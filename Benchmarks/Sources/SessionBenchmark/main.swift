import Basics
import BenchTerminal
import Explorer
import Foundation
import Machine
import Recording
import StepLanguage
import BenchSupport

// Long sessions: makes them, and goes to places in them through a terminal, beside less in the same file.
//
//   SessionBenchmark make STEPS FILE
//   SessionBenchmark seek PROGRAM STEPS FILE [STEPS FILE]…
//
// 'Benchmarks/sessions.sh' does all of it.

struct Trouble: Error { let text: String }

/// Two threads that map, pin, move and unmap for ever, one against the other.
func scenario(rounds: Int) -> String {
  let first = """
        pin f0 a1 0x100000 0x1000 p1
        replace f0 a1 s2
        pin f0 a1 0x100000 0x1000 p2
        unpin f0 a1 p2
        replace f0 a1 s1

    """
  let second = """
        map f0 s2 0x200000 0x2000
        unmap f0 s2 0x200000 0x2000

    """
  return """
    scenario long "\(rounds) rounds" {
      setup {
        open f0
        ioas_alloc f0 s1
        ioas_alloc f0 s2
        map f0 s1 0x100000 0x4000
        map f0 s2 0x100000 0x4000
        access f0 s1 a1
      }
      thread T0 {
    \(String(repeating: first, count: rounds))  }
      thread T1 {
    \(String(repeating: second, count: 2 * rounds))  }
    }
    """
}

/// Writes a session of so many steps under the 6.12 model, the threads drawn by lot, always by the same lots.
func make(steps: Int, file: String) throws {
  // A round is some four hundred steps.
  let source = SourceFile(name: "long.step", text: scenario(rounds: steps / 200 + 2))
  guard let scenario = try Checkout.library.scenarios(from: source).first else { throw Trouble(text: "no scenario") }
  let world = try World(program: try Checkout.library.program(named: "linux-6.12"), scenario: scenario)
  var timeline = Timeline(world: world)
  var generator = SplitMix64(seed: 1)
  _ = FileManager.default.createFile(atPath: file, contents: nil)
  guard let handle = FileHandle(forWritingAtPath: file) else { throw Trouble(text: "\(file): cannot be written") }
  var lines = ""
  var writer = try SessionWriter(header: Session.Header(world: world, scenario: scenario, tool: "SessionBenchmark")) {
    lines += $0
    if lines.utf8.count > 1 << 20 {
      try handle.write(contentsOf: Data(lines.utf8))
      lines = ""
    }
  }
  while timeline.depth < steps {
    let ready = timeline.readiness.enumerated().compactMap { thread, readiness -> Int? in
      if case .ready = readiness { thread } else { nil }
    }
    guard let thread = ready.randomElement(using: &generator) else {
      throw Trouble(text: "the scenario ends after \(timeline.depth) steps")
    }
    _ = try timeline.perform(.step(thread: thread, choice: 0))
    if timeline.depth % 32 == 0 { try writer.follow(timeline) }
  }
  try writer.follow(timeline)
  try handle.write(contentsOf: Data(lines.utf8))
  try handle.close()
}

struct Seeks {
  var open = 0.0
  var jumps: [Double] = []
  var memory = 0
}

/// Opens a file at a place in a terminal, then goes to other places in it.
func seeks(_ words: [String], _ places: [Int], _ type: (Int) -> (text: String, key: String)) throws -> Seeks {
  let terminal = try BenchTerminal(columns: 120, rows: 40)
  var result = Seeks()
  let start = ContinuousClock.now
  try terminal.spawn(words)
  let opened = terminal.settle(silence: 200, patience: 60_000, limit: .seconds(90))
  guard opened.bytes > 0 else { throw Trouble(text: "\(words.joined(separator: " ")): nothing came") }
  result.open = milliseconds(opened.last - start)
  for place in places {
    let words = type(place)
    terminal.send(words.text)
    _ = terminal.settle(silence: 60, patience: 300)
    let start = ContinuousClock.now
    terminal.send(words.key)
    let (bytes, last) = terminal.settle(silence: 100, patience: 20_000)
    if bytes > 0 { result.jumps.append(milliseconds(last - start)) }
  }
  result.memory = terminal.peakMemory
  guard result.memory > 0 else { throw Trouble(text: "\(words.joined(separator: " ")): it ended") }
  return result
}

func seek(program: String, _ files: [(steps: Int, path: String)]) throws {
  print("| steps | | opened in the middle, ms | a jump, ms | the slowest jump, ms | peak MiB |")
  print("| --: | --- | --: | --: | --: | --: |")
  for (steps, path) in files {
    var own: [Seeks] = []
    var peer: [Seeks] = []
    var generator = SplitMix64(seed: UInt64(steps))
    let middle = steps / 2
    for _ in 0..<3 {
      let places = (0..<7).map { _ in Int.random(in: 1..<steps, using: &generator) }
      own.append(try seeks([program, "replay", path, "--at", "\(middle)"], places) { (":\($0)", "\r") })
      peer.append(try seeks(["less", "+\(middle)g", path], places) { ("\($0)", "g") })
    }
    func row(_ label: String, _ name: String, _ all: [Seeks]) -> (open: Double, jump: Double, memory: Double) {
      let jumps = all.flatMap(\.jumps)
      let open = median(all.map(\.open))
      let memory = Double(all.map(\.memory).max() ?? 0) / 1_048_576
      print("| \(label) | \(name) | \(text(open)) | \(text(median(jumps), 2)) | \(text(jumps.max() ?? 0, 2)) | \(text(memory, 0)) |")
      return (open, median(jumps), memory)
    }
    let mine = row("\(steps)", "ioascope replay", own)
    let others = row("", "less", peer)
    print(
      "| | ratio | \(text(mine.open / others.open, 2)) | \(text(mine.jump / others.jump, 2)) | | \(text(mine.memory / others.memory)) |")
  }
}

do {
  let words = CommandLine.arguments
  if words.count == 4, words[1] == "make", let steps = Int(words[2]), steps > 0 {
    try make(steps: steps, file: words[3])
  } else if words.count >= 5, words[1] == "seek", words.count % 2 == 1 {
    let files = try stride(from: 3, to: words.count, by: 2).map { index in
      guard let steps = Int(words[index]), steps > 1 else { throw Trouble(text: "\(words[index]) is no number of steps") }
      return (steps, words[index + 1])
    }
    try seek(program: words[2], files)
  } else {
    throw Trouble(text: "usage: SessionBenchmark make STEPS FILE | seek PROGRAM STEPS FILE [STEPS FILE]…")
  }
} catch let trouble as Trouble {
  FileHandle.standardError.write(Data("SessionBenchmark: \(trouble.text)\n".utf8))
  exit(1)
}
