import Basics
import Machine
import StepLanguage

@testable import KernelTrace

/// Runs a world under a drawn schedule and writes what a kernel's trace of it would be.
struct TraceWriter {
  private(set) var lines: [String] = []
  private(set) var findings: [Finding] = []
  private(set) var isFinished = false
  private let world: World
  private let names: [String?]
  private var addresses: [Int: UInt64] = [:]
  private var nextAddress: UInt64 = 0xff11_0000_0001_0000
  private var time: Int64 = 1_000_000
  private var attempts: Set<Int> = []

  init(world: World, seed: UInt64) {
    self.world = world
    names = world.program.lockClasses.map(\.lockdep)
    var generator = SplitMix64(seed: seed)
    let machine = Machine(world: world)
    machine.checksInvariants = false
    let log = EventLog()
    var state = machine.initialState()
    for _ in 0..<200_000 {
      let readiness = machine.readiness(in: state)
      let ready = readiness.indices.filter {
        switch readiness[$0] {
        case .ready, .timeout: true
        default: false
        }
      }
      guard let thread = ready.randomElement(using: &generator) else {
        isFinished = readiness.allSatisfy { $0 == .finished }
        return
      }
      if readiness[thread] == .timeout { time += 60_000_000 }
      let outlook = machine.outlook(of: thread, in: state)
      announce(outlook, thread)
      let outcome = machine.step(thread, in: &state, log: log)
      findings += machine.findings
      guard outcome == .stepped else { continue }
      for event in log.events { write(event, log, thread, outlook, state) }
    }
  }

  private mutating func line(_ thread: Int, _ text: String) {
    time += 3
    let seconds = time / 1_000_000
    let rest = String(time % 1_000_000 + 1_000_000).dropFirst()
    lines.append(
      "    \(world.threads[thread].name)-\(100 + thread)   [00\(thread % 2)] .....   \(seconds).\(rest): \(text)"
    )
  }

  private mutating func address(_ object: Int) -> UInt64 {
    if let known = addresses[object] { return known }
    nextAddress += 0x1000
    addresses[object] = nextAddress
    return nextAddress
  }

  private mutating func lock(_ object: ObjectReference, _ offset: Int, _ lockClass: Int) -> String {
    String(address(object.index) + 0x100 + UInt64(offset) * 8, radix: 16) + " " + (names[lockClass] ?? "")
  }

  private mutating func announce(_ outlook: ThreadOutlook, _ thread: Int) {
    switch outlook {
    case .takesLock(let object, let offset, let lockClass, let mode, let isAvailable)
    where names[lockClass] != nil:
      let text = lock(object, offset, lockClass)
      if attempts.insert(thread).inserted {
        let words = text.split(separator: " ")
        line(thread, "lock_acquire: \(words[0]) \(mode == .read ? "read " : "")\(words[1])")
      }
      if !isAvailable { line(thread, "lock_contended: \(text)") }
    case .releasesLock(let object, let offset, let lockClass, _) where names[lockClass] != nil:
      line(thread, "lock_release: \(lock(object, offset, lockClass))")
    default: break
    }
  }

  private mutating func write(
    _ event: Event, _ log: EventLog, _ thread: Int, _ outlook: ThreadOutlook, _ state: State
  ) {
    let view = StateView(state, world: world).thread(thread)
    switch event.kind {
    case .allocated: addresses[Int(event.a)] = nil
    case .acquired:
      guard case .takesLock(let object, let offset, let lockClass, _, _) = outlook, names[lockClass] != nil
      else { return }
      attempts.remove(thread)
      line(thread, "lock_acquired: \(lock(object, offset, lockClass))")
    case .operationStarted:
      // An operation of one step has ended by now.
      let number = view.operationsDone - (log.events.contains { $0.kind == .operationEnded } ? 1 : 0)
      line(thread, "tracing_mark_write: \(view.name) \(world.threads[thread].operations[number].text)")
    case .operationEnded:
      let text = world.threads[thread].operations[view.operationsDone - 1].text
      let result = event.b < 0 ? "-1 \(Errno.name(of: -event.b))" : "0 0"
      line(thread, "tracing_mark_write: \(view.name) \(text) = \(result)")
    case .probe:
      let probe = world.program.probes[Int(event.a)]
      var words = ["\(probe.name): (f+0x4/0x10)"]
      for (position, local) in probe.arguments.enumerated() {
        let value = log.values[Int(event.b) + position]
        switch local.type {
        case .reference:
          let pointer =
            value == 0
            ? world.program.trace.null(inProbe: probe.name)
            : address(Int(value)) + (world.program.trace.innerArguments.contains(local.name) ? 0x10 : 0)
          words.append("\(local.name)=0x\(String(pointer, radix: 16))")
        case .unsigned: words.append("\(local.name)=0x\(String(UInt64(bitPattern: value), radix: 16))")
        default: words.append("\(local.name)=\(value)")
        }
      }
      line(thread, words.joined(separator: " "))
    default: break
    }
  }
}
