import StepLanguage

/// What a model declares of its contract, as Markdown.
enum ContractPage {
  /// The properties and rules of a model.
  static func markdown(_ program: Program) -> String {
    var lines = ["Made by `ioascope manual contract` from the model `\(program.name)`."]
    let own = program.properties.filter { $0.origin == .model }
    if !own.isEmpty {
      lines += ["", "| property | what it means |", "| --- | --- |"]
      lines += own.map { "| `\($0.rawValue)` | \(cell($0.title)) |" }
    }
    let always = program.rules.filter { $0.owner == nil }
    if !always.isEmpty {
      lines += ["", "| always | what |", "| --- | --- |"]
      lines += always.map { "| \($0.name) | \(cell($0.sentence)) |" }
    }
    let duties = program.rules.filter { $0.owner != nil }
    if !duties.isEmpty {
      lines += ["", "| duty | who | what |", "| --- | --- | --- |"]
      lines += duties.map { "| \($0.name) | \($0.owner ?? "") | \(cell($0.sentence)) |" }
    }
    return lines.joined(separator: "\n")
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
