import Basics
import Explorer
import Machine
import Recording
import Scene
import StepLanguage

extension AppState {
  /// The operations that match what was typed, those that can be done to the chosen object first.
  func operations(matching filter: String) -> [Int] {
    let program = timeline.world.program
    let defaults = OperationDefaults(moment, graph: graph, selected: object)
    let words = filter.lowercased().split(separator: " ")
    let matching = program.entries.indices.filter { index in
      let text = "\(program.entries[index].usage(in: program)) \(program.entries[index].title)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
    // What begins with what was typed comes first: of "pin" one means pin, not unpin or nopin.
    func rank(_ index: Int) -> Int {
      let begins = words.first.map { program.entries[index].name.lowercased().hasPrefix($0) } ?? true
      return (begins ? 0 : 2) + (defaults.concernsSelection(index) ? 0 : 1)
    }
    return (0...3).flatMap { wanted in matching.filter { rank($0) == wanted } }
  }

  /// Whether an operation can be done to the chosen object.
  func concernsSelection(_ entry: Int) -> Bool {
    OperationDefaults(moment, graph: graph, selected: object).concernsSelection(entry)
  }

  /// What the slot that stands in a field holds.
  func holding(_ field: OperationForm.Field) -> String? {
    guard case .slot(let table) = field.kind else { return nil }
    guard let variable = timeline.world.program.variable(field.input.text, of: table) else { return nil }
    let words = OperationDefaults(moment, graph: graph, selected: object)
      .holds(table: variable.table, slot: variable.index)
    return field.direction == .output ? "gets the result" : words
  }

  /// Gives a thread an operation that is written as in a script; nil when that went well, otherwise why not.
  mutating func start(_ line: String, thread number: Int) -> String? {
    let program = timeline.world.program
    let operation: Operation
    do throws(DiagnosticError) {
      operation = try Operation(
        OperationLine(line), program: program, source: SourceFile(name: "", text: line))
    } catch {
      return error.diagnostics.first?.message ?? "this is no operation"
    }
    guard moment.threads.indices.contains(number) else {
      return "there is no such thread; \(keys.name(of: .addThread)) adds one"
    }
    let isBusy = moment.threads[number].isInCall
    let busyWith = ThreadRow.rows(moment)[number].operation ?? ""
    do throws(Timeline.Refusal) {
      try perform(.start(thread: number, operation: operation))
    } catch {
      return why(error)
    }
    thread = number
    refresh()
    let name = moment.threadName(number)
    message = .note(
      isBusy
        ? "\(name) runs \(operation.text) when \(busyWith) is over"
        : "\(name) runs \(operation.text) next; \(keys.name(of: .step)) begins it")
    return nil
  }

  mutating func addThread() -> AppEffect? {
    let names = Set(moment.threads.map(\.name))
    let number = (0...World.maximumThreads).first { !names.contains("T\($0)") } ?? names.count
    do throws(Timeline.Refusal) {
      try perform(.addThread(name: "T\(number)"))
    } catch {
      return refuse(why(error))
    }
    refresh()
    choose(thread: moment.threads.count - 1)
    message = .note("T\(number) is new; \(keys.name(of: .operation)) gives it an operation")
    return nil
  }

  /// Does what was typed: an operation with or without a thread, a step's number, or `q`.
  mutating func performLine(_ line: String) -> (effect: AppEffect?, error: String?) {
    let words = line.split(separator: " ").map(String.init)
    guard let first = words.first else { return (nil, nil) }
    if words.count == 1 {
      if first == "q" { return (.quit, nil) }
      // Operations of the model come first: `open` in a script is a system call.
      if timeline.world.program.entry(named: first) == nil, let command = Command(rawValue: first),
        keys.binding(of: command)?.context == .screen
      {
        overlay = nil
        let effect = perform(command, key: nil)
        if let message, message.kind == .refusal { return (nil, message.text) }
        return (effect, nil)
      }
      if first.hasSuffix("%"), let share = Int(first.dropLast()) {
        guard (0...100).contains(share) else { return (nil, "a share of the branch goes from 0% to 100%") }
        let path = timeline.path(to: timeline.tip)
        let step = (path.count - 1) * share / 100
        return (seek(to: path[step], whenHere: "this is step \(step)"), nil)
      }
      if let step = Int(first) {
        let path = timeline.path(to: timeline.tip)
        guard path.indices.contains(step) else {
          return (nil, "this branch has the steps 0 to \(path.count - 1)")
        }
        return (seek(to: path[step], whenHere: "this is step \(step)"), nil)
      }
    }
    if timeline.world.program.entry(named: first) == nil,
      let binding = keys.bindings.first(where: { $0.context == .screen && $0.title == line })
    {
      overlay = nil
      let effect = perform(binding.command, key: nil)
      if let message, message.kind == .refusal { return (nil, message.text) }
      return (effect, nil)
    }
    if words.count > 1, let result = performCommand(first, words.dropFirst().joined(separator: " ")) {
      return result
    }
    if let number = moment.threads.firstIndex(where: { $0.name == first }) {
      guard words.count > 1 else {
        choose(thread: number)
        return (nil, nil)
      }
      return (nil, start(words.dropFirst().joined(separator: " "), thread: number))
    }
    return (nil, start(line, thread: thread))
  }

  /// Does a command that takes words; nil when there is none of that name, or an operation of the model has it.
  private mutating func performCommand(_ name: String, _ argument: String) -> (
    effect: AppEffect?, error: String?
  )? {
    guard timeline.world.program.entry(named: name) == nil else { return nil }
    switch name {
    case "stop", "watch", "break":
      let (stop, error) = stop(from: argument)
      guard let stop else { return (nil, error) }
      return (toggle(stop.subject), nil)
    case "theme":
      guard themeNames.contains(argument) else {
        return (nil, "there is no theme '\(argument)'; there are \(themeNames.joined(separator: ", "))")
      }
      themeName = argument
      return (.loadTheme(argument), nil)
    case "filter":
      objectFilter = argument
      return (nil, nil)
    case "bookmark":
      self.name(point: argument)
      return (nil, nil)
    case "note":
      timeline.annotate(.note, argument)
      message = .note("noted at step \(timeline.depth)")
      return (nil, nil)
    case "name-branch":
      self.name(branch: argument)
      return (nil, nil)
    case "object":
      guard let node = graph.nodes.first(where: { $0.name == argument }) else {
        return (nil, "there is no object '\(argument)' now")
      }
      object = node.identity
      return (nil, nil)
    case "record": return (.startRecording(argument), nil)
    case "until":
      let (stop, error) = stop(from: argument)
      guard let stop else { return (nil, error) }
      let kept = stops
      stops = [stop]
      let effect = proceed()
      stops = kept
      return (effect, nil)
    case "seed":
      guard let seed = UInt64(argument) else { return (nil, "a seed is a number") }
      lot = SplitMix64(seed: seed)
      return (nil, nil)
    default: return nil
    }
  }
}
