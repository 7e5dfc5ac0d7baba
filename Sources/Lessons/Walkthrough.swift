public import Recording

/// Somebody's way through a lesson: at which beat they are, and how that beat stands.
///
/// The timeline belongs to whoever plays the lesson; this gives moves to make on it. What a learner does in between makes branches, which
/// stay; a beat always begins where the lesson left off.
public struct Walkthrough: Sendable {
  /// The lesson.
  public let lesson: Lesson
  /// The present beat's number, from 0.
  public private(set) var number = 0
  /// The question of the present beat.
  public private(set) var asked: AskedQuestion?
  /// What came of the last answer.
  public private(set) var judgement: AskedQuestion.Judgement?
  /// How many answers, or tries at the goal, there were.
  public private(set) var attempts = 0
  /// How many hints were given.
  public private(set) var hintsShown = 0
  /// Whether the question is answered, the goal reached, or the solution shown.
  public private(set) var isSettled = false
  /// Whether the learner has seen the solution.
  public private(set) var hasSeenSolution = false
  /// Points with a name, on the present stage.
  public private(set) var marks: [String: Int] = [:]
  /// For each beat of the present stage that was begun the point where it began.
  private var points: [Int: Int] = [:]
  private var opening: Int?
  private var stageStart: Int?

  /// A way through a lesson, before its first beat.
  public init(_ lesson: Lesson) {
    self.lesson = lesson
  }

  /// The present beat.
  public var beat: Beat { lesson.beats[number] }

  /// Whether this is the last beat.
  public var isLast: Bool { number == lesson.beats.count - 1 }

  /// Whether nothing is left to do in this beat.
  public var isDone: Bool { (beat.question == nil && beat.goal == nil) || isSettled }

  /// The stage that must be opened anew before a beat can be entered; nil when the present one will do.
  public func stageToOpen(for beat: Int) -> Stage? {
    let start = lesson.stageStart(ofBeat: beat)
    return start == stageStart ? nil : lesson.stage(ofBeat: beat)
  }

  /// Notes that the stage of a beat was opened.
  ///
  /// - Parameters:
  ///   - beat: the beat.
  ///   - point: the point at which the set-up is over.
  public mutating func open(for beat: Int, at point: Int) {
    stageStart = lesson.stageStart(ofBeat: beat)
    opening = point
    points = [:]
    marks = [:]
  }

  /// Enters a beat; those before it on the same stage are gone through if they were not yet.
  ///
  /// - Parameters:
  ///   - beat: its number.
  ///   - timeline: the stage's timeline, which stays as it is.
  /// - Returns: the moves to make on it.
  /// - Throws: `LessonFailure` when a direction cannot be followed.
  public mutating func enter(_ beat: Int, on timeline: Timeline) throws(LessonFailure) -> [Move] {
    guard let start = stageStart, let opening, start == lesson.stageStart(ofBeat: beat) else {
      throw LessonFailure("the stage of beat \(beat + 1) is not open")
    }
    var director = Director(timeline, marks: marks)
    var failed: LessonFailure?
    for step in start...beat {
      if let known = points[step] {
        if step == beat { director.go(to: known) }
        continue
      }
      director.go(to: step == start ? opening : points[step - 1] ?? opening)
      do throws(LessonFailure) {
        try director.follow(lesson.beats[step].directions)
      } catch {
        failed = error
        break
      }
      points[step] = director.timeline.here
    }
    if let failed { throw failed }
    marks = director.marks
    number = beat
    asked = nil
    judgement = nil
    attempts = 0
    hintsShown = 0
    isSettled = false
    hasSeenSolution = false
    return director.moves
  }

  /// Where the present beat began.
  public var point: Int { points[number] ?? opening ?? 0 }

  /// Makes the present beat's question, if it has one, after its moves were made.
  public mutating func ask(on timeline: Timeline, worlds: @escaping Asker.Worlds) throws {
    guard let question = beat.question, asked == nil else { return }
    asked = try Asker(question, on: timeline, marks: marks, worlds: worlds).ask()
  }

  /// Answers the present question.
  public mutating func answer(_ answer: AskedQuestion.Answer) -> AskedQuestion.Judgement? {
    guard let asked, !isSettled else { return nil }
    attempts += 1
    let result = asked.judge(answer)
    judgement = result
    if result.isRight { isSettled = true }
    return result
  }

  /// Notes that the goal was reached.
  public mutating func settle() {
    if !isSettled { attempts += 1 }
    isSettled = true
  }

  /// Notes a try that did not reach the goal.
  public mutating func noteAttempt() { attempts += 1 }

  /// The next hint; nil when there is none left.
  public mutating func hint() -> String? {
    let hints = asked?.hints ?? beat.goal?.hints ?? []
    guard hintsShown < hints.count else { return nil }
    hintsShown += 1
    return hints[hintsShown - 1]
  }

  /// The hints that were given so far.
  public var hints: [String] { Array((asked?.hints ?? beat.goal?.hints ?? []).prefix(hintsShown)) }

  /// Shows the solution: the question counts as settled, but not as answered.
  public mutating func showSolution() {
    hasSeenSolution = true
    if asked != nil {
      isSettled = true
      if let asked { judgement = AskedQuestion.Judgement(isRight: true, why: asked.why) }
    }
  }

  /// Whether the question was answered right at the first try and without help.
  public var isFirstTry: Bool { isSettled && attempts == 1 && hintsShown == 0 && !hasSeenSolution }
}
