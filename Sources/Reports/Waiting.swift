import Machine
import Recording
import Scene
import StepLanguage

/// Who holds what since where, and who waits where, at a timeline's present point: sleepers and barriers included.
struct Waiting {
  let timeline: Timeline
  private let view: StateView
  private let readiness: [Machine.Readiness]
  private let machine: Machine

  init(_ timeline: Timeline) {
    self.timeline = timeline
    view = timeline.view
    readiness = timeline.readiness
    machine = Machine(world: timeline.world)
  }

  private var program: Program { timeline.world.program }

  private func name(_ thread: Int) -> String {
    timeline.world.threads.indices.contains(thread) ? timeline.world.threads[thread].name : "?"
  }

  private func names(_ threads: [Int]) -> String { threads.map(name).joined(separator: ", ") }

  /// What keeps a thread; empty when nothing does.
  func words(of thread: Int) -> String {
    guard readiness.indices.contains(thread) else { return "" }
    switch readiness[thread] {
    case .finished: return "finished"
    case .ready:
      guard let wanted = machine.wantedLock(of: thread, in: timeline.state) else { return "" }
      return blocked(wanted.lock, by: wanted.keepers)
    case .blocked(let lock, let by): return blocked(lock, by: by)
    case .sleeping(let object, let offset): return "sleeps on \(queue(object, offset))"
    case .timeout: return "sleeps"
    case .barrier: return "waits at the barrier"
    case .stuck: return "was killed"
    }
  }

  private func queue(_ object: ObjectReference, _ offset: Int) -> String {
    let field = view.type(of: object).field(at: offset)?.name ?? "a queue"
    return object == .globals ? field : "\(view.name(of: object)).\(field)"
  }

  /// Who holds a lock, and who only queues for it and so keeps readers out.
  private func blocked(_ lock: LockReference, by keepers: [Int]) -> String {
    let state = view.lock(lock)
    let holders = keepers.filter { state.owner == $0 || state.readers.contains($0) }
    let queued = keepers.filter { !holders.contains($0) }
    var text =
      "waits for \(view.name(of: lock))\(lock.mode == .read ? " (read)" : lock.mode == .write ? " (write)" : "")"
    if !holders.isEmpty { text += ", held by \(names(holders))" }
    if !queued.isEmpty {
      let has = ([state.owner].compactMap { $0 } + state.readers).filter { !holders.contains($0) }
      text += ", behind \(names(queued)), which wait\(queued.count == 1 ? "s" : "") to write"
      if holders.isEmpty, !has.isEmpty {
        text += " until \(names(has)) release\(has.count == 1 ? "s" : "") it"
      }
    }
    return text
  }

  /// A sentence for each thread that is not through: what it waits for and since when; then what it holds that others want.
  func sentences(about threads: [Int]) -> [String] {
    var result: [String] = []
    // Who waits at the barrier waits for the others, and is no part of what keeps them.
    let isRace = threads.contains {
      readiness.indices.contains($0) && ![.barrier, .finished].contains(readiness[$0])
    }
    for thread in threads {
      let words = words(of: thread)
      guard !words.isEmpty, words != "finished", !(isRace && readiness[thread] == .barrier) else { continue }
      var sentence = "\(name(thread)) \(words)"
      if let step = since(thread), let verb = words.split(separator: " ").first {
        sentence = "\(name(thread)) \(verb) since step \(step)\(words.dropFirst(verb.count))"
      }
      if let statement = view.thread(thread).nextStatement {
        sentence += ", at \(program.sentencePlace(of: statement))"
      }
      result.append(sentence + ".")
      for lock in view.thread(thread).held where isWanted(lock, byOthersThan: thread) {
        var held = "\(name(thread)) holds \(view.name(of: lock))\(lock.mode == .read ? " (read)" : "")"
        if let step = timeline.stepThatTook(lock, thread: thread) {
          held += " since step \(step)"
          if let record = timeline.record(at: timeline.path[step]), let statement = record.statement {
            held += ", \(program.sentencePlace(of: statement))"
          }
        }
        result.append(held + ".")
      }
      if case .sleeping(let object, let offset) = readiness[thread] {
        result += wakers(object, offset, of: thread)
      }
    }
    return result
  }

  private func isWanted(_ lock: LockReference, byOthersThan thread: Int) -> Bool {
    readiness.indices.contains { other in
      guard let wanted = machine.wantedLock(of: other, in: timeline.state) else { return false }
      return wanted.lock.isSameLock(as: lock) && (other != thread || wanted.keepers.contains(thread))
    }
  }

  /// Which threads would wake a queue further on in a function that they are in.
  private func wakers(_ object: ObjectReference, _ offset: Int, of sleeper: Int) -> [String] {
    guard let field = view.type(of: object).field(at: offset)?.name else { return [] }
    var result: [String] = []
    for thread in readiness.indices where thread != sleeper {
      for frame in view.thread(thread).frames {
        let statements = program.statements.indices.filter { statement in
          guard program.statements[statement].function == frame.function, statement >= frame.statement ?? 0
          else { return false }
          let text = program.text(of: statement)
          guard text.hasPrefix("wake_up ") else { return false }
          return text.split(separator: " ").dropFirst().first.map { $0 == field || $0.hasSuffix(".\(field)") }
            ?? false
        }
        if let statement = statements.first {
          result.append(
            "\(name(thread)) would wake it at \(program.sentencePlace(of: statement)), and does not get there."
          )
        }
      }
    }
    return result
  }

  /// The step since which a thread stands before what keeps it: its own last step, or a later one that took the lock away.
  func since(_ thread: Int) -> Int? {
    let path = timeline.path
    var arrival = path.count - 1
    while arrival > 0, let record = timeline.record(at: path[arrival]),
      record.thread != thread || record.events.contains(where: { $0.kind == .queued })
    {
      arrival -= 1
    }
    if case .sleeping = readiness[thread] { return arrival }
    if case .timeout = readiness[thread] { return arrival }
    if case .barrier = readiness[thread] { return arrival }
    return (arrival..<path.count).first {
      let situation = timeline.situation(at: path[$0])
      machine.use(situation.world)
      defer { machine.use(timeline.world) }
      return machine.wantedLock(of: thread, in: situation.state) != nil
    }
  }
}

extension Program {
  /// A statement in a sentence: its text, its function and its line.
  func sentencePlace(of statement: Int) -> String {
    let info = statements[statement]
    return "`\(text(of: statement))` in \(functions[info.function].name), line \(line(of: statement))"
  }
}
