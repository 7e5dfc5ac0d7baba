import Machine
import Recording
import Scene
import StepLanguage

/// Questions about objects, their fields and counts.
extension Asker {
  private func option(_ text: String, _ isRight: Bool, _ why: String) -> AskedQuestion.Option {
    AskedQuestion.Option(text: text, isRight: isRight, why: why)
  }

  private var tense: String { question.after.isEmpty ? "now" : "then" }

  func value(_ place: Place) throws -> AskedQuestion {
    guard let value = place.value(in: then.view) else {
      throw LessonFailure("there is no '\(place.text)' here")
    }
    let changes = trail(place.text)
    let way =
      changes.isEmpty
      ? question.after.isEmpty ? "" : "\(place.text) does not change on the way."
      : "On the way: \(changes.joined(separator: "; "))."
    let past = place.value(in: now.view).map { "\(place.text) is \(Asker.text($0, now.view)) now. " } ?? ""
    let hints = [
      "Look at \(place.text.split(separator: ".").first ?? "") in the panel Objects.",
      question.after.isEmpty
        ? "Enter on an object shows all its fields, and who holds its counts."
        : "Which lines of Source between here and there name \(place.parts.last ?? place.text)?",
    ]
    let text = question.after.isEmpty ? "What is \(place.text) now?" : "What is \(place.text) then?"
    switch value {
    case .int, .unsigned, .refcount, .container:
      let number: Int64
      var holders = ""
      switch value {
      case .int(let value): number = value
      case .unsigned(let value): number = Int64(clamping: value)
      case .refcount(let value, let units):
        number = value
        let labels = units.map { Asker.label($0, then.view) + ($0.count > 1 ? " \($0.count) times" : "") }
        holders = labels.isEmpty ? "" : " Its units: \(labels.joined(separator: ", "))."
      case .container(let entries, _): number = Int64(entries.filter { $0.value != nil }.count)
      default: number = 0
      }
      return make(
        text, .number, [], number: number, why: "\(place.text) is \(number).\(holders) \(way)",
        whyNot: question.after.isEmpty
          ? "Count who holds a unit: enter on the object lists them." : past + way, hints: hints)
    case .bool(let flag):
      let options = [true, false].map { option($0 ? "true" : "false", $0 == flag, past + way) }
      return make(text, .one, options, why: "\(place.text) is \(flag). \(way)", hints: hints)
    case .reference(let target):
      var names = ["null"]
      var type: Int?
      if case .reference(let wanted)? = place.resolve(in: then.view)?.field.type { type = wanted }
      for object in then.view.objects where then.view.isAlive(object) {
        if type.map({ then.program.type(then.view.typeIndex(of: object), isA: $0) }) ?? true {
          names.append(then.view.name(of: object))
        }
      }
      let right = target.map { then.view.name(of: $0) } ?? "null"
      if !names.contains(right) { names.append(right) }
      let options = names.map { option($0, $0 == right, past + way) }
      return make(text, .one, options, why: "\(place.text) is \(right). \(way)", hints: hints)
    case .driver, .lock, .waitQueue, .work:
      throw LessonFailure("'\(place.text)' is no value that can be asked for; use holder for a lock")
    }
  }

  static func text(_ value: StateView.Value, _ view: StateView) -> String { ValueText.text(value, in: view) }

  func units(_ place: Place) throws -> AskedQuestion {
    guard case .refcount(let value, let units)? = place.value(in: then.view) else {
      throw LessonFailure("'\(place.text)' is no count here")
    }
    let right = units.map { Asker.label($0, then.view) }
    // Whoever holds a unit of anything could hold one here.
    var others: [String] = []
    for object in then.view.objects where then.view.isAlive(object) {
      for field in then.view.type(of: object).fields {
        guard case .refcount(_, let units) = then.view.value(field, of: object) else { continue }
        for unit in units {
          let label = Asker.label(unit, then.view)
          if !right.contains(label), !others.contains(label) { others.append(label) }
        }
      }
    }
    let why = "\(place.text) is \(value): \(right.isEmpty ? "no units" : right.joined(separator: ", "))."
    let all = (right + others.sorted().prefix(max(2, 6 - right.count))).sorted()
    let options = all.map { label in
      option(
        label, right.contains(label),
        right.contains(label)
          ? "\(label) holds one." : "\(label) holds no unit of \(place.text); \(elsewhere(label)).")
    }
    return make(
      "Who holds units of \(place.text) \(tense)?", .several, options, why: why,
      hints: [
        "Choose \(place.text.split(separator: ".").first ?? "") in Objects and press enter: the list under the count names each holder.",
        "\(place.text) is \(value), so the units of its holders add up to \(value).",
      ])
  }

  /// Where somebody holds a unit instead.
  private func elsewhere(_ label: String) -> String {
    var places: [String] = []
    for object in then.view.objects where then.view.isAlive(object) {
      for field in then.view.type(of: object).fields {
        guard case .refcount(_, let units) = then.view.value(field, of: object) else { continue }
        if units.contains(where: { Asker.label($0, then.view) == label }) {
          places.append("\(then.view.name(of: object)).\(field.name)")
        }
      }
    }
    return places.isEmpty
      ? "it holds none at all" : "what it holds is a unit of \(places.prefix(3).joined(separator: " and "))"
  }

  func leadsTo(_ name: String) throws -> AskedQuestion {
    guard let object = then.view.object(named: name) else {
      throw LessonFailure("there is no '\(name)' here")
    }
    let ways = targets(of: object)
    let others = then.view.objects.filter { then.view.isAlive($0) && $0 != object }.map {
      then.view.name(of: $0)
    }
    let right = others.filter { ways[$0] != nil }
    let wrong = others.filter { ways[$0] == nil }.prefix(max(2, 7 - right.count))
    let options = others.filter { right.contains($0) || wrong.contains($0) }.map { other in
      option(
        other, ways[other] != nil,
        ways[other].map { "\(name).\($0) is \(other)." } ?? "No field or list of \(name) leads to \(other).")
    }
    let why =
      right.isEmpty
      ? "\(name) leads to nothing."
      : right.map { "\(name).\(ways[$0] ?? "") leads to \($0)" }.joined(separator: "; ") + "."
    return make(
      "To which objects does \(name) lead \(tense), by a field or a list of its own?", .several, options,
      why: why,
      hints: [
        "Follow the lines from \(name) in Objects.",
        "Enter on \(name) lists its fields: which are objects, which are null?",
      ])
  }

  func reachedFrom(_ name: String) throws -> AskedQuestion {
    guard let object = then.view.object(named: name) else {
      throw LessonFailure("there is no '\(name)' here")
    }
    var ways: [(from: String, why: String)] = []
    for other in [ObjectReference.globals] + then.view.objects
    where other == .globals || then.view.isAlive(other) {
      if let field = targets(of: other)[name] {
        let from = other == .globals ? field : "\(then.view.name(of: other)).\(field)"
        ways.append((from, "\(from) leads to \(name)."))
      }
    }
    for (thread, view) in then.moment.threads.enumerated() {
      let found = view.frames.contains { frame in
        let locals = then.program.functions[frame.function].locals
        return zip(locals, frame.locals).contains { local, word in
          guard case .reference = local.type else { return false }
          return word == Int64(object.index)
        }
      }
      if found {
        let from = "a local variable of \(then.moment.threadName(thread))"
        ways.append((from, "\(capital(from)) is \(name)."))
      }
    }
    var labels = ways.map(\.from)
    for field in referenceFields where !labels.contains(field) { labels.append(field) }
    labels = Array(labels.prefix(max(ways.count + 2, 6)))
    let options = labels.sorted().map { label in
      let way = ways.first { $0.from == label }
      return option(label, way != nil, way?.why ?? "\(label) does not lead to \(name).")
    }
    return make(
      "What leads to \(name) \(tense)?", .several, options,
      why: ways.isEmpty ? "Nothing leads to \(name)." : ways.map(\.why).joined(separator: " "),
      hints: [
        "Follow the lines that end at \(name) in Objects.",
        "Threads in a system call have local variables, too.",
      ])
  }

  /// Fields and lists that could lead to an object of the same kind, for wrong answers.
  private var referenceFields: [String] {
    var result: [String] = []
    for object in then.view.objects where then.view.isAlive(object) {
      for field in then.view.type(of: object).fields {
        switch field.type {
        case .reference, .xarray, .list, .intervalMap:
          result.append("\(then.view.name(of: object)).\(field.name)")
        default: break
        }
      }
    }
    return result
  }

  /// What an object leads to, by the name of the field.
  private func targets(of object: ObjectReference) -> [String: String] {
    var result: [String: String] = [:]
    for field in then.view.type(of: object).fields {
      switch then.view.value(field, of: object) {
      case .reference(let target?):
        result[then.view.name(of: target)] = result[then.view.name(of: target)] ?? field.name
      case .container(let entries, _):
        for case let target? in entries.map(\.value) {
          result[then.view.name(of: target)] = result[then.view.name(of: target)] ?? field.name
        }
      default: break
      }
    }
    return result
  }

  func isTrue(_ condition: Condition) -> AskedQuestion {
    let holds = condition.holds(in: then)
    var why = "'\(condition.text)' is \(holds ? "true" : "false")."
    let subject: Place?
    switch condition.atom {
    case .compare(let place, _, _), .has(let place, _): subject = place
    default: subject = nil
    }
    if let subject, let value = subject.value(in: then.view) {
      why += " \(subject.text) is \(Asker.text(value, then.view)) \(tense)."
      let changes = trail(subject.text)
      if !changes.isEmpty { why += " On the way: \(changes.joined(separator: "; "))." }
    } else if case .waits(let name, _) = condition.atom, let thread = then.thread(name) {
      why += " \(capital(then.words(for: thread)))."
    } else if case .held(let name, _) = condition.atom {
      why += " \(words(forLock: name, then))"
    } else if case .holds(_, let name) = condition.atom {
      why += " \(words(forLock: name, then))"
    }
    if case .finding = condition.atom, let finding = then.findings.last {
      why = "\(finding.property.rawValue): \(finding.message)."
    }
    let options = [true, false].map { option($0 ? "yes" : "no", $0 == holds, why) }
    return make(
      condition.inQuestion, .one, options, why: why,
      hints: ["Name what it is about, and find it on the screen.", "Which line of Source decides it?"])
  }
}
