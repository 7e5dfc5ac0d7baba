import Basics
import Explorer
import Machine
import Recording
import Scene
import StepLanguage
import Workbench

extension AppState {
  /// The operations that match what was typed, those that can be done to the chosen object first.
  func operations(matching filter: String) -> [Int] { session.operations(matching: filter, object: object) }

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
    let said = session.start(line, thread: number)
    settle()
    if said.kind == .refusal { return said.text }
    message = said
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
        return answer(session.seek(toShare: share))
      }
      if let step = Int(first) { return answer(session.seek(toStep: step)) }
    }
    if timeline.world.program.entry(named: first) == nil,
      let binding = keys.bindings.first(where: { $0.context == .screen && $0.title == line })
    {
      overlay = nil
      let effect = perform(binding.command, key: nil)
      if let message, message.kind == .refusal { return (nil, message.text) }
      return (effect, nil)
    }
    if let (said, error) = follow(direction: line) {
      if let said { message = said }
      return (nil, error)
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

  /// What a typed line has to say: what was refused keeps the line open.
  private mutating func answer(_ said: Message?) -> (effect: AppEffect?, error: String?) {
    settle()
    if let said, said.kind == .refusal { return (nil, said.text) }
    message = said
    return (nil, nil)
  }

  /// Does a command that takes words; nil when there is none of that name, or an operation of the model has it.
  private mutating func performCommand(_ name: String, _ argument: String) -> (
    effect: AppEffect?, error: String?
  )? {
    guard timeline.world.program.entry(named: name) == nil else { return nil }
    switch name {
    case "watch", "break": return performCommand("stop", argument)
    case "theme":
      guard themeNames.contains(argument) else {
        return (nil, "there is no theme '\(argument)'; there are \(themeNames.joined(separator: ", "))")
      }
      themeName = argument
      return (.loadTheme(argument), nil)
    case "filter":
      objectFilter = argument
      return (nil, nil)
    case "object":
      guard let node = graph.nodes.first(where: { $0.name == argument }) else {
        return (nil, "there is no object '\(argument)' now")
      }
      object = node.identity
      return (nil, nil)
    case "record": return (.startRecording(argument), nil)
    default:
      guard let command = SessionCommand.named(name), command.argument != nil else { return nil }
      let before = thread
      let said = session.run(command, argument: argument).message
      let result = answer(said)
      if thread != before { choose(thread: thread) }
      if name == "finding", result.error == nil { showFinding() }
      return result
    }
  }
}
