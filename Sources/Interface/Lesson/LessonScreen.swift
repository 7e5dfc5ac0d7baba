public import Lessons
import Explorer
import Machine
import Recording
import Scene
public import StepLanguage
import Surface

/// The explorer with a lesson beside it: what the lesson does, it does on the explorer's state, and what the learner does there is watched.
public struct LessonScreen {
  /// The explorer.
  public internal(set) var state: AppState
  /// Where in the lesson.
  public private(set) var walkthrough: Walkthrough
  /// What was done so far in this and other lessons.
  public private(set) var progress: CourseProgress
  /// Where learners' copies of broken models lie: the path for a model's name.
  let exercisePath: (String) -> String
  let library: Library

  /// Whether this is shown to a class: answers wait until the teacher shows them, and nothing is noted down.
  public let isPresenting: Bool
  /// Whether the text is set wide and one panel has the rest of the screen.
  public let isLarge: Bool
  /// The heading of the lesson that comes next in the course; nil when this is the last.
  public let nextTitle: String?

  /// The answer that is being given.
  var form: AnswerForm?
  /// Whether the lesson's part is small.
  var isSmall = false
  /// The first line of the lesson's text that shows.
  var top = 0
  /// The solution of a task, and how much of it was done.
  var solution: (directions: [Direction], lines: [String], done: Int)?
  /// What came of the task, in lines.
  var report: [String] = []
  /// Stars that the task of this beat gave.
  var stars: Int?
  /// How many switches the learner has made in an adversary's task.
  var switches = 0
  /// The best that the checker can do, once it was asked.
  var par: Int?
  /// Whether a teacher has shown the answer.
  var isAnswerShown = false
  /// The explorer on the beat's own stage, while it shows the way to what is still wrong with a mended model.
  private var stage: AppState?
  /// Whether the user was told that this is the end.
  private var isAtEnd = false
  /// Whether the user was told that the beat has something left to do.
  private var wasTold = false
  var size: Size

  /// An answer in the making.
  struct AnswerForm: Hashable {
    /// The option that the cursor is on.
    var cursor = 0
    /// The options that were chosen.
    var chosen: Set<Int> = []
    /// What was typed, when a number is asked for.
    var field = TextField()
  }

  /// A lesson, opened at a beat.
  ///
  /// - Parameters:
  ///   - lesson: the lesson.
  ///   - beat: the beat to begin at, from 0.
  ///   - library: where models and scenarios are found.
  ///   - progress: what was done before.
  ///   - exercisePath: where the learner's copy of a model lies.
  ///   - isPresenting: whether it is shown to a class.
  ///   - isLarge: whether it is set large.
  ///   - nextTitle: the heading of the next lesson. At the end of this one `lessonNext` gives the effect to open it.
  /// - Throws: `DiagnosticError`, `Library.NotFound` or `LessonFailure` when the beat cannot be played.
  public init(
    _ lesson: Lesson, beat: Int, library: Library, progress: CourseProgress,
    exercisePath: @escaping (String) -> String, isPresenting: Bool = false, isLarge: Bool = false,
    nextTitle: String? = nil
  ) throws {
    self.library = library
    self.progress = progress
    self.exercisePath = exercisePath
    self.isPresenting = isPresenting
    self.isLarge = isLarge
    self.nextTitle = nextTitle
    walkthrough = Walkthrough(lesson)
    size = Size(width: 80, height: 24)
    state = try Self.open(lesson.stage(ofBeat: beat), library)
    walkthrough.open(for: beat, at: state.setupEnd)
    try enter(beat)
  }

  /// The present beat's number, from 1, and whether its answer is shown: what the teacher's notes follow.
  public var position: (beat: Int, isAnswerShown: Bool) { (walkthrough.number + 1, isAnswerShown) }

  /// Takes over theme, keys and marks of another state.
  public mutating func takeLooks(of other: AppState) {
    state.takeLooks(of: other)
    state.recordingTo = other.recordingTo
  }

  private static func open(_ stage: Stage, _ library: Library) throws -> AppState {
    let scenario = try library.scenario(named: stage.scenario)
    let world = try World(program: try library.program(named: stage.model), scenario: scenario)
    var state = AppState(
      world: world, scenario: scenario, modelName: stage.model, scenarioName: stage.scenario)
    state.isInLesson = true
    return state
  }

  // MARK: Beats

  /// Goes to a beat.
  private mutating func enter(_ beat: Int) throws {
    var next = walkthrough
    var shown = stage ?? state
    shown.takeLooks(of: state)
    if let stage = next.stageToOpen(for: beat) {
      shown = try Self.open(stage, library)
      shown.takeLooks(of: state)
      next.open(for: beat, at: shown.setupEnd)
    }
    let moves = try next.enter(beat, on: shown.timeline)
    shown.make(moves)
    // What only the checker can answer may take a moment, and waits until somebody answers.
    if next.beat.question?.isSearched == false { try Self.ask(&next, shown, library) }
    walkthrough = next
    stage = nil
    state = shown
    state.message = nil
    form = nil
    solution = nil
    report = []
    stars = nil
    par = nil
    switches = 0
    top = 0
    isSmall = false
    isAnswerShown = false
    wasTold = false
    isAtEnd = false
    point()
    if !isPresenting {
      progress.reach(walkthrough.lesson.name, beat: beat + 1)
      if walkthrough.isLast, walkthrough.isDone { progress.finish(walkthrough.lesson.name) }
    }
    _ = Interface.reduce(&state, .resized(explorerSize))
  }

  private static func ask(_ walkthrough: inout Walkthrough, _ state: AppState, _ library: Library) throws {
    try walkthrough.ask(on: state.timeline) { stage in
      try World(
        program: try library.program(named: stage.model),
        scenario: try library.scenario(named: stage.scenario))
    }
  }

  /// Makes the beat's question, if that is still to be done; false when it cannot be made.
  mutating func askNow() -> Bool {
    guard walkthrough.beat.question != nil, walkthrough.asked == nil else { return true }
    do {
      var base = stage ?? state
      base.leave(to: walkthrough.point)
      try Self.ask(&walkthrough, base, library)
      return true
    } catch {
      state.message = .refusal(Self.words(error))
      return false
    }
  }

  /// Shows what the beat points to.
  private mutating func point() {
    if isLarge { state.zoomed = .graph }
    for pointer in walkthrough.beat.look.reversed() {
      switch pointer {
      case .panel(let name): state.focusOn(Panel(name))
      case .object(let name):
        state.focusOn(.graph)
        state.object = state.graph.nodes.first { $0.name == name }?.identity
      case .thread(let name):
        if let thread = state.moment.threads.firstIndex(where: { $0.name == name }) {
          state.choose(thread: thread)
        }
        state.focusOn(.threads)
      case .lock: state.focusOn(.locks)
      case .line(let text):
        if let last = state.timeline.record?.thread { state.choose(thread: last) }
        state.focusOn(.source)
        state.cursors[.source] = SourceLine.distance(to: text, on: state.timeline)
      }
    }
  }

  // MARK: What happens

  /// What becomes of it when something happens.
  public mutating func reduce(_ action: AppAction) -> AppEffect? {
    switch action {
    case .resized(let size), .key(.resize(let size)):
      self.size = size
      return Interface.reduce(&state, .resized(explorerSize))
    case .edited(let text): return judge(text)
    case .key(.mouse(let event)) where state.overlay == nil && lessonArea.contains(event.position):
      return click(event)
    case .key(let key):
      if form != nil, state.overlay == nil { return answerTakes(key) }
    default: break
    }
    let here = state.timeline.here
    let effect = Interface.reduce(&state, action)
    if case .lesson(let command)? = effect { return perform(command) }
    if state.timeline.here != here {
      wasTold = false
      if !isWide { isSmall = true }
      _ = Interface.reduce(&state, .resized(explorerSize))
      watch()
    }
    return effect
  }

  private mutating func perform(_ command: Command) -> AppEffect? {
    state.message = nil
    let effect: AppEffect?
    switch command {
    case .lessonNext: effect = goOn()
    case .lessonBack: effect = goBack()
    case .lessonAnswer: effect = answer()
    case .lessonHint: effect = hint()
    case .lessonSolution: effect = solve()
    case .lessonRetry: effect = retry()
    case .lessonEdit: effect = edit()
    default:
      isSmall.toggle()
      top = 0
      effect = nil
    }
    _ = Interface.reduce(&state, .resized(explorerSize))
    return effect
  }

  private mutating func refuse(_ reason: String) -> AppEffect? {
    state.message = .refusal(reason)
    return .bell
  }

  private mutating func goOn() -> AppEffect? {
    if isSmall {
      isSmall = false
      return nil
    }
    if top + textRows < lines.count {
      top = min(top + max(1, textRows - 1), lines.count - textRows)
      return nil
    }
    if !walkthrough.isDone, !wasTold, !isPresenting {
      wasTold = true
      let open =
        walkthrough.beat.question != nil
        ? "the question is open: \(key(.lessonAnswer)) answers" : "the task is not done yet"
      return refuse("\(open); \(key(.lessonNext)) once more goes on")
    }
    if walkthrough.isLast {
      if !isPresenting { progress.finish(walkthrough.lesson.name) }
      guard let nextTitle else {
        state.message = .note("this is the end of the course; \(key(.quit)) leaves it")
        return nil
      }
      if isAtEnd { return .lesson(.lessonNext) }
      isAtEnd = true
      state.message = .note(
        "the end of this lesson; \(key(.lessonNext)) once more opens \"\(nextTitle)\", \(key(.quit)) leaves")
      return nil
    }
    return move(to: walkthrough.number + 1)
  }

  private mutating func goBack() -> AppEffect? {
    if top > 0 {
      top = max(0, top - max(1, textRows - 1))
      return nil
    }
    guard walkthrough.number > 0 else { return refuse("this is the first beat") }
    return move(to: walkthrough.number - 1)
  }

  private mutating func move(to beat: Int) -> AppEffect? {
    let wasRecording = state.isRecording
    do {
      try enter(beat)
      // Another stage is another run, so the recording of this one is complete.
      return wasRecording && !state.isRecording ? .stopRecording : nil
    } catch {
      return refuse("beat \(beat + 1) cannot be played: \(Self.words(error))")
    }
  }

  static func words(_ error: any Error) -> String {
    switch error {
    case let error as LessonFailure: error.message
    case let error as DiagnosticError: error.diagnostics[0].message
    case let error as Library.NotFound: "there is no '\(error.name)'"
    default: "\(error)"
    }
  }

  func key(_ command: Command) -> String { state.keys.name(of: command) }

  // MARK: Questions

  private mutating func answer() -> AppEffect? {
    guard askNow() else { return .bell }
    guard let asked = walkthrough.asked else {
      return refuse("this beat asks nothing; \(key(.lessonNext)) goes on")
    }
    if isPresenting {
      isAnswerShown.toggle()
      return nil
    }
    guard !walkthrough.isSettled else { return refuse("this is answered; \(key(.lessonNext)) goes on") }
    form = AnswerForm()
    isSmall = false
    reveal(asked)
    return nil
  }

  /// Scrolls so that the question shows.
  private mutating func reveal(_ asked: AskedQuestion) {
    top = max(0, lines.count - textRows)
  }

  private mutating func answerTakes(_ key: Keystroke) -> AppEffect? {
    guard let asked = walkthrough.asked, var form else { return nil }
    state.message = nil
    let command = state.keys.command(for: key, in: .overlay)
    func moved(by distance: Int) -> Int { max(0, min(asked.options.count - 1, form.cursor + distance)) }
    switch (command, key) {
    case (.quit, _): return .quit
    case (.close, _):
      self.form = nil
      return nil
    case (.listUp, _), (.previousField, _): form.cursor = moved(by: -1)
    case (.listDown, _), (.nextField, _): form.cursor = moved(by: 1)
    case (.accept, _):
      self.form = form
      return take(asked, form)
    case (_, .character(let character)) where asked.form != .number:
      if let number = character.wholeNumberValue, asked.options.indices.contains(number - 1) {
        form.cursor = number - 1
        toggle(&form, asked)
      } else if character == " " {
        toggle(&form, asked)
      } else {
        return refuse("digits choose, enter takes, esc goes back to the explorer")
      }
    case (_, .left) where asked.form != .number: form.cursor = moved(by: -1)
    case (_, .right) where asked.form != .number: form.cursor = moved(by: 1)
    default:
      if asked.form == .number { _ = form.field.take(key) }
    }
    self.form = form
    return nil
  }

  func toggle(_ form: inout AnswerForm, _ asked: AskedQuestion) {
    if asked.form == .one {
      form.chosen = [form.cursor]
    } else if form.chosen.contains(form.cursor) {
      form.chosen.remove(form.cursor)
    } else {
      form.chosen.insert(form.cursor)
    }
  }

  mutating func take(_ asked: AskedQuestion, _ form: AnswerForm) -> AppEffect? {
    let answer: AskedQuestion.Answer
    switch asked.form {
    case .number:
      guard let number = Int64(form.field.text) else { return refuse("a number is asked for, such as 2") }
      answer = .number(number)
    case .one:
      // Enter on an option is enough.
      answer = .options(form.chosen.isEmpty ? [form.cursor] : form.chosen)
    case .several: answer = .options(form.chosen)
    }
    guard let judgement = walkthrough.answer(answer) else { return nil }
    self.form = nil
    if judgement.isRight, walkthrough.isFirstTry {
      progress.noteFirstTry(walkthrough.lesson.name, beat: walkthrough.number + 1)
    }
    if judgement.isRight { finishIfLast() }
    top = max(0, lines.count - textRows)
    return nil
  }

  private mutating func finishIfLast() {
    if walkthrough.isLast, walkthrough.isDone, !isPresenting { progress.finish(walkthrough.lesson.name) }
  }

  // MARK: Hints and solutions

  private mutating func hint() -> AppEffect? {
    isSmall = false
    guard askNow() else { return .bell }
    guard walkthrough.asked != nil || walkthrough.beat.goal != nil else {
      return refuse("there is nothing to do in this beat; \(key(.lessonNext)) goes on")
    }
    if walkthrough.isSettled { return refuse("this is done; \(key(.lessonNext)) goes on") }
    if walkthrough.hint() == nil {
      walkthrough.showSolution()
      if let goal = walkthrough.beat.goal { prepareSolution(goal) }
    }
    top = max(0, lines.count - textRows)
    return nil
  }

  private mutating func prepareSolution(_ goal: Goal) {
    guard solution == nil else { return }
    switch goal.kind {
    case .reach: solution = (goal.solution, goal.solution.map(\.text), 0)
    case .fail(let property):
      var start = state.timeline
      start.go(to: walkthrough.point)
      guard let found = Judge.par(from: start, property) else { return }
      par = found.switches
      let texts = Judge.directions(found.schedule, in: start.world)
      solution = (texts.compactMap { try? Direction($0) }, texts, 0)
    case .repair(let repair):
      solution = ([], repair.changes.flatMap { Rehearsal.difference($0) }, 0)
    }
  }

  /// Does the next line of the solution, from where the beat began.
  private mutating func solve() -> AppEffect? {
    guard var solution else {
      return refuse("the solution is not shown yet; \(key(.lessonHint)) gives hints first")
    }
    guard solution.done < solution.directions.count else {
      return refuse(
        solution.directions.isEmpty
          ? "this is for you to write: \(key(.lessonEdit)) opens the model" : "all of it was done")
    }
    if solution.done == 0 { state.leave(to: walkthrough.point) }
    var director = Director(state.timeline, marks: walkthrough.marks)
    do throws(LessonFailure) {
      try director.follow(solution.directions[solution.done])
    } catch {
      return refuse(error.message)
    }
    state.make(director.moves)
    solution.done += 1
    self.solution = solution
    watch()
    return nil
  }

  private mutating func retry() -> AppEffect? {
    if var stage {
      stage.takeLooks(of: state)
      state = stage
      self.stage = nil
      state.leave(to: walkthrough.point)
      state.message = .note("where the beat began")
      return nil
    }
    guard state.timeline.here != walkthrough.point else { return refuse("this is where the beat began") }
    state.leave(to: walkthrough.point)
    if solution != nil { solution?.done = 0 }
    state.message = .note("where the beat began; what you did stays as a branch")
    return nil
  }

  // MARK: Tasks

  /// Looks whether the task is done.
  private mutating func watch() {
    guard let goal = walkthrough.beat.goal, !walkthrough.isSettled, !isPresenting else { return }
    if case .repair = goal.kind { return }
    if case .fail = goal.kind {
      switches = Judge.switches(on: state.timeline, since: state.timeline.nodes[walkthrough.point].depth)
    }
    guard Judge.isReached(goal, on: state.timeline) else { return }
    var start = state.timeline
    start.go(to: walkthrough.point)
    let helped = walkthrough.hintsShown > 0
    switch goal.kind {
    case .fail(let property):
      guard Judge.isPlain(state.timeline, since: start.depth) else {
        state.message = .refusal(
          "that fails, but with operations of your own; \(key(.lessonRetry)) begins again")
        return
      }
      let best = par ?? Judge.par(from: start, property)?.switches ?? 0
      par = best
      let given = walkthrough.hasSeenSolution ? 1 : Judge.stars(switches, par: best)
      report = ["\(property.rawValue), with \(switches) switch\(switches == 1 ? "" : "es"); par is \(best)."]
      settle(given)
    default:
      report = ["Reached."]
      settle(walkthrough.hasSeenSolution ? 1 : helped ? 2 : 3)
    }
  }

  private mutating func settle(_ given: Int) {
    walkthrough.settle()
    stars = given
    isSmall = false
    progress.note(stars: given, of: walkthrough.beat.name, in: walkthrough.lesson.name)
    finishIfLast()
    top = max(0, lines.count - textRows)
    _ = Interface.reduce(&state, .resized(explorerSize))
  }

  private mutating func edit() -> AppEffect? {
    guard case .repair(let repair)? = walkthrough.beat.goal?.kind else {
      return refuse("there is no model to mend in this beat")
    }
    return .edit(path: exercisePath(repair.model), text: repair.text)
  }

  /// Lets the checker decide about a mended model.
  private mutating func judge(_ text: String) -> AppEffect? {
    guard case .repair(let repair)? = walkthrough.beat.goal?.kind else { return nil }
    walkthrough.noteAttempt()
    do {
      let result = try Judge.judge(repair, text: text, path: "\(repair.model).step", library: library)
      if !result.diagnostics.isEmpty {
        report =
          ["It does not compile:"] + result.diagnostics.split(separator: "\n").prefix(6).map(String.init)
      } else {
        report = result.verdicts.map { "\($0.scenario.name): \($0.verdict.words)" }
      }
      if result.isMended {
        report.append("It is mended.")
        settle(walkthrough.hasSeenSolution ? 1 : walkthrough.hintsShown > 0 ? 2 : 3)
      } else if let found = result.counterexample {
        show(found.scenario, found.world, found.example, model: repair.model)
        report.append(
          "The explorer shows the way there: \(key(.undo)) goes back step by step, \(key(.lessonEdit)) edits again."
        )
      }
    } catch {
      report = [Self.words(error)]
    }
    isSmall = false
    top = max(0, lines.count - textRows)
    _ = Interface.reduce(&state, .resized(explorerSize))
    return nil
  }

  /// Shows the way to what is still wrong.
  private mutating func show(
    _ scenario: Scenario, _ world: World, _ example: Search.Counterexample, model: String
  ) {
    var shown = AppState(world: world, scenario: scenario, modelName: model, scenarioName: scenario.name)
    shown.isInLesson = true
    shown.takeLooks(of: state)
    stage = stage ?? state
    let actions = example.schedule.map { Action.step(thread: $0.thread, choice: $0.choice) }
    state = shown.at(step: .max, along: actions)
  }
}

extension Panel {
  /// The panel that a lesson means.
  init(_ name: Pointer.PanelName) {
    self =
      switch name {
      case .objects: .graph
      case .ranges: .ranges
      case .threads: .threads
      case .locks: .locks
      case .source: .source
      case .log: .log
      case .time: .timeline
      }
  }
}

extension AppState {
  /// Makes the moves of a lesson.
  mutating func make(_ moves: [Move]) {
    for move in moves {
      switch move {
      case .go(let point): go(to: point)
      case .perform(let action):
        // The director has done this very action on a copy.
        guard (try? perform(action)) != nil else { return }
      }
    }
    if let last = timeline.record?.thread, !moves.isEmpty { thread = last }
    refresh()
    session.chooseThreadThatCanStep()
  }

  /// Goes to a point, as a lesson does.
  mutating func leave(to point: Int) {
    go(to: point)
    if let last = timeline.record?.thread { thread = last }
    refresh()
  }
}
