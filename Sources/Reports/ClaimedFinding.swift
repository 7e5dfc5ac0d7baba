import Explorer
public import Machine
public import Recording
import StepLanguage

extension Timeline {
  /// What a claim of this property at the present point says of its loop.
  func claim(of finding: Finding) -> (claim: FindingClaim, loop: ClosedRange<Int>?)? {
    guard let claim = claimHere, claim.property == finding.property.rawValue else { return nil }
    return (claim, claim.loopStart.map { $0...max($0, depth) })
  }

  /// The finding that a session names for the present point, found again in the run; nil when it names none, or when the run has none such.
  public var claimedFinding: Finding? {
    guard let claim = claimHere else { return stalled }
    let found = record?.findings ?? (here == 0 ? initialFindings : [])
    let same = found.filter { $0.property.rawValue == claim.property }
    if let exact = same.first(where: { $0.message == claim.message }) ?? same.first { return exact }
    switch claim.property {
    case Property.deadlock.rawValue, Property.lostWakeup.rawValue: return stalled
    case Property.livelock.rawValue: return livelock(claim)
    default: return nil
    }
  }

  /// A deadlock of the present state, where nobody can move and no step has said so.
  private var stalled: Finding? {
    let machine = Machine(world: world)
    let canMove = world.threads.indices.contains { machine.mayStep($0, in: state) > 0 }
    return canMove ? nil : DeadlockCheck.finding(machine, state)
  }

  /// A livelock whose loop comes back to where it began.
  private func livelock(_ claim: FindingClaim) -> Finding? {
    guard let start = claim.loopStart, start >= 1, start <= depth else { return nil }
    let before = situation(at: path[start - 1])
    guard before.state.digest(in: before.world) == state.digest(in: world) else { return nil }
    var busy: Set<Int> = []
    for step in start...depth { if let thread = record(at: path[step])?.thread { busy.insert(thread) } }
    return Finding(
      property: .livelock, thread: busy.min() ?? 0, statement: nil, message: claim.message, objects: [],
      threads: busy.sorted())
  }
}
