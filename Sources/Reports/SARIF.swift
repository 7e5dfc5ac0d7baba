import Basics
import StepLanguage

/// Findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), so that a CI marks the line.
public enum SARIF {
  /// The version of the format.
  public static let version = "2.1.0"

  /// One log with one run.
  ///
  /// - Parameters:
  ///   - reports: what was checked.
  ///   - tool: the version of this program.
  public static func text(_ reports: [CheckReport], tool: String) -> String {
    let used = Set(reports.flatMap { $0.entries.map(\.counterexample.example.finding.property) })
      .sorted { $0.rawValue < $1.rawValue }
    let rules = used.map { property in
      JSON.object([
        JSON.field("id", property.rawValue),
        "\"shortDescription\":\(message(property.title))",
        "\"defaultConfiguration\":{\"level\":\"error\"}",
      ])
    }
    let results = reports.flatMap { report in report.entries.map { result($0, report, used) } }
    let driver = JSON.object([
      JSON.field("name", "ioascope"), JSON.field("version", tool), "\"rules\":\(JSON.list(rules))",
    ])
    let invocation = JSON.object([
      "\"executionSuccessful\":true",
      "\"toolExecutionNotifications\":"
        + JSON.list(
          reports.compactMap { report in
            report.result.bound.map { bound in
              JSON.object([
                "\"level\":\"warning\"",
                "\"message\":\(message("\(report.scenario) under \(report.world.program.name): not everything was covered: \(bound)"))",
              ])
            }
          }),
    ])
    let run = JSON.object([
      "\"tool\":{\"driver\":\(driver)}", "\"columnKind\":\"unicodeCodePoints\"",
      "\"invocations\":[\(invocation)]",
      "\"results\":\(JSON.list(results))",
    ])
    return JSON.object([
      JSON.field("$schema", "https://json.schemastore.org/sarif-2.1.0.json"), JSON.field("version", version),
      "\"runs\":[\(run)]",
    ])
  }

  private static func message(_ text: String) -> String { JSON.object([JSON.field("text", text)]) }

  private static func result(_ entry: CheckReport.Entry, _ check: CheckReport, _ rules: [Property]) -> String
  {
    let finding = entry.counterexample.example.finding
    let model = check.world.program.name
    var fields = [
      JSON.field("ruleId", finding.property.rawValue),
      JSON.field("ruleIndex", rules.firstIndex(of: finding.property) ?? 0), JSON.field("level", "error"),
    ]
    guard let report = entry.report else {
      fields.append("\"message\":\(message(finding.message))")
      return JSON.object(fields)
    }
    let facts = report.facts.isEmpty ? "" : "\n" + report.facts.joined(separator: "\n")
    fields.append(
      "\"message\":\(message("\(finding.message) (scenario \(check.scenario), model \(model))\(facts)"))")
    fields.append("\"locations\":" + JSON.list(report.place.map { [location($0, nil)] } ?? []))
    let threads = [report.culprit] + report.others + report.past.map(\.thread)
    let stacks = threads.filter { !$0.stack.isEmpty }.map { thread in
      let title = thread.state.isEmpty ? thread.name : "\(thread.name) (\(thread.state))"
      return JSON.object([
        "\"message\":\(message(title))",
        "\"frames\":"
          + JSON.list(
            thread.stack.reversed().map { frame in
              JSON.object([
                "\"location\":"
                  + (frame.place.map { location($0, frame.function) }
                    ?? JSON.object(["\"message\":\(message(frame.function))"]))
              ])
            }),
      ])
    }
    if !stacks.isEmpty { fields.append("\"stacks\":\(JSON.list(stacks))") }
    let flows = threadFlows(report, check.world.program)
    if !flows.isEmpty { fields.append("\"codeFlows\":[{\"threadFlows\":\(JSON.list(flows))}]") }
    let digest =
      "\(model)/\(check.scenario)/\(finding.property.rawValue)/\(report.place.map { "\($0.function): \($0.text)" } ?? "")"
    fields.append("\"partialFingerprints\":\(JSON.object([JSON.field("finding/v1", digest)]))")
    fields.append(
      "\"properties\":"
        + JSON.object(
          [
            JSON.field("model", model), JSON.field("scenario", check.scenario),
            JSON.field("steps", report.step),
            JSON.field("preemptions", report.preemptions),
            "\"minimal\":\(entry.counterexample.example.isMinimal)",
          ] + (entry.session.map { [JSON.field("session", $0)] } ?? [])))
    return JSON.object(fields)
  }

  /// A thread flow for each thread of the slice; the order among them is that of `executionOrder`.
  private static func threadFlows(_ report: FindingReport, _ program: Program) -> [String] {
    let rows = report.slice.rows.enumerated().filter { $0.element.weight < 3 && $0.element.statement != nil }
    let threads = Set(rows.map(\.element.thread)).sorted()
    return threads.map { thread in
      let steps = rows.filter { $0.element.thread == thread }.map { order, row in
        JSON.object([
          "\"executionOrder\":\(order + 1)",
          "\"location\":"
            + (row.statement.map {
              location(program.place(of: $0), row.note.isEmpty ? row.text : "\(row.text) [\(row.note)]")
            }
              ?? "{}"),
        ])
      }
      let name = report.threadNames.indices.contains(thread) ? report.threadNames[thread] : "T\(thread)"
      return JSON.object([JSON.field("id", name), "\"locations\":\(JSON.list(steps))"])
    }
  }

  private static func location(_ place: FindingReport.Place, _ text: String?) -> String {
    var fields = [
      "\"physicalLocation\":"
        + JSON.object([
          "\"artifactLocation\":\(JSON.object([JSON.field("uri", uri(place.file))]))",
          "\"region\":\(JSON.object([JSON.field("startLine", place.line), JSON.field("startColumn", place.column)]))",
        ]),
      "\"logicalLocations\":[\(JSON.object([JSON.field("name", place.function), JSON.field("kind", "function")]))]",
    ]
    if let text { fields.append("\"message\":\(message(text))") }
    return JSON.object(fields)
  }

  /// A file's name as a URI reference (RFC 3986): an absolute path as a file URI, any other as it is, with what is reserved in percents.
  static func uri(_ file: String) -> String {
    var result = file.hasPrefix("/") ? "file://" : ""
    for byte in file.utf8 {
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "-._~/".utf8.contains(byte)
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
