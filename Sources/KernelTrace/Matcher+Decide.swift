import Machine
import StepLanguage

// Whether a thread of a hypothesis is where the trace says, or must go on first.
extension Matcher {
  /// What an event means for a thread in the state that it is in.
  enum Decision {
    /// The event is what the model has done.
    case done
    /// The thread takes a step first; when it is the last one, the event is that step's.
    case step(isLast: Bool)
    /// The event cannot come here.
    case refused(Refusal)
  }

  /// What stands against an event, and what another thread's unseen steps would have to do about it.
  enum Refusal: Hashable {
    /// Nothing would help.
    case final
    /// A word has another value.
    case word(Int)
    /// An object must be freed first, for its address is used anew.
    case object(Int)
    /// A lock without events is held.
    case lock(PendingRun.Lock)
  }

  func decide(
    _ happening: Happening, _ thread: Int, _ hypothesis: inout Hypothesis, _ outlook: ThreadOutlook
  ) -> Decision {
    let map = hypothesis.map
    let decision: Decision
    switch happening {
    case .lock(let action, let address, let name):
      decision = decide(lock: action, address, name, thread, &hypothesis, outlook)
    case .probe(let name, let arguments):
      decision = decide(probe: name, arguments, thread, &hypothesis, outlook)
    case .ended(let value, let errno):
      decision = decide(ended: value, errno, thread, &hypothesis, outlook)
    }
    switch decision {
    case .refused: hypothesis.map = map
    // With one owed event less the thread may have unseen steps again.
    case .done: hypothesis.pending[thread] = nil
    case .step: break
    }
    return decision
  }

  /// A thread that has not come to the event yet goes on, as far as that leaves no other event.
  private func goOn(_ outlook: ThreadOutlook, _ thread: Int) -> Decision {
    switch outlook {
    case .idle, .stuck: return .refused(.final)
    case .asleep(let seconds):
      // The sleep began after the thread's last event, so that much time must have passed; a hundredth of a second is the clock tick's.
      return moment.time - lastTimes[thread] >= seconds * 1_000_000_000 - 10_000_000
        ? .step(isLast: false) : .refused(.final)
    case .takesLock(_, _, let lockClass, _, _), .releasesLock(_, _, let lockClass, _):
      return isTraced(lockClass) ? .refused(.final) : .step(isLast: false)
    case .other: return .step(isLast: false)
    }
  }

  // MARK: Locks

  private func decide(
    lock action: TraceEvent.LockAction, _ address: UInt64, _ name: String, _ thread: Int,
    _ hypothesis: inout Hypothesis, _ outlook: ThreadOutlook
  ) -> Decision {
    if let owed = hypothesis.threads[thread].owed.first {
      return decide(owed, lock: action, address, name, thread, &hypothesis)
    }
    switch action {
    case .attempt(let isRead, let isTry):
      guard case .takesLock(let object, _, let lockClass, let mode, _) = outlook, isTraced(lockClass)
      else { return goOn(outlook, thread) }
      guard hypothesis.threads[thread].attempt == nil, !isTry, isRead == (mode == .read),
        name == lockNames[lockClass]
      else { return .refused(.final) }
      if let misfit = hypothesis.map.bind(
        lock: AddressMap.Lock(object: object.index, lockClass: lockClass), to: address)
      {
        return .refused(refusal(misfit))
      }
      hypothesis.threads[thread].attempt = address
      return .done
    case .contended:
      return hypothesis.threads[thread].attempt == address && isName(name, of: outlook)
        ? .done : .refused(.final)
    case .acquired:
      guard hypothesis.threads[thread].attempt == address, isName(name, of: outlook),
        case .takesLock(_, _, _, _, isAvailable: true) = outlook
      else { return .refused(.final) }
      hypothesis.threads[thread].attempt = nil
      return .step(isLast: true)
    case .released:
      guard case .releasesLock(let object, _, let lockClass, _) = outlook, isTraced(lockClass) else {
        return goOn(outlook, thread)
      }
      guard name == lockNames[lockClass] else { return .refused(.final) }
      if let misfit = hypothesis.map.bind(
        lock: AddressMap.Lock(object: object.index, lockClass: lockClass), to: address)
      {
        return .refused(refusal(misfit))
      }
      return .step(isLast: true)
    }
  }

  private func isName(_ name: String, of outlook: ThreadOutlook) -> Bool {
    guard case .takesLock(_, _, let lockClass, _, _) = outlook else { return false }
    return lockNames[lockClass] == name
  }

  /// Locks that were tried for, or released where that could not be foretold.
  private func decide(
    _ owed: Expectation, lock action: TraceEvent.LockAction, _ address: UInt64, _ name: String, _ thread: Int,
    _ hypothesis: inout Hypothesis
  ) -> Decision {
    let object: Int
    let lockClass: Int
    switch (owed.kind, action) {
    case (.tried(let place, _, let tried, let mode), .attempt(let isRead, isTry: true)):
      guard isRead == (mode == Int64(LockMode.read.rawValue)) else { return .refused(.final) }
      (object, lockClass) = (place.index, tried)
    case (.released(let place, _, let released, _), .released): (object, lockClass) = (place.index, released)
    default: return .refused(.final)
    }
    guard name == lockNames[lockClass] else { return .refused(.final) }
    if let misfit = hypothesis.map.bind(
      lock: AddressMap.Lock(object: object, lockClass: lockClass), to: address)
    {
      return .refused(refusal(misfit))
    }
    hypothesis.threads[thread].owed.removeFirst()
    return .done
  }

  private func refusal(_ misfit: AddressMap.Misfit) -> Refusal {
    if case .address(let other) = misfit { return .object(other) }
    return .final
  }

  // MARK: Probes and results

  private func decide(
    probe name: String, _ arguments: [TraceEvent.Argument], _ thread: Int, _ hypothesis: inout Hypothesis,
    _ outlook: ThreadOutlook
  ) -> Decision {
    guard let owed = hypothesis.threads[thread].owed.first else { return goOn(outlook, thread) }
    guard case .probe(let number) = owed.kind, program.probes[number].name == name else {
      return .refused(.final)
    }
    for (position, local) in program.probes[number].arguments.enumerated() {
      guard let argument = arguments.first(where: { $0.name == local.name }) else { continue }
      let value = present(owed, position, hypothesis.state)
      let refusal: Refusal?
      if case .reference = local.type {
        refusal = compare(pointer: argument, value, probe: name, &hypothesis.map)
      } else {
        refusal = argument.value == UInt64(bitPattern: value) ? nil : .final
      }
      guard let refusal else { continue }
      if refusal == .final, owed.origins[position] > 0 { return .refused(.word(owed.origins[position])) }
      return .refused(refusal)
    }
    hypothesis.threads[thread].owed.removeFirst()
    return .done
  }

  /// A probe's value at this moment: a field that was read without its lock may have changed since the step before the probe.
  func present(_ owed: Expectation, _ position: Int, _ state: State) -> Int64 {
    let value = owed.values[position]
    let origin = owed.origins[position]
    guard origin > 0 else { return value }
    let now = machine.word(origin, of: state)
    if now == value || machine.livingObject(at: origin, in: state) == nil { return value }
    return now
  }

  private func compare(
    pointer argument: TraceEvent.Argument, _ value: Int64, probe: String, _ map: inout AddressMap
  ) -> Refusal? {
    guard let object = Machine.object(value) else {
      return argument.value == program.trace.null(inProbe: probe) ? nil : .final
    }
    guard argument.value != 0, argument.value < UInt64(bitPattern: -4095) else { return .final }
    return map.bind(object.index, to: argument.value, argument: argument.name).map(refusal)
  }

  private func decide(
    ended value: Int64, _ errno: String, _ thread: Int, _ hypothesis: inout Hypothesis,
    _ outlook: ThreadOutlook
  ) -> Decision {
    guard let owed = hypothesis.threads[thread].owed.first else { return goOn(outlook, thread) }
    guard case .ended(_, let result) = owed.kind else { return .refused(.final) }
    let isSame =
      result < 0 ? value == -1 && Errno.number(of: errno) == -result : value == result && errno == "0"
    guard isSame else { return .refused(.final) }
    hypothesis.threads[thread].owed.removeFirst()
    return .done
  }
}
