import Machine

/// How large a heap of fixed size must be for a world.
enum HeapEstimate {
  private static let runs = 64
  private static let longestRun = 20_000

  /// What some runs came to need at most, and a half more. Always the same for a world.
  static func words(_ world: World) -> Int {
    let machine = Machine(world: world)
    var random: UInt64 = 0x9e37_79b9_7f4a_7c15
    var most = 0
    for run in 0..<runs {
      var state = machine.initialState()
      var thread = 0
      for _ in 0..<longestRun {
        most = max(most, machine.heapWordCount(of: state))
        let counts = world.threads.indices.map { machine.mayStep($0, in: state) }
        let ready = counts.indices.filter { counts[$0] > 0 }
        guard !ready.isEmpty else { break }
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        // The first run lets each thread go on as long as it can, the others switch at random.
        if counts[thread] == 0 || (run > 0 && random >> 32 & 1 != 0) {
          thread = ready[Int(random & 0xffff) % ready.count]
        }
        guard machine.step(thread, choice: Int(random >> 40) % counts[thread], in: &state) != .notReady else {
          break
        }
      }
    }
    let largest = world.program.types.map(\.size).max() ?? 0
    return most + most / 2 + largest + 32
  }
}
