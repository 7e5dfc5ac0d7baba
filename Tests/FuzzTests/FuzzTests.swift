import Explorer
import Foundation
import Interface
import KernelTrace
import Lessons
import Machine
import Recording
import Reports
import SmallModels
import StepLanguage
import Surface
import Testing

/// Spoiled files of every kind are taken or refused, never crash, and every refusal says where.
///
/// `IOASCOPE_FUZZ_ROUNDS` asks for more rounds than the few that every run does; `IOASCOPE_FUZZ_SEED` begins elsewhere.
@Suite struct FuzzTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func number(_ name: String, _ standard: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? standard
  }
  private static var rounds: Int { Int(number("IOASCOPE_FUZZ_ROUNDS", 60)) }
  private static var seed: UInt64 { number("IOASCOPE_FUZZ_SEED", 1) }

  /// The texts of a directory of the checkout, the same order each time.
  private static func texts(_ directory: String, _ ending: String, atMost limit: Int = 200_000) throws
    -> [String]
  {
    let url = root.appendingPathComponent(directory)
    return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted().filter {
      $0.hasSuffix(ending)
    }
    .compactMap { try? String(contentsOf: url.appendingPathComponent($0), encoding: .utf8) }
    .filter { $0.utf8.count <= limit }
  }

  /// Feeds spoiled texts to a reader.
  private func fuzz(_ name: String, _ seeds: [String], rounds: Int = rounds, _ read: (String) throws -> Void)
    throws
  {
    try #require(!seeds.isEmpty, "there is nothing to begin with for \(name)")
    var mangler = Mangler(seed: Self.seed)
    for _ in 0..<rounds {
      let text = mangler.mangled(seeds[mangler.below(seeds.count)])
      do {
        try read(text)
      } catch let error as DiagnosticError {
        for diagnostic in error.diagnostics {
          #expect(!diagnostic.message.isEmpty)
          #expect(diagnostic.line >= 1 && diagnostic.column >= 1, "\(name): \(diagnostic.rendered)")
          // A message goes to a terminal, so what a file has in it must not.
          #expect(
            diagnostic.rendered.unicodeScalars.allSatisfy {
              $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t"
            },
            "\(name): a control character in a message")
        }
      } catch let error as ThemeError {
        #expect(!error.description.isEmpty)
      } catch let error as TraceError {
        #expect(!"\(error)".isEmpty)
      } catch is Library.NotFound {
      }
    }
  }

  /// What compiles can be stepped: the state keeps its form, and nothing crashes, hangs or leaves its memory.
  @Test func modelsThatAreStepped() throws {
    let models = try Self.texts("models", ".step")
    let library = Library { kind, name in
      guard kind == .model else { return nil }
      let url = Self.root.appendingPathComponent("models/\(name).step")
      return (try? String(contentsOf: url, encoding: .utf8)).map { ("models/\(name).step", $0) }
    }
    var number = Self.seed
    var stepped = 0
    try fuzz("stepped models", models, rounds: Self.rounds * 4) { text in
      let program = try library.program(from: SourceFile(name: "fuzz.step", text: text))
      number += 1
      var run = ProgramRun(program: program, seed: number)
      stepped += try run.run(steps: 300)
    }
    #expect(stepped > 100, "mangled models hardly ever step")
  }

  /// Reports of kernels and parts of sweeps are taken or refused, whatever was done to them.
  @Test func reportsOfKernelsAndPartsOfSweeps() throws {
    let report = """
      [  412.119377] BUG: KASAN: slab-use-after-free in iopt_unmap_iova_range+0x4d1/0x6a0
      [  412.121080] Call Trace:
      [  412.121288]  <TASK>
      [  412.122643]  ? iopt_unmap_iova_range+0x4d1/0x6a0
      [  412.123363]  iopt_unmap_iova (drivers/iommu/iommufd/io_pagetable.c:512 (discriminator 2))
      <4>[  412.123660][ T731] iommufd_ioas_unmap.isra.0+0x15b/0x1d0 [iommufd]
      > Freed by task 732:
      > kfree mm/slub.c:12 [inline]
      ffff8881 (&access->ioas_lock){+.+.}-{4:4}, at: f+0x1/0x2
      -> #1 (&x->m/1){+.+.}-{4:4}:
      WARNING: CPU: 0 PID: 911 at lib/refcount.c:25 refcount_warn_saturate+0xd1/0x120
      INFO: task race:512 blocked for more than 120 seconds.
      RIP: 0010:refcount_warn_saturate+0xd1/0x120
      """
    var understood = 0
    try fuzz("reports", [report], rounds: Self.rounds * 10) { text in
      let read = KernelReportReader.read(text)
      if read.kind != nil { understood += 1 }
      #expect(read.stacks.allSatisfy { !$0.functions.isEmpty && $0.functions.allSatisfy { !$0.isEmpty } })
    }
    #expect(understood > Self.rounds, "a spoiled report is hardly ever understood")
    var result = SweepResult(model: "m", digest: 1, options: Sweep.Options())
    result.findings = [
      SweepFinding(
        identity: SweepFinding.Identity(property: "leak", place: "a:1", stack: ["f"], others: [["g"]]),
        message: "m", program: SweepProgram(setup: ["a"], threads: [["b"], ["c"]]), number: 3, steps: 9,
        programs: 2)
    ]
    result.sizes = [SweepResult.Size(shape: SweepShape([1, 1]))]
    let part = SweepFile.text(result, other: nil)
    #expect(try SweepFile.read(part).findings.map(\.program) == result.findings.map(\.program))
    var refused = 0
    try fuzz("parts", [part], rounds: Self.rounds * 10) { text in
      do throws(SweepFile.Problem) {
        _ = try SweepFile.read(text)
      } catch {
        refused += 1
        #expect(error.line >= 1 && !error.message.isEmpty)
      }
    }
    #expect(refused > 0)
  }

  /// Models of our own making with hostile sizes, stepped.
  @Test func randomModelsThatAreStepped() throws {
    let library = Library { _, _ in nil }
    for seed in 0..<(Self.rounds * 2) {
      var generator = RandomModel(seed: seed + Int(Self.seed) * 1_000)
      let text =
        switch seed % 3 {
        case 0: generator.textWithLooks()
        case 1: generator.textWithInvariants()
        default: generator.textWithLater()
        }
      let program = try library.program(
        from: SourceFile(name: "random.step", text: "model random \"random\" {\n\(text)\n}\n"))
      var run = ProgramRun(program: program, seed: UInt64(seed))
      try run.run(steps: 2_000)
    }
  }

  /// Sizes that no person writes: each text is compiled and stepped, or refused with a place.
  @Test(arguments: [
    ("fields", 4_000), ("parameters", 32), ("locals", 400), ("threads", 61), ("locks", 200), ("nesting", 40),
    ("objects", 3_000),
    ("fields", 80_000), ("parameters", 5_000), ("locals", 20_000), ("nesting", 60_000), ("terms", 200_000),
    ("elses", 100_000),
  ])
  func hostileSizes(_ what: String, _ count: Int) throws {
    let numbers = 0..<count
    let items: String =
      switch what {
      case "fields":
        "object o { \(numbers.map { "f\($0): int" }.joined(separator: "\n")) }\nglobal g: o\nentry go() { g = alloc o; let x = g; x.f\(count - 1) = 1 }"
      case "parameters":
        "fn f(\(numbers.map { "p\($0): int" }.joined(separator: ", "))) -> int { return p0 + p\(count - 1) }\nglobal g: int\nentry go() { g = f(\(numbers.map { "\($0)" }.joined(separator: ", "))) }"
      case "locals":
        "global g: int\nentry go() { \(numbers.map { "let v\($0) = g" }.joined(separator: "\n"))\ng = v0 }"
      case "locks":
        "\(numbers.map { "global l\($0): mutex" }.joined(separator: "\n"))\nentry go() { mutex_lock l0; mutex_lock l\(count - 1); mutex_unlock l\(count - 1); mutex_unlock l0 }"
      case "nesting":
        "global g: int\nentry go() { g = \(String(repeating: "(", count: count))1\(String(repeating: ")", count: count)) }"
      case "terms": "global g: int\nentry go() { g = 1\(String(repeating: " + 1", count: count)) }"
      case "elses":
        "global g: int\nentry go() { if g == 0 { g = 1 }\(String(repeating: " else if g == 2 { g = 3 }", count: count)) }"
      default:
        "object o { f: int }\nglobal n: int\nentry go() { while n < \(count) { let x = alloc o; n += 1 } }"
      }
    let library = Library { _, _ in nil }
    do {
      let program = try library.program(
        from: SourceFile(name: "hostile.step", text: "model hostile \"hostile\" {\n\(items)\n}\n"))
      var run = ProgramRun(program: program, seed: 3)
      try run.run(steps: 20_000)
    } catch let error as DiagnosticError {
      #expect(error.diagnostics.allSatisfy { $0.line >= 1 && !$0.message.isEmpty })
      #expect(["fields", "parameters", "locals", "nesting", "terms", "elses"].contains(what))
    }
  }

  @Test func models() throws {
    let models = try Self.texts("models", ".step")
    let library = Library { kind, name in
      guard kind == .model else { return nil }
      let url = Self.root.appendingPathComponent("models/\(name).step")
      return (try? String(contentsOf: url, encoding: .utf8)).map { ("models/\(name).step", $0) }
    }
    try fuzz("models", models) { text in
      let program = try library.program(from: SourceFile(name: "fuzz.step", text: text))
      // What compiles can begin.
      let world = World(program: program, threads: [])
      _ = Machine(world: world).initialState()
    }
  }

  @Test func scenarios() throws {
    let library = Library { _, _ in nil }
    try fuzz("scenarios", try Self.texts("scenarios", ".step"), rounds: Self.rounds * 10) { text in
      _ = try library.scenarios(from: SourceFile(name: "fuzz.step", text: text))
    }
  }

  @Test func scripts() throws {
    try fuzz("scripts", try Self.texts("Tests/MachineTests/Fixtures", ".result"), rounds: Self.rounds * 5) {
      text in
      _ = try OperationScript(SourceFile(name: "fuzz.ops", text: text))
    }
  }

  @Test func themes() throws {
    let themes = try Self.texts("themes", ".toml")
    try fuzz("themes", themes, rounds: Self.rounds * 5) { text in
      _ = try Theme.load("fuzz") { $0 == "fuzz" ? ThemeFile(path: "fuzz.toml", text: text) : nil }
    }
  }

  @Test func lessons() throws {
    try fuzz("lessons", try Self.texts("lessons", ".toml"), rounds: Self.rounds * 2) { text in
      _ = try LessonText.read(text, path: "fuzz.toml")
    }
  }

  @Test func settings() throws {
    var settings = Settings()
    settings.theme = "dark"
    settings.keys = [.step: [.character("x"), .function(5)], .undo: []]
    let seeds = [SettingsText.text(settings), "[panels]\ncolumns-3 = [60, 40]\nparts-3-1 = [1, 2, 3, 4]\n"]
    try fuzz("settings", seeds, rounds: Self.rounds * 5) { text in
      var pilot = try SettingsText.read(text, path: "fuzz.toml")
      pilot.theme = nil
      _ = pilot.keyTable
    }
  }

  @Test func sessions() throws {
    let library = Library { kind, name in
      let url = Self.root.appendingPathComponent("\(kind == .model ? "models" : "scenarios")/\(name).step")
      return (try? String(contentsOf: url, encoding: .utf8)).map { (url.lastPathComponent, $0) }
    }
    let program = try library.program(named: "linux-6.12")
    let scenario = try library.scenario(named: "replace-vs-pin")
    let world = try World(program: program, scenario: scenario)
    var timeline = Timeline(world: world)
    var text = ""
    var writer = try SessionWriter(header: Session.Header(world: world, scenario: scenario, tool: "test")) {
      text += $0
    }
    for step in 0..<200 {
      guard let thread = timeline.readiness.firstIndex(of: .ready(choices: 1)) else { break }
      _ = try? timeline.perform(.step(thread: thread, choice: 0))
      if step % 50 == 49 {
        timeline.annotate(.marker, "step \(step)")
        timeline.undo()
      }
    }
    try writer.follow(timeline)
    try fuzz("sessions", [text], rounds: Self.rounds * 3) { text in
      let session = try SessionReader.read(name: "fuzz.ioas", text: text)
      _ = try session.replay(program: program)
    }
  }

  @Test func traces() throws {
    let library = Library { kind, name in
      guard kind == .model else { return nil }
      let url = Self.root.appendingPathComponent("models/\(name).step")
      return (try? String(contentsOf: url, encoding: .utf8)).map { (url.lastPathComponent, $0) }
    }
    let program = try library.program(named: "linux-6.12")
    let seeds = try Self.texts("Tests/KernelTraceTests/Fixtures", ".trace", atMost: 400_000).map {
      String($0.prefix(30_000))
    }
    try fuzz("traces", seeds, rounds: Self.rounds) { text in
      let conformance = Conformance(program: program)
      try conformance.read(Array(text.utf8))
      _ = try conformance.finish()
    }
  }
}
