import Machine
import StepLanguage

// What would have been possible where the trace went another way.
extension Matcher {
  /// What a thread could have shown, and where in the model it is.
  struct Outlooks {
    var expected: [String] = []
    var function: String?
    /// `file:line` of the model's statement.
    var place: String?
  }

  /// What the hypotheses would let a thread show next, each once, at most eight.
  func expected(_ thread: Int) -> Outlooks {
    var result = Outlooks()
    for hypothesis in frontier.prefix(64) {
      var run = hypothesis
      let description =
        run.threads[thread].owed.first.map { describe($0, thread, run) } ?? runOn(&run, thread)
      if result.function == nil { (result.function, result.place) = position(thread, run) }
      if result.expected.count < 8, !result.expected.contains(description) {
        result.expected.append(description)
      }
    }
    return result
  }

  /// Lets a thread go to what it would show next.
  private func runOn(_ run: inout Hypothesis, _ thread: Int) -> String {
    for _ in 0..<Self.unseenLimit {
      if let owed = run.threads[thread].owed.first { return describe(owed, thread, run) }
      let name = world.threads[thread].name
      switch machine.outlook(of: thread, in: run.state) {
      case .idle: return "the start of \(name)'s next operation"
      case .stuck: return "nothing: \(name) cannot go on after what was found"
      case .asleep(let seconds): return "nothing for \(seconds) seconds: \(name) sleeps"
      case .takesLock(let object, let offset, let lockClass, let mode, let isAvailable):
        if isTraced(lockClass) {
          let lock = lockText(run, object, lockClass)
          guard run.threads[thread].attempt != nil else {
            return "lock_acquire \(mode == .read ? "read " : "")\(lock)"
          }
          if isAvailable { return "lock_acquired \(lock)" }
          return "lock_contended \(lock), held by \(holders(run, object, offset, mode))"
        }
        if !isAvailable {
          return
            "nothing: \(lockText(run, object, lockClass)) is held by \(holders(run, object, offset, mode))"
        }
      case .releasesLock(let object, _, let lockClass, _):
        if isTraced(lockClass) { return "lock_release \(lockText(run, object, lockClass))" }
      case .other: break
      }
      takeStep(thread, &run, machine.outlook(of: thread, in: run.state))
    }
    return "nothing"
  }

  private func holders(_ run: Hypothesis, _ object: ObjectReference, _ offset: Int, _ mode: LockMode)
    -> String
  {
    let lock = StateView(run.state, world: world).lock(
      LockReference(object: object, offset: offset, mode: mode))
    let threads = [lock.owner].compactMap { $0 } + lock.readers
    return threads.isEmpty ? "nobody" : threads.map { world.threads[$0].name }.joined(separator: ", ")
  }

  private func lockText(_ run: Hypothesis, _ object: ObjectReference, _ lockClass: Int) -> String {
    let name = lockNames[lockClass] ?? program.lockClasses[lockClass].name
    let owner = StateView(run.state, world: world).name(of: object)
    guard let address = run.map.address(of: AddressMap.Lock(object: object.index, lockClass: lockClass))
    else {
      return "\(name) of \(owner)"
    }
    return "\(String(address, radix: 16)) \(name) of \(owner)"
  }

  private func describe(_ owed: Expectation, _ thread: Int, _ run: Hypothesis) -> String {
    switch owed.kind {
    case .probe(let number):
      let probe = program.probes[number]
      let values = probe.arguments.enumerated().map { position, local in
        "\(local.name)=\(text(of: present(owed, position, run.state), local, probe: probe.name, run))"
      }
      return ([probe.name] + values).joined(separator: " ")
    case .ended(_, let result):
      let operation = world.threads[thread].operations.last?.text ?? ""
      let value = result < 0 ? "-1 \(Errno.name(of: -result))" : "0 0"
      return "\(world.threads[thread].name) \(operation) = \(value)"
    case .tried(let object, _, let lockClass, let mode):
      let read = mode == Int64(LockMode.read.rawValue) ? "read " : ""
      return "lock_acquire try \(read)\(lockText(run, object, lockClass))"
    case .released(let object, _, let lockClass, _):
      return "lock_release \(lockText(run, object, lockClass))"
    }
  }

  private func text(of value: Int64, _ local: Local, probe: String, _ run: Hypothesis) -> String {
    switch local.type {
    case .reference:
      guard let object = Machine.object(value) else {
        return "0x" + String(program.trace.null(inProbe: probe), radix: 16)
      }
      let view = StateView(run.state, world: world)
      let name = view.contains(object) ? view.name(of: object) : "an object that is gone"
      return run.map.pointer(to: object.index, argument: local.name).map {
        "0x\(String($0, radix: 16))(\(name))"
      }
        ?? name
    case .unsigned: return "0x" + String(UInt64(bitPattern: value), radix: 16)
    default: return String(value)
    }
  }

  /// The function that a thread is in and the statement that comes next.
  private func position(_ thread: Int, _ run: Hypothesis) -> (function: String?, place: String?) {
    let frames = StateView(run.state, world: world).thread(thread).frames
    let place = frames.last?.statement.map { program.location(of: $0) }
    guard case .probe(let number)? = run.threads[thread].owed.first?.kind else {
      return (frames.last.map { program.functions[$0.function].name }, place)
    }
    func fires(_ function: Function) -> Bool {
      function.entryProbes.contains(number) || function.returnProbes.contains(number)
    }
    // The thread rests at the step after the probe, so it may have left the probed function.
    let inside = frames.last { fires(program.functions[$0.function]) }.map { program.functions[$0.function] }
    let probed = inside ?? program.functions.first(where: fires)
    return (probed?.name ?? frames.last.map { program.functions[$0.function].name }, place)
  }
}
