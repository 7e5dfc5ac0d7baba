import Basics
import ArgumentParser
import Interface
import Recording
import Scene
import StepLanguage

/// `ioascope truth`: what of a model is true at a step.
struct TruthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "truth",
    abstract: "Lists which properties and invariants are true at a step, what is false, and since when.",
    discussion: """
      Without --step a scenario is looked at after its set-up, a session at its end. Of an invariant that is false the part of the formula
      that makes it so is printed with what it reads.

      Example:
        ioascope truth attach-pin-replace --step 200 --watch 'count(files)'
      """)

  @Argument(help: "A scenario, or a session file.")
  var source: String

  @Option(name: .long, help: "The model: a name, FILE.step or FILE.step:NAME.")
  var model: String?

  @OptionGroup var functions: SourceOption

  @Option(name: .long, help: "The step to look at.")
  var step: Int?

  @Option(
    name: .long, help: "An expression of the model whose value is printed, too; may be given several times.")
  var watch: [String] = []

  @Option(name: .long, help: "text or json (one object).")
  var format = OutputFormat.text

  func validate() throws {
    if let step, step < 0 { throw ValidationError("--step takes a step's number from 0") }
  }

  func run() throws {
    try CommandError.reporting {
      let directories = functions.directories()
      var state = try RunSource.state(source, model: model, directories)
      if let step {
        state = state.at(step: step)
        guard state.timeline.depth == step else {
          throw CommandError(
            "there is no step \(step): the last one is \(state.timeline.depth)", status: ExitStatus.noInput)
        }
      }
      let timeline = state.timeline
      let reader = try ConditionReader(timeline.world, watches: watch)
      let truth = Truth(timeline, reader)
      switch format {
      case .text: try StandardStreams.print(Self.text(truth, step: timeline.depth))
      case .json:
        try StandardStreams.print(Self.json(truth, step: timeline.depth, model: state.modelName))
      }
    }
  }

  // MARK: Text

  static func text(_ truth: Truth, step: Int) -> String {
    let width = truth.rows.filter { $0.kind != .watch }.map(\.name.count).max() ?? 0
    var lines = ["step \(step)"]
    for row in truth.rows {
      let word = row.isTrue.map { $0 ? "true " : "FALSE" } ?? "  -  "
      var line = "  \(word)  "
      if row.kind == .watch {
        line += "\(row.name) = \(row.value)"
      } else {
        line += row.name + String(repeating: " ", count: width - row.name.count) + "  \(row.title)"
        if !row.value.isEmpty { line += " (\(row.value))" }
      }
      line += "  \(since(row))"
      lines.append(line)
      lines += row.falseParts.map { "           \(text($0))" }
    }
    return lines.joined(separator: "\n")
  }

  /// `since step 12`
  private static func since(_ row: Truth.Row) -> String {
    if row.isSinceAtLeast { return "since step \(row.since) at the latest" }
    return row.since == 0 ? "since the start" : "since step \(row.since)"
  }

  private static func text(_ part: Truth.Part) -> String {
    let object = part.object.isEmpty ? "" : "\(part.object): "
    return object + part.text + (part.values.isEmpty ? "" : "   (\(part.values.joined(separator: ", ")))")
  }

  // MARK: JSON

  static func json(_ truth: Truth, step: Int, model: String) -> String {
    func list(_ kind: Truth.Kind) -> String {
      "[" + truth.rows.filter { $0.kind == kind }.map(json).joined(separator: ",") + "]"
    }
    return
      "{\"model\":\(JSON.quoted(model)),\"step\":\(step),\"properties\":\(list(.property)),\"invariants\":\(list(.invariant)),\"watches\":\(list(.watch))}"
  }

  private static func json(_ row: Truth.Row) -> String {
    var fields = ["\"name\":\(JSON.quoted(row.name))"]
    if row.kind != .watch { fields.append("\"title\":\(JSON.quoted(row.title))") }
    fields.append("\"holds\":\(row.isTrue.map { String($0) } ?? "null")")
    if !row.value.isEmpty { fields.append("\"value\":\(JSON.quoted(row.value))") }
    fields.append("\"since\":\(row.since)")
    if row.isSinceAtLeast { fields.append("\"sinceAtLatest\":true") }
    let parts = row.falseParts.map { part in
      let values = part.values.map(JSON.quoted).joined(separator: ",")
      return
        "{\"object\":\(JSON.quoted(part.object)),\"part\":\(JSON.quoted(part.text)),\"values\":[\(values)]}"
    }
    if !parts.isEmpty { fields.append("\"false\":[\(parts.joined(separator: ","))]") }
    return "{\(fields.joined(separator: ","))}"
  }
}
