public import StepLanguage
internal import TOMLKit
internal import TOMLText

/// How far a learner has come, lesson by lesson: what the file of progress holds.
public struct CourseProgress: Hashable, Sendable {
  /// How far a learner has come in a lesson.
  public struct Entry: Hashable, Sendable {
    /// The number of the beat to go on at, from 1.
    public var beat = 1
    /// Whether the last beat was finished.
    public var isFinished = false
    /// The questions that were answered right at the first try and without a hint, by the number of their beat.
    public var firstTries: Set<Int> = []
    /// For each exercise that was done how many stars it gave, 1 to 3.
    public var stars: [String: Int] = [:]

    /// Nothing done yet.
    public init() {}
  }

  /// By the lesson's name.
  public var lessons: [String: Entry] = [:]

  /// Nothing done yet.
  public init() {}

  /// Notes that a beat was entered.
  public mutating func reach(_ lesson: String, beat: Int) {
    lessons[lesson, default: Entry()].beat = beat
  }

  /// Notes that a lesson was gone through to its end.
  public mutating func finish(_ lesson: String) {
    lessons[lesson, default: Entry()].isFinished = true
  }

  /// Notes a question that was answered right at once.
  public mutating func noteFirstTry(_ lesson: String, beat: Int) {
    lessons[lesson, default: Entry()].firstTries.insert(beat)
  }

  /// Notes an exercise; more stars than before replace those.
  public mutating func note(stars: Int, of exercise: String, in lesson: String) {
    let known = lessons[lesson]?.stars[exercise] ?? 0
    lessons[lesson, default: Entry()].stars[exercise] = max(known, stars)
  }

  /// Takes in what was done elsewhere: of each thing the better.
  public mutating func merge(_ other: CourseProgress) {
    for (name, entry) in other.lessons {
      guard var mine = lessons[name] else {
        lessons[name] = entry
        continue
      }
      mine.beat = max(mine.beat, entry.beat)
      mine.isFinished = mine.isFinished || entry.isFinished
      mine.firstTries.formUnion(entry.firstTries)
      mine.stars.merge(entry.stars) { max($0, $1) }
      lessons[name] = mine
    }
  }

  /// Forgets a lesson.
  public mutating func reset(_ lesson: String) { lessons[lesson] = nil }

  // MARK: As a file

  /// The file's text, the same for the same progress.
  public var text: String {
    var lines = ["# How far you have come in the lessons of ioascope. Yours to read, copy and edit.", ""]
    for name in lessons.keys.sorted() {
      guard let entry = lessons[name] else { continue }
      lines.append("[\"\(name)\"]")
      lines.append("beat = \(entry.beat)")
      lines.append("finished = \(entry.isFinished)")
      if !entry.firstTries.isEmpty {
        lines.append("first_tries = [\(entry.firstTries.sorted().map(String.init).joined(separator: ", "))]")
      }
      if !entry.stars.isEmpty {
        let stars = entry.stars.keys.sorted().map { "\"\($0)\" = \(entry.stars[$0] ?? 1)" }
        lines.append("stars = { \(stars.joined(separator: ", ")) }")
      }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }

  /// Reads such a file.
  ///
  /// - Throws: `DiagnosticError` when it is not one.
  public init(_ text: String, path: String) throws(DiagnosticError) {
    let places = TOMLPlaces(SourceFile(name: path, text: text), text: text)
    let table = try places.table()
    var diagnostics: [Diagnostic] = []
    for name in table.keys.sorted() {
      guard let entry = table[name]?.table else {
        diagnostics.append(places.diagnostic("a lesson is a table, headed by [\"\(name)\"]", [name]))
        continue
      }
      var result = Entry()
      if let beat = entry["beat"] {
        if let number = beat.int, number >= 1 {
          result.beat = number
        } else {
          diagnostics.append(places.diagnostic("'beat' is a number from 1", [name, "beat"]))
        }
      }
      if let finished = entry["finished"] {
        if let flag = finished.bool {
          result.isFinished = flag
        } else {
          diagnostics.append(places.diagnostic("'finished' is true or false", [name, "finished"]))
        }
      }
      for element in entry["first_tries"]?.array.map({ Array($0) }) ?? [] {
        if let number = element.int { result.firstTries.insert(number) }
      }
      if let stars = entry["stars"]?.table {
        for exercise in stars.keys {
          if let number = stars[exercise]?.int { result.stars[exercise] = min(3, max(1, number)) }
        }
      }
      lessons[name] = result
    }
    guard diagnostics.isEmpty else { throw DiagnosticError(diagnostics) }
  }
}
