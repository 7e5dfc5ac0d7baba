import Machine
import StepLanguage

/// One of the runs of the model that the trace read so far may be.
struct Hypothesis {
  /// A thread's place between what the model did and what the trace has shown.
  struct Progress {
    /// Events that the trace owes, oldest first.
    var owed: [Expectation] = []
    /// The lock whose `lock_acquire` was seen and whose `lock_acquired` was not.
    var attempt: UInt64?
  }

  var state: State
  var map: AddressMap
  var threads: [Progress] = []
  /// Steps since it was last the only one.
  var trail: [MatchedStep] = []
  /// What the sanitizers found since then.
  var findings: [TraceFinding] = []
  /// Sleeps that ended with their time since then.
  var timeouts = 0
  /// For each thread what it could do unseen; nil when that must be found out again.
  var pending: [PendingRun?] = []

  /// A run at its beginning.
  init(state: State, program: Program) {
    self.state = state
    map = AddressMap(innerArguments: program.trace.innerArguments)
  }

  /// A digest that is the same for runs that behave alike from here on.
  func digest(_ world: World, _ form: CanonicalDigest) -> UInt64 {
    var hash = form.digest(of: state, in: world)
    func mix(_ value: UInt64) {
      hash = (hash ^ value) &* 0x0000_0100_0000_01b3
      hash ^= hash >> 29
    }
    func number(_ object: ObjectReference) -> UInt64 { UInt64(form.number(of: object, in: state) ?? 0xffff) }
    for thread in threads {
      mix(thread.attempt ?? 1)
      mix(UInt64(thread.owed.count))
      for owed in thread.owed {
        switch owed.kind {
        case .probe(let probe):
          mix(UInt64(probe))
          for (position, local) in world.program.probes[probe].arguments.enumerated() {
            if case .reference = local.type, let object = Machine.object(owed.values[position]) {
              mix(number(object))
            } else {
              mix(UInt64(bitPattern: owed.values[position]))
            }
          }
        case .ended(let entry, let result):
          mix(UInt64(entry))
          mix(UInt64(bitPattern: result))
        case .tried(let object, let offset, _, let mode), .released(let object, let offset, _, let mode):
          mix(number(object))
          mix(UInt64(offset))
          mix(UInt64(bitPattern: mode))
        }
      }
    }
    // A sum, since a dictionary has no order.
    var sum: UInt64 = 0
    for (object, address) in map.addresses {
      guard let number = form.number(of: ObjectReference(heapIndex: object), in: state) else { continue }
      var one = (address ^ 0x9e37_79b9_7f4a_7c15) &* 0x0000_0100_0000_01b3
      one = (one ^ UInt64(number)) &* 0x0000_0100_0000_01b3
      sum &+= one ^ (one >> 31)
    }
    mix(sum)
    return hash
  }
}
