import Foundation
import Interface
import Machine
import Recording
import StepLanguage
import Surface
import Testing

/// Presses keys at a state, as a user would.
struct Pilot {
  var state: AppState
  /// What the program was asked to do, in order.
  var effects: [AppEffect] = []

  /// Presses keys by name, blanks between them.
  mutating func press(_ keys: String) throws {
    for name in keys.split(separator: " ") {
      let key = try #require(Keystroke(name: String(name)), "\(name)")
      if let effect = reduce(&state, .key(key)) { effects.append(effect) }
    }
  }

  /// Types a text, character by character.
  mutating func type(_ text: String) {
    for character in text {
      if let effect = reduce(&state, .key(.character(character))) { effects.append(effect) }
    }
  }

  /// Types a line behind `:` and enters it.
  mutating func enter(line: String) throws {
    try press(":")
    type(line)
    try press("enter")
  }

  /// The screen as text.
  func screen(_ width: Int = 80, _ height: Int = 24) -> String {
    view(state, size: Size(width: width, height: height)).textLines().joined(separator: "\n")
  }

  /// A scenario that comes with the program, after its set-up.
  static func scenario(_ name: String, model: String = "linux-6.12") throws -> Pilot {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let library = Library { kind, name in
      let path = "\(kind == .model ? "models" : "scenarios")/\(name).step"
      guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else {
        return nil
      }
      return (path, text)
    }
    let scenario = try library.scenario(named: name)
    let world = try World(program: try library.program(named: model), scenario: scenario)
    return Pilot(
      state: AppState(world: world, scenario: scenario, modelName: model, scenarioName: name))
  }

  /// Two threads at a counter with a lock.
  static func counter(
    faults: Bool = false, _ threads: [[String]] = [["add 1", "add 2"], ["add 4"]]
  ) throws -> Pilot {
    let library = Library { _, _ in nil }
    let program = try library.program(
      from: SourceFile(
        name: "counter.step",
        text: """
          model counter "a counter with a lock" {
            slot c = -1 "a counter"
            object counter as counter layer 0 role space {
              lock: mutex
              show value: int
              show users: refcount
            }
            object note as note layer 1 role pin {
              show text: int
            }
            global counters: xarray of counter from 0
            global current: counter
            init {
              let counter = alloc counter
              ref_set counter.users 1 by "table"
              let id = xa_alloc(counters)
              xa_store(counters, id, counter)
              current = counter
            }
            fn plus(counter: counter, amount: int) -> int {
              mutex_lock counter.lock
              counter.value += amount
              let value = counter.value
              mutex_unlock counter.lock
              return value
            }
            entry add(amount: int, twice: flag) "adds to the counter" {
              let counter = current
              plus(counter, amount)
              if twice { plus(counter, amount) }
            }
            entry get(id: c) "gets a counter" {
              let counter = xa_load(counters, id)
              if counter == null { return -ENOENT }
            }
            entry note() "may fail" {
              let note = try_alloc note
              if note == null { return -ENOMEM }
              free note
            }
            entry hang() "takes the lock twice" {
              let counter = current
              mutex_lock counter.lock
              mutex_lock counter.lock
            }
          }
          """))
    let source = SourceFile(name: "", text: "")
    let world = World(
      program: program,
      threads: try threads.enumerated().map { number, lines in
        World.Thread(
          name: "T\(number)",
          operations: try lines.map { try Operation(OperationLine($0), program: program, source: source) })
      }, allowsFaults: faults)
    return Pilot(
      state: AppState(world: world, scenario: nil, modelName: "counter", scenarioName: "two threads"))
  }
}
