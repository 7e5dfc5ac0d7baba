import Explorer

/// Model by scenario: what the checker says of each pair.
struct VerdictTable {
  /// The columns.
  private(set) var models: [String]
  /// The rows.
  private(set) var scenarios: [String]
  private var cells: [String: String] = [:]

  /// A table that has these columns and rows at least.
  init(models: [String], scenarios: [String]) {
    self.models = models
    self.scenarios = scenarios
  }

  mutating func note(_ report: CheckReport, model: String, scenario: String) {
    let text: String
    switch report.result.verdict {
    case .holds: text = "holds"
    case .bounded(let bound): text = "bounded: \(bound)"
    case .violated:
      var properties: [String] = []
      for example in report.result.counterexamples
      where !properties.contains(example.finding.property.rawValue) {
        properties.append(example.finding.property.rawValue)
      }
      text = properties.joined(separator: ", ")
    }
    if !models.contains(model) { models.append(model) }
    if !scenarios.contains(scenario) { scenarios.append(scenario) }
    cells["\(model) \(scenario)"] = text
  }

  /// A row for each scenario, a column for each model; a dash where the model lacks an operation of the scenario.
  var markdown: String {
    var lines = [
      "| scenario | \(models.joined(separator: " | ")) |", "| --- |\(models.map { _ in " --- |" }.joined())",
    ]
    for scenario in scenarios {
      let row = models.map { cells["\($0) \(scenario)"] ?? "–" }
      lines.append("| \(scenario) | \(row.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }
}
