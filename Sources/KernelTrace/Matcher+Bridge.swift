import Machine
import StepLanguage

// Going on where the trace has lost events: threads do what the model says, and the events that this would have left count as lost.
extension Matcher {
  /// Lets a thread go on to an event over at most that many lost ones.
  ///
  /// - Returns: how many were passed over; nil when the event is not to be reached.
  func bridge(_ happening: Happening, thread: Int, at moment: Moment, limit: Int) -> Int? {
    self.moment = moment
    return bridge(thread, limit) { self.reach(happening, thread, &$0, limit: limit) }
  }

  /// Lets a thread end its operation over at most that many lost events.
  func bridgeToEnd(thread: Int, at moment: Moment, limit: Int) -> Int? {
    self.moment = moment
    return bridge(thread, limit) { hypothesis in
      var cost = 0
      while cost <= limit {
        if hypothesis.threads[thread].owed.isEmpty,
          self.machine.outlook(of: thread, in: hypothesis.state) == .idle
        {
          return cost
        }
        guard let one = self.skip(thread, &hypothesis) else { return nil }
        cost += one
      }
      return nil
    }
  }

  private func bridge(_ thread: Int, _ limit: Int, _ run: (inout Hypothesis) -> Int?) -> Int? {
    var reached: [(hypothesis: Hypothesis, cost: Int)] = []
    for hypothesis in frontier {
      var next = hypothesis
      if let cost = run(&next), cost <= limit { reached.append((next, cost)) }
    }
    guard let least = reached.map(\.cost).min() else { return nil }
    var seen: Set<UInt64> = []
    replaceFrontier(
      with: reached.filter { $0.cost == least && seen.insert($0.hypothesis.digest(world, form)).inserted }
        .map(
          \.hypothesis))
    lastTimes[thread] = moment.time
    return least
  }

  private func reach(_ happening: Happening, _ thread: Int, _ hypothesis: inout Hypothesis, limit: Int)
    -> Int?
  {
    var cost = 0
    for _ in 0..<Self.unseenLimit where cost <= limit {
      let outlook = machine.outlook(of: thread, in: hypothesis.state)
      switch decide(happening, thread, &hypothesis, outlook) {
      case .done: return cost
      case .step(let isLast):
        guard canStep(outlook) else { return nil }
        takeStep(thread, &hypothesis, outlook)
        if isLast { return cost }
      case .refused:
        if case .takesLock(let object, _, let lockClass, _, let isAvailable) = outlook, isTraced(lockClass) {
          if !isAvailable {
            guard let freed = freeLock(for: thread, &hypothesis, limit: limit - cost) else { return nil }
            cost += freed
            continue
          }
          // Only the attempt is lost: the lock is had now.
          if case .lock(.acquired, let address, let name) = happening, name == lockNames[lockClass],
            hypothesis.threads[thread].attempt == nil,
            hypothesis.map.bind(
              lock: AddressMap.Lock(object: object.index, lockClass: lockClass), to: address) == nil
          {
            hypothesis.threads[thread].attempt = address
            cost += 1
            continue
          }
        }
        guard let one = skip(thread, &hypothesis) else { return nil }
        cost += one
      }
    }
    return nil
  }

  /// Lets the threads that keep a lock from this one go on until it can be had.
  private func freeLock(for thread: Int, _ hypothesis: inout Hypothesis, limit: Int) -> Int? {
    var cost = 0
    while cost <= limit {
      guard
        case .takesLock(let object, let offset, _, let mode, isAvailable: false) = machine.outlook(
          of: thread, in: hypothesis.state)
      else { return cost }
      let lock = StateView(hypothesis.state, world: world).lock(
        LockReference(object: object, offset: offset, mode: mode))
      guard let holder = ([lock.owner].compactMap { $0 } + lock.readers).first(where: { $0 != thread }),
        let one = skip(holder, &hypothesis)
      else { return nil }
      cost += one
    }
    return nil
  }

  /// One step of a thread, or one owed event forgotten; how many events this would have left. Nil when the thread cannot go on.
  private func skip(_ thread: Int, _ hypothesis: inout Hypothesis) -> Int? {
    if !hypothesis.threads[thread].owed.isEmpty {
      hypothesis.threads[thread].owed.removeFirst()
      hypothesis.pending[thread] = nil
      return 1
    }
    let outlook = machine.outlook(of: thread, in: hypothesis.state)
    guard canStep(outlook) else { return nil }
    switch outlook {
    case .idle, .stuck, .asleep: return nil
    case .takesLock(_, _, let lockClass, _, _):
      let cost = isTraced(lockClass) ? (hypothesis.threads[thread].attempt == nil ? 2 : 1) : 0
      hypothesis.threads[thread].attempt = nil
      takeStep(thread, &hypothesis, outlook)
      return cost
    case .releasesLock(_, _, let lockClass, _):
      takeStep(thread, &hypothesis, outlook)
      return isTraced(lockClass) ? 1 : 0
    case .other:
      takeStep(thread, &hypothesis, outlook)
      return 0
    }
  }
}
