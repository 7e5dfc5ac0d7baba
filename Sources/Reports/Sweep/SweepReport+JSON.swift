import Basics
import Explorer
import StepLanguage

extension SweepReport {
  /// JSON objects, one a line: each finding, each difference between two models, then a summary.
  public var json: String {
    var lines = entries.map { entry in
      SweepFile.json(
        entry.finding,
        more: (entry.entry?.report.map { report in
          report.jsonFields.filter { $0.hasPrefix("\"place\":") || $0.hasPrefix("\"stack\":") }
        } ?? ["\"place\":null", "\"stack\":[]"]) + files(entry))
    }
    lines += result.differences.map { SweepFile.json($0, model: result.model, other: other ?? "") }
    let unreached = result.unreached.map { statement in
      let place = program.place(of: statement)
      return JSON.object([
        JSON.field("statement", statement), JSON.field("file", place.file), JSON.field("line", place.line),
        JSON.field("function", place.function),
      ])
    }
    lines.append(
      SweepFile.summary(
        result,
        more: ["\"seconds\":\(Decimals.text(seconds, 3))", JSON.field("unreached", unreached)]
          + (missing.isEmpty ? [] : [JSON.field("missing", missing.map(String.init))])
          + (stopped.isEmpty ? [] : [JSON.field("stoppedParts", stopped.map(String.init))])))
    return lines.joined(separator: "\n")
  }

  private func files(_ entry: Entry) -> [String] {
    guard let scenario = entry.files.first else { return [] }
    return [JSON.field("scenario", scenario)]
      + entry.files.dropFirst().map { JSON.field("session", $0) }
  }
}
