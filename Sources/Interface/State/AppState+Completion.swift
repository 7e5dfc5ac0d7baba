import Lessons
import Scene
import StepLanguage
import Workbench

// What tab makes of a line behind `:`.
extension AppState {
  /// The words that may stand where a line ends, in the order of the alphabet.
  ///
  /// - Parameter line: what stands before the cursor.
  func completions(of line: String) -> [String] {
    var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let last = words.popLast() ?? ""
    words.removeAll { $0.isEmpty }
    return Set(candidates(behind: words, last)).filter { $0.hasPrefix(last) }.sorted()
  }

  private func candidates(behind words: [String], _ last: String) -> [String] {
    let program = timeline.world.program
    let threads = moment.threads.map(\.name)
    let entries = program.entries.map(\.name)
    guard let first = words.first else {
      let own = SessionCommand.all.filter { $0.argument != nil }.map(\.id)
      let commands = keys.bindings.filter { $0.context == .screen }.map(\.command.rawValue)
      return own + commands + threads + entries + ["watch", "break", "theme", "filter", "object", "record"]
    }
    if threads.contains(first), words.count == 1 { return entries + Direction.verbs }
    switch first {
    case "theme": return words.count == 1 ? themeNames : []
    case "object": return words.count == 1 ? graph.nodes.map(\.name) : []
    case "thread": return words.count == 1 ? threads : []
    case "operation" where words.count == 1: return entries
    case "until", "stop", "watch", "break": return places(last)
    default: return variables
    }
  }

  /// What a run can stop at: objects, globals, fields of an object once it is named, functions.
  private func places(_ last: String) -> [String] {
    let program = timeline.world.program
    if let dot = last.firstIndex(of: "."), let object = program.object(named: String(last[..<dot])) {
      return program.types[object.type].fields.map { "\(last[..<dot]).\($0.name)" }
    }
    return graph.nodes.map(\.name) + program.types[ObjectType.globals].fields.map(\.name)
      + program.functions.map(\.name)
  }

  /// The variables that scripts have used so far.
  private var variables: [String] {
    let world = timeline.world
    return world.slotCounts.enumerated().flatMap { table, count in
      (0..<count).map { "\(world.program.slots[table].letter)\($0)" }
    }
  }

  /// Completes the line that is typed as far as there is one way, and says which words there are when there are several.
  mutating func complete(_ prompt: Prompt) {
    var prompt = prompt
    let head = String(prompt.field.text.prefix(prompt.field.cursor))
    let tail = prompt.field.text.dropFirst(prompt.field.cursor)
    let words = completions(of: head)
    guard let first = words.first else {
      message = .refusal("no word begins like that here")
      return
    }
    var common = Substring(first)
    for word in words { while !word.hasPrefix(common) { common.removeLast() } }
    let typed = head.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
    let text = head.dropLast(typed.count) + common + (words.count == 1 ? " " : "")
    if words.count > 1, common.count == typed.count { message = .note(words.joined(separator: " ")) }
    prompt.field = TextField(String(text))
    let cursor = prompt.field.cursor
    prompt.field.text += tail
    prompt.field.cursor = cursor
    overlay = .prompt(prompt)
  }
}
