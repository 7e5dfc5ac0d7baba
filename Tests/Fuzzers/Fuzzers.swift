import Foundation
import KernelTrace
import Machine
import Recording
import SmallModels
import StepLanguage

// What libFuzzer calls; 'scripts/fuzz.sh' builds it. Not a target of the package: its main function is libFuzzer's.

private let checkout = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private let library = Library { kind, name in
  let path = "\(kind == .model ? "models" : "scenarios")/\(name).step"
  guard let text = try? String(contentsOf: checkout.appendingPathComponent(path), encoding: .utf8) else {
    return nil
  }
  return (path, text)
}

/// Which reader is fed, and what is made once.
private struct Fuzzer {
  let reader = ProcessInfo.processInfo.environment["IOASCOPE_FUZZ"] ?? "language"
  let program: Program
  let world: World
  let scenario: Scenario

  init() throws {
    program = try library.program(named: "linux-6.12")
    scenario = try library.scenario(named: "replace-vs-pin")
    world = try World(program: program, scenario: scenario)
    if reader == "seed", let file = ProcessInfo.processInfo.environment["IOASCOPE_FUZZ_FILE"] {
      try session().write(toFile: file, atomically: true, encoding: .utf8)
    }
  }

  /// A short session with everything in it, to begin with.
  private func session() throws -> String {
    var text = ""
    var timeline = Timeline(world: world)
    var writer = try SessionWriter(header: Session.Header(world: world, scenario: scenario, tool: "fuzz")) {
      text += $0
    }
    for step in 0..<120 {
      guard let thread = timeline.readiness.firstIndex(of: .ready(choices: 1)) else { break }
      _ = try? timeline.perform(.step(thread: thread, choice: 0))
      if step % 40 == 39 {
        timeline.annotate(.marker, "step \(step)")
        timeline.undo()
      }
      try writer.follow(timeline)
    }
    return text
  }

  /// Reads an input. What is refused is refused with an error; all else that goes wrong stops the process.
  func read(_ bytes: [UInt8]) {
    do {
      switch reader {
      case "session":
        let session = try SessionReader.read(name: "fuzz.ioas", text: String(decoding: bytes, as: UTF8.self))
        _ = try session.replay(program: program)
      case "trace":
        let conformance = Conformance(program: program)
        try conformance.read(bytes)
        _ = try conformance.finish()
      case "machine":
        // A text that compiles is stepped, by threads and a schedule that its digest decides on.
        let source = SourceFile(name: "fuzz.step", text: String(decoding: bytes, as: UTF8.self))
        let program = try library.program(from: source)
        var run = ProgramRun(program: program, seed: FNV1a(bytes).value)
        try run.run(steps: 200)
      default:
        let source = SourceFile(name: "fuzz.step", text: String(decoding: bytes, as: UTF8.self))
        _ = try? library.scenarios(from: source)
        let program = try library.program(from: source)
        _ = Machine(world: World(program: program, threads: [])).initialState()
      }
    } catch let defect as ProgramRun.Defect {
      fatalError(defect.description)
    } catch let error as DiagnosticError {
      for diagnostic in error.diagnostics {
        precondition(
          diagnostic.line >= 1 && diagnostic.column >= 1 && !diagnostic.message.isEmpty, diagnostic.rendered)
      }
    } catch {
      precondition(!"\(error)".isEmpty)
    }
  }
}

nonisolated(unsafe) private let fuzzer: Fuzzer? = {
  do { return try Fuzzer() } catch {
    print(error)
    return nil
  }
}()

/// The function that libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let fuzzer else { fatalError("the model of this checkout does not compile") }
  fuzzer.read(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
