import CustomDump
import Lessons
import Machine
import Recording
import StepLanguage
import Testing

/// Questions get their answer from the live state.
@Suite struct QuestionTests {
  /// The question of a lesson of one beat.
  private func ask(_ question: String, scenario: String = "replace-vs-pin", do directions: String = "[]")
    throws -> AskedQuestion
  {
    let lesson = try Shelf.lesson(
      text: """
        title = "t"
        scenario = "\(scenario)"
        [[beat]]
        say = "s"
        do = \(directions)
        ask = \(question)
        """)
    return try #require(Rehearsal(lesson, library: Shelf.library).play().first?.asked)
  }

  private let window = "[\"T2 run\", \"T1 until releases access1.ioas_lock\"]"

  @Test func whoHoldsALock() throws {
    let asked = try ask("{ holder = \"access1.ioas_lock\" }", do: "[\"T1 until takes access1.ioas_lock\"]")
    #expect(asked.words(asked.answer) == "T1")
    let wrong = asked.judge(.options([asked.options.firstIndex { $0.text == "T2" } ?? 0]))
    #expect(!wrong.isRight)
    #expect(
      wrong.why.contains("T2 holds no lock. access1.ioas_lock is held by T1 since step "), "\(wrong.why)")
  }

  @Test func theSameQuestionLaterHasAnotherAnswer() throws {
    let asked = try ask("{ holder = \"access1.ioas_lock\" }", do: window)
    #expect(asked.words(asked.answer) == "nobody")
  }

  @Test func whoCanRun() throws {
    let asked = try ask("{ can_run = true }", do: "[\"T2 until takes access1.ioas_lock\", \"T1 run\"]")
    #expect(asked.words(asked.answer) == "T2")
    #expect(asked.why.contains("T1 is blocked on access1.ioas_lock, held by T2 since step "))
  }

  @Test func aCountAhead() throws {
    let asked = try ask("{ value = \"ioas2.users\", after = [\"T1 until releases access1.ioas_lock\"] }")
    #expect(asked.number == 3)
    let wrong = asked.judge(.number(2))
    #expect(!wrong.isRight)
    #expect(wrong.why.hasPrefix("It is not 2. ioas2.users is 1 now. On the way: step "), "\(wrong.why)")
  }

  @Test func aPointer() throws {
    let asked = try ask("{ value = \"access1.ioas_unpin\" }", do: window)
    expectNoDifference(asked.options.map(\.text), ["null", "ioas1", "ioas2"])
    #expect(asked.words(asked.answer) == "ioas1")
  }

  @Test func whatACallReturns() throws {
    let asked = try ask("{ result = \"T2\" }", do: "[\"T1 until releases access1.ioas_lock\"]")
    #expect(asked.words(asked.answer) == "-ENOENT")
    let blocked = try ask("{ result = \"T1\" }", do: "[\"T2 until takes access1.ioas_lock\"]")
    #expect(blocked.words(blocked.answer) == "it does not return")
  }

  @Test func whoOwnsUnits() throws {
    let asked = try ask("{ units = \"ioas2.users\" }", do: window)
    #expect(asked.words(asked.answer) == "T1 (short-term), access1, xarray")
    let wrong = asked.judge(.options([asked.options.firstIndex { $0.text == "driver" } ?? 0]))
    #expect(!wrong.isRight)
  }

  @Test func whoKeepsAThread() throws {
    let asked = try ask("{ keeper = \"T1\" }", do: "[\"T2 until takes access1.ioas_lock\", \"T1 run\"]")
    #expect(asked.words(asked.answer) == "T2")
  }

  @Test func whatIsReachable() throws {
    let asked = try ask("{ reached_from = \"ioas2\" }", do: window)
    #expect(asked.words(asked.answer).contains("a local variable of T1"))
    #expect(asked.words(asked.answer).contains("ictx1.objects"))
    let outward = try ask("{ leads_to = \"ioas2\" }", do: window)
    #expect(outward.words(outward.answer) == "area2, access1")
  }

  /// Whether an access may be destroyed is decided by trying every order.
  @Test func safety() throws {
    let unsafe = try ask(
      "{ safe = true }", scenario: "replace-vs-drop", do: "[\"T1 until releases access1.ioas_lock\"]")
    #expect(unsafe.words(unsafe.answer) == "no")
    #expect(unsafe.why.contains("There is an order of steps"))
    let safe = try ask(
      "{ safe = true }", scenario: "replace-vs-close", do: "[\"T1 until releases access1.ioas_lock\"]")
    #expect(safe.words(safe.answer) == "yes")
  }

  @Test func aVerdict() throws {
    let bad = try ask("{ verdict = \"detach-with-pin\", model = \"replace-v2\" }")
    #expect(bad.words(bad.answer) == "it is violated")
    let good = try ask("{ verdict = \"detach-with-pin\", model = \"replace-v2-reply\" }")
    #expect(good.words(good.answer) == "it holds")
  }

  @Test func aLessonsOwnHintsComeFirst() throws {
    let asked = try ask("{ holder = \"access1.ioas_lock\", hints = [\"mine\"] }")
    #expect(asked.hints.count == 3)
    #expect(asked.hints[0] == "mine")
  }
}
