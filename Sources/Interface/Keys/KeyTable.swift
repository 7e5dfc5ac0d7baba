/// All keys: what dispatch, the footer, the help page and the manual are made from.
public struct KeyTable: Hashable, Sendable {
  /// The rows, in the order of the help page.
  public private(set) var bindings: [KeyBinding]
  private var commands: [KeyBinding.Context: [Keystroke: Command]] = [:]

  init(_ bindings: [KeyBinding]) {
    self.bindings = bindings
    index()
  }

  private mutating func index() {
    commands = [:]
    for binding in bindings {
      for key in binding.keys { commands[binding.context, default: [:]][key] = binding.command }
    }
  }

  /// What a key asks for; nil when nothing.
  public func command(for key: Keystroke, in context: KeyBinding.Context) -> Command? {
    commands[context]?[key]
  }

  /// The rows that a footer shows, the most useful first.
  public func hints(in context: KeyBinding.Context) -> [KeyBinding] {
    bindings.filter { $0.context == context && $0.rank != nil && !$0.keys.isEmpty }
      .sorted { ($0.rank ?? 0) < ($1.rank ?? 0) }
  }

  /// The row of a command; of one that lists have, too, the screen's.
  public func binding(of command: Command) -> KeyBinding? {
    bindings.first { $0.command == command }
  }

  /// The key to name in a sentence, such as `o`; the command's own name when it has no key.
  public func name(of command: Command) -> String {
    binding(of: command)?.keys.first?.name ?? ":\(command.rawValue)"
  }

  /// The names of commands in sentences: the first key of each.
  var hints: [String: String] {
    var result: [String: String] = [:]
    for command in Command.allCases { result[command.rawValue] = name(of: command) }
    return result
  }

  /// Gives a command other keys, taking them from the commands of the same context that had them.
  mutating func bind(_ command: Command, to keys: [Keystroke]) {
    guard let row = bindings.firstIndex(where: { $0.command == command }) else { return }
    let context = bindings[row].context
    for other in bindings.indices where other != row && bindings[other].context == context {
      bindings[other].keys.removeAll { keys.contains($0) }
    }
    bindings[row].keys = keys
    index()
  }
}
