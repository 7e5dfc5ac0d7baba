import Foundation
import KernelTrace
import StepLanguage

/// A conformance report for programs: one JSON object.
struct ConformanceJSON: Encodable {
  private struct Divergence: Encodable {
    var line: Int
    var event: String
    var expected: [String]
    var thread: String
    var function: String?
    var place: String?
    var operation: String?
  }

  private struct Note: Encodable {
    var line: Int
    var text: String
  }

  private struct Finding: Encodable {
    var line: Int
    var thread: String
    var property: String
    var message: String
  }

  private enum CodingKeys: String, CodingKey {
    case trace, model, verdict, events, matched, threads, threadNames, divergence, lines, unjudged, skipped,
      notes
    case findings, lockEvents, assumptions
  }

  private let report: ConformanceReport
  private let trace: String
  private let model: String
  private let assumptions: [String]

  init(_ report: ConformanceReport, trace: String, program: Program) {
    self.report = report
    self.trace = trace
    model = program.name
    assumptions = program.assumptions
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(trace, forKey: .trace)
    try container.encode(model, forKey: .model)
    try container.encode(report.verdict.rawValue, forKey: .verdict)
    try container.encode(report.events, forKey: .events)
    try container.encode(report.matched, forKey: .matched)
    try container.encode(report.threads.count, forKey: .threads)
    try container.encode(report.threads, forKey: .threadNames)
    // Present also when there is none, so that a reader need not tell a missing key from a null.
    let divergence = report.divergence.map {
      Divergence(
        line: $0.line, event: $0.event, expected: $0.expected, thread: $0.thread, function: $0.function,
        place: $0.place, operation: $0.operation)
    }
    try container.encode(divergence, forKey: .divergence)
    try container.encode(report.lines, forKey: .lines)
    try container.encode(report.unjudged, forKey: .unjudged)
    try container.encode(report.hasLockEvents, forKey: .lockEvents)
    try container.encode(
      Dictionary(report.skipped.map { ($0.name, $0.count) }) { first, _ in first }, forKey: .skipped)
    if !assumptions.isEmpty { try container.encode(assumptions, forKey: .assumptions) }
    try container.encode(report.notes.map { Note(line: $0.line, text: $0.text) }, forKey: .notes)
    try container.encode(
      report.findings.map {
        Finding(
          line: $0.line, thread: $0.thread, property: $0.finding.property.rawValue,
          message: $0.finding.message)
      }, forKey: .findings)
  }

  /// The object on one line, its keys sorted.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
