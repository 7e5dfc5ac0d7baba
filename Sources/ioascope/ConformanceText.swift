import KernelTrace
import StepLanguage

/// A conformance report for people.
struct ConformanceText {
  let text: String

  init(_ report: ConformanceReport, trace: String, program: Program) {
    var lines: [String] = []
    let threads = report.threads.count == 1 ? "1 thread" : "\(report.threads.count) threads"
    switch report.verdict {
    case .conforms:
      lines.append(
        "\(trace): conforms to \(program.name): \(report.matched) of \(report.events) events matched, \(threads)"
      )
    case .diverges:
      lines.append(
        "\(trace): diverges from \(program.name) after \(report.matched) matched events, \(threads)")
    }
    if let divergence = report.divergence {
      lines.append("\(trace):\(divergence.line): \(divergence.event)")
      var place = "  thread \(divergence.thread)"
      if let operation = divergence.operation { place += ", in '\(operation)'" }
      if let function = divergence.function { place += ", function \(function)" }
      if let source = divergence.place { place += " (\(source))" }
      lines.append(place)
      lines.append("  possible here:")
      for expected in divergence.expected { lines.append("    \(expected)") }
      if divergence.expected.isEmpty { lines.append("    nothing") }
    }
    for finding in report.findings {
      lines.append(
        "\(trace):\(finding.line): finding: \(finding.finding.property.rawValue): \(finding.finding.message)")
    }
    for note in report.notes { lines.append("\(trace):\(note.line): note: \(note.text)") }
    for skipped in report.skipped { lines.append("passed over: \(skipped.name): \(skipped.count)") }
    lines += program.assumptions
    text = lines.joined(separator: "\n")
  }
}
