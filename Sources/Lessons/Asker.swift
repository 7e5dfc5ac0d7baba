import Explorer
public import Machine
public import Recording
import Scene
import StepLanguage

/// Turns a question into one with options and a right answer, by looking at the live state and running ahead in copies of it.
public struct Asker {
  /// Gives the world of a scenario under a model, for questions about verdicts.
  public typealias Worlds = (Stage) throws -> World

  /// The present point.
  let now: Live
  /// The point that is asked about: the present one, or one ahead of it.
  let then: Live
  let question: Question
  private let worlds: Worlds

  /// Looks at the live state, and runs ahead if the question wants that.
  ///
  /// - Parameters:
  ///   - question: what is asked.
  ///   - timeline: where we are; it stays as it is.
  ///   - marks: points with a name.
  ///   - worlds: makes worlds for questions about verdicts.
  /// - Throws: `LessonFailure` when the question cannot be asked here.
  public init(
    _ question: Question, on timeline: Timeline, marks: [String: Int] = [:], worlds: @escaping Worlds
  ) throws(LessonFailure) {
    self.question = question
    self.worlds = worlds
    now = Live(timeline)
    var director = Director(timeline, marks: marks)
    try director.follow(question.after)
    then = director.moves.isEmpty ? now : Live(director.timeline)
  }

  /// The question with its answer.
  ///
  /// - Throws: `LessonFailure` when it makes no sense here, such as one about an object that does not exist.
  public func ask() throws -> AskedQuestion {
    switch question.kind {
    case .canRun: threads()
    case .value(let place): try value(place)
    case .holder(let name): try holder(name)
    case .keeper(let name): try keeper(name)
    case .result(let name): try result(name)
    case .units(let place): try units(place)
    case .leadsTo(let name): try leadsTo(name)
    case .reachedFrom(let name): try reachedFrom(name)
    case .isTrue(let condition): isTrue(condition)
    case .isSafe: try safety()
    case .verdict(let stage): try verdict(stage)
    }
  }

  // MARK: Parts

  /// "Suppose T1 runs until …: " or nothing.
  var supposition: String {
    let parts = question.after.filter { if case .mark = $0.act { false } else { true } }.map(\.inWords)
    return parts.isEmpty ? "" : "Suppose \(parts.joined(separator: ", then ")). "
  }

  func make(
    _ text: String, _ form: AskedQuestion.Form, _ options: [AskedQuestion.Option], number: Int64? = nil,
    why: String,
    whyNot: String = "", hints: [String]
  ) -> AskedQuestion {
    let computed = hints + Array(repeating: lastHint(form, options), count: max(0, 3 - hints.count))
    let own = question.hints
    return AskedQuestion(
      text: question.text.isEmpty ? supposition + text : question.text, form: form, options: options,
      number: number,
      why: why, whyNot: whyNot, hints: Array((own + computed.dropFirst(own.count)).prefix(3)))
  }

  /// What leaves the fewest answers without giving the right one away.
  private func lastHint(_ form: AskedQuestion.Form, _ options: [AskedQuestion.Option]) -> String {
    switch form {
    case .several: return "\(options.count { $0.isRight }) of the \(options.count) are right."
    case .one:
      guard options.count > 2, let wrong = options.first(where: { !$0.isRight }) else {
        return "Try it: take the steps yourself, look, and undo them."
      }
      return "It is not \"\(wrong.text)\". \(wrong.why)"
    case .number: return "Try it: take the steps yourself, look, and undo them."
    }
  }

  /// The steps between now and then in which something was said of a place, in words.
  func trail(_ place: String) -> [String] {
    var result: [String] = []
    var timeline = then.timeline
    let path = timeline.path
    guard let start = path.firstIndex(of: now.timeline.here) else { return [] }
    for point in path[(start + 1)...] {
      let before = timeline.situation(at: path[(path.firstIndex(of: point) ?? 1) - 1])
      timeline.go(to: point)
      guard let record = timeline.record else { continue }
      let row = LogRow(
        record, step: timeline.depth, before: StateView(before.state, world: before.world),
        after: timeline.view)
      for note in row.notes where note.text.hasPrefix(place + " ") {
        result.append("step \(row.step), \(row.threadName): \(row.text) (\(note.text))")
      }
    }
    return result
  }

  /// Who has a lock, in words, with the step since which.
  func words(forLock name: String, _ live: Live) -> String {
    guard let lock = live.lock(named: name) else { return "There is no \(name)." }
    let holders = live.view.lock(lock)
    let all = (holders.owner.map { [$0] } ?? []) + holders.readers
    guard !all.isEmpty else { return "\(name) is free." }
    let parts = all.map { thread in
      let since = live.moment.stepThatTook(lock, thread: thread).map { " since step \($0)" } ?? ""
      return "\(live.moment.threadName(thread))\(since)"
    }
    return "\(name) is held by \(parts.joined(separator: " and "))."
  }

  /// `-ENOENT` or `0`.
  static func word(forResult value: Int64) -> String {
    value < 0 ? "-" + ValueText.result(value) : ValueText.result(value)
  }

  /// `device1`, `T1 (short-term)`, `xarray`.
  static func label(_ unit: StateView.Unit, _ view: StateView) -> String {
    let holder: String
    if let object = unit.object {
      holder = view.name(of: object)
    } else if let thread = unit.thread {
      holder = view.world.threads.indices.contains(thread) ? view.world.threads[thread].name : "init"
    } else {
      return unit.word
    }
    return unit.word.isEmpty ? holder : "\(holder) (\(unit.word))"
  }

  func world(_ stage: Stage) throws -> World { try worlds(stage) }
}
