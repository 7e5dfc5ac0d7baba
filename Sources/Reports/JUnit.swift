import Basics
import StepLanguage

/// Verdicts as JUnit's XML, which most CIs read: a suite for each model, a case for each scenario, a failure for each finding.
public enum JUnit {
  /// The text of a file.
  public static func text(_ reports: [CheckReport]) -> String {
    var models: [String] = []
    for report in reports where !models.contains(report.world.program.name) {
      models.append(report.world.program.name)
    }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let failures = reports.count(where: \.isViolated)
    lines.append(
      "<testsuites name=\"ioascope check\" tests=\"\(reports.count)\" failures=\"\(failures)\" errors=\"0\" time=\"\(time(reports))\">"
    )
    for model in models {
      let own = reports.filter { $0.world.program.name == model }
      let skipped = own.count { if case .bounded = $0.result.verdict { true } else { false } }
      lines.append(
        "  <testsuite name=\"\(XML.escaped(model))\" tests=\"\(own.count)\" failures=\"\(own.count(where: \.isViolated))\" errors=\"0\" skipped=\"\(skipped)\" time=\"\(time(own))\">"
      )
      for report in own { lines += testCase(report, model) }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n")
  }

  private static func time(_ reports: [CheckReport]) -> String {
    Decimals.text(reports.reduce(0) { $0 + $1.seconds }, 3)
  }

  private static func testCase(_ report: CheckReport, _ model: String) -> [String] {
    let head =
      "    <testcase classname=\"\(XML.escaped(model))\" name=\"\(XML.escaped(report.scenario))\" time=\"\(Decimals.text(report.seconds, 3))\""
    var lines: [String] = []
    // Neither holds nor violated: not everything was covered.
    if case .bounded(let bound) = report.result.verdict {
      lines.append("      <skipped message=\"\(XML.escaped("not everything was covered: \(bound)"))\"/>")
    }
    for entry in report.entries {
      let finding = entry.counterexample.example.finding
      lines.append(
        "      <failure type=\"\(finding.property.rawValue)\" message=\"\(XML.escaped(finding.message))\">")
      var body = entry.report?.lines() ?? []
      if let session = entry.session { body.append(session) }
      lines.append(XML.escaped(body.joined(separator: "\n")))
      lines.append("      </failure>")
    }
    return lines.isEmpty ? [head + "/>"] : [head + ">"] + lines + ["    </testcase>"]
  }
}
