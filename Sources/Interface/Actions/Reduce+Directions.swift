import Lessons
import Recording
import StepLanguage
import Workbench

// The language of lessons behind `:`, such as `T1 step 3`, `T1 until releases device1.lock`, `all run`.
extension AppState {
  /// Follows a direction as lessons write them.
  ///
  /// - Returns: nil when the line is none, otherwise what it came to.
  mutating func follow(direction line: String) -> (said: Message?, error: String?)? {
    var words = line.split(separator: " ").map(String.init)
    // 'until T1 releases x' says the same as 'T1 until releases x'.
    if words.count > 2, words[0] == "until", moment.threads.contains(where: { $0.name == words[1] }) {
      words.swapAt(0, 1)
    }
    guard isDirection(words) else { return nil }
    do throws(LessonFailure) {
      let direction = try Direction(words.joined(separator: " "))
      let start = timeline.here
      let marks = Dictionary(bookmarks.map { ($0.text, $0.node) }) { _, last in last }
      var director = Director(timeline, marks: marks)
      try director.follow(direction)
      // The director has gone the way on its own copy: no step is taken twice.
      session.show(director.timeline)
      if let last = timeline.record?.thread { session.thread = last }
      session.remember(start)
      session.refresh()
      for (name, point) in director.marks where marks[name] != point && point == timeline.here {
        session.name(point: name)
      }
      settle()
      let count = director.moves.count
      return (count == 0 ? nil : .note(session.outcome(of: count)), nil)
    } catch {
      return (nil, error.message)
    }
  }

  private func isDirection(_ words: [String]) -> Bool {
    guard words.count >= 2 else { return false }
    if ["all", "mark", "back"].contains(words[0]) {
      return timeline.world.program.entry(named: words[0]) == nil
    }
    return moment.threads.contains { $0.name == words[0] } && Direction.verbs.contains(words[1])
      && timeline.world.program.entry(named: words[1]) == nil
  }
}
