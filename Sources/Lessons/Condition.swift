import Machine
import Recording
import Scene
import StepLanguage

/// Something that can be said of a live state: `device1.owner == null`, `T2 waits for device1.lock`, `T1 releases device1.lock`.
public struct Condition: Hashable, Sendable {
  enum Comparison: String, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case atMost = "<="
    case atLeast = ">="
    case less = "<"
    case more = ">"
  }

  /// What a thread has just done.
  enum Deed: Hashable {
    case takes, releases, queues, enters, leaves, calls, begins
  }

  enum Atom: Hashable {
    case compare(Place, Comparison, String)
    case has(Place, String)
    case held(String, Bool)
    case holds(String, String)
    case waits(String, String?)
    case ready(String)
    case finished(String)
    case sleeps(String)
    case isIn(String, String)
    case isAt(String, String)
    case returned(String, String)
    case did(String, Deed, String)
    case frees(String, String)
    case exists(String, Bool)
    case finding(Property?)
    case over
  }

  /// As it is written.
  public let text: String
  let isNegated: Bool
  let atom: Atom

  /// Whether it is about what the last step did, not about what there is now.
  var isAboutStep: Bool {
    switch atom {
    case .did, .frees: true
    default: false
    }
  }

  /// Reads a condition.
  ///
  /// - Parameters:
  ///   - text: the condition.
  ///   - subject: the thread that is meant where none is named, as in `T1 until releases device1.lock`.
  /// - Throws: `LessonFailure` that says what is wrong.
  public init(_ text: String, subject: String? = nil) throws(LessonFailure) {
    self.text = text
    var words = text.split(separator: " ").map(String.init)
    isNegated = words.first == "not"
    if isNegated { words.removeFirst() }
    if let subject, let first = words.first, Self.verbs.contains(first) { words.insert(subject, at: 0) }
    guard let atom = try Self.atom(words) else {
      throw LessonFailure(
        "'\(text)' is no condition; write for example 'device1.owner == null', 'T2 waits for device1.lock' or 'T1 releases device1.lock'"
      )
    }
    self.atom = atom
  }

  private static let verbs: Set<String> = [
    "takes", "releases", "queues", "enters", "leaves", "calls", "begins", "frees", "waits", "holds", "in",
    "at", "returned",
    "ready", "finished", "sleeps",
  ]

  private static func atom(_ words: [String]) throws(LessonFailure) -> Atom? {
    guard let first = words.first else { return nil }
    if words == ["over"] { return .over }
    if first == "finding" {
      if words.count == 1 { return .finding(nil) }
      guard words.count == 2 else { return nil }
      let advice = Spelling.suggestion(words[1], among: Property.machine.map(\.rawValue))
      if Property(rawValue: words[1]) == nil, !advice.isEmpty {
        throw LessonFailure("there is no property '\(words[1])'\(advice)")
      }
      return .finding(Property(stringLiteral: words[1]))
    }
    guard words.count >= 2 else { return nil }
    let rest = words.dropFirst(2).joined(separator: " ")
    switch (words[1], words.count) {
    case ("held", 2): return .held(first, true)
    case ("free", 2): return .held(first, false)
    case ("exists", 2): return .exists(first, true)
    case ("gone", 2): return .exists(first, false)
    case ("ready", 2): return .ready(first)
    case ("finished", 2): return .finished(first)
    case ("sleeps", 2): return .sleeps(first)
    case ("waits", 2): return .waits(first, nil)
    case ("waits", 4) where words[2] == "for": return .waits(first, words[3])
    case ("holds", 3): return .holds(first, words[2])
    case ("in", 3): return .isIn(first, words[2])
    case ("at", 3...): return .isAt(first, rest)
    case ("returned", 3): return .returned(first, words[2])
    case ("takes", 3): return .did(first, .takes, words[2])
    case ("releases", 3): return .did(first, .releases, words[2])
    case ("queues", 4) where words[2] == "for": return .did(first, .queues, words[3])
    case ("enters", 3): return .did(first, .enters, words[2])
    case ("leaves", 3): return .did(first, .leaves, words[2])
    case ("calls", 3): return .did(first, .calls, words[2])
    case ("begins", 3): return .did(first, .begins, words[2])
    case ("frees", 3): return .frees(first, words[2])
    case ("has", 3): return .has(Place(first), words[2])
    default:
      guard words.count == 3, let comparison = Comparison(rawValue: words[1]) else { return nil }
      return .compare(Place(first), comparison, words[2])
    }
  }

  /// As a question.
  var inQuestion: String {
    switch atom {
    case .finding(let property?): "Has this been found: \(property.rawValue), \(property.title)?"
    case .finding(nil): "Has anything been found wrong?"
    default: "Is this true: \(text)?"
    }
  }

  // MARK: Evaluating

  /// Whether it holds.
  public func holds(in live: Live) -> Bool { isTrue(live) != isNegated }

  private func isTrue(_ live: Live) -> Bool {
    switch atom {
    case .compare(let place, let comparison, let word):
      guard let value = place.value(in: live.view) else { return false }
      return Self.compare(value, comparison, word, live.view)
    case .has(let place, let name):
      guard case .container(let entries, _)? = place.value(in: live.view) else { return false }
      return entries.contains { $0.value.map { live.view.name(of: $0) } == name }
    case .held(let name, let wanted):
      return live.lock(named: name).map { live.view.lock($0).isHeld == wanted } ?? false
    case .holds(let thread, let name):
      return live.thread(thread).map { live.holds($0, name) } ?? false
    case .waits(let thread, let name):
      guard let thread = live.thread(thread), case .blocked(let lock, _) = live.moment.readiness[thread]
      else {
        return false
      }
      return name == nil || live.view.name(of: lock) == name
    case .ready(let thread): return live.thread(thread).map { live.canStep($0) } ?? false
    case .finished(let thread):
      return live.thread(thread).map { live.moment.readiness[$0] == .finished } ?? false
    case .sleeps(let thread):
      return live.thread(thread).map { live.moment.threads[$0].isSleeping } ?? false
    case .isIn(let thread, let name):
      guard let thread = live.thread(thread) else { return false }
      return live.moment.threads[thread].frames.contains { live.program.functions[$0.function].name == name }
    case .isAt(let thread, let text):
      guard let thread = live.thread(thread), let statement = live.moment.threads[thread].nextStatement else {
        return false
      }
      return live.program.text(of: statement).contains(text)
    case .returned(let thread, let word):
      guard let thread = live.thread(thread), let result = live.lastResult(of: thread) else { return false }
      return ValueText.result(result) == (word.hasPrefix("-E") ? String(word.dropFirst()) : word)
    case .did(let thread, let deed, let name):
      return live.thread(thread).map { live.did($0, deed, name) } ?? false
    case .frees(let thread, let name):
      guard let number = live.thread(thread), live.moment.record?.thread == number,
        let before = live.moment.before
      else { return false }
      return before.isAlive(named: name) && !live.view.isAlive(named: name)
    case .exists(let name, let wanted): return live.view.isAlive(named: name) == wanted
    case .finding(let property):
      return live.findings.contains { property == nil || $0.property == property }
    case .over: return live.moment.readiness.allSatisfy { $0 == .finished }
    }
  }

  private static func compare(
    _ value: StateView.Value, _ comparison: Comparison, _ word: String, _ view: StateView
  ) -> Bool {
    let number: Int64
    switch value {
    case .reference(let object):
      let name = object.map { view.name(of: $0) } ?? "null"
      return comparison == .unequal ? name != word : comparison == .equal && name == word
    case .bool(let flag):
      let text = flag ? "true" : "false"
      return comparison == .unequal ? text != word : comparison == .equal && text == word
    case .int(let value): number = value
    case .refcount(let value, _): number = value
    case .unsigned(let value): number = Int64(clamping: value)
    case .container(let entries, _): number = Int64(entries.filter { $0.value != nil }.count)
    case .driver, .lock, .waitQueue, .work: return false
    }
    guard let other = Self.number(word) else { return false }
    switch comparison {
    case .equal: return number == other
    case .unequal: return number != other
    case .less: return number < other
    case .more: return number > other
    case .atMost: return number <= other
    case .atLeast: return number >= other
    }
  }

  /// A number as it is written in a lesson: decimal or hexadecimal.
  static func number(_ word: String) -> Int64? {
    word.hasPrefix("0x") ? Int64(word.dropFirst(2), radix: 16) : Int64(word)
  }
}

/// A field of an object by name, such as `device1.owner` or `device1.owner.users`; of a global its name alone.
public struct Place: Hashable, Sendable {
  /// As it is written.
  public let text: String

  /// A place.
  public init(_ text: String) {
    self.text = text
  }

  var parts: [String] { text.split(separator: ".").map(String.init) }

  /// The object and the field; nil when there is no such object now.
  func resolve(in view: StateView) -> (object: ObjectReference, field: Field)? {
    var parts = parts[...]
    guard let first = parts.popFirst() else { return nil }
    var object: ObjectReference
    if let found = view.object(named: first) {
      object = found
    } else {
      guard let field = view.type(of: .globals).field(named: first) else { return nil }
      if parts.isEmpty { return (.globals, field) }
      guard case .reference(let target?) = view.value(field, of: .globals) else { return nil }
      object = target
    }
    while let name = parts.popFirst() {
      guard let field = view.type(of: object).field(named: name) else { return nil }
      if parts.isEmpty { return (object, field) }
      guard case .reference(let target?) = view.value(field, of: object) else { return nil }
      object = target
    }
    return nil
  }

  /// What stands there; nil when there is no such object now.
  func value(in view: StateView) -> StateView.Value? {
    resolve(in: view).map { view.value($0.field, of: $0.object) }
  }
}

extension StateView {
  /// The object of that name, freed or not.
  func object(named name: String) -> ObjectReference? {
    objects.first { self.name(of: $0) == name }
  }

  /// Whether there is an object of that name that was not freed.
  func isAlive(named name: String) -> Bool {
    object(named: name).map { isAlive($0) } ?? false
  }
}

extension Condition {
  /// What is wrong with the names in it, for a program; nil when all can mean something.
  func unknownName(in program: Program) -> String? {
    func object(_ name: String) -> String? {
      let short = String(name.prefix { !$0.isNumber })
      return program.types.contains { $0.short == short }
        ? nil : "there are no objects called '\(short)' in this model"
    }
    func field(_ place: Place) -> String? {
      guard let name = place.parts.last else { return "'\(place.text)' names no field" }
      if place.parts.count > 1, object(place.parts[0]) != nil,
        program.types[ObjectType.globals].field(named: place.parts[0]) == nil
      {
        return object(place.parts[0])
      }
      let types = program.types
      let short = String(place.parts[0].prefix { !$0.isNumber })
      if place.parts.count == 2, types.contains(where: { $0.short == short }) {
        return types.contains { $0.short == short && $0.field(named: name) != nil }
          ? nil : "objects called '\(short)' have no field '\(name)' in this model"
      }
      return types.contains { $0.field(named: name) != nil }
        ? nil : "no object of this model has a field '\(name)'"
    }
    func lock(_ name: String) -> String? {
      let parts = name.split(separator: ".").map(String.init)
      let inner = parts.last == "xa_lock" ? parts.dropLast() : parts[...]
      return field(Place(inner.joined(separator: ".")))
    }
    func function(_ name: String) -> String? {
      program.function(named: name) != nil ? nil : "this model has no function '\(name)'"
    }
    switch atom {
    case .compare(let place, _, _): return field(place)
    case .has(let place, let name): return field(place) ?? object(name)
    case .held(let name, _), .holds(_, let name): return lock(name)
    case .waits(_, let name): return name.flatMap { lock($0) }
    case .isIn(_, let name): return function(name)
    case .did(_, let deed, let name):
      switch deed {
      case .takes, .releases, .queues: return lock(name)
      case .enters, .leaves, .calls: return function(name)
      case .begins: return program.entry(named: name) != nil ? nil : "this model has no operation '\(name)'"
      }
    case .frees(_, let name), .exists(let name, _): return object(name)
    case .ready, .finished, .sleeps, .isAt, .returned, .finding, .over: return nil
    }
  }
}
