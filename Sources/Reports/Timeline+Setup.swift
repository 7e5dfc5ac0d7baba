import Machine
public import Recording
import StepLanguage

extension Timeline {
  /// How many steps of the present path belong to the scenario's set-up: up to where T0 has done its operations before the first barrier.
  public var setupDepth: Int {
    let setup = world.threads.first?.operations.prefix(world.setupCount) ?? []
    let count = setup.filter { $0.kind != .barrier }.count
    guard count > 0 else { return 0 }
    var done = 0
    for (depth, node) in path.enumerated() {
      let point = nodes[node]
      guard point.thread == 0, !point.traits.isDisjoint(with: [.ends, .fails]) else { continue }
      done += 1
      if done >= count { return depth }
    }
    return 0
  }
}
