import CustomDump
import Lessons
import StepLanguage
import Testing

/// What is wrong with a lesson is told with its place.
@Suite struct LessonTextTests {
  private func message(_ text: String) -> String {
    do {
      let lesson = try Shelf.lesson(text: text)
      _ = try Rehearsal(lesson, library: Shelf.library).play(searches: false)
      return "ok"
    } catch let error as DiagnosticError {
      return error.diagnostics.map { "\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n")
    } catch {
      return "\(error)"
    }
  }

  private let head = "title = \"t\"\nscenario = \"replace-vs-pin\"\n[[beat]]\nsay = \"s\"\n"

  @Test func aSmallLessonIsFine() {
    #expect(message(head) == "ok")
  }

  @Test(arguments: [
    ("say = [", "4:1"),
    ("lok = \"object ioas1\"", "5:1: there is no 'lok' here; did you mean 'look'?"),
    ("look = \"ioas1\"", "5:8: 'ioas1' points to nothing"),
    ("do = [\"T1 step\", \"T9 step\"]", "5:6: 'T9 step': there is no thread 'T9'; there are T0, T1, T2"),
    (
      "do = [\"T1 until releases access1.lock\"]",
      "5:7: objects called 'access' have no field 'lock' in this model"
    ),
    ("do = [\"T1 until enters nowhere\"]", "5:7: this model has no function 'nowhere'"),
    ("do = [\"T1 gets dance\"]", "5:6: 'T1 gets dance':"),
    (
      "expect = [\"access1.ioas == ioas1\", \"access1.ioas == null\"]",
      "5:36: 'access1.ioas == null' is not so"
    ),
    ("expect = [\"axess1.ioas == null\"]", "5:11: there are no objects called 'axess' in this model"),
    ("ask = { holder = \"x\", value = \"y\" }", "5:7: a question has exactly one of"),
    ("ask = { holder = \"access1.no_lock\" }", "5:7: there is no lock 'access1.no_lock' here"),
    (
      "[beat.goal]\ntext = \"t\"\nfail = \"user-after-free\"\nhints = [\"a\", \"b\", \"c\"]",
      "7:8: there is no property 'user-after-free'; did you mean 'use-after-free'?"
    ),
    (
      "name = \"n\"\n[beat.goal]\ntext = \"t\"\nreach = [\"T1 finished\"]\nsolution = [\"T1 step\"]\nhints = [\"a\", \"b\", \"c\"]",
      "9:12: the solution does not reach the goal: not so is T1 finished"
    ),
    (
      "name = \"n\"\n[beat.goal]\ntext = \"t\"\nreach = [\"T1 ready\"]\nsolution = [\"T1 step\"]\nhints = [\"a\", \"b\", \"c\"]",
      "the goal is reached before the learner does anything"
    ),
    (
      "name = \"n\"\n[beat.goal]\ntext = \"t\"\nreach = [\"T1 finished\"]\nsolution = [\"T1 finish\"]\nhints = [\"a\", \"b\"]",
      "10:9: a goal has 3 hints"
    ),
    ("scenario = \"nowhere\"", "5:12: there is no scenario 'nowhere'"),
    (
      "scenario = \"internal-access-unmap\"",
      "5:12: the scenario 'internal-access-unmap' cannot be played with the model 'linux-6.12'"
    ),
  ])
  func whatIsWrong(_ line: String, _ expected: String) {
    let found = message(head + line + "\n")
    #expect(found != "ok")
    #expect(found.contains(expected) || expected == "4:1", "\(found)")
  }

  @Test func aLessonWithoutBeats() {
    #expect(message("title = \"t\"\nscenario = \"replace-vs-pin\"\n").contains("a lesson has beats"))
    #expect(message("").contains("a lesson needs a title"))
    #expect(message("title = \"a\u{0}b\"").contains("no null characters"))
  }

  @Test func randomTextNeverCrashes() {
    let text = head + "do = [\"T1 step\"]\nask = { value = \"ioas1.users\", after = [\"T1 step 2\"] }\n"
    var seed: UInt64 = 7
    for _ in 0..<250 {
      var bytes = Array(text.utf8)
      for _ in 0..<3 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = Int(seed >> 33) % bytes.count
        bytes[place] = UInt8(truncatingIfNeeded: seed >> 20) & 0x7f
      }
      _ = message(String(decoding: bytes, as: UTF8.self))
    }
  }
}
