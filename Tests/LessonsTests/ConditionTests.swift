import CustomDump
import Lessons
import Machine
import Recording
import StepLanguage
import Testing

/// Conditions and directions on a live state.
@Suite struct ConditionTests {
  private func open(_ scenario: String, _ model: String = "linux-6.12") throws -> Timeline {
    let world = try World(
      program: Shelf.library.program(named: model), scenario: Shelf.library.scenario(named: scenario))
    var director = Director(Timeline(world: world))
    try director.runSetUp()
    return director.timeline
  }

  private func after(_ directions: [String], _ scenario: String) throws -> Timeline {
    var director = Director(try open(scenario))
    for text in directions { try director.follow(try Direction(text)) }
    return director.timeline
  }

  private func holds(_ text: String, _ timeline: Timeline) throws -> Bool {
    try Condition(text).holds(in: Live(timeline))
  }

  @Test func conditionsInTheWindow() throws {
    let window = try after(["T2 run", "T1 until releases access1.ioas_lock"], "replace-vs-pin")
    for text in [
      "access1.ioas == null", "access1.ioas_unpin == ioas1", "access1.ioas_unpin != ioas2",
      "ioas2.users == 3", "ioas2.users >= 3",
      "ioas2.users < 4", "not ioas2.users > 3", "ioas1.access_list has access1",
      "ioas2.access_list has access1", "access1.ioas_lock free",
      "T1 releases access1.ioas_lock", "T1 calls iommufd_test_access_unmap", "T1 in iommufd_access_replace",
      "T1 at mutex_lock staccess.lock",
      "T2 returned 0", "T1 ready", "area1 exists", "not over", "not finding", "ioas1.access_list == 1",
      "access1.ioas_unpin.users == 2",
    ] {
      #expect(try holds(text, window), "\(text)")
    }
    for text in [
      "access1.ioas == ioas1", "ioas2.access_list has access2", "access1.ioas_lock held",
      "T1 holds access1.ioas_lock", "T2 releases access1.ioas_lock",
      "T1 waits", "T1 finished", "T1 sleeps", "area1 gone", "T3 ready", "T1 returned 0",
      "T2 in iommufd_access_replace",
    ] {
      #expect(try !holds(text, window), "\(text)")
    }
  }

  @Test func aBlockedThread() throws {
    let blocked = try after(["T2 until takes access1.ioas_lock", "T1 run"], "replace-vs-pin")
    #expect(try holds("T1 waits for access1.ioas_lock", blocked))
    #expect(try holds("T1 waits", blocked))
    #expect(try !holds("T2 waits", blocked))
    #expect(try holds("T2 holds access1.ioas_lock", blocked))
  }

  @Test(arguments: [
    "", "T1", "T1 dances", "access1.ioas = null", "finding user-after-free", "T1 waits on x", "T1 takes",
  ])
  func noCondition(_ text: String) {
    #expect(throws: LessonFailure.self) { try Condition(text) }
  }

  @Test(arguments: ["", "T1", "T1 step 0", "T1 step x", "T1 until", "T1 until dances", "back home"])
  func noDirection(_ text: String) {
    #expect(throws: LessonFailure.self) { try Direction(text) }
  }

  /// What a director finds on a copy can be made on the timeline itself.
  @Test func movesCanBeMade() throws {
    var timeline = try open("replace-vs-pin")
    var director = Director(timeline)
    for text in [
      "mark here", "T1 step 3", "back to here", "T2 run", "T2 gets rw f0 a1 0x100000 0x1000", "T2 run",
    ] {
      try director.follow(try Direction(text))
    }
    try timeline.make(director.moves)
    #expect(timeline.here == director.timeline.here)
    #expect(timeline.state == director.timeline.state)
  }

  @Test func aDirectionThatCannotBeFollowedSaysWhy() throws {
    var director = Director(try after(["T2 until takes access1.ioas_lock", "T1 run"], "replace-vs-pin"))
    let error = #expect(throws: LessonFailure.self) { try director.follow(try Direction("T1 step")) }
    #expect(
      error?.message.hasPrefix(
        "'T1 step' cannot be done: T1 is blocked on access1.ioas_lock, held by T2 since step ") == true,
      "\(error?.message ?? "")")
  }

  /// Switches are counted as the checker counts preemptions: handing over costs nothing.
  @Test func switchesAreCounted() throws {
    let start = try open("replace-vs-pin").depth
    #expect(Judge.switches(on: try after(["T1 run", "T2 run"], "replace-vs-pin"), since: start) == 0)
    #expect(
      Judge.switches(on: try after(["T1 step", "T2 finish", "T1 run"], "replace-vs-pin"), since: start) == 1)
    // T1 is blocked when T2 goes on.
    #expect(
      Judge.switches(
        on: try after(["T2 until takes access1.ioas_lock", "T1 run", "T2 run"], "replace-vs-pin"),
        since: start) == 1)
  }
}
