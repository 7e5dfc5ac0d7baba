import Foundation
import Machine
import StepLanguage
import Testing

/// What a real Linux 6.12.117 returned, operation by operation, against the model.
@Suite struct KernelResultTests {
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library = Library { kind, name in
    let directory = kind == .model ? "models" : "scenarios"
    let url = checkout.appendingPathComponent("\(directory)/\(name).step")
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    return ("\(directory)/\(name).step", text)
  }

  static let recordings: [String] = {
    let directory = checkout.appendingPathComponent("Tests/MachineTests/Fixtures").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter {
      $0.hasSuffix(".result")
    }
    .sorted()
  }()

  @Test func thereAreRecordings() {
    #expect(Self.recordings.count >= 15)
  }

  @Test(arguments: recordings)
  func theModelReturnsWhatTheKernelReturned(_ name: String) throws {
    let url = Self.checkout.appendingPathComponent("Tests/MachineTests/Fixtures/\(name)")
    let script = try OperationScript(
      SourceFile(name: name, text: try String(contentsOf: url, encoding: .utf8)))
    let program = try Self.library.program(named: "linux-6.12")
    let world = try World(program: program, script: script)
    #expect(world.threads.count == 1)
    let machine = Machine(world: world)
    let log = EventLog()
    var state = machine.initialState()
    var number = 0
    while machine.step(0, in: &state, log: log) != .notReady {
      #expect(machine.findings == [])
      for event in log.events where event.kind == .operationEnded {
        let line = script.lines[number]
        let expected = try #require(line.expectations.first)
        let value: Int64 = event.b < 0 ? -1 : 0
        let errno = event.b < 0 ? Errno.name(of: -event.b) : "0"
        #expect(
          value == expected.value && Errno.number(of: errno) == Errno.number(of: expected.errno),
          "\(name): \(line.operation.text) gave \(value) \(errno), the kernel \(expected.value) \(expected.errno)"
        )
        number += 1
      }
    }
    #expect(number == script.lines.count)
  }
}
