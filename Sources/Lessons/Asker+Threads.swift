import Machine
import Recording
import Scene
import StepLanguage

/// Questions about threads and locks.
extension Asker {
  private func option(_ text: String, _ isRight: Bool, _ why: String) -> AskedQuestion.Option {
    AskedQuestion.Option(text: text, isRight: isRight, why: why)
  }

  func threads() -> AskedQuestion {
    let options = then.moment.threads.indices.map { thread in
      option(
        then.moment.threadName(thread), then.canStep(thread), capital(then.words(for: thread)) + ".")
    }
    return make(
      "Which threads can take a step \(question.after.isEmpty ? "now" : "then")?", .several, options,
      why: options.map(\.why).joined(separator: " "),
      hints: [
        "Look at the panel Threads, and at Locks: who waits for what?",
        "A thread can go on unless it waits for a lock, sleeps, stands at a barrier, or has nothing left to do.",
      ])
  }

  func holder(_ name: String) throws -> AskedQuestion {
    guard let lock = then.lock(named: name) else { throw LessonFailure("there is no lock '\(name)' here") }
    let state = then.view.lock(lock)
    let holders = (state.owner.map { [$0] } ?? []) + state.readers
    let why = words(forLock: name, then)
    var options = then.moment.threads.indices.map { thread in
      let held = then.moment.threads[thread].held.map { then.view.name(of: $0) }
      let has = held.isEmpty ? "holds no lock" : "holds \(held.joined(separator: " and "))"
      return option(
        then.moment.threadName(thread), holders.contains(thread),
        "\(then.moment.threadName(thread)) \(has). \(why)")
    }
    options.append(option("nobody", holders.isEmpty, why))
    return make(
      "Who holds \(name) \(question.after.isEmpty ? "now" : "then")?", holders.count > 1 ? .several : .one,
      options,
      why: why,
      hints: [
        "The panel Locks has a line for each lock that is held; what is not there is free.",
        "Look at the lines of Source that come before this one: a lock taken above may have been released in between.",
      ])
  }

  func keeper(_ name: String) throws -> AskedQuestion {
    guard let thread = then.thread(name) else { throw LessonFailure("there is no thread '\(name)'") }
    var keepers: [Int] = []
    var lock = ""
    if case .blocked(let wanted, let by) = then.moment.readiness[thread] {
      keepers = by
      lock = then.view.name(of: wanted)
    }
    let why = capital(then.words(for: thread)) + "."
    var options = then.moment.threads.indices.filter { $0 != thread }.map { other in
      option(
        then.moment.threadName(other), keepers.contains(other),
        lock.isEmpty ? why : "\(why) \(words(forLock: lock, then))")
    }
    options.append(option("nobody", keepers.isEmpty, why))
    return make(
      "Who keeps \(name) from going on?", keepers.count > 1 ? .several : .one, options, why: why,
      hints: [
        "What is the next line of \(name)? Choose that thread and look at Source.",
        "Which lock does that line take?",
      ])
  }

  func result(_ name: String) throws -> AskedQuestion {
    guard let thread = now.thread(name) else { throw LessonFailure("there is no thread '\(name)'") }
    var director = Director(then.timeline)
    if question.after.isEmpty { try director.follow(try Direction("\(name) run")) }
    let end = Live(director.timeline)
    let ended = end.lastResult(of: thread)
    let isBlocked = end.moment.threads[thread].isInCall || ended == nil
    let right = isBlocked ? "it does not return" : Asker.word(forResult: ended ?? 0)
    let reason: String
    if isBlocked {
      reason = capital(end.words(for: thread)) + "."
    } else {
      reason = returning(thread, end) ?? "It returned \(right)."
    }
    var words = ["0", "-ENOENT", "-EBUSY", "-EINVAL", "it does not return"]
    if !words.contains(right) { words.insert(right, at: words.count - 1) }
    let options = words.map { word in
      option(
        word, word == right, word == right ? reason : "Not \(word). \(hintAtReturn(thread, end, isBlocked))")
    }
    let operation = now.view.world.threads[thread].operations
    let done = now.moment.threads[thread].operationsDone
    let called = operation.indices.contains(done) ? " (\(operation[done].text))" : ""
    return make(
      "What does \(name)'s operation\(called) return?", .one, options, why: reason,
      hints: [
        "Choose \(name) and read the function in Source from where it stands.",
        "Which test does it come to first, and what stands in those fields now?",
      ])
  }

  /// The line at which the errno of a thread's last operation came about.
  private func returning(_ thread: Int, _ end: Live) -> String? {
    let records = end.timeline.recentRecords(.max).filter { $0.record.thread == thread }
    guard let value = end.lastResult(of: thread) else { return nil }
    guard value < 0 else {
      return "It returned \(Asker.word(forResult: value)): no test on its way refused it."
    }
    for (step, record) in records {
      guard step > now.moment.step else { continue }
      for event in record.events where event.kind == .left && event.b == value {
        let function = end.program.functions[Int(event.a)].name
        let mark =
          record.events.first { $0.kind == .mark }.map { ": " + end.program.strings[Int($0.a)] } ?? ""
        return "\(function) returned \(Asker.word(forResult: value)) in step \(step)\(mark)."
      }
    }
    return nil
  }

  private func hintAtReturn(_ thread: Int, _ end: Live, _ isBlocked: Bool) -> String {
    let name = end.moment.threadName(thread)
    if isBlocked { return capital(end.words(for: thread)) + "." }
    let records = end.timeline.recentRecords(.max)
    guard let value = end.lastResult(of: thread), value < 0,
      let found = records.first(where: { entry in
        entry.step > now.moment.step && entry.record.thread == thread
          && entry.record.events.contains { $0.kind == .left && $0.b == value }
      }), let statement = found.record.statement
    else { return "\(name) comes to its end without being refused." }
    let function = end.program.functions[end.program.statements[statement].function].name
    return
      "Look at what \(name) finds in \(function), line \(end.program.line(of: statement)): \(end.program.text(of: statement))."
  }

  func capital(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
