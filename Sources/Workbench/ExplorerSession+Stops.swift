import Machine
package import Recording
import Scene
import StepLanguage

extension ExplorerSession {
  /// The first stop that a step has reached; nil when it has reached none.
  package func stopReached(_ record: StepRecord) -> Stop? {
    guard !stops.isEmpty, case .step(let stepped, _) = record.action else { return nil }
    let program = timeline.world.program
    let view = timeline.view
    var touches: [Touch]?
    for stop in stops {
      switch stop.subject {
      case .line(let file, let line):
        let present = view.thread(stepped)
        guard present.isInCall, let statement = present.nextStatement,
          program.statements[statement].span.file == file, program.line(of: statement) == line
        else { continue }
        return stop
      case .function(let function):
        let isEntered = record.events.contains { $0.kind == .entered && Int($0.a) == function }
        if isEntered { return stop }
      case .field(let object, let field):
        let all = touches ?? Touch.touches(record, before: lastView ?? view, after: view)
        touches = all
        if all.contains(where: { $0.object == object && ($0.field == field || $0.kind == .freed) }) {
          return stop
        }
      case .object(let object):
        let all = touches ?? Touch.touches(record, before: lastView ?? view, after: view)
        touches = all
        if all.contains(where: { $0.object == object }) { return stop }
      case .expression(let text):
        if isChanged(text) { return stop }
      }
    }
    return nil
  }

  /// Puts a stop on something, or takes it away.
  package mutating func toggle(_ subject: Stop.Subject) -> Message {
    if let position = stops.firstIndex(where: { $0.subject == subject }) {
      return .note("no stop any more: \(stops.remove(at: position).text)")
    }
    let stop = Stop(subject: subject, text: text(of: subject))
    stops.append(stop)
    return .note("runs stop: \(stop.text)")
  }

  /// A stop as the user would write it.
  package func text(of subject: Stop.Subject) -> String {
    let program = timeline.world.program
    switch subject {
    case .line(let file, let line): return "\(program.sources[file].name.lastPathComponent):\(line)"
    case .function(let function): return program.functions[function].name
    case .field(let object, let field): return object.map { "\(name(of: $0)).\(field)" } ?? field
    case .object(let object): return name(of: object)
    case .expression(let text): return text
    }
  }

  /// Reads a stop as the user wrote it: `device1`, `device1.lock`, a global, a function, `12` or `linux-6.12.step:12`; or an
  /// expression of the model.
  ///
  /// - Returns: the stop, or why it is none.
  package func stop(from text: String) -> (stop: Stop?, error: String?) {
    let program = timeline.world.program
    func found(_ subject: Stop.Subject) -> (Stop?, String?) {
      (Stop(subject: subject, text: self.text(of: subject)), nil)
    }
    if let function = program.functions.firstIndex(where: { $0.name == text }) {
      return found(.function(function))
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    if let line = parts.last.flatMap({ Int($0) }), parts.count <= 2 {
      let file: Int?
      if parts.count == 2 {
        file = program.sources.firstIndex { $0.name.lastPathComponent == parts[0] || $0.name == parts[0] }
      } else {
        file = shownSourceFile
      }
      guard let file else { return (nil, "there is no text '\(parts.first ?? "")'") }
      // A line without a step means the next one that has one.
      let next = program.statements.indices.filter {
        program.isSchedulingPoint($0) && program.statements[$0].span.file == file
          && program.line(of: $0) >= line
      }.map { program.line(of: $0) }.min()
      guard line > 0, let next else {
        return (nil, "no thread comes to rest at line \(line) or behind it; choose a line with a step")
      }
      return found(.line(file: file, line: next))
    }
    // Words alone name an object, a field or a function; anything else is an expression of the model.
    guard text.allSatisfy({ $0.isLetter || $0.isNumber || "_.".contains($0) }) else {
      if let error = refusal(ofExpression: text) { return (nil, error) }
      return found(.expression(text))
    }
    let names = text.split(separator: ".", maxSplits: 1).map(String.init)
    guard let first = names.first else {
      return (nil, "write an object, a field of it, a function or a line")
    }
    if let object = program.object(named: first) {
      let identity = ObjectIdentity(type: object.type, serial: object.serial)
      guard names.count == 2 else { return found(.object(identity)) }
      guard program.types[identity.type].fields.contains(where: { $0.name == names[1] }) else {
        let fields = program.types[identity.type].fields.map(\.name).joined(separator: ", ")
        return (nil, "\(first) has no field '\(names[1])'; it has \(fields)")
      }
      return found(.field(identity, names[1]))
    }
    if names.count == 1, program.types[ObjectType.globals].fields.contains(where: { $0.name == first }) {
      return found(.field(nil, first))
    }
    // A path of several fields is an expression, too; a word alone that is nothing of all that is a slip.
    guard names.count == 2 else { return (nil, "'\(text)' is no object, field, function or line") }
    if let error = refusal(ofExpression: text) { return (nil, error) }
    return found(.expression(text))
  }

  private var shownSourceFile: Int? {
    let program = timeline.world.program
    guard moment.threads.indices.contains(thread), let frame = moment.threads[thread].frames.last else {
      return program.functions.last?.span.file
    }
    return program.functions[frame.function].span.file
  }
}

extension String {
  /// What stands behind the last slash.
  var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}
