import CustomDump
import Lessons
import StepLanguage
import Testing

@Suite struct CourseProgressTests {
  private var some: CourseProgress {
    var progress = CourseProgress()
    progress.reach("01-a", beat: 4)
    progress.noteFirstTry("01-a", beat: 2)
    progress.note(stars: 2, of: "find", in: "01-a")
    progress.reach("02-b", beat: 9)
    progress.finish("02-b")
    return progress
  }

  @Test func aFileGivesTheSameBack() throws {
    expectNoDifference(try CourseProgress(some.text, path: "p"), some)
    expectNoDifference(try CourseProgress(CourseProgress().text, path: "p"), CourseProgress())
  }

  @Test func mergingKeepsTheBetter() {
    var other = CourseProgress()
    other.reach("01-a", beat: 2)
    other.finish("01-a")
    other.note(stars: 3, of: "find", in: "01-a")
    other.note(stars: 1, of: "other", in: "01-a")
    other.reach("03-c", beat: 1)
    var merged = some
    merged.merge(other)
    #expect(merged.lessons["01-a"]?.beat == 4)
    #expect(merged.lessons["01-a"]?.isFinished == true)
    #expect(merged.lessons["01-a"]?.stars == ["find": 3, "other": 1])
    #expect(merged.lessons["01-a"]?.firstTries == [2])
    #expect(merged.lessons["03-c"] != nil)
    var reverse = other
    reverse.merge(some)
    expectNoDifference(merged, reverse)
  }

  @Test func fewerStarsDoNotReplaceMore() {
    var progress = some
    progress.note(stars: 1, of: "find", in: "01-a")
    #expect(progress.lessons["01-a"]?.stars["find"] == 2)
    progress.reset("01-a")
    #expect(progress.lessons.keys.sorted() == ["02-b"])
  }

  @Test func aBrokenFileIsToldWithItsPlace() {
    let error = #expect(throws: DiagnosticError.self) {
      try CourseProgress("[\"01-a\"]\nbeat = \"x\"\n", path: "p")
    }
    #expect(error?.rendered.hasPrefix("p:2:8: error: 'beat' is a number from 1") == true)
  }
}
