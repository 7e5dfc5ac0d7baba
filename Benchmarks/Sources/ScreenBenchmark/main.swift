import BenchTerminal
import Foundation
import Interface
import Machine
import Recording
import StepLanguage
import Surface
import BenchSupport

// What a key and a frame cost, and how long it takes from the call to the first screen, beside htop and tig.
//
//   swift build -c release --product ioascope
//   swift run -c release --package-path Benchmarks ScreenBenchmark

let program =
  ProcessInfo.processInfo.environment["IOASCOPE"] ?? "\(Checkout.folder)/.build/release/ioascope"

// MARK: Worlds

/// A scenario with about so many objects: each mapping is an area and its pages.
func crowd(_ objects: Int) -> String {
  let maps = (0..<max(1, objects / 2)).map { "    map f0 s1 0x\(String(0x100000 + $0 * 0x2000, radix: 16)) 0x1000" }
  return """
    scenario crowd "\(objects) objects" {
      setup {
        open f0
        ioas_alloc f0 s1
    \(maps.joined(separator: "\n"))
      }
      thread T0 {
        ioas_alloc f0 s2
        map f0 s2 0x100000 0x1000
        access f0 s1 a1
        pin f0 a1 0x100000 0x1000 p1
      }
      finally {
        close_access a1
        close f0
      }
    }
    """
}

/// A scenario that runs for more than so many steps.
func marathon(_ steps: Int) -> String {
  let rounds = (0..<(steps / 100)).flatMap { _ in
    ["    map f0 s1 0x100000 0x1000", "    unmap f0 s1 0x100000 0x1000"]
  }
  return """
    scenario marathon "a long run" {
      thread T0 {
        open f0
        ioas_alloc f0 s1
    \(rounds.joined(separator: "\n"))
        close f0
      }
    }
    """
}

func state(_ source: String) throws -> AppState {
  let scenario = try Checkout.library.scenarios(from: SourceFile(name: "bench.step", text: source))[0]
  let world = try World(program: try Checkout.library.program(named: "linux-6.12"), scenario: scenario)
  return AppState(world: world, scenario: scenario, modelName: "linux-6.12", scenarioName: scenario.name)
}

// MARK: In the process

func frames(_ name: String, _ start: AppState, _ keys: [String]) {
  var state = start
  let size = Size(width: 160, height: 48)
  _ = reduce(&state, .resized(size))
  var shown = view(state, size: size)
  var times: [Double] = []
  var reductions: [Double] = []
  var cells: [Double] = []
  for round in 0..<120 {
    guard let key = Keystroke(name: keys[round % keys.count]) else { continue }
    var next = shown
    let reducing = ContinuousClock().measure { _ = reduce(&state, .key(key)) }
    let drawing = ContinuousClock().measure { next = view(state, size: size) }
    reductions.append(milliseconds(reducing))
    times.append(milliseconds(reducing + drawing))
    cells.append(Double(diff(from: shown, to: next).reduce(0) { $0 + $1.cells.count }))
    shown = next
  }
  let worst = times.max() ?? 0
  print(
    "| \(name) | \(text(median(times), 2)) | \(text(worst, 2)) | \(text(median(reductions), 2)) | \(text(median(cells), 0)) |"
  )
}

// MARK: Through a terminal

func startUp(_ words: [String]) throws -> (milliseconds: Double, bytes: Int) {
  let terminal = try BenchTerminal(columns: 160, rows: 48)
  let start = ContinuousClock.now
  try terminal.spawn(words)
  let (bytes, last) = terminal.settle(silence: 150)
  return (milliseconds(last - start), bytes)
}

func keys(_ words: [String], _ presses: [String]) throws -> (milliseconds: [Double], bytes: [Double]) {
  let terminal = try BenchTerminal(columns: 160, rows: 48)
  try terminal.spawn(words)
  _ = terminal.settle(silence: 300)
  var times: [Double] = []
  var sizes: [Double] = []
  for round in 0..<60 {
    let start = ContinuousClock.now
    terminal.send(presses[round % presses.count])
    let (bytes, last) = terminal.settle(silence: 40, patience: 500)
    if bytes > 0 {
      times.append(milliseconds(last - start))
      sizes.append(Double(bytes))
    }
  }
  return (times, sizes)
}

func main() throws {
  // tig wants a repository.
  _ = FileManager.default.changeCurrentDirectoryPath(Checkout.folder)
  #if DEBUG
    print("this is a debug build; the numbers mean nothing: use -c release")
  #endif
  print("A key and its frame at 160x48, in the process, median of 120; no peer lets itself be asked this.\n")
  print("| | ms | worst ms | of it the key, ms | cells that differ |")
  print("| --- | --: | --: | --: | --: |")
  for objects in [10, 100, 1_000] {
    let state = try state(crowd(objects))
    frames("\(state.graph.nodes.count) objects, stepping", state, ["space"])
    frames("\(state.graph.nodes.count) objects, moving", state, ["down", "down", "up"])
  }
  var long = try state(marathon(100_000))
  for _ in 0..<8 where !long.timeline.isOver { _ = reduce(&long, .commandChosen(.proceed)) }
  frames("\(long.timeline.depth) steps, back and forth", long, ["u", "u", "U"])
  frames("\(long.timeline.depth) steps, start and end", long, ["home", "end"])

  guard FileManager.default.isExecutableFile(atPath: program) else {
    print("\nthe rest needs the program itself: swift build -c release --product ioascope")
    return
  }
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ioascope-bench-\(getpid())")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let peers = ["htop", "tig"].filter { name in
    ["/usr/bin", "/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }
  if peers.count < 2 { print("\nhtop and tig are not both there; install them for the comparison") }

  print("\nFrom the call to the last byte of the first whole screen, 160x48, median of 9, taken in turn.\n")
  print("| | ms | bytes | ioascope's ÷ its |")
  print("| --- | --: | --: | --: |")
  var starts: [String: [Double]] = [:]
  var bytes: [String: Int] = [:]
  for _ in 0..<9 {
    for words in [[program, "explore"]] + peers.map({ [$0] }) {
      let name = words[0] == program ? "ioascope" : words[0]
      let result = try startUp(words)
      starts[name, default: []].append(result.milliseconds)
      bytes[name] = result.bytes
    }
  }
  let own = median(starts["ioascope"] ?? [0])
  for name in ["ioascope"] + peers {
    let value = median(starts[name] ?? [0])
    print("| \(name) | \(text(value)) | \(bytes[name] ?? 0) | \(text(own / value, 2)) |")
  }

  print("\nFrom a key to the last byte of its screen, through a terminal of 160x48, median of 60 presses, without those that changed nothing.\n")
  print("| | ms | bytes |\(peers.map { " ms ÷ \($0)'s | bytes ÷ \($0)'s |" }.joined())")
  print("| --- | --: | --: |\(peers.map { _ in " --: | --: |" }.joined())")
  var others: [(name: String, milliseconds: Double, bytes: Double)] = []
  for name in peers {
    // The arrow down and up, which both know (as a terminal in application mode sends them).
    let result = try keys([name], ["\u{1b}OB", "\u{1b}OB", "\u{1b}OA"])
    guard !result.milliseconds.isEmpty else { continue }
    others.append((name, median(result.milliseconds), median(result.bytes)))
  }
  for objects in [10, 100, 1_000] {
    let file = directory.appendingPathComponent("crowd-\(objects).step")
    try crowd(objects).write(to: file, atomically: true, encoding: .utf8)
    for (what, presses) in [("a step", [" "]), ("moving", ["\u{1b}OB", "\u{1b}OB", "\u{1b}OA"])] {
      let result = try keys([program, "explore", file.path], presses)
      guard !result.milliseconds.isEmpty else { continue }
      let (time, size) = (median(result.milliseconds), median(result.bytes))
      let ratios = others.map { " \(text(time / $0.milliseconds, 2)) | \(text(size / $0.bytes, 2)) |" }.joined()
      print("| ioascope, \(objects) objects, \(what) | \(text(time, 2)) | \(text(size, 0)) |\(ratios)")
    }
  }
  for other in others {
    print("| \(other.name), moving | \(text(other.milliseconds, 2)) | \(text(other.bytes, 0)) |\(others.map { _ in " | |" }.joined())")
  }
}

try main()
