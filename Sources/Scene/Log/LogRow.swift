public import Machine
public import Recording
import StepLanguage

/// A step as the log tells it.
public struct LogRow: Hashable, Sendable {
  /// Something notable that happened in the step.
  public struct Note: Hashable, Sendable {
    /// What sort of thing.
    public enum Kind: Hashable, Sendable {
      /// A lock was taken.
      case lockTaken
      /// A lock was released.
      case lockReleased
      /// A thread queued for a lock, or did not get it.
      case lockWaited
      /// A count rose.
      case countUp
      /// A count fell.
      case countDown
      /// An object was made.
      case made
      /// An object was freed.
      case freed
      /// An allocation failed.
      case allocationFailed
      /// A field or a container changed.
      case changed
      /// An operation began.
      case started
      /// An operation returned 0.
      case succeeded
      /// An operation returned an errno.
      case failed
      /// A callback into a driver began.
      case driver
      /// A thread fell asleep, was woken, or its time was over.
      case sleep
      /// A marker of the model.
      case mark
      /// A sanitizer found something.
      case finding
      /// Anything else.
      case other
    }

    /// What sort of thing.
    public let kind: Kind
    /// The same in words.
    public let text: String
  }

  /// The step's number, from 1.
  public let step: Int
  /// The thread's number.
  public let thread: Int
  /// The thread's name.
  public let threadName: String
  /// What the step did: the statement, or what began.
  public let text: String
  /// What happened, in order.
  public let notes: [Note]
  /// What the step did to objects, in order.
  public let touches: [Touch]
  /// Whether it was no step of the model: an operation or a thread that somebody added.
  public let isByHand: Bool

  /// Whether a sanitizer found something in it.
  public var hasFinding: Bool { notes.contains { $0.kind == .finding } }

  /// A step in words.
  ///
  /// - Parameters:
  ///   - record: what the step did.
  ///   - step: its number.
  ///   - before: the state before it.
  ///   - after: the state after it.
  public init(_ record: StepRecord, step: Int, before: StateView, after: StateView) {
    let teller = StepTeller(before: before, after: after)
    self.step = step
    thread = record.thread
    threadName = after.world.threads[record.thread].name
    touches = Touch.touches(record, before: before, after: after)
    switch record.action {
    case .start(_, let operation):
      text = "gets \(operation.text)"
      isByHand = true
      notes = []
    case .addThread:
      text = "is a new thread"
      isByHand = true
      notes = []
    case .step:
      isByHand = false
      let program = after.world.program
      let started = record.events.first { $0.kind == .operationStarted || $0.kind == .barrierPassed }
      if started?.kind == .barrierPassed {
        text = "passes the barrier"
      } else if let began = record.events.first(where: { $0.kind == .callBegan }) {
        let function = Int(began.a)
        text = program.functions.indices.contains(function) ? program.functions[function].name : "begins"
      } else if started != nil {
        let operations = before.world.threads[record.thread].operations
        let done = before.thread(record.thread).operationsDone
        text = operations.indices.contains(done) ? operations[done].text : "begins"
      } else {
        text = record.statement.map { program.text(of: $0) } ?? ""
      }
      // What a new object is filled with goes without saying.
      let made = Set(record.events.filter { $0.kind == .allocated }.map(\.a))
      let told = record.events.filter { !($0.kind == .stored && made.contains($0.a)) }
      notes =
        told.compactMap { teller.note($0) }
        + record.findings.map { Note(kind: .finding, text: "\($0.property.rawValue): \($0.message)") }
    }
  }
}

/// Tells a step's events in words, with names from the states before and after it.
struct StepTeller {
  let before: StateView
  let after: StateView

  /// An event in words; nil for what the statement itself says.
  func note(_ event: Event) -> LogRow.Note? {
    let program = after.world.program
    switch event.kind {
    case .operationStarted: return LogRow.Note(kind: .started, text: "begins")
    case .operationEnded:
      let name = program.entries[Int(event.a)].name
      return LogRow.Note(
        kind: event.b < 0 ? .failed : .succeeded, text: "\(name) = \(ValueText.result(event.b))")
    case .acquired: return lock(event, .lockTaken, "takes")
    case .released: return lock(event, .lockReleased, "releases")
    case .queued: return lock(event, .lockWaited, "queues for")
    case .tryFailed: return lock(event, .lockWaited, "does not get")
    case .counted:
      let kind: LogRow.Note.Kind = event.d > event.c ? .countUp : .countDown
      return LogRow.Note(kind: kind, text: "\(field(event.a, event.b)) \(event.c) -> \(event.d)")
    case .unitMoved: return LogRow.Note(kind: .other, text: "\(field(event.a, event.b)) changes hands")
    case .unitMissing:
      return LogRow.Note(kind: .failed, text: "\(field(event.a, event.b)): no unit of its own")
    case .allocated: return LogRow.Note(kind: .made, text: "new \(name(event.a) ?? type(event.b))")
    case .allocationFailed:
      return LogRow.Note(kind: .allocationFailed, text: "no memory for \(type(event.a))")
    case .freed: return LogRow.Note(kind: .freed, text: "freed \(name(event.a) ?? type(event.b))")
    case .callQueued:
      return LogRow.Note(kind: .other, text: "queues \(call(event.a, event.b, Int(event.c)))")
    case .callRefused:
      return LogRow.Note(kind: .other, text: "does not queue \(field(event.a, event.b))")
    case .callCancelled:
      return LogRow.Note(kind: .other, text: "takes \(call(event.a, event.b, Int(event.c))) back")
    case .callBegan:
      return LogRow.Note(kind: .other, text: "runs \(call(event.b, 0, Int(event.a)))")
    case .callEnded: return nil
    case .slept: return LogRow.Note(kind: .sleep, text: "falls asleep")
    case .woken:
      return LogRow.Note(kind: .sleep, text: "wakes \(after.world.threads[Int(event.b)].name)")
    case .wokeNobody: return LogRow.Note(kind: .sleep, text: "wakes nobody")
    case .timedOut: return LogRow.Note(kind: .sleep, text: "its time is over")
    case .calledDriver:
      let driver =
        program.drivers.indices.contains(Int(event.a)) ? program.drivers[Int(event.a)].name : "driver"
      let function =
        program.functions.indices.contains(Int(event.b)) ? program.functions[Int(event.b)].name : "?"
      return LogRow.Note(kind: .driver, text: "calls \(driver): \(function)")
    case .chose: return LogRow.Note(kind: .other, text: "choice \(event.a)")
    case .mark:
      let text = program.strings.indices.contains(Int(event.a)) ? program.strings[Int(event.a)] : ""
      return LogRow.Note(kind: .mark, text: text)
    case .stored:
      guard event.c != event.d, let place = typeAndField(event.a, event.b) else { return nil }
      return LogRow.Note(
        kind: .changed,
        text: "\(place.name) \(value(event.c, place.field)) -> \(value(event.d, place.field))")
    case .containerChanged:
      guard let place = typeAndField(event.a, event.b) else { return nil }
      return LogRow.Note(kind: .changed, text: container(event, place.name, place.field))
    case .barrierPassed, .entered, .left, .probe: return nil
    }
  }

  private func lock(_ event: Event, _ kind: LogRow.Note.Kind, _ verb: String) -> LogRow.Note? {
    LockChange.changes(in: [event], now: after, before: before).first.map {
      let isRead = $0.lock.mode == .read
      return LogRow.Note(kind: kind, text: "\(verb) \($0.name)\(isRead ? " (read)" : "")")
    }
  }

  private func find(_ place: Int64) -> (StateView, ObjectReference)? {
    if place == 1 { return (after, .globals) }
    // A place that was freed and used again in one step has its new name; what was freed has its old one.
    for view in [after, before] {
      if let object = view.object(at: place) { return (view, object) }
    }
    return nil
  }

  /// A call that runs later: the field that holds it, or the function and its object.
  private func call(_ place: Int64, _ offset: Int64, _ function: Int) -> String {
    if offset > 0 { return field(place, offset) }
    let functions = after.world.program.functions
    let name = functions.indices.contains(function) ? functions[function].name : "?"
    return "\(name)(\(place == 1 ? "" : self.name(place) ?? "?"))"
  }

  /// What came into a container, or what left it.
  private func container(_ event: Event, _ name: String, _ field: Field) -> String {
    if event.d != 0 { return "\(name) <- \(self.name(event.d) ?? "?")" }
    func entries(_ view: StateView) -> [StateView.Entry] {
      guard let object = event.a == 1 ? .globals : view.object(at: event.a),
        case .container(let entries, _) = view.value(field, of: object)
      else { return [] }
      return entries
    }
    let old = entries(before)
    let new = entries(after)
    let gone = old.filter { !new.contains($0) }.compactMap(\.value).map { before.name(of: $0) }
    if let first = gone.first, gone.count == 1 { return "\(first) leaves \(name)" }
    if case .xarray = field.type {
      return new.count > old.count ? "\(name)[\(event.c)] reserved" : "\(name)[\(event.c)] free again"
    }
    return "\(name) changes"
  }

  private func name(_ place: Int64) -> String? {
    find(place).map { $0.0.name(of: $0.1) }
  }

  private func type(_ index: Int64) -> String {
    let types = after.world.program.types
    return types.indices.contains(Int(index)) ? types[Int(index)].short : "object"
  }

  private func typeAndField(_ place: Int64, _ offset: Int64) -> (name: String, field: Field)? {
    guard let (view, object) = find(place), let field = view.type(of: object).field(at: Int(offset)) else {
      return nil
    }
    return (object == .globals ? field.name : "\(view.name(of: object)).\(field.name)", field)
  }

  private func field(_ place: Int64, _ offset: Int64) -> String {
    typeAndField(place, offset)?.name ?? "count"
  }

  private func value(_ word: Int64, _ field: Field) -> String {
    switch field.type {
    case .reference: word == 0 ? "null" : name(word) ?? "?"
    case .bool: word == 0 ? "false" : "true"
    case .unsigned: ValueText.unsigned(UInt64(bitPattern: word))
    case .ops:
      ValueText.text(.driver(word == 0 ? nil : Int(word) - 1), in: after)
    default: String(word)
    }
  }
}
