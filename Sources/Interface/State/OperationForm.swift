import Workbench
import Machine
import Scene
public import StepLanguage

/// The parameters of an operation that is about to be started.
public struct OperationForm: Hashable, Sendable {
  /// A parameter that has a word of its own in the line.
  public struct Field: Hashable, Sendable {
    /// The parameter's name.
    public let name: String
    /// What kind of word it is.
    public let kind: EntryParameter.Kind
    /// Which way its value goes.
    public let direction: EntryParameter.Direction
    /// What stands there.
    public internal(set) var input: TextField
    /// Whether a flag is set.
    public internal(set) var isOn = false
  }

  /// The operation's index among the program's entries.
  public let entry: Int
  /// The operation's name.
  public let name: String
  /// The parameters.
  public internal(set) var fields: [Field]
  /// The field that takes the keys.
  public internal(set) var cursor = 0
  /// Why the operation was refused.
  public internal(set) var error: String?

  /// The line as a script would have it.
  public var line: String {
    let words = fields.compactMap { field -> String? in
      if case .flag = field.kind { return field.isOn ? field.name : nil }
      return field.input.text.isEmpty ? nil : field.input.text
    }
    return ([name] + words).joined(separator: " ")
  }

  /// The form of an operation, filled with what is likely meant: slots that hold the chosen object or something that is alive, free slots
  /// for results, and numbers that the last operation with a parameter of that name had.
  init(entry index: Int, program: Program, defaults: OperationDefaults) {
    entry = index
    let definition = program.entries[index]
    name = definition.name
    fields = definition.parameters.filter { $0.from == nil }.map { parameter in
      Field(
        name: parameter.name, kind: parameter.kind, direction: parameter.direction,
        input: TextField(defaults.word(for: parameter, of: index)))
    }
  }
}
