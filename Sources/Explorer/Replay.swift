import Machine
import StepLanguage

/// Goes the ways to findings once more, from where the search began and with the numbers of objects and threads that they have there.
final class Replay {
  private let machine: Machine
  private let start: State?
  private var state: State

  init(world: World, start: State?) {
    machine = Machine(world: world)
    self.start = start
    state = machine.initialState()
  }

  private func begin() {
    if let start {
      machine.copy(from: start, to: &state)
      machine.examine(&state)
    } else {
      state = machine.initialState()
    }
  }

  /// How many system calls begin on a way.
  func operations(of schedule: [Search.Move]) -> Int {
    begin()
    var count = 0
    for move in schedule {
      if machine.beginsCall(move.thread, in: state) { count += 1 }
      _ = machine.step(move.thread, choice: move.choice, in: &state)
    }
    return count
  }

  /// A counterexample with the words in which its last step tells what is wrong.
  func told(_ example: Search.Counterexample) -> Search.Counterexample {
    begin()
    for move in example.schedule { _ = machine.step(move.thread, choice: move.choice, in: &state) }
    var result = example
    let finding = example.finding
    let candidates = machine.findings.filter { $0.property == finding.property }
    if let same = candidates.first(where: { $0.message == finding.message })
      ?? candidates.first(where: {
        $0.statement == finding.statement
          && Self.withoutNumbers($0.message) == Self.withoutNumbers(finding.message)
      }) ?? candidates.first
    {
      result.finding = same
    } else if finding.property == .lockOrder {
      result.finding.thread = example.schedule.last?.thread ?? finding.thread
    } else if finding.property == .deadlock, let stall = DeadlockCheck.finding(machine, state) {
      result.finding = stall
    } else if finding.property == .livelock {
      result.finding = Endlessness.finding(machine, state)
    }
    return result
  }

  /// What two messages have in common that differ in the numbers of objects and threads.
  private static func withoutNumbers(_ text: String) -> String { text.filter { !$0.isNumber } }
}
