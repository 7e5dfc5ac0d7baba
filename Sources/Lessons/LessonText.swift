public import StepLanguage
internal import TOMLKit
internal import TOMLText

/// Reads lessons.
public enum LessonText {
  /// The lesson in a text.
  ///
  /// - Parameters:
  ///   - text: TOML; `docs/lessons.md` says what stands in it.
  ///   - path: the file's name, for messages.
  /// - Throws: `DiagnosticError` with all that is wrong.
  public static func read(_ text: String, path: String) throws(DiagnosticError) -> Lesson {
    let source = SourceFile(name: path, text: text)
    var reader = LessonReader(source: source, text: text)
    let lesson = reader.read(name: name(of: path))
    guard reader.diagnostics.isEmpty else {
      throw DiagnosticError(reader.diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }
    return lesson
  }

  /// The name of a lesson in that file.
  static func name(of path: String) -> String {
    let base = path.split(separator: "/").last.map(String.init) ?? path
    return base.hasSuffix(".toml") ? String(base.dropLast(5)) : base
  }

  /// Whether a TOML text is meant to be a lesson: it has beats.
  public static func isLesson(_ text: String) -> Bool {
    text.split(separator: "\n").contains { $0.hasPrefix("[[beat]]") }
  }
}

/// Reads one lesson and notes all that is wrong with it.
struct LessonReader {
  private(set) var diagnostics: [Diagnostic] = []
  private let places: TOMLPlaces
  private let source: SourceFile

  init(source: SourceFile, text: String) {
    self.source = source
    places = TOMLPlaces(source, text: text)
  }

  mutating func read(name: String) -> Lesson {
    var lesson = Lesson(name: name, source: source, places: places)
    let table: TOMLTable
    do throws(DiagnosticError) {
      table = try places.table()
    } catch {
      diagnostics += error.diagnostics
      return lesson
    }
    refuseOthers(table, [], ["title", "about", "scenario", "model", "beat"])
    lesson.title = string(table, "title", []) ?? ""
    if lesson.title.isEmpty { report("a lesson needs a title; write title = \"…\"", []) }
    lesson.about = string(table, "about", []) ?? ""
    let scenario = string(table, "scenario", []) ?? ""
    let model = string(table, "model", []) ?? "linux-6.12"
    if scenario.isEmpty {
      report("a lesson plays on a scenario; write scenario = \"attach-pin-replace\"", [])
    }
    guard let beats = table["beat"]?.array else {
      report("a lesson has beats; head each with [[beat]]", ["beat"])
      return lesson
    }
    for (number, element) in beats.enumerated() {
      guard let table = element.table else {
        report("a beat is a table, headed by [[beat]]", ["beat", String(number)])
        continue
      }
      var beat = read(table, ["beat", String(number)])
      if let stage = beat.stage {
        beat.stage = Stage(
          scenario: stage.scenario.isEmpty
            ? lesson.beats.isEmpty ? scenario : last(lesson).scenario : stage.scenario,
          model: stage.model.isEmpty ? lesson.beats.isEmpty ? model : last(lesson).model : stage.model)
      } else if number == 0 {
        beat.stage = Stage(scenario: scenario, model: model)
      }
      lesson.beats.append(beat)
    }
    if lesson.beats.isEmpty { report("a lesson has at least one beat", ["beat"]) }
    return lesson
  }

  private func last(_ lesson: Lesson) -> Stage { lesson.stage(ofBeat: lesson.beats.count - 1) }

  private mutating func read(_ table: TOMLTable, _ path: [String]) -> Beat {
    refuseOthers(
      table, path,
      ["name", "scenario", "model", "history", "say", "notes", "look", "do", "expect", "ask", "goal"])
    var beat = Beat()
    beat.name = string(table, "name", path) ?? ""
    beat.history = numbers(table, "history", path)
    beat.say = (string(table, "say", path) ?? "").trimmed
    beat.notes = (string(table, "notes", path) ?? "").trimmed
    if beat.say.isEmpty { report("a beat tells something; write say = \"…\"", path) }
    if table["scenario"] != nil || table["model"] != nil {
      beat.stage = Stage(
        scenario: string(table, "scenario", path) ?? "", model: string(table, "model", path) ?? "")
    }
    for (text, path) in strings(table, "look", path) {
      if let pointer = Pointer(text) {
        beat.look.append(pointer)
      } else {
        let panels = Pointer.PanelName.allCases.map(\.rawValue).joined(separator: ", ")
        report(
          "'\(text)' points to nothing; write 'object device1', 'thread T1', 'lock device1.lock', 'line ' and a text, or 'panel ' and one of \(panels)",
          path)
      }
    }
    beat.directions = directions(table, "do", path)
    beat.expectations = conditions(table, "expect", path)
    if let entry = table["ask"] {
      if let table = entry.table {
        beat.question = question(table, path + ["ask"])
      } else {
        report("'ask' is a table, such as ask = { holder = \"device1.lock\" }", path + ["ask"])
      }
    }
    if let entry = table["goal"] {
      if let table = entry.table {
        beat.goal = goal(table, path + ["goal"])
        if beat.name.isEmpty { report("a beat with a goal needs a name, under which stars are kept", path) }
      } else {
        report("'goal' is a table, headed by [beat.goal]", path + ["goal"])
      }
    }
    if beat.question != nil, beat.goal != nil { report("a beat asks or sets a task, not both", path) }
    return beat
  }

  // MARK: Questions

  private static let subjects = [
    "can_run", "value", "holder", "keeper", "result", "units", "leads_to", "reached_from", "true", "safe",
    "verdict",
  ]

  private mutating func question(_ table: TOMLTable, _ path: [String]) -> Question? {
    refuseOthers(table, path, Self.subjects + ["after", "text", "hints", "model"])
    let given = Self.subjects.filter { table[$0] != nil }
    guard given.count == 1, let subject = given.first else {
      report("a question has exactly one of \(Self.subjects.joined(separator: ", "))", path)
      return nil
    }
    let kind: Question.Kind
    switch subject {
    case "can_run": kind = .canRun
    case "safe": kind = .isSafe
    default:
      guard let word = string(table, subject, path) else { return nil }
      switch subject {
      case "value": kind = .value(Place(word))
      case "holder": kind = .holder(word)
      case "keeper": kind = .keeper(word)
      case "result": kind = .result(word)
      case "units": kind = .units(Place(word))
      case "leads_to": kind = .leadsTo(word)
      case "reached_from": kind = .reachedFrom(word)
      case "true":
        guard let condition = condition(word, path + [subject]) else { return nil }
        kind = .isTrue(condition)
      default: kind = .verdict(Stage(scenario: word, model: string(table, "model", path) ?? "linux-6.12"))
      }
    }
    return Question(
      kind: kind, after: directions(table, "after", path), text: string(table, "text", path) ?? "",
      hints: hints(table, path, exactly: nil))
  }

  // MARK: Goals

  private mutating func goal(_ table: TOMLTable, _ path: [String]) -> Goal? {
    refuseOthers(table, path, ["text", "reach", "fail", "repair", "check", "mend", "hints", "solution"])
    let text = (string(table, "text", path) ?? "").trimmed
    if text.isEmpty { report("a goal says what to do; write text = \"…\"", path) }
    let solution = directions(table, "solution", path)
    let kind: Goal.Kind
    switch (table["reach"] != nil, table["fail"] != nil, table["repair"] != nil) {
    case (true, false, false):
      kind = .reach(conditions(table, "reach", path))
      if solution.isEmpty { report("a goal to reach needs a solution, which the tests play", path) }
    case (false, true, false):
      guard let word = string(table, "fail", path) else { return nil }
      // Which properties the model declares is known when the lesson is played; a slip in one of the machine's is told at once.
      if Property(rawValue: word) == nil,
        let close = Spelling.closest(to: word, among: Property.machine.map(\.rawValue))
      {
        report("there is no property '\(word)'; did you mean '\(close)'?", path + ["fail"])
        return nil
      }
      kind = .fail(Property(stringLiteral: word))
    case (false, false, true):
      guard let repair = repair(table, path) else { return nil }
      kind = .repair(repair)
    default:
      report("a goal has exactly one of reach, fail and repair", path)
      return nil
    }
    return Goal(kind: kind, text: text, hints: hints(table, path, exactly: 3), solution: solution)
  }

  private mutating func repair(_ table: TOMLTable, _ path: [String]) -> Repair? {
    guard let text = string(table, "repair", path) else { return nil }
    let scenarios = strings(table, "check", path).map(\.text)
    if scenarios.isEmpty {
      report("a repair names the scenarios that must hold; write check = [\"…\"]", path)
    }
    var changes: [Repair.Change] = []
    for (number, element) in (table["mend"]?.array.map { Array($0) } ?? []).enumerated() {
      let place = path + ["mend", String(number)]
      guard let entry = element.table else {
        report("a change is { replace = \"…\", with = \"…\" }", place)
        continue
      }
      refuseOthers(entry, place, ["replace", "with"])
      guard let before = string(entry, "replace", place), let after = string(entry, "with", place) else {
        report("a change is { replace = \"…\", with = \"…\" }", place)
        continue
      }
      if Repair.replace(before, by: after, in: text) == nil {
        report("what is to be replaced stands in the text exactly once", place)
      }
      changes.append(Repair.Change(before: before, after: after))
    }
    if changes.isEmpty {
      report("a repair has its solution; write mend = [{ replace = \"…\", with = \"…\" }]", path)
    }
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)
    guard let position = words.firstIndex(of: "revision"), words.indices.contains(position + 1) else {
      report("a repair is a revision; begin with 'revision NAME of MODEL \"title\" {'", path + ["repair"])
      return nil
    }
    return Repair(
      text: text.trimmed + "\n", model: words[position + 1], scenarios: scenarios, changes: changes)
  }

  // MARK: Parts

  private mutating func hints(_ table: TOMLTable, _ path: [String], exactly count: Int?) -> [String] {
    let result = strings(table, "hints", path).map(\.text)
    if let count, result.count != count {
      report("a goal has \(count) hints, each saying more than the one before", path + ["hints"])
    } else if result.count > 3 {
      report("there are three stages of hints at most", path + ["hints"])
    }
    return result
  }

  private mutating func directions(_ table: TOMLTable, _ key: String, _ path: [String]) -> [Direction] {
    var result: [Direction] = []
    for (text, path) in strings(table, key, path) {
      do throws(LessonFailure) {
        result.append(try Direction(text))
      } catch {
        report(error.message, path)
      }
    }
    return result
  }

  private mutating func conditions(_ table: TOMLTable, _ key: String, _ path: [String]) -> [Condition] {
    strings(table, key, path).compactMap { condition($0.text, $0.path) }
  }

  private mutating func condition(_ text: String, _ path: [String]) -> Condition? {
    do throws(LessonFailure) {
      return try Condition(text)
    } catch {
      report(error.message, path)
      return nil
    }
  }

  private mutating func string(_ table: TOMLTable, _ key: String, _ path: [String]) -> String? {
    guard let entry = table[key] else { return nil }
    if let text = entry.string { return text }
    report("'\(key)' is a text in quotes", path + [key])
    return nil
  }

  /// A text or an array of texts, each with its path.
  private mutating func strings(_ table: TOMLTable, _ key: String, _ path: [String]) -> [(
    text: String, path: [String]
  )] {
    guard let entry = table[key] else { return [] }
    if let text = entry.string { return [(text, path + [key])] }
    guard let array = entry.array else {
      report("'\(key)' is a text in quotes, or an array of them", path + [key])
      return []
    }
    var result: [(text: String, path: [String])] = []
    for (number, element) in array.enumerated() {
      if let text = element.string {
        result.append((text, path + [key, String(number)]))
      } else {
        report("'\(key)' is an array of texts in quotes", path + [key, String(number)])
      }
    }
    return result
  }

  private mutating func numbers(_ table: TOMLTable, _ key: String, _ path: [String]) -> [Int] {
    guard let entry = table[key] else { return [] }
    let result = entry.array.map { Array($0).map(\.int) } ?? [entry.int]
    if result.contains(nil) { report("'\(key)' is an array of numbers", path + [key]) }
    return result.compactMap { $0 }
  }

  private mutating func refuseOthers(_ table: TOMLTable, _ path: [String], _ known: [String]) {
    for key in table.keys.sorted() where !known.contains(key) {
      let advice =
        Spelling.nearest(to: key, among: known).map { "did you mean '\($0)'?" }
        ?? "there are \(known.joined(separator: ", "))"
      diagnostics.append(places.diagnostic("there is no '\(key)' here; \(advice)", path + [key], atKey: true))
    }
  }

  private mutating func report(_ message: String, _ path: [String]) {
    diagnostics.append(places.diagnostic(message, path))
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    return String(text)
  }
}
