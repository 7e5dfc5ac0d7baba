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

  static let hardware: [String] = {
    let directory = checkout.appendingPathComponent("Tests/MachineTests/Fixtures/hardware").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter {
      $0.hasSuffix(".result")
    }
    .map { "hardware/\($0)" }.sorted()
  }()

  @Test func thereAreRecordingsOfDevices() {
    #expect(Self.hardware.count >= 25)
  }

  @Test(arguments: recordings)
  func theModelReturnsWhatTheKernelReturned(_ name: String) throws {
    try compare(name, model: "linux-6.12")
  }

  @Test(arguments: recordings + hardware)
  func theModelWithDevicesReturnsWhatTheKernelReturned(_ name: String) throws {
    try compare(name, model: "linux-6.12-devices")
  }

  private func compare(_ name: String, model: String) throws {
    let url = Self.checkout.appendingPathComponent("Tests/MachineTests/Fixtures/\(name)")
    let script = try OperationScript(
      SourceFile(name: name, text: try String(contentsOf: url, encoding: .utf8)))
    let program = try Self.library.program(named: model)
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
        #expect(
          event.b == expected.result,
          "\(name): \(line.operation.text) gave \(Operation.text(ofResult: event.b)), the kernel \(expected.text)"
        )
        number += 1
      }
    }
    #expect(number == script.lines.count)
  }
}
