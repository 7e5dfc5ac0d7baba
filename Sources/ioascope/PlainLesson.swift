import Foundation
import Interface
import Lessons

/// A lesson without a screen: a line in, sentences out. For screen readers, for pipes and for scripts.
@MainActor
struct PlainLesson {
  private var lesson: LessonScreen
  private var text = PlainText()
  private var keeper: LessonKeeper
  private var told: (beat: Int, state: [String]) = (-1, [])

  init(_ lesson: LessonScreen) {
    self.lesson = lesson
    keeper = LessonKeeper(lesson)
  }

  /// Reads lines until the input ends, somebody quits, or the lesson is over.
  mutating func run() throws {
    try say([
      "A line is next, back, answer and numbers, hint, solution, retry, edit or quit; or anything that 'ioascope explore --plain' takes, such as step or run. An empty line is next."
    ])
    try tell()
    let isPrompting = isatty(STDIN_FILENO) != 0
    while true {
      if isPrompting { StandardStreams.prompt("> ") }
      guard let line = readLine() else { return }
      let words = line.split(separator: " ").map(String.init)
      switch words.first {
      case nil, "next":
        let beat = lesson.walkthrough.number
        // A screen scrolls and asks back; here one line is one beat.
        for _ in 0..<100 where lesson.walkthrough.number == beat && !(lesson.walkthrough.isLast) {
          _ = lesson.reduce(.commandChosen(.lessonNext))
        }
        if lesson.walkthrough.isLast, beat == lesson.walkthrough.number {
          for _ in 0..<100 { _ = lesson.reduce(.commandChosen(.lessonNext)) }
          try keep()
          try say(["This is the end of the lesson."])
          return
        }
      case "back":
        let beat = lesson.walkthrough.number
        for _ in 0..<100 where lesson.walkthrough.number == beat && beat > 0 {
          _ = lesson.reduce(.commandChosen(.lessonBack))
        }
      case "answer": try say(lesson.answer(Array(words.dropFirst())))
      case "hint": _ = lesson.reduce(.commandChosen(.lessonHint))
      case "solution": _ = lesson.reduce(.commandChosen(.lessonSolution))
      case "retry": _ = lesson.reduce(.commandChosen(.lessonRetry))
      case "edit": try edit()
      case "quit": return try keep()
      default:
        if lesson.reduce(.lineEntered(line)) == .quit { return try keep() }
        while lesson.state.overlay != nil {
          try say(text.news(lesson.state))
          _ = lesson.reduce(.key(.escape))
        }
      }
      try keep()
      try tell()
    }
  }

  private mutating func edit() throws {
    guard case .edit(let path, let text)? = lesson.reduce(.commandChosen(.lessonEdit)) else { return }
    do {
      _ = lesson.reduce(.edited(try Editor.edit(path, text: text)))
    } catch {
      try say([CommandError(error).message])
    }
  }

  private mutating func keep() throws {
    if let error = keeper.keep(lesson) { try say([error]) }
  }

  private mutating func tell() throws {
    if told.beat != lesson.walkthrough.number {
      told = (lesson.walkthrough.number, [])
      try say(lesson.plainBeat)
    }
    try say(text.news(lesson.state))
    let state = lesson.plainState
    try say(state.filter { !told.state.contains($0) })
    told.state = state
  }

  private func say(_ lines: [String]) throws {
    for line in lines where !line.isEmpty { try StandardStreams.print(line) }
  }
}
