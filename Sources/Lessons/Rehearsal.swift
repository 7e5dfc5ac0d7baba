public import Machine
public import Recording
import Scene
public import StepLanguage

/// Plays a lesson from its first beat to its last: for validating, for printing, and for tests.
public struct Rehearsal {
  /// What became of one beat.
  public struct Performance {
    /// The beat's number, from 0.
    public var number: Int
    /// The stage, where the beat opened one.
    public var opened: Stage?
    /// The timeline where the beat stands.
    public var timeline: Timeline
    /// How many steps lay behind when the beat began.
    public var depthBefore: Int
    /// The question as it is asked there.
    public var asked: AskedQuestion?
    /// How the task is done, in lines.
    public var solution: [String] = []
    /// The fewest switches of an adversary's task.
    public var par: Int?
    /// What the checker says of the broken model.
    public var fault: String?
  }

  private let lesson: Lesson
  private let library: Library

  /// A lesson, with where models and scenarios are found.
  public init(_ lesson: Lesson, library: Library) {
    self.lesson = lesson
    self.library = library
  }

  /// The world of a stage.
  public func world(_ stage: Stage) throws -> World {
    try World(program: library.program(named: stage.model), scenario: library.scenario(named: stage.scenario))
  }

  /// Plays all beats and asserts what each promises: that its directions can be followed, that what it expects holds, that its question
  /// has an answer, that its goal is not reached at first and is by its solution.
  ///
  /// - Parameters:
  ///   - searches: whether tasks and questions for the checker are played, too, which may take seconds.
  ///   - last: the beat after which to stop.
  /// - Throws: `DiagnosticError` that points at what does not work.
  public func play(searches: Bool = true, through last: Int? = nil) throws -> [Performance] {
    var walkthrough = Walkthrough(lesson)
    var performances: [Performance] = []
    var timeline: Timeline?
    for number in 0...(min(last ?? .max, lesson.beats.count - 1)) {
      let beat = lesson.beats[number]
      let path = ["beat", String(number)]
      let opened = walkthrough.stageToOpen(for: number)
      if let stage = opened {
        func place(_ key: String) -> [String] {
          (lesson.places.positions.keys[path + [key]] != nil ? path : []) + [key]
        }
        let world: World
        do {
          world = try self.world(stage)
        } catch let error as Library.NotFound {
          let kind = error.kind == .model ? "model" : "scenario"
          throw failure(
            "there is no \(kind) '\(error.name)'; 'ioascope list \(kind)s' shows what there is",
            place(kind))
        } catch let error as DiagnosticError {
          throw failure(
            "the scenario '\(stage.scenario)' cannot be played with the model '\(stage.model)': \(error.diagnostics[0].message)",
            place("scenario"))
        }
        var director = Director(Timeline(world: world))
        do throws(LessonFailure) {
          try director.runSetUp()
        } catch {
          throw failure(error.message, place("scenario"))
        }
        timeline = director.timeline
        walkthrough.open(for: number, at: director.timeline.here)
      }
      guard var present = timeline else { throw failure("this beat has no stage", path) }
      try check(beat, path, present.world)
      let depthBefore = number > 0 && opened == nil ? (performances.last?.timeline.depth ?? 0) : present.depth
      let moves: [Move]
      do throws(LessonFailure) {
        moves = try walkthrough.enter(number, on: present)
        try present.make(moves)
      } catch {
        throw failure(error.message, path + ["do"])
      }
      let live = Live(present)
      for (index, condition) in beat.expectations.enumerated() where !condition.holds(in: live) {
        throw failure(
          "'\(condition.text)' is not so when this beat begins", path + ["expect", String(index)])
      }
      for (index, pointer) in beat.look.enumerated() {
        if let message = missing(pointer, live) { throw failure(message, path + ["look", String(index)]) }
      }
      var performance = Performance(
        number: number, opened: opened, timeline: present, depthBefore: depthBefore)
      if let question = beat.question, searches || !question.isSearched {
        do {
          try walkthrough.ask(on: present) { try world($0) }
        } catch let error as LessonFailure {
          throw failure(error.message, path + ["ask"])
        } catch let error as Library.NotFound {
          throw failure("there is no '\(error.name)'", path + ["ask"])
        }
        performance.asked = walkthrough.asked
        if let asked = walkthrough.asked { try check(asked, path + ["ask"]) }
      }
      if let goal = beat.goal {
        try play(goal, path + ["goal"], &performance, walkthrough, searches: searches)
      }
      performances.append(performance)
      timeline = present
    }
    return performances
  }

  private func failure(_ message: String, _ path: [String]) -> DiagnosticError {
    DiagnosticError([lesson.places.diagnostic(message, path)])
  }

  /// What of a pointer is not there; nil when it can be pointed to.
  private func missing(_ pointer: Pointer, _ live: Live) -> String? {
    switch pointer {
    case .panel: return nil
    case .object(let name):
      return live.view.isAlive(named: name) ? nil : "there is no object '\(name)' when this beat begins"
    case .thread(let name):
      return live.thread(name) != nil ? nil : "there is no thread '\(name)' when this beat begins"
    case .lock(let name):
      return live.lock(named: name) != nil ? nil : "there is no lock '\(name)' when this beat begins"
    case .line(let text):
      return SourceLine.distance(to: text, on: live.timeline) != nil
        ? nil : "the function that the last step led to has no line '\(text)'"
    }
  }

  // MARK: Tasks

  private func play(
    _ goal: Goal, _ path: [String], _ performance: inout Performance, _ walkthrough: Walkthrough,
    searches: Bool
  ) throws {
    let timeline = performance.timeline
    if Judge.isReached(goal, on: timeline) {
      throw failure("the goal is reached before the learner does anything", path)
    }
    switch goal.kind {
    case .reach:
      var director = Director(timeline, marks: walkthrough.marks)
      do throws(LessonFailure) {
        try director.follow(goal.solution)
      } catch {
        throw failure(error.message, path + ["solution"])
      }
      guard Judge.isReached(goal, on: director.timeline) else {
        throw failure(
          "the solution does not reach the goal: not so is \(Judge.missing(goal, on: director.timeline))",
          path + ["solution"])
      }
      performance.solution = goal.solution.map(\.text)
    case .fail(let property):
      guard timeline.world.program.property(named: property.rawValue) != nil else {
        throw failure(
          "the model '\(timeline.world.program.name)' has no property '\(property.rawValue)'", path + ["fail"]
        )
      }
      guard searches else { return }
      guard let par = Judge.par(from: timeline, property) else {
        throw failure("the checker finds no way to \(property.rawValue) here", path + ["fail"])
      }
      performance.par = par.switches
      performance.solution = Judge.directions(par.schedule, in: timeline.world)
      try follow(performance.solution, goal, timeline, par.switches, path)
    case .repair(let repair):
      guard searches else {
        _ = try? library.program(from: SourceFile(name: repair.model, text: repair.text))
        return
      }
      let broken = try Judge.judge(repair, text: repair.text, path: repair.model, library: library)
      guard broken.diagnostics.isEmpty else {
        throw failure("the broken model does not compile: \(broken.diagnostics)", path + ["repair"])
      }
      guard let fault = broken.verdicts.last, !fault.verdict.holds else {
        throw failure("the broken model is not broken: all scenarios hold", path + ["check"])
      }
      performance.fault = "\(fault.scenario.name): \(fault.verdict.words)"
      let mended = try Judge.judge(repair, text: repair.mended, path: repair.model, library: library)
      guard mended.isMended else {
        let rest = mended.verdicts.last.map { "\($0.scenario.name): \($0.verdict.words)" } ?? ""
        throw failure("the solution does not mend it: \(mended.diagnostics)\(rest)", path + ["mend"])
      }
      performance.solution = repair.changes.flatMap { Self.difference($0) }
    }
  }

  /// The checker's way, taken on the timeline, must reach the goal with as many switches as the checker says.
  private func follow(
    _ solution: [String], _ goal: Goal, _ timeline: Timeline, _ par: Int, _ path: [String]
  ) throws {
    var director = Director(timeline)
    do throws(LessonFailure) {
      for text in solution { try director.follow(try Direction(text)) }
    } catch {
      throw failure("the checker's way cannot be taken: \(error.message)", path)
    }
    guard Judge.isReached(goal, on: director.timeline) else {
      throw failure("the checker's way does not reach the goal", path)
    }
    let counted = Judge.switches(on: director.timeline, since: timeline.depth)
    guard counted == par else {
      throw failure("the checker counts \(par) switches where we count \(counted)", path)
    }
  }

  /// A change as lines with `-` and `+`.
  public static func difference(_ change: Repair.Change) -> [String] {
    func lines(_ text: String, _ sign: String) -> [String] {
      text.split(separator: "\n", omittingEmptySubsequences: true).map { "\(sign) \($0)" }
    }
    return lines(change.before, "-") + lines(change.after, "+")
  }

  // MARK: Names

  private func check(_ beat: Beat, _ path: [String], _ world: World) throws {
    var diagnostics: [Diagnostic] = []
    func note(_ condition: Condition, _ path: [String]) {
      if let message = condition.unknownName(in: world.program) {
        diagnostics.append(lesson.places.diagnostic(message, path))
      }
    }
    for (index, condition) in beat.expectations.enumerated() {
      note(condition, path + ["expect", String(index)])
    }
    func note(_ directions: [Direction], _ path: [String]) {
      for (index, direction) in directions.enumerated() {
        if case .until(_, let condition) = direction.act { note(condition, path + [String(index)]) }
      }
    }
    note(beat.directions, path + ["do"])
    note(beat.question?.after ?? [], path + ["ask", "after"])
    if case .isTrue(let condition)? = beat.question?.kind { note(condition, path + ["ask", "true"]) }
    note(beat.goal?.solution ?? [], path + ["goal", "solution"])
    if case .reach(let conditions)? = beat.goal?.kind {
      for (index, condition) in conditions.enumerated() {
        note(condition, path + ["goal", "reach", String(index)])
      }
    }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
  }

  /// A question must be answerable, and must not be answered by anything.
  private func check(_ asked: AskedQuestion, _ path: [String]) throws {
    switch asked.form {
    case .number: return
    case .one:
      guard asked.options.count(where: \.isRight) == 1 else {
        throw failure("the question has not exactly one right answer here", path)
      }
    case .several:
      guard asked.options.contains(where: { !$0.isRight }) || asked.options.count > 1 else {
        throw failure("every answer to the question is right here", path)
      }
    }
  }
}
