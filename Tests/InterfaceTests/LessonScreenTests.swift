import CustomDump
import Foundation
import Interface
import Lessons
import StepLanguage
import Surface
import Testing

/// Lessons at the keyboard.
@Suite struct LessonScreenTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let library = Library { kind, name in
    let path = "\(kind == .model ? "models" : "scenarios")/\(name).step"
    guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else {
      return nil
    }
    return (path, text)
  }

  static let names: [String] = {
    let files =
      (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("lessons").path))
      ?? []
    return files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
  }()

  private func open(
    _ name: String, beat: Int = 0, width: Int = 80, height: Int = 24, isPresenting: Bool = false
  ) throws -> LessonScreen {
    let path = "lessons/\(name).toml"
    let text = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    var screen = try LessonScreen(
      LessonText.read(text, path: path), beat: beat, library: Self.library, progress: CourseProgress(),
      exercisePath: { "/mine/\($0).step" }, isPresenting: isPresenting)
    _ = screen.reduce(.resized(Size(width: width, height: height)))
    return screen
  }

  private func press(_ screen: inout LessonScreen, _ keys: String) throws {
    for name in keys.split(separator: " ") {
      _ = screen.reduce(.key(try #require(Keystroke(name: String(name)), "\(name)")))
    }
  }

  private func text(_ screen: LessonScreen, _ width: Int = 80, _ height: Int = 24) -> String {
    screen.view(size: Size(width: width, height: height)).textLines().joined(separator: "\n")
  }

  /// The keys that give an answer.
  private func keys(for asked: AskedQuestion) -> String {
    switch asked.answer {
    case .number(let number):
      return "; " + String(number).map { String($0) }.joined(separator: " ") + " enter"
    case .options(let chosen): return "; " + chosen.sorted().map { String($0 + 1) + " " }.joined() + "enter"
    }
  }

  /// The whole course, from the first beat to the last, on the smallest usual screen.
  @Test(arguments: names)
  func aLessonCanBeTakenByItsKeys(_ name: String) throws {
    var screen = try open(name)
    let lesson = screen.walkthrough.lesson
    for number in lesson.beats.indices {
      #expect(screen.walkthrough.number == number, "\(name)")
      #expect(text(screen).contains("\(number + 1)/\(lesson.beats.count)"), "\(name), beat \(number + 1)")
      if let question = screen.walkthrough.beat.question, question.isSearched {
        #expect(text(screen).contains("asked; that may take a moment"), "\(name), beat \(number + 1)")
        try press(&screen, "; esc")
      }
      if let asked = screen.walkthrough.asked {
        #expect(!screen.walkthrough.isDone)
        try press(&screen, keys(for: asked))
        #expect(screen.walkthrough.isSettled, "\(name), beat \(number + 1)")
        #expect(text(screen).contains("✓"), "\(name), beat \(number + 1)")
      }
      if let goal = screen.walkthrough.beat.goal {
        if case .repair(let repair) = goal.kind {
          expectNoDifference(
            screen.reduce(.key(.character("E"))), .edit(path: "/mine/\(repair.model).step", text: repair.text)
          )
          _ = screen.reduce(.edited(repair.text))
          #expect(!screen.walkthrough.isSettled, "\(name): the broken model passes")
          #expect(
            screen.state.timeline.record?.findings.isEmpty == false,
            "\(name): the counterexample is not shown")
          _ = screen.reduce(.edited(repair.mended))
        } else {
          try press(&screen, "! ! ! !")
          #expect(screen.walkthrough.hasSeenSolution)
          #expect(!screen.walkthrough.isSettled, "\(name): a solution that is shown is not run")
          for _ in 0..<40 where !screen.walkthrough.isSettled { try press(&screen, ">") }
        }
        #expect(screen.walkthrough.isSettled, "\(name), beat \(number + 1)")
        let given = screen.progress.lessons[name]?.stars[screen.walkthrough.beat.name] ?? 0
        #expect(given >= 1)
      }
      for _ in 0..<12 where screen.walkthrough.number == number && number + 1 < lesson.beats.count {
        try press(&screen, ".")
      }
    }
    for _ in 0..<12 { try press(&screen, ".") }
    #expect(screen.progress.lessons[name]?.isFinished == true)
    #expect(screen.progress.lessons[name]?.firstTries.count == lesson.questionCount)
  }

  @Test func aWrongAnswerIsMetWithWhy() throws {
    var screen = try open("06-the-window", beat: 2)
    try press(&screen, "; 2 enter")
    #expect(!screen.walkthrough.isSettled)
    #expect(text(screen).contains("access1.ioas_lock is free."), "\(text(screen))")
    try press(&screen, "; 4 enter")
    #expect(screen.walkthrough.isSettled)
    #expect(screen.progress.lessons["06-the-window"]?.firstTries == [])
  }

  /// What a learner does for a task is a branch; the next beat begins where the lesson was.
  @Test func theLessonGoesOnWhereItWas() throws {
    var screen = try open("06-the-window", beat: 8)
    let point = screen.state.timeline.here
    try press(&screen, "space space space")
    #expect(screen.state.timeline.here != point)
    try press(&screen, "<")
    #expect(screen.state.timeline.here == point)
    try press(&screen, "space . . .")
    #expect(screen.walkthrough.number == 9)
    #expect(screen.state.timeline.depth > 0)
  }

  @Test func stepsOfTheLearnerReachAGoal() throws {
    var screen = try open("04-please-unpin", beat: 5)
    try press(&screen, "1 r 2 r")
    #expect(screen.walkthrough.isSettled)
    #expect(screen.progress.lessons["04-please-unpin"]?.stars["too-late"] == 3)
    #expect(text(screen).contains("3 of 3 stars"), "\(text(screen))")
  }

  @Test func anOpenQuestionIsToldOnce() throws {
    var screen = try open("06-the-window", beat: 2)
    for _ in 0..<4 where screen.state.message == nil { try press(&screen, ".") }
    #expect(screen.state.message == .refusal("the question is open: ; answers; . once more goes on"))
    try press(&screen, ".")
    #expect(screen.walkthrough.number == 3)
  }

  @Test func aPresenterShowsAnswersWhenTheyLike() throws {
    var screen = try open("06-the-window", beat: 2, isPresenting: true)
    #expect(!text(screen).contains("nobody. access1.ioas_lock is free."))
    try press(&screen, ";")
    #expect(text(screen).contains("nobody. access1.ioas_lock is free."))
    #expect(screen.position.isAnswerShown)
    #expect(!text(screen).contains("hint"))
    #expect(screen.progress == CourseProgress())
  }

  @Test func aWideScreenHasTheLessonAtTheRight() throws {
    let screen = try open("06-the-window", beat: 2, width: 160, height: 48)
    let lines = text(screen, 160, 48).split(separator: "\n")
    #expect(lines[0].hasPrefix(" ioascope"))
    #expect(lines[0].contains("The window"))
    #expect(lines.contains { $0.contains("4 nobody") })
  }

  @Test func theScreenIsAsApproved() throws {
    var screen = try open("06-the-window", beat: 2)
    try Golden.expect(screen.view(size: Size(width: 80, height: 24)).golden(), "lesson-question-80x24")
    try press(&screen, "; 2")
    try Golden.expect(screen.view(size: Size(width: 80, height: 24)).golden(), "lesson-answering-80x24")
    let wide = try open("06-the-window", beat: 3, width: 160, height: 48)
    try Golden.expect(wide.view(size: Size(width: 160, height: 48)).golden(), "lesson-question-160x48")
  }

  /// A click on an answer gives it; what lies behind the lesson gets no click.
  @Test func theMouseAnswers() throws {
    var screen = try open("06-the-window", beat: 2)
    let rows = text(screen).split(separator: "\n", omittingEmptySubsequences: false)
    let row = try #require(rows.firstIndex { $0.contains("4 nobody") })
    let thread = screen.state.thread
    func column(_ word: String) -> Int {
      rows[row].range(of: word).map { rows[row].distance(from: rows[row].startIndex, to: $0.lowerBound) } ?? 0
    }
    _ = screen.reduce(.key(.mouse(MouseEvent(.press(.left), at: Point(x: column("2 T1"), y: row)))))
    #expect(screen.walkthrough.attempts == 1 && !screen.walkthrough.isSettled)
    _ = screen.reduce(.key(.mouse(MouseEvent(.press(.left), at: Point(x: column("nobody"), y: row - 1)))))
    let now = text(screen).split(separator: "\n", omittingEmptySubsequences: false)
    let again = try #require(now.firstIndex { $0.contains("4 nobody") })
    _ = screen.reduce(.key(.mouse(MouseEvent(.press(.left), at: Point(x: column("nobody"), y: again)))))
    #expect(screen.walkthrough.isSettled)
    #expect(screen.state.thread == thread)
  }

  @Test func theEndOpensTheNextLesson() throws {
    let path = "lessons/01-what-is-an-ioas.toml"
    let lesson = try LessonText.read(
      String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8), path: path)
    var screen = try LessonScreen(
      lesson, beat: lesson.beats.count - 1, library: Self.library, progress: CourseProgress(),
      exercisePath: { $0 },
      nextTitle: "Who holds what")
    expectNoDifference(screen.reduce(.key(.character("."))), nil)
    #expect(screen.progress.lessons["01-what-is-an-ioas"]?.isFinished == true)
    #expect(screen.state.message?.text.contains("opens \"Who holds what\"") == true)
    expectNoDifference(screen.reduce(.key(.character("."))), .lesson(.lessonNext))
  }

  /// A recording is of one run; another stage ends it.
  @Test func anotherStageEndsARecording() throws {
    var screen = try open("08-two-pointers", beat: 3)
    _ = screen.reduce(.recordingStarted("mine.ioas"))
    try press(&screen, "`")
    var effects: [AppEffect] = []
    for _ in 0..<5 where screen.walkthrough.number == 3 {
      if let effect = screen.reduce(.key(.character("."))) { effects.append(effect) }
    }
    #expect(screen.walkthrough.number == 4)
    #expect(effects.contains(.stopRecording))
  }

  @Test func everySizeIsDrawn() throws {
    let screen = try open("06-the-window", beat: 2)
    for (width, height) in [(1, 1), (20, 5), (60, 16), (61, 20), (100, 30), (129, 24), (130, 24), (300, 90)] {
      var sized = screen
      let size = Size(width: width, height: height)
      _ = sized.reduce(.resized(size))
      #expect(sized.view(size: size).width == width)
    }
  }

  @Test func lessonKeysElsewhereSayWhy() throws {
    var pilot = try Pilot.counter()
    try pilot.press(".")
    expectNoDifference(pilot.state.message, .refusal("there is no lesson here; 'ioascope lesson' lists them"))
  }
}
